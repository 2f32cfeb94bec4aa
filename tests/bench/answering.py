"""What an answer costs inside the engine, without its process, pipe and panel: for comparing two versions in turn."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from assist.encoders import minilm, multilingual
from assist.engine.process import give_memory_back
from assist.engine.service import Engine
from assist.signals.triggers import load_triggers
from assist.store.snapshot import Snapshot
from assist.store.writer import Reader
from assist.suggest import Question
from resources import ROOT
from tests.bench.opening import AGENT, WARM_UP
from tests.bench.stores import Stores
from tests.bench.table import Table, load, median, p95


@dataclass
class Answers:
    """Milliseconds from the question to each answer, and of processor time of all threads to the last one."""

    first: list[float] = field(default_factory=list)
    refined: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def apart(stores: Stores, passages: int, *, runs: int) -> Answers:
    """Measure in a process of its own, with as many BLAS threads as the engine has."""
    stores.of(passages)
    one_thread, spawn = patch.dict(os.environ, OMP_NUM_THREADS="1"), multiprocessing.get_context("spawn")
    with one_thread, ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(_measure, stores.folder, passages, runs).result()


def _measure(folder: Path, passages: int, runs: int) -> Answers:
    return measure(Stores(folder), passages, runs=runs)


def measure(stores: Stores, passages: int, *, runs: int) -> Answers:
    """Answer ``runs`` tickets on a store of ``passages``, after the engine has learned what there is."""
    give_memory_back()
    engine = _learned(stores, passages)
    answers = Answers()
    for number, opened in enumerate(stores.shop.tickets(runs + WARM_UP, passages)):
        began, used = time.perf_counter(), time.process_time()
        marks = [1e3 * (time.perf_counter() - began) for _ in engine.answer(Question(opened, AGENT))]
        if number >= WARM_UP:
            answers.first.append(marks[0])
            answers.refined.append(marks[-1])
            answers.cpu.append(1e3 * (time.process_time() - used))
    return answers


def _learned(stores: Stores, passages: int) -> Engine:
    database = stores.of(passages)
    engine = Engine(
        reader=Reader(database, stores.key),
        encoder=minilm.load(ROOT / "models", threads=1),
        second=multilingual.load(ROOT / "models"),
        triggers=load_triggers(ROOT / "triggers.toml"),
        now=lambda: datetime.now(UTC),
        snapshot=Snapshot(database, stores.key),
    )
    engine.load_indexes()
    engine.warm()
    engine.ripen()
    for _ in engine.encode_missing():
        pass
    for _ in engine.keep():
        pass
    return engine


def table(measured: dict[int, Answers]) -> Table:
    rows = [
        (
            f"{passages:,}",
            len(one.first),
            *(figure(times) for times in (one.first, one.refined, one.cpu) for figure in (median, p95)),
            load(),
        )
        for passages, one in measured.items()
    ]
    return Table(
        "Answers inside the engine, ms",
        ("passages", "tickets", "first median", "p95", "refined median", "p95", "CPU median", "p95", "machine"),
        rows,
        "In one process, after the engine has learned. CPU: of all its threads.",
    )
