"""How alike replies are worded: ROUGE-L of many texts against many, fast enough for some thousands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

USABLE = 0.6
"""ROUGE-L from which an agent would rather start from a text than write anew."""
KIN = (0.4, 0.7)
"""Between these two, wordings go from having nothing in common to being the same for most purposes."""
MAX_WORDS = 300

_WORD = re.compile(r"\w+")
_UNKNOWN = "\x00"
_SURROGATES = 0x800


@lru_cache(maxsize=1_024)
def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` in lower case; punctuation does not count. Kept: one answer asks several times."""
    return tuple(_WORD.findall(text.lower()))


def kinship(rouge: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far texts of this ROUGE-L may stand for each other, 0 to 1 (see `KIN`)."""
    low, high = KIN
    return np.asarray(np.clip((rouge - low) / (high - low), 0.0, 1.0), dtype=np.float32)


class Wordings:
    """Texts to compare others with. Each word becomes one character, which rapidfuzz compares in blocks of 64."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._letters: dict[str, str] = {}
        self._coded = [self._code(text, learn=True) for text in texts]

    def __len__(self) -> int:
        return len(self._coded)

    def against(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return ROUGE-L (the F1 of the longest common subsequence of words; Lin, "ROUGE", 2004).

        Args:
            texts: Of each only the first ``MAX_WORDS`` words are read.

        Returns:
            Shape (len(texts), len(self)), in [0, 1]; 0 where a text holds no word.
        """
        if not texts or not self._coded:
            return np.zeros((len(texts), len(self._coded)), dtype=np.float32)
        coded = [self._code(text, learn=False) for text in texts]
        # 2 * LCS / (n + m) is exactly the normalised similarity without substitutions.
        scores = cdist(coded, self._coded, scorer=Indel.normalized_similarity, dtype=np.float32)
        scores[[not text for text in coded]] = 0.0
        return np.asarray(scores, dtype=np.float32)

    def _code(self, text: str, *, learn: bool) -> str:
        return "".join(self._letter(word, learn=learn) for word in words(text)[:MAX_WORDS])

    def _letter(self, word: str, *, learn: bool) -> str:
        letter = self._letters.get(word)
        if letter is None:
            if not learn:
                return _UNKNOWN
            number = len(self._letters) + 1
            letter = self._letters[word] = chr(number if number < 0xD800 else number + _SURROGATES)
        return letter
