"""Carries out what an agent asked for: at most once, whatever breaks, and with a true word on how it ended.

The row in the store comes first (assist/store/acts.py), then the request. Where no answer comes, only a look at the
helpdesk tells, and only from the time on when a request that was under way cannot arrive any more does "not there"
mean "not sent". Nothing is ever sent a second time by itself (docs/adr/0018-acting.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assist.acts import Actor, Done, Preview
from assist.domain import AccountId, Decision
from assist.errors import HelpdeskError, StoreError, Unanswered
from assist.ports import Clock
from assist.store.acts import ActState, KeptAct, PendingActs

log = logging.getLogger(__name__)

SETTLED_AFTER = timedelta(seconds=90)
"""Longer than any gateway in front of a helpdesk is known to hold a request; a client gives up after 20 s."""
LOOKS_AFTER_S = (0.0, 1.0, 3.0, 6.0, 10.0, 20.0, 30.0)
"""Pauses before each look, while it can still arrive; the last one repeats."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of an act. ``state`` is DONE, REFUSED, or UNKNOWN where the helpdesk cannot be asked now.

    ``error`` is what the helpdesk said of it; None where it is done, or was looked for and not found.
    """

    state: ActState
    preview: Preview = field(repr=False)
    done: Done | None = None
    error: HelpdeskError | None = None


class Performer:
    """Belongs to the event loop's thread. ``sleep`` waits between two looks for what may still arrive."""

    def __init__(
        self, acts: PendingActs, clock: Clock, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._acts = acts
        self._clock = clock
        self._sleep = sleep
        self._under_way: set[str] = set()

    async def perform(
        self,
        actor: Actor,
        preview: Preview,
        *,
        decision: Decision | None = None,
        unsure: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Write it down, send it once, and find out what became of it.

        ``decision`` is logged with it when it is done. ``unsure`` is called when no answer came and the looking begins,
        which may take as long as `SETTLED_AFTER`.

        Raises:
            StoreError: It could not be written down before, so nothing was sent.
        """
        id_ = preview.act.id
        self._under_way.add(id_)
        try:
            await self._acts.plan(preview, self._clock.now(), decision=decision)
            await self._acts.send(id_, self._clock.now())
            try:
                done = await actor.perform(preview)
            except Unanswered:
                await self._acts.unknown(id_)
                unsure()
                return await self._look(actor, preview, SETTLED_AFTER)
            except HelpdeskError as error:
                await self._acts.refuse(id_, self._clock.now(), why=str(error))
                return Ended(ActState.REFUSED, preview, error=error)
            return await self._done(preview, done)
        finally:
            self._under_way.discard(id_)

    def open_acts(self, account: AccountId) -> tuple[KeptAct, ...]:
        """Return what the agent does not know the end of and nobody is busy with, the oldest first."""
        return tuple(kept for kept in self._acts.untold(account) if kept.id not in self._under_way)

    async def resolve(self, actor: Actor, kept: KeptAct) -> Ended | None:
        """Find out what became of something that an earlier run, or an earlier attempt, left open.

        None for what somebody is busy with, or what has been forgotten.
        """
        preview = kept.preview
        if preview is None or kept.id in self._under_way:
            return None
        self._under_way.add(kept.id)
        try:
            if kept.state is ActState.PLANNED:
                await self._acts.refuse(kept.id, self._clock.now(), why="")
                return Ended(ActState.REFUSED, preview)
            if kept.state is ActState.REFUSED:
                return Ended(ActState.REFUSED, preview)
            if kept.state is ActState.SENDING:
                await self._acts.unknown(kept.id)
            return await self._look(actor, preview, self._left(kept.sending_at))
        finally:
            self._under_way.discard(kept.id)

    def _left(self, sent_at: datetime | None) -> timedelta:
        """Return how long it can still arrive; a clock that was set back means the whole time."""
        since = self._clock.now() - sent_at if sent_at is not None else timedelta(0)
        return SETTLED_AFTER - since if timedelta(0) <= since <= SETTLED_AFTER else _all_or_nothing(since)

    async def _look(self, actor: Actor, preview: Preview, left: timedelta) -> Ended:
        """Look until it is found, or could have been: the last look begins when nothing can arrive any more."""
        left_s = left.total_seconds()
        pauses = iter(LOOKS_AFTER_S)
        while True:
            pause_s = min(next(pauses, LOOKS_AFTER_S[-1]), left_s)
            if pause_s > 0:
                await self._sleep(pause_s)
            left_s -= pause_s
            try:
                done = await actor.find(preview)
            except HelpdeskError as error:
                log.info("%s cannot be looked for: %s", preview.act.id, type(error).__name__)
                return Ended(ActState.UNKNOWN, preview, error=error)
            if done is not None:
                return await self._done(preview, done)
            if left_s <= 0:
                await self._acts.refuse(preview.act.id, self._clock.now(), why="")
                return Ended(ActState.REFUSED, preview)

    async def _done(self, preview: Preview, done: Done) -> Ended:
        try:
            await self._acts.done(preview.act.id, self._clock.now(), message_id=done.message_id)
        except StoreError as error:
            # It is done all the same; the next start finds that out once more.
            log.error("%s was done, and that could not be written down: %s", preview.act.id, type(error).__name__)  # noqa: TRY400  # a path may be in the error's text
        return Ended(ActState.DONE, preview, done=done)


def _all_or_nothing(since: timedelta) -> timedelta:
    return SETTLED_AFTER if since < timedelta(0) else timedelta(0)
