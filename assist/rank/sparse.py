"""Logistic regression over many sparse features, pulled towards given weights instead of towards zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Row = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Places and values of one case; a place may repeat, its values then add up."""

MEMORY = 10
MAX_STEPS = 200
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Cases as one list: ``places`` and ``values`` (entries,), ``cases`` (entries,) says whose each is."""

    places: NDArray[np.int32] = field(repr=False)
    values: Floats = field(repr=False)
    cases: NDArray[np.int64] = field(repr=False)
    size: int
    width: int

    @classmethod
    def of(cls, rows: Sequence[Row], *, width: int) -> SparseRows:
        lengths = [len(places) for places, _ in rows]
        return cls(
            np.concatenate([places for places, _ in rows]) if rows else np.zeros(0, np.int32),
            np.concatenate([values for _, values in rows]).astype(np.float64) if rows else np.zeros(0),
            np.repeat(np.arange(len(rows)), lengths),
            len(rows),
            width,
        )

    def scores(self, weights: Floats) -> Floats:
        """Return the log-odds of each case, shape (size,); ``weights`` has the constant last: (width + 1,)."""
        products = self.values * weights[self.places]
        return np.asarray(
            np.bincount(self.cases, weights=products, minlength=self.size) + weights[-1], dtype=np.float64
        )

    def gradient(self, errors: Floats) -> Floats:
        products = self.values * errors[self.cases]
        return np.append(np.bincount(self.places, weights=products, minlength=self.width), errors.sum())


def fit_sparse(
    rows: SparseRows,
    labels: Floats,
    *,
    ridge: float,
    prior: Floats | None = None,
    cases: Floats | None = None,
) -> Floats:
    """Return weights (width + 1,), the constant last, by L-BFGS (Nocedal 1980) with step halving.

    Args:
        rows: The features.
        labels: Shape (size,), 0 or 1.
        ridge: At least 0; half of it times the squared distance to ``prior`` is added to the log loss.
        prior: Shape (width + 1,); zeros when None. The constant is held a hundred times more loosely.
        cases: Shape (size,), how much each case counts; ones when None.
    """
    start = np.zeros(rows.width + 1) if prior is None else np.asarray(prior, dtype=np.float64)
    counts = np.ones(rows.size) if cases is None else np.asarray(cases, dtype=np.float64)
    hold = np.full(rows.width + 1, ridge)
    hold[-1] = ridge / 100

    def value(weights: Floats) -> tuple[float, Floats]:
        scores = rows.scores(weights)
        away = weights - start
        loss = counts @ (np.logaddexp(0.0, scores) - labels * scores) + 0.5 * float((hold * away) @ away)
        errors = counts * (0.5 * (1.0 + np.tanh(0.5 * scores)) - labels)
        return float(loss), rows.gradient(errors) + hold * away

    return _minimise(value, start.copy())


def _minimise(value: Callable[[Floats], tuple[float, Floats]], weights: Floats) -> Floats:
    loss, slope = value(weights)
    steps: list[tuple[Floats, Floats]] = []
    for _ in range(MAX_STEPS):
        if np.abs(slope).max() < TOLERANCE:
            break
        direction = _direction(slope, steps)
        length = 1.0 if steps else min(1.0, 1.0 / float(np.abs(slope).sum()))
        gain = float(slope @ direction)
        for _ in range(30):
            tried = weights + length * direction
            new_loss, new_slope = value(tried)
            if new_loss <= loss + 1e-4 * length * gain:
                break
            length /= 2
        else:
            break
        if (moved := (tried - weights, new_slope - slope))[0] @ moved[1] > 1e-12:
            steps = [*steps[1 - MEMORY :], moved]
        done = loss - new_loss < 1e-9 * max(1.0, abs(loss))
        weights, loss, slope = tried, new_loss, new_slope
        if done:
            break
    return weights


def _direction(slope: Floats, steps: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The two-loop recursion: minus the slope times an estimate of the inverse second derivative."""
    direction = -slope
    kept = []
    for moved, bent in reversed(steps):
        share = float(moved @ direction) / float(moved @ bent)
        direction = direction - share * bent
        kept.append(share)
    if steps:
        moved, bent = steps[-1]
        direction = direction * (float(moved @ bent) / float(bent @ bent))
    for (moved, bent), share in zip(steps, reversed(kept), strict=True):
        direction = direction + moved * (share - float(bent @ direction) / float(moved @ bent))
    return direction
