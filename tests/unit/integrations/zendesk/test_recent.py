"""Telling the agent's views from Kibitz's own reads."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from integrations.zendesk.recent import RecentViews
from tests.helpers.helpdesk import NOW


def at(seconds):
    return NOW + timedelta(seconds=seconds)


def test_that_an_empty_list_names_nobody():
    assert RecentViews().viewed([], NOW) is None


def test_that_the_first_answer_names_its_top():
    assert RecentViews().viewed([5, 3], NOW) == 5


def test_that_the_first_answer_skips_what_kibitz_read_before_it():
    views = RecentViews()
    views.note_own_read(5, NOW)
    assert views.viewed([5, 3], at(2)) == 3


def test_that_a_read_of_the_ticket_on_top_excuses_nothing():
    views = RecentViews()
    views.viewed([5, 3], NOW)
    views.note_own_read(5, at(1))
    assert views.viewed([3, 5], at(2)) == 3
    assert views.viewed([5, 3], at(3)) == 5


def test_that_an_own_read_that_shows_up_late_is_still_excused():
    views = RecentViews()
    views.viewed([5, 3], NOW)
    views.note_own_read(8, at(1))
    assert views.viewed([5, 3], at(3)) == 5
    assert views.viewed([8, 5, 3], at(8)) == 5


def test_that_an_own_read_is_forgotten_after_half_a_minute():
    views = RecentViews()
    views.viewed([5, 3], NOW)
    views.note_own_read(8, at(1))
    assert views.viewed([8, 5, 3], at(60)) == 8


def test_that_a_view_hidden_below_an_own_read_is_found():
    views = RecentViews()
    views.viewed([5, 3], NOW)
    views.note_own_read(8, at(1))
    assert views.viewed([8, 3, 5], at(2)) == 3


def test_that_a_conversation_read_is_taken_for_a_view_of_kibitz_at_first():
    views = RecentViews()
    views.viewed([5, 3], NOW)
    views.note_own_look(3, at(1))
    assert views.viewed([3, 5], at(2)) == 5


def test_that_once_a_conversation_read_moved_nothing_no_such_read_excuses_a_view():
    views = RecentViews()
    views.viewed([5, 3], NOW)
    for second in range(0, 40, 2):
        views.note_own_look(3, at(second))
        views.viewed([5, 3], at(second))
    views.note_own_look(3, at(50))
    assert views.viewed([3, 5], at(51)) == 3


def test_that_a_view_which_a_conversation_read_excused_counts_once_such_reads_are_known_not_to():
    views = RecentViews()
    views.viewed([5, 3, 2], NOW)
    views.note_own_look(3, at(1))
    views.note_own_look(2, at(1))
    assert views.viewed([3, 5, 2], at(2)) == 5
    assert views.viewed([3, 5, 2], at(40)) == 3


def test_that_a_conversation_read_of_a_ticket_that_is_not_listed_teaches_nothing():
    views = RecentViews()
    views.viewed([5, 3], NOW)
    views.note_own_look(8, at(1))
    views.viewed([5, 3], at(60))
    views.note_own_look(3, at(61))
    assert views.viewed([3, 5], at(62)) == 5


def test_that_an_agent_who_comes_back_to_a_ticket_that_is_looked_after_is_noticed():
    views, order = RecentViews(), [5, 3]
    views.viewed(order, NOW)
    for second in range(5, 120, 5):
        if second in {60, 90}:
            order.reverse()
        views.note_own_look(5, at(second))
        views.note_own_look(3, at(second))
        assert views.viewed(order, at(second + 1)) == (3 if 60 <= second < 90 else 5)


def test_that_a_ticket_which_slips_in_at_the_end_was_not_viewed():
    views = RecentViews()
    views.viewed([5, 4, 3], NOW)
    assert views.viewed([5, 3, 2], at(5)) == 5


def test_that_the_last_ticket_stays_when_the_list_is_suddenly_empty():
    views = RecentViews()
    views.viewed([5], NOW)
    assert views.viewed([], at(5)) == 5


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_that_without_own_reads_the_answer_is_always_what_was_viewed_last(visits):
    views, order = RecentViews(), []
    for step, ticket in enumerate(visits):
        order = [ticket, *(other for other in order if other != ticket)]
        assert views.viewed(order, at(step)) == ticket


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 6)), min_size=1, max_size=20))
def test_that_own_reads_never_become_views(acts):
    views, order, viewed = RecentViews(), [], None
    for step, (own, ticket) in enumerate(acts):
        if order[:1] == [ticket]:
            continue  # the list does not move, whoever it was
        if own:
            views.note_own_read(ticket, at(step))
        else:
            viewed = ticket
        order = [ticket, *(other for other in order if other != ticket)]
        assert views.viewed(order, at(step)) == viewed
