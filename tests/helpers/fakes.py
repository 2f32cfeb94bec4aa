"""Stand-ins with behaviour for the shell's tests: a helpdesk, an engine, a clock, and a session around them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from assist.acts import RenderedMacro
from assist.domain import (
    AccountId,
    Agent,
    Article,
    Help,
    HelpdeskKind,
    Macro,
    Message,
    OpenTicket,
    SolvedTicket,
    Stage,
    SuggestionId,
    Ticket,
    TicketRef,
)
from assist.errors import EngineDown, NotThere, Unreachable
from assist.ports import EVERYTHING, Batch, Places, Quota
from assist.store.store import Store
from assist.suggest import Question
from desktop.desk import Desk, Seat
from desktop.panel.state import NoTicket, PanelState, Ready
from desktop.session import Session
from desktop.tasks import TaskSet
from tests.helpers.acting import FakeActor
from tests.helpers.builders import ACME, NOON, a_help, a_source, a_suggestion, an_agent, an_article_hit, an_open_ticket
from tests.helpers.store import opened

DEADLINE_S = 20.0


class HandClock:
    """Stands still until it is moved. An `assist.ports.Clock`."""

    def __init__(self, now: datetime = NOON) -> None:
        self.value = now

    def now(self) -> datetime:
        return self.value

    def advance(self, **span: float) -> None:
        self.value += timedelta(**span)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until ``condition`` holds. Raises TimeoutError."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110  # any condition will do
            await asyncio.sleep(0.001)


class FakeHelpdesk:
    """Answers from what a test put there. An exception put in place of an answer is raised.

    ``wait`` is awaited before each answer with what was asked, so that a test can hold answers back or mix them up.
    """

    def __init__(self, account: str = ACME, kind: HelpdeskKind = HelpdeskKind.ZENDESK) -> None:
        self.account = AccountId(account)
        self.kind = kind
        self.tickets: dict[int, OpenTicket | Exception] = {}
        self.messages: dict[int, list[Message] | Exception] = defaultdict(list)
        self.viewed: int | Exception | None = None
        self.standings: dict[int, Ticket | Exception] = {}
        self.rendered: dict[int, RenderedMacro | Exception] = {}
        self.known_places: Places | Exception = Places()
        self.scope = EVERYTHING
        self.collections: dict[str, list[Batch[Any] | Exception]] = defaultdict(list)
        self.agent: Agent | Exception = an_agent()
        self.quota: Quota | None = None
        self.is_reachable = True
        self.asked: list[tuple[str, object]] = []
        self.closed = False
        self.actor = FakeActor()
        self.wait: Callable[[str, object], Awaitable[object]] = _at_once

    async def _answer(self, what: str, about: object, answer: Any) -> Any:
        self.asked.append((what, about))
        await self.wait(what, about)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def me(self) -> Agent:
        return await self._answer("me", None, self.agent)

    async def open_ticket(self, ticket_id: int) -> OpenTicket:
        missing = NotThere(f"there is no ticket {ticket_id}")
        self.asked.append(("open_ticket", ticket_id))
        await self.wait("open_ticket", ticket_id)
        answer = self.tickets.get(ticket_id, missing)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def replies_since(self, ref: TicketRef, after: datetime) -> tuple[Message, ...]:
        messages = await self._answer("replies_since", ref.id, self.messages[ref.id])
        return tuple(message for message in messages if message.created_at > after)

    async def standing(self, ticket_id: int) -> Ticket:
        """Answer what was put into ``standings``, else the ticket with the time of its newest message."""
        known = self.tickets.get(ticket_id)
        answer: Any = self.standings.get(ticket_id, Unreachable("how it stands is not known"))
        if ticket_id not in self.standings and isinstance(known, OpenTicket):
            written = self.messages[ticket_id]
            times = () if isinstance(written, Exception) else tuple(message.created_at for message in written)
            answer = replace(known.ticket, updated_at=max((known.ticket.updated_at, *times)))
        found: Ticket = await self._answer("standing", ticket_id, answer)
        return found

    async def rendered_macro(self, ticket_id: int, macro_id: int) -> RenderedMacro | None:
        found: RenderedMacro | None = await self._answer("rendered_macro", macro_id, self.rendered.get(macro_id))
        return found

    async def places(self) -> Places:
        found: Places = await self._answer("places", None, self.known_places)
        return found

    async def recently_viewed(self) -> int | None:
        return await self._answer("recently_viewed", None, self.viewed)

    def articles(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Article]]:
        return self._batches("articles", checkpoint)

    def macros(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Macro]]:
        return self._batches("macros", checkpoint)

    def solved_tickets(
        self, checkpoint: str | None = None, *, limit: int = 2_000
    ) -> AsyncIterator[Batch[SolvedTicket]]:
        return self._batches("solved_tickets", checkpoint)

    async def _batches(self, name: str, checkpoint: str | None) -> AsyncIterator[Batch[Any]]:
        """Yield the batches after the one whose checkpoint is given; then none but an empty last one."""
        known = [batch.checkpoint for batch in self.collections[name] if isinstance(batch, Batch)]
        start = known.index(checkpoint) + 1 if checkpoint in known else 0
        for batch in self.collections[name][start:]:
            yield await self._answer(name, checkpoint, batch)
        if not self.collections[name][start:]:
            yield await self._answer(name, checkpoint, Batch((), checkpoint or "end", done=True))

    def ticket_url(self, ticket_id: int) -> str:
        return f"https://acme.example.com/agent/tickets/{ticket_id}"

    def ticket_id_in(self, address: str) -> int | None:
        head, _, number = address.rpartition("/")
        return int(number) if head == "https://acme.example.com/agent/tickets" and number.isdecimal() else None

    async def aclose(self) -> None:
        self.closed = True

    def count(self, what: str) -> int:
        return sum(asked == what for asked, _ in self.asked)


async def _at_once(_what: str, _about: object) -> None:
    await asyncio.sleep(0)


def help_for(
    ticket_id: int, *, stage: Stage = Stage.REFINED, account: str = ACME, turn: int = 1, **fields: Any
) -> Help:
    """Return help whose reply and article are named after the ticket (``s7-1`` says "Reply to 7.")."""
    ref = TicketRef(AccountId(account), ticket_id)
    reply = a_suggestion(
        f"Reply to {ticket_id}.",
        id=SuggestionId(f"s{ticket_id}-{turn}"),
        ref=ref,
        source=a_source(f"macro:{ticket_id}"),
    )
    hit = an_article_hit(id=SuggestionId(f"a{ticket_id}-{turn}"))
    defaults = {"stage": stage, "state_key": f"{ticket_id}/{turn}", "replies": (reply,), "articles": (hit,)}
    return a_help(ticket_id, account, **{**defaults, **fields})


class FakeEngine:
    """Answers as the engine does: by words, then refined. What a test puts into ``answers`` comes instead."""

    def __init__(self) -> None:
        self.is_up = True
        self.answers: dict[int, list[Help | Exception]] = {}
        self.questions: list[Question] = []
        self.wait: Callable[[str, object], Awaitable[object]] = _at_once

    async def ask(self, question: Question) -> AsyncIterator[Help]:
        self.questions.append(question)
        if not self.is_up:
            raise EngineDown("the engine is not up yet")
        ref = question.opened.ticket.ref
        usual: list[Help | Exception] = [
            help_for(ref.id, stage=stage, account=ref.account) for stage in (Stage.LEXICAL, Stage.REFINED)
        ]
        for answer in self.answers.get(ref.id, usual):
            await self.wait("ask", ref.id)
            if isinstance(answer, Exception):
                raise answer
            yield answer


class FakePlain:
    """Answers as the app does without an engine."""

    def answer(self, question: Question) -> Iterator[Help]:
        ref = question.opened.ticket.ref
        yield help_for(ref.id, stage=Stage.PLAIN, account=ref.account)


class DictKeyring:
    """A system keyring in memory. ``broken`` is raised by every call while it is set."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.broken: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._raise()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._raise()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._raise()
        self.entries.pop((service, username), None)

    def _raise(self) -> None:
        if self.broken is not None:
            raise self.broken


@dataclass
class Table:
    """A session and all that it talks to. ``shown`` are the states of the panel, newest last."""

    store: Store
    helpdesk: FakeHelpdesk = field(default_factory=FakeHelpdesk)
    engine: FakeEngine = field(default_factory=FakeEngine)
    plain: FakePlain = field(default_factory=FakePlain)
    clock: HandClock = field(default_factory=HandClock)
    desk: Desk = field(default_factory=Desk)
    shown: list[PanelState] = field(default_factory=list)
    errors: list[tuple[str, BaseException]] = field(default_factory=list)
    sign_ins: list[Seat] = field(default_factory=list)
    fronts: list[TicketRef | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seat = Seat(self.helpdesk, an_agent(), "acme")
        self.desk.add(self.seat)
        self.tasks = TaskSet(lambda name, error: self.errors.append((name, error)))
        self.session = Session(
            desk=self.desk,
            store=self.store,
            engine=self.engine,
            plain=self.plain,
            clock=self.clock,
            tasks=self.tasks,
            show=self.shown.append,
            idle=NoTicket,
        )
        self.session.on_sign_in_needed = self.sign_ins.append
        self.session.on_front_changed = self.fronts.append

    def has(self, *ticket_ids: int, **fields: Any) -> None:
        """Put tickets into the helpdesk, as of now."""
        for ticket_id in ticket_ids:
            self.helpdesk.tickets[ticket_id] = an_open_ticket(ticket_id, **{"fetched_at": self.clock.now(), **fields})

    def ref(self, ticket_id: int = 7) -> TicketRef:
        return TicketRef(self.helpdesk.account, ticket_id)

    async def settle(self) -> None:
        """Wait until no task is running."""
        await until(lambda: len(self.tasks) == 0)

    async def open(self, ticket_id: int = 7) -> Ready:
        """Open a ticket, let everything come, and return what the panel shows."""
        self.session.open(self.ref(ticket_id))
        await self.settle()
        return self.ready()

    def ready(self) -> Ready:
        state = self.shown[-1]
        assert isinstance(state, Ready), state
        return state

    def events(self) -> list[Any]:
        return [row.event for row in self.store.log.iterate()]

    def kinds(self) -> list[str]:
        return [row.kind.value for row in self.store.log.iterate()]


@contextmanager
def table(folder: Path) -> Iterator[Table]:
    """Lay a table in ``folder``; its store is checked at the end."""
    with opened(folder / "kibitz.db") as store:
        yield Table(store)


def run(work: Any) -> Any:
    """Run a coroutine to its end within the deadline."""

    async def bounded() -> Any:
        async with asyncio.timeout(3 * DEADLINE_S):
            return await work

    return asyncio.run(bounded())
