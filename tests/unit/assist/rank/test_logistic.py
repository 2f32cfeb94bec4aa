"""Small linear models: that they find what the data was made from, and stay near the prior without data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assist.rank.logistic import fit_choice, fit_logistic, sigmoid, softmax

TRUE = np.array([1.5, -0.7, 0.0])
ROWS = np.random.default_rng(7).normal(size=(6_000, 3))
GROUPS = np.repeat(np.arange(1_000), 6)


def test_that_the_logistic_weights_of_the_data_are_found():
    labels = (np.random.default_rng(8).random(6_000) < sigmoid(ROWS @ TRUE + 0.4)).astype(float)

    found = fit_logistic(ROWS, labels, ridge=0.0)

    assert found == pytest.approx([*TRUE, 0.4], abs=0.12)


def test_that_the_choice_weights_of_the_data_are_found():
    chance = np.random.default_rng(9)
    worth = (ROWS @ TRUE + chance.gumbel(size=6_000)).reshape(1_000, 6)  # whoever is worth most is chosen
    targets = np.zeros((1_000, 6))
    targets[np.arange(1_000), worth.argmax(axis=1)] = 1.0

    assert fit_choice(ROWS, targets.ravel(), GROUPS, ridge=0.0) == pytest.approx(TRUE, abs=0.15)


def test_that_without_cases_the_prior_stands():
    nothing = np.zeros((0, 3))
    prior = np.array([1.0, 2.0, 3.0, 4.0])

    assert fit_logistic(nothing, np.zeros(0), prior=prior).tolist() == prior.tolist()
    assert fit_choice(nothing, np.zeros(0), np.zeros(0, int), prior=prior[:3]).tolist() == prior[:3].tolist()


def test_that_few_cases_move_the_prior_a_little_and_many_move_it_far():
    prior = np.array([-1.5, 0.7, 0.0, 0.0])
    labels = (sigmoid(ROWS @ TRUE) > 0.5).astype(float)
    few, many = (fit_logistic(ROWS[:n], labels[:n], ridge=20.0, prior=prior)[0] for n in (10, 6_000))

    assert -1.5 < few < -0.5
    assert many > 1.0


def test_that_the_pull_of_the_prior_is_what_the_formula_says():
    """With one case in which two differ by 1, the slope is zero where sigmoid(-b) = ridge * (b - prior)."""
    pair, right = np.array([[1.0], [0.0]]), np.array([1.0, 0.0])
    prior = 1.0 - sigmoid(np.array([-1.0]))

    assert fit_choice(pair, right, np.zeros(2, int), prior=prior) == pytest.approx([1.0], abs=1e-4)
    assert fit_logistic(pair[:1], right[:1], prior=np.array([1.0, 0.0]), ridge=1e9)[0] == pytest.approx(1.0)


def test_that_a_case_of_weight_two_counts_as_two_cases():
    labels = (ROWS[:50, 0] > 0).astype(float)
    twice = fit_logistic(np.vstack([ROWS[:50], ROWS[:10]]), np.concatenate([labels, labels[:10]]))
    weighted = fit_logistic(ROWS[:50], labels, cases=np.concatenate([np.full(10, 2.0), np.ones(40)]))

    assert weighted == pytest.approx(twice, abs=1e-6)


def test_that_a_group_in_which_nothing_is_right_counts_nothing():
    targets = np.tile([1.0, 0, 0, 0, 0, 0], 1_000)
    more = np.vstack([ROWS, ROWS[:6] * 9])

    with_empty = fit_choice(more, np.concatenate([targets, np.zeros(6)]), np.concatenate([GROUPS, [1_000] * 6]))

    assert with_empty == pytest.approx(fit_choice(ROWS, targets, GROUPS), abs=1e-6)


@pytest.mark.filterwarnings("error")
def test_that_separable_and_constant_features_end_in_numbers():
    labels = (ROWS[:100, 0] > 0).astype(float)
    rows = np.column_stack([ROWS[:100, 0] * 1e3, np.ones(100), np.zeros(100)])

    assert np.isfinite(fit_logistic(rows, labels, ridge=0.01)).all()
    assert np.isfinite(fit_choice(rows, labels, np.zeros(100, int), ridge=0.01)).all()


@pytest.mark.parametrize("fit", [fit_logistic, lambda rows, y, **more: fit_choice(rows, y, np.zeros(3, int), **more)])
def test_that_shapes_that_do_not_fit_are_named(fit):
    with pytest.raises(ValueError, match="same length"):
        fit(np.zeros((3, 2)), np.zeros(4))
    with pytest.raises(ValueError, match="the prior must have shape"):
        fit(np.zeros((3, 2)), np.zeros(3), prior=np.zeros(7))


@given(arrays(np.float64, 12, elements=st.floats(-700, 700)))
def test_that_shares_sum_to_one_in_each_group_and_keep_the_order(x):
    groups = np.array([0, 1, 2, 0] * 3)
    shares = softmax(x, groups)

    assert np.bincount(groups, weights=shares) == pytest.approx(np.ones(3))
    for group in range(3):
        mine = groups == group
        assert shares[mine][np.argsort(x[mine])].tolist() == sorted(shares[mine].tolist())


def test_that_the_logistic_curve_is_known_at_three_points_and_never_overflows():
    assert sigmoid(np.array([-1e4, 0.0, np.log(3), 1e4])) == pytest.approx([0, 0.5, 0.75, 1])
