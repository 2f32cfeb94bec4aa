"""Make the shipped model of reply stages: ``python -m assist.training.stage``, with ``--check`` cross-validate only.

Like `assist.training.mood`, which says why each text counts twice, and with the same tools.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import resources
from assist.rank.stage import FILE, MODEL_NAME, STEPS, StepModel, features, features_size, matched
from assist.signals.phrases import spoken
from assist.training.approve import approve
from assist.training.mood import FOLDS, Matrix, fit


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text of an agent with the place of its step in `STEPS`."""

    text: str
    language: str
    step: int


def read(path: Path) -> list[Labelled]:
    names = [step.value for step in STEPS]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Labelled(row["text"], row["language"], names.index(row["stage"])) for row in rows]


def known_once(texts: Sequence[Labelled]) -> list[set[tuple[str, str]]]:
    found = [matched(spoken(one.text, message_id=None)) for one in texts]
    count = Counter(match for matches in found for match in matches)
    return [{match for match in matches if count[match] == 1} for matches in found]


def table(texts: Sequence[Labelled], withheld: Sequence[Collection[tuple[str, str]]] | None = None) -> Matrix:
    """Return a sparse matrix of shape (n, `features_size`)."""
    from scipy.sparse import csr_matrix

    rows = [
        features(spoken(one.text, message_id=None), withheld=withheld[number] if withheld else ())
        for number, one in enumerate(texts)
    ]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    values, places = np.concatenate([v for _, v in rows]), np.concatenate([p for p, _ in rows])
    return csr_matrix((values, places, ends), shape=(len(texts), features_size()))


def check(texts: Sequence[Labelled]) -> list[str]:
    """Return the cross-validated accuracy with all concepts, and without those that only the text itself taught."""
    from sklearn.model_selection import KFold

    steps = np.array([one.step for one in texts])
    tables = table(texts), table(texts, known_once(texts))
    right = np.zeros((2, len(texts)))
    for train, test in KFold(FOLDS, shuffle=True, random_state=1).split(steps):
        weights = fit(*tables, steps, train)
        for number, seen in enumerate(tables):
            found = np.asarray(seen[test] @ weights[:, :-1].T + weights[:, -1]).argmax(axis=1)
            right[number, test] = found == steps[test]
    return [f"all concepts: {right[0].mean():.3f}", f"no own words: {right[1].mean():.3f}"]


def save(weights: NDArray[np.float32], models: Path) -> str:
    """Write the model, put its hash into the manifest, and return the hash."""
    path = models / MODEL_NAME / FILE
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, weights=weights.astype(np.float16))
    return approve(models, MODEL_NAME, (FILE,))[FILE]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true", help="cross-validate only, write nothing")
    texts = read(resources.ROOT / "training" / "stage" / "train.jsonl")
    if options.parse_args().check:
        sys.stdout.write("\n".join(check(texts)) + "\n")
        return
    steps = np.array([one.step for one in texts])
    weights = fit(table(texts), table(texts, known_once(texts)), steps, np.arange(len(texts)))
    sys.stdout.write(f"{save(StepModel(weights).weights, resources.ROOT / 'models')}\n")


if __name__ == "__main__":
    main()
