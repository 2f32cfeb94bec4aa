"""A small language for phrases, so that an admin can write rules without regular expressions.

``cancel* .. membership|subscription`` means: a word that begins with "cancel", then at most four other words, then
one of two words. ``really?`` is a word that may be absent, ``<plan>`` one of a named list, ``<Name>`` a word with a
capital that looks like somebody's brand; ``full_stop`` joins two words to one choice. Case, kinds of apostrophes and
punctuation between words do not count.
A phrase never reaches over the end of a sentence, and its cost is bounded whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from assist.context import Turn
from assist.text.passages import sentences

MAX_TURN_CHARS = 6_000
"""Of a longer message only the beginning is looked at; feelings come before log files."""
MAX_THREAD_CHARS = 20_000
"""So much of a long thread is looked at, newest messages first."""
MAX_QUOTE_CHARS = 280

_GAP = "[^\\w]+(?:[\\w'-]+[^\\w]+){0,4}?"
_NEXT = r"[^\w]+"
_BRAND = r"(?!(?-i:[A-Z]{1,4}\b))(?-i:[A-ZÄÖÜ])[\w&-]+(?![^\w]+\d)"
"""Capitalised, not an abbreviation or a size (XL, USB), and not a product with a number (Lathe 3)."""
_WORD = re.compile(r"[\w'-]+")
_PART = re.compile(r"\w+")
_WRAPPED_LINE = re.compile(r"(?<=[\w,;])\n(?=[a-zäöüß(])")
APOSTROPHES = str.maketrans("’‘`´", "''''")


class PhraseError(ValueError):
    """A phrase that says nothing, or names an unknown list."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a customer. ``text`` is ``quote`` with plain apostrophes, letter for letter."""

    quote: str = field(repr=False)
    message_id: int | None
    text: str = field(repr=False)
    words: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class Phrase:
    """One compiled phrase. Two are equal when they were written the same way with the same lists."""

    source: str
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def can_match(self) -> bool:
        """Whether no piece of it is an empty list; `PhraseError` if one is unknown. Compiling waits until needed."""
        return all(self._choices(piece.removesuffix("?")) for piece in self.source.split())

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self._expression, re.IGNORECASE)

    @cached_property
    def _expression(self) -> str:
        parts: list[str] = []
        gap = ""
        for piece in self.source.translate(APOSTROPHES).split():
            if piece == "..":
                gap = _GAP
            elif piece.endswith("?"):
                parts.append(
                    f"{gap}(?:{self._word(piece[:-1])}{_NEXT})?" if parts else f"(?:{self._word(piece[:-1])}{_NEXT})?"
                )
                gap = "" if parts else gap
            else:
                parts.append((gap if parts else "") + self._word(piece))
                gap = _NEXT
        return "(?<!\\w)" + "".join(parts) + "(?!\\w)"

    def _word(self, piece: str) -> str:
        return "(?:" + "|".join(_choice(choice) for choice in self._choices(piece)) + ")"

    def _choices(self, piece: str) -> list[str]:
        named = dict(self.lists)
        choices: list[str] = []
        for choice in piece.split("|"):
            if choice.lower() == "<name>" or not choice.startswith("<"):
                choices.append(choice)
            elif (listed := named.get(choice.strip("<>"))) is not None:
                choices.extend(listed)
            else:
                raise PhraseError(f"there is no list called {choice}")
        return choices

    def anchors(self) -> tuple[tuple[str, bool], ...]:
        """Return words of which the text must hold one, each with whether it is only the beginning of a word.

        They come from the required piece with the longest shortest word, which is roughly the rarest; empty where no
        piece can serve, so that the phrase must always be tried.
        """
        best: tuple[tuple[str, bool], ...] = ()
        for piece in self.source.translate(APOSTROPHES).lower().split():
            if piece == ".." or piece.endswith("?"):
                continue
            found = [_anchor(choice) for choice in self._choices(piece)]
            anchors = tuple(anchor for anchor in found if anchor is not None)
            if len(anchors) == len(found) and min(len(w) for w, _ in anchors) > min(
                (len(w) for w, _ in best), default=0
            ):
                best = anchors
        return best


class PhraseIndex:
    """Groups of phrases, looked for together: the words of a sentence decide which few are tried at all."""

    def __init__(self, groups: Sequence[Sequence[Phrase]]) -> None:
        self._phrases = [(group, phrase) for group, phrases in enumerate(groups) for phrase in phrases]
        self._words: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._always: list[int] = []
        for place, (_, phrase) in enumerate(self._phrases):
            anchors = phrase.anchors()
            if not anchors:
                self._always.append(place)
            for word, is_stem in anchors:
                (self._stems if is_stem else self._words).setdefault(word, []).append(place)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def matches(self, sentence: Sentence) -> Iterator[tuple[int, Phrase, re.Match[str]]]:
        """Yield (group, phrase, match) for each phrase that ``sentence`` holds, in the order of groups and phrases."""
        for place in sorted(self._candidates(sentence.words)):
            group, phrase = self._phrases[place]
            if (match := phrase.pattern.search(sentence.text)) is not None:
                yield group, phrase, match

    def compile(self) -> Iterator[None]:
        """Compile all phrases now, a step each, so that no ticket waits for it; 0.2 ms a phrase."""
        for _, phrase in self._phrases:
            _ = phrase.pattern
            yield

    def holds(self, sentence: Sentence) -> bool:
        return next(self.matches(sentence), None) is not None

    def _candidates(self, words: frozenset[str]) -> set[int]:
        places = set(self._always)
        for word in words:
            places.update(self._words.get(word, ()))
            for length in self._stem_lengths:
                places.update(self._stems.get(word[:length], ()))
        return places


def compile_phrases(sources: Sequence[str], *, lists: Mapping[str, Sequence[str]] | None = None) -> tuple[Phrase, ...]:
    """Return the phrases, or raise `PhraseError` naming the first that cannot be meant."""
    named = tuple((name, tuple(words)) for name, words in (lists or {}).items())
    phrases = []
    for source in sources:
        if not any(letter.isalnum() for letter in source.replace("..", "")):
            raise PhraseError(f"the phrase {source!r} holds no word")
        phrase = Phrase(source, named)
        if phrase.can_match():
            phrases.append(phrase)
    return tuple(phrases)


@lru_cache(maxsize=256)
def spoken(text: str, *, message_id: int | None) -> tuple[Sentence, ...]:
    """Return the sentences of a customer's text; lines that a mail program wrapped are read as one.

    Remembered for the last few messages, because each signal reads the same ones.
    """
    joined = _WRAPPED_LINE.sub(" ", text[:MAX_TURN_CHARS])
    return tuple(sentence(joined[start:end], message_id=message_id) for start, end in sentences(joined))


def newest(turns: Sequence[Turn]) -> list[Turn]:
    """Return the last of ``turns``, oldest first, that hold at most ``MAX_THREAD_CHARS`` together; one always."""
    room = MAX_THREAD_CHARS
    kept: list[Turn] = []
    for turn in reversed(turns):
        room -= min(len(turn.text), MAX_TURN_CHARS)
        if kept and room < 0:
            break
        kept.append(turn)
    return kept[::-1]


def sentence(quote: str, *, message_id: int | None) -> Sentence:
    plain = quote.translate(APOSTROPHES)
    lowered = plain.lower()
    return Sentence(quote, message_id, plain, frozenset((*_WORD.findall(lowered), *_PART.findall(lowered))))


def excerpt(quote: str, start: int, end: int) -> str:
    """Return ``quote``, or of a very long one the words around [start, end), cut between words."""
    if len(quote) <= MAX_QUOTE_CHARS:
        return quote
    room = max(0, MAX_QUOTE_CHARS - (end - start)) // 2
    first, last = max(0, start - room), min(len(quote), end + room)
    if first and (space := quote.find(" ", first, start)) >= 0:
        first = space + 1
    if last < len(quote) and (space := quote.rfind(" ", end, last)) >= 0:
        last = space
    return quote[first:last]


def _anchor(choice: str) -> tuple[str, bool] | None:
    match = None if choice == "<name>" else _WORD.search(choice.replace("_", " "))
    if match is None or "*" in choice[: match.start()]:
        return None
    return match.group(), choice[match.end() : match.end() + 1] == "*"


def _choice(choice: str) -> str:
    if choice == "<Name>":
        return _BRAND
    words = choice.translate(APOSTROPHES).replace("_", " ").split()
    return _NEXT.join(re.escape(word).replace(r"\*", r"[\w'-]*") for word in words)
