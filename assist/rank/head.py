"""A linear classifier on the encoder's vectors, learned from a few examples a class in a fraction of a second."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assist.ports import Vectors

STEPS = 80
RIDGE = 0.1
_RIDGE_OF_CONSTANT = 1e-4


def log_softmax(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the logarithms of shares that sum to 1 over the last axis."""
    shifted = np.asarray(values, dtype=np.float64) - np.max(values, axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float64)


def fit_head(vectors: Vectors, labels: NDArray[np.int64], classes: int) -> Vectors:
    """Return the weights of a multinomial logistic regression, shape (dimension + 1, classes), the constant last.

    Accelerated gradient steps of the size that the greatest curvature allows (Nesterov, 1983); stopped early, which
    changes no ranking that matters.

    Args:
        vectors: Shape (n, dimension), unit rows.
        labels: Shape (n,), in [0, classes).
        classes: At least 1.
    """
    rows = np.column_stack([vectors, np.ones(len(vectors))]).astype(np.float32)
    truth = np.eye(classes, dtype=np.float32)[labels]
    ridge = np.full((rows.shape[1], 1), RIDGE, dtype=np.float32)
    ridge[-1] = _RIDGE_OF_CONSTANT
    # The Hessian of a softmax is at most half the Gram matrix (Böhning, 1992), whose eigenvalue the norm bounds.
    size = np.float32(1.0 / (0.5 * np.linalg.norm(rows.T @ rows, 2) + RIDGE))
    weights = np.zeros((rows.shape[1], classes), dtype=np.float32)
    ahead, pace = weights.copy(), 1.0
    for _ in range(STEPS):
        shares = rows @ ahead
        shares -= shares.max(axis=1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=1, keepdims=True)
        moved = ahead - size * (rows.T @ (shares - truth) + ridge * ahead)
        faster = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0
        ahead = moved + np.float32((pace - 1.0) / faster) * (moved - weights)
        weights, pace = moved, faster
    return weights
