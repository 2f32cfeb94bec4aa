"""The append-only log of what was shown, what the agent did, and what was really sent.

Its rules live in the database (resources/sql/001_initial.sql): one `Shown` for each suggestion, at most one
final decision standing, one `Outcome` for each sent message, no row ever changed or removed.
"""

# ruff: noqa: S608  # what is put into statements are this package's own names; values are always bound

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import Protocol, TypeAlias

from assist.domain import AccountId, Decision, EventKind, Outcome, Shown, SuggestionId, TicketRef
from assist.errors import StoreError
from assist.store.codec import dumps, loads, storable, time_text
from assist.store.database import Connection, Row, Value
from assist.store.errors import Refused
from assist.store.requesters import is_of_forgotten
from assist.store.writer import Reader, Writer

Event: TypeAlias = Shown | Decision | Outcome

PAGE = 500
_COLUMNS = "seq, uuid, kind, payload"
_FINAL_OR_UNDONE = "kind IN ('used', 'edited', 'dismissed', 'undismissed', 'expired')"


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the log. ``seq`` rises with every row and is never reused; ``uuid`` is unique everywhere."""

    seq: int
    uuid: str
    event: Event

    @property
    def kind(self) -> EventKind:
        return kind_of(self.event)


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of an event that was handed in.

    ``logged`` is the row that now stands. ``is_new`` is False for a repeat: then nothing was written, and
    ``logged`` may be of another kind or text than what was handed in. It is None only for an `UNDISMISSED`
    where nothing stands.
    """

    logged: Logged | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which rows to read. Times are the events' own, [``since``, ``until``); an empty filter means all."""

    since: datetime | None = None
    until: datetime | None = None
    account: str | None = None
    ref: TicketRef | None = None
    kinds: frozenset[EventKind] = field(default_factory=frozenset)


class EventLog:
    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    def submit(self, *events: Event) -> Future[tuple[Appended, ...]]:
        """Queue events as one transaction; all are on disk when the future is done, or none is."""
        return self._writer.submit(lambda connection: append(connection, events))

    async def append(self, *events: Event) -> tuple[Appended, ...]:
        """Write events as one transaction, in this order; they survive a power cut once this returns.

        Raises:
            Refused: A decision is about a suggestion that was never shown.
            StoreError: The database cannot be written. Nothing of ``events`` was.
        """
        return await self._writer.run(lambda connection: append(connection, events))

    def standing(self, suggestion_id: SuggestionId) -> Decision | None:
        """Return the final decision that stands for a suggestion, or None while it is open."""
        found = _standing(self._reader.all, suggestion_id)
        return found.event if found is not None and isinstance(found.event, Decision) else None

    def dismissed_sources(self, ref: TicketRef) -> frozenset[str]:
        """Return the `Source.key` of everything that stands dismissed on a ticket, however often it changed."""
        rows = self._reader.all(
            "SELECT DISTINCT shown.source_key FROM events AS shown JOIN standing"
            " ON standing.suggestion_id = shown.suggestion_id AND standing.kind = 'dismissed'"
            " WHERE shown.account = ? AND shown.ticket_id = ? AND shown.kind = 'shown'",
            (ref.account, ref.id),
        )
        return frozenset(str(key) for (key,) in rows)

    def open_suggestions(self, ref: TicketRef | None = None) -> tuple[Shown, ...]:
        """Return what was shown and is undecided, on one ticket or on all, oldest first."""
        where, values = ("", ()) if ref is None else ("AND account = ? AND ticket_id = ?", (ref.account, ref.id))
        rows = self._reader.all(
            f"SELECT {_COLUMNS} FROM events WHERE kind = 'shown' {where} AND NOT EXISTS"
            " (SELECT 1 FROM standing WHERE standing.suggestion_id = events.suggestion_id) ORDER BY seq",
            values,
        )
        return _shown_of(rows)

    def waiting_since(self, since: datetime, *, limit: int) -> tuple[tuple[TicketRef, datetime], ...]:
        """Return tickets with suggestions shown since then and no outcome after them, and when the first was shown.

        The newest come first, ``limit`` at most.
        """
        rows = self._reader.all(
            "WITH recent AS MATERIALIZED (SELECT seq, kind, account, ticket_id, at FROM events WHERE at >= ?),"
            " done AS (SELECT account, ticket_id, max(seq) AS seq FROM recent WHERE kind = 'outcome' GROUP BY 1, 2)"
            " SELECT shown.account, shown.ticket_id, min(shown.at) AS first FROM recent AS shown LEFT JOIN done"
            " ON done.account = shown.account AND done.ticket_id = shown.ticket_id"
            " WHERE shown.kind = 'shown' AND shown.seq > ifnull(done.seq, 0)"
            " GROUP BY 1, 2 ORDER BY first DESC LIMIT ?",
            (time_text(since), limit),
        )
        return tuple(
            (TicketRef(AccountId(str(account)), int(str(ticket_id))), datetime.fromisoformat(str(at)))
            for account, ticket_id, at in rows
        )

    def count_shown(self) -> int:
        """Return how many suggestions were ever shown."""
        ((count,),) = self._reader.all("SELECT count(*) FROM events WHERE kind = 'shown'", ())
        return int(str(count))

    def shown_on(self, ref: TicketRef, *, before: datetime | None = None) -> tuple[Shown, ...]:
        """Return all that was shown on a ticket before a time (or ever), oldest first."""
        rows = self._reader.all(
            f"SELECT {_COLUMNS} FROM events WHERE account = ? AND ticket_id = ? AND kind = 'shown'"
            " AND at < ? ORDER BY seq",
            (ref.account, ref.id, "~" if before is None else time_text(before)),
        )
        return _shown_of(rows)

    def last_shown(self, ref: TicketRef) -> tuple[Shown, ...]:
        """Return the newest set: what was shown on a ticket at the same, latest time, by list and rank."""
        shown = self.shown_on(ref)
        latest = max((event.at for event in shown), default=None)
        return tuple(sorted((e for e in shown if e.at == latest), key=lambda e: (e.list_name, e.rank)))

    def about(self, suggestion_ids: Sequence[SuggestionId]) -> tuple[Logged, ...]:
        """Return every row that names one of these suggestions, oldest first."""
        found: list[Row] = []
        for start in range(0, len(suggestion_ids), PAGE):
            part = suggestion_ids[start : start + PAGE]
            marks = ", ".join("?" * len(part))
            # The three partial indexes need the three conditions.
            for kinds in ("kind = 'shown'", _FINAL_OR_UNDONE, "kind = 'outcome'"):
                found += self._reader.all(
                    f"SELECT {_COLUMNS} FROM events WHERE suggestion_id IN ({marks}) AND {kinds}",
                    tuple(part),
                )
        return tuple(sorted((_logged(row) for row in found), key=lambda logged: logged.seq))

    def outcomes(self, ref: TicketRef) -> tuple[Outcome, ...]:
        """Return what was sent on a ticket, oldest first."""
        rows = self.page(EventFilter(ref=ref, kinds=frozenset({EventKind.OUTCOME})), limit=-1)
        return tuple(logged.event for logged in rows if isinstance(logged.event, Outcome))

    def page(self, wanted: EventFilter, *, after_seq: int = 0, limit: int = PAGE) -> tuple[Logged, ...]:
        """Return up to ``limit`` rows after ``after_seq``, oldest first; a negative limit means all."""
        where, values = _conditions(wanted)
        rows = self._reader.all(
            f"SELECT {_COLUMNS} FROM events WHERE {where} AND seq > ? ORDER BY seq LIMIT ?",
            (*values, after_seq, limit),
        )
        return tuple(_logged(row) for row in rows)

    def page_back(self, wanted: EventFilter, *, before_seq: int | None = None, limit: int = PAGE) -> tuple[Logged, ...]:
        """Return up to ``limit`` rows before ``before_seq`` (or the end), newest first: a journal's page."""
        where, values = _conditions(wanted)
        rows = self._reader.all(
            f"SELECT {_COLUMNS} FROM events WHERE {where} AND seq < ? ORDER BY seq DESC LIMIT ?",
            (*values, 2**63 - 1 if before_seq is None else before_seq, limit),
        )
        return tuple(_logged(row) for row in rows)

    def iterate(self, wanted: EventFilter | None = None) -> Iterator[Logged]:
        """Yield all rows that match, oldest first, reading them by pages."""
        after_seq = 0
        while page := self.page(wanted or EventFilter(), after_seq=after_seq):
            yield from page
            after_seq = page[-1].seq

    def counts_by_day(self, zone: tzinfo, wanted: EventFilter | None = None) -> Mapping[tuple[date, EventKind], int]:
        """Return how many rows of each kind fall on each calendar day of ``zone``."""
        where, values = _conditions(wanted or EventFilter())
        counts: Counter[tuple[date, EventKind]] = Counter()
        sql = f"SELECT seq, at, kind FROM events WHERE {where} AND seq > ? ORDER BY seq LIMIT ?"
        for rows in self._reader.pages(sql, values, after=0, size=10_000):
            for _, at, kind in rows:
                day = datetime.fromisoformat(str(at)).astimezone(zone).date()
                counts[day, EventKind(str(kind))] += 1
        return counts


def kind_of(event: Event) -> EventKind:
    match event:
        case Shown():
            return EventKind.SHOWN
        case Decision():
            return event.kind
        case Outcome():
            return EventKind.OUTCOME


def append(connection: Connection, events: Sequence[Event]) -> tuple[Appended, ...]:
    """Append on this connection, within its transaction; see `EventLog.append`."""
    return tuple(_append_one(connection, event) for event in events)


def _append_one(connection: Connection, event: Event) -> Appended:
    kind = kind_of(event)
    if isinstance(event, Decision) and kind in {EventKind.SHOWN, EventKind.OUTCOME}:
        raise Refused(f"a decision cannot be of the kind {kind}")
    unique_id = str(uuid.uuid4())
    source_key = storable(event.source.key) if isinstance(event, Shown) else None
    message_id = event.message_id if isinstance(event, Outcome) else None
    inserted = connection.execute(
        "INSERT INTO events (uuid, at, kind, suggestion_id, account, ticket_id, source_key, message_id, payload)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (suggestion_id) WHERE kind = 'shown' DO NOTHING"
        " ON CONFLICT (account, ticket_id, message_id) WHERE kind = 'outcome' DO NOTHING"
        " RETURNING seq",
        (
            unique_id,
            time_text(event.at),
            kind,
            event.suggestion_id,
            event.ref.account,
            event.ref.id,
            source_key,
            message_id,
            dumps(_without_words(event) if is_of_forgotten(connection, event.ref) else event),
        ),
    ).fetchall()
    if inserted:
        return Appended(Logged(_number(inserted[0][0]), unique_id, event), is_new=True)
    return Appended(_what_stands(connection, event), is_new=False)


def _without_words(event: Event) -> Event:
    """Return what the log may hold of a ticket whose customer was deleted (promise D7)."""
    match event:
        case Shown():
            return replace(event, text="", source=replace(event.source, title="", url=""))
        case Outcome():
            return replace(event, sent_text="")
        case Decision():
            return replace(event, text="", reason="")


def _what_stands(connection: Connection, event: Event) -> Logged | None:
    def all_rows(sql: str, values: tuple[Value, ...]) -> list[Row]:
        return connection.execute(sql, values).fetchall()

    match event:
        case Shown():
            rows = all_rows(
                f"SELECT {_COLUMNS} FROM events WHERE suggestion_id = ? AND kind = 'shown'",
                (event.suggestion_id,),
            )
        case Outcome():
            rows = all_rows(
                f"SELECT {_COLUMNS} FROM events WHERE account = ? AND ticket_id = ? AND message_id = ?"
                " AND kind = 'outcome'",
                (event.ref.account, event.ref.id, event.message_id),
            )
        case Decision():
            return _standing(all_rows, event.suggestion_id)
    return _logged(rows[0])


class _AllRows(Protocol):
    def __call__(self, sql: str, values: tuple[Value, ...], /) -> list[Row]: ...


def _standing(all_rows: _AllRows, suggestion_id: SuggestionId) -> Logged | None:
    rows = all_rows(f"SELECT {_COLUMNS} FROM standing WHERE suggestion_id = ?", (suggestion_id,))
    return _logged(rows[0]) if rows else None


def _conditions(wanted: EventFilter) -> tuple[str, tuple[Value, ...]]:
    parts: list[str] = ["TRUE"]
    values: list[Value] = []

    def add(part: str, *of: Value) -> None:
        parts.append(part)
        values.extend(of)

    if wanted.since is not None:
        add("at >= ?", time_text(wanted.since))
    if wanted.until is not None:
        add("at < ?", time_text(wanted.until))
    if wanted.account is not None:
        add("account = ?", wanted.account)
    if wanted.ref is not None:
        add("account = ? AND ticket_id = ?", wanted.ref.account, wanted.ref.id)
    if wanted.kinds:
        add(f"kind IN ({', '.join('?' * len(wanted.kinds))})", *sorted(wanted.kinds))
    return " AND ".join(parts), tuple(values)


def _logged(row: Row) -> Logged:
    seq, unique_id, kind, payload = row
    shape: type[Shown] | type[Outcome] | type[Decision]
    match EventKind(str(kind)):
        case EventKind.SHOWN:
            shape = Shown
        case EventKind.OUTCOME:
            shape = Outcome
        case _:
            shape = Decision
    return Logged(_number(seq), str(unique_id), loads(shape, str(payload)))


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise StoreError("a row of the log has no number")
    return value


def _shown_of(rows: Sequence[Row]) -> tuple[Shown, ...]:
    events = (_logged(row).event for row in rows)
    return tuple(event for event in events if isinstance(event, Shown))
