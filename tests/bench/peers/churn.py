"""Peers that tell who is leaving: keywords, TF-IDF + logistic regression (raw, target marked), MiniLM + the same.

They learn on the set itself in five folds grouped by text: the same text may stand there once for each brand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.peers.cases import Row
from tests.bench.peers.encoder import Encoder

FOLDS = 5
LEAVING = re.compile(
    r"\b(leav(e|ing)|left|switch(ed|ing)?|cancel\w*|quit\w*|terminat\w*|chang(e|ing) (my )?(provider|operator|carrier)"
    r"|mov(e|ed|ing) to|good ?bye|bye|fed up|done with|get(ting)? rid of|unsubscrib\w*)\b",
    re.IGNORECASE,
)
Features = Callable[[Sequence[Row], Sequence[Row]], tuple[Any, Any]]
"""Takes what is learned from and what is judged; returns a matrix for each."""


def run(
    rows: Sequence[Row], encoder: Encoder, *, learned: Sequence[Row], **_: Any
) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Yield (peer's name, what makes its cases)."""
    yield "keyword rule", lambda: _cases(rows, [float(bool(LEAVING.search(row["text"]))) for row in rows])
    features = {
        "TF-IDF + logistic regression": _tfidf(lambda row: row["text"]),
        "TF-IDF + logistic regression, target marked": _tfidf(marked),
        "MiniLM + logistic regression": lambda learn, ask: (_vectors(learn, encoder), _vectors(ask, encoder)),
    }
    for name, made in features.items():
        yield f"{name}, folds", lambda made=made: _cases(rows, _in_folds(rows, made))
        if learned:
            yield f"{name}, own text", lambda made=made: _cases(rows, _learned(learned, rows, made))


def marked(row: Row) -> str:
    """Return the text with the target brand exchanged for one word that is the same for all brands."""
    target = row.get("target") or ""
    return re.sub(re.escape(target), " targetbrand ", row["text"], flags=re.IGNORECASE) if target else row["text"]


def _tfidf(text_of: Callable[[Row], str]) -> Features:
    from sklearn.feature_extraction.text import TfidfVectorizer

    def features(learn: Sequence[Row], ask: Sequence[Row]) -> tuple[Any, Any]:
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        return vectorizer.fit_transform([text_of(row) for row in learn]), vectorizer.transform(
            [text_of(row) for row in ask]
        )

    return features


def _vectors(rows: Sequence[Row], encoder: Encoder) -> NDArray[np.float32]:
    return encoder.encode([row["text"] for row in rows])


def _in_folds(rows: Sequence[Row], features: Features) -> list[float]:
    from sklearn.model_selection import GroupKFold

    chances = np.zeros(len(rows))
    labels = [row["label"] for row in rows]
    for learn, ask in GroupKFold(FOLDS).split(np.zeros(len(rows)), labels, [row["text"] for row in rows]):
        chances[ask] = _learned([rows[at] for at in learn], [rows[at] for at in ask], features)
    return chances.tolist()


def _learned(learn: Sequence[Row], ask: Sequence[Row], features: Features) -> list[float]:
    from sklearn.linear_model import LogisticRegression

    known, asked = features(learn, ask)
    model = LogisticRegression(C=10, max_iter=1_000, class_weight="balanced")
    model.fit(known, [row["label"] for row in learn])
    chances: list[float] = model.predict_proba(asked)[:, 1].tolist()
    return chances


def _cases(rows: Sequence[Row], chances: Sequence[float]) -> list[Row]:
    return [
        {"id": at, "text": row["text"], "label": row["label"], "predicted": int(chance >= 0.5), "probability": chance}
        for at, (row, chance) in enumerate(zip(rows, chances, strict=True))
    ]
