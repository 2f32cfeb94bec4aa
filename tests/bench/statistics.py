"""Figures over cases, and how two that judged the same cases compare: paired bootstrap (Efron 1979).

Only numpy: also imported where Kibitz is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
SEED = 20261123
Columns = Mapping[str, NDArray[Any]]
Statistic = Callable[[Columns], float]


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Compared:
    """``ratio`` is ours / theirs, or theirs / ours where less is better: above 1 we are better."""

    ours: Interval
    theirs: Interval
    ratio: Interval

    @property
    def verdict(self) -> str:
        if self.ratio.low > 1:
            return "win"
        return "loss" if self.ratio.high < 1 else "even"


def resampled(size: int, groups: Sequence[object] | None = None) -> list[NDArray[np.int64]]:
    """Return 1,000 draws of row numbers with repetition; rows of a group are drawn together."""
    members: dict[object, list[int]] = {}
    for row, group in enumerate(range(size) if groups is None else groups):
        members.setdefault(group, []).append(row)
    blocks = [np.array(rows, dtype=np.int64) for rows in members.values()]
    chance = np.random.default_rng(SEED)
    return [
        np.concatenate([blocks[at] for at in chance.integers(0, len(blocks), len(blocks))]) for _ in range(RESAMPLES)
    ]


def interval(columns: Columns, statistic: Statistic, draws: Sequence[NDArray[np.int64]]) -> Interval:
    return _interval(statistic(columns), [statistic(_rows(columns, rows)) for rows in draws])


def compare(
    ours: Columns, theirs: Columns, statistic: Statistic, draws: Sequence[NDArray[np.int64]], *, less: bool = False
) -> Compared:
    """Compare the same cases, row by row, in the same draws; ``less`` where a smaller figure is the better one."""
    mine, other = statistic(ours), statistic(theirs)
    mine_drawn = np.array([statistic(_rows(ours, rows)) for rows in draws])
    other_drawn = np.array([statistic(_rows(theirs, rows)) for rows in draws])
    over, under = (other_drawn, mine_drawn) if less else (mine_drawn, other_drawn)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = over / under
        ratio = np.float64(other if less else mine) / np.float64(mine if less else other)
    return Compared(_interval(mine, mine_drawn), _interval(other, other_drawn), _interval(float(ratio), ratios))


def _interval(value: float, drawn: Sequence[float] | NDArray[np.float64]) -> Interval:
    known = np.asarray(drawn, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.sort(known)[[int(0.025 * len(known)), min(int(0.975 * len(known)), len(known) - 1)]]
    return Interval(value, float(low), float(high))


def _rows(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    return {name: column[rows] for name, column in columns.items()}


def recall_at(k: int) -> Statistic:
    return lambda columns: float(np.mean((columns["rank"] > 0) & (columns["rank"] <= k)))


def reciprocal_rank(columns: Columns) -> float:
    """Mean of 1 / rank; nothing beyond ten (MRR@10)."""
    ranks = columns["rank"]
    return float(np.mean(np.where((ranks > 0) & (ranks <= 10), 1 / np.maximum(ranks, 1), 0.0)))


def matthews(gold: NDArray[Any], found: NDArray[Any]) -> float:
    """Return the Matthews correlation for many classes (Gorodkin 2004), -1 to 1; 0 where it is not defined."""
    names, codes = np.unique(np.concatenate([gold, found]), return_inverse=True)
    first, second = np.split(codes, 2)
    true, told = np.bincount(first, minlength=len(names)), np.bincount(second, minlength=len(names))
    count, right = len(gold), int((first == second).sum())
    below = (count**2 - float(told @ told)) * (count**2 - float(true @ true))
    return (right * count - float(true @ told)) / float(np.sqrt(below)) if below > 0 else 0.0


def accuracy(columns: Columns) -> float:
    return float(np.mean(columns["gold"] == columns["predicted"]))


def recall_of(name: object) -> Statistic:
    def statistic(columns: Columns) -> float:
        true = columns["gold"] == name
        return float(np.mean(columns["predicted"][true] == name)) if true.any() else float("nan")

    return statistic


def precision_of(name: object) -> Statistic:
    def statistic(columns: Columns) -> float:
        told = columns["predicted"] == name
        return float(np.mean(columns["gold"][told] == name)) if told.any() else float("nan")

    return statistic


def f1_of(name: object) -> Statistic:
    def statistic(columns: Columns) -> float:
        true, told = columns["gold"] == name, columns["predicted"] == name
        both = int(true.sum() + told.sum())
        return 2 * float((true & told).sum()) / both if both else float("nan")

    return statistic


def macro_f1(columns: Columns) -> float:
    """Mean F1 of the classes that are there in truth."""
    return float(np.mean([f1_of(name)(columns) for name in np.unique(columns["gold"])]))


def area(columns: Columns) -> float:
    """Area under the ROC curve: the chance that one of class 1 scores above one of class 0, ties half."""
    positive = columns["gold"] == 1
    ups, downs = int(positive.sum()), int((~positive).sum())
    if not ups or not downs:
        return float("nan")
    _, place, counts = np.unique(columns["probability"], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return (float(ranks[positive].sum()) - ups * (ups + 1) / 2) / (ups * downs)
