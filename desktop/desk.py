"""The connected helpdesks, as the rest of the shell sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from assist.domain import AccountId, Agent, TicketRef
from assist.ports import Helpdesk


class SystemClock:
    """The machine's clock, in UTC. An `assist.ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Seat:
    """One account with a helpdesk that answers, and who the agent is there."""

    helpdesk: Helpdesk
    agent: Agent
    display: str

    @property
    def account(self) -> AccountId:
        return self.helpdesk.account


class Desk:
    """All seats of this agent, in the order in which they were connected."""

    def __init__(self) -> None:
        self._seats: dict[AccountId, Seat] = {}

    def __iter__(self) -> Iterator[Seat]:
        return iter(tuple(self._seats.values()))

    def __len__(self) -> int:
        return len(self._seats)

    def add(self, seat: Seat) -> None:
        self._seats[seat.account] = seat

    def remove(self, account: AccountId) -> Seat | None:
        return self._seats.pop(account, None)

    def get(self, account: AccountId) -> Seat | None:
        return self._seats.get(account)

    def holds(self, seat: Seat) -> bool:
        """Tell whether ``seat`` is still the account's: an answer to one that has been left means nothing."""
        return self._seats.get(seat.account) is seat

    def find(self, address: str) -> TicketRef | None:
        """Return the ticket that ``address`` names: a page of a connected account, or a bare number.

        A bare number belongs to the account that was connected first.
        """
        text = address.strip().lstrip("#")
        if text.isdecimal() and 0 < int(text) < 2**63 and self._seats:
            return TicketRef(next(iter(self._seats)), int(text))
        for seat in self:
            ticket_id = seat.helpdesk.ticket_id_in(text)
            if ticket_id is not None:
                return TicketRef(seat.account, ticket_id)
        return None
