"""Exact search by meaning: 8 bits through faiss, against 32 bits through numpy."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assist.context import build_context
from assist.domain import SourceKind
from assist.ports import Vectors
from assist.retrieve.dense import DenseIndex
from assist.store.vectors import read_blocks
from assist.store.writer import Reader
from tests.bench.stores import Stores
from tests.bench.table import Table, median, p95, ratio

LIMIT = 40
RECALL_AT = 10


def compare(stores: Stores, sizes: Sequence[int], *, runs: int) -> Table:
    rows = []
    for passages in sizes:
        ids, vectors = _vectors(stores, passages)
        queries = stores.encoder.encode([build_context(o).query for o in stores.shop.tickets(runs, passages)])
        index = DenseIndex(vectors.shape[1])
        index.replace(ids, vectors)
        exact = lambda query, limit: _exact(ids, vectors, query, limit)  # noqa: B023, E731  # called before the next turn of the loop
        quantised = lambda query, limit: index.search(query, limit=limit).ids  # noqa: B023, E731  # called before the next turn of the loop
        exact_ms, right = _timed(exact, queries)
        faiss_ms, found = _timed(quantised, queries)
        recall = np.mean(
            [len(set(f[:RECALL_AT]) & set(r[:RECALL_AT])) / RECALL_AT for f, r in zip(found, right, strict=True)]
        )
        for name, times, share, megabytes in (
            ("numpy, 32 bit", exact_ms, 1.0, vectors.nbytes / 1e6),
            ("faiss, 8 bit", faiss_ms, float(recall), vectors.size / 1e6),
        ):
            rows.append(
                (
                    f"{passages:,}",
                    name,
                    median(times),
                    p95(times),
                    ratio(median(times), median(exact_ms)),
                    f"{share:.3f}",
                    megabytes,
                )
            )
    return Table(
        "Search by meaning, exact, 384 dimensions",
        ("vectors", "engine", "median ms", "p95 ms", "to numpy", f"recall@{RECALL_AT}", "MB"),
        rows,
        "faiss on one thread, numpy on two. Recall is of what 32 bits find.",
    )


def _vectors(stores: Stores, passages: int) -> tuple[NDArray[np.int64], Vectors]:
    reader = Reader(stores.of(passages), stores.key)
    try:
        blocks = list(read_blocks(reader, stores.encoder.name, SourceKind.ARTICLE))
    finally:
        reader.close()
    return np.concatenate([b.ids for b in blocks]), np.concatenate([b.vectors for b in blocks]).astype(np.float32)


def _exact(ids: NDArray[np.int64], vectors: Vectors, query: Vectors, limit: int) -> NDArray[np.int64]:
    scores = vectors @ query
    wanted = min(limit, len(ids))
    best = np.argpartition(-scores, wanted - 1)[:wanted]
    found: NDArray[np.int64] = ids[best[np.argsort(-scores[best])]]
    return found


def _timed(
    search: Callable[[Vectors, int], NDArray[np.int64]], queries: Vectors
) -> tuple[list[float], list[list[int]]]:
    times, found = [], []
    search(queries[0], LIMIT)
    for query in queries:
        began = time.perf_counter()
        ids = search(query, LIMIT)
        times.append(1e3 * (time.perf_counter() - began))
        found.append(ids.tolist())
    return times, found
