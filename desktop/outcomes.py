"""Sees what was really sent: looks for new messages on tickets that had suggestions, and logs the outcome.

Also tells the session when a colleague or the customer wrote meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assist.domain import (
    AccountId,
    Decision,
    EventKind,
    Message,
    OpenTicket,
    Role,
    Shown,
    SuggestionId,
    Ticket,
    TicketRef,
)
from assist.errors import HelpdeskError, NotThere, SignInNeeded, StoreError
from assist.outcome import Frame, candidates, compare, outcome_of
from assist.ports import Clock, Quota
from assist.store.store import Store
from assist.text.mail import new_text
from desktop.desk import Desk, Seat
from desktop.meanwhile import COARSENESS
from desktop.panel.state import Decided

log = logging.getLogger(__name__)

WATCHED_FOR = timedelta(minutes=30)
"""After a ticket was last in front. A reply that is sent later is found when the ticket is opened again."""
RESUMED_FOR = timedelta(days=2)
"""After a crash, suggestions this young are looked after again."""
MOST_WATCHED = 5
MOST_RESUMED = 30
MOST_SPARED = 3
"""Looks in a row at how a ticket stands alone."""
LOOKS_AFTER_S = (0.0, 1.0, 2.0)
"""Pauses before each look for a reply that was just sent: helpdesks need a moment until it can be read."""


@dataclass(slots=True)
class _Watched:
    """``since`` is by the helpdesk's clock, which may differ from this machine's; None until a copy was read.

    ``seen`` are the messages that were there before or have been dealt with, ``on_screen`` all that were read.
    """

    ref: TicketRef
    last_in_front: datetime
    since: datetime | None = None
    seen: set[int] = field(default_factory=set)
    on_screen: set[int] = field(default_factory=set)
    stood_at: datetime | None = None
    """When the helpdesk last changed it, as of the last look."""
    spared: int = 0
    expected: bool = False
    """The composer was sent off, and its reply is being looked for."""

    def begin(self, known: OpenTicket) -> None:
        """Whatever is not in ``known`` came later."""
        newest = max((message.created_at for message in known.messages), default=known.ticket.created_at)
        self.since = newest - COARSENESS
        self.seen = {message.id for message in known.messages}


@dataclass(frozen=True, slots=True)
class Sight:
    """What the watcher reports. Each is called on the event loop's thread."""

    colleague_answered: Callable[[TicketRef, Message], None]
    decided: Callable[[TicketRef, dict[SuggestionId, Decided]], None]
    conversation_moved: Callable[[TicketRef], None]
    sign_in_needed: Callable[[Seat], None]
    stands: Callable[[TicketRef, Ticket | None], None] = lambda _ref, _now: None
    """How the ticket in front stands now; None for one that is gone."""
    trouble: Callable[[StoreError], None] = lambda _: None
    """An outcome could not be logged; the next look tries again."""


class OutcomeWatcher:
    """Polls the ticket in front and a few left lately; politely, and only one at a time."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        clock: Clock,
        sight: Sight,
        *,
        delay_s: Callable[[Quota | None], float],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``delay_s`` says how long to wait between two looks, given what is left of the account's budget."""
        self._desk = desk
        self._store = store
        self._clock = clock
        self._sight = sight
        self._delay_s = delay_s
        self._sleep = sleep
        self._front: TicketRef | None = None
        self._watched: dict[TicketRef, _Watched] = {}
        self._resumed: list[_Watched] = []
        self._signed_out: set[AccountId] = set()
        self._wake = asyncio.Event()

    def signed_in(self, account: AccountId) -> None:
        """Look at the tickets of ``account`` again."""
        self._signed_out.discard(account)
        self._wake.set()

    def resume(self) -> None:
        """Look once after every ticket whose suggestions had no known outcome when Kibitz last ended."""
        waiting = self._store.log.waiting_since(self._clock.now() - RESUMED_FOR, limit=MOST_RESUMED)
        self._resumed = [_Watched(ref, at) for ref, at in waiting]

    def in_front(self, ref: TicketRef | None) -> None:
        self._front = ref
        if ref is not None:
            now = self._clock.now()
            self._watched.setdefault(ref, _Watched(ref, now)).last_in_front = now
            self._wake.set()

    def has_read(self, opened: OpenTicket) -> None:
        """Take note of a conversation. The first copy, which may be an old one from the cache, is where to begin."""
        watched = self._watched.get(opened.ticket.ref)
        if watched is None:
            return
        watched.on_screen |= {message.id for message in opened.messages}
        if watched.since is None:
            watched.begin(opened)
            self._wake.set()

    def hurry(self) -> None:
        """Look soon: the agent has just used a suggestion."""
        self._wake.set()

    async def expect(self, ref: TicketRef) -> None:
        """The browser says that a reply was sent off: look at once, and a few times more until it is seen."""
        watched = self._watched.get(ref)
        if watched is None or watched.expected:
            return
        watched.expected = True
        try:
            for pause_s in LOOKS_AFTER_S:
                if pause_s:
                    await self._sleep(pause_s)
                seat = self._desk.get(ref.account)
                if seat is None or seat.account in self._signed_out or await self._try(watched, seat):
                    return
        finally:
            watched.expected = False

    async def run(self) -> None:
        """Look again and again until cancelled; a helpdesk that does not answer only makes it wait."""
        while True:
            # Before the looks: what happens during them asks for another round.
            self._wake.clear()
            quota = None
            for watched in (*self._due(), *self._resumed):
                seat = self._desk.get(watched.ref.account)
                if seat is not None and seat.account not in self._signed_out:
                    await self._try(watched, seat)
                    quota = seat.helpdesk.quota
            await self._pause(self._delay_s(quota))

    async def _try(self, watched: _Watched, seat: Seat) -> bool:
        """Look, and return whether a reply of the agent's own was new."""
        try:
            found = await self._look(watched, seat)
        except SignInNeeded:
            if self._desk.holds(seat):
                self._signed_out.add(seat.account)
                self._sight.sign_in_needed(seat)
            return False
        except NotThere:
            log.info("%s is gone", watched.ref)
            self._watched.pop(watched.ref, None)
            found = False
        except HelpdeskError as error:
            log.info("%s could not be looked at: %s", watched.ref, type(error).__name__)
            return False
        except StoreError as error:
            # Not marked as seen, so the next round tries again.
            self._sight.trouble(error)
            return False
        self._resumed = [one for one in self._resumed if one is not watched]
        return found

    async def _pause(self, seconds: float) -> None:
        waits = {asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(self._nap(seconds))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _nap(self, seconds: float) -> None:
        await self._sleep(seconds)

    def _due(self) -> list[_Watched]:
        now = self._clock.now()
        for ref in [ref for ref, watched in self._watched.items() if now - watched.last_in_front > WATCHED_FOR]:
            if ref != self._front:
                del self._watched[ref]
        newest = sorted(self._watched.values(), key=lambda watched: watched.last_in_front, reverse=True)
        return newest[:MOST_WATCHED]

    async def _look(self, watched: _Watched, seat: Seat) -> bool:
        if watched.since is None and watched in self._resumed:
            self._begin_again(watched)
        if watched.since is None:
            return False
        if watched.ref == self._front and not watched.expected and not await self._has_changed(watched, seat):
            return False
        messages = await seat.helpdesk.replies_since(watched.ref, watched.since)
        fresh = [message for message in messages if message.id not in watched.seen and message.public]
        for message in fresh:
            await self._met(watched, seat, message)
            watched.seen.add(message.id)
        if fresh and watched.ref == self._front:
            self._sight.conversation_moved(watched.ref)
        return any(message.author.id == seat.agent.id for message in fresh)

    async def _has_changed(self, watched: _Watched, seat: Seat) -> bool:
        """See how the ticket in front stands, and tell whether its conversation should be read as well.

        One that was not changed since the last look holds nothing new, so both together cost what one did. Every
        few looks it is read all the same, should a helpdesk not count a message as a change.
        """
        try:
            now = await seat.helpdesk.standing(watched.ref.id)
        except NotThere:
            self._sight.stands(watched.ref, None)
            raise
        except SignInNeeded:
            raise
        except HelpdeskError as error:
            log.info("how %s stands could not be seen: %s", watched.ref, type(error).__name__)
            return True
        self._sight.stands(watched.ref, now)
        is_same = watched.stood_at is not None and now.updated_at == watched.stood_at
        watched.stood_at = now.updated_at
        watched.spared = watched.spared + 1 if is_same else 0
        if watched.spared > MOST_SPARED:
            watched.spared = 0
        return not is_same or watched.spared == 0

    def _begin_again(self, watched: _Watched) -> None:
        """Begin where the last run ended: at the copy it had kept of the ticket, else at when it had shown help."""
        cached = self._store.tickets.get(watched.ref, now=self._clock.now())
        if cached is not None:
            watched.begin(cached.open_ticket)
        else:
            watched.since = watched.last_in_front - COARSENESS

    async def _met(self, watched: _Watched, seat: Seat, message: Message) -> None:
        if message.author.role is not Role.AGENT:
            return
        if message.author.id != seat.agent.id:
            if message.id not in watched.on_screen and self._store.log.open_suggestions(watched.ref):
                self._sight.colleague_answered(watched.ref, message)
            return
        await self._sent(watched.ref, seat, message)

    async def _sent(self, ref: TicketRef, seat: Seat, message: Message) -> None:
        """Log what was sent against what had been shown; what is still undecided has expired."""
        if any(outcome.message_id == message.id for outcome in self._store.log.outcomes(ref)):
            return
        shown = self._store.log.shown_on(ref, before=self._clock.now())
        text = new_text(message)
        frame = Frame(names=(seat.agent.name, self._customer_name(ref)))
        outcome = outcome_of(
            compare(text, candidates(shown, self._used(shown)), frame=frame),
            ref=ref,
            message_id=message.id,
            sent_text=text,
            at=self._clock.now(),
        )
        open_ = self._store.log.open_suggestions(ref)
        expired = [Decision(s.suggestion_id, ref, EventKind.EXPIRED, outcome.at, how="answered") for s in open_]
        await self._store.log.append(outcome, *expired)
        self._sight.decided(ref, {event.suggestion_id: Decided.EXPIRED for event in expired})

    def _used(self, shown: Sequence[Shown]) -> list[Decision]:
        standing = (self._store.log.standing(event.suggestion_id) for event in shown)
        return [decision for decision in standing if decision is not None]

    def _customer_name(self, ref: TicketRef) -> str:
        cached = self._store.tickets.get(ref, now=self._clock.now())
        customer = cached.open_ticket.customer if cached is not None else None
        return customer.name if customer is not None else ""
