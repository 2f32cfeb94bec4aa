"""Keeps an index of unchanging pieces in few pieces, as log-structured merge trees do (O'Neil et al., 1996)."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from typing import TypeVar

S = TypeVar("S", bound=Sized)


def tidied(pieces: Sequence[S], merged: Callable[[Sequence[S]], S], *, most: int) -> list[S]:
    """Return ``pieces``, largest first, with small ones merged with those of their size, up to ``most`` together.

    Of n documents there are about n / most + log2(most) pieces, and each document is copied log2(most) times at most.
    """
    left = sorted(pieces, key=len, reverse=True)
    while len(left) > 1 and len(left[-2]) <= 2 * len(left[-1]) and len(left[-2]) + len(left[-1]) <= most:
        *rest, larger, smaller = left
        left = sorted((*rest, merged((larger, smaller))), key=len, reverse=True)
    return left
