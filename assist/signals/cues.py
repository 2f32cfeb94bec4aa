"""Cues: named groups of phrases with a weight, read from ``resources/*.toml`` and looked for in sentences."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from assist.signals.phrases import Phrase, PhraseError, PhraseIndex, Sentence, compile_phrases, excerpt
from resources import ROOT

_NEGATION_WORDS = 5
"""A negation reaches this many words forward ("I do not want to cancel")."""
_NEW_CLAUSE = re.compile(
    r"[;:–—]|\b(?:but|aber|sondern)\b|,\s*(?=(?:i|we|ich|wir|please|bitte|just|so|then|dann|and|und)\b)|^(?:no|nein|non)\b,?"
    r"|\b(?:if|unless|because|since|wenn|falls|weil)\b.{0,120}?(?=\b(?:i|we|ich|wir)\b)",
    re.IGNORECASE,
)
"""Where a negation ends its reach: "If this isn't fixed I'm leaving" is no denial."""
_ACCENTS = {
    code: base for code in range(0xC0, 0x180) if (base := unicodedata.normalize("NFD", chr(code))[0]) != chr(code)
}
SHIPPED = ("churn", "urgency", "mood", "feelings", "stages")
_FOLDED = frozenset(SHIPPED) - {"churn"}
"""Files that are read without accents, as people type when they are in a hurry or angry."""


class CueFileError(ValueError):
    """A cue file that cannot be read: says which file and entry."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What one kind of sentence means. ``negatable`` cues do not count behind a "not"."""

    name: str
    group: str
    meaning: str
    weight: float
    phrases: tuple[Phrase, ...]
    unless: tuple[Phrase, ...] = ()
    negatable: bool = True


@dataclass(frozen=True, slots=True)
class Cues:
    """A whole file. ``markers`` are named lists of phrases without a weight; ``negation`` is one of them."""

    cues: tuple[Cue, ...]
    index: PhraseIndex
    markers: Mapping[str, PhraseIndex]
    negation: tuple[Phrase, ...] = ()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    folded: bool = False
    """Whether accents are taken off the phrases, and so must be off the sentences too."""

    def compile(self) -> Iterator[None]:
        """Compile all phrases now, a step each."""
        others = PhraseIndex([self.negation, *(cue.unless for cue in self.cues)])
        for index in (self.index, *self.markers.values(), others):
            yield from index.compile()

    def marks(self, name: str, sentence: Sentence) -> bool:
        """Whether ``sentence`` holds a phrase of the marker ``name``."""
        return name in self.markers and self.markers[name].holds(folded(sentence) if self.folded else sentence)


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found in a sentence, at [start, end) of it."""

    cue: Cue
    sentence: Sentence = field(repr=False)
    start: int
    end: int

    @property
    def quote(self) -> str:
        return excerpt(self.sentence.quote, self.start, self.end)


@cache
def default_cues(name: str) -> Cues:
    """Return the cues that ship with Kibitz, by one of the names in `SHIPPED`."""
    return load_cues(ROOT / f"{name}.toml", fold=name in _FOLDED)


def compile_all() -> Iterator[None]:
    """Compile the phrases of all cues that ship with Kibitz, a step each."""
    for name in SHIPPED:
        yield from default_cues(name).compile()


def load_cues(path: Path, *, fold: bool = False) -> Cues:
    """Read a cue file; raise `CueFileError` saying what is wrong where. ``fold`` takes accents off."""
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(without_accents(text) if fold else text)
        lists: dict[str, list[str]] = raw.get("lists", {})
        markers = {name: compile_phrases(words, lists=lists) for name, words in raw.get("markers", {}).items()}
        cues = tuple(_cue(entry, lists) for entry in raw.get("cue", []))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, PhraseError) as error:
        raise CueFileError(f"{path.name}: {error}") from error
    return Cues(
        cues,
        PhraseIndex([cue.phrases for cue in cues]),
        {name: PhraseIndex([phrases]) for name, phrases in markers.items()},
        markers.get("negation", ()),
        folded=fold,
        lists=lists,
    )


def without_accents(text: str) -> str:
    """Return ``text`` with plain letters for accented ones, letter for letter: "inadmissível" is "inadmissivel"."""
    return text.translate(_ACCENTS)


@lru_cache(maxsize=512)
def folded(said: Sentence) -> Sentence:
    """Return the sentence as it is compared with phrases that have no accents; its quote stays as it was written."""
    if said.text.isascii():
        return said
    return replace(said, text=without_accents(said.text), words=frozenset(map(without_accents, said.words)))


def hits(sentence: Sentence, cues: Cues) -> Iterator[Hit]:
    """Yield each cue that ``sentence`` holds, once, where its first phrase stands."""
    sentence = folded(sentence) if cues.folded else sentence
    seen: set[int] = set()
    for number, _, match in cues.index.matches(sentence):
        cue = cues.cues[number]
        if number in seen or (cue.negatable and _is_negated(sentence, match.start(), cues.negation)):
            continue
        seen.add(number)
        if not any(phrase.pattern.search(sentence.text) for phrase in cue.unless):
            yield Hit(cue, sentence, *match.span())


def _is_negated(sentence: Sentence, start: int, negations: Sequence[Phrase]) -> bool:
    """A negation stands in the few words before ``start``, in the same clause."""
    clause = _NEW_CLAUSE.split(sentence.text[:start])[-1]
    window = " ".join(clause.split()[-_NEGATION_WORDS:])
    return any(phrase.pattern.search(window) is not None for phrase in negations)


def _cue(entry: Mapping[str, Any], lists: Mapping[str, Sequence[str]]) -> Cue:
    return Cue(
        name=entry["name"],
        group=entry.get("group", ""),
        meaning=entry.get("meaning", ""),
        weight=float(entry.get("weight", 1.0)),
        phrases=compile_phrases(entry["phrases"], lists=lists),
        unless=compile_phrases(entry.get("unless", ()), lists=lists),
        negatable=entry.get("negatable", True),
    )
