"""Who waits for the budget, who is left out, and what it costs: one connection and its meter."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from assist.errors import NotAllowed, Unreachable
from assist.ports import Quota
from integrations.connection import Connection, FixedAuthorizer, Waiting
from integrations.http import Request
from integrations.metering import LocalMeter, NotYet, Outcome, Rules, now_of, outcome_of, spent_on
from integrations.politeness import least_delay_s
from integrations.retry import NotSent
from integrations.window import Ending, Lane, Purpose, Wish
from tests.helpers.helpdesk import FRESHDESK, NOW, ZENDESK, FakeTime, ScriptedSender, reply, run

ASK = Request("GET", "https://acme.zendesk.com/api/v2/x")
OK = reply({}, 200)


class Watched(LocalMeter):
    """A meter that remembers what was wished and what became of it."""

    def __init__(self, rules: Rules, time: FakeTime) -> None:
        super().__init__(rules, now_of(time))
        self.wishes: list[Wish] = []
        self.outcomes: list[Outcome] = []

    async def take(self, wish):
        taken = await super().take(wish)
        self.wishes.append(wish)
        return taken

    def settle(self, taken, outcome):
        self.outcomes.append(outcome)
        super().settle(taken, outcome)


class Account:
    """A connection that answers at once, in time that only waiting moves. Its cap is 20 a minute."""

    def __init__(self, answers=None, site=ZENDESK) -> None:
        self.time = FakeTime()
        self.sender = ScriptedSender(answers or {"x": OK, "help_center/x": OK})
        self.meter = Watched(Rules(site.kind), self.time)
        waiting = Waiting(sleep=self.time.sleep, clock=self.time, meter=self.meter)
        self.connection = Connection(site, FixedAuthorizer("Bearer x"), self.sender, waiting)

    def use_up(self, cost: int) -> None:
        """Let ``cost`` requests be sent and answered."""

        async def using() -> None:
            taken = await self.meter.take(Wish(cost, urgent=True, purpose=Purpose.OPENING))
            self.meter.settle(taken, Outcome(Ending.ANSWERED))

        run(using())

    def call(self, how: str = "call", request: Request = ASK):
        return run(getattr(self.connection, how)(request, lambda response: response.status))

    @property
    def waited_s(self) -> float:
        return sum(self.time.slept)


@pytest.mark.promise("N1")
@pytest.mark.parametrize("how", ["glance", "poll"])
def test_that_what_a_ticket_can_do_without_is_left_out_at_once(how):
    account = Account()
    account.use_up(20)
    with pytest.raises(Unreachable, match="Kibitz has used its share"):
        account.call(how)
    assert (account.waited_s, account.sender.requests) == (0, [])


@pytest.mark.promise("N1")
def test_that_somebody_who_waits_waits_a_few_seconds_and_is_told_else():
    account = Account()
    account.use_up(20)
    with pytest.raises(Unreachable, match=r"this minute\. It asks Zendesk again in 60 seconds\."):
        account.call()
    assert (account.waited_s, account.sender.requests) == (0, [])
    account.time.at = NOW.replace(second=57)
    assert account.call() == 200
    assert account.waited_s == pytest.approx(3.0)


@pytest.mark.promise("N1")
def test_that_background_work_waits_as_long_as_it_takes():
    account = Account()
    account.use_up(20)
    assert account.call("background") == 200
    assert account.waited_s == pytest.approx(60.0)
    assert max(account.time.slept) <= 5.0


@pytest.mark.promise("N1")
def test_that_waiting_background_work_keeps_no_place_from_a_ticket():
    """Four requests run at once; ten that wait for room in the budget take none of these places."""

    async def scenario():
        account, released = Account(), asyncio.Event()

        async def sleep(_seconds):
            await released.wait()

        object.__setattr__(account.connection._waiting, "sleep", sleep)
        for _ in range(9):
            await account.connection.background(ASK, lambda response: response.status)
        waiting = [asyncio.create_task(account.connection.background(ASK, lambda _: None)) for _ in range(10)]
        await asyncio.sleep(0)
        opened = await account.connection.call(ASK, lambda response: response.status)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return opened, len(account.sender.requests)

    assert run(scenario()) == (200, 10)


@pytest.mark.promise("N1")
def test_that_a_sync_which_always_has_more_to_read_leaves_room_to_see_which_ticket_is_open():
    account = Account()

    async def sync_what_can_be() -> int:
        for done in range(20):
            try:
                taken = await account.meter.take(Wish(1, urgent=False, purpose=Purpose.SYNCING))
            except NotYet:
                return done
            account.meter.settle(taken, Outcome(Ending.ANSWERED))
        return 20

    assert run(sync_what_can_be()) == 9
    assert (account.call("poll"), account.waited_s) == (200, 0)
    with pytest.raises(Unreachable):
        account.call("poll")


def test_that_a_change_of_a_ticket_is_urgent_and_counted_as_acting():
    account = Account({"x": OK})
    account.call("change", replace(ASK, method="PUT", body=b"{}"))
    assert account.meter.wishes == [Wish(1, urgent=True, purpose=Purpose.ACTING)]


def test_that_every_way_to_ask_says_what_it_was_for():
    account = Account()
    for how in ("call", "glance", "poll", "background"):
        account.call(how)
    run(account.connection.call(ASK, lambda _: None, checks_credentials=True))
    with spent_on(Purpose.WATCHING):
        account.call()
    purposes = [wish.purpose for wish in account.meter.wishes]
    assert purposes == [
        Purpose.OPENING, Purpose.OPENING, Purpose.WATCHING, Purpose.SYNCING, Purpose.SIGNING_IN, Purpose.WATCHING,
    ]  # fmt: skip
    assert [wish.urgent for wish in account.meter.wishes] == [True, True, False, False, True, True]


def test_that_the_help_center_has_its_own_lane_and_a_request_its_own_cost():
    account = Account()
    account.call(request=Request("GET", "https://acme.zendesk.com/api/v2/help_center/x"))
    account.call(request=replace(ASK, cost=3))
    assert [(wish.lane, wish.cost) for wish in account.meter.wishes] == [(Lane.HELP_CENTER, 1), (Lane.TICKETS, 3)]


def test_that_freshdesks_own_figures_are_read_from_its_answers():
    headers = {"x_ratelimit_total": "50", "x_ratelimit_remaining": "47", "x_ratelimit_used_currentrequest": "3"}
    account = Account({"x": reply({}, 200, **headers)}, FRESHDESK)
    account.call(request=replace(ASK, cost=2))
    [outcome] = account.meter.outcomes
    assert outcome == Outcome(Ending.ANSWERED, 3, Quota(50, 47, NOW))


@pytest.mark.parametrize("used", ["-3", "many", "", "1001"])
def test_that_a_cost_that_cannot_be_true_is_not_believed(used):
    assert outcome_of(reply({}, 200, x_ratelimit_used_currentrequest=used), NOW).cost is None


@pytest.mark.promise("N1")
@pytest.mark.parametrize(
    ("status", "headers", "ending", "asked_s"),
    [
        (200, {}, Ending.ANSWERED, None),
        (404, {}, Ending.ANSWERED, None),
        (302, {}, Ending.ANSWERED, None),
        (429, {"retry_after": "7"}, Ending.THROTTLED, 7.0),
        (429, {}, Ending.THROTTLED, None),
        (503, {"retry_after": "0"}, Ending.THROTTLED, 0.0),
        (503, {}, Ending.FAILED, None),
        (500, {"retry_after": "9"}, Ending.FAILED, None),
    ],
)
def test_that_the_meter_hears_how_each_answer_ended(status, headers, ending, asked_s):
    outcome = outcome_of(reply({}, status, **headers), NOW)
    assert (outcome.ending, outcome.asked_s) == (ending, asked_s)


def test_that_what_never_left_this_machine_costs_nothing():
    account = Account({"x": NotSent("no connection")})
    for _ in range(3):
        with pytest.raises(Unreachable):
            account.call()
    account.use_up(20)
    assert {outcome.ending for outcome in account.meter.outcomes[:12]} == {Ending.NOT_SENT}


def test_that_a_plan_without_requests_is_said_and_nothing_more_is_sent():
    account = Account({"x": reply({}, 200, x_rate_limit="0", x_rate_limit_remaining="0")})
    account.call()
    for how in ("call", "glance", "background"):
        with pytest.raises(NotAllowed, match="This Zendesk plan allows other programs no requests"):
            account.call(how)
    assert len(account.sender.requests) == 1


def test_that_a_failed_request_leaves_the_window_a_minute_after_it_failed():
    account = Account()

    async def scenario():
        for _ in range(20):
            account.meter.settle(
                await account.meter.take(Wish(1, urgent=True, purpose=Purpose.OPENING)), Outcome(Ending.FAILED)
            )
        with pytest.raises(NotYet) as refusal:
            await account.meter.take(Wish(1, urgent=True, purpose=Purpose.OPENING))
        return refusal.value.verdict.wait_s

    assert run(scenario()) == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("limit", "share", "delay_s"),
    [
        (None, 0.1, 12.0),
        (200, 0.1, 12.0),
        (700, 0.1, 60 * 4 / 70),
        (200, 0.01, 60.0),
        (0, 0.1, 60.0),
        (2_500, 1.0, 0.096),
    ],
)
def test_that_polls_together_stay_within_a_quarter_of_the_share(limit, share, delay_s):
    assert least_delay_s(Quota(limit, None, NOW), share) == pytest.approx(delay_s)
