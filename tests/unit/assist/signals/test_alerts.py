from __future__ import annotations

import time

import pytest

from assist.context import build_context
from assist.domain import AlertKind, Band, Mood
from assist.signals.alerts import Signals, alerts
from assist.signals.triggers import load_triggers
from tests.helpers.builders import NOON, a_message, a_ticket, a_trigger, an_open_ticket
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
