"""What changed between two texts, word by word, as spans to paint. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from desktop.widgets.prose import Span

MOST_WORDS = 3_000
"""Longer texts are shown without marks: comparing takes time with the square of the length."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


def diff_spans(before: str, after: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the spans of ``before`` that went (``removed``) and those of ``after`` that are new (``added``).

    White space alone is no change. Neighbouring changes are one span. Both are empty when a text is longer
    than `MOST_WORDS` words.
    """
    old = list(_WORD.finditer(before))
    new = list(_WORD.finditer(after))
    if max(len(old), len(new)) > MOST_WORDS:
        return (), ()
    matcher = SequenceMatcher(_is_space, [one[0] for one in old], [one[0] for one in new], autojunk=False)
    removed: list[Span] = []
    added: list[Span] = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag != "equal":
            _mark(removed, old[old_from:old_to], "removed")
            _mark(added, new[new_from:new_to], "added")
    return tuple(removed), tuple(added)


def _is_space(word: str) -> bool:
    return word.isspace()


def _mark(spans: list[Span], words: list[re.Match[str]], look: str) -> None:
    if any(not one[0].isspace() for one in words):
        spans.append(Span(words[0].start(), words[-1].end(), look))
