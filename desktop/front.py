"""What is in front now: one ticket, the help for it, and what became of that help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from assist.domain import ArticleHit, Decision, EventKind, Help, OpenTicket, Shown, Suggestion, SuggestionId, TicketRef
from desktop.meanwhile import Moved, Unknown, with_stale
from desktop.panel.state import Decided, Place
from desktop.shown import shown_events
from desktop.standing import Changed

T = TypeVar("T")

DECIDED = {
    EventKind.USED: Decided.USED,
    EventKind.EDITED: Decided.EDITED,
    EventKind.DISMISSED: Decided.DISMISSED,
    EventKind.EXPIRED: Decided.EXPIRED,
}
"""What stands after each kind of decision, but see `became`."""

OPENED = "open"
"""How an article is used that was opened, in the log."""
MOST_PLACED = 100
"""Of so many tickets it is known where their used replies were put; of older ones it is forgotten."""


class Places:
    """Where the texts of used replies were put, also while other tickets are in front."""

    def __init__(self) -> None:
        self._tickets: dict[TicketRef, dict[SuggestionId, Place]] = {}

    def of(self, ref: TicketRef) -> dict[SuggestionId, Place]:
        """Return what is known of a ticket's replies; empty for most."""
        return self._tickets.get(ref, {})

    def put(self, ref: TicketRef, suggestion_id: SuggestionId, place: Place | None) -> None:
        """Keep a place; None stands for the clipboard, or for a reply that is not used."""
        known = self._tickets.pop(ref, {})
        known.pop(suggestion_id, None)
        if place is not None:
            known[suggestion_id] = place
        if known:
            self._tickets[ref] = known
        if len(self._tickets) > MOST_PLACED:
            del self._tickets[next(iter(self._tickets))]


@dataclass(frozen=True, slots=True)
class Made:
    """A reply that is or was on the screen of this ticket, and the conversation that it was made for."""

    reply: Suggestion
    opened: OpenTicket


@dataclass(slots=True)
class Front:
    """Replaced as a whole when another ticket comes, so nothing of the old one is left."""

    ref: TicketRef
    opened: OpenTicket | None = None
    help: Help | None = None
    helped: OpenTicket | None = None
    """What the last complete answer is about: an answer that was broken off does not count."""
    offline_age: timedelta | None = None
    offline_because: str = ""
    is_early: bool = False
    """The help was made while knowledge was still being read or learned."""
    out_of_reach: bool = False
    """The last attempt to read it got no answer, and no other is under way."""
    decided: dict[SuggestionId, Decided] = field(default_factory=dict)
    quiet_alerts: set[str] = field(default_factory=set)
    raised: dict[str, bool] = field(default_factory=dict)
    """Reasons for a churn alert to whether it is shown here: decided once while the ticket is in front."""
    logged: set[SuggestionId] = field(default_factory=set)
    made: dict[SuggestionId, Made] = field(default_factory=dict)
    moved: Moved | None = None
    told: set[int] = field(default_factory=set)
    """Messages of others for which a use was stopped already: the second time the agent knows."""
    changed: Changed | None = None
    told_fates: set[Changed] = field(default_factory=set)
    """As ``told``, of what became of the ticket itself."""
    given: set[SuggestionId] = field(default_factory=set)
    """Replies that were made before the ticket was given away."""
    read_at: datetime | None = None
    """When the first copy came from the helpdesk while the ticket is in front."""

    @property
    def customer_id(self) -> int | None:
        return self.opened.ticket.requester_id if self.opened is not None else None

    def take(self, better: Help, about: OpenTicket) -> None:
        """Let ``better`` be the help that is shown; it was made for the conversation ``about``."""
        known = {message.id for message in about.messages}
        moved = self.moved
        if moved is not None and not moved.by_colleague and moved.message_ids <= known:
            moved = None
        self.help = with_stale(better, moved, self.changed)
        for reply in better.replies:
            self.made[reply.id] = Made(reply, about)

    def mark(self, news: Moved | Changed) -> None:
        """Mark what is on the screen: it was made before this happened."""
        if isinstance(news, Moved):
            self.moved = news
        else:
            self.changed = news
            self.given |= self.made.keys()
        if self.help is not None:
            self.help = with_stale(self.help, self.moved, self.changed)

    def untold(self) -> Moved | Changed | Unknown | None:
        """Return news that is known and for which no use was stopped yet, and count it as told.

        Offline, nothing more can be known.
        """
        if self.changed is not None and self.changed not in self.told_fates:
            self.tell(self.changed)
            return self.changed
        if self.moved is not None and self.moved.by_colleague and not self.moved.message_ids <= self.told:
            self.tell(self.moved)
            return self.moved
        return Unknown() if self.offline_age is not None else None

    def tell(self, news: Moved | Changed) -> None:
        if isinstance(news, Moved):
            self.told |= news.message_ids
        else:
            self.told_fates.add(news)

    def recall(self, shown: Sequence[Shown], standing: Callable[[SuggestionId], Decision | None]) -> bool:
        """Take up what was decided before on a ticket that is opened again; tell whether that was anything."""
        before = dict(self.decided)
        for event in shown:
            if (decision := standing(event.suggestion_id)) is not None:
                self.decided[event.suggestion_id] = became(decision)
        return self.decided != before

    def outdated(self) -> frozenset[SuggestionId]:
        """Return the replies that were made before somebody else wrote, or the ticket ended or was given away."""
        if self.changed is not None and self.changed.ends_it:
            return frozenset(self.made)
        if self.moved is None:
            return frozenset(self.given)
        ids = self.moved.message_ids
        before = {id_ for id_, made in self.made.items() if not ids <= {message.id for message in made.opened.messages}}
        return frozenset(before | self.given)

    def article(self, suggestion_id: str) -> ArticleHit | None:
        return _by_id(self.help.articles if self.help is not None else (), suggestion_id)

    def pending(self, at: datetime) -> list[Shown]:
        """Return the events of what is on the screen and not in the log yet."""
        events = shown_events(self.help, at=at) if self.help is not None else []
        return [event for event in events if event.suggestion_id not in self.logged]


def became(decision: Decision) -> Decided:
    """Return what stands after ``decision``, which is a final one."""
    return Decided.OPENED if decision.how == OPENED else DECIDED[decision.kind]


def _by_id(items: Sequence[T], suggestion_id: str) -> T | None:
    return next((item for item in items if getattr(item, "id", None) == suggestion_id), None)
