"""``make bench-speed``: how long Kibitz and its peers take from a text to ranked passages, in interleaved rounds.

Kibitz is asked as the app asks it: a whole ticket through the pipe to the engine process, with signals, replies and
macros besides the articles, and back; its time is taken here. A peer is asked for passages only and takes its own
time, so that the way there and back counts against Kibitz alone. All are up at once and only one is asked at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

# Nothing heavy up here: the engine process imports this module again when it is spawned.

ROOT = Path(__file__).resolve().parents[2]
PEERS = {
    "bm25s": "bm25s",
    "sentence-transformers": "sentence-transformers semantic_search",
    "haystack": "Haystack hybrid, RRF (in memory)",
    "txtai": "txtai hybrid",
}
PEERS_WORLD = {**os.environ, "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
"""Both cores for the peers; Kibitz' engine sets its own, as in the app."""
WARM_UP = 3
FEWEST = 5
MARK = "bench-speed"
NOTE = (
    "Ratio: the peer's median time over Kibitz's, with a 95% interval (paired bootstrap over tickets); above 1 Kibitz "
    "is faster.\nAll peers were given the vectors of the passages: {real:,} encoded, the others mixed from these with "
    "noise (encoding all would take each of them {encoding:,.0f} s here). Their query is the subject and the "
    "customer's last message. Kibitz's times hold the way to the engine process and back, replies, macros and alerts; "
    "articles alone are what its engine does for the peers' job, refined, in the bench's own process."
)


@dataclass
class Asked:
    """A peer that is up: its process, what it told when it was ready, the milliseconds of each ticket."""

    name: str
    process: subprocess.Popen[str]
    ready: dict[str, float]
    ms: list[float] = field(default_factory=list)
    rss_mb: float = float("nan")

    def ask(self, query: str) -> float:
        """Return the peer's own milliseconds."""
        return float(_told(self.process, json.dumps({"query": query}))["ms"])


@dataclass(frozen=True)
class Measured:
    """One size: Kibitz's times and every peer's, the same tickets in the same order."""

    passages: int
    first: list[float]
    refined: list[float]
    articles: list[float]
    started_s: float
    rss_mb: float
    peers: list[Asked]


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    from tests.bench.marked import put_block
    from tests.bench.stores import Stores
    from tests.bench.table import machine

    versions = subprocess.run(
        [options.peers, "-m", "tests.bench.peers", "versions"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = [f"Measured on {machine()}.\nPeers: {versions.stdout.strip()}."]
    print(told[0], flush=True)
    with tempfile.TemporaryDirectory(prefix="kibitz-bench-") as made:
        folder = options.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        stores = Stores(folder)
        for passages in options.sizes:
            measured = asyncio.run(measure(stores, passages, options))
            for table in tables(measured):
                told.append(str(table))
                print(f"\n{table}", flush=True)
    if options.write:
        put_block(options.write, MARK, "\n\n".join(told))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=(10_000, 100_000), help="passages, e.g. 10000,100000")
    parser.add_argument("--runs", type=int, default=50, help="tickets at each size")
    parser.add_argument("--budget-s", type=float, default=180.0, help="a slow peer is asked no more after so long")
    parser.add_argument("--only", type=lambda text: text.split(","), help=f"peers, of {','.join(PEERS)}")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-peers" / "bin" / "python", help="the peers' Python")
    parser.add_argument("--folder", type=Path, help="keep stores, texts and vectors here and use them again")
    parser.add_argument("--write", type=Path, metavar="MD", help="put the tables between their markers in this file")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part.replace("_", "")) for part in text.split(","))


async def measure(stores: Any, passages: int, options: argparse.Namespace) -> Measured:
    from tests.bench.opening import engine_on, facts, settled

    database = stores.of(passages)
    texts, vectors = exported(stores, passages)
    tickets = stores.shop.tickets(options.runs + WARM_UP, passages)
    first: list[float] = []
    refined: list[float] = []
    articles: list[float] = []
    with ExitStack() as stack:
        alone = _engine(database, stores)
        peers = [_start(stack, options, peer, texts, vectors) for peer in options.only or PEERS]
        async with engine_on(database, stores.key) as client:
            await settled(client)
            for number, opened in enumerate(tickets):
                times = await _kibitz(client, opened)
                if number >= WARM_UP:
                    first.append(times[0])
                    refined.append(times[1])
                began = time.perf_counter()
                alone.ranked_articles(opened)
                if number >= WARM_UP:
                    articles.append(1e3 * (time.perf_counter() - began))
                _round(peers, query_of(opened), number, budget_ms=1e3 * options.budget_s)
            engine = facts(client)
        for peer in peers:
            peer.rss_mb = _rss_mb(peer.process.pid)
    return Measured(passages, first, refined, articles, engine.started_s, engine.rss_mb, peers)


def _engine(database: Path, stores: Any) -> Any:
    """Return an engine in this process that has read its indexes: nothing else of it is asked."""
    from datetime import UTC, datetime

    from assist.encoders.minilm import load
    from assist.engine.service import Engine
    from assist.store.snapshot import Snapshot
    from assist.store.writer import Reader
    from resources import ROOT as RESOURCES

    engine = Engine(
        reader=Reader(database, stores.key),
        encoder=load(RESOURCES / "models", threads=1),
        triggers=(),
        now=lambda: datetime.now(UTC),
        snapshot=Snapshot(database, stores.key),
    )
    engine.load()
    engine.warm()
    return engine


async def _kibitz(client: Any, opened: Any) -> tuple[float, float]:
    """Return the milliseconds to the first help and to the refined one."""
    from tests.bench.opening import through_engine

    times = await through_engine(client, [opened], warm_up=0)
    return times.first[0], times.refined[0]


def _round(peers: Sequence[Asked], query: str, number: int, *, budget_ms: float) -> None:
    """Ask each peer once, another first in each round."""
    for at in range(len(peers)):
        peer = peers[(at + number) % len(peers)]
        if sum(peer.ms) > budget_ms and len(peer.ms) >= FEWEST:
            continue
        spent = peer.ask(query)
        if number >= WARM_UP:
            peer.ms.append(spent)


def query_of(opened: Any) -> str:
    """Return what a peer is asked for: the subject and the customer's last message."""
    from assist.domain import Role

    said = [message.text for message in opened.messages if message.author.role is Role.CUSTOMER and message.text]
    return "\n".join((opened.ticket.subject, *said[-1:]))


def exported(stores: Any, passages: int) -> tuple[Path, Path]:
    """Write the store's passages and vectors once, in the same order, for the peers."""
    from assist.domain import SourceKind
    from assist.store.documents import Documents
    from assist.store.vectors import read_blocks
    from assist.store.writer import Reader

    texts, vectors = stores.folder / f"{passages}.texts.jsonl", stores.folder / f"{passages}.vectors.npy"
    if texts.exists() and vectors.exists():
        return texts, vectors
    reader = Reader(stores.of(passages), stores.key)
    try:
        by_id = {d.id: f"{d.title}\n{d.text}" for d in Documents(reader).iterate(SourceKind.ARTICLE)}
        blocks = list(read_blocks(reader, stores.encoder.name, SourceKind.ARTICLE))
    finally:
        reader.close()
    ids = np.concatenate([block.ids for block in blocks]).tolist()
    np.save(vectors, np.concatenate([block.vectors for block in blocks]))
    texts.write_text("".join(f"{json.dumps(by_id[id_])}\n" for id_ in ids), encoding="utf-8")
    return texts, vectors


def _start(stack: ExitStack, options: argparse.Namespace, peer: str, texts: Path, vectors: Path) -> Asked:
    command = [options.peers, "-m", "tests.bench.peers.serving", peer, "--texts", texts, "--vectors", vectors]
    errors = stack.enter_context(tempfile.TemporaryFile("w+"))  # noqa: SIM115  # the stack closes it
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=PEERS_WORLD
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    began = time.perf_counter()
    try:
        ready = _told(process)
    except RuntimeError as error:
        errors.seek(0)
        raise RuntimeError(f"{peer}: {error}\n{errors.read()[-2000:]}") from error
    print(f"({PEERS[peer]} is up after {time.perf_counter() - began:.0f} s)", flush=True)
    return Asked(PEERS[peer], process, ready)


def _told(process: subprocess.Popen[str], line: str = "") -> dict[str, float]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a peer without pipes")
    if line:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError("the peer ended before it answered")
    told: dict[str, float] = json.loads(answer)
    return told


def _rss_mb(pid: int) -> float:
    import psutil

    return float(psutil.Process(pid).memory_info().rss) / 1e6


def tables(measured: Measured) -> list[Any]:
    from tests.bench.stores import ENCODED_REALLY
    from tests.bench.table import Table, load, median, p95

    rows: list[tuple[object, ...]] = [
        ("Kibitz, first help", len(measured.first), median(measured.first), p95(measured.first), "-", "-", "-"),
        ("Kibitz, refined", len(measured.refined), median(measured.refined), p95(measured.refined), "-", "-", "-"),
        ("Kibitz, articles alone", len(measured.articles), median(measured.articles), p95(measured.articles), *"---"),
    ]
    for peer in measured.peers:
        against = (_ratio(peer.ms, ours) for ours in (measured.first, measured.refined, measured.articles))
        rows.append((peer.name, len(peer.ms), median(peer.ms), p95(peer.ms), *against))
    rates = [peer.ready["encoded_per_s"] for peer in measured.peers if peer.ready["encoded_per_s"] > 0]
    encoding = measured.passages / max(rates) if rates else float("nan")
    note = NOTE.format(real=min(max(ENCODED_REALLY.values()), measured.passages), encoding=encoding)
    speed = Table(
        f"{measured.passages:,} passages: from a text to ranked passages, ms ({load()})",
        ("measured", "tickets", "median", "p95", "over first", "over refined", "over articles alone"),
        rows,
        note,
    )
    cost = [("Kibitz", measured.started_s, "-", measured.rss_mb)]
    cost += [(p.name, p.ready["index_s"], _dash(p.ready["load_s"]), p.rss_mb) for p in measured.peers]
    return [
        speed,
        Table(
            f"{measured.passages:,} passages: index and memory",
            ("measured", "index s", "encoder s", "RSS MB"),
            cost,
            "Index: for Kibitz until the engine answers from its encrypted store; for peers from texts and given "
            "vectors in memory.\nEncoder: loading MiniLM and torch, with 64 passages to warm up (Haystack's is in its "
            "index time).",
        ),
    ]


def _dash(seconds: float) -> object:
    return seconds if seconds > 0.01 else "-"


def _ratio(theirs: Sequence[float], ours: Sequence[float]) -> str:
    from tests.bench.statistics import compare, resampled

    count = len(theirs)
    mine, other = {"ms": np.array(ours[:count])}, {"ms": np.array(theirs)}
    cell = compare(mine, other, lambda columns: float(np.median(columns["ms"])), resampled(count), less=True)
    ratio = cell.ratio
    return f"{ratio.value:.2f} [{ratio.low:.2f}, {ratio.high:.2f}] {cell.verdict}"


if __name__ == "__main__":
    sys.exit(main())
