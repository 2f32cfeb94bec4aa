"""Runs the parts that were asked for, one after the other, and prints each table as soon as it is known."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench import answering, building, dense, fusion, growth, lexical, link, opening, starting, syncing, years
from tests.bench.datasets import RetrievalSet, emanual, stackfaq
from tests.bench.stores import ENCODED_REALLY, Stores
from tests.bench.table import Table, load, machine

LINK_PASSAGES = 10_000
CORPUS = (
    "The passages are the demo shop's, then its sentences shuffled, with 40% of their longer words exchanged\n"
    "for words of a Zipf vocabulary of 60,000. {real:,} vectors are encoded, the others mixed from these with noise."
)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Print the tables of ``options.only``, or of all parts."""
    stores = Stores(folder)
    print(f"Measured on {machine()}\n", flush=True)
    print(CORPUS.format(real=max(ENCODED_REALLY.values())), flush=True)
    for name, part in _parts(options, stores, folder).items():
        if options.only and name not in options.only:
            continue
        for table in part():
            print(f"\n{table}", flush=True)
    print(f"\nAt the end: {load()}")


def _parts(options: argparse.Namespace, stores: Stores, folder: Path) -> Mapping[str, Callable[[], Iterator[Table]]]:
    return {
        "opening": lambda: _opening(stores, options),
        "answering": lambda: _answering(stores, options),
        "link": lambda: iter([link.measure(stores, passages=LINK_PASSAGES, runs=options.runs)]),
        "building": lambda: _building(stores, options),
        "growth": lambda: _growth(stores, options),
        "starting": lambda: iter(starting.measure(idle_s=options.idle_s)),
        "syncing": lambda: syncing.measure(articles=options.articles, solved=options.solved, folder=folder),
        "years": lambda: _years(stores, options, folder),
        "lexical": lambda: _lexical(stores, options),
        "dense": lambda: _dense(stores, options),
        "fusion": lambda: _fusion(stores, options),
    }


def _opening(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    yield from opening.tables([opening.apart(stores, passages, runs=options.runs) for passages in options.sizes])


def _answering(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    yield answering.table({size: answering.apart(stores, size, runs=options.runs) for size in options.sizes})


def _growth(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    grown = [asyncio.run(growth.grow(stores, passages, runs=options.runs)) for passages in options.sizes]
    if options.json is not None:
        growth.save(grown, options.json)
    yield growth.table(grown)


def _years(stores: Stores, options: argparse.Namespace, folder: Path) -> Iterator[Table]:
    sizes = {"solved": options.solved, "key": stores.key, "shop": stores.shop}
    yield years.table([years.measure(folder, shown=shown, **sizes) for shown in options.shown])


def _building(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    yield building.measure(stores, options.sizes)


def _lexical(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    if sets := _public_sets(options.data):
        yield lexical.compare_quality(sets)
    yield lexical.compare_cost(stores, _large(options.sizes), runs=options.runs)


def _dense(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    yield dense.compare(stores, _large(options.sizes), runs=options.runs)


def _fusion(stores: Stores, options: argparse.Namespace) -> Iterator[Table]:
    if sets := _public_sets(options.data):
        yield fusion.compare(sets, stores.encoder)


def _large(sizes: Sequence[int]) -> list[int]:
    """Engines do not differ on a hundred passages."""
    return [size for size in sizes if size >= 10_000] or list(sizes)


def _public_sets(folder: Path) -> list[RetrievalSet]:
    if not folder.is_dir():
        print(f"\n(The public sets are not in {folder}: their tables are left out. --data names another folder.)")
        return []
    return [stackfaq(folder), emanual(folder)]
