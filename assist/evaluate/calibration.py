"""Whether a confidence of 70% is right seven times in ten."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 10


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
