"""The tickets that were opened last, whole, so that a first paint needs no network."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from assist.domain import AccountId, OpenTicket, TicketRef
from assist.store.codec import UnknownFormat, dumps, loads, time_text
from assist.store.database import Connection
from assist.store.requesters import note_requester
from assist.store.writer import Reader, Writer

log = logging.getLogger(__name__)

KEPT_TICKETS = 500


@dataclass(frozen=True, slots=True)
class Cached:
    """A ticket as it was when it was fetched. ``age`` is never negative, even when the clock was put back."""

    open_ticket: OpenTicket
    age: timedelta


class TicketCache:
    """Holds the newest `KEPT_TICKETS` tickets of each account."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, open_ticket: OpenTicket) -> None:
        """Keep a ticket, unless one that was fetched later is kept already."""
        await self._writer.run(lambda connection: put_ticket(connection, open_ticket))

    def get(self, ref: TicketRef, *, now: datetime) -> Cached | None:
        """Return the kept ticket, or None. One that cannot be read any more counts as not kept."""
        row = self._reader.one(
            "SELECT content FROM tickets_cache WHERE account = ? AND ticket_id = ?", (ref.account, ref.id)
        )
        if row is None:
            return None
        try:
            open_ticket = loads(OpenTicket, str(row[0]))
        except UnknownFormat:
            log.warning("a cached ticket has an unknown format and is fetched anew")
            return None
        return Cached(open_ticket, max(now - open_ticket.fetched_at, timedelta(0)))

    def recent(self, account: AccountId, *, limit: int = 20) -> Sequence[OpenTicket]:
        """Return the tickets that were fetched last, newest first."""
        rows = self._reader.all(
            "SELECT content FROM tickets_cache WHERE account = ? ORDER BY fetched_at DESC, ticket_id LIMIT ?",
            (account, limit),
        )
        found = []
        for (content,) in rows:
            with suppress(UnknownFormat):
                found.append(loads(OpenTicket, str(content)))
        return found

    async def forget(self, ref: TicketRef) -> None:
        """Drop a ticket, e.g. one that was deleted or may no longer be seen."""
        await self._writer.run(lambda connection: forget_ticket(connection, ref))


def put_ticket(connection: Connection, open_ticket: OpenTicket, *, kept: int = KEPT_TICKETS) -> None:
    """Keep a ticket on this connection, and drop the oldest beyond ``kept``. One of a deleted customer is not kept."""
    ref = open_ticket.ticket.ref
    if not note_requester(connection, open_ticket.ticket):
        return
    connection.execute(
        "INSERT INTO tickets_cache (account, ticket_id, content, fetched_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET content = excluded.content, fetched_at = excluded.fetched_at"
        " WHERE excluded.fetched_at >= tickets_cache.fetched_at",
        (ref.account, ref.id, dumps(open_ticket), time_text(open_ticket.fetched_at)),
    )
    connection.execute(
        "DELETE FROM tickets_cache WHERE account = ?1 AND ticket_id IN (SELECT ticket_id FROM tickets_cache"
        " WHERE account = ?1 ORDER BY fetched_at DESC, ticket_id LIMIT -1 OFFSET ?2)",
        (ref.account, kept),
    )


def forget_ticket(connection: Connection, ref: TicketRef) -> None:
    connection.execute("DELETE FROM tickets_cache WHERE account = ? AND ticket_id = ?", (ref.account, ref.id))
