"""Reading Freshdesk's finished tickets, newest first, and which of them are gone.

The filter API would end after 300 tickets, so the list of all tickets is walked, a hundred for five calls, and
one call more for each finished ticket's conversation. A later walk reads what changed since; when nothing did, it
costs five calls, and once an hour two more, for what was deleted or became spam.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assist.domain import SolvedTicket
from assist.errors import NotAllowed, NotThere
from assist.ports import Batch, SyncScope
from integrations import checkpoint
from integrations.connection import Connection, or_else, together
from integrations.freshdesk import mapping, raw, wire
from integrations.freshdesk.marks import packed, packed_groups, scope_key, shown, unpacked, unpacked_groups
from integrations.freshdesk.paging import PAGES_AT_MOST, pages, whole_list
from integrations.http import Request
from integrations.reading import UNKNOWN_TIME, moment, text, whole

CONVERSATIONS_AT_ONCE = 3
BATCH_SIZE = 30
SWEPT_EVERY = timedelta(hours=1)
RATING_PAGES = 20
STILL_CHANGING = timedelta(minutes=1)
"""Freshdesk's times are whole seconds: a ticket that changed this lately may change again and show the same time."""

_MONTH = timedelta(days=30.4375)

Ratings = dict[int, raw.RawRating]


@dataclass(slots=True)
class _Mark:
    """Where a walk back through the list of tickets is.

    Attributes:
        since: The latest change that the walk before had met; None for a first walk, or one with another scope.
        edge: Tickets that changed at ``since`` and need not be read again.
        top, top_edge: The same of this walk.
        page, place: The page of the list, and how many of its tickets were dealt with.
        count: Tickets that this walk has read.
        known: Tickets that were handed on, by the day since 1970 on which they had changed last.
        seen: The same for a walk that begins anew.
        swept_at: When deleted tickets were asked for last.
    """

    scope: str = ""
    since: datetime | None = None
    edge: set[int] = field(default_factory=set)
    top: datetime | None = None
    top_edge: set[int] = field(default_factory=set)
    page: int = 1
    place: int = 0
    count: int = 0
    known: dict[int, set[int]] = field(default_factory=dict)
    seen: dict[int, set[int]] = field(default_factory=dict)
    swept_at: datetime | None = None

    @classmethod
    def read(cls, checkpoint_text: str | None, scope: SyncScope) -> _Mark:
        """Read a checkpoint; one that was made with another scope keeps only what is known, to tell what goes."""
        found, key = checkpoint.load(checkpoint_text), scope_key(scope, "brands", "groups", "months")
        mark = cls(scope=key, known=unpacked_groups(found.get("known")))
        if text(found.get("scope")) != key:
            for day, ids in unpacked_groups(found.get("seen")).items():
                mark.known[day] = mark.known.get(day, set()) | ids
            return mark
        mark.since, mark.edge = moment(found.get("since")), unpacked(found.get("edge"))
        mark.top, mark.top_edge = moment(found.get("top")), unpacked(found.get("top_edge"))
        mark.page, mark.place = whole(found.get("page")) or 1, whole(found.get("place")) or 0
        mark.count, mark.seen = whole(found.get("count")) or 0, unpacked_groups(found.get("seen"))
        mark.swept_at = moment(found.get("swept_at"))
        return mark

    def dump(self) -> str:
        return checkpoint.dump(
            scope=self.scope,
            since=shown(self.since),
            edge=packed(self.edge),
            top=shown(self.top),
            top_edge=packed(self.top_edge),
            page=self.page,
            place=self.place,
            count=self.count,
            known=packed_groups(self.known),
            seen=packed_groups(self.seen),
            swept_at=shown(self.swept_at),
        )

    def meet(self, found: Sequence[raw.RawTicket], asked_at: datetime) -> None:
        """Note how far the list reaches that was asked for at a time."""
        latest = max((at for item in found if (at := item.updated_at)), default=None)
        if self.top is None and latest is not None:
            self.top = latest
        if self.top is not None and asked_at - self.top >= STILL_CHANGING:
            self.top_edge |= {item.id for item in found if item.updated_at == self.top}

    def is_news(self, item: raw.RawTicket) -> bool:
        return item.status in mapping.SOLVED and not (item.updated_at == self.since and item.id in self.edge)

    def note(self, found: Iterable[raw.RawTicket]) -> None:
        """Remember tickets that are handed on."""
        days = {item.id: _day(item.updated_at) for item in found}
        if self.since is not None:
            self.drop(set(days))
        into = self.known if self.since is not None else self.seen
        for id_, day in days.items():
            into.setdefault(day, set()).add(id_)

    def drop(self, ids: set[int]) -> set[int]:
        """Forget tickets; return those that were known."""
        gone = set[int]()
        for known in self.known.values():
            gone |= known & ids
            known.difference_update(ids)
        return gone

    def finish(self, now: datetime, oldest: datetime | None) -> set[int]:
        """End a walk; return what does not belong any more: of another scope, or changed too long ago."""
        gone = set[int]()
        if self.since is None:
            again = {id_ for ids in self.seen.values() for id_ in ids}
            gone = {id_ for ids in self.known.values() for id_ in ids} - again
            self.known, self.seen, self.swept_at = self.seen, {}, now
        if oldest is not None:
            for day in [day for day in self.known if day < _day(oldest)]:
                gone |= self.known.pop(day)
        self.since, self.edge = self.top or self.since or UNKNOWN_TIME, self.top_edge
        self.top, self.top_edge, self.page, self.place, self.count = None, set(), 1, 0, 0
        return gone


def _day(at: datetime | None) -> int:
    return max(0, ((at or UNKNOWN_TIME) - UNKNOWN_TIME).days)


async def solved_tickets(
    connection: Connection,
    read_names: Callable[[], Awaitable[raw.Names]],
    resume: str | None,
    *,
    limit: int,
) -> AsyncIterator[Batch[SolvedTicket]]:
    """Walk back through all tickets by last change and keep the resolved and closed ones of the scope.

    A ticket that changes during the walk pushes others down a page: some are read twice, none is missed. A
    finished walk's checkpoint starts one over what changed since. ``gone`` are tickets that were deleted, became
    spam, or left the scope.
    """
    scope, mark = connection.scope, _Mark.read(resume, connection.scope)
    oldest = connection.clock.now() - scope.months * _MONTH if scope.months else None
    reading, done = _Reading(connection, await read_names()), False
    while not done:
        page = await reading.page(mark, oldest)
        gone = mark.drop({item.id for item in page.items if not _belongs(item, scope)})
        places = [n for n, item in enumerate(page.items) if mark.is_news(item) and _belongs(item, scope)]
        places = [n for n in places if n >= mark.place][: max(0, limit - mark.count)]
        chunks = [places[n : n + BATCH_SIZE] for n in range(0, len(places), BATCH_SIZE)] or [[]]
        for chunk in chunks:
            few = [page.items[n] for n in chunk]
            items = await reading.tickets(few, since=oldest if mark.since is None else _first_created(page.items))
            mark.note(few)
            mark.count += len(few)
            if chunk is not chunks[-1]:
                mark.place = chunk[-1] + 1
                yield Batch(items, mark.dump(), done=False, gone=tuple(sorted(gone)))
                gone = set()
        done = not page.more or mark.count >= limit or mark.page >= PAGES_AT_MOST
        mark.page, mark.place = mark.page + 1, 0
        if done:
            gone |= mark.drop(await reading.removed(mark)) | mark.finish(connection.clock.now(), oldest)
        yield Batch(items, mark.dump(), done=done, gone=tuple(sorted(gone)))


def _belongs(item: raw.RawTicket, scope: SyncScope) -> bool:
    in_group = not scope.groups or item.group_id in scope.groups
    return in_group and (not scope.brands or item.product_id in scope.brands)


def _first_created(found: Iterable[raw.RawTicket]) -> datetime | None:
    return min((at for item in found if (at := item.created_at)), default=None)


class _Reading:
    """What one walk asks for."""

    def __init__(self, connection: Connection, names: raw.Names) -> None:
        self._connection = connection
        self._names = names
        self._ratings: Ratings | None = None

    async def page(self, mark: _Mark, oldest: datetime | None) -> wire.Page[raw.RawTicket]:
        since = max((at for at in (mark.since, oldest) if at is not None), default=None)
        asked_at = self._connection.clock.now()
        request = wire.changed_request(self._connection.site, since, mark.page)
        page = await self._connection.background(request, wire.read_tickets)
        mark.meet(page.items, asked_at)
        return page

    async def tickets(self, found: Sequence[raw.RawTicket], *, since: datetime | None) -> tuple[SolvedTicket, ...]:
        """Read the tickets' conversations; ``since`` is when the first of them was created."""
        if found and self._ratings is None:
            self._ratings = await or_else({}, self._rated(since), what="ratings")
        items: list[SolvedTicket | None] = []
        for start in range(0, len(found), CONVERSATIONS_AT_ONCE):
            items += await together(self._ticket(item) for item in found[start : start + CONVERSATIONS_AT_ONCE])
        return tuple(item for item in items if item is not None)

    async def _ticket(self, found: raw.RawTicket) -> SolvedTicket | None:
        """Read the conversation's first page; None for a ticket that went away meanwhile or may not be read."""
        request = wire.conversations_request(self._connection.site, found.id, 1)
        try:
            page = await self._connection.background(request, wire.read_conversations)
        except (NotThere, NotAllowed):
            return None
        public = (item for item in mapping.messages(page.items, found.requester, self._names) if item.public)
        first = mapping.first_message(found, found.requester, self._names)
        ticket = mapping.ticket(
            self._connection.site,
            found,
            self._names,
            rating=(self._ratings or {}).get(found.id),
            merged_into=mapping.merged_into(found, page.items),
        )
        return SolvedTicket(ticket, (first, *public))

    async def _rated(self, since: datetime | None) -> Ratings:
        """Read the ratings given since; of several of one ticket the latest counts."""
        found: list[raw.RawRating] = []

        def request(page: int) -> Request:
            return wire.all_ratings_request(self._connection.site, since, page)

        async for page in pages(self._connection, request, wire.read_ratings, at_most=RATING_PAGES):
            found.extend(page)
        return mapping.latest_ratings(found)

    async def removed(self, mark: _Mark) -> set[int]:
        """Return what was deleted or became spam since this was asked for last, at most once an hour."""
        now, since = self._connection.clock.now(), mark.swept_at
        if mark.since is None or (since is not None and since <= now < since + SWEPT_EVERY):
            return set()
        found = set[int]()
        for kind in ("deleted", "spam"):
            found |= set(await or_else((), self._removed(kind, since or mark.since), what=f"{kind} tickets"))
        mark.swept_at = now
        return found

    async def _removed(self, kind: str, since: datetime) -> tuple[int, ...]:
        def request(page: int) -> Request:
            return wire.removed_request(self._connection.site, kind, since, page)

        return await whole_list(self._connection, request, wire.read_removed)
