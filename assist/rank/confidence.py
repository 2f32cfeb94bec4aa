"""How sure a suggestion is, and the floor below which nothing is shown.

The first honest version: a logistic curve over the cosine and the words in common, fitted by hand on the demo
shop's solved tickets (docs/adr/0007-confidence.md). It orders and it abstains; it is not yet calibrated.
"""

from __future__ import annotations

import math

from assist.rank.fuse import Fused

REPLY_FLOOR = 0.40
ARTICLE_FLOOR = 0.40
STRONG = 0.70


def confidence(candidate: Fused, *, overlap: float) -> float:
    """Return the confidence in [0, 1] that ``candidate`` deals with what the customer asks.

    Args:
        candidate: As fused; without a cosine (before the encoder answered) only words count, and less.
        overlap: Share of the query's weight of words that the document holds, in [0, 1].
    """
    if candidate.cosine is None:
        return _logistic(6.0 * (overlap - 0.55))
    return _logistic(9.0 * (candidate.cosine - 0.52) + 2.5 * (overlap - 0.35))


def word(value: float) -> str:
    """Return how an agent reads a confidence: never a bare number."""
    return "strong match" if value >= STRONG else "good match" if value >= 0.55 else "possible match"


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))
