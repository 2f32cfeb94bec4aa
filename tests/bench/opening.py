"""From opening a ticket to help: through the real engine process, and on to the painted panel."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from assist.domain import AccountId, Agent, HelpdeskKind, OpenTicket, Stage
from assist.engine.client import EngineClient
from assist.engine.protocol import Encoded, Start
from assist.errors import Unreachable
from assist.store.database import StoreKey
from assist.suggest import Question
from resources import ROOT
from tests.bench.stores import Stores
from tests.bench.table import Table, load, median, p95
from tests.helpers.demo_store import ACCOUNT

AGENT = Agent(1, "Maya Okafor", "maya@example.com")
WARM_UP = 5
"""Tickets opened first and not counted."""
DEADLINE_S = 120.0
SETTLE_S = 1_800.0
LOOK_S, QUIET_LOOKS, IDLE_PERCENT = 1.0, 6, 4.0
"""The engine keeps its indexes after two seconds without work, so a pause of so long is the end."""
AIM_FIRST_MS, AIM_REFINED_MS = 50.0, 120.0


@dataclass
class Times:
    """Milliseconds from the opening, one of each for every ticket."""

    first: list[float] = field(default_factory=list)
    refined: list[float] = field(default_factory=list)
    helped: int = 0
    """Tickets for which there was an article or a reply: the others cost less."""


@dataclass(frozen=True)
class EngineFacts:
    """``started_s`` is the time to read the store; sizes are of the engine process after the measurement."""

    started_s: float
    documents: int
    rss_mb: float
    uss_mb: float


@asynccontextmanager
async def engine_on(database: Path, key: StoreKey) -> AsyncIterator[EngineClient]:
    """Yield the engine process, up, with all vectors that every document needs; it may still be learning."""
    from assist.store.store import open_store

    store = open_store(database, key)

    async def keep(made: Encoded) -> None:
        await store.vectors.put(made.encoder, made.kind, made.ids, made.vectors.astype("float32"))

    up = asyncio.Event()
    client = EngineClient(
        Start(database, key, ROOT / "models", ROOT / "triggers.toml"), keep_vectors=keep, on_change=up.set
    )
    client.launch()
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not client.is_up or client.remaining_vectors:
                up.clear()
                await up.wait()
        yield client
    finally:
        await client.aclose()
        store.close()


async def settled(client: EngineClient) -> float:
    """Wait until the engine has learned what there is and kept it; return the seconds.

    An account's first start takes a minute here, and more where many documents are in another language.
    """
    if client.pid is None:
        raise RuntimeError("the engine is down")
    engine, began, quiet = psutil.Process(client.pid), time.monotonic(), 0
    engine.cpu_percent()
    while quiet < QUIET_LOOKS:
        if time.monotonic() - began > SETTLE_S:
            raise TimeoutError(f"the engine was still at work after {SETTLE_S:.0f} s")
        await asyncio.sleep(LOOK_S)
        quiet = quiet + 1 if engine.cpu_percent() < IDLE_PERCENT else 0
    return time.monotonic() - began


async def through_engine(client: EngineClient, tickets: Sequence[OpenTicket], *, warm_up: int = WARM_UP) -> Times:
    """Ask for each ticket, after the warm-up; the answer crosses the pipe both ways."""
    times = Times()
    for number, opened in enumerate(tickets):
        began = time.perf_counter()
        marks: dict[Stage, float] = {}
        async for better in client.ask(Question(opened, AGENT)):
            marks[better.stage] = 1e3 * (time.perf_counter() - began)
        if number >= warm_up:
            times.first.append(marks[Stage.LEXICAL])
            times.refined.append(marks[Stage.REFINED])
            times.helped += bool(better.articles or better.replies)
    return times


def facts(client: EngineClient) -> EngineFacts:
    if client.started is None or client.pid is None:
        raise RuntimeError("the engine went down while it was measured")
    memory = psutil.Process(client.pid).memory_full_info()
    return EngineFacts(client.started.seconds, client.started.documents, memory.rss / 1e6, memory.uss / 1e6)


class Away:
    """A helpdesk that is out of reach: everything that is shown comes from this machine."""

    account: AccountId = ACCOUNT
    kind = HelpdeskKind.ZENDESK
    quota = None

    async def open_ticket(self, ticket_id: int) -> OpenTicket:
        raise Unreachable(f"ticket {ticket_id} is out of reach")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the benchmark asks the helpdesk for nothing but a ticket, not for {name}")


async def through_panel(client: EngineClient, stores: Stores, database: Path, tickets: Sequence[OpenTicket]) -> Times:
    """Open each cached ticket in the real session and wait until the real panel has painted its help."""
    from PySide6.QtWidgets import QApplication

    from assist.store.store import open_store
    from desktop.theme import Scheme, Theme
    from tests.bench.painted import PaintedPanel

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("the panel needs a QApplication")  # noqa: TRY004  # a missing application is no wrong type
    store = open_store(database, stores.key)
    panel = PaintedPanel(Theme(app, Scheme.LIGHT))
    panel.resize(392, 900)
    panel.show()
    times = Times()
    try:
        for opened in tickets:
            await store.tickets.put(opened)
        session, _, tasks = session_of(client, store, panel.show_state, Away())
        for number, opened in enumerate(tickets):
            marks = await panel.painted(lambda ref=opened.ticket.ref: session.open(ref))
            if number >= WARM_UP:
                times.first.append(marks.first_ms)
                times.refined.append(marks.refined_ms)
                times.helped += marks.helped
        await tasks.close()
    finally:
        panel.close()
        store.close()
    return times


def session_of(client: EngineClient, store: Any, show: Callable[[Any], None], helpdesk: Away) -> tuple[Any, Any, Any]:
    """Return the app's session on ``store``, the desk with its one seat, and the tasks of both."""
    from assist.retrieve.backend import PlainBackend
    from assist.signals.triggers import load_triggers
    from assist.suggest import Assistant
    from desktop.desk import Desk, Seat, SystemClock
    from desktop.panel.state import NoTicket
    from desktop.session import Session
    from desktop.tasks import TaskSet

    clock = SystemClock()
    desk = Desk()
    desk.add(Seat(helpdesk, AGENT, "bench"))  # type: ignore[arg-type]  # a helpdesk as far as the session goes
    plain = Assistant(
        documents=store.documents,
        backend=PlainBackend(store.search),
        encoder=None,
        triggers=load_triggers(ROOT / "triggers.toml"),
        now=clock.now,
    )
    tasks = TaskSet(_raise)
    session = Session(
        desk=desk, store=store, engine=client, plain=plain, clock=clock, tasks=tasks, show=show, idle=NoTicket
    )
    return session, desk, tasks


def _raise(name: str, error: BaseException) -> None:
    raise RuntimeError(f"{name} failed") from error


@dataclass(frozen=True)
class Opened:
    """What was measured at one size."""

    passages: int
    started: Times
    """Through the engine, while it still learns."""
    engine: Times
    panel: Times
    facts: EngineFacts
    load: str


async def measure(stores: Stores, passages: int, *, runs: int) -> Opened:
    database = stores.of(passages)
    tickets = stores.shop.tickets(3 * (runs + WARM_UP), passages)
    first, second, third = (tickets[at * (runs + WARM_UP) :][: runs + WARM_UP] for at in range(3))
    async with engine_on(database, stores.key) as client:
        started = await through_engine(client, first)
        await settled(client)
        engine = await through_engine(client, second)
        panel = await through_panel(client, stores, database, third)
        await settled(client)  # what answers left behind in memory goes back two seconds after the last
        return Opened(passages, started, engine, panel, facts(client), load())


def apart(stores: Stores, passages: int, *, runs: int) -> Opened:
    """Measure in a process of its own: a window that was there before would make the next one slower."""
    stores.of(passages)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_measure, args=(theirs, stores.folder, passages, runs))
    child.start()
    theirs.close()
    try:
        opened: Opened = ours.recv()
    finally:
        child.join()
    return opened


def _measure(pipe: Any, folder: Path, passages: int, runs: int) -> None:
    import qasync
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from desktop.garbage import MainThreadGarbage

    # The offscreen platform says once for each window what it does not do.
    qInstallMessageHandler(lambda *_: None)
    app = QApplication(["kibitz-bench"])
    app.setQuitOnLastWindowClosed(False)
    # As in the app: Python's own collecting would stop the window whenever it likes.
    garbage = MainThreadGarbage()
    with qasync.QEventLoop(app) as loop:
        asyncio.set_event_loop(loop)
        pipe.send(loop.run_until_complete(measure(Stores(folder), passages, runs=runs)))
        asyncio.set_event_loop(None)
    garbage.close()


def tables(measured: Sequence[Opened]) -> list[Table]:
    rows = []
    for one in measured:
        measured_ones = (("engine, just started", one.started), ("engine", one.engine), ("panel painted", one.panel))
        for what, times in measured_ones:
            rows.append(
                (
                    f"{one.passages:,}",
                    what,
                    len(times.first),
                    median(times.first),
                    p95(times.first),
                    median(times.refined),
                    p95(times.refined),
                    times.helped,
                    "yes" if p95(times.first) <= AIM_FIRST_MS and p95(times.refined) <= AIM_REFINED_MS else "no",
                    one.load,
                )
            )
    aim = f"Aim: first p95 ≤ {AIM_FIRST_MS:.0f}, refined p95 ≤ {AIM_REFINED_MS:.0f}. Every ticket is a different one."
    opened = Table(
        "Ticket opened to help, ms, without the network",
        (
            "passages",
            "measured",
            "tickets",
            "first median",
            "p95",
            "refined median",
            "p95",
            "with help",
            "aim",
            "machine",
        ),
        rows,
        aim,
    )
    engine = Table(
        "The engine process",
        ("passages", "all documents", "start to ready s", "RSS MB", "USS MB"),
        [(f"{o.passages:,}", o.facts.documents, o.facts.started_s, o.facts.rss_mb, o.facts.uss_mb) for o in measured],
        "All documents: passages, macros and past replies. Start: reading the encrypted store into both indexes.",
    )
    return [opened, engine]
