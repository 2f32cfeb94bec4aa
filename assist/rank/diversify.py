"""Near-duplicates: shown once, with every source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from rapidfuzz import fuzz, utils

SAME_TEXT = 82.0
"""Similarity in percent (of sorted words) from which two replies say the same."""

T = TypeVar("T")


def merge_near_duplicates(
    candidates: Sequence[T], *, text: Callable[[T], str], limit: int
) -> list[tuple[T, tuple[T, ...]]]:
    """Return at most ``limit`` candidates that differ, each with those it stands for; the order is kept.

    The first of a group represents it, so hand in the best first.
    """
    groups: list[tuple[T, list[T]]] = []
    for candidate in candidates:
        for first, others in groups:
            if same_text(text(first), text(candidate)):
                others.append(candidate)
                break
        else:
            if len(groups) == limit:
                continue
            groups.append((candidate, []))
    return [(first, tuple(others)) for first, others in groups]


def same_text(one: str, other: str) -> bool:
    """Tell whether two replies would read as the same one to an agent."""
    return fuzz.token_sort_ratio(one, other, processor=utils.default_process, score_cutoff=SAME_TEXT) > 0
