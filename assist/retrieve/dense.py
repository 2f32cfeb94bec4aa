"""Exact cosine search over 8-bit vectors, through faiss.

Exact search answers in 3 ms at 100,000 vectors on two cores and in 30 ms at a million, so nothing approximate is
needed (docs/adr/0005-dense-search.md, docs/adr/0012-start-and-a-million.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from assist.ports import Vectors
from assist.retrieve.query import EMPTY, Ranking
from assist.retrieve.tidy import tidied

# One query is not split over threads anyway; on a busy machine they only cost (ADR 0005).
faiss.omp_set_num_threads(1)

MOST_ROWS = 1 << 16
_RANGE = 0.3
"""Coordinates of unit vectors of 384 dimensions lie within this; larger ones are clipped by the quantiser.

A fixed range instead of a trained one, so that vectors can be added one by one from the first on."""


@dataclass(frozen=True, eq=False)
class Block:
    """Vectors of some documents, never changed: ``ids`` (n,) int64, rising; ``codes`` (n, dimension) uint8."""

    ids: NDArray[np.int64]
    index: Any = field(repr=False)
    uid: int = field(default_factory=lambda: secrets.randbits(62))
    """Names these contents; a block that was changed is another one."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def codes(self) -> NDArray[np.uint8]:
        """A view: valid as long as this block is held."""
        view = faiss.rev_swig_ptr(self.index.codes.data(), self.index.codes.size())
        return np.asarray(view, dtype=np.uint8).reshape(len(self.ids), -1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `restored` makes the same block of."""
        return {"ids": self.ids, "codes": self.codes}

    def without(self, gone: NDArray[np.bool_]) -> Block:
        """Return this block without the rows where ``gone`` (n,) is true; one must stay."""
        return _block(self.ids[~gone], self.codes[~gone])

    def rows_of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each of ``ids``, -1 where it is not here."""
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[at] == ids, at, -1)


class DenseIndex:
    """An incremental cosine index. One thread adds and removes; searching may run beside it and never waits."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._blocks: tuple[Block, ...] = ()

    def __len__(self) -> int:
        return sum(len(block) for block in self._blocks)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What the index is made of, to be kept; see `put_back`."""
        return self._blocks

    @property
    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all vectors, rising."""
        return np.sort(np.concatenate([EMPTY.ids, *(block.ids for block in self._blocks)]))

    def put_back(self, blocks: Iterable[Block]) -> None:
        """Be made of ``blocks`` that were kept; no id may be in two of them."""
        self._blocks = tuple(blocks)

    def replace(self, ids: Sequence[int] | NDArray[np.int64], vectors: Vectors) -> None:
        """Add ``vectors`` (shape (n, dimension), unit rows) under ``ids``; earlier ones of the same id go.

        Raises:
            ValueError: If the shapes disagree.
        """
        rows = np.asarray(ids, dtype=np.int64)
        if vectors.ndim != 2 or vectors.shape != (len(rows), self.dimension):
            raise ValueError(f"{len(rows)} ids and dimension {self.dimension} do not fit vectors {vectors.shape}")
        blocks = self._without(rows)
        for at in range(0, len(rows), MOST_ROWS):
            page = slice(at, at + MOST_ROWS)
            codes = _quantiser(self.dimension).sa_encode(np.ascontiguousarray(vectors[page], dtype=np.float32))
            blocks.append(_block(rows[page], codes))
        self._blocks = tuple(tidied(blocks, _merged, most=MOST_ROWS))

    def remove(self, ids: Sequence[int] | NDArray[np.int64]) -> None:
        self._blocks = tuple(self._without(np.asarray(ids, dtype=np.int64)))

    def search(self, query: Vectors, *, limit: int) -> Ranking:
        """Return at most ``limit`` ids by cosine, best first, in [-1, 1]; ``query`` is a unit row (dimension,)."""
        if limit <= 0 or not self._blocks or not query.any():
            return EMPTY
        ids, scores = [], []
        for block in self._blocks:
            found, rows = block.index.search(query[np.newaxis, :], min(limit, len(block)))
            ids.append(block.ids[rows[0]])
            scores.append(found[0])
        all_ids, all_scores = np.concatenate(ids), np.concatenate(scores).astype(np.float32)
        best = np.lexsort((all_ids, -all_scores))[:limit]
        return Ranking(all_ids[best], all_scores[best])

    def cosines(self, query: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of each of ``ids`` that has a vector here."""
        wanted = np.asarray(ids, dtype=np.int64)
        found: dict[int, float] = {}
        for block in self._blocks if len(wanted) else ():
            rows = block.rows_of(wanted)
            held = np.flatnonzero(rows >= 0)
            if len(held):
                vectors = block.index.sa_decode(block.codes[rows[held]])
                found.update(zip(wanted[held].tolist(), (vectors @ query).tolist(), strict=True))
        return found

    def vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vector (dimension,) of each of ``ids`` that has one here, as exact as 8 bits a number keep it."""
        wanted = np.asarray(ids, dtype=np.int64)
        found: dict[int, Vectors] = {}
        for block in self._blocks if len(wanted) else ():
            rows = block.rows_of(wanted)
            held = np.flatnonzero(rows >= 0)
            if len(held):
                found.update(zip(wanted[held].tolist(), block.index.sa_decode(block.codes[rows[held]]), strict=True))
        return found

    def _without(self, ids: NDArray[np.int64]) -> list[Block]:
        left = []
        for block in self._blocks:
            gone = np.isin(block.ids, ids)
            if not gone.all():
                left.append(block.without(gone) if gone.any() else block)
        return left


def restored(arrays: Mapping[str, NDArray[Any]], uid: int, dimension: int) -> Block:
    """Make a block of what `Block.arrays` gave.

    Raises:
        ValueError, KeyError: If the arrays do not belong together or to this dimension.
    """
    ids, codes = arrays["ids"], arrays["codes"]
    if not len(ids) or codes.shape != (len(ids), dimension) or not np.all(ids[1:] > ids[:-1]):
        raise ValueError("these arrays are no block of vectors")
    return _block(ids, codes, uid=uid)


def _quantiser(dimension: int) -> Any:
    quantiser = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    bounds = np.stack([np.full(dimension, -_RANGE), np.full(dimension, _RANGE)]).astype(np.float32)
    quantiser.train(bounds)
    return quantiser


def _block(ids: NDArray[np.int64], codes: NDArray[np.uint8], **uid: int) -> Block:
    """Return the block of ``ids`` in any order; of the same id the last one counts."""
    if len(ids) > 1 and not np.all(ids[1:] > ids[:-1]):
        ids, last = np.unique(ids[::-1], return_index=True)
        codes = codes[::-1][last]
    index = _quantiser(codes.shape[1])
    index.add_sa_codes(np.ascontiguousarray(codes))
    return Block(ids, index, **uid)


def _merged(blocks: Sequence[Block]) -> Block:
    return _block(np.concatenate([one.ids for one in blocks]), np.concatenate([one.codes for one in blocks]))
