"""How sure a suggestion is, and the floor below which nothing is shown.

The first honest version: a logistic curve over a few measures of one candidate. Its weights were fitted on the demo
shop (its open tickets with the articles an agent would want, its solved tickets with the replies that were sent) and
rounded (docs/adr/0007-confidence.md). It orders and it abstains; it is not yet calibrated.
"""

from __future__ import annotations

import math

from assist.rank.fuse import Fused

REPLY_FLOOR = 0.40
ARTICLE_FLOOR = 0.40
STRONG = 0.70

_COSINE = 8.0
_OVERLAP = 2.0
_SHARE = 1.5
_SAME_LANGUAGE = 1.6
_NOT_ENGLISH = 0.9
"""The shipped encoder learned from English text; its cosines between texts of another language run this much lower."""
_BIAS = -7.5


def confidence(candidate: Fused, *, overlap: float, same_language: bool = True, english: bool = True) -> float:
    """Return the confidence in [0, 1] that ``candidate`` deals with what the customer asks.

    Args:
        candidate: As fused; without a cosine (before the encoder answered) only words count, and less.
        overlap: How much of the query's weight of words the document holds, in [0, 1); see `word_score`.
        same_language: Whether the document is in the customer's language, or says not which it is in.
        english: Whether the customer writes English.
    """
    words = _OVERLAP * overlap + _SHARE * candidate.lexical_share + _SAME_LANGUAGE * same_language
    if candidate.cosine is None:
        # What the cosine of a document that shares the words usually is: little, so that few are shown early.
        return _logistic(_BIAS + words + _COSINE * (0.25 + 0.6 * overlap))
    return _logistic(_BIAS + words + _COSINE * candidate.cosine + _NOT_ENGLISH * (not english))


def word(value: float) -> str:
    """Return how an agent reads a confidence: never a bare number."""
    return "strong match" if value >= STRONG else "good match" if value >= 0.55 else "possible match"


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))
