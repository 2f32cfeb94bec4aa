"""Whether a confidence of 70% is right seven times in ten."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assist.rank.logistic import fit_logistic, sigmoid

BINS = 10
_LEAST = 1e-3
_SEED = 20261123


def expected_calibration_error(sure: NDArray[np.float64], right: NDArray[np.float64], *, bins: int = BINS) -> float:
    """Return the mean distance between confidence and share of right answers over bins of equal count.

    Source: Naeini et al., AAAI 2015; bins of equal count as in Nixon et al. 2019
    (arXiv:1904.01685), so that none is nearly empty.

    Args:
        sure: Confidences in [0, 1], shape (n,).
        right: 1 where the answer was right, else 0, shape (n,).
        bins: At most this many; fewer where cases are few.
    """
    if not len(sure):
        return float("nan")
    order = np.argsort(sure, kind="stable")
    groups = np.array_split(order, min(bins, len(order)))
    return float(sum(len(rows) * abs(sure[rows].mean() - right[rows].mean()) for rows in groups) / len(order))


def scaled_on_the_other_half(sure: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return confidences as they would be after a scale was learned on the half of the cases that each is not in.

    Tells how much of a calibration error is a wrong level for this knowledge base, which decisions could mend, and how
    much is a wrong order. Source: Platt, "Probabilistic outputs for support vector machines", 1999.

    Args:
        sure: Confidences in [0, 1], shape (n,).
        right: 1 where the answer was right, else 0, shape (n,).
    """
    limited = np.clip(sure, _LEAST, 1.0 - _LEAST)
    odds = np.log(limited / (1.0 - limited))
    scaled = sure.copy()
    halves = np.array_split(np.random.default_rng(_SEED).permutation(len(sure)), 2)
    for rows, others in (halves, halves[::-1]):
        if len(others):
            slope, shift = fit_logistic(odds[others, None], right[others], prior=np.array([1.0, 0.0]))
            scaled[rows] = sigmoid(slope * odds[rows] + shift)
    return scaled
