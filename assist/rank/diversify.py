"""Near-duplicates: shown once, with every source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from rapidfuzz import fuzz, process, utils

SAME_TEXT = 82.0
"""Similarity in percent (of sorted words) from which two replies say the same."""

T = TypeVar("T")


def merge_near_duplicates(
    candidates: Sequence[T], *, text: Callable[[T], str], limit: int
) -> list[tuple[T, tuple[T, ...]]]:
    """Return at most ``limit`` candidates that differ, each with those it stands for; the order is kept.

    The first of a group represents it, so hand in the best first.
    """
    groups: list[tuple[str, T, list[T]]] = []
    for candidate in candidates:
        words = _sorted_words(text(candidate))
        for others_words, _, others in groups:
            if _alike(others_words, words):
                others.append(candidate)
                break
        else:
            if len(groups) == limit:
                continue
            groups.append((words, candidate, []))
    return [(first, tuple(others)) for _, first, others in groups]


def same_text(one: str, other: str) -> bool:
    """Tell whether two replies would read as the same one to an agent."""
    return _alike(_sorted_words(one), _sorted_words(other))


def same_texts(texts: Sequence[str], others: Sequence[str]) -> list[int | None]:
    """Return for each text which of ``others`` it says the same as, the likest one, or None; see `same_text`."""
    if not texts or not others:
        return [None] * len(texts)
    alike = process.cdist(
        [_sorted_words(text) for text in texts],
        [_sorted_words(other) for other in others],
        scorer=fuzz.ratio,
        score_cutoff=SAME_TEXT,
        dtype=np.float32,
    )
    best = alike.argmax(axis=1).tolist()
    return [at if alike[row, at] > 0 else None for row, at in enumerate(best)]


def _sorted_words(text: str) -> str:
    return " ".join(sorted(utils.default_process(text).split()))


def _alike(one: str, other: str) -> bool:
    # What rapidfuzz.fuzz.token_sort_ratio compares, with each text's words sorted only once.
    return fuzz.ratio(one, other, score_cutoff=SAME_TEXT) > 0
