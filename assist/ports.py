"""What ``assist`` and ``desktop`` need from the outside, as protocols. Adapters live in ``integrations``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from assist.acts import Actor, RenderedMacro
from assist.domain import (
    AccountId,
    Agent,
    Article,
    HelpdeskKind,
    Macro,
    Message,
    OpenTicket,
    SolvedTicket,
    Ticket,
    TicketRef,
)

Vectors = NDArray[np.float32]


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Batch(Generic[T_co]):
    """One page of a collection that is being synced.

    ``checkpoint`` is opaque: handing it to the same method resumes after this batch. ``done`` says that the
    collection has been read to its end. ``gone`` are ids that no longer exist or must no longer be shown.
    """

    items: tuple[T_co, ...]
    checkpoint: str
    done: bool
    gone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """What the account's API budget looked like in the last answer. None where the vendor did not say."""

    limit: int | None
    remaining: int | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the helpdesk that an admin can choose: a brand, a group, a folder."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Places:
    """What a sync can be limited to. ``folders`` are sections (Zendesk) or solution folders (Freshdesk)."""

    brands: tuple[Named, ...] = ()
    groups: tuple[Named, ...] = ()
    folders: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncScope:
    """What a sync reads; an empty set means all, 0 months no bound.

    Attributes:
        brands: Brands of articles and solved tickets.
        groups: Groups of solved tickets.
        folders: Folders of articles.
        months: How long ago a solved ticket may have changed last.
    """

    brands: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    folders: frozenset[int] = frozenset()
    months: int = 0


EVERYTHING = SyncScope()


class Surroundings(Protocol):
    """What an account tells beyond tickets and knowledge. Raises only ``assist.errors``."""

    scope: SyncScope
    """What `Helpdesk.articles` and `Helpdesk.solved_tickets` read. After a change the next read starts anew, and
    what no longer belongs to it is ``gone``."""

    async def standing(self, ticket_id: int) -> Ticket:
        """Return what is cheap to know of a ticket now: status, assignee, times, merged into which.

        One request. Raises `NotThere` for a deleted ticket.
        """

    async def rendered_macro(self, ticket_id: int, macro_id: int) -> RenderedMacro | None:
        """Return a macro as the helpdesk itself would apply it to a ticket; None where it cannot tell."""

    async def places(self) -> Places:
        """Return what a sync can be limited to, as far as this agent may see it."""


class Helpdesk(Surroundings, Protocol):
    """One account at one vendor, acting as the signed-in agent. Raises only ``assist.errors``.

    Reading changes nothing in the helpdesk that a customer could notice. Only `actor` changes anything, and it is asked
    only when the agent asks.
    """

    account: AccountId
    kind: HelpdeskKind

    @property
    def actor(self) -> Actor: ...

    async def me(self) -> Agent:
        """Return the signed-in agent, or raise `SignInNeeded`."""

    async def open_ticket(self, ticket_id: int) -> OpenTicket:
        """Read a ticket with its conversation (newest pages first, bounded), requester and history."""

    async def replies_since(self, ref: TicketRef, after: datetime) -> tuple[Message, ...]:
        """Return messages created after ``after``, oldest first; cheap, for outcomes and stale checks."""

    async def recently_viewed(self) -> int | None:
        """Return the id of the ticket that the agent looked at last, or None where the vendor cannot tell."""

    def articles(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Article]]:
        """Read articles that changed since ``checkpoint`` (all, when None)."""

    def macros(self, checkpoint: str | None = None) -> AsyncIterator[Batch[Macro]]:
        """Read macros or canned responses. Raises `NotAllowed` where the agent's role may not."""

    def solved_tickets(
        self, checkpoint: str | None = None, *, limit: int = 2_000
    ) -> AsyncIterator[Batch[SolvedTicket]]:
        """Read solved tickets with their public conversations, newest first, at most ``limit``."""

    def ticket_url(self, ticket_id: int) -> str:
        """Return the address of the agent's page for a ticket."""

    def ticket_id_in(self, address: str) -> int | None:
        """Return the ticket id if ``address`` is a ticket page of this account, else None."""

    @property
    def quota(self) -> Quota | None: ...

    @property
    def is_reachable(self) -> bool:
        """Whether the last request that came to an end got an answer; being asked to slow down is one."""

    async def aclose(self) -> None: ...


class Encoder(Protocol):
    """Turns texts into unit vectors. The same text always gives the same vector."""

    name: str
    """Model and revision: vectors of different names are never compared."""
    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), float32, rows of unit length (zero for empty texts)."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
