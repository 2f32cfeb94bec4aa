"""One budget for one account."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from email.utils import format_datetime

import pytest

from assist.errors import NotThere, Retryable, Unreachable
from assist.ports import Quota
from integrations.politeness import pause_s, poll_delay_s
from integrations.ratelimit import Budget, quota_in, retry_after_s
from integrations.retry import RetryPolicy, Throttled, retrying
from tests.helpers.helpdesk import NOW, FakeTime, run


@pytest.mark.parametrize(
    ("headers", "limit", "remaining"),
    [
        ({"x-rate-limit": "700", "x-rate-limit-remaining": "676"}, 700, 676),
        ({"ratelimit-limit": "200", "ratelimit-remaining": "3", "ratelimit-reset": "41"}, 200, 3),
        ({"rate-limit": "700", "rate-limit-remaining": "683", "rate-limit-reset": "42"}, 700, 683),
        ({"x-ratelimit-total": "50", "x-ratelimit-remaining": "49", "x-ratelimit-used-currentrequest": "3"}, 50, 49),
        ({"x-rate-limit-remaining": "5"}, None, 5),
        ({"x-rate-limit": "many", "x-rate-limit-remaining": "-4"}, None, None),
        ({"zendesk-ratelimit-tickets-index": "total=100; remaining=99; resets=41"}, None, None),
        ({}, None, None),
    ],
)
def test_that_the_budget_is_read_in_every_spelling(headers, limit, remaining):
    expected = None if limit is None and remaining is None else Quota(limit, remaining, NOW)
    assert quota_in(headers, NOW) == expected


def a_date(seconds):
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.promise("N1")
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 30 ", 30.0),
        ("1.5", 1.0),
        ("0", 0.0),
        (a_date(45), 45.0),
        (a_date(-45), 0.0),
        ("99999999", 99_999_999.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("1e3", None),
        ("٣", None),
    ],
)
def test_that_retry_after_is_read_in_every_form(value, seconds):
    assert retry_after_s({"retry-after": value, "date": a_date(0)}) == seconds


def test_that_a_missing_wait_is_unknown_and_a_date_needs_one_to_count_from():
    assert retry_after_s({}) is None
    assert retry_after_s({"retry-after": a_date(45)}) is None


def test_that_a_monstrous_number_of_digits_is_read_as_very_long():
    assert retry_after_s({"retry-after": "9" * 400}) == float("inf")


def a_budget(time):
    return Budget("Zendesk", sleep=time.sleep, clock=time, policy=RetryPolicy(), rng=random.Random(7))


class Server:
    """Answers 429 while ``refusals`` last; counts how many ask at the same time."""

    def __init__(self, refusals=0, wait_s=30.0):
        self.refusals, self.wait_s = refusals, wait_s
        self.asked = self.inside = self.most_inside = 0
        self.refused_at = []

    async def __call__(self):
        self.asked += 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            if self.refusals > 0:
                self.refusals -= 1
                raise Throttled("slow down", retry_after_s=self.wait_s)
            return "answer"
        finally:
            self.inside -= 1


async def call(budget, server, time):
    async def attempt():
        return await budget.run(server)

    return await retrying(RetryPolicy(), time.sleep, random.Random(7))(attempt)


@pytest.mark.promise("N1")
def test_that_ten_calls_wait_once_and_only_one_of_them_probes():
    time, server = FakeTime(), Server(refusals=1)
    budget = a_budget(time)

    async def scenario():
        with pytest.raises(Throttled):
            await budget.run(server)
        server.most_inside = 0
        probing = [asyncio.create_task(call(budget, server, time)) for _ in range(10)]
        while server.asked < 2:  # noqa: ASYNC110 - one turn of the loop at a time
            await asyncio.sleep(0)
        alone = server.inside
        return alone, await asyncio.gather(*probing)

    alone, answers = run(scenario())
    assert alone == 1
    assert answers == ["answer"] * 10
    assert server.asked == 11
    assert [wait for wait in time.slept if wait] == [30.0]


@pytest.mark.promise("N1")
def test_that_another_refusal_is_shared_by_all_who_waited():
    time, server = FakeTime(), Server(refusals=100, wait_s=20.0)
    budget = a_budget(time)

    async def scenario():
        calls = [asyncio.create_task(call(budget, server, time)) for _ in range(3)]
        return await asyncio.gather(*calls, return_exceptions=True)

    errors = run(scenario())
    assert [type(error) for error in errors] == [Throttled] * 3
    assert server.asked <= 3 + 3  # three were on their way, then one probe for each of three waits
    assert sum(time.slept) == pytest.approx(60.0)


def refusing_after(released, wait_s):
    """Return an attempt that is refused when ``released`` is set."""

    async def attempt():
        await released.wait()
        raise Throttled("slow down", retry_after_s=wait_s)

    return attempt


@pytest.mark.promise("N1")
def test_that_of_two_refusals_on_their_way_the_longer_wait_counts():
    time = FakeTime()
    budget = a_budget(time)

    async def scenario():
        released = asyncio.Event()
        attempts = [asyncio.create_task(budget.run(refusing_after(released, wait_s))) for wait_s in (30.0, 5.0)]
        await asyncio.sleep(0)
        released.set()
        await asyncio.gather(*attempts, return_exceptions=True)
        await budget.run(Server())

    run(scenario())
    assert time.slept == [30.0]


@pytest.mark.promise("N1")
def test_that_a_call_queued_behind_four_others_is_not_sent_when_they_are_refused():
    time, late = FakeTime(), Server()
    budget = a_budget(time)

    async def scenario():
        released = asyncio.Event()
        attempts = [asyncio.create_task(budget.run(refusing_after(released, 30.0))) for _ in range(4)]
        await asyncio.sleep(0)
        fifth = asyncio.create_task(budget.run(late))
        await asyncio.sleep(0)
        released.set()
        await asyncio.gather(*attempts, return_exceptions=True)
        await fifth

    run(scenario())
    assert (time.slept, late.asked) == ([30.0], 1)


@pytest.mark.promise("N1")
def test_that_a_refusal_without_a_wait_backs_off_from_ten_seconds():
    time, server = FakeTime(), Server(refusals=2, wait_s=None)
    assert run(call(a_budget(time), server, time)) == "answer"
    waits = [wait for wait in time.slept if wait]
    assert 10.0 < waits[0] < waits[1] < 12.0


@pytest.mark.promise("N1")
def test_that_a_wait_of_zero_is_not_hammered():
    time, server = FakeTime(), Server(refusals=2, wait_s=0.0)
    assert run(call(a_budget(time), server, time)) == "answer"
    waits = [wait for wait in time.slept if wait]
    assert [0.25 <= waits[0] <= 0.5, 0.5 <= waits[1] <= 1.0] == [True, True]


@pytest.mark.promise("N1")
def test_that_a_huge_wait_is_nobodys_patience_and_nothing_is_sent_meanwhile():
    time, server = FakeTime(), Server(refusals=1, wait_s=900.0)
    budget = a_budget(time)

    async def scenario():
        with pytest.raises(Throttled):
            await call(budget, server, time)
        with pytest.raises(Unreachable, match="Zendesk asks to wait 15 minutes"):
            await budget.run(server)
        time.at += timedelta(minutes=14)
        return await budget.run(server)

    assert run(scenario()) == "answer"
    assert server.asked == 2


def test_that_a_server_which_asks_for_years_is_asked_again_after_an_hour():
    time, server = FakeTime(), Server(refusals=1, wait_s=float("inf"))
    budget = a_budget(time)

    async def scenario():
        with pytest.raises(Throttled):
            await budget.run(server)
        time.at += timedelta(minutes=61)
        return await budget.run(server)

    assert run(scenario()) == "answer"


def test_that_a_clock_set_back_does_not_lengthen_the_wait():
    time, server = FakeTime(), Server(refusals=1, wait_s=100.0)
    budget = a_budget(time)

    async def scenario():
        with pytest.raises(Throttled):
            await budget.run(server)
        time.at -= timedelta(days=3)
        return await budget.run(server)

    assert run(scenario()) == "answer"
    assert sum(time.slept) == 0


@pytest.mark.promise("N1")
def test_that_a_cancelled_probe_hands_the_wait_over_instead_of_ending_it():
    gate = asyncio.Event

    async def scenario():
        time, server = FakeTime(), Server(refusals=1)
        blocked = gate()
        waits = []

        async def sleep(seconds):
            waits.append(seconds)
            if len(waits) == 1:
                await blocked.wait()

        budget = Budget("Zendesk", sleep=sleep, clock=time, policy=RetryPolicy(), rng=random.Random(7))
        with pytest.raises(Throttled):
            await budget.run(server)
        first = asyncio.create_task(budget.run(server))
        await asyncio.sleep(0)
        second = asyncio.create_task(budget.run(server))
        await asyncio.sleep(0)
        first.cancel()
        answer = await second
        return answer, waits, first.cancelled() or (await asyncio.gather(first, return_exceptions=True))

    answer, waits, _ = run(scenario())
    assert (answer, waits) == ("answer", [30.0, 30.0])


def test_that_a_probe_which_finds_something_else_opens_the_gate():
    time = FakeTime()
    budget = a_budget(time)
    outcomes = iter([Throttled("x", retry_after_s=5.0), NotThere("gone")])

    async def failing():
        raise next(outcomes)

    async def scenario():
        with pytest.raises(Throttled):
            await budget.run(failing)
        with pytest.raises(NotThere):
            await budget.run(failing)
        return await budget.run(Server())

    assert run(scenario()) == "answer"
    assert sum(time.slept) == 5.0


def test_that_at_most_four_requests_of_an_account_run_at_once():
    time, server = FakeTime(), Server()
    budget = a_budget(time)

    async def scenario():
        await asyncio.gather(*(budget.run(server) for _ in range(20)))

    run(scenario())
    assert server.most_inside == 4


@pytest.mark.promise("N2")
def test_that_back_off_doubles_has_jitter_and_a_ceiling():
    policy, rng = RetryPolicy(first_delay_s=1.0, ceiling_s=8.0), random.Random(3)
    for attempt, step in enumerate([1, 2, 4, 8, 8, 8], 1):
        waits = {policy.backoff_s(attempt, rng) for _ in range(50)}
        assert step / 2 <= min(waits) < max(waits) <= step
        assert len(waits) == 50
    assert policy.backoff_s(10_000, rng) <= 8.0


@pytest.mark.promise("N2")
def test_that_patience_ends_after_four_tries():
    time, tries = FakeTime(), []

    async def failing():
        tries.append(1)
        raise Retryable("502")

    with pytest.raises(Retryable):
        run(retrying(RetryPolicy(), time.sleep, random.Random(7))(failing))
    assert len(tries) == 4
    assert len(time.slept) == 3


@pytest.mark.parametrize(
    ("limit", "remaining", "delay"),
    [
        (200, 200, 5.0),
        (200, 20, 5.0),
        (200, 10, 10.0),
        (200, 5, 20.0),
        (200, 0, 60.0),
        (0, 0, 60.0),
        (None, 5, 5.0),
        (200, None, 5.0),
        (200, 900, 5.0),
    ],
)
def test_that_polling_slows_down_when_the_budget_runs_low(limit, remaining, delay):
    assert poll_delay_s(Quota(limit, remaining, NOW), 5.0) == pytest.approx(delay)


def test_that_polling_keeps_its_pace_while_nothing_is_known():
    assert poll_delay_s(None, 5.0) == 5.0
    assert poll_delay_s(Quota(100, 30, NOW), 5.0, low_share=0.5) == pytest.approx(5.0 * 0.5 / 0.3)


@pytest.mark.parametrize(("remaining", "age_s", "pause"), [(100, 0, 0), (50, 0, 0), (25, 0, 5), (0, 0, 10), (0, 61, 0)])
def test_that_a_sync_pauses_below_half_of_a_fresh_budget(remaining, age_s, pause):
    assert pause_s(Quota(100, remaining, NOW - timedelta(seconds=age_s)), NOW) == pytest.approx(pause)
