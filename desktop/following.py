"""Notices the ticket that the agent opened, where a helpdesk can tell: the polite poll of the recently viewed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from assist.domain import AccountId, TicketRef
from assist.errors import HelpdeskError, SignInNeeded
from assist.ports import Quota
from desktop.desk import Desk, Seat

log = logging.getLogger(__name__)


class Follower:
    """Asks each helpdesk which ticket was viewed last, while Kibitz can be seen."""

    def __init__(
        self,
        desk: Desk,
        *,
        opened: Callable[[TicketRef], None],
        on_sign_in_needed: Callable[[Seat], None],
        is_wanted: Callable[[], bool],
        delay_s: Callable[[Quota | None], float],
        looked: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``is_wanted`` is asked before each poll: the panel is visible, and following is switched on.

        ``looked`` is called after each round: what was heard of a helpdesk, or was not, is news.
        """
        self._desk = desk
        self._opened = opened
        self._on_sign_in_needed = on_sign_in_needed
        self._is_wanted = is_wanted
        self._delay_s = delay_s
        self._looked = looked
        self._sleep = sleep
        self._last: dict[AccountId, int] = {}
        self._signed_out: set[AccountId] = set()
        self._troubled: set[AccountId] = set()

    def signed_in(self, account: AccountId) -> None:
        self._signed_out.discard(account)

    def forget(self, account: AccountId) -> None:
        """Whatever is viewed there after the next sign-in is news."""
        self._signed_out.discard(account)
        self._last.pop(account, None)

    async def run(self) -> None:
        while True:
            delays = [self._delay_s(None)]
            if self._is_wanted():
                for seat in self._desk:
                    await self._look(seat)
                    delays.append(self._delay_s(seat.helpdesk.quota))
                self._looked()
            await self._sleep(max(delays))

    async def _look(self, seat: Seat) -> None:
        if seat.account in self._signed_out:
            return
        try:
            ticket_id = await seat.helpdesk.recently_viewed()
        except SignInNeeded:
            if self._desk.holds(seat):
                self._signed_out.add(seat.account)
                self._on_sign_in_needed(seat)
            return
        except HelpdeskError as error:
            if seat.account not in self._troubled:  # once: it is asked again every few seconds
                log.info("%s cannot be followed: %s", seat.account, type(error).__name__)
            self._troubled.add(seat.account)
            return
        self._troubled.discard(seat.account)
        if ticket_id is not None and self._desk.holds(seat) and self._last.get(seat.account) != ticket_id:
            self._last[seat.account] = ticket_id
            self._opened(TicketRef(seat.account, ticket_id))
