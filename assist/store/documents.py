"""Reads the knowledge: streams documents for an index, fetches them by id for what was found."""

# ruff: noqa: S608  # what is put into statements are this package's own names; values are always bound

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from assist.domain import (
    AccountId,
    Article,
    Csat,
    Macro,
    Passage,
    SolvedTicket,
    SourceKind,
    TicketRef,
    Visibility,
)
from assist.retrieve.scopes import ArticleKey, ScopedArticle
from assist.store.codec import loads
from assist.store.database import Value
from assist.store.records import TABLES, Counts, Document, PastReply, StoredPassage
from assist.store.writer import Reader

T = TypeVar("T")

PAGE = 1_000
KEYS_AT_ONCE = 64
_SEP = " › "

_DOCUMENT_COLUMNS: Mapping[SourceKind, str] = {
    SourceKind.ARTICLE: "doc.id, doc.account, doc.heading_path, doc.text, doc.locale, ''",
    SourceKind.MACRO: "doc.id, doc.account, doc.title, doc.body, doc.language, ''",
    SourceKind.PAST_REPLY: "doc.id, doc.account, doc.subject, doc.customer_text, doc.language, doc.reply_text",
}
_MARK = "substr(doc.content_hash, 1, 8)"
_ARTICLE_COLUMNS = (
    "account, id, locale, title, html, url, updated_at, section, labels, draft, visibility, votes, brand_id"
)


class Documents:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def iterate(
        self, kind: SourceKind, *, after_id: int = 0, account: AccountId | None = None, page: int = PAGE
    ) -> Iterator[Document]:
        """Yield documents by rising id, beginning after ``after_id``; what is written meanwhile may be missed."""
        mine, values = ("", ()) if account is None else ("doc.account = ? AND", (account,))
        sql = (
            f"SELECT {_DOCUMENT_COLUMNS[kind]}, {_MARK} FROM {TABLES[kind]} AS doc"
            f" WHERE {mine} doc.id > ? ORDER BY doc.id LIMIT ?"
        )
        for rows in self._reader.pages(sql, values, after=after_id, size=page):
            for row in rows:
                yield _document(kind, row)

    def without_vector(self, encoder: str, kind: SourceKind, *, page: int = PAGE) -> Iterator[Document]:
        """Yield the documents that this encoder has no vector for, by rising id."""
        sql = (
            f"SELECT {_DOCUMENT_COLUMNS[kind]}, {_MARK} FROM {TABLES[kind]} AS doc WHERE NOT EXISTS"
            " (SELECT 1 FROM vectors WHERE kind = ? AND encoder = ? AND doc_id = doc.id)"
            " AND doc.id > ? ORDER BY doc.id LIMIT ?"
        )
        for rows in self._reader.pages(sql, (kind, encoder), after=0, size=page):
            for row in rows:
                yield _document(kind, row)

    def accounts(self, kind: SourceKind) -> Iterator[AccountId]:
        """Yield the accounts that have documents of a kind, sorted."""
        # One look into the index for each account; DISTINCT would walk all of it.
        sql = f"SELECT MIN(account) FROM {TABLES[kind]} WHERE account > ?"
        account = ""
        while (row := self._reader.one(sql, (account,))) is not None and row[0] is not None:
            account = str(row[0])
            yield AccountId(account)

    def marks(
        self, kind: SourceKind, account: AccountId, *, page: int = 10_000
    ) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Return all document ids of an account, rising, and the `Document.mark` of each: both of shape (n,)."""
        sql = (
            f"SELECT id, substr(content_hash, 1, 8) FROM {TABLES[kind]}"
            " WHERE account = ? AND id > ? ORDER BY id LIMIT ?"
        )
        ids, marks = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint64)]
        for rows in self._reader.pages(sql, (account,), after=0, size=page):
            numbers, digests = zip(*rows, strict=True)
            ids.append(np.array(numbers, dtype=np.int64))
            marks.append(np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64))
        return np.concatenate(ids), np.concatenate(marks)

    def newest_ids(self, kind: SourceKind, account: AccountId, *, limit: int) -> list[int]:
        """Return the ids of the documents that were stored last, falling."""
        sql = f"SELECT id FROM {TABLES[kind]} WHERE account = ? ORDER BY id DESC LIMIT ?"
        return [int(str(id_)) for (id_,) in self._reader.all(sql, (account, limit))]

    def newest_replies(self, account: AccountId, *, limit: int) -> list[int]:
        """Return the ids of the past replies that were sent last, rising."""
        rows = self._reader.all(
            "SELECT id FROM past_replies WHERE account = ? ORDER BY replied_at DESC, ticket_id DESC, message_id DESC"
            " LIMIT ?",
            (account, limit),
        )
        return sorted(int(str(id_)) for (id_,) in rows)

    def by_id(self, kind: SourceKind, ids: Sequence[int]) -> list[Document]:
        """Return what an index needs of the documents ``ids``, in that order; ids that are gone are left out."""
        sql = f"SELECT {_DOCUMENT_COLUMNS[kind]}, {_MARK} FROM {TABLES[kind]} AS doc"
        return list(self._by_id(sql, ids, lambda row: _document(kind, row)).values())

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return passages by id, in the order of ``ids``; ids that are gone are left out."""
        sql = (
            "SELECT doc.id, doc.account, doc.article_id, doc.locale, doc.ordinal, doc.heading_path, doc.text,"
            " article.title, article.url, article.updated_at, article.visibility, article.section,"
            " article.labels, article.votes, article.brand_id FROM passages AS doc JOIN articles AS article"
            " ON article.account = doc.account AND article.id = doc.article_id AND article.locale = doc.locale"
        )
        return self._by_id(sql, ids, _passage)

    def scoped_articles(self, account: AccountId) -> Iterator[ScopedArticle]:
        """Yield what every article that may be shown is about as a whole."""
        sql = (
            "SELECT id, locale, section, labels FROM articles WHERE account = ? AND (id, locale) > (?, ?)"
            " AND NOT draft ORDER BY id, locale LIMIT ?"
        )
        last: tuple[Value, Value] = (-1, "")
        while rows := self._reader.all(sql, (account, *last, PAGE)):
            for id_, locale, section, labels in rows:
                found = tuple(json.loads(str(labels)))
                yield ScopedArticle((int(str(id_)), str(locale)), str(section), found)
            last = rows[-1][0], rows[-1][1]

    def passage_keys(self, account: AccountId, keys: Iterable[ArticleKey], *, limit: int) -> dict[int, ArticleKey]:
        """Return the ids of passages of the articles ``keys``, each with its article, in the order of ``keys``."""
        found: dict[int, ArticleKey] = {}
        ahead = iter(keys)
        while len(found) < limit and (some := list(islice(ahead, KEYS_AT_ONCE))):
            wanted = {key: place for place, key in enumerate(some)}
            rows = self._reader.all(
                "SELECT id, article_id, locale FROM passages WHERE account = ? AND article_id IN"
                " (SELECT value FROM json_each(?))",
                (account, json.dumps([article_id for article_id, _ in wanted])),
            )
            read = [(int(str(id_)), (int(str(article)), str(locale))) for id_, article, locale in rows]
            kept = sorted((one for one in read if one[1] in wanted), key=lambda one: (wanted[one[1]], one[0]))
            found |= kept
        return dict(islice(found.items(), limit))

    def macros(self, ids: Sequence[int]) -> dict[int, Macro]:
        """Return macros by document id (not the helpdesk's), in the order of ``ids``."""
        sql = (
            "SELECT doc.id, doc.account, doc.macro_id, doc.title, doc.body, doc.tags, doc.usage,"
            " doc.updated_at FROM macros AS doc"
        )
        return self._by_id(sql, ids, _macro)

    def past_replies(self, ids: Sequence[int]) -> dict[int, PastReply]:
        """Return past replies by document id, in the order of ``ids``."""
        sql = (
            "SELECT doc.id, doc.account, doc.ticket_id, doc.message_id, doc.agent_id, doc.agent_name,"
            " doc.subject, doc.customer_text, doc.reply_text, doc.replied_at, doc.language, doc.brand,"
            " doc.csat, doc.reopens, doc.url FROM past_replies AS doc"
        )
        return self._by_id(sql, ids, _past_reply)

    def past_reply_ids(self, account: AccountId, sources: Sequence[str]) -> dict[str, int]:
        """Return the document ids of past replies by ``ticket:message``; those that are gone are left out."""
        rows = self._reader.all(
            "SELECT ticket_id || ':' || message_id, id FROM past_replies WHERE account = ?"
            " AND ticket_id IN (SELECT value FROM json_each(?))",
            (account, json.dumps([int(source.split(":")[0]) for source in sources])),
        )
        found = {str(source): int(str(id_)) for source, id_ in rows}
        return {source: found[source] for source in sources if source in found}

    def articles(self, account: AccountId, article_id: int) -> dict[str, Article]:
        """Return an article, drafts included, by locale."""
        rows = self._reader.all(
            f"SELECT {_ARTICLE_COLUMNS} FROM articles WHERE account = ? AND id = ? ORDER BY locale",
            (account, article_id),
        )
        return {article.locale: article for article in map(_article, rows)}

    def solved_ticket(self, ref: TicketRef) -> SolvedTicket | None:
        row = self._reader.one("SELECT content FROM solved_tickets WHERE account = ? AND id = ?", (ref.account, ref.id))
        return None if row is None else loads(SolvedTicket, str(row[0]))

    def solved_tickets(self, *, page: int = 100) -> Iterator[SolvedTicket]:
        """Yield all solved tickets in the order they were first stored, e.g. to learn their replies anew."""
        sql = "SELECT rowid, content FROM solved_tickets WHERE rowid > ? ORDER BY rowid LIMIT ?"
        for rows in self._reader.pages(sql, (), after=0, size=page):
            for _, content in rows:
                yield loads(SolvedTicket, str(content))

    def counts(self, account: AccountId | None = None) -> Counts:
        """Count what is stored, of one account or of all."""
        mine, values = ("", ()) if account is None else ("WHERE account = ?", (account,))
        tables = ("articles", "passages", "macros", "solved_tickets", "past_replies")
        found = [self._reader.one(f"SELECT COUNT(*) FROM {t} {mine}", values) for t in tables]
        numbers = [row[0] if row and isinstance(row[0], int) else 0 for row in found]
        return Counts(*numbers)

    def _by_id(self, select: str, ids: Sequence[int], read: Callable[[Sequence[Any]], T]) -> dict[int, T]:
        # One parameter for all ids: SQLite allows 32,766 marks, JSON has no limit.
        rows = self._reader.all(f"{select} WHERE doc.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
        found = {int(str(row[0])): read(row) for row in rows}
        return {id_: found[id_] for id_ in ids if id_ in found}


def _document(kind: SourceKind, row: Sequence[Any]) -> Document:
    id_, account, title, text, language, answer, mark = row
    if kind is SourceKind.ARTICLE:
        title = _SEP.join(json.loads(title))
    return Document(id_, kind, AccountId(account), title, text, language, answer, int.from_bytes(mark, "little"))


def _passage(row: Sequence[Any]) -> StoredPassage:
    id_, account, article_id, locale, ordinal, headings, text, title, url, updated_at, visibility, *more = row
    section, labels, votes, brand_id = more
    return StoredPassage(
        id=id_,
        account=AccountId(account),
        passage=Passage(article_id, locale, ordinal, tuple(json.loads(headings)), text),
        title=title,
        url=url,
        updated_at=datetime.fromisoformat(updated_at),
        visibility=Visibility(visibility),
        section=section,
        labels=tuple(json.loads(labels)),
        votes=votes,
        brand_id=brand_id,
    )


def _macro(row: Sequence[Any]) -> Macro:
    _, account, macro_id, title, body, tags, usage, updated_at = row
    return Macro(
        account=AccountId(account),
        id=macro_id,
        title=title,
        body=body,
        tags=tuple(json.loads(tags)),
        usage=usage,
        updated_at=None if updated_at is None else datetime.fromisoformat(updated_at),
    )


def _past_reply(row: Sequence[Any]) -> PastReply:
    _, account, ticket_id, message_id, agent_id, agent_name, subject, customer_text, reply_text, *more = row
    replied_at, language, brand, csat, reopens, url = more
    return PastReply(
        ref=TicketRef(AccountId(account), ticket_id),
        message_id=message_id,
        agent_id=agent_id,
        agent_name=agent_name,
        subject=subject,
        customer_text=customer_text,
        reply_text=reply_text,
        replied_at=datetime.fromisoformat(replied_at),
        language=language,
        brand=brand,
        csat=None if csat is None else Csat(csat),
        reopens=reopens,
        url=url,
    )


def _article(row: Sequence[Any]) -> Article:
    account, id_, locale, title, html, url, updated_at, section, labels, draft, *more = row
    visibility, votes, brand_id = more
    return Article(
        account=AccountId(account),
        id=id_,
        locale=locale,
        title=title,
        html=html,
        url=url,
        updated_at=datetime.fromisoformat(updated_at),
        section=section,
        labels=tuple(json.loads(labels)),
        draft=bool(draft),
        visibility=Visibility(visibility),
        votes=votes,
        brand_id=brand_id,
    )
