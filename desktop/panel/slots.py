"""Where cards stand when better suggestions arrive: nothing that is held moves (promise I1's calm)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

Id = TypeVar("Id")


def place(
    now: Sequence[Id | None], wanted: Sequence[Id], *, held: Collection[Id] = (), size: int
) -> tuple[Id | None, ...]:
    """Return which id stands in each of ``size`` slots.

    An id in ``held`` (pointed at, focused, selected, being edited) keeps its slot even when it is no longer
    ``wanted``. An id that is still wanted keeps its slot too. The others of ``wanted``, in their order,
    fill what is left, first slot first; those that find no slot are left out. Empty slots are None.

    ``wanted`` is looked at only as far as ``size``.
    """
    keep = {*held, *wanted[:size]}
    slots = [one if one in keep else None for one in (*now, *[None] * size)[:size]]
    standing = {one for one in slots if one is not None}
    newcomers = iter([one for one in wanted[:size] if one not in standing])
    return tuple(one if one is not None else next(newcomers, None) for one in slots)
