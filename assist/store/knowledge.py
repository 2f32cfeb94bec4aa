"""Articles with their passages, macros, solved tickets with the replies learned from them.

Functions take the write connection, so that several can share a transaction; `Knowledge` wraps them for the
event loop. A changed document gets a new id and its old id goes; an unchanged one keeps its id.
"""

# ruff: noqa: S608  # what is put into statements are this package's own names; values are always bound

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from assist.domain import AccountId, Article, Macro, Passage, SolvedTicket, SourceKind
from assist.store.codec import dumps, storable, time_text
from assist.store.database import Connection, Value
from assist.store.records import TABLES, Changes, PastReply
from assist.store.requesters import note_requester
from assist.store.writer import Writer

ArticleWithPassages: TypeAlias = tuple[Article, Sequence[Passage]]
SolvedWithReplies: TypeAlias = tuple[SolvedTicket, Sequence[PastReply]]

_PARENT_KEYS: Mapping[SourceKind, tuple[str, str]] = {
    SourceKind.ARTICLE: ("articles", "id"),
    SourceKind.MACRO: ("macros", "macro_id"),
    SourceKind.PAST_REPLY: ("solved_tickets", "id"),
}
_CHILD_KEYS = {
    SourceKind.ARTICLE: "article_id",
    SourceKind.MACRO: "macro_id",
    SourceKind.PAST_REPLY: "ticket_id",
}


class Knowledge:
    """Writes knowledge from the event loop; each call is one transaction. Reading is in `documents`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def put_articles(self, items: Sequence[ArticleWithPassages]) -> Changes:
        return await self._writer.run(lambda connection: put_articles(connection, items))

    async def put_macros(self, macros: Sequence[Macro], *, languages: Mapping[int, str] | None = None) -> Changes:
        return await self._writer.run(lambda connection: put_macros(connection, macros, languages=languages))

    async def put_solved(self, items: Sequence[SolvedWithReplies]) -> Changes:
        return await self._writer.run(lambda connection: put_solved(connection, items))

    async def remove(self, kind: SourceKind, account: AccountId, ids: Collection[int]) -> Changes:
        return await self._writer.run(lambda connection: remove(connection, kind, account, ids))

    async def retain(self, kind: SourceKind, account: AccountId, ids: Collection[int]) -> Changes:
        return await self._writer.run(lambda connection: retain(connection, kind, account, ids))

    async def forget_account(self, account: AccountId) -> None:
        await self._writer.run(lambda connection: forget_account(connection, account))


def content_hash(*parts: str) -> bytes:
    """Return 16 bytes that differ when any part does."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = storable(part).encode()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.digest()


def put_articles(connection: Connection, items: Sequence[ArticleWithPassages]) -> Changes:
    """Add or replace articles, each with all of its passages. A draft is kept without any: it is not to be shown."""
    changes = Changes()
    for article, passages in items:
        connection.execute(
            "INSERT INTO articles (account, id, locale, title, html, url, updated_at, section, labels, draft,"
            " visibility, votes, content_hash, brand_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET title = excluded.title, html = excluded.html, url = excluded.url,"
            " updated_at = excluded.updated_at, section = excluded.section, labels = excluded.labels,"
            " draft = excluded.draft, visibility = excluded.visibility, votes = excluded.votes,"
            " content_hash = excluded.content_hash, brand_id = excluded.brand_id",
            (
                *(article.account, article.id, article.locale, storable(article.title), storable(article.html)),
                *(storable(article.url), time_text(article.updated_at), storable(article.section)),
                *(_json(article.labels), article.draft),
                *(article.visibility, article.votes, content_hash(article.title, article.html), article.brand_id),
            ),
        )
        changes += _put_passages(connection, article, () if article.draft else passages)
    return changes


def _put_passages(connection: Connection, article: Article, passages: Sequence[Passage]) -> Changes:
    owner = (article.account, article.id, article.locale)
    kept = _ids_by_hash(connection, SourceKind.ARTICLE, "article_id = ? AND locale = ?", owner)
    added = []
    for passage in passages:
        digest = content_hash(*passage.heading_path, "", passage.text)
        if ids := kept[digest]:
            connection.execute("UPDATE passages SET ordinal = ? WHERE id = ?", (passage.ordinal, ids.pop(0)))
            continue
        connection.execute(
            "INSERT INTO passages (account, article_id, locale, ordinal, content_hash, heading_path, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*owner, passage.ordinal, digest, _json(passage.heading_path), storable(passage.text)),
        )
        added.append(connection.last_insert_rowid())
    return Changes(tuple(added), _remove_rest(connection, SourceKind.ARTICLE, kept))


def put_macros(
    connection: Connection, macros: Sequence[Macro], *, languages: Mapping[int, str] | None = None
) -> Changes:
    """Add or replace macros. ``languages`` gives the language of a macro's body by macro id, where known."""
    changes = Changes()
    for macro in macros:
        language = (languages or {}).get(macro.id, "")
        digest = content_hash(macro.title, macro.body, language)
        kept = _ids_by_hash(connection, SourceKind.MACRO, "macro_id = ?", (macro.account, macro.id))
        updated_at = None if macro.updated_at is None else time_text(macro.updated_at)
        if ids := kept[digest]:
            connection.execute(
                "UPDATE macros SET tags = ?, usage = ?, updated_at = ? WHERE id = ?",
                (_json(macro.tags), macro.usage, updated_at, ids[0]),
            )
            continue
        removed = _remove_rest(connection, SourceKind.MACRO, kept)
        connection.execute(
            "INSERT INTO macros (account, macro_id, content_hash, title, body, tags, usage, updated_at, language)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(macro.account, macro.id, digest, storable(macro.title), storable(macro.body)),
                *(_json(macro.tags), macro.usage, updated_at, language),
            ),
        )
        changes += Changes((connection.last_insert_rowid(),), removed)
    return changes


def put_solved(connection: Connection, items: Sequence[SolvedWithReplies]) -> Changes:
    """Add or replace solved tickets, each with all the replies that were learned from it.

    A ticket of a customer who was deleted (`assist.store.forgetting`) is passed over.
    """
    changes = Changes()
    for solved, replies in items:
        ticket = solved.ticket
        if not note_requester(connection, ticket):
            continue
        connection.execute(
            "INSERT INTO solved_tickets (account, id, updated_at, requester_id, content) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at,"
            " requester_id = excluded.requester_id, content = excluded.content",
            (ticket.ref.account, ticket.ref.id, time_text(ticket.updated_at), ticket.requester_id, dumps(solved)),
        )
        owner = (ticket.ref.account, ticket.ref.id)
        kept = _ids_by_hash(connection, SourceKind.PAST_REPLY, "ticket_id = ?", owner)
        added = [new for reply in replies if (new := _put_reply(connection, reply, kept)) is not None]
        changes += Changes(tuple(added), _remove_rest(connection, SourceKind.PAST_REPLY, kept))
    return changes


def _put_reply(connection: Connection, reply: PastReply, kept: dict[bytes, list[int]]) -> int | None:
    content = tuple(map(storable, (reply.subject, reply.customer_text, reply.reply_text, reply.language)))
    digest = content_hash(str(reply.message_id), *content)
    facts = (reply.agent_id, storable(reply.agent_name), storable(reply.brand), reply.csat, reply.reopens)
    if ids := kept[digest]:
        connection.execute(
            "UPDATE past_replies SET agent_id = ?, agent_name = ?, brand = ?, csat = ?, reopens = ?,"
            " replied_at = ?, url = ? WHERE id = ?",
            (*facts, time_text(reply.replied_at), storable(reply.url), ids.pop(0)),
        )
        return None
    connection.execute(
        "INSERT INTO past_replies (agent_id, agent_name, brand, csat, reopens, replied_at, url, account,"
        " ticket_id, message_id, content_hash, subject, customer_text, reply_text, language)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *facts,
            *(time_text(reply.replied_at), storable(reply.url)),
            *(reply.ref.account, reply.ref.id, reply.message_id, digest, *content),
        ),
    )
    return connection.last_insert_rowid()


def remove(connection: Connection, kind: SourceKind, account: AccountId, ids: Collection[int]) -> Changes:
    """Remove articles (all locales), macros or solved tickets by the helpdesk's ids, with their documents."""
    removed: list[int] = []
    parent, parent_key = _PARENT_KEYS[kind]
    for id_ in ids:
        of = (account, id_)
        rows = connection.execute(
            f"SELECT id FROM {TABLES[kind]} WHERE account = ? AND {_CHILD_KEYS[kind]} = ? ORDER BY id",
            of,
        )
        removed += (int(row[0] or 0) for row in rows)
        connection.execute(f"DELETE FROM {parent} WHERE account = ? AND {parent_key} = ?", of)
    return Changes(removed=tuple(removed))


def retain(connection: Connection, kind: SourceKind, account: AccountId, ids: Collection[int]) -> Changes:
    """Remove what a complete read of a collection no longer contained: all but these helpdesk ids."""
    parent, key = _PARENT_KEYS[kind]
    rows = connection.execute(f"SELECT DISTINCT {key} FROM {parent} WHERE account = ?", (account,))
    stored = {row[0] for row in rows}
    return remove(connection, kind, account, sorted(stored - set(ids)))


def forget_account(connection: Connection, account: AccountId) -> None:
    """Remove all that is known of an account, its checkpoints included. The log of decisions stays."""
    for table in ("articles", "macros", "solved_tickets", "tickets_cache", "checkpoints"):
        connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))
    connection.execute("DELETE FROM accounts WHERE id = ?", (account,))


def _ids_by_hash(
    connection: Connection, kind: SourceKind, where: str, owner: tuple[Value, ...]
) -> dict[bytes, list[int]]:
    rows = connection.execute(
        f"SELECT content_hash, id FROM {TABLES[kind]} WHERE account = ? AND {where} ORDER BY id",
        owner,
    )
    found: dict[bytes, list[int]] = defaultdict(list)
    for digest, id_ in rows:
        found[digest].append(id_)
    return found


def _remove_rest(connection: Connection, kind: SourceKind, kept: Mapping[bytes, list[int]]) -> tuple[int, ...]:
    rest = tuple(sorted(id_ for ids in kept.values() for id_ in ids))
    connection.executemany(f"DELETE FROM {TABLES[kind]} WHERE id = ?", ((id_,) for id_ in rest))
    return rest


def _json(texts: Sequence[str]) -> str:
    return storable(json.dumps(list(texts), ensure_ascii=False))
