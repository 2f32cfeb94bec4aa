"""Who asked which ticket, as numbers, and which customers are not to be kept any more."""

from __future__ import annotations

from assist.domain import Ticket, TicketRef
from assist.store.database import Connection


def note_requester(connection: Connection, ticket: Ticket) -> bool:
    """Remember who asked ``ticket``; return False where nothing else may be kept of it, as its customer was deleted."""
    if ticket.requester_id is None:
        return True
    connection.execute(
        "INSERT INTO ticket_requesters (account, ticket_id, requester_id) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET requester_id = excluded.requester_id",
        (ticket.ref.account, ticket.ref.id, ticket.requester_id),
    )
    return not is_of_forgotten(connection, ticket.ref)


def is_of_forgotten(connection: Connection, ref: TicketRef) -> bool:
    """Tell whether a ticket is known to be of a customer who was deleted."""
    found = connection.execute(
        "SELECT 1 FROM ticket_requesters JOIN forgotten_customers USING (account, requester_id)"
        " WHERE account = ? AND ticket_id = ?",
        (ref.account, ref.id),
    )
    return bool(found.fetchall())
