"""Vectors of documents, as float16 in the database and float32 outside."""

# ruff: noqa: S608  # what is put into statements are this package's own names; values are always bound

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.domain import SourceKind
from assist.ports import Vectors
from assist.store.database import Connection, Row
from assist.store.records import TABLES
from assist.store.writer import Reader, Writer

STORED = np.dtype("<f2")
BLOCK_ROWS = 4_096
DROPPED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class VectorBlock:
    """``ids`` of shape (n,), int64, rising; ``vectors`` of shape (n, dimension), float16."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float16]


class VectorStore:
    """Vectors belong to one encoder's name and one kind of document, and go with their document."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, encoder: str, kind: SourceKind, ids: Sequence[int], vectors: Vectors) -> None:
        """Keep ``vectors`` of shape (len(ids), dimension). Ids whose document has gone are passed over.

        Raises:
            ValueError: The shapes disagree, also with what this encoder gave before.
        """
        await self._writer.run(lambda connection: put_vectors(connection, encoder, kind, ids, vectors))

    def blocks(
        self, encoder: str, kind: SourceKind, *, after_id: int = 0, block_rows: int = BLOCK_ROWS
    ) -> Iterator[VectorBlock]:
        """See `read_blocks`."""
        return read_blocks(self._reader, encoder, kind, after_id=after_id, block_rows=block_rows)

    def count(self, encoder: str, kind: SourceKind) -> int:
        row = self._reader.one("SELECT COUNT(*) FROM vectors WHERE kind = ? AND encoder = ?", (kind, encoder))
        return int(str(row[0])) if row else 0

    async def drop_others(self, *encoders: str) -> None:
        """Remove the vectors of all encoders but these, a few at a time: others may write in between."""
        while await self._writer.run(lambda connection: drop_other_vectors(connection, encoders, most=DROPPED_AT_ONCE)):
            pass


def read_blocks(
    reader: Reader, encoder: str, kind: SourceKind, *, after_id: int = 0, block_rows: int = BLOCK_ROWS
) -> Iterator[VectorBlock]:
    """Yield all vectors after a document id, by rising id, in blocks of up to ``block_rows``."""
    if reader.one("SELECT dimension FROM encoders WHERE name = ?", (encoder,)) is None:
        return
    sql = "SELECT doc_id, vector FROM vectors WHERE kind = ? AND encoder = ? AND doc_id > ? ORDER BY doc_id LIMIT ?"
    for rows in reader.pages(sql, (kind, encoder), after=after_id, size=block_rows):
        yield _block(rows)


def put_vectors(connection: Connection, encoder: str, kind: SourceKind, ids: Sequence[int], vectors: Vectors) -> None:
    """Keep vectors on this connection; see `VectorStore.put`."""
    if vectors.ndim != 2 or len(vectors) != len(ids):
        raise ValueError(f"vectors {vectors.shape} do not fit {len(ids)} ids")
    dimension = vectors.shape[1]
    known = connection.execute("SELECT dimension FROM encoders WHERE name = ?", (encoder,)).fetchall()
    if known and known[0][0] != dimension:
        raise ValueError(f"{encoder} gave vectors of {known[0][0]} numbers before, now of {dimension}")
    connection.execute(
        "INSERT INTO encoders (name, dimension) VALUES (?, ?) ON CONFLICT DO NOTHING", (encoder, dimension)
    )
    rows = vectors.astype(STORED)
    connection.executemany(
        "INSERT INTO vectors (kind, encoder, doc_id, vector)"
        f" SELECT ?1, ?2, id, ?4 FROM {TABLES[kind]} WHERE id = ?3"
        " ON CONFLICT DO UPDATE SET vector = excluded.vector",
        ((kind, encoder, int(id_), row.tobytes()) for id_, row in zip(ids, rows, strict=True)),
    )


def drop_other_vectors(connection: Connection, encoders: Sequence[str], *, most: int) -> bool:
    """Remove up to ``most`` vectors of encoders but these; return whether there may be more."""
    kept = json.dumps(encoders)
    connection.execute(
        "DELETE FROM vectors WHERE (kind, encoder, doc_id) IN"
        " (SELECT kind, encoder, doc_id FROM vectors WHERE encoder NOT IN"
        " (SELECT value FROM json_each(?)) LIMIT ?)",
        (kept, most),
    )
    if connection.changes():
        return True
    connection.execute("DELETE FROM encoders WHERE name NOT IN (SELECT value FROM json_each(?))", (kept,))
    return False


def read_vectors(
    reader: Reader, encoder: str, kind: SourceKind, ids: NDArray[np.int64], *, block_rows: int = BLOCK_ROWS
) -> Iterator[VectorBlock]:
    """Yield the vectors of those of ``ids`` that have one, in blocks of up to ``block_rows``, by rising id."""
    if reader.one("SELECT dimension FROM encoders WHERE name = ?", (encoder,)) is None:
        return
    sql = (
        "SELECT doc_id, vector FROM vectors WHERE kind = ? AND encoder = ?"
        " AND doc_id IN (SELECT value FROM json_each(?)) ORDER BY doc_id"
    )
    for at in range(0, len(ids), block_rows):
        rows = reader.all(sql, (kind, encoder, json.dumps(ids[at : at + block_rows].tolist())))
        if rows:
            yield _block(rows)


def _block(rows: Sequence[Row]) -> VectorBlock:
    ids, blobs = zip(*rows, strict=True)
    vectors = np.frombuffer(b"".join(blobs), dtype=STORED).reshape(len(ids), -1)
    return VectorBlock(np.asarray(ids, dtype=np.int64), vectors)
