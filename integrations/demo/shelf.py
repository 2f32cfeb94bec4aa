"""Long rows of things that are made only when somebody looks at them."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, overload

from integrations.demo.model import Ticket

T = TypeVar("T")

SCANNED_AT_MOST = 20_000
"""A search looks no further than this; a real one has an index."""

_ESTIMATED_FROM = 400


class Shelf(Sequence[T]):
    """A row of ``length`` things; ``nth`` makes the one at a place, from 0."""

    def __init__(self, length: int, nth: Callable[[int], T]) -> None:
        self._length = length
        self._nth = nth

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self._nth(one) for one in range(*place.indices(self._length))]
        if not -self._length <= place < self._length:
            raise IndexError(place)
        return self._nth(place % self._length)


class Chain(Sequence[T]):
    """One row after another."""

    def __init__(self, *rows: Sequence[T]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return sum(map(len, self._rows))

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        place += len(self) if place < 0 else 0
        for row in self._rows:
            if 0 <= place < len(row):
                return row[place]
            place -= len(row)
        raise IndexError("beyond the last row")


class Found(Sequence[T]):
    """The things of a row that pass a test, looked for only as far as somebody reads."""

    def __init__(self, row: Sequence[T], test: Callable[[T], bool], *, falling: bool = False) -> None:
        """``falling`` reads the row from its end."""
        self._row, self._test = row, test
        self._unseen = iter(range(len(row) - 1, -1, -1) if falling else range(len(row)))
        self._scanned = 0
        self._places: list[int] = []

    def _read(self, enough: int, *, at_least: int = 0) -> None:
        """Scan until ``enough`` are found and ``at_least`` were looked at, or to the end."""
        while self._scanned < SCANNED_AT_MOST and (len(self._places) < enough or self._scanned < at_least):
            place = next(self._unseen, None)
            if place is None:
                return
            self._scanned += 1
            if self._test(self._row[place]):
                self._places.append(place)

    def __len__(self) -> int:
        """Return how many there are; an estimate from the first ones in a long row."""
        self._read(0, at_least=_ESTIMATED_FROM)
        share = len(self._row) / self._scanned if self._scanned else 1.0
        return round(len(self._places) * share)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            start, stop = place.start or 0, 2**62 if place.stop is None else place.stop
            self._read(stop)
            return [self._row[one] for one in self._places[start:stop]]
        if place < 0:
            raise IndexError("what was found is counted from the front")
        self._read(place + 1)
        return self._row[self._places[place]]


def without(gone: Iterable[int], length: int, nth: Callable[[int], T]) -> Shelf[T]:
    """Return a row of ``length`` things but for those at the places ``gone``."""
    missing = sorted(one for one in set(gone) if 0 <= one < length)

    def at(place: int) -> T:
        found = place
        while (moved := place + bisect.bisect_right(missing, found)) != found:
            found = moved
        return nth(found)

    return Shelf(length - len(missing), at)


class Sought(NamedTuple):
    """Which tickets a face asks for, and in which order.

    Attributes:
        test: Says whether a ticket is meant.
        sort_by: A field of `Ticket`; only ``number``, ``created_at`` and ``updated_at`` are fast in a large account.
        falling: Largest first; ties by number, the same way round.
        key: Sorts instead of the field's own value.
        between: A field to the first and the last moment that it may have, as far as that is known beforehand.
        requester_id: Whose tickets are meant, as far as that is known beforehand.
    """

    test: Callable[[Ticket], bool] = lambda _ticket: True
    sort_by: str = "number"
    falling: bool = False
    key: Callable[[Ticket], Any] | None = None
    between: Mapping[str, tuple[datetime, datetime]] = {}
    requester_id: int | None = None
