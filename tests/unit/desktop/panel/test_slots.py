from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.panel.slots import place

IDS = st.lists(st.sampled_from("abcdefgh"), max_size=6, unique=True)


def test_that_first_suggestions_fill_the_slots_in_their_order():
    assert place([], ["a", "b", "c", "d"], size=3) == ("a", "b", "c")


def test_that_a_suggestion_that_is_still_wanted_keeps_its_slot():
    assert place(["a", "b", "c"], ["c", "d", "a"], size=3) == ("a", "d", "c")


def test_that_a_held_suggestion_stays_though_it_is_not_wanted():
    assert place(["a", "b", "c"], ["x", "y", "z"], held={"b"}, size=3) == ("x", "b", "y")


def test_that_slots_without_a_suggestion_are_empty():
    assert place(["a"], ["b"], size=3) == ("b", None, None)


def test_that_a_gap_is_filled_before_the_end():
    assert place(["a", None, "c"], ["c", "a", "n"], size=3) == ("a", "n", "c")


@given(now=IDS, wanted=IDS, data=st.data())
def test_that_nothing_held_moves_and_nothing_stands_twice(now, wanted, data):
    shown = [*now, None, None, None][:3]
    held = data.draw(st.sets(st.sampled_from([one for one in shown if one] or ["-"])))

    slots = place(shown, wanted, held=held, size=3)

    assert len(slots) == 3
    for slot, one in enumerate(shown):
        if one in held:
            assert slots[slot] == one
    standing = [one for one in slots if one is not None]
    assert len(standing) == len(set(standing))
    assert set(standing) <= {*wanted[:3], *held}
    assert len(standing) == min(3, len({*wanted[:3], *(held & set(shown))}))
