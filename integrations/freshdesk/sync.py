"""Reading Freshdesk's collections page by page, so that a sync can stop anywhere and go on there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from assist.domain import Article, Macro, SolvedTicket
from assist.errors import NotAllowed, NotThere
from assist.ports import Batch
from integrations import checkpoint
from integrations.connection import Connection, or_else, together
from integrations.freshdesk import mapping, raw, wire
from integrations.http import Request, Response
from integrations.reading import mapping as json_object
from integrations.reading import moment, text, whole

T = TypeVar("T")

PAGES_AT_MOST = 300
"""Freshdesk lists no more pages of tickets; nothing else is longer."""

FOLDERS_DEEP = 4
CONVERSATIONS_AT_ONCE = 3


async def _all_pages(
    connection: Connection, request: Callable[[int], Request], read: Callable[[Response], wire.Page[T]]
) -> tuple[T, ...]:
    found: list[T] = []
    for number in range(1, PAGES_AT_MOST + 1):
        page = await connection.background(request(number), read)
        found.extend(page.items)
        if not page.more or not page.items:
            break
    return tuple(found)


@dataclass(slots=True)
class _ArticleMark:
    """Where a walk through the folders is.

    ``after`` is the folder and language that were read last, ``folders`` what folders looked like after the
    last walk: a folder that was renamed or closed to customers changes all its articles without touching them.
    """

    busy: bool = False
    since: datetime | None = None
    top: datetime | None = None
    after: tuple[int, str] = (0, "")
    known: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    drafts: set[int] = field(default_factory=set)
    folders: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, checkpoint_text: str | None) -> _ArticleMark:
        found = checkpoint.load(checkpoint_text)
        return cls(
            busy=found.get("busy") is True,
            since=moment(found.get("since")),
            top=moment(found.get("top")),
            after=(whole(found.get("after_folder")) or 0, text(found.get("after_language"))),
            known=checkpoint.ids(found.get("known")),
            seen=checkpoint.ids(found.get("seen")),
            drafts=checkpoint.ids(found.get("drafts")),
            folders={key: text(value) for key, value in json_object(found.get("folders")).items()},
        )

    def take(self, found: tuple[raw.RawArticle, ...], *, all_new: bool) -> tuple[raw.RawArticle, ...]:
        """Note a folder's articles and return those that changed since the last walk."""
        times = [item.updated_at for item in found if item.updated_at]
        self.top = max([*times, *([self.top] if self.top else [])], default=None)
        published = {item.id for item in found if item.status == mapping.PUBLISHED}
        self.seen |= published
        self.drafts |= {item.id for item in found} - published
        return tuple(item for item in found if all_new or self._changed(item))

    def _changed(self, item: raw.RawArticle) -> bool:
        new = item.id not in self.known and item.status == mapping.PUBLISHED
        return new or self.since is None or item.updated_at is None or item.updated_at >= self.since

    def finish(self, folders: dict[str, str]) -> tuple[int, ...]:
        """End a walk and return the ids that must no longer be shown in any language."""
        gone = (self.known | self.drafts) - self.seen
        self.known, self.seen, self.drafts, self.folders = self.seen, set(), set(), folders
        self.since, self.top, self.after, self.busy = self.top or self.since, None, (0, ""), False
        return tuple(sorted(gone))

    def dump(self) -> str:
        return checkpoint.dump(
            busy=self.busy,
            since=self.since.isoformat() if self.since else "",
            top=self.top.isoformat() if self.top else "",
            after_folder=self.after[0],
            after_language=self.after[1],
            known=self.known,
            seen=self.seen,
            drafts=self.drafts,
            folders=self.folders,
        )


async def articles(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Article]]:
    """Walk all folders in all languages and yield what changed since ``resume``, a folder at a time.

    Freshdesk has no list of changes. A draft comes as an item with ``draft`` set, so that it replaces the
    published text of that language; its id is ``gone`` as well when no language of it is published.
    """
    mark = _ArticleMark.read(resume)
    mark.busy = True
    folders = await _folders(connection)
    languages = await or_else(wire.Languages("", ()), _languages(connection), what="languages")
    state = {str(item.id): f"{item.visibility} {item.name}" for item in folders}
    units = [(item, language) for item in folders for language in ("", *sorted(languages.others))]
    todo = [unit for unit in units if (unit[0].id, unit[1]) > mark.after]
    for folder, language in todo:
        found = await _folder_articles(connection, folder, language)
        changed = mark.folders.get(str(folder.id)) != state[str(folder.id)]
        wanted = mark.take(found, all_new=changed)
        mark.after = (folder.id, language)
        items = tuple(
            mapping.article(connection.site, item, folder, language or languages.primary or item.language)
            for item in wanted
        )
        gone = mark.finish(state) if (folder, language) == todo[-1] else ()
        yield Batch(items, mark.dump(), done=not mark.busy, gone=gone)
    if mark.busy:  # no folder at all, or the last ones went between two runs
        gone = mark.finish(state)
        yield Batch((), mark.dump(), done=True, gone=gone)


async def _languages(connection: Connection) -> wire.Languages:
    return await connection.background(wire.settings_request(connection.site), wire.read_languages)


async def _folders(connection: Connection) -> tuple[raw.RawFolder, ...]:
    """Return all folders in order of their ids, those inside of folders too; each once."""
    site, found = connection.site, dict[int, raw.RawFolder]()
    categories = await _all_pages(connection, lambda page: wire.categories_request(site, page), wire.read_ids)
    level: list[raw.RawFolder] = []
    for id_ in categories:
        level.extend(await _all_pages(connection, _numbered(wire.folders_request, connection, id_), wire.read_folders))
    for _ in range(FOLDERS_DEEP):
        new = [item for item in level if item.id not in found]
        found.update((item.id, item) for item in new)
        level = []
        for parent in (item for item in new if item.sub_folders > 0):
            pages = _numbered(wire.subfolders_request, connection, parent.id)
            level.extend(await _all_pages(connection, pages, wire.read_folders))
    return tuple(found[id_] for id_ in sorted(found))


def _numbered(request: Callable[..., Request], connection: Connection, id_: int) -> Callable[[int], Request]:
    return lambda page: request(connection.site, id_, page)


async def _folder_articles(connection: Connection, folder: raw.RawFolder, language: str) -> tuple[raw.RawArticle, ...]:
    """Read a folder's articles; a language that it was not translated into has none."""

    def request(page: int) -> Request:
        return wire.articles_request(connection.site, folder.id, page, language=language)

    try:
        return await _all_pages(connection, request, wire.read_articles)
    except NotThere:
        return ()


async def canned_responses(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Macro]]:
    """Read all canned responses, a folder at a time; those that went are ``gone`` at the end.

    Raises:
        NotAllowed: At once, to every agent who is not an admin.
    """
    mark = checkpoint.load(resume)
    known, seen = checkpoint.ids(mark.get("known")), checkpoint.ids(mark.get("seen"))
    after = whole(mark.get("after")) or 0
    request = wire.canned_folders_request(connection.site)
    folders = sorted((await connection.background(request, wire.read_ids)).items)
    for id_ in (id_ for id_ in folders if id_ > after):
        pages = _numbered(wire.canned_responses_request, connection, id_)
        found = await _all_pages(connection, pages, wire.read_responses)
        items = tuple(macro for item in found if (macro := mapping.macro(connection.site, item)))
        seen |= {item.id for item in items}
        if id_ != folders[-1]:
            yield Batch(items, checkpoint.dump(after=id_, known=known, seen=seen), done=False)
        else:
            yield Batch(items, checkpoint.dump(known=seen), done=True, gone=tuple(sorted(known - seen)))
    if not folders or folders[-1] <= after:
        yield Batch((), checkpoint.dump(known=seen), done=True, gone=tuple(sorted(known - seen)))


@dataclass(slots=True)
class _SolvedMark:
    """Where a walk back through the list of tickets is."""

    since: datetime | None = None
    top: datetime | None = None
    page: int = 1
    count: int = 0

    @classmethod
    def read(cls, checkpoint_text: str | None) -> _SolvedMark:
        found = checkpoint.load(checkpoint_text)
        return cls(
            since=moment(found.get("since")),
            top=moment(found.get("top")),
            page=whole(found.get("page")) or 1,
            count=whole(found.get("count")) or 0,
        )

    def dump(self, *, done: bool) -> str:
        since = (self.top or self.since) if done else self.since
        shown = since.isoformat() if since else ""
        if done:
            return checkpoint.dump(since=shown)
        top = self.top.isoformat() if self.top else ""
        return checkpoint.dump(since=shown, top=top, page=self.page, count=self.count)


async def solved_tickets(
    connection: Connection,
    read_names: Callable[[], Awaitable[raw.Names]],
    resume: str | None,
    *,
    limit: int,
) -> AsyncIterator[Batch[SolvedTicket]]:
    """Walk back through all tickets by last change and keep the resolved and closed ones.

    The filter API would end after 300 tickets. A ticket that changes during the walk pushes others down a
    page: some are read twice, none is missed. A finished walk's checkpoint starts one over what changed since.
    """
    mark, names = _SolvedMark.read(resume), await read_names()
    done = False
    while not done:
        page = await connection.background(
            wire.changed_request(connection.site, mark.since, mark.page), wire.read_tickets
        )
        times = [at for item in page.items if (at := item.updated_at)]
        mark.top = mark.top or max(times, default=None)
        solved = [item for item in page.items if item.status in mapping.SOLVED]
        fresh = solved[: max(0, limit - mark.count)]
        items: list[SolvedTicket] = []
        for start in range(0, len(fresh), CONVERSATIONS_AT_ONCE):
            few = fresh[start : start + CONVERSATIONS_AT_ONCE]
            found = await together(_solved_ticket(connection, item, names) for item in few)
            items.extend(item for item in found if item is not None)
        mark.count += len(fresh)
        done = not page.more or mark.count >= limit or mark.page >= PAGES_AT_MOST
        mark.page += 1
        yield Batch(tuple(items), mark.dump(done=done), done=done)


async def _solved_ticket(connection: Connection, found: raw.RawTicket, names: raw.Names) -> SolvedTicket | None:
    """Read the conversation's first page; None for a ticket that went away meanwhile or may not be read."""
    request = wire.conversations_request(connection.site, found.id, 1)
    try:
        page = await connection.background(request, wire.read_conversations)
    except (NotThere, NotAllowed):
        return None
    messages = mapping.messages(page.items, found.requester, names)
    public = tuple(message for message in messages if message.public)
    first = mapping.first_message(found, found.requester, names)
    return SolvedTicket(mapping.ticket(connection.site, found, names), (first, *public))
