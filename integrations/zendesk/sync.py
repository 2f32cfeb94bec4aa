"""Reading Zendesk's articles and macros page by page, so that a sync can stop anywhere and go on there.

A run with nothing new costs one request for the macros, one for the articles, one for the list of languages and one
for each language but the help center's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from assist.domain import Article, Macro
from assist.errors import NotAllowed, NotThere, UnexpectedReply
from assist.ports import Batch, SyncScope
from integrations import checkpoint
from integrations.connection import Connection, log, or_else
from integrations.reading import mapping as object_in
from integrations.reading import text, texts, whole
from integrations.zendesk import mapping, naming, raw, scoping, wire
from integrations.zendesk.names import NameReader

FULL_EVERY_S = 24 * 3_600
"""An incremental read never tells what was deleted; a full one does, once a day."""
CURSOR_PAGES_AT_MOST = 10_000
"""A million articles of one language: whoever has more pages than this repeats them."""
SETTLED_AFTER_S = 60
"""Times are cut to seconds: what changed longer ago than this has not changed twice in the second it shows."""


@dataclass(slots=True)
class _ArticleMark:
    """Where a read of the articles is.

    A pass has two parts: the incremental read, which gives articles in their source language, then a list
    for each other language. ``known`` and ``translated`` are the published ids after the last pass, in the
    source language and in any other; ``seen`` and ``seen_translated`` those of a full pass under way. ``outside``
    are ids that this pass met outside the scope. ``cut`` says that a list was not read to its end, so that nothing
    can be told to be gone. ``held`` are the newest by language with the second of their last change, because a list
    from a time on begins with what was read before.
    """

    start: int = 0
    since: int = 0
    full: bool = False
    full_at: int = 0
    busy: bool = False
    cut: bool = False
    scope: str = ""
    locales: list[str] = field(default_factory=list)
    listing: bool = False
    numbered: bool = False
    page: int = 1
    cursor: str = ""
    known: set[int] = field(default_factory=set)
    translated: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    seen_translated: set[int] = field(default_factory=set)
    drafts: set[int] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)
    held: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text_: str | None) -> _ArticleMark:
        found = checkpoint.load(text_)
        return cls(
            start=whole(found.get("start")) or 0,
            since=whole(found.get("since")) or 0,
            full=found.get("full") is True,
            full_at=whole(found.get("full_at")) or 0,
            busy=found.get("busy") is True,
            cut=found.get("cut") is True,
            scope=text(found.get("scope")),
            locales=list(texts(found.get("locales"))),
            listing=found.get("listing") is True,
            numbered=found.get("numbered") is True,
            page=whole(found.get("page")) or 1,
            cursor=text(found.get("cursor")),
            known=checkpoint.ids(found.get("known")),
            translated=checkpoint.ids(found.get("translated")),
            seen=checkpoint.ids(found.get("seen")),
            seen_translated=checkpoint.ids(found.get("seen_translated")),
            drafts=checkpoint.ids(found.get("drafts")),
            outside=checkpoint.ids(found.get("outside")),
            held={key: whole(value) or 0 for key, value in object_in(found.get("held")).items()},
        )

    def begin(self, scope: str, now: int) -> None:
        """Start a pass, or go on with one of the same scope: a full one when the last full one is a day old."""
        rescoped = self.scope != scope
        if self.busy and not rescoped:
            return
        if rescoped:
            self.known, self.translated = self.known | self.seen, self.translated | self.seen_translated
        self.scope, self.busy, self.cut = scope, True, False
        self.since = self.start
        self.full = rescoped or not 0 <= now - self.full_at < FULL_EVERY_S
        if self.full:
            self.start = 0
        self.list_locales([])
        self.listing = False
        self.seen, self.seen_translated, self.drafts, self.outside = set(), set(), set(), set()

    def list_locales(self, locales: list[str]) -> None:
        """Go on with the first page of the first of ``locales``."""
        self.listing, self.locales = True, locales
        self.page, self.cursor, self.numbered = 1, "", not self.full

    def finish(self, now: int) -> tuple[int, ...]:
        """End a pass and return the ids that must no longer be shown in any language."""
        known = self.known | self.translated
        gone = (self.drafts - self.translated - self.seen_translated) | (self.outside & known)
        if self.full:
            if self.cut:
                self.known, self.translated = self.known | self.seen, self.translated | self.seen_translated
            else:
                gone |= (known | self.drafts) - self.seen - self.seen_translated
                self.known, self.translated = self.seen, self.seen_translated
            self.full_at = now
        else:
            self.known -= self.drafts
        self.known, self.translated = self.known - gone, self.translated - gone
        self.seen, self.seen_translated, self.drafts, self.outside = set(), set(), set(), set()
        self.held = {key: at for key, at in self.held.items() if at >= self.start}
        self.busy = self.full = self.listing = self.cut = self.numbered = False
        return tuple(sorted(gone))

    def dump(self) -> str:
        # Not asdict: it copies every id of the account, after every page.
        return checkpoint.dump(**{one.name: getattr(self, one.name) for one in fields(self)})


async def articles(connection: Connection, names: NameReader, resume: str | None) -> AsyncIterator[Batch[Article]]:
    """Read what changed since ``resume``, in every language of the help center at this address.

    A draft comes as an item with ``draft`` set, so that it replaces the published text of that language; its
    id is ``gone`` as well when no language of it is published. Deleted articles are found once a day. Other brands'
    help centers stand on other hosts, where this account's credentials are never sent.
    """
    reader = _ArticleReader(connection, names, _ArticleMark.read(resume))
    async for batch in reader.batches():
        yield batch


class _ArticleReader:
    def __init__(self, connection: Connection, names: NameReader, mark: _ArticleMark) -> None:
        self._connection = connection
        self._site = connection.site
        self._scope: SyncScope = connection.scope
        self._names = names
        self._mark = mark
        self._sections: Mapping[int, str] | None = None
        self._segments: Mapping[int, raw.RawSegment] = {}
        self._brand: int | None = None

    async def batches(self) -> AsyncIterator[Batch[Article]]:
        mark = self._mark
        mark.begin(scoping.key_of(self._scope, "brands", "folders"), self._now())
        if self._scope.brands:
            self._brand = scoping.brand_of(self._site, await self._names.brands(patient=True))
        if self._brand is not None and self._brand not in self._scope.brands:
            mark.list_locales([])  # nothing of this help center is wanted
        while mark.busy:
            is_over = mark.listing and not mark.locales
            items = () if is_over else await (self._next_of_locale() if mark.listing else self._next_of_all())
            gone = mark.finish(self._now()) if mark.listing and not mark.locales else ()
            yield Batch(items, mark.dump(), done=not mark.busy, gone=gone)

    async def _next_of_all(self) -> tuple[Article, ...]:
        mark = self._mark
        page = await self._page_of_all(wire.PAGE_SIZE)
        end = page.end_time if page.end_time is not None and page.end_time > mark.start else None
        if page.more and end is None and page.articles:
            # More changed in one second than fit on a page: the largest page there is, then the next second.
            page = await self._page_of_all(wire.LARGEST_EXPORT)
            end = page.end_time if page.end_time is not None and page.end_time > mark.start else None
            if page.more and end is None:
                mark.cut, end = True, self._further(page.articles)
        inside = self._inside(page.articles)
        wanted = await self._wanted(inside, mark.known)
        published = {found.id for found in inside if not found.draft}
        mark.drafts |= {found.id for found in inside if found.draft}
        mark.seen |= published if mark.full else set()
        mark.known |= published
        if end is not None:
            mark.start = end
            still_met = min(end, mark.since) if mark.since else end
            mark.held = {key: at for key, at in mark.held.items() if at >= still_met}
        if not (page.more and end is not None and page.articles):
            mark.list_locales(await self._other_locales())
            mark.start = max(mark.start, mark.since)
        return wanted

    def _further(self, found: Sequence[raw.RawArticle]) -> int | None:
        """Return from where to go on where Zendesk does not say it; None where it gives what was read again."""
        newest = max((_unix(item.updated_at) for item in found), default=0)
        if newest < self._mark.start:
            return None
        return max(newest, self._mark.start + 1)

    async def _page_of_all(self, size: int) -> wire.ArticlePage:
        request = wire.articles_request(self._site, self._mark.start, size=size)
        return await self._connection.background(request, wire.read_articles)

    async def _next_of_locale(self) -> tuple[Article, ...]:
        """Read a page of the next language: by cursor in a full pass, else by number until what is known."""
        mark = self._mark
        locale = mark.locales[0]
        page = await self._page_of_locale(locale)
        found = [item for item in page.articles if item.locale.lower() == locale.lower()]
        inside = self._inside(found)
        wanted = await self._wanted(inside, mark.translated)
        published = {item.id for item in inside if not item.draft}
        mark.seen_translated |= published if mark.full else set()
        mark.translated |= published
        caught_up = not mark.full and any(_unix(item.updated_at) < mark.since for item in found)
        if not page.more or not page.articles or caught_up:
            mark.list_locales(mark.locales[1:])
        elif not mark.numbered and not page.cursor:
            mark.numbered, mark.page = True, 1  # no cursor here: from the first page, by number
        elif not mark.numbered and page.cursor != mark.cursor and mark.page < CURSOR_PAGES_AT_MOST:
            mark.cursor, mark.page = page.cursor, mark.page + 1
        elif mark.numbered and mark.page < wire.OFFSET_PAGES_AT_MOST:
            mark.page += 1
        else:
            mark.cut = True
            mark.list_locales(mark.locales[1:])
        return wanted

    async def _page_of_locale(self, locale: str) -> wire.ArticlePage:
        """Read a page; an empty one where this language cannot be read, of which then nothing is gone."""
        mark = self._mark
        if mark.numbered:
            request = wire.locale_articles_request(self._site, locale, mark.page)
        else:
            request = wire.all_locale_articles_request(self._site, locale, mark.cursor)
        try:
            return await self._connection.background(request, wire.read_articles)
        except (NotAllowed, NotThere, UnexpectedReply) as error:
            log.info("articles in %s are not read to the end: %s", locale[:8], type(error).__name__)
            mark.cut = True
            return wire.ArticlePage((), None, more=False)

    def _inside(self, found: Sequence[raw.RawArticle]) -> list[raw.RawArticle]:
        inside = [item for item in found if scoping.has_article(self._scope, item, self._brand)]
        self._mark.outside |= {item.id for item in found} - {item.id for item in inside}
        return inside

    async def _wanted(self, found: Sequence[raw.RawArticle], known: set[int]) -> tuple[Article, ...]:
        """Map what is new; leave out what a full pass meets again unchanged."""
        mark, now = self._mark, self._now()
        new = [item for item in found if self._is_new(item, known)]
        settled = {_key(item): at for item in found if now - (at := _unix(item.updated_at)) > SETTLED_AFTER_S}
        mark.held |= {key: at for key, at in settled.items() if at >= mark.start}
        if new and self._sections is None:
            self._names.forget_help_center()
            self._sections = await self._names.sections()
            self._segments = await self._names.segments()
            self._brand = self._brand or scoping.brand_of(self._site, await self._names.brands(patient=True))
        sections = self._sections or {}
        return tuple(mapping.article(self._site, item, sections, self._segments, brand_id=self._brand) for item in new)

    def _is_new(self, item: raw.RawArticle, known: set[int]) -> bool:
        at = _unix(item.updated_at)
        if (item.draft or item.id in known) and self._mark.held.get(_key(item)) == at:
            return False
        return item.updated_at is None or at >= self._mark.since or (item.id not in known and not item.draft)

    async def _other_locales(self) -> list[str]:
        request = naming.locales_request(self._site)
        reading = self._connection.background(request, naming.read_locales)
        found = await or_else(naming.Locales("", ()), reading, what="languages of the help center")
        return [locale for locale in found.all if locale.lower() != found.default.lower()]

    def _now(self) -> int:
        return int(self._connection.clock.now().timestamp())


def _key(item: raw.RawArticle) -> str:
    return f"{item.id}/{item.locale.lower()}"


def _unix(moment_: datetime | None) -> int:
    return int(moment_.timestamp()) if moment_ is not None else 0


async def macros(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Macro]]:
    """Read all active macros that write a reply, most used first; those that went are ``gone`` at the end."""
    mark = checkpoint.load(resume)
    known, seen = checkpoint.ids(mark.get("known")), checkpoint.ids(mark.get("seen"))
    number = whole(mark.get("page")) or 1
    while True:
        page = await connection.background(wire.macros_request(connection.site, number), wire.read_macros)
        items = tuple(found for item in page.macros if (found := mapping.macro(connection.site, item)))
        seen |= {item.id for item in items}
        if page.more and page.macros and number >= wire.OFFSET_PAGES_AT_MOST:
            log.info("more than %d macros: the least used are left out", number * wire.PAGE_SIZE)
            yield Batch(items, checkpoint.dump(known=known | seen), done=True)
            return
        if not page.more or not page.macros:
            yield Batch(items, checkpoint.dump(known=seen), done=True, gone=tuple(sorted(known - seen)))
            return
        number += 1
        yield Batch(items, checkpoint.dump(page=number, seen=seen, known=known), done=False)
