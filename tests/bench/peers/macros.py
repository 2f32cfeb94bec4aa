"""Peers that choose a macro or none: TF-IDF + logistic regression, MiniLM's nearest example, SetFit.

The threshold for "none" comes from the examples only, which hold no message that nothing fits: a quarter of the
macros at a time plays the unknown, together with a fifth of the examples of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.peers.cases import Row
from tests.bench.peers.encoder import Encoder
from tests.bench.statistics import matthews

PARTS = 4
SEED = 20261123
SETFIT_EXAMPLES = 8
SETFIT_STEPS = 80
SETFIT_BATCH = 16
"""Few-shot as SetFit is meant: 8 examples a macro; about two minutes on two cores."""
Judge = Callable[[Sequence[str]], tuple[NDArray[np.str_], NDArray[np.float64]]]
"""Takes messages, returns the likeliest macro of each and how sure it is."""
Learner = Callable[[Sequence[str], Sequence[str]], Judge]


def run(rows: Sequence[Row], encoder: Encoder, **_: Any) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Yield (peer's name, what makes its cases)."""
    examples = [row for row in rows if row["type"] == "example"]
    texts, labels = [row["text"] for row in examples], [row["macro"] for row in examples]
    messages = [row for row in rows if row["type"] == "message"]

    def judged(learner: Learner) -> list[Row]:
        threshold = threshold_from(texts, labels, learner)
        found, sure = learner(texts, labels)([row["text"] for row in messages])
        return [
            {"id": row["id"], "gold": row["macro"], "predicted": str(macro) if score >= threshold else None}
            for row, macro, score in zip(messages, found, sure, strict=True)
        ]

    yield "TF-IDF + logistic regression", lambda: judged(_tfidf)
    yield "MiniLM nearest example", lambda: judged(_nearest(encoder.encode))
    yield "MiniLM + logistic regression", lambda: judged(_head(encoder.encode))
    yield "SetFit (8 examples a macro)", lambda: judged(_head(_setfit_body(texts, labels)))


def threshold_from(texts: Sequence[str], labels: Sequence[str], learner: Learner) -> float:
    """Return the threshold with the best Matthews correlation where parts of the macros are unknown."""
    rng = np.random.default_rng(SEED)
    macros = np.array(sorted(set(labels)))
    part_of = dict(zip(rng.permutation(macros).tolist(), np.arange(len(macros)) % PARTS, strict=True))
    held = rng.random(len(texts)) < 0.2
    gold, found, sure = [], [], []
    for part in range(PARTS):
        unknown = np.array([part_of[label] == part for label in labels])
        learn, ask = np.flatnonzero(~unknown & ~held), np.flatnonzero(unknown | held)
        judge = learner([texts[at] for at in learn], [labels[at] for at in learn])
        likeliest, score = judge([texts[at] for at in ask])
        gold += ["" if unknown[at] else labels[at] for at in ask]
        found += likeliest.tolist()
        sure += score.tolist()
    scores = np.array(sure)
    candidates = np.quantile(scores, np.linspace(0, 0.95, 96))
    values = [matthews(np.array(gold), np.where(scores >= cut, found, "")) for cut in candidates]
    return float(candidates[int(np.argmax(values))])


def _tfidf(texts: Sequence[str], labels: Sequence[str]) -> Judge:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=1_000)
    )
    return _judge_of(model.fit(list(texts), list(labels)), list)


def _head(encode: Callable[[Sequence[str]], NDArray[np.float32]]) -> Learner:
    from sklearn.linear_model import LogisticRegression

    def learn(texts: Sequence[str], labels: Sequence[str]) -> Judge:
        return _judge_of(LogisticRegression(C=10, max_iter=1_000).fit(encode(texts), list(labels)), encode)

    return learn


def _judge_of(model: Any, features: Callable[[Sequence[str]], Any]) -> Judge:
    def judge(texts: Sequence[str]) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
        chances = model.predict_proba(features(texts))
        return model.classes_[chances.argmax(axis=1)], chances.max(axis=1)

    return judge


def _nearest(encode: Callable[[Sequence[str]], NDArray[np.float32]]) -> Learner:
    def learn(texts: Sequence[str], labels: Sequence[str]) -> Judge:
        known, names = encode(texts), np.array(labels)

        def judge(messages: Sequence[str]) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
            cosines = encode(messages) @ known.T
            return names[cosines.argmax(axis=1)], cosines.max(axis=1).astype(np.float64)

        return judge

    return learn


def _setfit_body(texts: Sequence[str], labels: Sequence[str]) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """Fine-tune MiniLM on contrastive pairs of few examples with the setfit package; return its encoder.

    The heads (also those of the threshold) are then logistic regressions over all examples.
    """
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    from tests.bench.peers.encoder import weights

    rng = np.random.default_rng(SEED)
    names = np.array(labels)
    few = [
        at for name in sorted(set(labels)) for at in rng.permutation(np.flatnonzero(names == name))[:SETFIT_EXAMPLES]
    ]
    model = SetFitModel.from_pretrained(str(weights()))
    arguments = TrainingArguments(
        batch_size=SETFIT_BATCH,
        max_steps=SETFIT_STEPS,
        seed=SEED % 2**31,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        show_progress_bar=False,
    )
    data = Dataset.from_dict({"text": [texts[at] for at in few], "label": [labels[at] for at in few]})
    trainer = Trainer(model=model, args=arguments, train_dataset=data)
    trainer.train_embeddings(data["text"], data["label"], args=arguments)
    known: dict[str, NDArray[np.float32]] = {}

    def encode(wanted: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(wanted) if text not in known]
        if new:
            made = model.model_body.encode(new, normalize_embeddings=True, show_progress_bar=False)
            known.update(zip(new, made, strict=True))
        return np.stack([known[text] for text in wanted])

    return encode
