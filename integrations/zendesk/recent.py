"""Which ticket the agent looked at last, although Kibitz's own reads stand in the same list.

Zendesk's ``tickets/recent`` is ordered by last view, and reading a ticket by id with the agent's credentials
counts as a view, some seconds late. It never says that a ticket was closed.

The rule: from one answer to the next, a ticket *rose* if it now stands before one that stood before it. A
ticket that is new in the list rose too, unless it only slipped in at the end because another one left. A
rise has one of two causes. If Kibitz read that ticket within the last 30 seconds, this explains the rise,
once. Otherwise the agent viewed it. The answer is the frontmost ticket that the agent raised; while there is
none, it is the one of last time. So a ticket that Kibitz has read counts again as soon as the agent comes
back to it, because that is a second rise. A read of the ticket on top raises nothing, so it explains nothing
either.

Whether reading a conversation counts as a view is not documented. It is taken to count until one that was
read for longer than the lag has not risen; a view that was doubted for this reason alone and is still on top
counts then. Were it taken to count for good, the looks for what was sent, which
go on for half an hour, would explain every return of the agent to a ticket.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

LAG = timedelta(seconds=30)
"""Zendesk's own tests wait 5 s until a read has moved the list; this leaves room for a slow day."""


class RecentViews:
    """Remembers the list's last order and the reads that may still move it."""

    def __init__(self) -> None:
        self._order: tuple[int, ...] = ()
        self._own_reads: dict[int, datetime] = {}
        self._own_looks: dict[int, datetime] = {}
        self._looks_count = True
        self._doubted: int | None = None
        self._viewed: int | None = None

    def note_own_read(self, ticket_id: int, now: datetime) -> None:
        """Say that Kibitz itself reads this ticket, before the request is sent."""
        if self._order[:1] != (ticket_id,):
            self._own_reads[ticket_id] = now

    def note_own_look(self, ticket_id: int, now: datetime) -> None:
        """Say that Kibitz reads this ticket's conversation alone, before the request is sent."""
        if self._looks_count and self._order[:1] != (ticket_id,):
            self._own_looks.setdefault(ticket_id, now)

    def viewed(self, order: Sequence[int], now: datetime) -> int | None:
        """Take the list as it is now and return the ticket that the agent looked at last, None if unknown."""
        self._own_reads = {id_: at for id_, at in self._own_reads.items() if abs(now - at) <= LAG}
        raised = [id_ for id_ in self._risen(order) if not self._explained(id_)]
        if raised:
            self._viewed, self._doubted = raised[0], None
        self._learn(order, now)
        self._order = tuple(order)
        return self._viewed

    def _explained(self, ticket_id: int) -> bool:
        read, look = self._own_reads.pop(ticket_id, None), self._own_looks.pop(ticket_id, None)
        if read is None and look is not None:
            self._doubted = ticket_id
        return read is not None or look is not None

    def _learn(self, order: Sequence[int], now: datetime) -> None:
        """Forget looks whose time is over; one that raised nothing tells that looks do not count."""
        late = {id_: self._own_looks.pop(id_) for id_, at in tuple(self._own_looks.items()) if abs(now - at) > LAG}
        if not any(id_ in order and at < now for id_, at in late.items()):
            return
        self._looks_count = False
        self._own_looks.clear()
        if self._doubted is not None and self._doubted in order[:1]:
            self._viewed = self._doubted

    def _risen(self, order: Sequence[int]) -> list[int]:
        if not self._order:
            return list(order)
        before = {id_: place for place, id_ in enumerate(self._order)}
        beyond = len(before)
        risen, best_below = [], beyond
        for index, id_ in reversed(tuple(enumerate(order))):
            place = before.get(id_, beyond)
            if place > best_below or (place == beyond and index == 0):
                risen.append(id_)
            else:
                best_below = min(best_below, place)
        return risen[::-1]
