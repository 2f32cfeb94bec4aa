"""Three ways to search by words: tantivy in memory, FTS5 of the store pruned to rare words, and bm25s."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from assist.context import build_context
from assist.domain import AccountId, Article, Passage, SourceKind
from assist.retrieve.lexical import LexicalDocument, LexicalIndex
from assist.store.database import StoreKey
from assist.store.documents import Documents
from assist.store.search import LexicalSearch
from assist.store.store import open_store
from assist.store.writer import Reader
from tests.bench.datasets import RetrievalSet
from tests.bench.ranking import Quality, quality
from tests.bench.stores import Stores
from tests.bench.table import Table, median, p95, ratio
from tests.helpers.demo_store import ACCOUNT

ENGINES = ("tantivy", "FTS5, rare words", "FTS5, all words", "bm25s", "bm25s without stemming")
LIMIT = 40
SLOW_RUNS = 8
"""FTS5 over all words takes a good part of a second for each query."""

Search = Callable[[str, Counter[str]], list[int]]
"""A text and its weighted words in, document ids out, best first."""


# --- quality on the public sets


def compare_quality(sets: Sequence[RetrievalSet]) -> Table:
    rows = []
    for one in sets:
        for engine in ENGINES:
            measured = quality(_rankings(engine, one), one.gold)
            rows.append((one.name, engine, len(one.gold), *_cells(measured)))
    return Table(
        "Search by words: quality",
        ("set", "engine", "queries", "R@1", "R@5", "MRR", "± 95%"),
        rows,
        "Zero-shot; every query has one right document.",
    )


def _cells(measured: Quality) -> tuple[str, ...]:
    return tuple(f"{value:.3f}" for value in (measured.recall_1, measured.recall_5, measured.mrr, measured.half_width))


def _rankings(engine: str, one: RetrievalSet) -> list[list[int]]:
    documents = [
        LexicalDocument(number, title, text, "en")
        for number, (title, text) in enumerate(zip(one.titles, one.texts, strict=True))
    ]
    if engine.startswith("FTS5"):
        with tempfile.TemporaryDirectory() as folder:
            return _fts_rankings(Path(folder) / "set.db", documents, one.queries, all_words=engine == "FTS5, all words")
    search = _in_memory(engine, documents)
    return [search(query, Counter(query.lower().split())) for query in one.queries]


def _fts_rankings(
    path: Path, documents: Sequence[LexicalDocument], queries: Sequence[str], *, all_words: bool
) -> list[list[int]]:
    store = open_store(path, StoreKey(bytes(32)))
    try:
        now = datetime.now(UTC)
        asyncio.run(
            store.knowledge.put_articles(
                [
                    (
                        Article(ACCOUNT, d.doc_id, "en", d.title, "", "", now),
                        [Passage(d.doc_id, "en", 0, (d.title,), d.body)],
                    )
                    for d in documents
                ]
            )
        )
        ids = [d.id for d in store.documents.iterate(SourceKind.ARTICLE)]
        number_of = {doc_id: documents[at].doc_id for at, doc_id in enumerate(ids)}
        search = _fts(store.reader, ACCOUNT, all_words=all_words)
        return [[number_of[doc_id] for doc_id in search(query, Counter())] for query in queries]
    finally:
        store.close()


# --- the engines


def _in_memory(engine: str, documents: Sequence[LexicalDocument]) -> Search:
    if engine == "tantivy":
        index = LexicalIndex()
        index.replace(documents)
        return lambda _, words: index.search(words, limit=LIMIT).ids.tolist()
    return _bm25s(documents, stemmed=engine == "bm25s")


def _bm25s(documents: Sequence[LexicalDocument], *, stemmed: bool) -> Search:
    import bm25s

    stemmer = _stemmer() if stemmed else None
    options: dict[str, Any] = {"stopwords": "en", "stemmer": stemmer, "show_progress": False}
    model = bm25s.BM25()
    model.index(bm25s.tokenize([f"{d.title}\n{d.body}" for d in documents], **options), show_progress=False)
    ids = [d.doc_id for d in documents]

    def search(text: str, _: Counter[str]) -> list[int]:
        tokens = bm25s.tokenize([text], return_ids=False, **options)
        rows, scores = model.retrieve(tokens, k=min(LIMIT, len(ids)), show_progress=False)
        return [ids[row] for row, score in zip(rows[0], scores[0], strict=True) if score > 0]

    return search


def _stemmer() -> Callable[[list[str]], list[str]]:
    """Return tantivy's English stemmer as bm25s wants it, so that stemming is no difference between the two."""
    import tantivy

    analyzer = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )
    return lambda words: [(analyzer.analyze(word) or [word])[0] for word in words]


def _fts(reader: Reader, account: AccountId, *, all_words: bool) -> Search:
    if not all_words:
        pruned = LexicalSearch(reader)
        pruned.warm()
        return lambda text, _: [hit.doc_id for hit in pruned.search(SourceKind.ARTICLE, text, account, limit=LIMIT)]

    def search(text: str, _: Counter[str]) -> list[int]:
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(reader.tokens(text)))
        rows = reader.all(
            "SELECT rowid FROM passages_fts WHERE passages_fts MATCH ? ORDER BY bm25(passages_fts, 2.0, 1.0) LIMIT ?",
            (words, LIMIT),
        )
        return [int(str(row[0])) for row in rows]

    return search


# --- time and memory, each engine in a process of its own


@dataclass(frozen=True)
class Cost:
    build_s: float
    query_ms: Sequence[float]
    memory_mb: float


def compare_cost(stores: Stores, sizes: Sequence[int], *, runs: int) -> Table:
    rows = []
    for passages in sizes:
        queries = []
        for opened in stores.shop.tickets(runs, passages):
            context = build_context(opened)
            queries.append((context.query, context.words))
        base = 0.0
        for engine in ENGINES[:4]:
            wanted = queries[:SLOW_RUNS] if engine == "FTS5, all words" and passages > 20_000 else queries
            cost = _apart(engine, stores.of(passages), stores.key, wanted)
            base = base or median(cost.query_ms)
            rows.append(
                (
                    f"{passages:,}",
                    engine,
                    median(cost.query_ms),
                    p95(cost.query_ms),
                    ratio(median(cost.query_ms), base),
                    cost.build_s,
                    cost.memory_mb,
                )
            )
    return Table(
        "Search by words: cost of whole tickets as queries",
        ("passages", "engine", "median ms", "p95 ms", "to tantivy", "build s", "memory MB"),
        rows,
        "Memory: what the index adds to a process that has read the documents (FTS5: its cache; the index is on disk). "
        "FTS5 is built when the store is written: its build time is that of learning which words are common.",
    )


def _apart(engine: str, database: Path, key: StoreKey, queries: Sequence[tuple[str, Counter[str]]]) -> Cost:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_measure, args=(theirs, engine, database, key, queries))
    child.start()
    theirs.close()
    try:
        cost: Cost = ours.recv()
    finally:
        child.join()
    return cost


def _measure(
    pipe: Any, engine: str, database: Path, key: StoreKey, queries: Sequence[tuple[str, Counter[str]]]
) -> None:
    reader = Reader(database, key)
    documents = [] if engine.startswith("FTS5") else list(_documents(reader))
    process = psutil.Process()
    before = process.memory_full_info().uss
    began = time.perf_counter()
    if engine.startswith("FTS5"):
        search = _fts(reader, ACCOUNT, all_words=engine == "FTS5, all words")
    else:
        search = _in_memory(engine, documents)
    build_s = time.perf_counter() - began
    times = []
    for text, words in queries:
        began = time.perf_counter()
        search(text, words)
        times.append(1e3 * (time.perf_counter() - began))
    pipe.send(Cost(build_s, times, (process.memory_full_info().uss - before) / 1e6))
    reader.close()


def _documents(reader: Reader) -> Iterator[LexicalDocument]:
    for document in Documents(reader).iterate(SourceKind.ARTICLE):
        yield LexicalDocument(document.id, document.title, document.text, document.language)
