from __future__ import annotations

import time

import pytest

from assist.context import build_context
from assist.domain import AlertKind, Band, Mood
from assist.encoders.multilingual import load
from assist.signals.alerts import Signals, alerts, read_closely
from assist.signals.triggers import load_triggers
from resources import ROOT
from tests.helpers.builders import NOON, a_message, a_reply, a_ticket, a_trigger, an_open_ticket
from tests.helpers.demo_tickets import demo_tickets

EVERYTHING = (
    "This is outrageous. I'm leaving you for Nordvik. My lawyer will write. I need an answer asap. "
    "Let me talk to a human."
)


def signals_of(text: str, triggers: tuple = ()) -> Signals:
    opened = an_open_ticket(ticket=a_ticket(subject="Hello"), messages=(a_message(text),))
    return alerts(build_context(opened), opened, triggers or load_triggers(), now=NOON)


def test_that_the_strongest_alert_comes_first() -> None:
    signals = signals_of(EVERYTHING)

    assert [(alert.kind, alert.rule, alert.band) for alert in signals.alerts] == [
        (AlertKind.ESCALATION, "legal", Band.HIGH),
        (AlertKind.CHURN, "", Band.HIGH),
        (AlertKind.ESCALATION, "wish-for-human", Band.RAISED),
        (AlertKind.ANGER, "", Band.RAISED),
        (AlertKind.URGENCY, "", Band.RAISED),
    ]
    assert (signals.mood, signals.churn.band) == (Mood.ANGRY, Band.HIGH)


def test_that_each_alert_says_what_to_do_and_why() -> None:
    for alert in signals_of(EVERYTHING).alerts:
        assert alert.advice
        assert all(evidence.quote in EVERYTHING for evidence in alert.evidence)
        assert any(evidence.quote for evidence in alert.evidence)


def test_that_the_wish_for_a_person_is_told_even_without_its_trigger() -> None:
    signals = signals_of("Let me talk to a human.", (a_trigger(),))

    assert [alert.rule for alert in signals.alerts] == ["wish-for-human"]


def test_that_a_calm_question_has_no_alert() -> None:
    assert signals_of("Which size is the Brae?").alerts == ()


def test_that_a_ticket_of_normal_length_is_read_in_a_few_milliseconds() -> None:
    opened = demo_tickets()["o-nordvik-aisha"].opened
    context, triggers = build_context(opened), load_triggers()
    alerts(context, opened, triggers, now=NOON)
    took_ms = []
    for _ in range(20):
        began = time.process_time()
        alerts(context, opened, triggers, now=NOON)
        took_ms.append((time.process_time() - began) * 1000)

    assert min(took_ms) < 3


@pytest.mark.slow
def test_that_a_very_long_thread_costs_little() -> None:
    messages = tuple(a_message(EVERYTHING * 40, id=number) for number in range(1, 2_000))
    opened = an_open_ticket(messages=messages)
    context = build_context(opened)
    began = time.process_time()

    alerts(context, opened, load_triggers(), now=NOON)

    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("before", "told"), [("Which size is the Brae?", True), ("I am furious about this, you liars.", False)]
)
def test_that_it_is_told_when_a_calm_customer_turns_angry(before: str, told: bool) -> None:
    messages = (a_message(before), a_reply("The 43.", id=71), a_message("This is outrageous, I am furious.", id=72))
    opened = an_open_ticket(ticket=a_ticket(subject="Hello"), messages=messages)
    (anger,) = (
        alert for alert in alerts(build_context(opened), opened, (), now=NOON).alerts if alert.kind is AlertKind.ANGER
    )

    assert anger.evidence[0].quote == "This is outrageous, I am furious."
    assert ("was calm until this message" in [evidence.meaning for evidence in anger.evidence]) is told


def test_that_reading_by_meaning_changes_moods_and_anger_alone() -> None:
    text = f"{EVERYTHING} Pues nada, la tercera semana sin nevera."
    opened = an_open_ticket(ticket=a_ticket(subject="Hello"), messages=(a_message(text),))
    context = build_context(opened)
    first = alerts(context, opened, load_triggers(), now=NOON)

    closer = read_closely(first, context, load(ROOT / "models"))

    assert [a for a in closer.alerts if a.kind is not AlertKind.ANGER] == [
        a for a in first.alerts if a.kind is not AlertKind.ANGER
    ]
    assert (closer.mood is Mood.ANGRY) == any(a.kind is AlertKind.ANGER for a in closer.alerts)
