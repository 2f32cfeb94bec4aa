"""What an account may have that the shop's data does not hold. Empty at first; tests and the demo put things here."""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.demo.model import Ticket


@dataclass(slots=True)
class Odds:
    """Ticket numbers unless said otherwise.

    Attributes:
        outlet: Tickets of the second brand.
        messaging: Tickets that stand for a messaging conversation.
        merged: Tickets that were closed by a merge, to the ticket that they were merged into.
        surveys: Whether customers rate by the newer surveys instead of on the ticket.
        deleted: Tickets that were taken away, as they were.
        associated: Tickets that belong to others: 1 as parent, 2 as child, 3 as tracker, 4 as related (Freshdesk).
        bounced: Ids of messages that could not be delivered.
        nested: Ids of sections whose articles for few stand in a folder inside the one for everybody.
        admins_only: Paths that agents may not read, such as ``/api/v2/brands``.
    """

    outlet: set[int] = field(default_factory=set)
    messaging: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)
    surveys: bool = False
    deleted: dict[int, Ticket] = field(default_factory=dict)
    associated: dict[int, int] = field(default_factory=dict)
    bounced: set[int] = field(default_factory=set)
    nested: set[int] = field(default_factory=set)
    admins_only: set[str] = field(default_factory=set)
