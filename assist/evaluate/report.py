"""What an evaluation found: figures with 95% intervals, and one line of detail for each case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
SEED = 20261123


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with the ends of its 95% interval; ``low`` and ``high`` equal it where none can be had."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Report:
    """``figures`` by name in the order of printing; ``cases`` are what ``--out`` writes, one JSON object each."""

    task: str
    size: str
    figures: Mapping[str, Figure]
    cases: Sequence[Mapping[str, Any]] = field(repr=False)
    notes: tuple[str, ...] = ()


def mean(values: Sequence[float] | NDArray[np.floating[Any]], *, groups: Sequence[object] | None = None) -> Figure:
    """Return the mean of ``values`` with its interval; cases of the same group are drawn together."""
    column = np.asarray(values, dtype=np.float64)
    return bootstrap(len(column), lambda rows: float(column[rows].mean()), groups=groups)


def bootstrap(
    size: int, statistic: Callable[[NDArray[np.int64]], float], *, groups: Sequence[object] | None = None
) -> Figure:
    """Return ``statistic`` of all rows with a percentile interval (Efron 1979, 1,000 draws, fixed seed).

    Args:
        size: How many rows there are.
        statistic: Takes row numbers (n,), which may repeat.
        groups: One label a row: rows of a group are drawn together, as those of one conversation must be.
    """
    if size == 0:
        return Figure(float("nan"), float("nan"), float("nan"))
    rows = np.arange(size)
    members = [rows[[row]] for row in range(size)] if groups is None else _members(groups)
    chance = np.random.default_rng(SEED)
    draws = [
        statistic(np.concatenate([members[at] for at in chance.integers(0, len(members), len(members))]))
        for _ in range(RESAMPLES)
    ]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Figure(statistic(rows), float(low), float(high))


def _members(groups: Sequence[object]) -> list[NDArray[np.int64]]:
    found: dict[object, list[int]] = {}
    for row, group in enumerate(groups):
        found.setdefault(group, []).append(row)
    return [np.array(rows, dtype=np.int64) for rows in found.values()]
