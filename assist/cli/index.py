"""``index`` and ``export``: knowledge into a store and out of it again, as JSON lines.

Each line is one value in the form of `assist.store.codec`: the fields of ``assist.domain.Article``, ``Macro`` or
``SolvedTicket``, and ``"v": 1``. Times are ISO 8601 with a zone; fields with defaults may be left out. An article:

    {"v": 1, "account": "zendesk:acme", "id": 5, "locale": "en-gb", "title": "Return an item",
     "html": "<p>Within 60 days.</p>", "url": "https://…", "updated_at": "2026-11-02T12:00:00+00:00"}
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from assist.cli.brain import loaded_engine
from assist.cli.files import add_model_option, add_store_options, lines_of, store_of
from assist.domain import AccountId, Article, Macro, SolvedTicket, SourceKind
from assist.ingest import macro_language, past_replies
from assist.store.codec import dumps
from assist.store.store import Store
from assist.text.passages import split_article

BATCH = 100

T = TypeVar("T")


def add_to(commands: Any) -> None:
    index = commands.add_parser("index", help="build or update a store from JSON lines")
    add_store_options(index)
    add_model_option(index)
    for name in ("articles", "macros", "solved"):
        index.add_argument(f"--{name}", type=Path, metavar="JSONL", help=f"{name}, one JSON object a line")
    index.set_defaults(run=_index)
    export = commands.add_parser("export", help="write a store's knowledge as JSON lines")
    add_store_options(export)
    export.add_argument("what", choices=("articles", "macros", "solved"))
    export.set_defaults(run=_export)


def _index(options: argparse.Namespace) -> None:
    with store_of(options, create=True) as store:
        asyncio.run(_put(store, options))
        counts = store.documents.counts()
        sys.stdout.write(
            f"{counts.articles} articles in {counts.passages} passages, {counts.macros} macros,"
            f" {counts.past_replies} replies of {counts.solved_tickets} solved tickets\n"
        )
        if not options.plain:
            sys.stdout.write(_encode(store))


async def _put(store: Store, options: argparse.Namespace) -> None:
    if options.articles:
        for articles in _batches(lines_of(options.articles, Article)):
            await store.knowledge.put_articles([(a, () if a.draft else split_article(a)) for a in articles])
    if options.macros:
        for macros in _batches(lines_of(options.macros, Macro)):
            await store.knowledge.put_macros(macros, languages={macro.id: macro_language(macro) for macro in macros})
    if options.solved:
        for solved in _batches(lines_of(options.solved, SolvedTicket)):
            await store.knowledge.put_solved([(ticket, past_replies(ticket)) for ticket in solved])


def _encode(store: Store) -> str:
    made: list[int] = []
    started = time.perf_counter()
    loaded_engine(store, on_encoded=lambda count, _left: made.append(count))
    seconds = time.perf_counter() - started
    return f"{sum(made)} vectors made in {seconds:.1f} s ({sum(made) / seconds:.0f} a second)\n"


def _export(options: argparse.Namespace) -> None:
    with store_of(options) as store:
        values = {"articles": _articles, "macros": _macros, "solved": _solved}[options.what](store)
        sys.stdout.writelines(f"{dumps(value)}\n" for value in values)


def _articles(store: Store) -> Iterator[Article]:
    """Yield every article that has passages, by account and id, then locale."""
    ids: dict[tuple[AccountId, int], None] = {}
    for page in _batches(document.id for document in store.documents.iterate(SourceKind.ARTICLE)):
        for passage in store.documents.passages(page).values():
            ids[passage.account, passage.passage.article_id] = None
    for account, article_id in sorted(ids):
        yield from store.documents.articles(account, article_id).values()


def _macros(store: Store) -> Iterator[Macro]:
    for page in _batches(document.id for document in store.documents.iterate(SourceKind.MACRO)):
        yield from store.documents.macros(page).values()


def _solved(store: Store) -> Iterator[SolvedTicket]:
    return store.documents.solved_tickets()


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        yield batch
