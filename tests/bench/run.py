"""Runs the parts that were asked for, one after the other, and prints each table as soon as it is known."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.bench import opening
from tests.bench.stores import ENCODED_REALLY, Stores
from tests.bench.table import Table, load, machine

CORPUS = (
    "The passages are the demo shop's sentences shuffled, with {share} of their longer words exchanged for words of a "
    "Zipf vocabulary of 60,000. The first {real:,} vectors are encoded, the others mixed from these with noise."
)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Print the tables of ``options.only``, or of all parts."""
    stores = Stores(folder)
    print(f"Measured on {machine()}\n", flush=True)
    print(CORPUS.format(share="40%", real=max(ENCODED_REALLY.values())), flush=True)
    for name, part in _parts(options, stores).items():
        if options.only and name not in options.only:
            continue
        for table in part():
            print(f"\n{table}", flush=True)
    print(f"\nAt the end: {load()}")


def _parts(options: argparse.Namespace, stores: Stores) -> Mapping[str, Callable[[], Iterator[Table]]]:
    return {
        "opening": lambda: _opening(stores, options),
    }


def _opening(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    import qasync
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    # The offscreen platform says once for each window what it does not do.
    qInstallMessageHandler(lambda *_: None)
    app = QApplication.instance() or QApplication(["kibitz-bench"])
    app.setQuitOnLastWindowClosed(False)
    measured = []
    with qasync.QEventLoop(app) as loop:
        asyncio.set_event_loop(loop)
        for passages in options.sizes:
            measured.append(loop.run_until_complete(opening.measure(stores, passages, runs=options.runs)))
        asyncio.set_event_loop(None)
    yield from opening.tables(measured)
