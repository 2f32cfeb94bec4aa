"""Lexical, dense, and ways to put them together, on public sets where each part loses once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assist.encoders.minilm import MiniLm
from assist.rank.fuse import DENSE_WEIGHT, fuse
from assist.retrieve.dense import DenseIndex
from assist.retrieve.lexical import LexicalDocument, LexicalIndex
from assist.retrieve.query import Ranking
from tests.bench.datasets import RetrievalSet
from tests.bench.ranking import quality
from tests.bench.table import Table

LIMIT = 40
RRF_K = 60
WEIGHTS = (0.5, 0.6, 0.7, 0.8)


def compare(sets: Sequence[RetrievalSet], encoder: MiniLm) -> Table:
    rows: list[tuple[object, ...]] = []
    for one in sets:
        for name, rankings in _all(one, encoder).items():
            measured = quality(rankings, one.gold)
            cells = (measured.recall_1, measured.recall_5, measured.mrr, measured.half_width)
            rows.append((one.name, name, *(f"{value:.3f}" for value in cells)))
    return Table(
        "Fusion: quality",
        ("set", "ranking", "R@1", "R@5", "MRR", "± 95%"),
        rows,
        f"Weights are of the cosine; the rest is BM25 over the best BM25 of the query. Kibitz uses {DENSE_WEIGHT}.",
    )


def _all(one: RetrievalSet, encoder: MiniLm) -> dict[str, list[list[int]]]:
    lexical, dense, index = _rankings(one, encoder)
    found = {
        "BM25": [ranking.ids.tolist() for ranking in lexical],
        "dense": [ranking.ids.tolist() for ranking in dense],
        f"RRF, k = {RRF_K}": [_rrf(a, b) for a, b in zip(lexical, dense, strict=True)],
    }
    queries = encoder.encode(one.queries)
    for weight in WEIGHTS:
        found[f"weighted {weight}"] = [
            [fused.doc_id for fused in fuse(a, b, cosines=index.cosines(query, a.ids.tolist()), dense_weight=weight)]
            for a, b, query in zip(lexical, dense, queries, strict=True)
        ]
    return found


def _rankings(one: RetrievalSet, encoder: MiniLm) -> tuple[list[Ranking], list[Ranking], DenseIndex]:
    words = LexicalIndex()
    pairs = list(zip(one.titles, one.texts, strict=True))
    words.replace(LexicalDocument(number, title, text, "en") for number, (title, text) in enumerate(pairs))
    index = DenseIndex(encoder.dimension)
    index.replace(np.arange(len(pairs)), encoder.encode([f"{title}\n{text}" for title, text in pairs]))
    lexical = [words.search(query.lower(), limit=LIMIT) for query in one.queries]
    dense = [index.search(query, limit=LIMIT) for query in encoder.encode(one.queries)]
    return lexical, dense, index


def _rrf(*rankings: Ranking) -> list[int]:
    """Reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for at, doc_id in enumerate(ranking.ids.tolist(), 1):
            scores[doc_id] = scores.get(doc_id, 0.0) + 1 / (RRF_K + at)
    return sorted(scores, key=lambda doc_id: (-scores[doc_id], doc_id))
