"""Which ticket is in front, what is known of it, and what helps: one conversation at a time, newest wins.

Knows no widgets. It reads the cache first, so that the first paint needs no network, and logs before it acts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from assist.domain import (
    AccountId,
    ArticleHit,
    Decision,
    EventKind,
    Help,
    Message,
    OpenTicket,
    Stage,
    Suggestion,
    SuggestionId,
    Ticket,
    TicketRef,
)
from assist.engine.client import EngineClient
from assist.errors import EngineDown, HelpdeskError, NotThere, SignInNeeded, StoreError, Unreachable
from assist.outcome import edit_distance
from assist.ports import Clock
from assist.store.store import Store
from assist.suggest import Assistant, Question
from desktop import troubles
from desktop.alerted import Alerted
from desktop.desk import Desk, Seat
from desktop.filling import filled
from desktop.front import Front, Places, became
from desktop.meanwhile import Moved, News, age, look, moved_by
from desktop.panel.state import Decided, Footer, Loading, Offline, PanelState, Place, Ready
from desktop.reading import TicketReader, differs
from desktop.standing import Changed, change
from desktop.tasks import TaskSet

log = logging.getLogger(__name__)


class Session:
    """The current ticket. Every method belongs to the event loop's thread."""

    def __init__(
        self,
        *,
        desk: Desk,
        store: Store,
        engine: EngineClient,
        plain: Assistant,
        clock: Clock,
        tasks: TaskSet,
        show: Callable[[PanelState], None],
        idle: Callable[[], PanelState],
    ) -> None:
        """``plain`` answers while the engine is down. ``show`` is called with every new state; ``idle`` is asked
        what to show while no ticket is in front.
        """
        self._desk = desk
        self._store = store
        self._engine = engine
        self._plain = plain
        self._clock = clock
        self._tasks = tasks
        self._show = show
        self._idle = idle
        self._reader = TicketReader(desk, store, clock, tasks)
        self._alerted = Alerted(store.state, write=lambda writing: tasks.spawn("keep alerts", writing))
        self._front: Front | None = None
        self._places = Places()
        self.footer = Footer()
        self.on_front_changed: Callable[[TicketRef | None], None] = lambda _: None
        self.on_sign_in_needed: Callable[[Seat], None] = lambda _: None
        self.on_read: Callable[[OpenTicket], None] = lambda _: None
        """Called with each copy of the ticket in front, the cached one included, before help is made of it."""
        self.reads_first: Callable[[AccountId], bool] = lambda _: False
        """Asked whether an account's knowledge is being read for the first time."""
        self.inserts: Callable[[TicketRef], bool] = lambda _: False
        """Asked whether a reply to this ticket would go into the browser's editor now."""

    @property
    def front(self) -> TicketRef | None:
        return self._front.ref if self._front is not None else None

    @property
    def opened(self) -> OpenTicket | None:
        """The ticket in front as it was read last."""
        return self._front.opened if self._front is not None else None

    # --- opening

    def open(self, ref: TicketRef, *, sparing: bool = False) -> None:
        """Show ``ref``; what was being made for another ticket is dropped (promise N5).

        ``sparing`` asks for no request where the ticket was read a few seconds ago: the browser names a ticket at
        every switch of a tab.
        """
        before = self._front
        if before is not None and before.ref == ref:
            if sparing and "ticket" in self._tasks.names():
                return
            if before.opened is not None:
                self._tasks.latest("ticket", self._read(before, sparing=sparing))
                return
        front = self._front = Front(ref)
        self.on_front_changed(ref)
        self._tasks.latest("ticket", self._read(front, sparing=sparing))

    def reload(self) -> None:
        """Read the ticket in front again, e.g. because its conversation moved on."""
        if self._front is not None:
            self._tasks.latest("ticket", self._read(self._front))

    def heal(self) -> None:
        """Try again to read a ticket whose helpdesk did not answer; nothing is shown until it does."""
        if self._front is not None and self._front.out_of_reach:
            self._tasks.latest("ticket", self._read(self._front, quietly=True))

    def renew(self) -> None:
        """Ask again if something was missing: knowledge has arrived, or the engine has come up."""
        help_ = self._front.help if self._front is not None else None
        if help_ is None or help_.stage is Stage.PLAIN or not (help_.replies and help_.articles):
            self._ask_again()

    def settled(self) -> None:
        """All that is known is learned: ask again for a ticket that was opened before that."""
        if self._front is not None and self._front.is_early:
            self._ask_again()

    def _ask_again(self) -> None:
        front = self._front
        if front is not None and front.opened is not None and (seat := self._desk.get(front.ref.account)) is not None:
            self._tasks.latest("renew", self._help(front, seat))

    def close(self) -> None:
        """No ticket is in front any more."""
        self._front = None
        self._tasks.cancel("ticket")
        self.on_front_changed(None)
        self.refresh()

    def refresh(self) -> None:
        """Show the present state again, e.g. because the footer changed."""
        front = self._front
        if front is not None and front.opened is not None and front.help is not None:
            self._show(self._ready(front))
        elif front is None:
            self._show(self._idle())

    async def _read(self, front: Front, *, quietly: bool = False, sparing: bool = False) -> None:
        seat = self._desk.get(front.ref.account)
        if seat is None:
            return
        front.out_of_reach = False
        if front.opened is None:
            front.opened = self._reader.cached(front.ref)
            if front.opened is None:
                if not quietly:
                    self._show(Loading(front.ref, footer=self.footer))
            else:
                self.on_read(front.opened)
                await self._help(front, seat)
        try:
            opened = await self._reader.read(seat, front.ref, sparing=sparing)
        except HelpdeskError as error:
            self._could_not_read(front, seat, error)
            return
        front.read_at = front.read_at or opened.fetched_at
        self.on_read(opened)
        changed = front.helped is None or differs(front.helped, opened)
        front.opened, front.offline_age = opened, None
        if changed:
            await self._help(front, seat)
        elif front is self._front:
            self._show(self._ready(front))

    def _could_not_read(self, front: Front, seat: Seat, error: HelpdeskError) -> None:
        if front is not self._front:
            return
        log.info("ticket %s could not be read: %s", front.ref, type(error).__name__)
        front.out_of_reach = troubles.is_passing(error)
        front.offline_because = "" if front.out_of_reach else troubles.sentence(error)
        if isinstance(error, NotThere):
            front.offline_age = None
            self._tasks.spawn("forget ticket", self._store.tickets.forget(front.ref))
        elif front.opened is not None:
            front.offline_age = self._clock.now() - front.opened.fetched_at
        if isinstance(error, SignInNeeded):
            self.on_sign_in_needed(seat)
        elif front.offline_age is not None and front.help is not None:
            self._show(self._ready(front))
        elif isinstance(error, Unreachable):
            self._show(Offline(front.ref, footer=replace(self.footer, offline=True)))
        else:
            self._show(troubles.trouble(error, self.footer, seat.display))

    def forget(self, account: AccountId) -> None:
        """Drop what was read from ``account`` and is only in memory."""
        self._reader.forget(account)

    async def _help(self, front: Front, seat: Seat) -> None:
        """Ask for help and show it as it gets better; only while this ticket is in front."""
        if front.opened is None:
            return
        try:
            question = Question(front.opened, seat.agent, self._store.log.dismissed_sources(front.ref))
            await self._answer(front, question)
        except StoreError as error:
            # Said, and gone on: what was painted stays, and using it is refused where it cannot be logged.
            self._tasks.report("help", error)

    async def _answer(self, front: Front, question: Question) -> None:
        reading = self.reads_first(front.ref.account)
        try:
            async for better in self._engine.ask(question):
                if front is not self._front:
                    return
                front.is_early = reading or better.early
                await self._take(front, better, question.opened)
        except EngineDown:
            # Aside, because among 100,000 passages it takes longer than the window may wait.
            for plain in await asyncio.to_thread(lambda: tuple(self._plain.answer(question))):
                if front is self._front:
                    await self._take(front, plain, question.opened)

    async def _take(self, front: Front, better: Help, about: OpenTicket) -> None:
        """Paint first, then log what was painted. A first answer that is refined at once was never seen.

        Where help for the same state of the conversation is on the screen already, a first answer by words alone
        would only be a step back.
        """
        if better.stage is Stage.LEXICAL and front.help is not None and front.help.state_key == better.state_key:
            return
        front.take(better, about)
        self._show(self._ready(front))
        if better.stage is not Stage.LEXICAL:
            front.helped = about
            await self._log_shown(front)

    async def log_shown(self) -> None:
        """Write down what is on the screen, if that is still to be done: a decision about it comes next."""
        if self._front is not None:
            await self._log_shown(self._front)

    async def _log_shown(self, front: Front) -> None:
        shown = front.pending(self._clock.now())
        if not shown:
            return
        await self._store.log.append(*shown)
        front.logged |= {event.suggestion_id for event in shown}
        if front.recall(shown, self._store.log.standing) and front is self._front:
            self._show(self._ready(front))

    # --- acting

    def suggestion(self, suggestion_id: str) -> Suggestion | None:
        """Return the reply of this id, if it is or was on the screen for the ticket in front."""
        made = self._front.made.get(SuggestionId(suggestion_id)) if self._front is not None else None
        return made.reply if made is not None else None

    def article(self, suggestion_id: str) -> ArticleHit | None:
        return self._front.article(suggestion_id) if self._front is not None else None

    async def use(self, suggestion_id: str, *, how: str) -> str | None:
        """Log that a reply is used as shown or `filled`; return its text, None if it is not of the ticket in front."""
        reply = self.suggestion(suggestion_id)
        text = await filled(reply, self._desk) if reply is not None else ""
        # Newer help may judge the same text differently meanwhile: an id stands for its text and its conversation.
        if reply is None or self.suggestion(suggestion_id) is None:
            return None
        await self._decide(reply.id, EventKind.USED, text=text, distance=edit_distance(reply.text, text), how=how)
        return text

    async def use_edited(self, suggestion_id: str, text: str) -> str | None:
        """Log that a reply is used after editing; an untouched text counts as used (promise D3)."""
        reply = self.suggestion(suggestion_id)
        if reply is None:
            return None
        distance = edit_distance(reply.text, text)
        kind = EventKind.EDITED if distance else EventKind.USED
        await self._decide(reply.id, kind, text=text, distance=distance, how="edit")
        return text

    async def use_article(self, suggestion_id: str, *, how: str) -> ArticleHit | None:
        """Log that an article was opened or copied (``how``)."""
        hit = self.article(suggestion_id)
        if hit is not None:
            await self._decide(hit.id, EventKind.USED, how=how)
        return hit

    async def dismiss(self, suggestion_id: str, *, reason: str) -> None:
        if self.suggestion(suggestion_id) is not None:
            await self._decide(SuggestionId(suggestion_id), EventKind.DISMISSED, reason=reason)

    async def undo_dismiss(self, suggestion_id: str) -> None:
        if self.suggestion(suggestion_id) is not None:
            await self._decide(SuggestionId(suggestion_id), EventKind.UNDISMISSED)

    def quiet(self, key: str) -> None:
        """The agent has read an alert and does not need it on this ticket any more."""
        if self._front is not None:
            self._alerted.quiet(self._front, key, now=self._clock.now())
            self.refresh()

    async def _decide(
        self,
        suggestion_id: SuggestionId,
        kind: EventKind,
        *,
        text: str = "",
        distance: int | None = None,
        reason: str = "",
        how: str = "",
    ) -> None:
        """Write the act, and before it what was shown if that is still pending; then show it (promise D1)."""
        front = self._front
        if front is None:
            return
        decision = Decision(suggestion_id, front.ref, kind, self._clock.now(), text, distance, reason, how)
        pending = front.pending(self._clock.now())
        await self._store.log.append(*pending, decision)
        front.logged |= {event.suggestion_id for event in pending}
        if kind is EventKind.UNDISMISSED:
            front.decided.pop(suggestion_id, None)
        else:
            standing = self._store.log.standing(suggestion_id)
            front.decided[suggestion_id] = became(standing if standing and standing.kind is not kind else decision)
        if front is self._front:
            self._show(self._ready(front))

    # --- what happens elsewhere

    def colleague_answered(self, ref: TicketRef, message: Message) -> None:
        """Say so before the agent answers twice."""
        if self._front is not None and self._front.ref == ref:
            self._mark(self._front, moved_by(message), read_again=False)

    def stands(self, ref: TicketRef, now: Ticket | None) -> None:
        """Take note of how a ticket stands; None for one that is gone. News is marked before anything else happens."""
        front, seat = self._front, self._desk.get(ref.account)
        if front is None or front.ref != ref or front.opened is None or seat is None:
            return
        changed = change(front.opened.ticket, now, seat.agent)
        if changed is not None and changed != front.changed:
            self._mark(front, changed, read_again=True)

    async def news_for(self, suggestion_id: str) -> News:
        """Return what was written by others, or became of the ticket, since this reply was made; once (promise N6).

        Asks the helpdesk, briefly. What is found is marked on the screen, and the ticket is read again.
        """
        front = self._front
        made = front.made.get(SuggestionId(suggestion_id)) if front is not None else None
        seat = self._desk.get(front.ref.account) if front is not None else None
        if front is None or made is None or seat is None:
            return None
        if (known := front.untold()) is not None:
            return known
        found = await look(made.opened, seat, told=front.told, told_fates=front.told_fates)
        if isinstance(found, Moved | Changed):
            front.tell(found)
            self._mark(front, found, read_again=True)
        return found

    def age_of(self, moved: Moved) -> timedelta:
        """Return how long ago ``moved`` was, as far as it can be told without trusting this machine's clock."""
        read_at = self._front.read_at if self._front is not None else None
        return age(moved, now=self._clock.now(), unseen_at=read_at)

    def put_place(self, ref: TicketRef, suggestion_id: str, place: Place | None) -> None:
        """Show where the text of a used reply is; None stands for the clipboard, or for one that is not used."""
        self._places.put(ref, SuggestionId(suggestion_id), place)
        if self._front is not None and self._front.ref == ref:
            self.refresh()

    def _mark(self, front: Front, news: Moved | Changed, *, read_again: bool) -> None:
        front.mark(news)
        if front is self._front:
            self.refresh()
            if read_again:
                self.reload()

    def decided_elsewhere(self, ref: TicketRef, decided: dict[SuggestionId, Decided]) -> None:
        """Suggestions expired because the ticket was answered."""
        if self._front is not None and self._front.ref == ref:
            self._front.decided |= decided
            self.refresh()

    def _ready(self, front: Front) -> Ready:
        if front.opened is None or front.help is None:
            raise AssertionError("nothing is ready yet")
        return Ready(
            opened=front.opened,
            help=front.help,
            now=self._clock.now(),
            offline_age=front.offline_age,
            offline_because=front.offline_because if front.offline_age is not None else "",
            decided=dict(front.decided),
            quiet_alerts=self._alerted.quiet_on(front, front.help.churn, now=self._clock.now()),
            told_alerts=self._alerted.told_on(front, front.help.churn),
            places=dict(self._places.of(front.ref)),
            outdated=front.outdated(),
            inserts=self.inserts(front.ref),
            footer=replace(self.footer, offline=front.offline_age is not None),
        )
