"""Reading Freshdesk's solutions, which have no list of changes.

A walk reads every folder in every language: at least one request for each, one more for each further hundred
articles. It is made once in as many minutes as it takes requests, at least an hour and at most half a day apart.
In between a visit reads only how the folders are listed (one request, one for each category, one for each folder
that holds folders), and then the articles of those that are listed differently: renamed, moved, opened or closed
to customers, with more or fewer articles. So what was added or deleted is seen at the next visit, what was only
reworded at the next walk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assist.domain import Article
from assist.errors import NotThere
from assist.ports import Batch, SyncScope
from integrations import checkpoint
from integrations.connection import Connection, or_else
from integrations.freshdesk import mapping, wire
from integrations.freshdesk.marks import packed, packed_groups, scope_key, shown, unpacked, unpacked_groups
from integrations.freshdesk.paging import pages, whole_list
from integrations.freshdesk.raw_knowledge import RawArticle, RawCategory, RawFolder
from integrations.http import Request
from integrations.reading import mapping as json_object
from integrations.reading import moment, text, texts, whole

FOLDERS_DEEP = 4
BATCH_SIZE = 100
READS_A_BATCH = 20
FOR_EACH_READ = timedelta(minutes=1)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(hours=12)


@dataclass(slots=True)
class _Mark:
    """What is known of the solutions, and where a walk through them is.

    Attributes:
        walked_at: When the last walk began.
        reads: Folders times languages of the last walk.
        top: The latest change that this walk has met; ``since`` is the one of the walk before.
        after: Folder and language that this walk read last.
        known: Published articles of each folder.
        reading: The folder that is being read; ``published`` are its published articles in any language so far,
            ``drafts`` its others.
        faces: Visibility and name of each folder, which are its articles' too; ``listings`` are all the rest.
    """

    scope: str = ""
    walking: bool = False
    walked_at: datetime | None = None
    reads: int = 0
    since: datetime | None = None
    top: datetime | None = None
    after: tuple[int, str] = (0, "")
    known: dict[int, set[int]] = field(default_factory=dict)
    reading: int = 0
    published: set[int] = field(default_factory=set)
    drafts: set[int] = field(default_factory=set)
    faces: dict[str, str] = field(default_factory=dict)
    listings: dict[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("",)
    """The primary one first; "" where its name is not known."""

    @classmethod
    def read(cls, checkpoint_text: str | None, scope: SyncScope) -> _Mark:
        """Read a checkpoint; one that was made with another scope keeps only what is known, to tell what goes."""
        found, key = checkpoint.load(checkpoint_text), scope_key(scope, "brands", "folders")
        mark = cls(scope=key, known=unpacked_groups(found.get("known")))
        if text(found.get("scope")) != key:
            return mark
        mark.walking = found.get("walking") is True
        mark.walked_at, mark.reads = moment(found.get("walked_at")), whole(found.get("reads")) or 0
        mark.since, mark.top = moment(found.get("since")), moment(found.get("top"))
        mark.after = (whole(found.get("after_folder")) or 0, text(found.get("after_language")))
        mark.reading = whole(found.get("reading")) or 0
        mark.published, mark.drafts = unpacked(found.get("published")), unpacked(found.get("drafts"))
        mark.faces = {name: text(value) for name, value in json_object(found.get("faces")).items()}
        mark.listings = {name: text(value) for name, value in json_object(found.get("listings")).items()}
        mark.languages = texts(found.get("languages")) or ("",)
        return mark

    def dump(self) -> str:
        return checkpoint.dump(
            scope=self.scope,
            walking=self.walking,
            walked_at=shown(self.walked_at),
            reads=self.reads,
            since=shown(self.since),
            top=shown(self.top),
            after_folder=self.after[0],
            after_language=self.after[1],
            known=packed_groups(self.known),
            reading=self.reading,
            published=packed(self.published),
            drafts=packed(self.drafts),
            faces=self.faces,
            listings=self.listings,
            languages=self.languages if self.languages[0] else (),
        )

    def is_due(self, now: datetime) -> bool:
        """Say whether it is time to begin a walk. A clock that was set back does not put it off."""
        if self.walked_at is None or now < self.walked_at:
            return True
        return now - self.walked_at >= min(LONGEST, max(SHORTEST, self.reads * FOR_EACH_READ))

    def begin(self, now: datetime, languages: wire.Languages, folders: int) -> None:
        self.walking, self.walked_at, self.top, self.after = True, now, None, (0, "")
        self.open(0)
        self.languages = (languages.primary, *sorted(languages.others))
        self.reads = folders * len(self.languages)

    def must_read(self, folder: RawFolder, language: str) -> bool:
        if self.walking:
            return (folder.id, self._order(language)) > (self.after[0], self._order(self.after[1]))
        return self.listings.get(str(folder.id)) != folder.listing

    def _order(self, language: str) -> int:
        return self.languages.index(language) if language in self.languages else -1

    def open(self, folder_id: int) -> None:
        """Turn to a folder; what was noted of it before an interruption stays."""
        if folder_id != self.reading:
            self.reading, self.published, self.drafts = folder_id, set(), set()

    def take(self, folder: RawFolder, page: Iterable[RawArticle], brands: frozenset[int]) -> list[RawArticle]:
        """Note a page of a folder and return what is news."""
        all_new = self.faces.get(str(folder.id)) != _face(folder)
        known = self.known.get(folder.id, set())
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

    def finish_folder(self, folder: RawFolder) -> set[int]:
        """End a folder; return what went from it."""
        gone = (self.known.get(folder.id, set()) | self.drafts) - self.published
        self.known[folder.id] = self.published
        self.open(0)
        self.faces[str(folder.id)], self.listings[str(folder.id)] = _face(folder), folder.listing
        return gone

    def finish(self, folders: Iterable[int]) -> set[int]:
        """End a walk or a visit; return what was in folders that went or are not wanted any more."""
        wanted = set(folders)
        gone = {id_ for folder, ids in self.known.items() if folder not in wanted for id_ in ids}
        self.known = {folder: ids for folder, ids in self.known.items() if folder in wanted}
        names = {str(folder) for folder in wanted}
        self.faces = {name: value for name, value in self.faces.items() if name in names}
        self.listings = {name: value for name, value in self.listings.items() if name in names}
        if self.walking:
            self.walking, self.since, self.top, self.after = False, self.top or self.since, None, (0, "")
        return gone

    def holds(self, article_id: int) -> bool:
        return article_id in self.published or any(article_id in ids for ids in self.known.values())


def _face(folder: RawFolder) -> str:
    return f"{folder.visibility} {folder.name}"


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
        gone = tuple(sorted(id_ for id_ in self.gone if not mark.holds(id_)))
        batch = Batch(tuple(self.items), mark.dump(), done=done, gone=gone)
        self.items, self.gone, self.reads = [], set(), 0
        return batch


async def articles(connection: Connection, resume: str | None) -> AsyncIterator[Batch[Article]]:
    """Yield what changed since ``resume``, as far as this module's docstring says it is seen.

    A draft comes as an item with ``draft`` set, so that it replaces the published text of that language; its id is
    ``gone`` as well when no language of it is published. Of `SyncScope.brands` Freshdesk's articles know nothing
    yet: one that does name a product must name a wanted one.
    """
    scope = connection.scope
    mark, pending = _Mark.read(resume, scope), _Pending()
    folders = [item for item in await all_folders(connection) if not scope.folders or item.id in scope.folders]
    if not mark.walking and mark.is_due(connection.clock.now()):
        languages = await or_else(wire.Languages("", ()), _languages(connection), what="languages")
        mark.begin(connection.clock.now(), languages, len(folders))
    for folder in folders:
        todo = [language for language in mark.languages if mark.must_read(folder, language)]
        if todo:
            mark.open(folder.id)
        for language in todo:
            async for page in _folder_pages(connection, folder, language, primary=mark.languages[0]):
                news = mark.take(folder, page, scope.brands)
                pending.items += [
                    mapping.article(connection.site, one, folder, language or one.language) for one in news
                ]
                if pending.is_full:
                    yield pending.batch(mark, done=False)
            pending.reads += 1
            mark.after = (folder.id, language) if mark.walking else mark.after
            if pending.is_full and language != todo[-1]:
                yield pending.batch(mark, done=False)
        if todo:
            pending.gone |= mark.finish_folder(folder)
        if pending.is_full:
            yield pending.batch(mark, done=False)
    pending.gone |= mark.finish(item.id for item in folders)
    yield pending.batch(mark, done=True)


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


async def all_folders(connection: Connection) -> tuple[RawFolder, ...]:
    """Return all folders in order of their ids, those inside of folders too; each once."""
    return tuple(folder for _, folder in sorted(await placed_folders(connection), key=lambda pair: pair[1].id))


async def placed_folders(connection: Connection) -> list[tuple[str, RawFolder]]:
    """Return all folders with the names of the category and the folders that hold them, each once."""
    site, found = connection.site, dict[int, tuple[str, RawFolder]]()
    level: list[tuple[str, RawFolder]] = []
    for category in await whole_list(
        connection, lambda page: wire.categories_request(site, page), wire.read_categories
    ):
        inside = await _listed(connection, _numbered(wire.folders_request, connection, category))
        level.extend((category.name, folder) for folder in inside)
    for _ in range(FOLDERS_DEEP):
        new = [(place, folder) for place, folder in level if folder.id not in found]
        found.update((folder.id, (place, folder)) for place, folder in new)
        level = []
        for place, parent in new:
            if parent.sub_folders > 0:
                inside = await _listed(connection, _numbered(wire.subfolders_request, connection, parent))
                level.extend((f"{place} / {parent.name}", folder) for folder in inside)
    return list(found.values())


async def _listed(connection: Connection, request: Callable[[int], Request]) -> tuple[RawFolder, ...]:
    """Return the folders of a list; none of one that was deleted a moment ago."""
    try:
        return await whole_list(connection, request, wire.read_folders)
    except NotThere:
        return ()


def _numbered(
    request: Callable[..., Request], connection: Connection, parent: RawCategory | RawFolder
) -> Callable[[int], Request]:
    return lambda page: request(connection.site, parent.id, page)
