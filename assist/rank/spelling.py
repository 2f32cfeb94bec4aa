"""Texts that are written alike: character n-grams, so that "resheduel" is near "reschedule"."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SIZES = (2, 3, 4)
MAX_CHARS = 600
"""Of a longer text only this much is compared; what it is about is said by then."""
_WORD = re.compile(r"\w+")


class SpellingIndex:
    """TF-IDF over the character n-grams of a few thousand short texts; never changed after it is made."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [_grams(text) for text in texts]
        seen = Counter(gram for count in counts for gram in count)
        self._size = len(texts)
        self._rarity = {gram: math.log((1 + self._size) / (1 + n)) + 1.0 for gram, n in seen.items()}
        self._unseen = math.log(1 + self._size) + 1.0
        rows: defaultdict[str, list[int]] = defaultdict(list)
        weights: defaultdict[str, list[float]] = defaultdict(list)
        for row, count in enumerate(counts):
            for gram, weight in self._unit(count).items():
                rows[gram].append(row)
                weights[gram].append(weight)
        self._rows = {gram: np.array(found, dtype=np.int64) for gram, found in rows.items()}
        self._weights = {gram: np.array(found) for gram, found in weights.items()}

    def similarities(self, text: str) -> Floats:
        """Return the cosine of ``text`` with every text, shape (texts,), in [0, 1]."""
        found = [(gram, weight) for gram, weight in self._unit(_grams(text)).items() if gram in self._rows]
        if not found:
            return np.zeros(self._size)
        shares = np.concatenate([self._weights[gram] * weight for gram, weight in found])
        rows = np.concatenate([self._rows[gram] for gram, _ in found])
        return np.asarray(np.bincount(rows, weights=shares, minlength=self._size), dtype=np.float64)

    def _unit(self, count: Counter[str]) -> dict[str, float]:
        weights = {gram: (1.0 + math.log(n)) * self._rarity.get(gram, self._unseen) for gram, n in count.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {gram: weight / length for gram, weight in weights.items()}


def _grams(text: str) -> Counter[str]:
    padded = [f" {word} " for word in _WORD.findall(text[:MAX_CHARS].lower())]
    return Counter([word[at : at + size] for word in padded for size in SIZES for at in range(len(word) - size + 1)])
