"""Reading Freshdesk's solutions, which have no list of changes.

A walk reads every folder in every language: at least one request for each, one more for each further hundred
articles. A look reads only how the folders are listed (one request, one for each category, one for each folder that
holds folders), and then the articles of those that are listed differently: renamed, moved, opened or closed to
customers, with more or fewer articles. Either is made whenever it takes a handful of requests. One that takes more is
made seldom enough to spend one request a minute on it, but at least twice a day. So what was added or deleted is seen
at the next look, what was only reworded at the next walk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any, TypeVar

from assist.domain import Article
from assist.errors import NotThere
from assist.ports import Batch, SyncScope
from integrations import checkpoint
from integrations.connection import Connection, or_else
from integrations.freshdesk import mapping, wire
from integrations.freshdesk.marks import packed, scope_key, shown, unpacked
from integrations.freshdesk.paging import pages
from integrations.freshdesk.raw_knowledge import RawArticle, RawFolder
from integrations.http import Request, Response
from integrations.reading import mapping as json_object
from integrations.reading import moment, text, texts, whole

T = TypeVar("T")

FOLDERS_DEEP = 4
BATCH_SIZE = 100
READS_A_BATCH = 20
HANDFUL = 10
LONGEST = timedelta(hours=12)


@dataclass(slots=True)
class _Mark:
    """What is known of the solutions, and where a walk through them is.

    Attributes:
        walked_at: When the last walk began, which takes ``reads`` requests, listing the folders included.
        looked_at: When the folders were listed last, which took ``looks`` requests.
        top: The latest change that this walk has met; ``since`` is the one of the walk before.
        after: Folder and language that this walk read last.
        known: Published articles of each folder, packed.
        reading: The folder that is being read; ``published`` are its published articles in any language so far,
            ``drafts`` its others.
        listings: Of each folder what it looks like to its articles, and after that how else it is listed.
    """

    scope: str = ""
    walking: bool = False
    walked_at: datetime | None = None
    reads: int = 0
    looked_at: datetime | None = None
    looks: int = 0
    since: datetime | None = None
    top: datetime | None = None
    after: tuple[int, str] = (0, "")
    known: dict[str, str] = field(default_factory=dict)
    reading: int = 0
    published: set[int] = field(default_factory=set)
    drafts: set[int] = field(default_factory=set)
    listings: dict[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("",)
    """The primary one first; "" where its name is not known."""

    @classmethod
    def read(cls, checkpoint_text: str | None, scope: SyncScope) -> _Mark:
        """Read a checkpoint; one that was made with another scope keeps only what is known, to tell what goes."""
        found, key = checkpoint.load(checkpoint_text), scope_key(scope, "brands", "folders")
        mark = cls(scope=key, known=_strings(found.get("known")))
        if text(found.get("scope")) != key:
            return mark
        mark.walking = found.get("walking") is True
        mark.walked_at, mark.reads = moment(found.get("walked_at")), whole(found.get("reads")) or 0
        mark.looked_at, mark.looks = moment(found.get("looked_at")), whole(found.get("looks")) or 0
        mark.since, mark.top = moment(found.get("since")), moment(found.get("top"))
        mark.after = (whole(found.get("after_folder")) or 0, text(found.get("after_language")))
        mark.reading = whole(found.get("reading")) or 0
        mark.published, mark.drafts = unpacked(found.get("published")), unpacked(found.get("drafts"))
        mark.listings = _strings(found.get("listings"))
        mark.languages = texts(found.get("languages")) or ("",)
        return mark

    def dump(self) -> str:
        return checkpoint.dump(
            scope=self.scope,
            walking=self.walking,
            walked_at=shown(self.walked_at),
            reads=self.reads,
            looked_at=shown(self.looked_at),
            looks=self.looks,
            since=shown(self.since),
            top=shown(self.top),
            after_folder=self.after[0],
            after_language=self.after[1],
            known=self.known,
            reading=self.reading,
            published=packed(self.published),
            drafts=packed(self.drafts),
            listings=self.listings,
            languages=self.languages if self.languages[0] else (),
        )

    def may_look(self, now: datetime) -> bool:
        return self.walking or _is_due(self.looked_at, self.looks, now) or self.may_walk(now)

    def may_walk(self, now: datetime) -> bool:
        return not self.walking and _is_due(self.walked_at, self.reads, now)

    def begin(self, now: datetime, languages: wire.Languages, folders: int) -> None:
        self.walking, self.walked_at, self.top, self.after = True, now, None, (0, "")
        self.open(0)
        self.languages = (languages.primary, *sorted(languages.others))
        self.reads = self.looks + folders * len(self.languages)

    def must_read(self, folder: RawFolder, language: str) -> bool:
        if self.walking:
            return (folder.id, self._order(language)) > (self.after[0], self._order(self.after[1]))
        return self.listings.get(str(folder.id)) != _listing(folder)

    def _order(self, language: str) -> int:
        return self.languages.index(language) if language in self.languages else -1

    def open(self, folder_id: int) -> None:
        """Turn to a folder; what was noted of it before an interruption stays."""
        if folder_id != self.reading:
            self.reading, self.published, self.drafts = folder_id, set(), set()

    def take(self, folder: RawFolder, page: Iterable[RawArticle], brands: frozenset[int]) -> list[RawArticle]:
        """Note a page of a folder and return what is news."""
        all_new = not self.listings.get(str(folder.id), "").startswith(_face(folder))
        known = self.published_in(folder.id)
        news = []
        for item in page:
            if self.walking and item.updated_at is not None:
                self.top = max(item.updated_at, self.top or item.updated_at)
            if brands and item.product_id is not None and item.product_id not in brands:
                continue
            is_published = item.status == mapping.PUBLISHED
            (self.published if is_published else self.drafts).add(item.id)
            is_new = is_published and item.id not in known
            if all_new or is_new or self.since is None or item.updated_at is None or item.updated_at >= self.since:
                news.append(item)
        return news

    def published_in(self, folder_id: int) -> set[int]:
        return unpacked(self.known.get(str(folder_id)))

    def finish_folder(self, folder: RawFolder) -> set[int]:
        """End a folder; return what went from it."""
        gone = (self.published_in(folder.id) | self.drafts) - self.published
        self.known[str(folder.id)], self.listings[str(folder.id)] = packed(self.published), _listing(folder)
        self.open(0)
        return gone

    def finish(self, folders: Iterable[int]) -> set[int]:
        """End a walk or a look; return what was in folders that went or are not wanted any more."""
        wanted = {str(folder) for folder in folders}
        gone = {id_ for name, ids in self.known.items() if name not in wanted for id_ in unpacked(ids)}
        self.known = {name: ids for name, ids in self.known.items() if name in wanted}
        self.listings = {name: value for name, value in self.listings.items() if name in wanted}
        if self.walking:
            self.walking, self.since, self.top, self.after = False, self.top or self.since, None, (0, "")
        return gone

    def held(self) -> set[int]:
        """Return all published articles."""
        return self.published.union(*(unpacked(ids) for ids in self.known.values()))


def _is_due(last: datetime | None, requests: int, now: datetime) -> bool:
    """Say whether it is time to spend so many requests again. A clock that was set back does not put it off."""
    if last is None or now < last:
        return True
    return now - last >= min(LONGEST, timedelta(minutes=max(0, requests - HANDFUL)))


def _face(folder: RawFolder) -> str:
    return _digest(f"{folder.visibility} {folder.name}")


def _listing(folder: RawFolder) -> str:
    return _face(folder) + _digest(folder.listing)


def _digest(words: str) -> str:
    return blake2b(words.encode(), digest_size=4).hexdigest()


def _strings(value: Any) -> dict[str, str]:
    return {name: text(item) for name, item in json_object(value).items()}


@dataclass(slots=True)
class _Pending:
    """What was read and is not handed on yet."""

    items: list[Article] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    reads: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.items) >= BATCH_SIZE or self.reads >= READS_A_BATCH

    def batch(self, mark: _Mark, *, done: bool) -> Batch[Article]:
        """Return it, and begin anew. What only moved to another folder is not gone."""
        gone = tuple(sorted(self.gone - mark.held())) if self.gone else ()
        batch = Batch(tuple(self.items), mark.dump(), done=done, gone=gone)
        self.items, self.gone, self.reads = [], set(), 0
        return batch


async def articles(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Article]]:
    """Yield what changed since ``resume``, as far as this module's docstring says it is seen.

    A draft comes as an item with ``draft`` set, so that it replaces the published text of that language; its id is
    ``gone`` as well when no language of it is published. Of `SyncScope.brands` Freshdesk's articles know nothing
    yet: one that does name a product must name a wanted one.
    """
    scope, now = connection.scope, connection.clock.now()
    mark, pending = _Mark.read(resume, scope), _Pending()
    if not mark.may_look(now):
        yield pending.batch(mark, done=True)
        return
    tree = await read_folders(connection)
    folders = [item for item in tree.folders if not scope.folders or item.id in scope.folders]
    mark.looked_at, mark.looks = now, tree.requests
    if mark.may_walk(now):
        languages = await or_else(wire.Languages("", ()), _languages(connection), what="languages")
        mark.begin(now, languages, len(folders))
    for folder in folders:
        async for _ in _batches(connection, folder, mark, pending):
            yield pending.batch(mark, done=False)
    pending.gone |= mark.finish(item.id for item in folders)
    yield pending.batch(mark, done=True)


async def _batches(connection: Connection, folder: RawFolder, mark: _Mark, pending: _Pending) -> AsyncIterator[None]:
    """Read what must be read of a folder into ``pending``; yield each time that it is full."""
    todo = [language for language in mark.languages if mark.must_read(folder, language)]
    if not todo:
        return
    mark.open(folder.id)
    for language in todo:
        async for page in _folder_pages(connection, folder, language, primary=mark.languages[0]):
            news = mark.take(folder, page, connection.scope.brands)
            pending.items += [mapping.article(connection.site, one, folder, language or one.language) for one in news]
            if pending.is_full:
                yield
        pending.reads += 1
        mark.after = (folder.id, language) if mark.walking else mark.after
    pending.gone |= mark.finish_folder(folder)
    if pending.is_full:
        yield


async def _languages(connection: Connection) -> wire.Languages:
    return await connection.background(wire.settings_request(connection.site), wire.read_languages)


async def _folder_pages(
    connection: Connection, folder: RawFolder, language: str, *, primary: str
) -> AsyncIterator[tuple[RawArticle, ...]]:
    """Yield a folder's articles; a language that it was not translated into has none."""

    def request(page: int) -> Request:
        other = "" if language == primary else language
        return wire.articles_request(connection.site, folder.id, page, language=other)

    try:
        async for page in pages(connection, request, wire.read_articles):
            yield page
    except NotThere:
        return


@dataclass(slots=True)
class FolderTree:
    """All folders, each once, and what it took to list them.

    Attributes:
        places: Names of the category and the folders that hold a folder, by the folder's id.
    """

    found: dict[int, RawFolder] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    requests: int = 0

    @property
    def folders(self) -> tuple[RawFolder, ...]:
        """Return them in order of their ids."""
        return tuple(self.found[id_] for id_ in sorted(self.found))


async def read_folders(connection: Connection) -> FolderTree:
    """List all folders, those inside of folders too."""
    tree, site = FolderTree(), connection.site
    level: list[tuple[str, RawFolder]] = []
    for category in await _counted(tree, connection, partial(wire.categories_request, site), wire.read_categories):
        request = partial(wire.folders_request, site, category.id)
        level += [(category.name, one) for one in await _counted(tree, connection, request, wire.read_folders)]
    for _ in range(FOLDERS_DEEP):
        new = [(place, folder) for place, folder in level if folder.id not in tree.found]
        level = []
        for place, folder in new:
            tree.found[folder.id], tree.places[folder.id] = folder, place
            if folder.sub_folders > 0:
                request = partial(wire.subfolders_request, site, folder.id)
                inside = await _counted(tree, connection, request, wire.read_folders)
                level += [(f"{place} / {folder.name}", one) for one in inside]
    return tree


async def _counted(
    tree: FolderTree,
    connection: Connection,
    request: Callable[[int], Request],
    read: Callable[[Response], wire.Page[T]],
) -> list[T]:
    """Return all of a list; nothing of what was deleted a moment ago."""
    found: list[T] = []
    try:
        async for page in pages(connection, request, read):
            found += page
            tree.requests += 1
    except NotThere:
        tree.requests += 1
    return found
