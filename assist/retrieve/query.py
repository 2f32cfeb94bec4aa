"""What is searched for, and what came out: values that both backends share, without their libraries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.domain import AccountId, SourceKind
from assist.ports import Vectors

CollectionKey = tuple[AccountId, SourceKind]


@dataclass(frozen=True, slots=True)
class Query:
    """``vector`` is a unit row of shape (dimension,), or None before the encoder has answered. ``also`` are documents
    that are candidates whatever the search finds."""

    words: Counter[str]
    vector: Vectors | None
    also: tuple[int, ...] = ()
    other: Vectors | None = None
    """The same question by the second encoder, which is then asked instead (`assist.engine.languages`)."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents best first: ``ids`` int64 and ``scores`` float32, both of shape (n,)."""

    ids: NDArray[np.int64]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)


EMPTY = Ranking(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
