"""Peers that tell the mood in five levels: VADER, and TF-IDF + logistic regression learned on GoEmotions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.bench.peers.cases import Row
from tests.bench.peers.encoder import Encoder

BOUNDS = (-0.6, -0.05, 0.05, 0.6)
"""VADER's own bounds of neutral are ±0.05; ±0.6 halves what is beyond them."""


def run(
    rows: Sequence[Row], encoder: Encoder, *, learned: Sequence[Row], **_: Any
) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Yield (peer's name, what makes its cases)."""
    texts = [row["text"] for row in rows]
    yield "VADER", lambda: _cases(rows, _vader(texts))
    if learned:
        yield "TF-IDF + logistic regression (GoEmotions)", lambda: _cases(rows, _tfidf(learned, texts))


def _vader(texts: Sequence[str]) -> list[int]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return [level_of(analyzer.polarity_scores(text)["compound"]) for text in texts]


def level_of(compound: float) -> int:
    """Return -2 to 2 for VADER's compound score of -1 to 1."""
    low, calm_from, calm_to, high = BOUNDS
    if compound <= calm_from:
        return -2 if compound <= low else -1
    if compound >= calm_to:
        return 2 if compound >= high else 1
    return 0


def _tfidf(learned: Sequence[Row], texts: Sequence[str]) -> list[int]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True),
        LogisticRegression(C=2, max_iter=300, class_weight="balanced"),
    )
    model.fit([row["text"] for row in learned], [row["level"] for row in learned])
    return [int(level) for level in model.predict(list(texts))]


def _cases(rows: Sequence[Row], levels: Sequence[int]) -> list[Row]:
    return [
        {"id": at, "level": row["level"], "predicted": level}
        for at, (row, level) in enumerate(zip(rows, levels, strict=True))
    ]
