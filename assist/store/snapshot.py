"""Pieces of an index, kept encrypted beside the store from one start of the engine to the next.

An SQLite file of its own with the store's key, written by the engine alone: the store has one writer already, and this
file may be lost at any time. Whatever is wrong with it, it is thrown away and made anew from the store.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from assist.errors import StoreError
from assist.store.database import Connection, StoreKey, delete_index, index_path, open_index, store_errors, transaction
from assist.store.errors import InUse

T = TypeVar("T")

log = logging.getLogger(__name__)

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
_DTYPES = {"<i8", "<u8", "<u4", "<u2", "|u1"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what is kept of a collection.

    ``name`` says what it is, ``made_by`` what it was made with: a part of another maker is not looked at.
    """

    account: str
    kind: str
    name: str
    made_by: str
    pieces: tuple[int, ...]


class Snapshot:
    """All that is kept. No method raises for a file that is damaged, foreign, locked or cannot be written."""

    def __init__(self, store: Path, key: StoreKey) -> None:
        """``store`` is the database that the index belongs to; ``key`` opens both."""
        self._path = index_path(store)
        self._key = key

    def parts(self) -> tuple[Part, ...]:
        """Return what is kept; empty if nothing is, or nothing that can be read."""
        return self._with(_read_parts, ())

    def piece(self, uid: int) -> Arrays:
        """Return a piece, read-only; empty if it is not kept or cannot be read."""
        return self._with(lambda connection: _read_piece(connection, uid), {})

    def kept(self) -> frozenset[int]:
        """Return which pieces are there, in use or not."""
        return self._with(_read_uids, frozenset())

    def add(self, uid: int, arrays: Arrays) -> bool:
        """Keep a piece, to be named by `settle`; return whether it could be written."""
        return self._with(lambda connection: _write_piece(connection, uid, arrays), default=False)

    def settle(self, parts: Collection[Part]) -> bool:
        """Say what is kept from now on, and remove every piece that is in no part; return whether it was written."""
        return self._with(lambda connection: _write_parts(connection, parts), default=False)

    def forget(self, account: str) -> bool:
        """Remove all that is kept of an account now; return whether that was written."""
        return self.settle([part for part in self.parts() if part.account != account])

    def _with(self, work: Callable[[Connection], T], default: T) -> T:
        try:
            with closing(open_index(self._path, self._key)) as connection, store_errors(self._path, self._key):
                return work(connection)
        except InUse:
            log.info("the kept index is in use elsewhere")
        except (StoreError, ValueError, TypeError, KeyError) as error:
            log.info("the kept index is made anew: %s", type(error).__name__)
            delete_index(self._path)
        return default


def _read_parts(connection: Connection) -> tuple[Part, ...]:
    rows = connection.execute("SELECT content FROM contents").fetchall()
    return tuple(_part(*one) for one in json.loads(str(rows[0][0]))) if rows else ()


def _read_piece(connection: Connection, uid: int) -> Arrays:
    rows = connection.execute("SELECT name, dtype, shape, content FROM pieces WHERE uid = ?", (uid,))
    return {str(name): _array(str(dtype), str(shape), content) for name, dtype, shape, content in rows}


def _read_uids(connection: Connection) -> frozenset[int]:
    return frozenset(int(str(uid)) for (uid,) in connection.execute("SELECT DISTINCT uid FROM pieces"))


def _write_piece(connection: Connection, uid: int, arrays: Arrays) -> bool:
    with transaction(connection):
        connection.executemany(
            "INSERT OR REPLACE INTO pieces (uid, name, dtype, shape, content) VALUES (?, ?, ?, ?, ?)",
            ((uid, name, one.dtype.str, json.dumps(one.shape), one.tobytes()) for name, one in arrays.items()),
        )
    return True


def _write_parts(connection: Connection, parts: Collection[Part]) -> bool:
    listed = [(one.account, one.kind, one.name, one.made_by, one.pieces) for one in parts]
    used = json.dumps([uid for one in parts for uid in one.pieces])
    with transaction(connection):
        connection.execute("DELETE FROM contents")
        connection.execute("INSERT INTO contents (content) VALUES (?)", (json.dumps(listed),))
        connection.execute("DELETE FROM pieces WHERE uid NOT IN (SELECT value FROM json_each(?))", (used,))
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    return True


def _part(account: str, kind: str, name: str, made_by: str, pieces: list[int]) -> Part:
    return Part(account, kind, name, made_by, tuple(pieces))


def _array(dtype: str, shape: str, content: Any) -> NDArray[Any]:
    if dtype not in _DTYPES:
        raise ValueError("no such kind of number is kept")
    return np.frombuffer(content, dtype=dtype).reshape(json.loads(shape))
