"""Which sentence of a passage matters for the question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from assist.retrieve.lexical import analyzer, field_language
from assist.text.passages import sentences

MAX_SENTENCES = 4
"""Only this many sentences of a passage are looked at closely; encoding one takes 2 ms."""
MIN_WORDS = 4
"""A shorter sentence ("That's a fraud.") is read together with the next one of its line."""
MAX_POINTER_WORDS = 14
SHRINK = 2.0
"""Weight of words that are imagined as missing, so that one word in common is no proof of anything."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_POINTER = re.compile(
    r"^[\W_]*(?:see|see also|read|more (?:in|on|about|under)|details (?:in|are in)|(?:go|straight) (?:straight )?to|"
    r"(?:it|that|this)(?:['’]s| is) (?:all )?in|"
    r"siehe|mehr (?:dazu|in|unter|über)|lesen sie|näheres|voir|véase|vea|leia|veja)\b",
    re.IGNORECASE,
)


def candidate_sentences(text: str, weights: Mapping[str, float], *, language: str) -> list[tuple[int, int]]:
    """Return [start, end) of up to ``MAX_SENTENCES`` sentences that hold the most telling words, in reading order.

    Sentences that only point elsewhere or introduce what follows are left out, unless there is nothing else.
    """
    spans = readable(text) or sentences(text) or [(0, len(text))]
    scored = sorted(
        (
            (word_score(text[start:end], weights, language=language), -number)
            for number, (start, end) in enumerate(spans)
        ),
        reverse=True,
    )
    return [spans[number] for number in sorted(-minus for _, minus in scored[:MAX_SENTENCES])]


def best_sentence(
    text: str,
    spans: Sequence[tuple[int, int]],
    weights: Mapping[str, float],
    *,
    language: str,
    cosines: Sequence[float] | None = None,
) -> tuple[int, int]:
    """Return the span with the most telling words and, where known, the nearest meaning; ties go to the first."""
    best, best_score = (0, 0), float("-inf")
    for number, (start, end) in enumerate(spans):
        score = word_score(text[start:end], weights, language=language)
        if cosines is not None:
            score = 0.5 * score + cosines[number]
        if score > best_score:
            best, best_score = (start, end), score
    return best


def word_score(sentence: str, weights: Mapping[str, float], *, language: str, shrink: float = SHRINK) -> float:
    """Return how much of the question's telling words ``sentence`` holds, in [0, 1).

    ``weights`` maps analysed words (stems) to weights. The share is shrunk towards 0 where their sum is small:
    of a question of one word nothing is certain. ``shrink`` is the weight of words that are imagined as missing.
    """
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    held = _held(sentence, language)
    return sum(weight for word, weight in weights.items() if word in held) / (total + shrink)


@lru_cache(maxsize=512)
def _held(text: str, language: str) -> frozenset[str]:
    """Return the stems of a text; remembered, because both stages of an answer look at the same texts."""
    return frozenset(analyzer(field_language(language)).analyze(text))


def readable(text: str) -> list[tuple[int, int]]:
    """Return the sentences of ``text`` that say something by themselves, in order; short ones joined to the next."""
    spans: list[tuple[int, int]] = []
    held: tuple[int, int] | None = None
    for start, end in sentences(text):
        if held is not None and "\n" not in text[held[1] : start]:
            start = held[0]  # noqa: PLW2901  # the short sentence before reads on in this one
        held = None
        if is_pointer(text[start:end]):
            continue
        if len(_WORD.findall(text[start:end])) < MIN_WORDS:
            held = (start, end)
        else:
            spans.append((start, end))
    return spans


def is_pointer(sentence: str) -> bool:
    """Tell whether a sentence is a link to somewhere else, a lead-in ("We need:") or the head of a table."""
    words = len(_WORD.findall(sentence))
    cells = sentence.split(" | ")
    return (
        sentence.rstrip().endswith(":")
        or (words <= MAX_POINTER_WORDS and _POINTER.match(sentence) is not None)
        or (len(cells) > 1 and all(len(cell.split()) <= 2 for cell in cells))
    )
