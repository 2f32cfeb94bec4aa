"""Near-duplicates are told by their sorted words, and a group is represented by its best."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz, utils

from assist.rank.diversify import SAME_TEXT, merge_near_duplicates, same_text

WORDS = st.lists(st.sampled_from(["label", "Label,", "attached", "refund", "in", "five", "days", "é"]), max_size=12)


@given(WORDS, WORDS)
def test_that_two_texts_are_the_same_exactly_when_their_sorted_words_are_alike(
    one: list[str], other: list[str]
) -> None:
    likeness = fuzz.token_sort_ratio(" ".join(one), " ".join(other), processor=utils.default_process)
    assert same_text(" ".join(one), " ".join(other)) == (likeness >= SAME_TEXT)


def test_that_the_first_of_a_group_stands_for_it_and_names_the_others() -> None:
    texts = [
        "The label is attached.",
        "Your refund takes five days.",
        "the label, is attached",
        "Is the label attached?",
    ]
    merged = merge_near_duplicates(texts, text=str, limit=3)
    assert merged == [(texts[0], (texts[2], texts[3])), (texts[1], ())]


def test_that_a_group_beyond_the_limit_is_left_out_but_duplicates_still_count() -> None:
    merged = merge_near_duplicates(["one thing", "another matter", "one thing"], text=str, limit=1)
    assert merged == [("one thing", ("one thing",))]
