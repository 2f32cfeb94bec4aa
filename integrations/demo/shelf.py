"""Long rows of things that are made only when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, overload

from integrations.demo.model import Ticket

T = TypeVar("T")


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
