"""Features of a text for the churn model: who leaves whom, in words, in parts of words and in concepts.

Every feature is a text such as ``c:LEAVE <us>``; it is kept as a bucket (CRC-32), so a model is one vector of weights.
"""

from __future__ import annotations

import tomllib
import unicodedata
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assist.signals.companies import NAME, NUMBER, THEM, US, Token

BUCKETS = 1 << 16
GROUPS = ("word", "piece", "concept", "place", "cue")
MARKS = frozenset({US, THEM, NAME, NUMBER})
REACH = 6
"""So many concepts to each side of a company belong to it."""
_PIECES = (3, 4, 5)
_LINK = 3
"""So many concepts may stand between two companies that are read as a way from the one to the other."""
_BEFORE = 5
_MOVES = frozenset({"LEAVE", "CANCEL", "SWITCH"})
_TOWARDS = frozenset({"TO", "FOR", "A", "WITH"})
_PAUSES = frozenset(",.;:()–—-")
"""Behind one of these a company is spoken of anew: "mudei para a Zapfone, a Telmar que se amanhe"."""
_PARTED = frozenset({"THAN", "OR", "AND", "BUT", "?", "!"})
_NOTHING = "NOTHING"
_LONG = 5
"""An entry of fewer letters may be another word without its accents: "está", "esta"."""
_UNREAL = frozenset({"NEG", "IF", "MAYBE"})


@dataclass(frozen=True, slots=True)
class Concepts:
    """What words stand for: exact words, beginnings of words, and several words together."""

    words: Mapping[str, tuple[str, ...]] = field(repr=False)
    stems: Mapping[str, tuple[str, ...]] = field(repr=False)
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = field(repr=False)
    telling: Mapping[str, tuple[str, ...]] = field(repr=False)
    """The languages that a frequent little word tells of."""
    own: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)
    """By language, words that stand for something else, or for nothing, there: "no" is "in the" in Portuguese."""

    def read(self, words: Sequence[str]) -> list[tuple[str, int]]:
        """Return (concept, place of its first word) in order; marks of companies stand for themselves."""
        found: list[tuple[str, int]] = []
        own = self.own.get(self._language(words), {})
        at = 0
        while at < len(words):
            concepts, length = self._at(words, at, own)
            found += [(concept, at) for concept in concepts]
            at += length
        return found

    def _language(self, words: Sequence[str]) -> str:
        """Return the language that most words tell of, or nothing where two are level."""
        told = Counter(language for word in words for language in self.telling.get(word, ())).most_common(2)
        return told[0][0] if told and (len(told) == 1 or told[0][1] > told[1][1]) else ""

    def _at(self, words: Sequence[str], at: int, own: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], int]:
        word = words[at]
        if word in (US, THEM):
            return (word,), 1
        for parts, concepts in self.phrases.get(word, ()):
            if tuple(words[at : at + len(parts)]) == parts:
                return concepts, len(parts)
        if word[0] in "?!":
            return (word[0],), 1
        return own[word] if word in own else self._single(word), 1

    def _single(self, word: str) -> tuple[str, ...]:
        if (found := self.words.get(word)) is not None:
            return found
        for length in range(min(len(word), 12), 1, -1):
            if (found := self.stems.get(word[:length])) is not None:
                return found
        return ()


def read_concepts(content: bytes) -> Concepts:
    """Return the concepts of a word list in TOML; what is listed under two stands for both ("me voy": LEAVE and I).

    Who writes in haste leaves accents out: a longer entry is found without them too, unless that is another entry.
    """
    lists = tomllib.loads(content.decode("utf-8"))
    listed: dict[str, list[str]] = {}
    for concept, entries in lists["concepts"].items():
        for entry in dict.fromkeys(entries):
            listed.setdefault(entry, []).append(concept)
    plain = {_without_accents(entry): concepts for entry, concepts in listed.items() if len(entry) >= _LONG}
    found = {entry: tuple(concepts) for entry, concepts in {**plain, **listed}.items()}
    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for entry in sorted(found, key=lambda entry: len(entry.split()), reverse=True):
        if " " in entry:
            parts = tuple(entry.split())
            phrases.setdefault(parts[0], []).append((parts, found[entry]))
    return Concepts(
        {entry: concepts for entry, concepts in found.items() if " " not in entry and not entry.endswith("*")},
        {entry[:-1]: concepts for entry, concepts in found.items() if " " not in entry and entry.endswith("*")},
        {first: tuple(of_first) for first, of_first in phrases.items()},
        telling=_telling(lists.get("telling", {})),
        own={language: _own(meanings) for language, meanings in lists.get("own", {}).items()},
    )


def _without_accents(entry: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", entry) if not unicodedata.combining(letter))


def _telling(words: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    told: dict[str, tuple[str, ...]] = {}
    for language, of_language in words.items():
        told.update({word: (*told.get(word, ()), language) for word in of_language})
    return told


def _own(meanings: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {word: () if concept == _NOTHING else (concept,) for concept, words in meanings.items() for word in words}


def features(tokens: Sequence[Token], concepts: Concepts, *, cues: Collection[str] = ()) -> dict[str, set[str]]:
    """Return the names of all features by group; ``cues`` are names of cues and markers found in the text."""
    words = [token.word for token in tokens]
    read = concepts.read(words)
    return {
        "word": set(_words(words)),
        "piece": set(_pieces(words)),
        "concept": set(_concepts([concept for concept, _ in read])),
        "place": set(_places(words, [concept for concept, _ in read])),
        "cue": {f"q:{name}" for name in cues} or {"q:none"},
    }


def _words(words: Sequence[str]) -> Iterator[str]:
    padded = ["^", *words, "$"]
    for at, word in enumerate(padded[1:], 1):
        yield f"w:{word}"
        yield f"w:{padded[at - 1]} {word}"


def _pieces(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word not in MARKS and word[0].isalpha():
            yield from _pieces_of(word)


@lru_cache(maxsize=16_384)
def _pieces_of(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(f"p:{padded[at : at + size]}" for size in _PIECES for at in range(len(padded) - size + 1))


def _concepts(read: Sequence[str]) -> Iterator[str]:
    padded = ["^", *read, "$"]
    for at in range(1, len(padded)):
        yield f"c:{padded[at]}"
        yield f"c:{padded[at - 1]} {padded[at]}"
        if at >= 2:
            yield f"c:{padded[at - 2]} {padded[at - 1]} {padded[at]}"
            yield f"s:{padded[at - 2]} {padded[at]}"


def _places(words: Sequence[str], read: Sequence[str]) -> Iterator[str]:
    """Say which companies are named in which order, and what stands before and behind ours and others."""
    named = [word for word in words if word in (US, THEM)]
    yield "k:" + ("-".join(dict.fromkeys(named)) or "nobody")
    first = next((word for word in words if word[0].isalnum() or word in MARKS), "")
    if first in (US, THEM):
        yield f"k:to {first}"
        yield f"k:to {first} YOU{'YOU' in read}"
    only = "only" if len(set(named)) == 1 else "both"
    for at, company in enumerate(read):
        if company not in (US, THEM):
            continue
        for near in range(max(0, at - REACH), min(len(read), at + REACH + 1)):
            if near != at:
                side = "<" if near < at else ">"
                yield f"k:{read[near]}{side}{company}"
                yield f"k:{read[near]}{side}{company} {only}"
    if not named:
        for concept in read:
            yield f"k:{concept} nobody"


def joins_us(words: Sequence[str], read: Sequence[tuple[str, int]]) -> bool:
    """Tell whether words, read as concepts, plainly leave another company for ours: "leaving <them> for <us>"."""
    concepts = [concept for concept, _ in read]
    for at, company in enumerate(concepts):
        if company != THEM or US not in concepts[at + 1 : at + _LINK + 2]:
            continue
        ours = concepts.index(US, at)
        between = set(concepts[at + 1 : ours])
        before = set(concepts[max(0, at - _BEFORE) : at])
        if _PAUSES & set(words[read[at][1] : read[ours][1]]):
            continue
        if between & _TOWARDS and not between & _PARTED and before & _MOVES and not before & _UNREAL:
            return True
    return False


@lru_cache(maxsize=262_144)
def bucket(name: str) -> int:
    """Return the place of a feature, 0 to `BUCKETS` - 1."""
    return zlib.crc32(name.encode("utf-8", "replace")) % BUCKETS


def vector(
    found: Mapping[str, Collection[str]], weights: Mapping[str, float]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return buckets and values, each group as long as ``weights`` says: a text's length does not count."""
    places: list[int] = []
    values: list[float] = []
    for group, names in found.items():
        if names and weights.get(group, 0.0):
            places += sorted(bucket(name) for name in names)  # sets have no order, and sums depend on it
            values += [weights[group] / len(names) ** 0.5] * len(names)
    return np.array(places, dtype=np.int32), np.array(values, dtype=np.float32)
