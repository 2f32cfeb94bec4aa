"""Takes the texts of one customer, or of everything that is older than a day, out of the store for good (promise D7).

What is deleted is deleted from the pages of the file too (`Forgetting.wipe`). The log keeps its rows and figures and
loses its words: see the triggers in resources/sql/005_forgetting.sql.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assist.domain import AccountId, OpenTicket, Role, SolvedTicket, SourceKind
from assist.ports import SyncScope
from assist.store import knowledge
from assist.store.codec import UnknownFormat, dumps, loads, time_text
from assist.store.database import Connection, truncate_log
from assist.store.records import Changes
from assist.store.state import put_setting
from assist.store.writer import Reader, Writer
from assist.text.name_words import fold

MOST_FOUND = 20
UNWIPED = "forgetting.unwiped"
"""A setting that is there from a deletion until the file was written anew."""
READ_AT_ONCE = 200
LONGEST_ID = 20
"""Digits of a number of 64 bits."""
_WORDLESS = (
    "json_replace(payload, '$.text', '', '$.sent_text', '', '$.reason', '', '$.source.title', '', '$.source.url', '')"
)
_CALLED = re.compile(r'"(?:name|email)":"((?:[^"\\]|\\.)*)"')
"""How the codec writes a name or an address."""
_WHOLE_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")

_OTHER = " OR COALESCE(json_extract(content, '$.ticket.{name}'), -1) NOT IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer as the kept tickets name one. ``id`` is the helpdesk's; ``email`` is empty where none was read.

    ``only_wrote_it`` says that the address was looked for, and is known only from what this customer wrote.
    """

    account: AccountId
    id: int
    name: str = field(repr=False)
    email: str = field(default="", repr=False)
    only_wrote_it: bool = False


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is, or was, kept: solved tickets, replies learned from them, opened tickets, texts in the log, acts."""

    solved: int = 0
    replies: int = 0
    opened: int = 0
    log_texts: int = 0
    acts: int = 0

    def __bool__(self) -> bool:
        return any((self.solved, self.replies, self.opened, self.log_texts, self.acts))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted. ``changes`` are the documents that went, by account, for an index."""

    holdings: Holdings
    changes: dict[AccountId, Changes]


@dataclass(frozen=True, slots=True)
class _Of:
    """What belongs to a customer: tickets, by account and id, and the address that is looked for in all texts."""

    account: AccountId
    solved: tuple[int, ...]
    opened: tuple[int, ...]
    tickets: tuple[int, ...]
    email: str = field(repr=False)


class Forgetting:
    """`find` and `holdings` read, and block; the rest belongs to the event loop."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    def find(self, account: AccountId, who: str) -> tuple[KnownCustomer, ...]:
        """Return customers by the helpdesk's id, or by a part of their name or address; at most `MOST_FOUND`.

        Neither case nor accents matter. An address that no ticket names as its customer's is looked for in what
        customers wrote.
        """
        wanted = who.strip().casefold()
        if not fold(wanted):
            return ()
        found: dict[int, KnownCustomer] = {}
        for one in self._customers(account, wanted):
            known = found.get(one.id)
            if known is None or (one.email and not known.email) or (known.only_wrote_it and not one.only_wrote_it):
                found[one.id] = one
        ranked = sorted(found.values(), key=lambda one: (one.email.casefold() != wanted, one.name.casefold(), one.id))
        return tuple(ranked[:MOST_FOUND])

    def holdings(self, customer: KnownCustomer) -> Holdings:
        """Return what `forget_customer` would delete."""
        of = self._of(customer)
        return self._reader.with_connection(lambda connection: _count(connection, of))

    async def forget_customer(self, customer: KnownCustomer) -> Forgotten:
        """Delete all texts of a customer, and what the helpdesk still holds of them is not read again.

        Tickets that the customer only wrote in, or that quote the address, go too. `wipe` has to follow.
        """
        of = await asyncio.to_thread(self._of, customer)
        return await self._writer.run(lambda connection: _forget_customer(connection, customer, of))

    async def forget_older(self, than: datetime) -> Forgotten:
        """Delete all texts of customers that are older than ``than``. `wipe` has to follow."""
        return await self._writer.run(lambda connection: _forget_older(connection, than))

    async def forget_outside(self, account: AccountId, scope: SyncScope, *, since: datetime | None) -> Forgotten:
        """Delete what an account's sync is not to read any more, as far as it can be told here.

        ``since`` is the time before which a solved ticket is too old, None for no bound.
        """
        return await self._writer.run(lambda connection: _forget_outside(connection, account, scope, since))

    async def wipe(self) -> bool:
        """Write the file anew without what was deleted, and empty the write-ahead log.

        Returns False where a reader kept the log from being emptied; then call it again.
        """
        wiped = await self._writer.run_alone(_wipe)
        if wiped:
            await self._writer.run(lambda connection: put_setting(connection, UNWIPED, None))
        return wiped

    @property
    def is_unwiped(self) -> bool:
        """Whether something was deleted and `wipe` did not come to its end, as after a crash between the two."""
        return self._reader.one("SELECT 1 FROM settings WHERE key = ?", (UNWIPED,)) is not None

    def _customers(self, account: AccountId, wanted: str) -> Iterator[KnownCustomer]:
        by_address = _WHOLE_ADDRESS.fullmatch(wanted) is not None  # a part of one is many people's
        is_id = wanted.isdecimal() and len(wanted) < LONGEST_ID
        traces = _traces_of(int(wanted)) if is_id else _traces_in(wanted) if by_address else ()
        called = "" if traces else fold(wanted)
        for opened in self._holding(OpenTicket, account, traces, called):
            if (one := opened.customer) is not None and _is_meant(wanted, one.id, one.name, one.email):
                yield KnownCustomer(account, one.id, one.name, one.email)
        for solved in self._holding(SolvedTicket, account, traces, called):
            for message in solved.messages:
                author = message.author
                if author.role is not Role.CUSTOMER or author.id is None:
                    continue
                said = by_address and _says((message.text, message.html), wanted)
                if said or _is_meant(wanted, author.id, author.name, ""):
                    yield KnownCustomer(account, author.id, author.name, wanted if said else "", only_wrote_it=said)

    def _of(self, customer: KnownCustomer) -> _Of:
        account, email = customer.account, customer.email.strip().casefold()
        rows = self._reader.all(
            "SELECT ticket_id FROM ticket_requesters WHERE account = ?1 AND requester_id = ?2"
            " UNION SELECT id FROM solved_tickets WHERE account = ?1 AND requester_id = ?2",
            (account, customer.id),
        )
        own = {int(str(row[0])) for row in rows}
        solved, opened = set(own), set(own)
        for traces in filter(None, (_traces_of(customer.id), _traces_in(email))):
            for kind, ids in ((SolvedTicket, solved), (OpenTicket, opened)):
                held = self._holding(kind, account, traces)
                ids |= {one.ticket.ref.id for one in held if _names(one, customer.id, email)}
        return _Of(account, tuple(sorted(solved)), tuple(sorted(opened)), tuple(sorted(solved | opened)), email)

    def _holding(self, kind: type[Any], account: AccountId, traces: Sequence[str], called: str = "") -> Iterator[Any]:
        """Yield tickets whose stored form holds one of ``traces``, ASCII's case aside; SQLite looks, which is quick.

        ``called`` (folded) keeps those that hold it in a name or an address, before they are read as a whole.
        What cannot be read is nobody's to name.
        """
        table = "tickets_cache" if kind is OpenTicket else "solved_tickets"
        held = " OR ".join("instr(lower(content), lower(?))" for _ in traces) or "TRUE"
        sql = f"SELECT rowid, content FROM {table} WHERE account = ? AND ({held}) AND rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608  # this module's own words; values are bound
        for page in self._reader.pages(sql, (account, *traces), after=0, size=READ_AT_ONCE):
            for _, content in page:
                with suppress(UnknownFormat):
                    if _calls(str(content), called):
                        yield loads(kind, str(content))


def _traces_of(id_: int) -> tuple[str, ...]:
    """Return how the codec writes that a customer is a ticket's, or the author of a message."""
    return f'"author":{{"id":{id_},', f'"customer":{{"id":{id_},'


def _traces_in(text: str) -> tuple[str, ...]:
    """Return the longest part of ``text`` that SQLite compares without its case; nothing where there is none."""
    longest = max(re.split(r"[^\x20-\x7e]+", text), key=len).strip()
    return (longest.replace("\\", "\\\\").replace('"', '\\"'),) if longest else ()


def _calls(content: str, called: str) -> bool:
    """Tell whether a name or an address in a ticket's stored form holds ``called``; where that is empty, all do."""
    written = json.dumps(called, ensure_ascii=False)[1:-1]
    return any(written in fold(one) for one in _CALLED.findall(content)) if called else True


def _is_meant(wanted: str, id_: int, name: str, email: str) -> bool:
    return wanted == str(id_) or (
        not wanted.isdecimal() and any(fold(wanted) in fold(known) for known in (name, email))
    )


def _names(one: OpenTicket | SolvedTicket, customer: int, email: str) -> bool:
    """Tell whether a ticket is the customer's, has a message of theirs, or holds their address."""
    if one.ticket.requester_id == customer:
        return True
    if isinstance(one, OpenTicket) and one.customer is not None and one.customer.id == customer:
        return True
    if any(said.author.id == customer and said.author.role is Role.CUSTOMER for said in one.messages):
        return True
    return bool(email) and _says(json.loads(dumps(one)), email)


def _says(value: Any, email: str) -> bool:
    """Tell whether a text in ``value`` holds an address (case folded), and not only as the end of a longer one."""
    if isinstance(value, str):
        return re.search(rf"(?<![\w+])(?<!\w[.'-]){re.escape(email)}(?![\w-])", value.casefold()) is not None
    if isinstance(value, dict):
        return any(_says(one, email) for one in value.values())
    return isinstance(value, list | tuple) and any(_says(one, email) for one in value)


def _forget_customer(connection: Connection, customer: KnownCustomer, of: _Of) -> Forgotten:
    counted = _count(connection, of)
    put_setting(connection, UNWIPED, "1")
    changes = knowledge.remove(connection, SourceKind.PAST_REPLY, of.account, of.solved)
    ids = (of.account, json.dumps(of.opened))
    connection.execute(
        "DELETE FROM tickets_cache WHERE account = ? AND ticket_id IN (SELECT value FROM json_each(?))", ids
    )
    condition, values = _acts_of(connection, of)
    connection.execute(f"DELETE FROM pending_acts WHERE {condition}", values)  # noqa: S608  # this module's own words
    _take_words(connection, _log_of(connection, of))
    connection.execute(
        "INSERT INTO forgotten_customers (account, requester_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (of.account, customer.id),
    )
    return Forgotten(counted, {of.account: changes})


def _forget_older(connection: Connection, than: datetime) -> Forgotten:
    before = time_text(than)
    changes: dict[AccountId, Changes] = {}
    solved = replies = 0
    for account, ids in _old_solved(connection, before).items():
        changes[account] = knowledge.remove(connection, SourceKind.PAST_REPLY, account, ids)
        solved, replies = solved + len(ids), replies + len(changes[account].removed)
    connection.execute("DELETE FROM tickets_cache WHERE fetched_at < ?", (before,))
    opened = connection.changes()
    connection.execute("DELETE FROM pending_acts WHERE planned_at < ? AND state IN ('done', 'refused')", (before,))
    acts = connection.changes()
    texts = _take_words(connection, ("at < ?", (before,)))
    gone = Holdings(solved, replies, opened, texts, acts)
    if gone:
        put_setting(connection, UNWIPED, "1")
    return Forgotten(gone, changes)


def _old_solved(connection: Connection, before: str) -> dict[AccountId, list[int]]:
    found: dict[AccountId, list[int]] = {}
    for account, id_ in connection.execute("SELECT account, id FROM solved_tickets WHERE updated_at < ?", (before,)):
        found.setdefault(AccountId(str(account)), []).append(int(str(id_)))
    return found


def _forget_outside(connection: Connection, account: AccountId, scope: SyncScope, since: datetime | None) -> Forgotten:
    outside = "updated_at < ?" if since is not None else "FALSE"
    values: list[str] = [time_text(since)] if since is not None else []
    for name, wanted in (("group_id", scope.groups), ("brand_id", scope.brands)):
        if wanted:
            # What does not say its group or brand may be anybody's: it is read again if it belongs.
            outside += _OTHER.format(name=name)
            values.append(json.dumps(sorted(wanted)))
    rows = connection.execute(
        f"SELECT id FROM solved_tickets WHERE account = ? AND ({outside})",  # noqa: S608  # made of this function's own words; values are bound
        (account, *values),
    )
    ids = [int(str(row[0])) for row in rows]
    changes = knowledge.remove(connection, SourceKind.PAST_REPLY, account, ids)
    return Forgotten(Holdings(len(ids), len(changes.removed)), {account: changes} if ids else {})


Where = tuple[str, tuple[str, ...]]


def _acts_of(connection: Connection, of: _Of) -> Where:
    """Return which pending acts are on a customer's tickets, or name the address, such as in copy."""
    where = "(account = ?1 AND ticket_id IN (SELECT value FROM json_each(?2)))"
    values = of.account, json.dumps(of.tickets)
    if not of.email:
        return where, values
    kept = "SELECT seq, COALESCE(preview, 'null'), COALESCE(decision, 'null') FROM pending_acts"
    found = _saying(connection, f"{kept} WHERE instr(lower(COALESCE(preview, '') || COALESCE(decision, '')), ?)", of)
    return f"{where} OR seq IN (SELECT value FROM json_each(?3))", (*values, found)  # noqa: S608  # of this module's own words; values are bound


def _saying(connection: Connection, sql: str, of: _Of) -> str:
    """Return the numbers of rows, as JSON, whose stored texts hold the address. ``sql`` finds those that may."""
    rows = connection.execute(sql, (of.email,))
    return json.dumps([row[0] for row in rows if any(_says(json.loads(str(text)), of.email) for text in row[1:])])


def _log_of(connection: Connection, of: _Of) -> Where:
    """Return which rows of the log hold words of a customer.

    Those on their tickets, those about replies that were learned from their tickets, and those that hold the address.
    """
    where = (
        "(account = ?1 AND ticket_id IN (SELECT value FROM json_each(?2))) OR suggestion_id IN ("
        " SELECT suggestion_id FROM events WHERE kind = 'shown' AND account = ?1 AND source_key LIKE 'reply:%'"
        " AND CAST(substr(source_key, 7, instr(substr(source_key, 7), ':') - 1) AS INTEGER)"
        " IN (SELECT value FROM json_each(?2)))"
    )
    values: tuple[str, ...] = (of.account, json.dumps(of.tickets))
    if of.email:
        found = _saying(connection, "SELECT seq, payload FROM events WHERE instr(lower(payload), ?)", of)
        return f"{where} OR seq IN (SELECT value FROM json_each(?3))", (*values, found)  # noqa: S608  # as above
    return where, values


def _take_words(connection: Connection, where: Where) -> int:
    """Take the words out of rows of the log; return how many had some."""
    condition, values = where
    connection.execute("INSERT INTO retention_run (started_at) VALUES (datetime('now'))")
    connection.execute(
        f"UPDATE events SET payload = {_WORDLESS} WHERE ({condition}) AND payload <> {_WORDLESS}",  # noqa: S608  # made of this module's own words; values are bound
        values,
    )
    changed = connection.changes()
    connection.execute("DELETE FROM retention_run")
    return changed


def _count(connection: Connection, of: _Of) -> Holdings:
    def number(sql: str, *values: str) -> int:
        return int(str(connection.execute(f"SELECT COUNT(*) FROM {sql}", values).fetchall()[0][0]))  # noqa: S608  # called with this module's own words; values are bound

    listed = "account = ? AND {} IN (SELECT value FROM json_each(?))"
    solved, opened = json.dumps(of.solved), json.dumps(of.opened)
    condition, values = _log_of(connection, of)
    acts, acts_values = _acts_of(connection, of)
    return Holdings(
        solved=number(f"solved_tickets WHERE {listed.format('id')}", of.account, solved),
        replies=number(f"past_replies WHERE {listed.format('ticket_id')}", of.account, solved),
        opened=number(f"tickets_cache WHERE {listed.format('ticket_id')}", of.account, opened),
        log_texts=number(f"events WHERE ({condition}) AND payload <> {_WORDLESS}", *values),
        acts=number(f"pending_acts WHERE {acts}", *acts_values),
    )


def _wipe(connection: Connection) -> bool:
    """Deleted words stay in the segments of full text until those are merged, and in free pages until they are gone."""
    for table in ("past_replies_fts", "macros_fts", "passages_fts"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608  # this package's own names
    connection.execute("VACUUM")
    return truncate_log(connection)
