"""Words and pieces of words as hashed features, for small linear models over short texts in any language.

The hashing trick of Weinberger et al. (2009): a feature's place is a checksum of it, so no word list is shipped and no
customer's word can be read out of a model. Accents, case, digits and stretched letters ("soooo") do not count.
"""

from __future__ import annotations

import itertools
import re
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
    if not words:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    pairs = [_checksum(f"{first} {second}") for first, second in itertools.pairwise(words)]
    whole = np.array([*map(_checksum, words), *pairs], dtype=np.int64)
    pieces = np.concatenate([_pieces(word) for word in words])
    found, weights = zip(*map(_damped, (whole, pieces)), strict=True)
    places, where = np.unique(np.concatenate(found) % buckets, return_inverse=True)
    return places, np.bincount(where, np.concatenate(weights)).astype(np.float32)


def _damped(checksums: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return what there is, each once, and weights of length 1 that grow with the logarithm of how often."""
    found, counts = np.unique(checksums, return_counts=True)
    weights = 1.0 + np.log(counts)
    return found, weights / np.sqrt(weights @ weights)


@lru_cache(maxsize=16_384)
def _checksum(words: str) -> int:
    return crc32(f"w {words}".encode("utf-8", "replace"))


@lru_cache(maxsize=8_192)
def _pieces(word: str) -> NDArray[np.int64]:
    """Return the checksums of the pieces of a word, remembered: most of the time went into them."""
    padded = f" {word} "
    pieces = (padded[start : start + length] for length in PIECE_LENGTHS for start in range(len(padded) - length + 1))
    return np.array([crc32(piece.encode("utf-8", "replace")) for piece in pieces], dtype=np.int64)
