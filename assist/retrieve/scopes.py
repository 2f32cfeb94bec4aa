"""What an article is about as a whole (its section, its labels), and whether the conversation names it.

"Do they have parking?" is answered by the page of the hotel that was named five turns before. A scope that the
conversation names counts the more the fewer articles it holds, and the less the longer ago it was named.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assist.retrieve.lexical import analyzer

ArticleKey = tuple[int, str]
"""Article id and locale."""

LEAST_SHARE = 0.6
"""Of a name's weight that one turn must hold: "Acorn" alone may name the Acorn Guest House, "house" does not."""
AGEING = 0.93
"""A turn counts this much less than the next one."""
COMMON_SHARE = 0.02
OF_LABEL = 0.5
"""A label counts this much of a section: it says what an article touches, not what it is about."""
MAX_TURNS = 30
MAX_NAMED = 400
"""Articles that are looked at because they were named."""
_PATH = re.compile(r"\s*[>›/|]\s*")


@dataclass(frozen=True, slots=True)
class ScopedArticle:
    """What is known of an article as a whole."""

    key: ArticleKey
    section: str = ""
    labels: tuple[str, ...] = ()


class Scopes:
    """The names of sections and labels of one account. Immutable; made anew when articles change."""

    def __init__(self, articles: Iterable[ScopedArticle] = ()) -> None:
        holders: dict[tuple[str, ...], list[ArticleKey]] = {}
        sections: set[tuple[str, ...]] = set()
        count = 0
        for article in articles:
            count += 1
            own = [tuple(_words(text)) for text in _PATH.split(article.section)]
            sections.update(own)
            for name in dict.fromkeys((*own, *(tuple(_words(text)) for text in article.labels))):
                if name:
                    holders.setdefault(name, []).append(article.key)
        self._holders = holders
        frequency = Counter(word for name in holders for word in set(name))
        self._rarity = {word: math.log1p(len(holders) / seen) for word, seen in frequency.items()}
        self._by_word: dict[str, list[tuple[str, ...]]] = {}
        for name in holders:
            # A name that is held at `LEAST_SHARE` must hold one of its two rarest words; looking there is enough.
            for word in sorted(set(name), key=lambda word: -self._rarity[word])[:2]:
                self._by_word.setdefault(word, []).append(name)
        self._specific = {
            name: _specific(len(keys), count) * (1.0 if name in sections else OF_LABEL)
            for name, keys in holders.items()
        }

    def __len__(self) -> int:
        return len(self._holders)

    def named(self, turns: Sequence[str]) -> Mapping[ArticleKey, float]:
        """Return articles whose scope the ``turns`` (oldest first) name, with how much, in (0, 1]; at most `MAX_NAMED`.

        Ties go to what was named last, then to the order of articles.
        """
        strengths: dict[tuple[str, ...], float] = {}
        for back, turn in enumerate(reversed(turns[-MAX_TURNS:])):
            for name, share in self._held(set(_words(turn))):
                strength = share * self._specific[name] * AGEING**back
                strengths[name] = max(strengths.get(name, 0.0), strength)
        found: dict[ArticleKey, float] = {}
        for name, strength in sorted(strengths.items(), key=lambda item: -item[1]):
            for key in self._holders[name]:
                if key not in found and len(found) >= MAX_NAMED:
                    return found
                found[key] = max(found.get(key, 0.0), strength)
        return found

    def _held(self, words: set[str]) -> Iterator[tuple[tuple[str, ...], float]]:
        seen: set[tuple[str, ...]] = set()
        for word in words:
            for name in self._by_word.get(word, ()):
                if name not in seen:
                    seen.add(name)
                    whole = sum(self._rarity[part] for part in name)
                    share = sum(self._rarity[part] for part in name if part in words) / whole
                    if share >= LEAST_SHARE:
                        yield name, share


def _words(text: str) -> list[str]:
    # Lone surrogates, which JSON allows, are no text to the analyser.
    found: list[str] = _PLAIN.analyze(text.encode("utf-8", "replace").decode("utf-8"))
    return found


def _specific(holding: int, count: int) -> float:
    """Return near 1 for a scope of few of ``count`` articles, ½ for one of `COMMON_SHARE`, near 0 for one of most.

    The name of one product among hundreds says much; "Returns", which every tenth article is about, says little.
    """
    return 1.0 / (1.0 + holding / (count * COMMON_SHARE))


_PLAIN = analyzer("en")
