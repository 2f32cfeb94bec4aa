"""Keeps a grant alive: single-use refresh tokens, one renewal at a time in this process and across processes.

A new pair is kept before anything of it is used. If this process dies between Zendesk's answer and that, both kept
tokens are dead: the next start is refused once, marks the grant as spent, and asks to sign in (ADR 17).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from filelock import AsyncFileLock, Timeout

from assist.domain import HelpdeskKind
from assist.errors import Retryable, SignInNeeded, Unreachable
from assist.ports import Clock
from integrations.http import Sender
from integrations.retry import NotSent, Throttled
from integrations.site import OAuthGrant, Site, authorization
from integrations.zendesk import oauth_wire as wire

log = logging.getLogger(__name__)

LONGEST_LOCK_WAIT_S = 45.0
"""Longer than another process needs for one renewal, time-outs included."""
LOCK_POLL_S = 0.05
LONGEST_GOODBYE_S = 2.0
LEAST_HOLD_S = 10.0
LONGEST_HOLD_S = 3_600.0


class GrantVault(Protocol):
    """Where one account's grant is kept: the system keyring, through the shell."""

    async def load(self) -> OAuthGrant | None:
        """Return what is kept now, also by another process; None after signing out. Raises `Unreachable`."""

    async def save(self, grant: OAuthGrant) -> None:
        """Keep ``grant`` instead. Returns when it is kept."""


@dataclass(frozen=True, slots=True)
class GrantPlace:
    """A vault, and the file by which processes that use it take turns."""

    vault: GrantVault
    lock: Path

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[GrantVault]:
        """Yield the vault while no other process, and nobody else in this one, changes it.

        Raises:
            NotSent: Another process did not come to an end in `LONGEST_LOCK_WAIT_S`.
            Unreachable: The lock's file cannot be made.
        """
        # The loop itself polls: the lock must not depend on a thread that a hanging keyring holds.
        lock = AsyncFileLock(
            self.lock,
            timeout=LONGEST_LOCK_WAIT_S,
            mode=0o600,
            poll_interval=LOCK_POLL_S,
            run_in_executor=False,
            thread_local=False,
        )
        try:
            self.lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            await lock.acquire()
        except Timeout:
            raise NotSent("another Kibitz is renewing the sign-in and does not finish") from None
        except OSError as error:
            raise Unreachable(f"The sign-in cannot be renewed: {error.strerror}") from error
        try:
            yield self.vault
        finally:
            await lock.release()

    async def put(self, grant: OAuthGrant) -> OAuthGrant | None:
        """Keep ``grant``, after whoever is renewing an older one; return what was kept before. Raises as `turn`."""
        async with self.turn() as vault:
            try:
                before = await vault.load()
            except Unreachable:
                before = None
            await vault.save(grant)
        return before


class RotatingAuthorizer:
    """An `integrations.connection.Authorizer` over a grant that Kibitz got itself."""

    revocable = True

    def __init__(self, site: Site, grant: OAuthGrant, place: GrantPlace, *, sender: Sender, clock: Clock) -> None:
        self._site = site
        self._grant = grant
        self._place = place
        self._sender = sender
        self._clock = clock
        self._renewal: asyncio.Task[OAuthGrant] | None = None
        self._held: tuple[datetime, datetime] | None = None
        """Since when and until when no renewal is to be sent, because Zendesk asked to slow down."""

    @property
    def scopes(self) -> tuple[str, ...]:
        return self._grant.scopes

    async def header(self) -> str:
        """Return the header, renewed first when it is about to expire."""
        grant = self._grant
        if not grant.access_token:
            raise SignInNeeded(wire.EXPIRED)
        if wire.is_due(grant, self._clock.now()):
            grant = await self._newer(grant)
        return _bearer(grant)

    async def renewed(self, refused: str) -> str | None:
        """Return the header that others got meanwhile, or renew. Ten refused requests make one renewal."""
        grant = self._grant
        if not grant.access_token:
            return None
        if _bearer(grant) == refused:
            grant = await self._newer(grant)
        return _bearer(grant)

    async def aclose(self) -> None:
        """Let a renewal end and be kept, for a few seconds at most."""
        if self._renewal is not None:
            await asyncio.wait({self._renewal}, timeout=LONGEST_GOODBYE_S)
            self._renewal.cancel()

    async def _newer(self, stale: OAuthGrant) -> OAuthGrant:
        """Return a grant that is newer than ``stale``.

        The renewal is a task of its own: whoever asked may be cancelled, and the answer must be kept all the same.
        """
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.get_running_loop().create_task(self._renew(stale))
            self._renewal.add_done_callback(_look_at)
        return await asyncio.shield(self._renewal)

    async def _renew(self, stale: OAuthGrant) -> OAuthGrant:
        async with self._place.turn() as vault:
            kept = await vault.load()
            if kept is None:
                raise SignInNeeded(wire.SIGNED_OUT)
            is_newer = kept.access_token not in ("", stale.access_token)
            if is_newer and not wire.is_due(kept, self._clock.now()):
                log.info("another Kibitz has renewed the sign-in")
                self._grant = kept
                return kept
            self._grant = await self._exchanged(kept, vault)
        log.info("the sign-in was renewed")
        return self._grant

    async def _exchanged(self, kept: OAuthGrant, vault: GrantVault) -> OAuthGrant:
        if not kept.refresh_token:
            self._grant = wire.spent(kept)
            raise SignInNeeded(wire.EXPIRED)
        self._check_hold()
        try:
            answer = await self._sender.send(wire.refresh_request(self._site, kept))
            fresh = wire.read_grant(answer, kept.client_id, scopes=kept.scopes, at=self._clock.now())
        except wire.GrantRefused:
            self._grant = wire.spent(kept)
            await vault.save(self._grant)
            raise
        except Throttled as error:
            now, wait_s = self._clock.now(), error.retry_after_s
            wait_s = LEAST_HOLD_S if wait_s is None else min(wait_s, LONGEST_HOLD_S)
            self._held = (now, now + timedelta(seconds=wait_s))
            raise NotSent(str(error), retry_after_s=wait_s) from error
        except Retryable as error:
            # What was to be sent with the new token never left, whatever became of the renewal.
            raise NotSent(str(error), retry_after_s=error.retry_after_s) from error
        await vault.save(fresh)
        return fresh

    def _check_hold(self) -> None:
        now = self._clock.now()
        if self._held is not None and self._held[0] <= now < self._held[1]:
            raise NotSent("Zendesk asks to slow down", retry_after_s=(self._held[1] - now).total_seconds())


def _bearer(grant: OAuthGrant) -> str:
    return authorization(HelpdeskKind.ZENDESK, grant)


def _look_at(renewal: asyncio.Task[OAuthGrant]) -> None:
    """Take the error of a renewal whose callers were all cancelled: they would have been told."""
    if not renewal.cancelled() and (error := renewal.exception()) is not None:
        log.info("the sign-in was not renewed: %s", type(error).__name__)
