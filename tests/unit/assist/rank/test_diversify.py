from __future__ import annotations

import pytest

from assist.rank.diversify import merge_near_duplicates, same_text, same_texts

LABEL = "Here is your return label. Print it and stick it on the box."
LABEL_AGAIN = "here is your return label, print it & stick it on the box"
REFUND = "Your refund leaves us within five working days after the box arrives."


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LABEL, LABEL_AGAIN, True),
        (LABEL, f"Hi Zoe,\n\n{LABEL}", True),
        (LABEL, REFUND, False),
        ("We refund you.", "We refund you nothing at all, as the jacket was worn and washed.", False),
        ("", LABEL, False),
    ],
    ids=["case and punctuation", "greeting", "another matter", "longer and contrary", "one empty"],
)
def test_which_texts_an_agent_would_read_as_the_same(one, other, same):
    assert same_text(one, other) is same
    assert same_text(other, one) is same


def test_that_the_first_stands_for_those_like_it():
    merged = merge_near_duplicates([LABEL, REFUND, LABEL_AGAIN], text=str, limit=5)

    assert merged == [(LABEL, (LABEL_AGAIN,)), (REFUND, ())]


def test_that_the_limit_counts_groups_and_late_duplicates_still_join():
    merged = merge_near_duplicates([LABEL, REFUND, LABEL_AGAIN], text=str, limit=1)

    assert merged == [(LABEL, (LABEL_AGAIN,))]


def test_that_each_text_is_told_which_other_says_the_same():
    others = ["We refund you within five days.", "Please measure your foot in the evening."]
    texts = [
        "within five days we refund you",
        "Something else entirely was written here.",
        "Please measure your feet in the evening!",
    ]

    assert same_texts(texts, others) == [0, None, 1]
    assert same_texts(texts, []) == [None, None, None]
    assert [same_text(texts[0], other) for other in others] == [True, False]
