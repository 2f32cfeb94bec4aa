"""Put a lexical and a dense ranking together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assist.retrieve.query import Ranking

DENSE_WEIGHT = 0.7
"""Chosen on public sets where each part loses badly once: docs/adr/0006-fusion.md has the table."""


@dataclass(frozen=True, slots=True)
class Fused:
    """One candidate. ``lexical`` is BM25 (unbounded, 0 when not found); ``cosine`` is in [-1, 1], or None when it was
    not asked for or the document has no vector yet.

    ``score`` orders candidates of one query and means nothing across queries.
    """

    doc_id: int
    score: float
    lexical: float
    lexical_share: float
    """``lexical`` over the best lexical score of this query, in [0, 1]; 0.5 where no document shares a word with it."""
    cosine: float | None


def fuse(
    lexical: Ranking,
    dense: Ranking | None,
    *,
    cosines: Mapping[int, float],
    also: Iterable[int] = (),
    dense_weight: float = DENSE_WEIGHT,
) -> list[Fused]:
    """Order candidates by ``dense_weight * cosine + (1 - dense_weight) * lexical / best lexical``.

    Args:
        lexical: Best first; may be empty.
        dense: Best first, or None before the encoder has answered: then only the lexical share counts.
        cosines: Cosines of the lexical candidates that ``dense`` does not hold. A document without any (its vector
            is still being made) is placed as if its cosine were the mean of the others.
        also: Documents that are candidates though neither ranking found them.
        dense_weight: In [0, 1].

    Returns:
        Every document of the rankings and of ``also`` once, best first; ties by document id.
    """
    best = float(lexical.scores[0]) if len(lexical) else 0.0
    scores = {int(doc_id): float(score) for doc_id, score in zip(lexical.ids, lexical.scores, strict=True)}
    near: dict[int, float] = dict(cosines)
    if dense is not None:
        near |= {int(doc_id): float(score) for doc_id, score in zip(dense.ids, dense.scores, strict=True)}
    usual = sum(near.values()) / len(near) if near else 0.0
    fused = []
    for doc_id in scores.keys() | near.keys() | set(also):
        share = scores.get(doc_id, 0.0) / best if best > 0 else 0.5
        cosine = near.get(doc_id) if dense is not None else None
        score = share
        if dense is not None:
            score = dense_weight * (usual if cosine is None else cosine) + (1 - dense_weight) * share
        fused.append(Fused(doc_id, score, scores.get(doc_id, 0.0), share, cosine))
    return sorted(fused, key=lambda candidate: (-candidate.score, candidate.doc_id))
