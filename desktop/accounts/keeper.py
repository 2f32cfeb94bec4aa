"""Signs in and out: the keyring, the store and the desk together, so that they agree on what is connected."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Protocol, runtime_checkable

from assist.domain import AccountId
from assist.errors import HelpdeskError
from assist.ports import Places
from assist.store.records import Account
from desktop.accounts.freshdesk import host_of
from desktop.accounts.state import Connected, Credentials
from desktop.core import Core
from desktop.desk import Seat
from desktop.grants import Keeping
from desktop.policy import Offered
from desktop.secrets import KeyringTrouble
from desktop.wiring import (
    account_of,
    api_token_notice,
    forget_sign_in,
    is_api_token,
    kept_form,
    restore,
    revoke,
    secret_name,
    sign_in,
    sign_in_with_browser,
)

log = logging.getLogger(__name__)


@runtime_checkable
class _HasPlaces(Protocol):
    async def places(self) -> Places: ...


class Keeper:
    """The accounts of this agent. What it raises has a sentence to show."""

    def __init__(self, core: Core, keeping: Keeping, today: Callable[[], date] = date.today) -> None:
        self._core = core
        self._keeping = keeping
        self._today = today
        self._with_token: set[AccountId] = set()

    async def connect_kept(self) -> tuple[Account, ...]:
        """Connect what is kept; return the accounts whose credentials are not there any more."""
        locked = []
        for account in self._core.store.state.accounts():
            try:
                kept = await self._keeping.secrets.get(secret_name(account.id)) or ""
                seat = restore(account, kept, self._keeping)
            except (KeyringTrouble, ValueError) as error:
                log.warning("%s is not connected: %s", account.id, error)
                locked.append(account)
                continue
            if is_api_token(kept):
                self._with_token.add(account.id)
            self._core.connect(seat)
        return tuple(locked)

    async def sign_in(self, credentials: Credentials) -> Seat:
        """Try what was typed and keep it. Raises ValueError for a bad address, KibitzError otherwise."""
        seat = await sign_in(credentials)
        kept = kept_form(credentials)
        await self._keeping.secrets.put(secret_name(seat.account), kept)
        account = replace(account_of(seat), name=credentials.name, portal=host_of(credentials.portal))
        await self._connect(seat, account, with_token=is_api_token(kept))
        return seat

    async def sign_in_with_browser(self, offered: Offered, opened: Callable[[str], None]) -> Seat:
        """See `desktop.wiring.sign_in_with_browser`; the account is kept and connected when it returns."""
        acting = self._core.policy.value.acting
        seat = await sign_in_with_browser(offered, self._keeping, acting=acting, opened=opened)
        await self.keep(seat, offered)
        return seat

    async def keep(self, seat: Seat, offered: Offered) -> None:
        """Connect a seat whose sign-in is in the keyring, and remember how to sign in to it again."""
        account = replace(account_of(seat), name=offered.name, client_id=offered.client_id)
        await self._connect(seat, account, with_token=False)

    async def sign_out(self, account: AccountId) -> None:
        """Sign out here and, where Kibitz got the sign-in itself, at the helpdesk; that may fail without harm."""
        if (seat := self._core.desk.get(account)) is not None:
            await revoke(seat)
        await self._core.disconnect(account)
        self._with_token.discard(account)
        # The last: a renewal that was under way has come to its end, and would have kept what it got.
        await forget_sign_in(account, self._keeping)

    def listed(self) -> tuple[Connected, ...]:
        """Return what is connected, and what is known but locked."""
        kept = {account.id: account for account in self._core.store.state.accounts()}
        # The demo helpdesk is on the desk and in no store.
        seats = [account_of(seat) for seat in self._core.desk if seat.account not in kept]
        return tuple(self._connected(account) for account in (*seats, *kept.values()))

    async def brands(self, account: AccountId) -> tuple[str, ...]:
        """Return the names of an account's brands; none where they cannot be had."""
        seat = self._core.desk.get(account)
        if seat is None or not isinstance(seat.helpdesk, _HasPlaces):
            return ()
        try:
            return tuple(brand.name for brand in (await seat.helpdesk.places()).brands)
        except HelpdeskError as error:
            log.info("the brands are not shown: %s", type(error).__name__)
            return ()

    async def _connect(self, seat: Seat, account: Account, *, with_token: bool) -> None:
        await self._core.store.state.put_account(account)
        if with_token:
            self._with_token.add(seat.account)
        else:
            self._with_token.discard(seat.account)
        self._core.connect(seat)

    def _connected(self, account: Account) -> Connected:
        return Connected(
            account.id,
            account.kind,
            account.display,
            account.agent.name,
            notice=api_token_notice(self._today()) if account.id in self._with_token else "",
            name=account.name,
            portal=account.portal,
            client_id=account.client_id,
        )
