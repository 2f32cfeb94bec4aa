from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.journal.diff import MOST_WORDS, diff_spans


def parts(text, spans):
    return [text[span.start : span.end] for span in spans]


def test_that_a_changed_word_is_marked_on_both_sides():
    removed, added = diff_spans("We send it today.", "We send it on Friday.")
    assert parts("We send it today.", removed) == ["today"]
    assert parts("We send it on Friday.", added) == ["on Friday"]


def test_that_other_white_space_is_no_change():
    assert diff_spans("Hi Inês,\n\nthanks", "Hi Inês, thanks") == ((), ())


def test_that_equal_texts_have_no_marks():
    assert diff_spans("same", "same") == ((), ())


def test_that_very_long_texts_are_left_unmarked():
    assert diff_spans("a " * MOST_WORDS, "b " * MOST_WORDS) == ((), ())


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_that_what_is_left_after_taking_out_the_marks_is_the_same_text(before, after):
    removed, added = diff_spans(before, after)

    def rest(text, spans):
        for span in reversed(spans):
            text = text[: span.start] + text[span.end :]
        return "".join(text.split())

    assert rest(before, removed) == rest(after, added)
