"""The window of a minute: what may be sent when, and how long a wait is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.domain import HelpdeskKind
from integrations.retry import RetryPolicy
from integrations.window import (
    FLOORS,
    LONGEST_FLIGHT_S,
    PROBE_LEASE_S,
    Allowance,
    Ending,
    Entry,
    Hold,
    Moment,
    Purpose,
    Wish,
    hold_after,
    judge,
    merged,
    per_minute,
    wait_for_room_s,
)

Z, F = HelpdeskKind.ZENDESK, HelpdeskKind.FRESHDESK
URGENT = Wish(1, urgent=True, purpose=Purpose.OPENING)
BACKGROUND = Wish(1, urgent=False, purpose=Purpose.SYNCING)
TWENTY = Allowance(limit=200, share=0.1, floor=12)
POLICY = RetryPolicy()


def at(seconds: float, wall_s: float | None = None) -> Moment:
    return Moment(seconds if wall_s is None else wall_s, seconds)


def sent(seconds: float, cost: int = 1, *, urgent: bool = True, open: bool = False) -> Entry:  # noqa: A002 - the field's name
    return Entry(at(seconds), cost, urgent, open)


@pytest.mark.promise("N1")
@pytest.mark.parametrize(
    ("limit", "share", "floor", "cap"),
    [
        (200, 0.10, 12, 20),
        (None, 0.10, 12, 20),
        (2_500, 0.10, 12, 250),
        (200, 0.01, 12, 12),
        (200, 0.01, 16, 16),
        (100, 0.29, 12, 29),
        (700, 1.0, 12, 700),
        (5, 0.10, 12, 5),
        (0, 0.10, 12, 0),
    ],
)
def test_that_the_cap_is_our_share_and_never_less_than_a_ticket_needs_nor_more_than_the_limit(limit, share, floor, cap):
    assert Allowance(limit, share, floor).cap == cap


def test_that_a_cap_above_the_share_says_that_it_is_the_least():
    assert Allowance(100, 0.1, 12).is_least
    assert not Allowance(200, 0.1, 12).is_least


@pytest.mark.promise("N1")
def test_that_the_twenty_first_request_of_a_minute_waits_until_the_first_is_a_minute_old():
    entries = [sent(0.5 * index) for index in range(20)]
    assert wait_for_room_s(URGENT, entries[:19], TWENTY, at(10)) == 0
    assert wait_for_room_s(URGENT, entries, TWENTY, at(10)) == pytest.approx(50.0)
    assert wait_for_room_s(URGENT, entries, TWENTY, at(60)) == 0


@pytest.mark.promise("N1")
def test_that_a_request_counts_from_when_it_is_allowed_until_a_minute_after_its_answer():
    on_its_way = [sent(0, cost=20, open=True)]
    assert wait_for_room_s(URGENT, on_its_way, TWENTY, at(90)) > 0
    assert wait_for_room_s(URGENT, [sent(90, cost=20)], TWENTY, at(149)) == pytest.approx(1.0)
    assert wait_for_room_s(URGENT, on_its_way, TWENTY, at(60 + LONGEST_FLIGHT_S)) == 0


@pytest.mark.promise("N1")
def test_that_background_work_may_use_half_of_the_window():
    half = [sent(0, urgent=False) for _ in range(10)]
    assert wait_for_room_s(BACKGROUND, half[:9], TWENTY, at(1)) == 0
    assert wait_for_room_s(BACKGROUND, half, TWENTY, at(1)) == pytest.approx(59.0)
    assert wait_for_room_s(URGENT, half, TWENTY, at(1)) == 0


@pytest.mark.promise("N1")
def test_that_background_work_waits_as_well_where_urgent_work_has_used_the_window():
    assert wait_for_room_s(BACKGROUND, [sent(0, cost=20)], TWENTY, at(1)) == pytest.approx(59.0)


def test_that_what_a_ticket_can_do_without_leaves_a_quarter_to_what_it_cannot():
    extra = Wish(1, urgent=True, purpose=Purpose.OPENING, optional=True)
    assert wait_for_room_s(extra, [sent(0, cost=14)], TWENTY, at(1)) == 0
    assert wait_for_room_s(extra, [sent(0, cost=15)], TWENTY, at(1)) == pytest.approx(59.0)
    assert wait_for_room_s(URGENT, [sent(0, cost=19)], TWENTY, at(1)) == 0


def test_that_a_request_larger_than_all_the_room_goes_alone():
    allowance = Allowance(5, 0.1, 16)
    huge = Wish(7, urgent=False, purpose=Purpose.SYNCING)
    assert wait_for_room_s(huge, [], allowance, at(1)) == 0
    assert wait_for_room_s(huge, [sent(0)], allowance, at(1)) == pytest.approx(59.0)


@pytest.mark.parametrize("kind", [Z, F])
def test_that_half_of_the_floor_opens_one_ticket(kind):
    """Six requests at Zendesk (ticket, comments, names, history, requester, ratings); eight at Freshdesk."""
    assert FLOORS[kind] // 2 >= {Z: 6, F: 8}[kind]


def test_that_the_demo_is_counted_and_not_limited():
    assert wait_for_room_s(URGENT, [sent(0, cost=900)], Allowance(700, 0.1, 12, exempt=True), at(1)) == 0


@pytest.mark.parametrize(
    ("kind", "told", "minute"),
    [(F, 200, 200), (F, 2_000, 2_000), (F, 3_000, 50), (F, 5_000, 83), (Z, 2_500, 2_500), (Z, 3_000, 3_000), (F, 0, 0)],
)
def test_that_an_hourly_limit_of_an_old_freshdesk_account_is_not_taken_for_a_minutes(kind, told, minute):
    assert per_minute(kind, told) == minute


ENTRIES = st.builds(
    Entry,
    at=st.builds(at, st.floats(0, 100)),
    cost=st.integers(1, 6),
    urgent=st.booleans(),
    open=st.booleans(),
)


@pytest.mark.promise("N1")
@given(st.lists(ENTRIES, max_size=80), st.booleans(), st.integers(0, 120))
def test_that_merging_entries_lets_nothing_out_of_the_window_early_nor_more_than_a_second_late(
    entries, urgent, later_s
):
    wish, allowance, now = Wish(3, urgent, Purpose.OPENING), Allowance(1_000, 0.1, 12), at(100 + later_s)
    fewer = merged(entries)
    assert sum(entry.cost for entry in fewer) == sum(entry.cost for entry in entries)
    assert len([entry for entry in fewer if not entry.open]) <= 2 * 101
    before_s, after_s = (wait_for_room_s(wish, some, allowance, now) for some in (entries, fewer))
    assert before_s <= after_s <= before_s + 1.0


# Clocks


@pytest.mark.promise("N7")
@pytest.mark.parametrize("wall_s", [-1e6, 30.0, 1e6], ids=["set back", "right", "set forward"])
def test_that_a_clock_that_was_set_changes_nothing_about_the_window(wall_s):
    entries = [sent(0, cost=20)]
    assert wait_for_room_s(URGENT, entries, TWENTY, at(30, wall_s)) == pytest.approx(30.0)
    assert wait_for_room_s(URGENT, entries, TWENTY, at(61, wall_s)) == 0


@pytest.mark.promise("N7")
def test_that_after_a_new_start_of_the_machine_only_the_last_real_minute_counts():
    before = [Entry(Moment(1_000.0, 80_000.0), 20, urgent=True, open=False)]
    assert wait_for_room_s(URGENT, before, TWENTY, Moment(1_030.0, 25.0)) == pytest.approx(30.0)
    assert wait_for_room_s(URGENT, before, TWENTY, Moment(1_070.0, 25.0)) == 0
    assert wait_for_room_s(URGENT, before, TWENTY, Moment(3.0, 25.0)) == 0


@pytest.mark.promise("N7")
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_that_no_clock_makes_anybody_wait_longer_than_a_window_and_a_flight(wall_s, steady_s):
    entries = [sent(0, cost=20), sent(0, cost=20, open=True)]
    assert wait_for_room_s(URGENT, entries, TWENTY, Moment(wall_s, steady_s)) <= 60 + LONGEST_FLIGHT_S


@pytest.mark.promise("N7")
def test_that_a_wait_goes_on_while_the_machine_sleeps_and_ends_when_the_clock_is_set_back():
    hold = Hold(at(100), 50.0)
    assert hold.left_s(at(120)) == pytest.approx(30.0)
    assert hold.left_s(at(101, wall_s=7_300)) == 0
    assert hold.left_s(at(120, wall_s=-7_300)) == pytest.approx(30.0)
    assert hold.left_s(Moment(-7_300, 5)) == 0


# Waiting because the vendor said so


@pytest.mark.promise("N1")
def test_that_during_a_wait_nobody_sends_and_then_one_probes():
    hold = Hold(at(0), 30.0)
    assert judge(URGENT, [], TWENTY, hold, at(10)).wait_s == pytest.approx(20.0)
    first = judge(URGENT, [], TWENTY, hold, at(30))
    assert (first.wait_s, first.probing) == (0, True)
    probed = hold.probed_by("me", at(30))
    second = judge(URGENT, [], TWENTY, probed, at(31))
    assert (second.wait_s > 0, second.held) == (True, True)
    assert judge(URGENT, [], TWENTY, probed, at(30 + PROBE_LEASE_S)).probing


@pytest.mark.promise("N1")
@pytest.mark.parametrize(
    ("asked_s", "wait_s"),
    [(30.0, 30.0), (0.0, 0.25), (None, 10.25), (float("inf"), 3_600.0), (1e12, 3_600.0)],
    ids=["seconds", "zero", "missing", "endless", "huge"],
)
def test_that_every_form_of_wait_becomes_a_hold(asked_s, wait_s):
    hold = hold_after(None, Ending.THROTTLED, asked_s, at(5), probing=False, policy=POLICY)
    assert hold == Hold(at(5), wait_s)


@pytest.mark.promise("N1")
def test_that_refused_probes_back_off_and_an_answered_one_ends_the_wait():
    hold = Hold(at(0), 10.25)
    again = hold_after(hold, Ending.THROTTLED, None, at(20), probing=True, policy=POLICY)
    assert again == Hold(at(20), 10.5, tries=2)
    third = hold_after(again, Ending.THROTTLED, 0.0, at(40), probing=True, policy=POLICY)
    assert third == Hold(at(40), 1.0, tries=3)
    assert hold_after(third, Ending.ANSWERED, None, at(50), probing=True, policy=POLICY) is None


@pytest.mark.promise("N1")
def test_that_a_probe_that_failed_leaves_the_wait_to_the_next_one():
    hold = Hold(at(0), 10.0).probed_by("me", at(10))
    for ending in (Ending.FAILED, Ending.NOT_SENT):
        after = hold_after(hold, ending, None, at(12), probing=True, policy=POLICY)
        assert after is not None
        assert after.may_be_probed(at(12))


@pytest.mark.promise("N1")
def test_that_of_two_refusals_on_their_way_the_longer_wait_counts_and_answers_before_it_change_nothing():
    hold = Hold(at(0), 30.0)
    assert hold_after(hold, Ending.THROTTLED, 5.0, at(1), probing=False, policy=POLICY) == hold
    longer = hold_after(hold, Ending.THROTTLED, 60.0, at(1), probing=False, policy=POLICY)
    assert longer == Hold(at(1), 60.0)
    assert hold_after(hold, Ending.ANSWERED, None, at(2), probing=False, policy=POLICY) == hold
