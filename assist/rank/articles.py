"""Which passage answers: a few readable measures of one passage, a learned weight for each, and how sure that makes us.

The measures work for every knowledge base alike. ``coverage`` carries the fusion: words count by how much of the
question's own weight of rare words the passage holds, not by their rank, so a question in the articles' terms is
decided by words and one in the customer's own terms by meaning (docs/adr/0006-fusion.md). The weights were learned on
knowledge bases written for this project (``python -m assist.training.articles`` prints them anew).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ARTICLE_FLOOR = 0.40
MAX_VOTES = 20
"""Beyond this many helpful votes, up or down, more say nothing new."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of one passage and one question. ``cosine`` is None before the encoder has answered."""

    cosine: float | None
    lexical_share: float
    """BM25 over the best BM25 of this question, in [0, 1]."""
    coverage: float
    """Share of the question's weight of telling words that the passage holds, in [0, 1]."""
    title_coverage: float
    """The same for the heading path alone."""
    named: float
    """How much the conversation names what the article is about, in [0, 1]; see `assist.retrieve.scopes`."""
    same_language: bool = True
    votes: int = 0
    years: float = 0.0
    """Since the article was last changed."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a linear utility in log-odds, and of the confidence that is made from it."""

    cosine: float
    lexical_share: float
    coverage: float
    title_coverage: float
    named: float
    other_language: float
    votes: float
    years: float
    nothing: float
    """Utility of an article that has nothing to do with the question: the rival that is always there."""
    least: float
    """A lower utility is no answer, whatever its lead: of such articles of the training texts, three in ten were."""
    sure_bias: float
    sure_utility: float
    sure_lead: float
    sure_coverage: float


REFINED = Weights(
    cosine=18.81,
    lexical_share=0.1,
    coverage=4.59,
    title_coverage=0.63,
    named=12.0,
    other_language=3.0,
    votes=0.3,
    years=-0.05,
    nothing=4.0,
    least=7.0,
    sure_bias=-3.083,
    sure_utility=0.236,
    sure_lead=0.797,
    sure_coverage=-0.854,
)
"""With meaning."""
BY_WORDS = Weights(
    cosine=0.0,
    lexical_share=0.83,
    coverage=6.13,
    title_coverage=5.42,
    named=6.0,
    other_language=3.0,
    votes=0.3,
    years=-0.05,
    nothing=1.0,
    least=3.0,
    sure_bias=-2.76,
    sure_utility=0.221,
    sure_lead=0.625,
    sure_coverage=0.802,
)
"""Before the encoder has answered, and without the engine."""


def utility(measures: Measures, *, cosine: float | None = None) -> float:
    """Return the passage's utility in log-odds; comparable within one question only.

    Args:
        measures: Of the passage.
        cosine: Stands in for a passage whose vector is still being made; ignored otherwise.
    """
    near = measures.cosine if measures.cosine is not None else cosine
    weights = BY_WORDS if near is None else REFINED
    votes = max(min(measures.votes, MAX_VOTES), -MAX_VOTES)
    return (
        weights.cosine * (near or 0.0)
        + weights.lexical_share * measures.lexical_share
        + weights.coverage * measures.coverage
        + weights.title_coverage * measures.title_coverage
        + weights.named * measures.named
        - weights.other_language * (not measures.same_language)
        + weights.votes * math.copysign(math.log1p(abs(votes)), votes)
        + weights.years * min(measures.years, 5.0)
    )


def confidences(utilities: Sequence[float], measures: Sequence[Measures]) -> list[float]:
    """Return for each article how likely it answers, in [0, 1].

    An article is sure by what it holds itself (its utility) and by its lead over the best other one: where several
    are equally near, none is sure, but none is ruled out either.

    Args:
        utilities: Of the best passage of each article, best first.
        measures: Of the same passages.
    """
    # As in `utility`: passages whose vectors are still being made are judged as if they had the usual one.
    weights = BY_WORDS if all(one.cosine is None for one in measures) else REFINED
    alone = [value - weights.named * own.named for value, own in zip(utilities, measures, strict=True)]
    leads, own_leads = _leads(utilities, weights.nothing), _leads(alone, weights.nothing)
    return [
        LEAST_SURE * (value < weights.least)
        or _logistic(
            weights.sure_bias
            + weights.sure_utility * value
            + weights.sure_lead * _lead(lead, own_lead)
            + weights.sure_coverage * own.coverage
        )
        for value, lead, own_lead, own in zip(alone, leads, own_leads, measures, strict=True)
    ]


def _leads(utilities: Sequence[float], nothing: float) -> list[float]:
    """Return how far each is ahead of the best other one, or of nothing at all."""
    best, second = sorted((*utilities, nothing, nothing), reverse=True)[:2]
    return [value - (second if value == best else best) for value in utilities]


def _lead(lead: float, own_lead: float) -> float:
    """Bound a lead. Being named chooses between articles that are equally near; it makes none of them an answer."""
    if lead > own_lead:
        lead = max(own_lead, min(lead, NAMED_LEAD))
    return max(min(lead, MAX_LEAD), -MAX_LEAD)


MAX_LEAD = 4.0
"""In log-odds; a longer lead makes no surer."""
LEAST_SURE = 0.2
"""The confidence of articles below `Weights.least`."""
NAMED_LEAD = 1.0
"""The longest lead that an article can owe to being named."""


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(min(x, 60.0), -60.0)))
