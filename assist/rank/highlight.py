"""Which sentence of a passage matters for the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assist.retrieve.lexical import analyzer, field_language
from assist.text.passages import sentences

MAX_SENTENCES = 6
"""Only this many sentences of a passage are looked at closely; encoding one takes 2 ms."""


def candidate_sentences(text: str, weights: Mapping[str, float], *, language: str) -> list[tuple[int, int]]:
    """Return [start, end) of up to ``MAX_SENTENCES`` sentences that hold the most telling words, in reading order."""
    spans = sentences(text) or [(0, len(text))]
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
            score = 0.4 * score + cosines[number]
        if score > best_score:
            best, best_score = (start, end), score
    return best


def word_score(sentence: str, weights: Mapping[str, float], *, language: str) -> float:
    """Return the share of the question's telling words that ``sentence`` holds, in [0, 1].

    ``weights`` maps analysed words (stems) to weights.
    """
    total = sum(weights.values())
    if total <= 0:
        return 0.0
    held = set(analyzer(field_language(language)).analyze(sentence))
    return sum(weight for word, weight in weights.items() if word in held) / total
