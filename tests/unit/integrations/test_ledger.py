"""One file for all processes: what they may send together, and what becomes of a file that is no longer good."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.domain import AccountId, HelpdeskKind
from assist.errors import NotAllowed
from integrations.ledger import FILE_NAME, Ledger, LedgerFile, LedgerTrouble
from integrations.ledger_usage import DAY_S, HOUR_S
from integrations.metering import NotYet, Outcome, Rules, Taken
from integrations.window import Ending, Lane, Purpose, Wish
from tests.helpers.budget import (
    ACCOUNT,
    BACKGROUND,
    URGENT,
    Desktop,
    TwoClocks,
    desktops,
    most_in_a_window,
    told,
)
from tests.helpers.helpdesk import run

F = HelpdeskKind.FRESHDESK
RULES = Rules(HelpdeskKind.ZENDESK)


@pytest.fixture
def clocks() -> TwoClocks:
    return TwoClocks()


@pytest.fixture
def two(tmp_path: Path, clocks: TwoClocks) -> list[Desktop]:
    return desktops(tmp_path, clocks)


# The window is one


@pytest.mark.promise("N1")
def test_that_two_desktops_share_the_twenty_requests_of_a_small_plans_tenth(two, clocks):
    for index in range(20):
        two[index % 2].send()
        clocks.pass_(1)
    assert [desktop.take() for desktop in two] == [pytest.approx(40.0)] * 2
    clocks.pass_(40)
    assert isinstance(two[1].take(), Taken)
    assert two[0].take() == pytest.approx(1.0)


@pytest.mark.promise("N1")
def test_that_what_one_desktop_learns_of_the_limit_holds_for_the_other(two):
    two[0].send(quota=told(1_000))
    for _ in range(99):
        two[1].send()
    assert isinstance(two[0].take(), float)


@pytest.mark.promise("N1")
def test_that_a_changed_share_holds_at_once(tmp_path, clocks):
    share = [0.1]
    first, second = desktops(tmp_path, clocks, share=lambda: share[0])
    for _ in range(20):
        first.send()
    assert isinstance(second.take(), float)
    share[0] = 0.11
    second.send()
    second.send()
    assert isinstance(first.take(), float)
    share[0] = 0.05
    clocks.pass_(60)
    for _ in range(12):
        first.send()
    assert isinstance(second.take(), float)


@pytest.mark.promise("N1")
def test_that_a_large_plans_window_is_kept_in_few_rows_and_none_too_many_is_sent(tmp_path, clocks):
    first, second = desktops(tmp_path, clocks, share=lambda: 1.0)
    first.send(quota=told(700))
    for index in range(699):
        (first, second)[index % 2].send()
        clocks.pass_(1 / 128)
    assert [isinstance(desktop.take(), float) for desktop in (first, second)] == [True, True]
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        assert db.execute("SELECT count(*) < 300, sum(cost) FROM takes").fetchone() == (1, 700)
    db.close()
    clocks.pass_(61)
    assert isinstance(second.take(), Taken)


@pytest.mark.promise("N1")
def test_that_accounts_and_the_help_center_have_windows_of_their_own(tmp_path, clocks):
    acme, other = desktops(tmp_path, clocks)
    other.account = AccountId("zendesk:other")
    help_center = Wish(1, urgent=True, purpose=Purpose.SYNCING, lane=Lane.HELP_CENTER)
    for _ in range(20):
        acme.send()
    assert isinstance(acme.take(), float)
    for _ in range(20):
        other.send()
        acme.send(help_center)
    assert isinstance(acme.take(help_center), float)


def test_that_the_help_center_is_taken_for_as_large_as_the_rest_until_it_says_otherwise(two):
    help_center = Wish(1, urgent=True, purpose=Purpose.SYNCING, lane=Lane.HELP_CENTER)
    two[0].send(quota=told(400))
    for _ in range(39):
        two[0].send(help_center)
    two[1].send(help_center, quota=told(120))
    assert isinstance(two[1].take(help_center), float)
    assert isinstance(two[1].take(), Taken)


@pytest.mark.promise("N1")
def test_that_freshdesks_word_on_what_a_request_took_corrects_the_guess(tmp_path, clocks):
    first, second = desktops(tmp_path, clocks, kind=F)
    first.send(Wish(3, urgent=True, purpose=Purpose.OPENING), cost=19)
    second.send()
    assert isinstance(first.take(), float)


@pytest.mark.promise("N1")
def test_that_what_never_left_is_given_back(two):
    for _ in range(40):
        two[0].send(ending=Ending.NOT_SENT)
    assert isinstance(two[1].take(), Taken)
    assert two[1].file.usage() == ()


@pytest.mark.promise("N1")
def test_that_requests_of_a_process_that_died_leave_the_window(two, clocks):
    for _ in range(20):
        two[0].take()
    two[0].file.close()
    clocks.pass_(119)
    assert isinstance(two[1].take(), float)
    clocks.pass_(1)
    assert isinstance(two[1].take(), Taken)


def test_that_a_plan_without_requests_is_said_in_one_sentence_and_asked_again_after_a_minute(two, clocks):
    two[0].send(quota=told(0, 0))
    with pytest.raises(NotAllowed, match=r"This Zendesk plan allows other programs no requests"):
        two[1].take()
    clocks.pass_(61)
    assert isinstance(two[1].take(), Taken)


@dataclass(frozen=True)
class Sent:
    """One request of a desktop: ``gap_s`` after the one before, answered after ``latency_s``."""

    desktop: int
    cost: int
    urgent: bool
    gap_s: float
    latency_s: float
    counted: float
    """Where between leaving and answer the vendor counts it, in [0, 1]."""
    clock_set_s: float


SENT = st.builds(
    Sent,
    desktop=st.integers(0, 2),
    cost=st.integers(1, 5),
    urgent=st.booleans(),
    gap_s=st.sampled_from([0.0, 0.0, 0.1, 2.0, 9.0, 31.0]),
    latency_s=st.sampled_from([0.0, 0.1, 3.0, 30.0, 59.0]),
    counted=st.sampled_from([0.0, 0.5, 1.0]),
    clock_set_s=st.sampled_from([0.0, 0.0, 0.0, 7_200.0, -7_200.0]),
)


def counted_by_the_vendor(three: list[Desktop], clocks: TwoClocks, wishes: list[Sent]) -> list[tuple[float, int]]:
    """Send what may be sent, and return when the vendor counted how much."""
    on_their_way: list[tuple[float, Desktop, Taken]] = []
    counted = []

    def pass_until(then_s: float) -> None:
        for answer in sorted((one for one in on_their_way if one[0] <= then_s), key=lambda one: one[0]):
            on_their_way.remove(answer)
            at_s, desktop, taken = answer
            clocks.pass_(at_s - clocks.steady_s)
            desktop.settle(taken)
        clocks.pass_(then_s - clocks.steady_s)

    for wish in wishes:
        pass_until(clocks.steady_s + wish.gap_s)
        clocks.wall_s += wish.clock_set_s
        desktop = three[wish.desktop]
        taken = desktop.take(Wish(wish.cost, wish.urgent, Purpose.OPENING))
        if isinstance(taken, Taken):
            on_their_way.append((clocks.steady_s + wish.latency_s, desktop, taken))
            counted.append((clocks.steady_s + wish.counted * wish.latency_s, wish.cost))
    return counted


@pytest.mark.promise("N1", "N7")
def test_that_no_schedule_of_three_desktops_brings_more_than_the_cap_into_any_minute(tmp_path, clocks):
    three, numbers = desktops(tmp_path, clocks, 3, kind=F), count()

    @settings(max_examples=70)
    @given(st.lists(SENT, min_size=8, max_size=50))
    def holds(wishes: list[Sent]) -> None:
        account = AccountId(f"freshdesk:{next(numbers)}")
        for desktop in three:
            desktop.account = account
        counted = counted_by_the_vendor(three, clocks, wishes)
        assert most_in_a_window([at_s for at_s, _ in counted], 60.0, [cost for _, cost in counted]) <= 20

    holds()


@pytest.mark.promise("N1")
def test_that_background_work_never_keeps_a_ticket_from_opening(tmp_path, clocks):
    three, numbers = desktops(tmp_path, clocks, 3, kind=F, share=lambda: 0.01), count()

    @settings(max_examples=30)
    @given(st.lists(SENT, max_size=40), st.integers(1, 8))
    def holds(wishes: list[Sent], ticket_cost: int) -> None:
        account = AccountId(f"freshdesk:{next(numbers)}")
        for desktop in three:
            desktop.account = account
        counted_by_the_vendor(three, clocks, [replace(wish, urgent=False) for wish in wishes])
        assert isinstance(three[0].take(Wish(ticket_cost, urgent=True, purpose=Purpose.OPENING)), Taken)

    holds()


# Told to wait


@pytest.mark.promise("N1")
def test_that_a_429_of_one_desktop_holds_the_other_and_one_of_them_probes(two, clocks):
    two[0].send(ending=Ending.THROTTLED, asked_s=30.0)
    assert [desktop.take() for desktop in two] == [30.0, 30.0]
    clocks.pass_(30)
    probe = two[1].take()
    assert isinstance(probe, Taken)
    assert probe.probing
    assert isinstance(two[0].take(), float)
    two[1].settle(probe, Ending.THROTTLED, asked_s=20.0)
    assert [desktop.take() for desktop in two] == [20.0, 20.0]
    clocks.pass_(20)
    probe = two[0].take()
    assert isinstance(probe, Taken)
    two[0].settle(probe)
    assert isinstance(two[1].take(), Taken)


@pytest.mark.promise("N1")
def test_that_a_probe_of_a_process_that_died_is_taken_over(two, clocks):
    two[0].send(ending=Ending.THROTTLED, asked_s=30.0)
    clocks.pass_(30)
    assert isinstance(two[0].take(), Taken)
    clocks.pass_(44)
    assert isinstance(two[1].take(), float)
    clocks.pass_(1)
    assert isinstance(two[1].take(), Taken)


# The file


def test_that_the_file_is_its_owners_alone_and_holds_the_accounts_name_and_numbers_only(tmp_path, two):
    two[0].send(quota=told(400, 377))
    two[1].send(BACKGROUND, Ending.THROTTLED, asked_s=5.0)
    if sys.platform != "win32":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert modes == {0o600}
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        texts = {
            value
            for table in tables
            for row in db.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of our own tables
            for value in row
            if isinstance(value, str) and value
        }
    db.close()
    assert texts == {ACCOUNT, "tickets", "opening", "syncing", "takes"}


def test_that_a_damaged_file_is_replaced(tmp_path, clocks):
    (tmp_path / FILE_NAME).write_bytes(b"no database at all, but long enough to look at" * 100)
    first, second = desktops(tmp_path, clocks)
    with pytest.raises(LedgerTrouble):
        first.take()
    for _ in range(20):
        first.send()
    assert isinstance(second.take(), float)


def test_that_a_file_that_somebody_deleted_is_made_anew_for_both(tmp_path, two):
    two[0].send()
    two[1].send()
    for path in tmp_path.iterdir():
        path.unlink()
    for _ in range(10):
        two[0].send()
        two[1].send()
    assert isinstance(two[0].take(), float)


def test_that_many_who_make_the_file_at_the_same_moment_all_get_it(tmp_path, clocks):
    for round_ in range(15):
        four = desktops(tmp_path / str(round_), clocks, 4)
        for desktop in four:
            desktop.file = LedgerFile(desktop.file.path, clocks)
        together = threading.Barrier(len(four))

        def start(desktop: Desktop, together: threading.Barrier = together) -> Taken | float:
            together.wait()
            try:
                return desktop.take()
            finally:
                desktop.file.close()

        with ThreadPoolExecutor(len(four)) as threads:
            assert all(isinstance(taken, Taken) for taken in threads.map(start, four))


def test_that_a_file_of_a_newer_kibitz_is_left_alone(tmp_path, clocks):
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    desktop = desktops(tmp_path, clocks)[0]
    for _ in range(2):
        with pytest.raises(LedgerTrouble, match="newer Kibitz"):
            desktop.take()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (9,)
    db.close()


@pytest.mark.promise("N1")
@pytest.mark.logs("ledger of requests cannot be used")
def test_that_a_locked_file_stops_no_work_and_the_process_goes_on_counting_for_itself(tmp_path, clocks, caplog):
    async def scenario():
        ledger = Ledger(tmp_path, clocks, busy_s=0.02)
        meter = ledger.meter(ACCOUNT, RULES)
        for _ in range(15):
            meter.settle(await meter.take(URGENT), Outcome(Ending.ANSWERED))
        await ledger.usage()  # whatever was settled is written
        other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        for _ in range(5):
            meter.settle(await meter.take(URGENT), Outcome(Ending.ANSWERED))
        with pytest.raises(NotYet):
            await meter.take(URGENT)
        assert await ledger.usage() is None
        other.execute("COMMIT")
        other.close()
        clocks.pass_(61)
        meter.settle(await meter.take(URGENT), Outcome(Ending.ANSWERED))
        [usage] = await ledger.usage() or ()
        await ledger.aclose()
        return usage.day

    assert run(scenario()) == 16
    assert len([record for record in caplog.records if "ledger of requests" in record.getMessage()]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not made read-only by their mode there")
@pytest.mark.logs("ledger of requests cannot be used")
def test_that_a_folder_that_cannot_be_made_stops_no_work(tmp_path, clocks):
    async def scenario():
        (tmp_path / "file").write_text("")
        ledger = Ledger(tmp_path / "file" / "run", clocks)
        meter = ledger.meter(ACCOUNT, RULES)
        meter.settle(await meter.take(URGENT), Outcome(Ending.ANSWERED))
        usage = await ledger.usage()
        await ledger.aclose()
        return usage

    assert run(scenario()) is None


def test_that_times_which_no_calendar_has_leave_the_page_without_figures(tmp_path, clocks):
    async def scenario():
        ledger = Ledger(tmp_path, clocks)
        meter = ledger.meter(ACCOUNT, RULES)
        meter.settle(await meter.take(URGENT), Outcome(Ending.ANSWERED))
        await ledger.usage()
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db, db:
            db.execute("INSERT OR REPLACE INTO limits VALUES (?, 'tickets', 200, NULL, 1e300, 0.0)", (ACCOUNT,))
        usage = await ledger.usage()
        await ledger.aclose()
        return usage

    assert run(scenario()) is None


@pytest.mark.promise("N1")
def test_that_a_request_that_is_cancelled_while_it_is_allowed_costs_nothing(tmp_path, clocks):
    async def scenario():
        ledger = Ledger(tmp_path, clocks)
        meter = ledger.meter(ACCOUNT, RULES)
        for _ in range(30):
            waiting = asyncio.create_task(meter.take(URGENT))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await ledger.usage()
        taken = await meter.take(URGENT)
        meter.settle(taken, Outcome(Ending.ANSWERED))
        usage = await ledger.usage()
        await ledger.aclose()
        return usage

    [usage] = run(scenario()) or ()
    assert (usage.day, usage.lanes[0].minute) == (1, 1)


# What was used


def test_that_the_page_is_told_what_was_used_for_what(two, clocks):
    two[0].send(quota=told(400, 377))
    two[1].send(Wish(5, urgent=False, purpose=Purpose.SYNCING))
    clocks.pass_(180)
    two[1].send(Wish(1, urgent=True, purpose=Purpose.ACTING), Ending.THROTTLED, asked_s=1.0)
    [usage] = two[0].file.usage()
    assert (usage.account, usage.hour, usage.day, usage.week, usage.waits) == (ACCOUNT, 7, 7, 7, 1)
    assert (usage.bars[-4], usage.bars[-1], sum(usage.bars)) == (6, 1, 7)
    assert usage.purposes == {Purpose.OPENING: 1, Purpose.SYNCING: 5, Purpose.ACTING: 1}
    [tickets] = usage.lanes
    assert (tickets.limit, tickets.remaining, tickets.minute) == (400, 377, 1)


def test_that_minutes_become_hours_after_a_day_and_hours_go_after_a_week(tmp_path, two, clocks):
    two[0].send()
    two[0].send(BACKGROUND)
    clocks.pass_(DAY_S + HOUR_S)
    two[0].send()
    [usage] = two[0].file.usage()
    assert (usage.hour, usage.day, usage.week) == (1, 1, 3)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        assert db.execute("SELECT count(*), sum(cost) FROM minutes").fetchone() == (1, 1)
        assert db.execute("SELECT count(*), sum(cost) FROM hours").fetchone() == (2, 2)
    db.close()
    clocks.pass_(7 * DAY_S + HOUR_S)
    assert two[1].file.usage() == ()


def test_that_old_minutes_are_folded_also_where_nobody_looks_at_the_page(tmp_path, two, clocks):
    for _ in range(30):
        two[0].send()
        clocks.pass_(2 * HOUR_S)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        assert db.execute("SELECT count(*) FROM minutes").fetchone()[0] <= 13
        assert db.execute("SELECT (SELECT sum(cost) FROM minutes) + (SELECT sum(cost) FROM hours)").fetchone() == (30,)
    db.close()


@pytest.mark.promise("N7")
def test_that_what_was_counted_by_a_clock_that_was_ahead_does_not_stay_for_ever(two, clocks):
    clocks.wall_s += 400 * DAY_S
    two[0].send()
    clocks.wall_s -= 400 * DAY_S
    two[0].send()
    [usage] = two[1].file.usage()
    assert (usage.day, usage.week) == (1, 1)


@pytest.mark.promise("N7")
def test_that_no_wait_in_the_file_however_it_got_there_holds_for_more_than_an_hour(tmp_path, two):
    two[0].send(ending=Ending.THROTTLED, asked_s=5.0)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("UPDATE holds SET wait_s = 1e15")
    db.close()
    assert two[1].take() == pytest.approx(3_600.0)


def test_that_a_request_after_the_end_of_the_ledger_is_still_counted_by_the_process(tmp_path, clocks):
    async def scenario():
        ledger = Ledger(tmp_path, clocks)
        meter = ledger.meter(ACCOUNT, RULES)
        meter.settle(await meter.take(URGENT), Outcome(Ending.ANSWERED))
        on_its_way = await meter.take(URGENT)
        await ledger.aclose()
        meter.settle(on_its_way, Outcome(Ending.ANSWERED))
        for _ in range(18):
            meter.settle(await meter.take(URGENT), Outcome(Ending.ANSWERED))
        with pytest.raises(NotYet):
            await meter.take(URGENT)

    run(scenario())


def test_that_the_demo_is_counted_though_it_is_not_limited(tmp_path, clocks):
    rules = Rules(HelpdeskKind.ZENDESK, exempt=True)
    file = LedgerFile(tmp_path / FILE_NAME, clocks)
    demo = Desktop(file, rules, AccountId("zendesk:demo.localhost"))
    for _ in range(300):
        demo.send()
    [usage] = file.usage()
    file.close()
    assert (usage.day, usage.lanes[0].minute) == (300, 300)
