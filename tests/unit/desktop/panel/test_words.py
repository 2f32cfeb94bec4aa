from __future__ import annotations

from datetime import timedelta

import pytest

from assist.domain import Role, SourceKind, Visibility
from assist.rank.replies import MOST_WHERE_RATED_BAD
from desktop.panel import words
from desktop.widgets.prose import Span
from tests.helpers.builders import NOON, a_message, a_reply, a_source, a_suggestion, an_open_ticket


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (timedelta(seconds=-5), "a moment"),
        (timedelta(seconds=59), "a moment"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=15), "2 h 15 min"),
        (timedelta(hours=11, minutes=50), "11 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=20), "20 days"),
        (timedelta(days=21), "3 weeks"),
        (timedelta(days=60), "2 months"),
        (timedelta(days=729), "24 months"),
        (timedelta(days=820), "2 years"),
    ],
)
def test_that_an_age_is_said_in_the_unit_that_fits(delta, said):
    assert words.age(delta) == said


def at(hours: int):
    return NOON + timedelta(hours=hours)


def test_that_a_customer_waits_since_the_first_message_after_the_last_answer():
    messages = (
        a_message(id=1, created_at=at(0)),
        a_reply(id=2, created_at=at(1)),
        a_message(id=3, created_at=at(2)),
        a_message(id=4, created_at=at(5)),
    )
    assert words.waiting_since(an_open_ticket(messages=messages)) == at(2)


def test_that_notes_and_bots_do_not_end_the_waiting():
    messages = (
        a_message(id=1, created_at=at(0)),
        a_reply("internal", id=2, created_at=at(1), public=False),
        a_message("I am Pip", id=3, created_at=at(2), role=Role.SYSTEM),
    )
    assert words.waiting_since(an_open_ticket(messages=messages)) == at(0)


def test_that_nobody_waits_after_an_answer():
    messages = (a_message(created_at=at(0)), a_reply(created_at=at(1)))
    assert words.waiting_since(an_open_ticket(messages=messages)) is None


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(1.0, "Strong match"), (0.75, "Strong match"), (0.74, "Good match"), (0.5, "Good match"), (0.2, "Possible match")],
)
def test_that_confidence_is_a_word_and_never_a_number(confidence, word):
    assert words.confidence_sign(confidence).word == word


def test_that_what_a_customer_rated_bad_is_only_a_possible_match():
    assert words.confidence_sign(MOST_WHERE_RATED_BAD).word == "Possible match"


def test_that_only_what_everyone_may_read_goes_without_a_warning():
    warned = {one for one in Visibility if words.visibility_warning(one) is not None}
    assert warned == set(Visibility) - {Visibility.EVERYONE}


def test_that_open_slots_are_found_with_and_without_their_brackets():
    suggestion = a_suggestion("Hi [name], your [date] and [name].", open_slots=("[name]", "date"))
    assert words.slot_spans(suggestion) == (Span(3, 9, "slot"), Span(16, 22, "slot"), Span(27, 33, "slot"))


def test_that_of_a_slot_within_a_slot_the_outer_one_is_marked():
    suggestion = a_suggestion("Your [Name of [item]] or [item].", open_slots=("[Name of [item]]", "[item]"))
    assert words.slot_spans(suggestion) == (Span(5, 21, "slot"), Span(25, 31, "slot"))


def test_that_a_slot_that_is_not_in_the_text_marks_nothing():
    assert words.slot_spans(a_suggestion("Hi.", open_slots=("[name]",))) == ()


def test_that_a_source_says_its_kind_its_date_and_its_folder():
    source = a_source(title="Returns::Send label", date=NOON)
    assert source.kind is SourceKind.MACRO
    assert words.source_line(source) == "Macro · 2 Nov 2026"
    assert words.source_title(source) == "Returns › Send label"


def test_that_a_language_is_called_by_its_own_name():
    assert [words.language_word(code) for code in ("de", "en-gb", "sv", "")] == ["Deutsch", "English", "Svenska", ""]
