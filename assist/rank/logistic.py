"""Small linear models, fitted in milliseconds on what an account has: yes or no, and one out of several.

Both minimise the log loss plus a ridge that pulls towards ``prior``, so that with few cases the shipped weights stand
and with many the account's own. Newton's method with step halving; meant for at most some hundred features.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAX_STEPS = 40
TOLERANCE = 1e-8


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + e^-x), without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), dtype=np.float64)


def softmax(x: Floats, groups: NDArray[np.int64]) -> Floats:
    """Return shares that sum to 1 within each group.

    Args:
        x: Shape (n,).
        groups: Shape (n,), whole numbers from 0; rows of a group need not be neighbours.
    """
    highest = np.full(int(groups.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(highest, groups, x)
    shares = np.exp(x - highest[groups])
    return np.asarray(shares / np.bincount(groups, weights=shares)[groups], dtype=np.float64)


def fit_logistic(
    features: Floats, labels: Floats, *, ridge: float = 1.0, prior: Floats | None = None, cases: Floats | None = None
) -> Floats:
    """Return the weights of a logistic regression, the constant last: shape (d + 1,).

    Args:
        features: Shape (n, d); bring them to like scales first, the ridge treats all alike.
        labels: Shape (n,), 0 to 1; what lies between is a share of yes.
        ridge: How many cases' worth the prior holds, at least 0. The constant is hardly held.
        prior: Shape (d + 1,), what the weights are pulled to; zeros when None.
        cases: Shape (n,), the weight of each case, at least 0; ones when None.

    Raises:
        ValueError: If the shapes do not fit together.
    """
    rows = np.column_stack([features, np.ones(len(features))])
    weights = np.ones(len(rows)) if cases is None else np.asarray(cases, dtype=np.float64)
    if not len(rows) == len(labels) == len(weights):
        raise ValueError("features, labels and cases must have the same length")
    hold = np.full(rows.shape[1], ridge)
    hold[-1] = min(ridge, 1e-3)

    def loss(beta: Floats) -> float:
        x = rows @ beta
        return float(weights @ (np.logaddexp(0.0, x) - labels * x))

    def slope(beta: Floats) -> tuple[Floats, Floats]:
        shares = sigmoid(rows @ beta)
        curved = rows * (weights * shares * (1.0 - shares))[:, None]
        return rows.T @ (weights * (shares - labels)), rows.T @ curved

    return _newton(loss, slope, prior=_prior(prior, rows.shape[1]), hold=hold)


def fit_choice(
    features: Floats, targets: Floats, groups: NDArray[np.int64], *, ridge: float = 1.0, prior: Floats | None = None
) -> Floats:
    """Return the weights of a conditional logit: which one of each group is right. Shape (d,), no constant.

    McFadden, "Conditional logit analysis of qualitative choice behavior" (1974).

    Args:
        features: Shape (n, d), one row an alternative.
        targets: Shape (n,), at least 0: 1 for the right one of a group, or shares. A group of zeros counts nothing.
        groups: Shape (n,), whole numbers from 0.
        ridge: How many cases' worth the prior holds, at least 0.
        prior: Shape (d,), what the weights are pulled to; zeros when None.

    Raises:
        ValueError: If the shapes do not fit together.
    """
    if not len(features) == len(targets) == len(groups):
        raise ValueError("features, targets and groups must have the same length")
    # Rows of a group side by side: sums over a group are then one pass over memory.
    order = np.argsort(groups, kind="stable")
    features, targets = features[order], targets[order]
    _, starts, groups = np.unique(groups[order], return_index=True, return_inverse=True)
    total = np.add.reduceat(targets, starts) if len(starts) else np.zeros(0)

    def loss(beta: Floats) -> float:
        shares = softmax(features @ beta, groups)
        return float(-(targets @ np.log(np.maximum(shares, 1e-300))))

    def slope(beta: Floats) -> tuple[Floats, Floats]:
        shares = softmax(features @ beta, groups)
        pulled = features * (total[groups] * shares)[:, None]
        sums = np.add.reduceat(features * shares[:, None], starts, axis=0) if len(starts) else features
        return features.T @ (total[groups] * shares - targets), features.T @ pulled - (sums * total[:, None]).T @ sums

    width = features.shape[1]
    return _newton(loss, slope, prior=_prior(prior, width), hold=np.full(width, ridge))


def _prior(given: Floats | None, size: int) -> Floats:
    prior = np.zeros(size) if given is None else np.asarray(given, dtype=np.float64)
    if prior.shape != (size,):
        raise ValueError(f"the prior must have shape ({size},), not {prior.shape}")
    return prior


def _newton(
    loss: Callable[[Floats], float], slope: Callable[[Floats], tuple[Floats, Floats]], *, prior: Floats, hold: Floats
) -> Floats:
    """Minimise ``loss(b) + 0.5 * sum(hold * (b - prior)²)``, which is convex."""
    beta = prior.copy()
    value = loss(beta)  # at the prior nothing is paid for leaving it
    for _ in range(MAX_STEPS):
        gradient, curvature = slope(beta)
        gradient = gradient + hold * (beta - prior)
        # A floor under the diagonal, so that features that are all alike do no harm where nothing is held.
        step = np.linalg.solve(curvature + np.diag(hold + 1e-9), gradient)
        if float(gradient @ step) < TOLERANCE:
            break
        size = 1.0
        while size > 1e-6:
            moved = beta - size * step
            new = loss(moved) + 0.5 * float(hold @ (moved - prior) ** 2)
            if new <= value:
                beta, value = moved, new
                break
            size /= 2
        else:
            break
    return beta
