from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from assist.domain import AccountId, Band, ChurnSignal, TicketRef
from desktop.alerted import SETTING, Alerted, main_reason
from tests.helpers.builders import an_evidence
from tests.helpers.fakes import Table, help_for, run, table

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LEAVING = ChurnSignal(Band.HIGH, (an_evidence(),), ("to-rival",))


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        yield laid


def ref(ticket: int, account: str = "zendesk:acme") -> TicketRef:
    return TicketRef(AccountId(account), ticket)


def remember(at: Table, *acts) -> list[object]:
    """Do ``acts`` one after the other, each by a memory that was read from the store anew."""

    async def scenario():
        answers = []
        for act in acts:
            pending = []
            answers.append(act(Alerted(at.store.state, write=pending.append, zone=UTC)))
            for writing in pending:
                await writing
        return answers

    return asyncio.run(scenario())


def asks(ticket: int, customer: int | None, reason: str = "to-rival", *, now: datetime = NINE, account="zendesk:acme"):
    return lambda memory: memory.may_raise(ref(ticket, account), customer, reason, now=now)


@pytest.mark.promise("R5")
def test_that_the_same_reason_is_raised_once_a_day_for_a_customer_even_after_a_restart(at):
    later = NINE + timedelta(hours=5)
    answers = remember(at, asks(7, 1), asks(7, 1, now=later), asks(8, 1, now=later), asks(8, 2), asks(7, 1, "learned"))
    assert answers == [True, False, False, True, True]


def test_that_another_account_and_a_ticket_without_a_customer_stand_for_themselves(at):
    answers = remember(
        at, asks(7, 1), asks(7, 1, account="freshdesk:acme"), asks(7, None), asks(8, None), asks(7, None)
    )
    assert answers == [True, True, True, True, False]


def test_that_midnight_of_the_agents_zone_begins_a_new_day(at):
    before = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)
    after = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    assert remember(at, asks(7, 1, now=before), asks(7, 1, now=after), asks(7, 1, now=after)) == [True, True, False]
    tokyo = Alerted(at.store.state, write=lambda writing: writing.close(), zone=timezone(timedelta(hours=9)))
    assert tokyo.may_raise(ref(9), 5, "learned", now=datetime(2026, 11, 24, 14, 59, tzinfo=UTC))
    assert not tokyo.may_raise(ref(9), 5, "learned", now=datetime(2026, 11, 24, 14, 59, 59, tzinfo=UTC))
    assert tokyo.may_raise(ref(9), 5, "learned", now=datetime(2026, 11, 24, 15, 0, tzinfo=UTC))


def test_that_a_dismissed_alert_stays_away_from_its_ticket_the_next_days_too(at):
    def dismiss(memory):
        memory.dismiss(ref(7), 1, "to-rival", now=NINE)

    tomorrow = NINE + timedelta(days=1)
    answers = remember(at, asks(7, 1), dismiss, asks(7, 1, now=tomorrow), asks(8, 1, now=tomorrow))
    assert answers == [True, None, False, True]
    assert remember(at, asks(7, 1, now=NINE + timedelta(days=200))) == [True]


def test_that_nothing_of_the_customers_words_is_kept(at):
    remember(at, asks(7, 1))
    assert at.store.state.setting(SETTING) == (
        '[{"account": "zendesk:acme", "customer": "1", "reason": "to-rival", "ticket": 7,'
        ' "day": "2026-11-23", "dismissed": false}]'
    )


def test_that_a_setting_that_cannot_be_read_is_as_good_as_none(at):
    asyncio.run(at.store.state.put_setting(SETTING, '[{"moon": 1}]'))
    assert remember(at, asks(7, 1)) == [True]


def test_that_words_are_the_reason_before_history():
    assert main_reason(ChurnSignal(Band.HIGH, (), ("history", "learned"))) == "learned"
    assert main_reason(ChurnSignal(Band.RAISED, (), ("history",))) == "history"
    assert main_reason(ChurnSignal(Band.RAISED, ())) == "churn"


@pytest.mark.promise("R5")
def test_that_an_alert_stays_while_its_ticket_is_in_front_and_is_not_raised_on_the_next(at):
    at.has(7, 8)
    for ticket in (7, 8):
        at.engine.answers[ticket] = [help_for(ticket, churn=LEAVING)] * 3
    assert run(at.open(7)).quiet_alerts == frozenset()
    at.session.refresh()
    assert at.ready().quiet_alerts == frozenset()
    assert at.ready().told_alerts == frozenset()
    assert run(at.open(8)).quiet_alerts == {"churn"}
    assert at.ready().told_alerts == {"churn"}
    assert run(at.open(7)).quiet_alerts == {"churn"}
    assert at.ready().told_alerts == {"churn"}


def test_that_a_new_reason_raises_the_alert_again(at):
    at.has(7, 8)
    at.engine.answers[7] = [help_for(7, churn=LEAVING)]
    at.engine.answers[8] = [help_for(8, churn=ChurnSignal(Band.HIGH, (an_evidence(),), ("leaving-you",)))]
    run(at.open(7))
    assert run(at.open(8)).quiet_alerts == frozenset()


def test_that_the_next_day_raises_it_again_unless_it_was_dismissed(at):
    at.has(7, 8)
    for ticket in (7, 8):
        at.engine.answers[ticket] = [help_for(ticket, churn=LEAVING)] * 3
    run(at.open(7))

    async def dismiss():
        at.session.quiet("churn")
        await at.settle()

    run(dismiss())
    assert (at.ready().quiet_alerts, at.ready().told_alerts) == ({"churn"}, frozenset())
    assert run(at.open(8)).told_alerts == {"churn"}
    assert run(at.open(7)).told_alerts == frozenset()
    at.clock.advance(days=1)
    assert run(at.open(8)).quiet_alerts == frozenset()
    at.clock.advance(days=1)
    assert run(at.open(7)).quiet_alerts == {"churn"}
