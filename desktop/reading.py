"""Reads tickets from their helpdesks and keeps what was read; one request for each ticket at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assist.domain import AccountId, OpenTicket, TicketRef
from assist.errors import HelpdeskError, StoreError
from assist.ports import Clock
from assist.store.store import Store
from desktop.desk import Desk, Seat
from desktop.tasks import TaskSet

SPARED_FOR = timedelta(seconds=5)
"""An agent who goes back and forth between two tabs causes one reading of each in so long a time."""


@dataclass(frozen=True, slots=True)
class _Reading:
    seat: Seat
    begun_at: datetime
    answer: asyncio.Future[OpenTicket | HelpdeskError]


class TicketReader:
    """Belongs to the event loop's thread.

    A reading goes on when nobody waits for it any more: its request has been sent, and the cached copy that it
    leaves makes the way back to that ticket instant.
    """

    def __init__(self, desk: Desk, store: Store, clock: Clock, tasks: TaskSet) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._readings: dict[TicketRef, _Reading] = {}

    async def read(self, seat: Seat, ref: TicketRef, *, sparing: bool = False) -> OpenTicket:
        """Return the ticket as its helpdesk has it, or, ``sparing``, as it had it less than `SPARED_FOR` ago.

        Raises:
            HelpdeskError: As `Helpdesk.open_ticket` does; sparing, what was raised less than `SPARED_FOR` ago.
        """
        reading = self._readings.get(ref)
        if reading is None or not (sparing and reading.seat is seat and self._is_young(reading)):
            reading = self._begin(seat, ref)
        answer = await asyncio.shield(reading.answer)
        if isinstance(answer, HelpdeskError):
            raise answer
        return answer

    def cached(self, ref: TicketRef) -> OpenTicket | None:
        """Return the kept copy of a ticket, if there is one."""
        try:
            cached = self._store.tickets.get(ref, now=self._clock.now())
        except StoreError as error:
            self._tasks.report("the cache", error)
            return None
        return cached.open_ticket if cached is not None else None

    def forget(self, account: AccountId) -> None:
        """Drop what was read from ``account``."""
        self._readings = {ref: one for ref, one in self._readings.items() if ref.account != account}

    def _begin(self, seat: Seat, ref: TicketRef) -> _Reading:
        kept = {at: one for at, one in self._readings.items() if not one.answer.done() or self._is_young(one)}
        reading = _Reading(seat, self._clock.now(), asyncio.get_running_loop().create_future())
        self._readings = {**kept, ref: reading}
        self._tasks.latest(f"read {ref}", self._fetch(reading, ref))
        return reading

    def _is_young(self, reading: _Reading) -> bool:
        # A clock that was set back must not spare for hours.
        return timedelta(0) <= self._clock.now() - reading.begun_at < SPARED_FOR

    async def _fetch(self, reading: _Reading, ref: TicketRef) -> None:
        try:
            answer = await _asked(reading.seat, ref)
            reading.answer.set_result(answer)
        finally:
            # Cancelled, or an error that nobody expected: who waits is not left waiting. Nothing for one that is done.
            reading.answer.cancel()
        if isinstance(answer, OpenTicket) and self._desk.holds(reading.seat):
            await self._store.tickets.put(answer)


async def _asked(seat: Seat, ref: TicketRef) -> OpenTicket | HelpdeskError:
    try:
        return await seat.helpdesk.open_ticket(ref.id)
    except HelpdeskError as error:
        return error


def differs(before: OpenTicket, after: OpenTicket) -> bool:
    """Tell whether anything that help is made from changed; when it was read does not count."""
    return replace(before, fetched_at=after.fetched_at) != after
