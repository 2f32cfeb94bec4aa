"""Full-text search in the database: the plain way to answer while the engine is down, and the search box.

A ticket is a long query of mostly common words, and FTS5 has to score every document that holds any of them.
So only its rarest words are looked up: they carry nearly all of BM25's weight and match few documents.
"""

# ruff: noqa: S608  # what is put into statements are this package's own names; values are always bound

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from assist.domain import AccountId, SourceKind
from assist.store.records import TABLES
from assist.store.writer import Reader

MOST_WORDS = 8
COMMON_SHARE = 0.05
"""A word in more than this share of the documents is looked up only when the query has no other."""
COMMON_FLOOR = 20
"""In a small collection a word counts as common only beyond this many documents."""
MOST_POSTINGS = 12_000
"""Words are added, rarest first, until their documents together pass this number: it bounds the time."""
COUNTS_KEPT_S = 300.0
_LONGEST_WORD = 64

_WEIGHTS: Mapping[SourceKind, str] = MappingProxyType(
    {
        SourceKind.ARTICLE: "2.0, 1.0",
        SourceKind.MACRO: "2.0, 1.0",
        SourceKind.PAST_REPLY: "2.0, 1.0, 0.5",
    }
)
"""Of a title, a text and an answer in BM25."""


@dataclass(frozen=True, slots=True)
class Hit:
    """``score`` is BM25 over the words that were looked up: higher is better, comparable within one search."""

    doc_id: int
    score: float


class LexicalSearch:
    """Callable from any thread. Every search is within one account."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._common = {kind: _CommonWords(reader, kind) for kind in SourceKind}

    def search(self, kind: SourceKind, text: str, account: AccountId, *, limit: int = 50) -> tuple[Hit, ...]:
        """Return the documents that match the rarest words of ``text``, best first, ties by lower id.

        ``text`` is plain words: none of it is read as query syntax. Nothing matches a text without words.
        """
        words = self._rarest(kind, text)
        return self._match(kind, " OR ".join(f'"{word}"' for word in words), account, limit)

    def complete(self, kind: SourceKind, typed: str, account: AccountId, *, limit: int = 20) -> tuple[Hit, ...]:
        """Return the documents that hold every word of ``typed``, the last one as a beginning: a search box."""
        words = self._reader.tokens(typed)[:MOST_WORDS]
        if not words:
            return ()
        ends_open = typed[-1:].isalnum()
        query = " AND ".join(f'"{word}"' for word in words) + ("*" if ends_open else "")
        return self._match(kind, query, account, limit)

    def _rarest(self, kind: SourceKind, text: str) -> list[str]:
        words = {word for word in self._reader.tokens(text) if len(word) <= _LONGEST_WORD}
        common = self._common[kind].frequencies()
        known = self._frequencies(kind, words - common.keys())
        by_rarity = sorted(known, key=lambda word: (known[word], word))
        if not by_rarity:
            shared = words & common.keys()
            return sorted(shared, key=lambda word: (common[word], word))[:1]
        chosen: list[str] = []
        postings = 0
        for word in by_rarity[:MOST_WORDS]:
            postings += known[word]
            if chosen and postings > MOST_POSTINGS:
                break
            chosen.append(word)
        return chosen

    def _frequencies(self, kind: SourceKind, words: set[str]) -> dict[str, int]:
        rows = self._reader.all(
            f"SELECT term, doc FROM json_each(?) CROSS JOIN {TABLES[kind]}_words ON term = value",
            (json.dumps(sorted(words)),),
        )
        return {str(term): int(str(count)) for term, count in rows}

    def _match(self, kind: SourceKind, query: str, account: AccountId, limit: int) -> tuple[Hit, ...]:
        if not query:
            return ()
        table = TABLES[kind]
        rows = self._reader.all(
            f"SELECT fts.rowid, -bm25({table}_fts, {_WEIGHTS[kind]}) AS score FROM {table}_fts AS fts"
            f" CROSS JOIN {table} AS doc INDEXED BY {table}_of_account"
            f" ON doc.account = ? AND doc.id = fts.rowid WHERE {table}_fts MATCH ?"
            " ORDER BY score DESC, fts.rowid LIMIT ?",
            (account, query, limit),
        )
        return _hits(rows)


class _CommonWords:
    """The words of a kind that are in too many documents to be worth looking up, with how many.

    Finding them reads the whole vocabulary, so they are kept for `COUNTS_KEPT_S`; while stale they only cost
    time, never a match.
    """

    def __init__(self, reader: Reader, kind: SourceKind) -> None:
        self._reader = reader
        self._table = TABLES[kind]
        self._lock = threading.Lock()
        self._frequencies: dict[str, int] | None = None
        self._read_at_s = 0.0

    def frequencies(self) -> Mapping[str, int]:
        with self._lock:
            now_s = time.monotonic()
            if self._frequencies is None or now_s - self._read_at_s > COUNTS_KEPT_S:
                self._frequencies = self._read()
                self._read_at_s = now_s
            return self._frequencies

    def _read(self) -> dict[str, int]:
        row = self._reader.one(f"SELECT COUNT(*) FROM {self._table}")
        documents = int(str(row[0])) if row else 0
        rows = self._reader.all(
            f"SELECT term, doc FROM {self._table}_words WHERE doc > ?",
            (max(COMMON_FLOOR, documents * COMMON_SHARE),),
        )
        return {str(term): int(str(count)) for term, count in rows}


def _hits(rows: Sequence[Sequence[object]]) -> tuple[Hit, ...]:
    return tuple(Hit(int(str(doc_id)), float(str(score))) for doc_id, score in rows)
