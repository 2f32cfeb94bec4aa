"""Words and pieces of words as hashed features, for small linear models over short texts in any language.

The hashing trick of Weinberger et al. (2009): a feature's place is a checksum of it, so no word list is shipped and no
customer's word can be read out of a model. Accents, case, digits and stretched letters ("soooo") do not count.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from assist.signals.cues import without_accents

MAX_CHARS = 1_500
"""So much of a text is looked at piece by piece; feelings are told early or not at all."""
PIECE_LENGTHS = (2, 3, 4, 5)

_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DIGITS = re.compile(r"\d+")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[!?]+|\.{2,}|…|[^\w\s.,:;'\"()/-]")

Floats = NDArray[np.float32]


def tokens(text: str) -> list[str]:
    """Return the words and telling marks of ``text``, levelled: "Soooo späät!!" gives ``so``, ``spaat``, ``!!``."""
    plain = without_accents(text[:MAX_CHARS]).lower().replace("’", "'")
    return _TOKEN.findall(_DIGITS.sub("0", _STRETCHED.sub(r"\1\1", plain)))


def hashed(words: list[str], *, buckets: int) -> tuple[NDArray[np.int64], Floats]:
    """Return (places, values) of a text's words, pairs of words, and pieces of 2 to 5 letters.

    Places are below ``buckets``, each once, ascending; the values of words and of pieces each have length 1, so that
    a long text weighs as much as a short one.
    """
    whole = Counter(f"w {word}" for word in words)
    whole.update(f"w {first} {second}" for first, second in itertools.pairwise(words))
    pieces = Counter(itertools.chain.from_iterable(map(_pieces, words)))
    found: dict[int, float] = {}
    for counts in (whole, pieces):
        damped = {name: 1.0 + float(np.log(count)) if count > 1 else 1.0 for name, count in counts.items()}
        norm = sum(value * value for value in damped.values()) ** 0.5 or 1.0
        for name, value in damped.items():
            place = crc32(name.encode("utf-8", "replace")) % buckets
            found[place] = found.get(place, 0.0) + value / norm
    places = np.array(sorted(found), dtype=np.int64)
    return places, np.array([found[place] for place in places.tolist()], dtype=np.float32)


@lru_cache(maxsize=8_192)
def _pieces(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        padded[start : start + length] for length in PIECE_LENGTHS for start in range(len(padded) - length + 1)
    )
