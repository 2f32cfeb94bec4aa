"""The wiring's budgets: every account that is connected is counted, and the page shows it in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from assist.domain import AccountId, HelpdeskKind
from assist.ports import Quota
from desktop import wiring
from desktop.admin.usage_state import Budget, Spent, UsageState
from desktop.wiring import Budgets, Ports, delays, demo_seats, open_budgets
from integrations.demo.server import DemoServer
from integrations.metering import Outcome
from integrations.site import parse_site
from integrations.window import Ending, Lane, Purpose, Wish
from tests.helpers.demo_data import NOW, small_world
from tests.helpers.helpdesk import run

ACME = parse_site(HelpdeskKind.ZENDESK, "acme")


@pytest.fixture
def share() -> list[float]:
    return [0.1]


@pytest.fixture
def budgets(tmp_path, share) -> Iterator[Budgets]:
    yield open_budgets(tmp_path / "run", lambda: share[0])
    wiring._open.clear()


async def spend(budgets: Budgets, wish: Wish, outcome: Outcome) -> None:
    meter = budgets.meter(ACME)
    meter.settle(await meter.take(wish), outcome)


def usage_after(budgets: Budgets, *spent: tuple[Wish, Outcome], names=None) -> UsageState:
    async def scenario() -> UsageState:
        for wish, outcome in spent:
            await spend(budgets, wish, outcome)
        state = await budgets.usage(names or {})
        await budgets.aclose()
        return state

    return run(scenario())


SYNCED = Wish(2, urgent=False, purpose=Purpose.SYNCING)


def test_that_the_page_gets_each_account_by_its_name_with_its_share(budgets, share):
    share[0] = 0.25
    told = Outcome(Ending.ANSWERED, quota=Quota(400, 390, NOW))
    state = usage_after(budgets, (SYNCED, told), names={ACME.account: "Acme Support"})
    [usage] = state.accounts
    assert (state.share, usage.name, usage.kind, usage.day) == (0.25, "Acme Support", HelpdeskKind.ZENDESK, 2)
    assert (usage.budget.ours, usage.budget.limit, usage.budget.remaining, usage.budget.minute) == (100, 400, 390, 2)
    assert usage.budget.seen_ago is not None
    assert timedelta(0) <= usage.budget.seen_ago < timedelta(minutes=1)
    assert usage.spent == {Spent.SYNCING: 2}
    assert not usage.is_demo


def test_that_an_unknown_limit_is_said_to_be_unknown_and_the_least_to_be_the_least(budgets, share):
    share[0] = 0.01
    help_center = Wish(1, urgent=False, purpose=Purpose.SYNCING, lane=Lane.HELP_CENTER)
    [usage] = usage_after(budgets, (help_center, Outcome(Ending.ANSWERED))).accounts
    assert usage.budget == Budget(ours=12, minute=0, is_least=True)
    assert usage.help_center == Budget(ours=12, minute=1, is_least=True)
    assert usage.name == "acme"


def test_that_accounts_of_the_demo_are_counted_and_said_to_be_the_demos(budgets, tmp_path):
    with DemoServer(small_world(tmp_path)) as server:

        async def scenario() -> UsageState:
            seats = await demo_seats(Ports(server.zendesk_port, server.freshdesk_port))
            for seat in seats:
                await seat.helpdesk.open_ticket(1001)
            state = await budgets.usage({seat.account: seat.display for seat in seats})
            for seat in seats:
                await seat.helpdesk.aclose()
            await budgets.aclose()
            return state

        state = run(scenario())
        asked = {face: [seen.face for seen in server.world.requests].count(face) for face in ("zendesk", "freshdesk")}
    by_kind = {usage.kind.value: usage for usage in state.accounts}
    assert [usage.is_demo for usage in state.accounts] == [True, True]
    assert by_kind["zendesk"].day == asked["zendesk"]
    assert by_kind["freshdesk"].day > asked["freshdesk"]
    assert by_kind["zendesk"].spent[Spent.SIGNING_IN] == 1


@pytest.mark.logs("ledger of requests cannot be used")
def test_that_a_ledger_that_cannot_be_read_is_said_on_the_page(tmp_path):
    (tmp_path / "file").write_text("")
    state = usage_after(Budgets(tmp_path / "file", lambda: 0.5))
    assert state == UsageState(0.5, problem=state.problem)
    assert state.problem.startswith("What was used cannot be read now.")


def test_that_polling_slows_down_where_the_share_is_small(share):
    follow_s, outcome_s = delays(lambda: share[0])
    whole = Quota(700, 700, NOW)
    assert (follow_s(whole), outcome_s(whole)) == (5.0, 15.0)
    assert (follow_s(None), outcome_s(None)) == (12.0, 15.0)
    share[0] = 0.01
    assert follow_s(whole) == pytest.approx(60 * 4 / 7)


def test_that_an_account_of_no_known_vendor_does_not_break_the_page(budgets, monkeypatch):
    monkeypatch.setitem(globals(), "ACME", replace(ACME, account=AccountId("otherdesk:acme")))
    assert usage_after(budgets, (SYNCED, Outcome(Ending.ANSWERED))).accounts == ()
