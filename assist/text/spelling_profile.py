"""Which of five languages a few words are in, by the letters they are made of: where CLD2 has too little to go by.

A naive Bayes over runs of one to four letters of each word with its edges (Cavnar and Trenkle 1994, "N-Gram-Based Text
Categorization", with probabilities instead of ranks). Made by ``python -m assist.training.language``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import resources
from assist.encoders.manifest import checked_bytes, read_manifest

MODEL_NAME = "language"
FILE = "profile.npz"
LONGEST = 4
SPELLED = ("en", "de", "fr", "es", "pt")
_WORD = re.compile(r"[^\W\d_]+")


def runs(text: str) -> Iterator[str]:
    """Yield all runs of one to ``LONGEST`` letters of each word, a blank standing for its edges."""
    for word in _WORD.findall(text.lower()):
        edged = f" {word} "
        for size in range(1, LONGEST + 1):
            for at in range(len(edged) - size + 1):
                if not (run := edged[at : at + size]).isspace():
                    yield run


def by_spelling(text: str) -> tuple[str, float]:
    """Return the likeliest of ``SPELLED`` and its lead over the next, in log odds; 0 where nothing is known.

    Raises:
        ModelError: At first use, if the model file is missing or is not the approved one.
    """
    known = _profile(resources.ROOT / "models")
    scores = np.zeros(len(SPELLED))
    for run in runs(text):
        if (row := known.get(run)) is not None:
            scores += row
    first, second = np.argsort(-scores, kind="stable")[:2]
    return SPELLED[first], float(scores[first] - scores[second])


@cache
def _profile(models_folder: Path) -> dict[str, NDArray[np.float32]]:
    model = read_manifest(models_folder / "manifest.toml")[MODEL_NAME]
    with np.load(io.BytesIO(checked_bytes(model, FILE)), allow_pickle=False) as file:
        known = file["runs"].tobytes().decode("utf-8").split("\n")
        return dict(zip(known, file["log_odds"].astype(np.float32), strict=True))
