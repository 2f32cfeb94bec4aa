"""How cost grows with the passages: start, answers, memory, and an update of many articles while questions come."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

from assist.domain import Article, Passage, SourceKind
from assist.engine.client import EngineClient
from assist.engine.keeping import MEANING
from assist.engine.protocol import Encoded, Start
from assist.store.database import delete_index, index_path, open_database
from assist.store.snapshot import Snapshot
from assist.store.store import open_store
from resources import ROOT
from tests.bench.opening import facts, through_engine
from tests.bench.stores import Stores
from tests.bench.table import Table, load, median, p95
from tests.helpers.demo_store import ACCOUNT

CHANGED = 100
PAUSE_S = 0.3
"""Between two questions while the update goes on; without any, nothing but questions would be done."""
DEADLINE_S = 1_800.0
AIM_START_S, AIM_UPDATE_S, AIM_MEMORY_MB, AIM_REFINED_MS = 1.0, 2.0, 900.0, 200.0


@dataclass(frozen=True)
class Grown:
    """What was measured at one size. Times of an update count from its commit in the store."""

    passages: int
    documents: int
    anew_s: float
    kept_s: float
    kept_mb: float
    first_ms: float
    first_p95_ms: float
    refined_ms: float
    refined_p95_ms: float
    words_s: float
    meaning_s: float
    during_first_p95_ms: float
    during_refined_p95_ms: float
    uss_mb: float
    rss_mb: float


class _Watched:
    """An engine on a store, and when it encoded what."""

    def __init__(self, stores: Stores, database: Path) -> None:
        self._changed = asyncio.Event()
        self.encoded: list[tuple[float, int]] = []
        start = Start(database, stores.key, ROOT / "models", ROOT / "triggers.toml")
        self.client = EngineClient(start, keep_vectors=self._keep, on_change=self._changed.set)

    async def _keep(self, made: Encoded) -> None:
        self.encoded.append((time.perf_counter(), len(made.ids)))
        self._changed.set()

    async def ready(self) -> None:
        await self._until(lambda: self.client.is_up and not self.client.remaining_vectors)

    async def made(self, vectors: int) -> None:
        await self._until(lambda: sum(count for _, count in self.encoded) >= vectors)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def _engine(stores: Stores, database: Path) -> AsyncIterator[_Watched]:
    watched = _Watched(stores, database)
    watched.client.launch()
    try:
        await watched.ready()
        yield watched
    finally:
        await watched.client.aclose()


async def grow(stores: Stores, passages: int, *, runs: int) -> Grown:
    database = stores.of(passages)
    open_database(database, stores.key).close()
    delete_index(index_path(database))
    async with _engine(stores, database) as engine:
        anew_s = facts(engine.client).started_s
        await _kept(stores, database, facts(engine.client).documents)
    tickets = stores.shop.tickets(3 * runs, passages)
    async with _engine(stores, database) as engine:
        kept_s = facts(engine.client).started_s
        calm = await through_engine(engine.client, tickets[:runs])
        words_s, meaning_s, during = await _update(stores, database, engine, tickets[runs:])
        after = facts(engine.client)
    return Grown(
        passages=passages,
        documents=after.documents,
        anew_s=anew_s,
        kept_s=kept_s,
        kept_mb=index_path(database).stat().st_size / 1e6,
        first_ms=median(calm.first),
        first_p95_ms=p95(calm.first),
        refined_ms=median(calm.refined),
        refined_p95_ms=p95(calm.refined),
        words_s=words_s,
        meaning_s=meaning_s,
        during_first_p95_ms=p95([one for times in during for one in times.first]),
        during_refined_p95_ms=p95([one for times in during for one in times.refined]),
        uss_mb=after.uss_mb,
        rss_mb=after.rss_mb,
    )


async def _kept(stores: Stores, database: Path, documents: int) -> None:
    """Wait until the engine has written down the vectors of all ``documents``."""
    snapshot = Snapshot(database, stores.key)
    async with asyncio.timeout(DEADLINE_S):
        while _vectors_in(snapshot) < documents:  # noqa: ASYNC110  # a file cannot set an event
            await asyncio.sleep(0.5)


def _vectors_in(snapshot: Snapshot) -> int:
    pieces = [uid for part in snapshot.parts() if part.name == MEANING for uid in part.pieces]
    return sum(len(snapshot.piece(uid).get("ids", ())) for uid in pieces)


async def _update(stores: Stores, database: Path, engine: _Watched, tickets: Sequence) -> tuple[float, float, list]:
    """Change an article's passage in a hundred articles; return when they were found by words, then by meaning."""
    store = open_store(database, stores.key)
    try:
        changes = await store.knowledge.put_articles(_changed_articles(stores))
        began = time.perf_counter()
        engine.client.update(ACCOUNT, SourceKind.ARTICLE, changes)
        during = []
        made = asyncio.ensure_future(engine.made(len(changes.added)))
        for opened in tickets:
            during.append(await through_engine(engine.client, [opened], warm_up=0))
            if made.done():
                break
            await asyncio.sleep(PAUSE_S)
        await made
    finally:
        store.close()
    # The first vectors are made after all of the update is found by words.
    return engine.encoded[0][0] - began, engine.encoded[-1][0] - began, during


def _changed_articles(stores: Stores) -> list[tuple[Article, Sequence[Passage]]]:
    stamp = f" Changed at {time.time():.0f}."
    found = islice(stores.shop.articles(10 * CHANGED), CHANGED)
    return [
        (article, (replace(passages[0], text=passages[0].text + stamp), *passages[1:])) for article, passages in found
    ]


def save(grown: Sequence[Grown], path: Path) -> None:
    path.write_text(json.dumps([asdict(one) for one in grown], indent=1) + "\n", encoding="utf-8")


def table(grown: Sequence[Grown]) -> Table:
    rows = [
        (
            *(f"{one.passages:,}", one.anew_s, one.kept_s, one.kept_mb),
            *(one.first_p95_ms, one.refined_ms, one.refined_p95_ms),
            *(one.words_s, one.meaning_s, one.during_refined_p95_ms, one.uss_mb, one.rss_mb),
        )
        for one in grown
    ]
    columns = (
        *("passages", "start anew s", "start kept s", "kept MB", "first p95 ms", "refined median", "p95"),
        *("update: words s", "meaning s", "refined p95 meanwhile", "USS MB", "RSS MB"),
    )
    return Table(
        "Growth: the engine",
        columns,
        rows,
        f"Aims: start with a kept index ≤ {AIM_START_S:.0f} s at 100,000; {CHANGED} articles, one passage of each,"
        f" ≤ {AIM_UPDATE_S:.0f} s;\nat a million refined p95 ≤ {AIM_REFINED_MS:.0f} ms and memory ≤ {AIM_MEMORY_MB:.0f}"
        f" MB. {load()}",
    )
