"""Solved tickets, to learn replies from: a walk back through the search, which every agent may use.

The incremental export is for admins only, and the search neither tells what was deleted nor counts past 1,000. So a
walk goes back in time on first pages alone, and once a week goes all the way again: what it does not meet any more
(deleted, reopened, merged, outside a changed scope or limit, too old) is gone. That costs one request for 100 known
tickets.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from assist.domain import Csat, SolvedTicket
from assist.errors import NotAllowed, NotThere
from assist.ports import Batch
from integrations import checkpoint
from integrations.connection import Connection, log, together
from integrations.reading import mapping as object_in
from integrations.reading import moment, text, whole
from integrations.zendesk import details, mapping, parts, raw, scoping, wire
from integrations.zendesk.names import NameReader, Names
from integrations.zendesk.recent import RecentViews
from integrations.zendesk.surveys import Surveys

FULL_EVERY_S = 7 * 24 * 3_600
CONVERSATIONS_AT_ONCE = 3
SEARCH_LAG = timedelta(minutes=10)
"""New and changed tickets reach the search index some minutes late."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What a walk reads through."""

    connection: Connection
    recent: RecentViews
    names: NameReader
    surveys: Surveys


@dataclass(slots=True)
class _Mark:
    """Where a walk back is: ``until`` moves back, ``skip`` were read at that second.

    ``known`` are the tickets of finished walks, ``seen`` those of the full walk under way. ``held`` are the newest,
    with the time of their last change, so that the overlap of two walks is not read twice.
    """

    since: datetime | None = None
    top: datetime | None = None
    until: datetime | None = None
    page: int = 1
    count: int = 0
    busy: bool = False
    full: bool = False
    full_at: int = 0
    cut: bool = False
    scope: str = ""
    rescoped: bool = False
    skip: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text_: str | None) -> _Mark:
        found = checkpoint.load(text_)
        return cls(
            since=moment(found.get("since")),
            top=moment(found.get("top")),
            until=moment(found.get("until")),
            page=whole(found.get("page")) or 1,
            count=whole(found.get("count")) or 0,
            busy=found.get("busy") is True,
            full=found.get("full") is True,
            full_at=whole(found.get("full_at")) or 0,
            cut=found.get("cut") is True,
            scope=text(found.get("scope")),
            rescoped=found.get("rescoped") is True,
            skip=checkpoint.ids(found.get("skip")),
            known=checkpoint.ids(found.get("known")),
            seen=checkpoint.ids(found.get("seen")),
            held={key: text(value) for key, value in object_in(found.get("held")).items()},
        )

    @property
    def size(self) -> int:
        """Return how many tickets to ask for at once: few where each conversation has to be read as well."""
        return wire.PAGE_SIZE if self.full and self.known else wire.SOLVED_SIZE

    def begin(self, scope: str, now_s: int) -> None:
        """Start a walk, or go on with one that was made for the same scope."""
        rescoped = self.scope != scope
        if self.busy and not rescoped:
            return
        self.known |= self.seen
        self.rescoped = rescoped and bool(self.known)
        self.full = rescoped or self.since is None or not 0 <= now_s - self.full_at < FULL_EVERY_S
        self.scope, self.busy, self.cut = scope, True, False
        self.top = self.until = None
        self.page, self.count = 1, 0
        self.skip, self.seen = set(), set()

    def is_unchanged(self, ticket: raw.RawTicket) -> bool:
        """Tell whether an earlier walk has read this ticket as it is now."""
        at = ticket.updated_at
        if at is None or ticket.id not in self.known:
            return False
        return (self.since is not None and at < self.since) or self.held.get(str(ticket.id)) == at.isoformat()

    def advance(self, tickets: Sequence[raw.RawTicket], *, full: bool) -> None:
        """Move back behind a page that was read, or end the walk. ``full`` says that the search found more."""
        times = [at for ticket in tickets if (at := ticket.updated_at or ticket.created_at)]
        if times and self.top is None:
            self.top = max(times)
        if not full or not times:
            self.busy = False
            return
        oldest = min(times)
        at_oldest = {item.id for item in tickets if (item.updated_at or item.created_at) == oldest}
        if oldest != self.until:
            self.until, self.page, self.skip = oldest, 1, at_oldest
        elif (self.page + 1) * self.size <= wire.SEARCH_RESULTS_AT_MOST:
            self.page, self.skip = self.page + 1, self.skip | at_oldest
        else:
            self.skip_second(oldest)

    def skip_second(self, second: datetime) -> None:
        """Leave out the rest of a second in which more tickets changed than the search shows."""
        log.info("more than %d tickets changed in one second: the rest is left out", wire.SEARCH_RESULTS_AT_MOST)
        self.until, self.page, self.skip = second - timedelta(seconds=1), 1, set()
        self.cut = True

    def finish(self, now_s: int) -> tuple[int, ...]:
        """End a walk and return the tickets that are gone. A search that finds less than half is not believed."""
        gone: set[int] = set()
        if self.full:
            gone, self.full_at = self.known - self.seen, now_s
            if self.cut or (len(self.seen) * 2 < len(self.known) and not self.rescoped):
                log.info("%d tickets were not found again, but are kept", len(gone))
                gone = set()
        self.known = (self.known | self.seen) - gone
        if self.top is not None:
            self.since = self.top - SEARCH_LAG
            self.held = {id_: at for id_, at in self.held.items() if (moment(at) or self.since) >= self.since}
        self.seen, self.skip, self.top, self.until = set(), set(), None, None
        self.full = self.cut = self.rescoped = False
        return tuple(sorted(gone))

    def dump(self) -> str:
        times = {"since": self.since, "top": self.top, "until": self.until}
        return checkpoint.dump(
            **{key: value.isoformat() for key, value in times.items() if value},
            page=self.page if self.page > 1 else 0,
            count=self.count if self.busy else 0,
            busy=self.busy,
            full=self.full,
            full_at=self.full_at,
            cut=self.cut,
            scope=self.scope,
            rescoped=self.rescoped,
            skip=self.skip,
            known=self.known,
            seen=self.seen,
            held=self.held,
        )


async def solved_tickets(outside: Outside, resume: str | None, *, limit: int) -> AsyncIterator[Batch[SolvedTicket]]:
    """Walk back from the ticket that changed last, at most ``limit`` tickets.

    A finished walk's checkpoint starts a new one over what was solved since: one request when nothing was.
    """
    connection, mark = outside.connection, _Mark.read(resume)
    now_s = int(connection.clock.now().timestamp())
    mark.begin(f"{scoping.key_of(connection.scope, 'brands', 'groups', 'months')} {limit}", now_s)
    while mark.busy:
        page = await _page(connection, mark)
        if page is None:
            yield Batch((), mark.dump(), done=False)
            continue
        wanted = [item for item in page.tickets if item.id not in mark.skip and _is_wanted(connection, item)]
        wanted = wanted[: max(0, limit - mark.count)]
        items = await _read(outside, [item for item in wanted if not mark.is_unchanged(item)])
        mark.count += len(wanted)
        mark.seen |= {item.id for item in wanted}
        mark.held |= {str(item.id): item.updated_at.isoformat() for item in wanted if item.updated_at}
        mark.advance(page.tickets, full=page.full)
        if mark.count >= limit:
            mark.busy = False
        gone = mark.finish(now_s) if not mark.busy else ()
        if mark.busy and mark.top is not None:
            recent = mark.top - SEARCH_LAG
            mark.held = {id_: at for id_, at in mark.held.items() if (moment(at) or recent) >= recent}
        yield Batch(tuple(items), mark.dump(), done=not mark.busy, gone=gone)


def _is_wanted(connection: Connection, ticket: raw.RawTicket) -> bool:
    """Leave out what is no conversation with a customer that an agent ended."""
    is_own = details.MERGED_TAG not in ticket.tags and ticket.channel != "side_conversation"
    return is_own and scoping.has_ticket(connection.scope, ticket)


async def _page(connection: Connection, mark: _Mark) -> wire.TicketPage | None:
    """Read the next page; None where the search does not go so deep, and the mark has moved past it."""
    wanted = wire.Wanted(
        since=None if mark.full else mark.since,
        not_before=scoping.months_before(connection.clock.now(), connection.scope.months),
        until=mark.until,
        scope=connection.scope,
    )
    request = wire.solved_request(connection.site, wanted, page=mark.page, size=mark.size)
    try:
        return await connection.background(request, wire.read_tickets)
    except wire.TooDeep:
        if mark.until is None:
            raise  # the very first page cannot be too deep
        mark.skip_second(mark.until)
        return None


async def _read(outside: Outside, tickets: Sequence[raw.RawTicket]) -> list[SolvedTicket]:
    """Read the conversations of tickets, a few at a time, and what the customers said of them afterwards."""
    if not tickets:
        return []
    names = await outside.names.of_solved()
    surveys = await outside.surveys.about(tickets, patient=True)
    items: list[SolvedTicket] = []
    for start in range(0, len(tickets), CONVERSATIONS_AT_ONCE):
        few = tickets[start : start + CONVERSATIONS_AT_ONCE]
        found = await together(_solved_ticket(outside, item, names) for item in few)
        items.extend(_rated(item, surveys) for item in found if item is not None)
    return items


def _rated(item: SolvedTicket, surveys: Sequence[parts.RawSurvey]) -> SolvedTicket:
    csat, comment = details.rating(surveys, item.ticket.ref.id)
    if csat is None or item.ticket.csat not in (None, Csat.OFFERED):
        return item
    return replace(item, ticket=replace(item.ticket, csat=csat, csat_comment=comment))


async def _solved_ticket(outside: Outside, found: raw.RawTicket, names: Names) -> SolvedTicket | None:
    """Read the newest public comments; None for a ticket that went away meanwhile or may not be read."""
    connection = outside.connection
    outside.recent.note_own_read(found.id, connection.clock.now())
    request = wire.comments_request(connection.site, found.id)
    try:
        page = await connection.background(request, wire.read_comments)
    except (NotThere, NotAllowed):
        return None
    messages = mapping.messages(page.comments, page.users, found.requester_id)
    if page.next_cursor is not None:
        messages = (mapping.description_message(found, page.users), *messages)
    public = tuple(message for message in messages if message.public)
    users: Mapping[int, raw.RawUser] = page.users
    return SolvedTicket(mapping.ticket(connection.site, found, users=users, names=names), public)
