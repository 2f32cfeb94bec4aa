"""Two orders of the same things, each of which follows from the other by arithmetic alone."""

from __future__ import annotations

BLOCK = 64
"""So many neighbours are shuffled among themselves."""

_FACTOR, _SHIFT = 37, 11
_INVERSE = pow(_FACTOR, -1, BLOCK)


def mixed(seed: int, number: int) -> int:
    """Return 64 bits that look random (splitmix64)."""
    mask = 2**64 - 1
    value = (number + 1) * 0x9E3779B97F4A7C15 + seed * 0xD1342543DE82EF95 & mask
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & mask
    value = (value ^ value >> 27) * 0x94D049BB133111EB & mask
    return value ^ value >> 31


def shuffled(index: int, length: int) -> int:
    """Return the place of ``index`` in the other order; what is left over behind whole blocks stays."""
    slot = index % BLOCK
    return index if index - slot + BLOCK > length else index - slot + (_FACTOR * slot + _SHIFT) % BLOCK


def unshuffled(place: int, length: int) -> int:
    """Undo `shuffled`."""
    slot = place % BLOCK
    return place if place - slot + BLOCK > length else place - slot + _INVERSE * (slot - _SHIFT) % BLOCK
