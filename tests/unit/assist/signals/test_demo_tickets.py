"""What must and must not fire on the demo shop's tickets, read as an agent would have opened them."""

from __future__ import annotations

import pytest

from assist.context import build_context
from assist.domain import AlertKind, Band, Mood
from assist.signals.alerts import Signals, alerts
from assist.signals.triggers import load_triggers
from tests.helpers.demo_tickets import demo_tickets, states

LEAVING_TOPICS = {"trail-club", "stove-fuel-plan", "fuel-plan", "gear-swap", "cancellation", "churn-risk"}
"""Tags of tickets that are about a membership or about leaving."""
LEAVERS = {"o-leaving-elena", "o-furious-marcus"}
"""Who leaves or threatens to without such a tag; the other tickets of Marcus count as false alarms."""


def signals_now(key: str) -> Signals:
    demo = demo_tickets()[key]
    return alerts(build_context(demo.opened), demo.opened, load_triggers(), now=demo.at)


def rules(signals: Signals) -> set[str]:
    return {alert.rule for alert in signals.alerts if alert.kind is AlertKind.ESCALATION}


def kinds(signals: Signals) -> set[AlertKind]:
    return {alert.kind for alert in signals.alerts}


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    ("key", "band", "quote"),
    [
        ("o-nordvik-aisha", Band.HIGH, "Nordvik's plan suits us better"),
        ("o-anneliese-membership", Band.RAISED, "wird es nächstes Jahr nicht mehr"),
        ("o-leaving-petra", Band.HIGH, "ich werde dort bleiben"),
        ("o-leaving-elena", Band.RAISED, "remove the saved card"),
        ("o-positive-leaving-ruth", Band.HIGH, "I shan't be renewing"),
        ("o-furious-marcus", Band.RAISED, "TAKE MY CUSTOM ELSEWHERE"),
        ("o-cancel-club-zoe", Band.RAISED, "how do I cancel Trail Club"),
    ],
)
def test_that_somebody_who_leaves_is_seen_and_quoted(key: str, band: Band, quote: str) -> None:
    churn = signals_now(key).churn

    assert churn.band is band
    assert any(quote in evidence.quote for evidence in churn.evidence)


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    "key", ["o-joining-hannah", "o-fuelplan-pause", "o-mixed-jule", "o-gearswap-jule", "s1-cancel-elena"]
)
def test_that_joining_pausing_or_cancelling_an_order_is_not_leaving(key: str) -> None:
    assert signals_now(key).churn.band is Band.LOW


@pytest.mark.promise("R6")
@pytest.mark.parametrize(
    ("key", "fired"),
    [
        ("o-legal-haines", {"legal"}),
        ("o-chargeback-ben", {"payment-dispute"}),
        ("o-bereaved-gwen", {"vulnerable"}),
        ("o-injury-liam", {"injury"}),
        ("o-privacy-klara", {"data-protection"}),
        ("o-press-lucy", {"press"}),
        ("o-human-naomi", {"wish-for-human"}),
        ("o-crash-dev", set()),
        ("o-thanks-fatima", set()),
        ("o-injection-peter", set()),
        ("s1-recall-george", set()),
    ],
)
def test_that_a_topic_for_humans_fires_its_own_rule_and_no_other(key: str, fired: set[str]) -> None:
    assert rules(signals_now(key)) == fired


def test_that_a_furious_customer_who_may_leave_gets_both_alerts() -> None:
    signals = signals_now("o-furious-marcus")

    assert signals.mood is Mood.ANGRY
    assert {AlertKind.CHURN, AlertKind.ANGER} <= kinds(signals)


def test_that_an_engineer_writing_of_crashes_and_kill_switches_is_calm() -> None:
    signals = signals_now("o-crash-dev")

    assert (signals.mood, signals.alerts) == (Mood.NEUTRAL, ())


def test_that_a_customer_on_the_way_to_the_airport_is_urgent_and_not_angry() -> None:
    signals = signals_now("o-airport-sofia")

    assert kinds(signals) == {AlertKind.URGENCY}
    assert "leaving for the airport in 3 hours" in signals.alerts[0].evidence[0].quote


def test_that_a_thankful_customer_is_happy() -> None:
    assert signals_now("o-thanks-fatima").mood is Mood.HAPPY


@pytest.mark.promise("R5")
def test_that_ordinary_tickets_raise_at_most_two_false_churn_alarms_in_a_hundred() -> None:
    ordinary = [demo for demo in demo_tickets().values() if not demo.tags & LEAVING_TOPICS and demo.key not in LEAVERS]
    alarmed = [
        demo.key
        for demo in ordinary
        if any(
            alerts(build_context(opened), opened, (), now=at).churn.band in {Band.RAISED, Band.HIGH}
            for opened, at in states(demo)
            if len(opened.messages) < 60
        )
    ]

    assert len(ordinary) >= 120
    assert len(alarmed) <= len(ordinary) * 2 / 100, (
        f"{len(alarmed)} false churn alarms in {len(ordinary)} ordinary tickets: {alarmed}"
    )


@pytest.mark.promise("R6")
def test_that_escalations_stay_rare_where_no_tag_speaks_of_one() -> None:
    expected_tags = {
        "legal",
        "chargeback",
        "press",
        "vulnerable",
        "safety",
        "privacy",
        "data-request",
        "pip-handover",
        "klarna",
    }
    expected_keys = {"o-bereaved-gwen", "o-injury-liam", "o-privacy-klara"}
    ordinary = [d for d in demo_tickets().values() if not d.tags & expected_tags and d.key not in expected_keys]
    fired = {demo.key: rules(signals_now(demo.key)) for demo in ordinary if rules(signals_now(demo.key))}

    assert len(fired) <= len(ordinary) * 4 / 100, (
        f"{len(fired)} escalations in {len(ordinary)} ordinary tickets: {fired}"
    )
