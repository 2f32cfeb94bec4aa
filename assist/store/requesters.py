"""Who asked which ticket, as numbers, and which customers are not to be kept any more."""

from __future__ import annotations

from assist.domain import Ticket
from assist.store.database import Connection


def note_requester(connection: Connection, ticket: Ticket) -> bool:
    """Remember who asked ``ticket``; return False, and remember nothing, for a customer who was deleted."""
    if ticket.requester_id is None:
        return True
    account, ticket_id, requester = ticket.ref.account, ticket.ref.id, ticket.requester_id
    forgotten = connection.execute(
        "SELECT 1 FROM forgotten_customers WHERE account = ? AND requester_id = ?", (account, requester)
    ).fetchall()
    if forgotten:
        return False
    connection.execute(
        "INSERT INTO ticket_requesters (account, ticket_id, requester_id) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET requester_id = excluded.requester_id",
        (account, ticket_id, requester),
    )
    return True
