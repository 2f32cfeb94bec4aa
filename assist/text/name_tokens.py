"""The words of a text as the search for names sees them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from assist.text.name_words import COMPANIES, WORD, fold, stop_words


@dataclass(frozen=True, slots=True)
class Token:
    """A word at [start, end)."""

    word: str
    start: int
    end: int
    opens: bool
    """At the beginning of a sentence or line, where every word is written large."""

    @property
    def lower(self) -> str:
        return self.word.lower()

    @property
    def is_large(self) -> bool:
        return self.word[0].isupper()


def is_plain(token: Token) -> bool:
    """Return whether ``token`` is a stop word, a company or a place."""
    return token.lower in stop_words() or fold(token.word) in COMPANIES


def tokenise(text: str) -> list[Token]:
    """Return the words of ``text`` in order."""
    tokens = []
    for match in WORD.finditer(text):
        before = text[: match.start()].rstrip(" \t\"“„«'‘(*•·–-")
        opens = not before or before[-1] in ".!?:\n…>" or before.endswith(("1.", "2."))
        # "Dr. Smith" and "J. Smith" begin no sentence.
        if opens and before[-1:] == "." and re.search(r"(?<!\w)(?:\w|[A-Z][a-z]{1,3})\.$", before):
            opens = False
        tokens.append(Token(match[0], *match.span(), opens))
    return tokens


def spellings(part: str) -> set[str]:
    """Return a name folded, with umlauts as one letter and as two."""
    small = part.lower()
    umlauts = small.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return {fold(part), fold(umlauts)}


def stem(folded: str, names: frozenset[str]) -> str:
    """Return ``folded`` without the ending of a possessive, where a name is left."""
    for suffix in ("'s", "s'", "s", "'"):
        if folded.endswith(suffix) and folded not in names and folded.removesuffix(suffix) in names:
            return folded.removesuffix(suffix)
    return folded


def is_other_script(word: str, text: str) -> bool:
    """Two letters or more of another script within a text in Latin letters."""
    if word.isascii() or sum(_is_latin(letter) for letter in text[:2000]) < sum(c.isalpha() for c in text[:2000]) * 0.6:
        return False
    return sum(not _is_latin(letter) for letter in word) >= 2


@lru_cache(maxsize=4096)
def _is_latin(letter: str) -> bool:
    return letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN")
