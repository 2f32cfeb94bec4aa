"""Make the shipped mood model from the project's own labelled messages: ``python -m assist.training.mood``.

Needs the extra ``train`` (scikit-learn). Run it again whenever an encoder, the cues or the messages change; it writes
``resources/models/mood/model.npz`` and its hash into the manifest. ``--check`` prints the figures of a five-fold
cross-validation instead, which is what choices are made by.

Each message counts twice: once as it is, once without the concepts that only this message taught (words that no other
message of the file holds). Otherwise the model would trust the concept lists as if they knew every word that
customers will use, and learn little from the words themselves.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resources
from assist.context import Turn
from assist.domain import Role
from assist.encoders import minilm, multilingual
from assist.ports import Encoder
from assist.signals.mood import heard
from assist.signals.phrases import spoken
from assist.signals.tone import (
    FILE,
    FLAGGED,
    MODEL_NAME,
    VECTOR_SCALE,
    Tone,
    Weights,
    beginning,
    features,
    features_size,
    matched,
)
from assist.training.approve import approve

FOLDS = 5
RIDGE = 1.0
"""scikit-learn's C."""
FLAG_RIDGE = 3.0
TRAIN_FILES = ("train.jsonl", "polite.jsonl")

Matrix = Any
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with its level, -2 to 2, and what else it says."""

    text: str
    language: str
    level: int
    wants_human: bool = False
    urgent: bool = False


def read(folder: Path) -> list[Labelled]:
    lines = [line for name in TRAIN_FILES for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Labelled(row["text"], row["language"], row["level"], row.get("wants_human", False), row.get("urgent", False))
        for row in rows
    ]


def turn(text: str) -> Turn:
    return Turn(0, "", Role.CUSTOMER, public=True, at=datetime(2026, 1, 1, tzinfo=UTC), text=text)


def known_once(messages: Sequence[Labelled]) -> list[set[tuple[str, str]]]:
    """Return for each message what concepts match in it and in no other message."""
    found = [matched(spoken(message.text, message_id=0)) for message in messages]
    count = Counter(match for matches in found for match in matches)
    return [{match for match in matches if count[match] == 1} for matches in found]


def table(messages: Sequence[Labelled], withheld: Sequence[Collection[tuple[str, str]]] | None = None) -> Matrix:
    """Return the features of all messages as a sparse matrix of shape (n, `features_size`)."""
    from scipy.sparse import csr_matrix

    indices, values, ends = [], [], [0]
    for number, message in enumerate(messages):
        places, weights = features(heard(turn(message.text))[1], withheld=withheld[number] if withheld else ())
        indices.append(places)
        values.append(weights)
        ends.append(ends[-1] + len(places))
    shape = (len(messages), features_size())
    return csr_matrix((np.concatenate(values), np.concatenate(indices), ends), shape=shape)


def vectors_of(messages: Sequence[Labelled], encoder: Encoder) -> Floats:
    return np.asarray(encoder.encode([beginning(message.text) for message in messages]), dtype=np.float64)


def fit(
    whole: Matrix, partly: Matrix, levels: NDArray[np.int64], rows: NDArray[np.int64], *, ridge: float = RIDGE
) -> NDArray[np.float32]:
    """Return weights from the given rows of both tables, the constant last.

    Shape (classes, features + 1), or (1, features + 1) for two classes.
    """
    from scipy.sparse import vstack
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=ridge, max_iter=1_000)
    twice = np.concatenate([levels[rows], levels[rows]])
    model.fit(vstack([whole[rows], partly[rows]]).tocsr(), twice, sample_weight=np.full(len(twice), 0.5))
    return np.column_stack([model.coef_, model.intercept_]).astype(np.float32)


def with_vectors(features_: Matrix, vectors: Floats) -> Matrix:
    from scipy.sparse import csr_matrix, hstack

    return hstack([features_, csr_matrix(VECTOR_SCALE * vectors)]).tocsr()


def groups(messages: Sequence[Labelled]) -> list[str]:
    """Return the same label for messages that may be translations of each other: they share their place."""
    seen: Counter[str] = Counter()
    labels = []
    for message in messages:
        own = f"en {seen['en']}" if message.language == "en" else str(seen[message.language])
        seen[message.language] += 1
        labels.append(own)
    return labels


def cross_validated(whole: Matrix, partly: Matrix, levels: NDArray[np.int64], by: Sequence[str]) -> Floats:
    """Return predicted levels (2, n): with all concepts, and without those that only the message itself taught."""
    from sklearn.model_selection import GroupKFold

    found = np.zeros((2, len(levels)))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=1).split(whole, levels, by):
        weights = fit(whole, partly, levels, train)
        for number, seen in enumerate((whole, partly)):
            scores = seen[test] @ weights[:, :-1].T + weights[:, -1]
            found[number, test] = np.asarray(scores).argmax(axis=1) - 2
    return found


def check(messages: Sequence[Labelled], encoders: Sequence[Encoder]) -> list[str]:
    """Return lines of cross-validated accuracy and mean error, without and with vectors."""
    levels = np.array([message.level for message in messages])
    whole, partly, by = table(messages), table(messages, known_once(messages)), groups(messages)
    lines = []
    for encoder in (None, *encoders):
        tables, name = (whole, partly), "words"
        if encoder is not None:
            vectors = vectors_of(messages, encoder)
            tables, name = (with_vectors(whole, vectors), with_vectors(partly, vectors)), encoder.name
        if encoder is not None:
            lines += [f"{name}: {line}" for line in check_flags(messages, tables, by)]
        for seen, predicted in zip(("all concepts", "no own words"), cross_validated(*tables, levels, by), strict=True):
            right, off = np.mean(predicted == levels), np.mean(np.abs(predicted - levels))
            lines.append(f"{name}, {seen}: accuracy {right:.3f}, mean error {off:.3f}")
    return lines


def check_flags(messages: Sequence[Labelled], tables: tuple[Matrix, Matrix], by: Sequence[str]) -> Iterator[str]:
    """Yield precision and recall of what the model alone flags, without what only the message itself taught."""
    from sklearn.model_selection import GroupKFold

    for name, labels in zip(("wish for a person", "urgency"), flags_of(messages), strict=True):
        flagged = np.zeros(len(labels), dtype=bool)
        for train_, test in GroupKFold(FOLDS, shuffle=True, random_state=1).split(tables[0], labels, by):
            weights = fit(*tables, labels, train_, ridge=FLAG_RIDGE)
            scores = np.asarray(tables[1][test] @ weights[:, :-1].T + weights[:, -1])[:, 0]
            flagged[test] = 1.0 / (1.0 + np.exp(-scores)) >= FLAGGED
        right = (flagged & (labels == 1)).sum()
        yield f"{name}: precision {right / max(flagged.sum(), 1):.3f}, recall {right / labels.sum():.3f}"


def train(messages: Sequence[Labelled], encoders: Sequence[Encoder]) -> Tone:
    levels = np.array([message.level for message in messages])
    rows = np.arange(len(messages))
    whole, partly = table(messages), table(messages, known_once(messages))
    weights = {"": Weights(fit(whole, partly, levels, rows))}
    for encoder in encoders:
        vectors = vectors_of(messages, encoder)
        both = with_vectors(whole, vectors), with_vectors(partly, vectors)
        flags = [fit(*both, labels, rows, ridge=FLAG_RIDGE) for labels in flags_of(messages)]
        weights[encoder.name] = Weights(fit(*both, levels, rows), np.concatenate(flags))
    return Tone(weights)


def flags_of(messages: Sequence[Labelled]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the labels of the wish for a person and of urgency, each of shape (n,)."""
    human, urgent = zip(*((message.wants_human, message.urgent) for message in messages), strict=True)
    return np.array(human, dtype=np.int64), np.array(urgent, dtype=np.int64)


def save(tone: Tone, models: Path) -> str:
    """Write the model, put its hash into the manifest, and return the hash."""
    path = models / MODEL_NAME / FILE
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **tone.arrays())
    return approve(models, MODEL_NAME, (FILE,))[FILE]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true", help="cross-validate only, write nothing")
    chosen = options.parse_args()
    messages = read(resources.ROOT / "training" / "mood")
    models = resources.ROOT / "models"
    encoders: list[Encoder] = [minilm.load(models, threads=1), multilingual.load(models)]
    if chosen.check:
        sys.stdout.write("\n".join(check(messages, encoders)) + "\n")
        return
    tone = train(messages, encoders)
    sys.stdout.write(f"{save(tone, models)}\n")


if __name__ == "__main__":
    main()
