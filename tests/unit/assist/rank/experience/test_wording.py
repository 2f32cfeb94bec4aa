from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.rank.experience.wording import Wordings, kinship, words

texts = st.lists(st.sampled_from(["thank", "you", "for", "waiting", "parcel"]), max_size=9).map(" ".join)


def rouge_l(one: str, other: str) -> float:
    """The textbook's table, for comparison."""
    a, b = words(one), words(other)
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return 2 * table[-1][-1] / (len(a) + len(b)) if a and b else 0.0


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_that_rouge_l_is_what_the_textbook_says(ones, others):
    expected = [[rouge_l(one, other) for other in others] for one in ones]

    found = Wordings(others).against(ones)

    assert found.shape == (len(ones), len(others))
    assert found.ravel().tolist() == pytest.approx(np.array(expected).ravel().tolist(), abs=1e-6)


def test_that_case_and_punctuation_do_not_count_but_order_does():
    wordings = Wordings(["Thank you, for waiting!", "waiting for you thank"])

    assert wordings.against(["thank you for waiting"])[0].tolist() == pytest.approx([1.0, 0.25])


def test_that_words_that_nobody_used_before_are_like_nothing():
    assert Wordings(["thank you"]).against(["xyzzy plugh", "thank xyzzy"]).ravel().tolist() == pytest.approx([0, 0.5])


def test_that_more_words_than_two_bytes_hold_are_told_apart():
    many = [f"word{number}" for number in range(60_000)]
    wordings = Wordings([" ".join(many[at : at + 100]) for at in range(0, 60_000, 100)])

    found = wordings.against([" ".join(many[55_300:55_400])])[0]

    assert np.flatnonzero(found).tolist() == [553]


def test_that_kinship_rises_from_nothing_to_whole():
    assert kinship(np.array([0.0, 0.4, 0.55, 0.7, 1.0], np.float32)).tolist() == pytest.approx([0, 0, 0.5, 1, 1])
