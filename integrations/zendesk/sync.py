"""Reading Zendesk's collections page by page, so that a sync can stop anywhere and go on there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from assist.domain import Article, Macro, SolvedTicket
from assist.errors import NotAllowed, NotThere
from assist.ports import Batch
from integrations import checkpoint
from integrations.connection import Connection, or_else, together
from integrations.http import Request, Response
from integrations.reading import moment, texts, whole
from integrations.zendesk import mapping, raw, wire
from integrations.zendesk.recent import RecentViews

T = TypeVar("T")

FULL_EVERY_S = 24 * 3_600
"""An incremental read never tells what was deleted; a full one does, once a day."""

PAGES_AT_MOST = 200
SAME_SECOND_PAGES = 30
CONVERSATIONS_AT_ONCE = 3
SEARCH_LAG = timedelta(minutes=10)
"""New and changed tickets reach the search index some minutes late."""


@dataclass(slots=True)
class _ArticleMark:
    """Where a read of the articles is.

    A pass has two parts: the incremental read, which gives articles in their source language, then a list
    for each other language. ``known`` and ``translated`` are the published ids after the last pass, in the
    source language and in any other; ``seen`` and ``seen_translated`` those of a full pass under way.
    """

    start: int = 0
    since: int = 0
    full: bool = False
    full_at: int = 0
    busy: bool = False
    locales: list[str] = field(default_factory=list)
    listing: bool = False
    page: int = 1
    known: set[int] = field(default_factory=set)
    translated: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    seen_translated: set[int] = field(default_factory=set)
    drafts: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, text: str | None) -> _ArticleMark:
        found = checkpoint.load(text)
        return cls(
            start=whole(found.get("start")) or 0,
            since=whole(found.get("since")) or 0,
            full=found.get("full") is True,
            full_at=whole(found.get("full_at")) or 0,
            busy=found.get("busy") is True,
            locales=list(texts(found.get("locales"))),
            listing=found.get("listing") is True,
            page=whole(found.get("page")) or 1,
            known=checkpoint.ids(found.get("known")),
            translated=checkpoint.ids(found.get("translated")),
            seen=checkpoint.ids(found.get("seen")),
            seen_translated=checkpoint.ids(found.get("seen_translated")),
            drafts=checkpoint.ids(found.get("drafts")),
        )

    def begin(self, now: int) -> None:
        """Start a pass: a full one when the last full one is a day old."""
        self.busy, self.listing, self.page = True, False, 1
        self.since = self.start
        self.full = not 0 <= now - self.full_at < FULL_EVERY_S
        if self.full:
            self.start = 0
        self.seen, self.seen_translated, self.drafts = set(), set(), set()

    def finish(self, now: int) -> tuple[int, ...]:
        """End a pass and return the ids that must no longer be shown in any language."""
        if self.full:
            gone = (self.known | self.translated | self.drafts) - self.seen - self.seen_translated
            self.known, self.translated, self.full_at = self.seen, self.seen_translated, now
        else:
            gone = self.drafts - self.translated
            self.known -= self.drafts
        self.seen, self.seen_translated, self.drafts = set(), set(), set()
        self.busy = self.full = self.listing = False
        return tuple(sorted(gone))

    def dump(self) -> str:
        return checkpoint.dump(**asdict(self))


async def articles(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Article]]:
    """Read what changed since ``resume``, in every language of the help center.

    A draft comes as an item with ``draft`` set, so that it replaces the published text of that language; its
    id is ``gone`` as well when no language of it is published. Deleted articles are found once a day.
    """
    reader = _ArticleReader(connection, _ArticleMark.read(resume))
    async for batch in reader.batches():
        yield batch


class _ArticleReader:
    def __init__(self, connection: Connection, mark: _ArticleMark) -> None:
        self._connection = connection
        self._site = connection.site
        self._mark = mark
        self._sections: Mapping[int, str] = {}
        self._segments: Mapping[int, raw.RawSegment] = {}

    async def batches(self) -> AsyncIterator[Batch[Article]]:
        mark = self._mark
        if not mark.busy:
            mark.begin(self._now())
        self._sections = await self._named(wire.sections_request, wire.read_sections)
        self._segments = await self._named(wire.segments_request, wire.read_segments)
        while mark.busy:
            items = await (self._next_of_locale() if mark.listing else self._next_of_all())
            gone = mark.finish(self._now()) if mark.listing and not mark.locales else ()
            yield Batch(items, mark.dump(), done=not mark.busy, gone=gone)

    async def _next_of_all(self) -> tuple[Article, ...]:
        mark = self._mark
        request = wire.articles_request(self._site, mark.start)
        page = await self._connection.background(request, wire.read_articles)
        wanted = self._wanted(page.articles, mark.known)
        published = {found.id for found in page.articles if not found.draft}
        mark.drafts |= {found.id for found in page.articles if found.draft}
        mark.seen |= published if mark.full else set()
        mark.known |= published
        moves_on = page.end_time is not None and page.end_time > mark.start
        if page.end_time is not None and moves_on:
            mark.start = page.end_time
        if not (page.more and moves_on and page.articles):
            mark.listing, mark.page = True, 1
            mark.locales = await self._other_locales()
            mark.start = max(mark.start, mark.since)
        return wanted

    async def _next_of_locale(self) -> tuple[Article, ...]:
        mark = self._mark
        locale = mark.locales[0]
        request = wire.locale_articles_request(self._site, locale, mark.page)
        none = wire.ArticlePage((), None, more=False)
        reading = self._connection.background(request, wire.read_articles)
        page = await or_else(none, reading, what=f"articles in {locale[:8]}")
        found = [item for item in page.articles if item.locale.lower() == locale.lower()]
        wanted = self._wanted(found, mark.translated)
        published = {item.id for item in found if not item.draft}
        mark.seen_translated |= published if mark.full else set()
        mark.translated |= published
        caught_up = not mark.full and any(_unix(item.updated_at) < mark.since for item in found)
        if page.more and page.articles and not caught_up and mark.page < PAGES_AT_MOST:
            mark.page += 1
        else:
            mark.locales, mark.page = mark.locales[1:], 1
        return wanted

    def _wanted(self, found: list[raw.RawArticle] | tuple[raw.RawArticle, ...], known: set[int]) -> tuple[Article, ...]:
        """Leave out what a full pass meets again unchanged."""
        since = self._mark.since
        return tuple(
            mapping.article(self._site, item, self._sections, self._segments)
            for item in found
            if item.updated_at is None or _unix(item.updated_at) >= since or (item.id not in known and not item.draft)
        )

    async def _other_locales(self) -> list[str]:
        request = wire.locales_request(self._site)
        reading = self._connection.background(request, wire.read_locales)
        found = await or_else(wire.Locales("", ()), reading, what="languages of the help center")
        return [locale for locale in found.all if locale.lower() != found.default.lower()]

    async def _named(
        self,
        request: Callable[..., Request],
        read: Callable[[Response], tuple[dict[int, T], bool]],
    ) -> dict[int, T]:
        """Read all pages of something that only names things; without it articles are shown all the same."""
        found: dict[int, T] = {}
        for page in range(1, PAGES_AT_MOST):
            reading = self._connection.background(request(self._site, page), read)
            names, more = await or_else(({}, False), reading, what="names of the help center")
            new = names.keys() - found.keys()
            found.update(names)
            if not more or not new:
                break
        return found

    def _now(self) -> int:
        return int(self._connection.clock.now().timestamp())


def _unix(moment_: datetime | None) -> int:
    return int(moment_.timestamp()) if moment_ is not None else 0


async def macros(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Macro]]:
    """Read all active macros that write a reply, most used first; those that went are ``gone`` at the end."""
    mark = checkpoint.load(resume)
    known, seen = checkpoint.ids(mark.get("known")), checkpoint.ids(mark.get("seen"))
    page_number = whole(mark.get("page")) or 1
    while True:
        request = wire.macros_request(connection.site, page_number)
        page = await connection.background(request, wire.read_macros)
        items = tuple(found for item in page.macros if (found := mapping.macro(connection.site, item)))
        new = {item.id for item in items} - seen
        seen |= new
        if not page.more or not page.macros or page_number >= PAGES_AT_MOST:
            yield Batch(items, checkpoint.dump(known=seen), done=True, gone=tuple(sorted(known - seen)))
            return
        page_number += 1
        yield Batch(items, checkpoint.dump(page=page_number, seen=seen, known=known), done=False)


@dataclass(slots=True)
class _SolvedMark:
    """Where a walk back through solved tickets is: ``until`` moves back, ``skip`` were read at that second."""

    since: datetime | None = None
    top: datetime | None = None
    until: datetime | None = None
    page: int = 1
    count: int = 0
    busy: bool = False
    skip: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, text: str | None) -> _SolvedMark:
        found = checkpoint.load(text)
        mark = cls(
            since=moment(found.get("since")),
            top=moment(found.get("top")),
            until=moment(found.get("until")),
            page=whole(found.get("page")) or 1,
            count=whole(found.get("count")) or 0,
            busy=found.get("busy") is True,
            skip=checkpoint.ids(found.get("skip")),
        )
        return mark if mark.busy else cls(since=mark.since, busy=True)

    def advance(self, tickets: tuple[raw.RawTicket, ...], *, full: bool) -> None:
        """Move back behind a page that was read, or end the walk."""
        times = [at for ticket in tickets if (at := ticket.updated_at or ticket.created_at)]
        if times and self.top is None:
            self.top = max(times)
        if not full or not times:
            self.end()
            return
        oldest = min(times)
        at_oldest = {item.id for item in tickets if (item.updated_at or item.created_at) == oldest}
        if oldest != self.until:
            self.until, self.page, self.skip = oldest, 1, at_oldest
        elif self.page < SAME_SECOND_PAGES:
            self.page, self.skip = self.page + 1, self.skip | at_oldest
        else:
            self.until, self.page, self.skip = oldest - timedelta(seconds=1), 1, set()

    def end(self) -> None:
        if self.top is not None:
            self.since = self.top - SEARCH_LAG
        self.busy = False

    def dump(self) -> str:
        if not self.busy:
            return checkpoint.dump(since=self.since.isoformat() if self.since else "")
        times = {"since": self.since, "top": self.top, "until": self.until}
        return checkpoint.dump(
            **{key: value.isoformat() if value else "" for key, value in times.items()},
            page=self.page,
            count=self.count,
            busy=True,
            skip=self.skip,
        )


async def solved_tickets(
    connection: Connection, recent: RecentViews, resume: str | None, *, limit: int
) -> AsyncIterator[Batch[SolvedTicket]]:
    """Walk back from the ticket that changed last, with the search, which every agent may use.

    The incremental export is for admins only. A finished walk's checkpoint starts a new one over what was
    solved since.
    """
    mark = _SolvedMark.read(resume)
    while mark.busy:
        request = wire.solved_request(connection.site, since=mark.since, until=mark.until, page=mark.page)
        page = await connection.background(request, wire.read_tickets)
        fresh = [item for item in page.tickets if item.id not in mark.skip][: max(0, limit - mark.count)]
        items: list[SolvedTicket] = []
        for start in range(0, len(fresh), CONVERSATIONS_AT_ONCE):
            few = fresh[start : start + CONVERSATIONS_AT_ONCE]
            found = await together(_solved_ticket(connection, recent, item) for item in few)
            items.extend(item for item in found if item is not None)
        mark.count += len(fresh)
        mark.advance(page.tickets, full=page.full)
        if mark.count >= limit:
            mark.end()
        yield Batch(tuple(items), mark.dump(), done=not mark.busy)


async def _solved_ticket(connection: Connection, recent: RecentViews, found: raw.RawTicket) -> SolvedTicket | None:
    """Read the newest public comments; None for a ticket that went away meanwhile or may not be read."""
    recent.note_own_read(found.id, connection.clock.now())
    request = wire.comments_request(connection.site, found.id)
    try:
        page = await connection.background(request, wire.read_comments)
    except (NotThere, NotAllowed):
        return None
    messages = mapping.messages(page.comments, page.users, found.requester_id)
    if page.next_cursor is not None:
        messages = (mapping.description_message(found, page.users), *messages)
    public = tuple(message for message in messages if message.public)
    return SolvedTicket(mapping.ticket(connection.site, found, users=page.users), public)
