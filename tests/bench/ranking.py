"""How good a ranking is, with one right document for each query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Quality:
    """Shares of queries with the right document first or among five, and the mean of 1 / its rank (0 beyond ten)."""

    recall_1: float
    recall_5: float
    mrr: float
    half_width: float
    """Of the 95% interval of ``mrr``, by the normal approximation."""


def quality(rankings: Sequence[Sequence[int]], gold: Sequence[int]) -> Quality:
    ranks = [
        next((at for at, doc in enumerate(found[:10], 1) if doc == right), 0)
        for found, right in zip(rankings, gold, strict=True)
    ]
    found = np.array(ranks)
    reciprocal = np.where(found > 0, 1 / np.maximum(found, 1), 0.0)
    return Quality(
        recall_1=float(np.mean(found == 1)),
        recall_5=float(np.mean((found > 0) & (found <= 5))),
        mrr=float(np.mean(reciprocal)),
        half_width=float(1.96 * np.std(reciprocal) / np.sqrt(len(found))),
    )
