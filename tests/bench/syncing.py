"""A first sync of a large account, then the next ones: requests as the server counts them, time, memory, stalls."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from assist.domain import HelpdeskKind
from integrations.demo.large import LargeWorld, Size
from tests.bench.table import Table, load
from tests.helpers.large_server import LargeServer, forget_requests, requests_by_path, requests_made

ENCODED_FOR_S = 60.0
TICK_S = 0.01
SHARES = ((400, 0.10), (400, 0.50), (700, 0.10))
"""Requests a minute that the plan allows the account, and our share; background work may use half of the share."""
FACES = (HelpdeskKind.ZENDESK, HelpdeskKind.FRESHDESK)


@dataclass(frozen=True)
class Sync:
    """One run of a sync, as the app saw it."""

    seconds: float
    worst_stall_ms: float
    longest_turn_ms: float
    """Processor time of the window's thread between two rounds of its loop: a busy machine does not lengthen it."""
    articles: int
    solved: int
    macros: int
    texts: int


@dataclass(frozen=True)
class Synced:
    kind: HelpdeskKind
    first: Sync
    requests: int
    by_path: dict[str, int]
    cost: int
    """What the vendor takes for them: Freshdesk counts a list with two includes as five."""
    uss_before_mb: float
    uss_peak_mb: float
    store_mb: float
    again: dict[str, tuple[int, Sync]]
    """What happened between two syncs to the requests of the second, and how it went."""
    encoded_a_second: float


def measure(*, articles: int, solved: int, folder: Path) -> Iterator[Table]:
    size = Size(articles=articles, tickets=solved + 300, unsolved=300)
    measured = []
    for kind in FACES:
        with LargeServer(size) as server:
            measured.append(_measure(kind, server, folder / kind.value, solved))
    return _tables(measured, articles, solved)


def _measure(kind: HelpdeskKind, server: LargeServer, folder: Path, solved: int) -> Synced:
    folder.mkdir(parents=True, exist_ok=True)
    port = server.ports.zendesk if kind is HelpdeskKind.ZENDESK else server.ports.freshdesk
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    app = context.Process(target=_app, args=(theirs, kind, port, folder, solved))
    app.start()
    theirs.close()
    before_mb = ours.recv()
    with _peak_uss_mb(app.pid or 0) as peak:
        first = _once(ours)
    requests, by_path = server.world(requests_made), server.world(requests_by_path)
    again = {}
    for what, change in CHANGES.items():
        if change is not None:
            server.world(change)
        server.world(forget_requests)
        run = _once(ours)
        again[what] = (server.world(requests_made), run)
    ours.send("encode")
    rate = ours.recv()
    ours.send("end")
    app.join(30.0)
    store_mb = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    cost = requests + 4 * by_path.get("/api/v2/tickets", 0) * (kind is HelpdeskKind.FRESHDESK)
    return Synced(kind, first, requests, by_path, cost, before_mb, max(peak), store_mb, again, rate)


def _once(pipe: Connection) -> Sync:
    pipe.send("sync")
    answer: Sync = pipe.recv()
    return answer


def _little(world: LargeWorld) -> None:
    """What happens in a quarter of an hour: three tickets are solved, one article is edited."""
    world.now = _later(world, minutes=15)
    unsolved = [one.number for one in world.tickets.values() if one.status in ("open", "pending")][:3]
    for number in unsolved:
        world.agent_replies(number, "<p>Thank you for waiting. The new part left our workshop today.</p>")
        world.set_status(number, "solved")
    article = world.articles_in(None)[7]
    world.put_article(replace(article, html=f"{article.html}<p>Changed.</p>", updated_at=world.now()))


def _later(world: LargeWorld, **span: float) -> Any:
    before = world.now
    return lambda: before() + timedelta(**span)


CHANGES = {"nothing changed": None, "three tickets solved, one article edited": _little}


@contextmanager
def _peak_uss_mb(pid: int) -> Iterator[list[float]]:
    seen, ended, process = [0.0], threading.Event(), psutil.Process(pid)

    def watch() -> None:
        while not ended.wait(0.5):
            seen.append(process.memory_full_info().uss / 1e6)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


# The app's side


def _app(pipe: Connection, kind: HelpdeskKind, port: int, folder: Path, solved: int) -> None:
    """Sync as the app does: Qt's loop, a window that shows how far it is, the store, the real client."""
    from desktop import loop

    async def main(_app: Any) -> int:
        await _App(pipe, folder, solved).run(kind, port)
        return 0

    loop.run(main, ["kibitz"])


class _App:
    def __init__(self, pipe: Connection, folder: Path, solved: int) -> None:
        from PySide6.QtWidgets import QApplication

        from assist.store.database import new_key
        from assist.store.store import open_store
        from desktop.desk import SystemClock
        from desktop.panel.view import PanelView
        from desktop.theme import Scheme, Theme

        self._pipe, self._solved = pipe, solved
        self._key = new_key()
        self._store = open_store(folder / "kibitz.db", self._key)
        self._clock = SystemClock()
        self._panel = PanelView(Theme(QApplication.instance(), Scheme.LIGHT))
        self._panel.resize(380, 900)
        self._panel.show()

    async def run(self, kind: HelpdeskKind, port: int) -> None:
        from desktop.wiring import demo_seats
        from integrations.demo.process import Ports

        zendesk = kind is HelpdeskKind.ZENDESK
        (seat,) = await demo_seats(Ports(port if zendesk else 0, 0 if zendesk else port))
        self._pipe.send(psutil.Process().memory_full_info().uss / 1e6)
        asked = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), asked.set)
        while True:
            await asked.wait()
            wish = self._pipe.recv()
            asked.clear()
            if wish == "end":
                break
            self._pipe.send(await (self._sync(seat) if wish == "sync" else self._encode()))
        asyncio.get_running_loop().remove_reader(self._pipe.fileno())
        await seat.helpdesk.aclose()
        self._store.close()

    async def _sync(self, seat: Any) -> Sync:
        from assist.sync import Synchroniser

        read: dict[str, int] = {}

        def progressed(progress: Any) -> None:
            read[progress.collection.value] = progress.read
            self._show(seat.display, progress)

        synchroniser = Synchroniser(
            seat.helpdesk,
            self._store,
            self._clock,
            on_changes=lambda *_: None,
            on_progress=progressed,
            most_solved=self._solved,
        )
        began = time.perf_counter()
        async with _stalls() as worst:
            await synchroniser.run()
        counts = self._store.documents.counts()
        return Sync(
            seconds=time.perf_counter() - began,
            worst_stall_ms=max(late for late, _ in worst) * 1000,
            longest_turn_ms=max(busy for _, busy in worst) * 1000,
            articles=read.get("articles", 0),
            solved=read.get("solved tickets", 0),
            macros=read.get("macros", 0),
            texts=counts.passages + counts.past_replies + counts.macros,
        )

    def _show(self, display: str, progress: Any) -> None:
        from desktop.panel.state import CollectionProgress, Syncing

        shown = CollectionProgress(progress.collection.value, progress.read, finished=progress.finished)
        self._panel.show_state(Syncing(display, (shown,)))

    async def _encode(self) -> float:
        """Return how many texts the engine encodes in a second, over the first minute."""
        from assist.engine.client import EngineClient
        from assist.engine.protocol import Encoded, Start
        from resources import ROOT

        seen: list[tuple[float, int]] = []

        async def keep(made: Encoded) -> None:
            seen.append((time.perf_counter(), len(made.ids)))

        start = Start(self._store.path, self._key, ROOT / "models", ROOT / "triggers.toml")
        client = EngineClient(start, keep_vectors=keep, on_change=lambda: None)
        client.launch()
        try:
            deadline = time.perf_counter() + ENCODED_FOR_S + 60
            while time.perf_counter() < deadline and (not seen or seen[-1][0] - seen[0][0] < ENCODED_FOR_S):
                await asyncio.sleep(0.5)
                if client.is_up and seen and not client.remaining_vectors:
                    break
        finally:
            await client.aclose()
        span = seen[-1][0] - seen[0][0] if len(seen) > 1 else 0.0
        return sum(count for _, count in seen[1:]) / span if span else 0.0


class _stalls:  # noqa: N801 - used like a function
    """Measure how much later than asked the loop comes round, as a click or a repaint would have to wait."""

    async def __aenter__(self) -> list[tuple[float, float]]:
        self._worst = [(0.0, 0.0)]
        self._task = asyncio.ensure_future(self._watch())
        return self._worst

    async def _watch(self) -> None:
        while True:
            asked, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK_S)
            self._worst.append((time.perf_counter() - asked - TICK_S, time.thread_time() - worked))

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _tables(measured: list[Synced], articles: int, solved: int) -> Iterator[Table]:
    yield Table(
        f"A first sync of {articles:,} articles and {solved:,} solved tickets",
        (
            "helpdesk",
            "requests",
            "minutes",
            "articles",
            "solved",
            "texts",
            "worst stall ms",
            "longest turn ms",
            "USS MB",
            "peak",
            "store MB",
        ),
        [
            (
                one.kind.value,
                f"{one.requests:,}",
                one.first.seconds / 60,
                f"{one.first.articles:,}",
                f"{one.first.solved:,}",
                f"{one.first.texts:,}",
                one.first.worst_stall_ms,
                one.first.longest_turn_ms,
                one.uss_before_mb,
                one.uss_peak_mb,
                one.store_mb,
            )
            for one in measured
        ],
        note=f"The helpdesk answers at once, so this is what Kibitz itself takes. {load()}",
    )
    yield Table(
        "How long that takes at a share of the account's requests",
        ("helpdesk", *(f"{share:.0%} of {limit}/min" for limit, share in SHARES)),
        [(one.kind.value, *(_hours(one.cost, limit, share) for limit, share in SHARES)) for one in measured],
        note="Background work uses half of the share at most; the other half is the agents'.",
    )
    yield Table(
        "The next sync",
        ("helpdesk", "what happened between", "requests", "seconds", "worst stall ms", "longest turn ms"),
        [
            (one.kind.value, what, requests, run.seconds, run.worst_stall_ms, run.longest_turn_ms)
            for one in measured
            for what, (requests, run) in one.again.items()
        ],
    )
    yield Table(
        "What the requests of a first sync were for",
        ("helpdesk", "path", "requests"),
        [
            (one.kind.value, path.removeprefix("/api/v2/").removesuffix(".json"), f"{count:,}")
            for one in measured
            for path, count in sorted(one.by_path.items(), key=lambda pair: -pair[1])
        ],
    )
    yield Table(
        "Encoding in the engine, apart",
        ("helpdesk", "texts", "texts a second", "minutes in all"),
        [
            (
                one.kind.value,
                f"{one.first.texts:,}",
                one.encoded_a_second,
                one.first.texts / one.encoded_a_second / 60 if one.encoded_a_second else 0.0,
            )
            for one in measured
        ],
        note=f"The rate of the first {ENCODED_FOR_S:.0f} s. {load()}",
    )


def _hours(cost: int, limit: int, share: float) -> str:
    minutes = cost / (limit * share / 2)
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.0f} min"
