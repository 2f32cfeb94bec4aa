"""Takes the indexes from one start of the engine to the next, as far as they still fit the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

import resources
from assist.domain import AccountId, SourceKind
from assist.retrieve import dense, postings
from assist.retrieve.collection import Collection
from assist.retrieve.dense import Block
from assist.retrieve.lexical import LANGUAGES
from assist.retrieve.postings import Segment
from assist.retrieve.query import CollectionKey
from assist.store.snapshot import Arrays, Part, Snapshot

WORDS, MEANING, HABITS = "words", "meaning", "habits"

Collections = Mapping[CollectionKey, Collection]


class Piece(Protocol):
    """Something of an account that is kept whole. Another ``uid`` means other content."""

    @property
    def uid(self) -> int: ...
    def arrays(self) -> Arrays: ...


Habits = Mapping[AccountId, Piece]


class Keeper:
    """Reads and writes what a `Snapshot` holds of collections. Belongs to the thread that changes them."""

    def __init__(self, snapshot: Snapshot, *, encoder: str) -> None:
        self._snapshot = snapshot
        self._encoder = encoder
        self._settled = frozenset(snapshot.parts())
        self._tried = self._settled

    def put_back(
        self, key: CollectionKey, collection: Collection, ids: NDArray[np.int64], marks: NDArray[np.uint64]
    ) -> None:
        """Fill an empty ``collection`` with what was kept of the documents ``ids`` (rising) with these ``marks``.

        Nothing of any other document, or of another content behind an id, comes back.
        """
        fitting = _Fitting(ids, marks)
        segments = (_segment(arrays, uid, fitting) for uid, arrays in self._pieces(key, WORDS))
        collection.lexical.put_back(one for one in segments if one is not None)
        fits = _Fitting(ids, marks)
        dimension = collection.dense.dimension
        blocks = (_block(arrays, uid, fits, dimension) for uid, arrays in self._pieces(key, MEANING))
        collection.dense.put_back(one for one in blocks if one is not None)

    def habits(self) -> dict[AccountId, tuple[Arrays, int]]:
        """Return what was kept of the habits of each account, with its ``uid``."""
        parts = [one for one in self._settled if one.name == HABITS and one.made_by == self._maker(HABITS)]
        return {AccountId(one.account): (self._snapshot.piece(uid), uid) for one in parts for uid in one.pieces}

    def is_behind(self, collections: Collections, habits: Habits) -> bool:
        """Tell whether there is something to keep that has not been tried in vain already."""
        return self._parts(collections, habits) not in {self._settled, self._tried}

    def keep(self, collections: Collections, habits: Callable[[], Habits]) -> Iterator[None]:
        """Write what is not kept yet, one piece at a time; yields before each.

        It counts only after the last step, and ends early if ``collections`` change between two steps. Whoever stops in
        between may call again: what was written is not written twice.
        """
        parts = self._parts(collections, habits())
        kept = self._snapshot.kept()
        for uid, arrays in _pieces(collections, habits()):
            if uid in kept:
                continue
            yield
            if self._parts(collections, habits()) != parts:
                return
            if not self._snapshot.add(uid, arrays()):
                self._tried = parts
                return
        yield
        if self._parts(collections, habits()) == parts:
            self._tried = parts
            if self._snapshot.settle(parts):
                self._settled = parts

    def forget(self, account: AccountId) -> None:
        """Remove what is kept of an account at once."""
        if any(part.account == account for part in self._settled) and self._snapshot.forget(account):
            self._settled = frozenset(part for part in self._settled if part.account != account)

    def _pieces(self, key: CollectionKey, name: str) -> Iterator[tuple[int, Arrays]]:
        for part in self._settled:
            if (part.account, part.kind, part.name) == (*key, name) and part.made_by == self._maker(name):
                yield from ((uid, self._snapshot.piece(uid)) for uid in part.pieces)

    def _parts(self, collections: Collections, habits: Habits) -> frozenset[Part]:
        found = [
            Part(account, SourceKind.PAST_REPLY, HABITS, self._maker(HABITS), (piece.uid,))
            for account, piece in habits.items()
        ]
        for (account, kind), collection in collections.items():
            for name, uids in ((WORDS, _uids(collection.lexical.segments)), (MEANING, _uids(collection.dense.blocks))):
                if uids:
                    found.append(Part(account, kind, name, self._maker(name), uids))
        return frozenset(found)

    def _maker(self, name: str) -> str:
        return words_maker() if name == WORDS else self._encoder


@cache
def words_maker() -> str:
    """Return what changes when texts would be split into other words."""
    digest = hashlib.blake2b(digest_size=12)
    for path in sorted((resources.ROOT / "stopwords").glob("*.txt")):
        digest.update(path.name.encode() + path.read_bytes())
    return f"tantivy {version('tantivy')}, {'+'.join(LANGUAGES)}, {digest.hexdigest()}"


class _Fitting:
    """Tells which kept documents are those of the store, each once."""

    def __init__(self, ids: NDArray[np.int64], marks: NDArray[np.uint64]) -> None:
        self._ids = ids
        self._marks = marks
        self._free = np.ones(len(ids), dtype=np.bool_)

    def gone(self, ids: NDArray[np.int64], marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return where ``ids`` (each once) are not in the store, not with these ``marks``, or were given before."""
        if len(ids) != len(marks):
            raise ValueError("each document has one mark")
        if not len(self._ids):
            return np.ones(len(ids), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        stay: NDArray[np.bool_] = (self._ids[at] == ids) & (self._marks[at] == marks) & self._free[at]
        self._free[at[stay]] = False
        return ~stay


def _segment(arrays: Arrays, uid: int, fitting: _Fitting) -> Segment | None:
    try:
        segment = postings.restored(arrays, uid)
        gone = fitting.gone(segment.ids, segment.marks)
    except (KeyError, ValueError):
        return None
    if gone.all():
        return None
    return segment.without(gone) if gone.any() else segment


def _block(arrays: Arrays, uid: int, fitting: _Fitting, dimension: int) -> Block | None:
    try:
        block = dense.restored(arrays, uid, dimension)
        gone = fitting.gone(block.ids, arrays["marks"])
    except (KeyError, ValueError):
        return None
    if gone.all():
        return None
    return block.without(gone) if gone.any() else block


def _pieces(collections: Collections, habits: Habits) -> Iterator[tuple[int, Callable[[], Arrays]]]:
    for collection in tuple(collections.values()):
        pieces: tuple[Segment | Block, ...] = (*collection.lexical.segments, *collection.dense.blocks)
        for piece in pieces:
            yield piece.uid, partial(_arrays, piece, collection)
    for habit in habits.values():
        yield habit.uid, habit.arrays


def _arrays(piece: Segment | Block, collection: Collection) -> Arrays:
    if isinstance(piece, Segment):
        return piece.arrays()
    return {**piece.arrays(), "marks": collection.lexical.marks_of(piece.ids)}


def _uids(pieces: Sequence[Segment | Block]) -> tuple[int, ...]:
    return tuple(sorted(piece.uid for piece in pieces))
