"""The articles of a large demo account; see `integrations.demo.large`."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from integrations.demo import prose
from integrations.demo.ids import object_id
from integrations.demo.model import Article, Category, Section
from integrations.demo.shelf import Chain, without
from integrations.demo.shuffle import BLOCK, mixed, shuffled, unshuffled

ENGLISH, GERMAN = "en-gb", "de"
_FIRST_ID = 2**45
_TOPICS = ("choosing", "care and repair", "orders", "faults")
_CYCLE = 20
_TRANSLATED_EVERY, _DRAFT, _FOR_AGENTS, _FOR_MEMBERS = 5, 3, 7, 11
"""Of twenty articles of a section four are translated; one is a draft, one is for agents, one for members."""

_KEPT = 512


class LargeArticles:
    """Articles by ``index``, from 0: they go round the sections, so that each has its share.

    ``round`` is how often all sections had one before. In the order of the last change an article has another
    place; a translation changes when its index says so.
    """

    def __init__(self, length: int, seed: int, now: datetime, span: timedelta) -> None:
        self._length, self._seed = length, seed
        self._step = span / (length + BLOCK + 1)
        self._start = now - span
        self.categories = {one.id: one for one in _categories()}
        self._sections = [section for one in self.categories.values() for section in _sections(one)]
        self.sections = {one.id: one for one in self._sections}
        self._made = lru_cache(_KEPT)(self._make)
        self._changed: dict[tuple[int, str], Article] = {}
        self._removed: set[int] = set()

    # Changing

    def put(self, article: Article) -> None:
        """Add an article, or another version of one."""
        self._changed[article.id, article.locale] = article
        self._removed.discard(article.id)

    def remove(self, id_: int) -> None:
        self._removed.add(id_)
        for key in [key for key in self._changed if key[0] == id_]:
            del self._changed[key]

    # Looking

    def all(self) -> Sequence[Article]:
        return Chain(self.in_locale(None), self.in_locale(GERMAN))

    def translations(self, id_: int) -> Sequence[Article]:
        index = self._index(id_)
        made = () if index is None else (ENGLISH, GERMAN) if self._is_translated(index) else (ENGLISH,)
        added = [locale for known, locale in self._changed if known == id_ and locale not in made]
        return [] if id_ in self._removed else [self._current(id_, locale) for locale in (*made, *added)]

    def in_locale(self, locale: str | None, *, by_change: bool = False) -> Sequence[Article]:
        if locale not in (None, ENGLISH, GERMAN):
            return []
        if locale == GERMAN:
            length, nth, place = self._translated_before(self._length), self._nth_translated, self._place_translated
            return self._row(length, nth, place, GERMAN)
        if by_change:
            return self.changed(self._start)
        return self._row(self._length, lambda place: place, lambda index: index, ENGLISH)

    def changed(self, since: datetime) -> Sequence[Article]:
        start = bisect.bisect_left(range(self._length), since, key=self._changed_at)
        touched = [article for (_, locale), article in self._changed.items() if locale == article.source_locale]
        indices = [index for one in touched if (index := self._index(one.id)) is not None]
        gone = [shuffled(index, self._length) - start for index in (*indices, *self._removed_indices())]
        row: Sequence[Article] = without(
            gone,
            self._length - start,
            lambda place: self._made(unshuffled(start + place, self._length), ENGLISH),
        )
        late = (one for one in touched if one.updated_at >= since)
        return Chain(row, sorted(late, key=lambda article: article.updated_at))

    def shelved(self, section_id: int, visibility: str, locale: str | None) -> Sequence[Article]:
        """Return the articles of one section that the same people may read."""
        section, count = self._sections.index(self.sections[section_id]), len(self._sections)
        own = [
            one
            for one in range(_CYCLE)
            if _visibility(one) == visibility and (locale in (None, ENGLISH) or one % _TRANSLATED_EVERY == 0)
        ]
        rounds = (self._length - section + count - 1) // count
        length = rounds // _CYCLE * len(own) + bisect.bisect_left(own, rounds % _CYCLE)
        if not own or locale not in (None, ENGLISH, GERMAN):
            return []

        def place(index: int) -> int:
            round_, of = divmod(index, count)
            in_cycle = bisect.bisect_left(own, round_ % _CYCLE)
            is_own = of == section and round_ % _CYCLE in own
            return round_ // _CYCLE * len(own) + in_cycle if is_own else -1

        def nth(at: int) -> int:
            return (at // len(own) * _CYCLE + own[at % len(own)]) * count + section

        row = self._row(length, nth, place, locale or ENGLISH)
        return _only(row, lambda one: (one.section_id, one.visibility) == (section_id, visibility), self._changed)

    def _row(
        self, length: int, nth: Callable[[int], int], place: Callable[[int], int], locale: str
    ) -> Sequence[Article]:
        """Return a row by index, without what was removed and with what was added."""
        gone = [place(index) for index in self._removed_indices()]
        row = without(gone, length, lambda at: self._current(_FIRST_ID + nth(at), locale))
        added = [one for (id_, known), one in self._changed.items() if known == locale and self._index(id_) is None]
        return Chain(row, added)

    def _removed_indices(self) -> list[int]:
        return [index for id_ in self._removed if (index := self._index(id_)) is not None]

    def _index(self, id_: int) -> int | None:
        return id_ - _FIRST_ID if 0 <= id_ - _FIRST_ID < self._length else None

    def _current(self, id_: int, locale: str) -> Article:
        return self._changed.get((id_, locale)) or self._made(id_ - _FIRST_ID, locale)

    # Translations: those of every fifth round

    def _is_translated(self, index: int) -> bool:
        return index // len(self._sections) % _TRANSLATED_EVERY == 0

    def _translated_before(self, index: int) -> int:
        count = len(self._sections)
        whole, rest = divmod(index, count * _TRANSLATED_EVERY)
        return whole * count + min(rest, count)

    def _nth_translated(self, place: int) -> int:
        count = len(self._sections)
        return place // count * count * _TRANSLATED_EVERY + place % count

    def _place_translated(self, index: int) -> int:
        return self._translated_before(index) if self._is_translated(index) else -1

    # Making

    def _changed_at(self, place: int) -> datetime:
        return (self._start + self._step * (place + 1)).replace(microsecond=0)

    def _make(self, index: int, locale: str) -> Article:
        section = self._sections[index % len(self._sections)]
        in_cycle = index // len(self._sections) % _CYCLE
        bits = mixed(self._seed, index)
        family = self.categories[section.category_id].name
        title, html = prose.article(self._seed, index, family=family, locale=locale)
        place = shuffled(index, self._length) if locale == ENGLISH else index
        updated_at = self._changed_at(place)
        return Article(
            id=_FIRST_ID + index,
            slug=f"{family.lower()}-{index}" if locale == ENGLISH else f"{family.lower()}-{index}-{locale}",
            locale=locale,
            source_locale=ENGLISH,
            title=title,
            section_id=section.id,
            labels=(family.lower(), prose.TAGS[index % len(prose.TAGS)]),
            created_at=updated_at - timedelta(days=30),
            updated_at=updated_at,
            votes=bits % 90 - 10,
            draft=in_cycle == _DRAFT,
            visibility=_visibility(in_cycle),
            html=html,
        )


def _only(
    row: Sequence[Article], test: Callable[[Article], bool], changed: dict[tuple[int, str], Article]
) -> Sequence[Article]:
    """Return ``row``; where somebody changed something, without what does not belong to it any more."""
    return [one for one in row if test(one)] if changed else row


def _visibility(in_cycle: int) -> str:
    return {_FOR_AGENTS: "agents", _FOR_MEMBERS: "signed-in"}.get(in_cycle, "everyone")


def _categories() -> list[Category]:
    return [Category(object_id("category", family), family) for family in prose.FAMILIES]


def _sections(category: Category) -> list[Section]:
    names = (f"{category.name}: {topic}" for topic in _TOPICS)
    return [Section(object_id("section", name), name, category.id) for name in names]
