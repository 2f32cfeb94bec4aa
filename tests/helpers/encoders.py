"""An encoder for tests: words to buckets by hash, so that texts that share words are near. No model file needed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

from assist.ports import Vectors

_WORD = re.compile(r"\w+")


class HashingEncoder:
    def __init__(self, dimension: int = 384, *, name: str = "hashing@1") -> None:
        self.name = name
        self.dimension = dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()) or list(text.strip()):
                vectors[row, zlib.crc32(word.encode("utf-8", "replace")) % self.dimension] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1)
