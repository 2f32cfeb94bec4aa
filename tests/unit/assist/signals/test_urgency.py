from __future__ import annotations

import pytest

from assist.context import build_context
from assist.domain import Mood
from assist.signals import mood
from assist.signals.urgency import Urgency, assess
from tests.helpers.builders import a_message, a_reply, a_ticket, an_open_ticket


def urgency_of(text: str, *, subject: str = "A question") -> Urgency:
    opened = an_open_ticket(ticket=a_ticket(subject=subject), messages=(a_message(text),))
    return assess(build_context(opened))


@pytest.mark.parametrize(
    "text",
    [
        "My flight leaves in 3 hours.",
        "I'm at the airport and the code does not come.",
        "I need this asap.",
        "This is urgent, please.",
        "I need it by tomorrow, we leave in two hours.",
        "Es ist dringend.",
        "Es eilt sehr.",
        "Ich brauche das bis morgen, wir fahren in drei Stunden.",
        "C'est urgent.",
    ],
)
def test_that_time_pressure_is_seen_and_quoted(text: str) -> None:
    urgency = urgency_of(text)

    assert urgency.urgent
    assert urgency.evidence[0].quote in text


@pytest.mark.parametrize(
    "text",
    [
        "Not urgent at all.",
        "Eilt nicht, danke.",
        "It dried in two hours.",
        "I am furious about this.",
        "The parcel is stuck at the depot.",
        "It broke immediately.",
        "We had a lovely week at the lake.",
    ],
)
def test_that_no_hurry_and_mere_anger_are_not_urgent(text: str) -> None:
    assert not urgency_of(text).urgent


def test_that_urgency_of_before_the_last_reply_is_over() -> None:
    opened = an_open_ticket(
        ticket=a_ticket(subject="URGENT"),
        messages=(a_message("I need this asap."), a_reply("Done.", id=71), a_message("Got it.", id=72)),
    )

    assert assess(build_context(opened)) == Urgency(urgent=False, evidence=())


@pytest.mark.parametrize(
    "text", ["Let me speak to a human, please.", "Ich will einen echten Menschen.", "A human. Now."]
)
def test_that_the_wish_for_a_person_is_not_urgency(text: str) -> None:
    urgency = urgency_of(text)

    assert not urgency.urgent
    assert [evidence.quote for evidence in urgency.wants_human][:1] == [text.removesuffix(" Now.")]


@pytest.mark.parametrize(
    "text",
    [
        "Could somebody from your team phone me tomorrow afternoon?",
        "Dürfte ich bitte mit einem Berater telefonieren?",
        "Serait-il possible de parler avec une conseillère ?",
        "¿Sería posible que me atienda un asesor?",
        "Gostaria de conversar com uma atendente, por favor.",
    ],
)
def test_that_a_calm_wish_for_a_person_is_seen_in_five_languages_and_is_no_anger(text: str) -> None:
    opened = an_open_ticket(ticket=a_ticket(subject="Hello"), messages=(a_message(text),))

    assert [evidence.quote for evidence in urgency_of(text).wants_human] == [text]
    assert mood.assess(build_context(opened)) != (Mood.ANGRY,)


@pytest.mark.parametrize(
    "text",
    ["You are thieves and liars!", "Ihr seid unfähig!", "C'est une honte !", "¡Qué vergüenza!", "Isto é uma vergonha!"],
)
def test_that_anger_alone_is_neither_a_wish_for_a_person_nor_urgent(text: str) -> None:
    assert urgency_of(text) == Urgency(urgent=False, evidence=())


@pytest.mark.parametrize(
    "text",
    [
        "There is water coming through the ceiling and I can smell gas.",
        "Unser Onlineshop ist seit heute früh nicht erreichbar, höchste Priorität bitte.",
        "Mon train part dans vingt minutes.",
        "El plazo termina hoy a medianoche.",
        "O prazo acaba hoje as seis, e sem acentos tambem: nao ha tempo.",
    ],
)
def test_that_danger_outages_and_deadlines_are_urgent_in_five_languages(text: str) -> None:
    assert urgency_of(text).urgent
