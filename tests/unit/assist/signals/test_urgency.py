from __future__ import annotations

import pytest

from assist.context import build_context
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
