"""Full-text search in the database: the plain way to answer while the engine is down, and the search box.

A ticket is a long query of mostly common words, and FTS5 has to score every document that holds any of them.
So only its rarest words are looked up: they carry nearly all of BM25's weight and match few documents.
"""

# ruff: noqa: S608  # what is put into statements are this package's own names; values are always bound

from __future__ import annotations

import json
from collections.abc import Mapping
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
_LONGEST_WORD = 64
_MOST_CHARACTERS = 20_000
_SHORTEST_BEGINNING = 2
_VOCABULARY_PAGE = 4_000

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

    def warm(self) -> None:
        """Learn which words are common. Call it off the main thread at start and after a sync.

        Without it the first search does it, which takes 0.3 s at 100,000 passages. Counts that are out of date
        cost time and never a match.
        """
        for words in self._common.values():
            words.read()

    def search(self, kind: SourceKind, text: str, account: AccountId, *, limit: int = 50) -> tuple[Hit, ...]:
        """Return the documents that match the rarest words of ``text``, best first, ties by lower id.

        ``text`` is plain words: none of it is read as query syntax. Nothing matches a text without words.
        """
        words = self._rarest(kind, text)
        return self._match(kind, " OR ".join(f'"{word}"' for word in words), account, limit)

    def complete(self, kind: SourceKind, typed: str, account: AccountId, *, limit: int = 20) -> tuple[Hit, ...]:
        """Return the documents that hold every word of ``typed``, the last one as a beginning: a search box.

        Where all the words are short or common, the order is that of the ids and every score is 0.
        """
        words = self._reader.tokens(typed)[:MOST_WORDS]
        if not words:
            return ()
        unfinished = typed[-1].isalnum() and len(words[-1]) >= _SHORTEST_BEGINNING
        query = " AND ".join(f'"{word}"' for word in words) + ("*" if unfinished else "")
        common = self._common[kind].frequencies()
        telling = [word for word in words if word not in common and len(word) > _SHORTEST_BEGINNING]
        return self._match(kind, query, account, limit, ranked=bool(telling))

    def _rarest(self, kind: SourceKind, text: str) -> list[str]:
        words = {word for word in self._reader.tokens(text[:_MOST_CHARACTERS]) if len(word) <= _LONGEST_WORD}
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

    def _match(
        self, kind: SourceKind, query: str, account: AccountId, limit: int, *, ranked: bool = True
    ) -> tuple[Hit, ...]:
        if not query:
            return ()
        table = TABLES[kind]
        score = f"-bm25({table}_fts, {_WEIGHTS[kind]})" if ranked else "0.0"
        rows = self._reader.all(
            f"SELECT fts.rowid, {score} AS score FROM {table}_fts AS fts"
            # Its index, because the rows themselves are spread over many pages that would be decrypted.
            f" CROSS JOIN {table} AS doc INDEXED BY {table}_of_account"
            f" ON doc.account = ? AND doc.id = fts.rowid WHERE {table}_fts MATCH ?"
            f" ORDER BY {'score DESC, ' if ranked else ''}fts.rowid LIMIT ?",
            (account, query, limit),
        )
        return tuple(Hit(int(str(doc_id)), float(str(points))) for doc_id, points in rows)


class _CommonWords:
    """The words of a kind that are in too many documents to be worth looking up, with how many."""

    def __init__(self, reader: Reader, kind: SourceKind) -> None:
        self._reader = reader
        self._table = TABLES[kind]
        self._frequencies: Mapping[str, int] | None = None

    def frequencies(self) -> Mapping[str, int]:
        return self.read() if self._frequencies is None else self._frequencies

    def read(self) -> Mapping[str, int]:
        row = self._reader.one(f"SELECT COUNT(*) FROM {self._table}")
        documents = int(str(row[0])) if row else 0
        least = max(COMMON_FLOOR, documents * COMMON_SHARE)
        found: dict[str, int] = {}
        # By pages, so that a search that comes meanwhile waits for one of them only.
        sql = f"SELECT term, doc FROM {self._table}_words WHERE term > ? ORDER BY term LIMIT {_VOCABULARY_PAGE}"
        term = ""
        while rows := self._reader.all(sql, (term,)):
            found |= {str(word): int(str(count)) for word, count in rows if int(str(count)) > least}
            term = str(rows[-1][0])
        self._frequencies = found
        return found
