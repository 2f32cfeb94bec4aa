from __future__ import annotations

from datetime import timedelta

import pytest

from assist.context import build_context
from assist.domain import Band, ChurnSignal, Csat, Message, Role, Ticket
from assist.signals.churn import assess
from tests.helpers.builders import (
    NOON,
    a_customer,
    a_message,
    a_reply,
    a_ticket,
    an_open_ticket,
    an_organization,
)

ALARM = {Band.RAISED, Band.HIGH}


def churn_of(*texts: str, history: tuple[Ticket, ...] = (), **fields: object) -> ChurnSignal:
    messages = tuple(a_message(text, id=70 + number, created_at=NOON) for number, text in enumerate(texts))
    return churn_in(messages, history=history, **fields)


def churn_in(messages: tuple[Message, ...], *, history: tuple[Ticket, ...] = (), **fields: object) -> ChurnSignal:
    ticket = a_ticket(subject="A question", **fields.pop("ticket", {}))
    opened = an_open_ticket(ticket=ticket, messages=messages, history=history, **fields)
    return assess(build_context(opened), opened, now=NOON)


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    "text",
    [
        "I want to cancel my membership.",
        "Please cancel our subscription at the end of the month.",
        "I'm switching to Nordvik next week.",
        "We are taking our business elsewhere.",
        "I won't order from you again.",
        "That was the last time I buy anything here.",
        "I'm not renewing this year.",
        "We don't want to renew.",
        "Please delete my account.",
        "You have been lovely, but I shan't be renewing.",
        "What happens with my remaining months if I leave?",
        "Hiermit kündige ich meine Mitgliedschaft.",
        "Ich wechsle zu Nordvik.",
        "Wir gehen zum Mitbewerber.",
        "Ich möchte den Vertrag nicht verlängern.",
        "Dann bin ich raus.",
        "Das war meine letzte Bestellung bei Ihnen.",
        "Ich möchte meinen Vertrag beenden.",
        "Löschen Sie mein Konto, ich möchte mein Konto löschen lassen.",
        "Je souhaite résilier mon abonnement.",
        "Quiero cancelar mi suscripción.",
        "Quero cancelar a minha assinatura.",
        "I can't find how to cancel my membership, please do it for me.",
        "Please cancel my\nmembership as of today.",
    ],
)
def test_that_leaving_us_is_seen_and_quoted_word_for_word(text: str) -> None:
    churn = churn_of(text)

    assert churn.band in ALARM
    assert churn.evidence[0].message_id == 70
    assert churn.evidence[0].quote in text.replace("\n", " ")


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    "text",
    [
        "I'm switching from Nordvik to you, how do I start?",
        "I cancelled my Nordvik membership last week and want to join you.",
        "Ich kündige bei Nordvik und möchte zu Ihnen wechseln.",
        "I'm not cancelling my membership, I only want to move the date.",
        "I don't want to cancel my subscription.",
        "Ich will die Mitgliedschaft nicht kündigen.",
        "Please cancel my order TT-204518.",
        "Can you cancel the delivery for my Trail Club order?",
        "Bitte stornieren Sie meine Bestellung.",
        "I won't forget to order again, thank you.",
        "Can I switch to the Lathe 3 instead?",
        "Please switch my delivery to Friday.",
        "The courier cancelled my pickup.",
        "When I bought the Brae last time I took a 43.",
        "Your competitor's tent leaks, yours does not.",
        "We are moving house, please change our address.",
        "My bank account has changed.",
    ],
)
def test_that_staying_joining_and_cancelling_an_order_raise_nothing(text: str) -> None:
    assert churn_of(text).band is Band.LOW


def test_that_a_threat_weighs_less_than_a_decision() -> None:
    assert churn_of("I am taking my business elsewhere. I'm leaving you.").band is Band.HIGH
    assert churn_of("If this isn't fixed I am taking my business elsewhere.").band is Band.LOW
    assert churn_of("If this isn't fixed today I'm leaving you.").band is Band.RAISED


def test_that_a_question_how_to_leave_is_raised_but_never_high() -> None:
    churn = churn_of(
        "How do I cancel my membership? How can I delete my account? How do I stop it renewing?",
        history=tuple(a_ticket(number, csat=Csat.BAD) for number in range(20, 26)),
    )

    assert churn.band is Band.RAISED


def test_that_one_small_preparation_is_nothing_and_three_are_a_signal() -> None:
    assert churn_of("Please remove the saved card ending 4417.").band is Band.LOW
    assert churn_of("Please remove the saved card ending 4417.").evidence == ()
    together = churn_of(
        "Please remove my saved card. Where can I download my order history? My membership date is next week."
    )
    assert together.band is Band.RAISED
    assert len(together.evidence) == 3


def test_that_agents_bots_and_internal_notes_never_count() -> None:
    words = "I want to cancel my membership and I'm switching to Nordvik."
    churn = churn_in(
        (
            a_message("Which size is it?"),
            a_message(words, id=71, role=Role.AGENT),
            a_message(words, id=72, role=Role.SYSTEM),
            a_message(words, id=73, public=False),
        )
    )

    assert churn == ChurnSignal(Band.LOW, ())


def test_that_quoted_mail_never_counts() -> None:
    churn = churn_of("Sounds fine to me.\n\nOn 8 Apr 2026, Tarn & Tor wrote:\n> do you want to cancel your membership?")

    assert churn.evidence == ()


def test_that_deciding_to_stay_takes_earlier_words_back() -> None:
    asked, answered = a_message("I'm leaving you for Nordvik."), a_reply("We can pause it for free.", id=71)

    assert churn_in((asked, answered, a_message("Which days?", id=72))).band is Band.RAISED
    assert churn_in((asked, answered, a_message("Great, then I'm staying.", id=72))).band is Band.LOW


def test_that_history_is_told_but_raises_no_alarm_alone() -> None:
    history = tuple(
        a_ticket(20 + days, created_at=NOON - timedelta(days=days), csat=Csat.BAD) for days in (3, 9, 20, 25)
    )
    organization = an_organization(health="At risk", renewal_at=NOON + timedelta(days=12))
    churn = churn_of(
        "Where is my parcel?",
        history=history,
        customer=a_customer(organization=organization),
        ticket={"reopens": 2},
    )

    assert churn.band is Band.LOW
    assert [evidence.meaning for evidence in churn.evidence] == [
        "rated support as bad 4 times lately",
        "Fellside Scout District is marked “At risk”",
        "5 contacts in 30 days",
        "this ticket was reopened twice",
        "Fellside Scout District renews in 12 days",
    ]
    assert all(evidence.quote == "" for evidence in churn.evidence)


def test_that_history_turns_a_threat_into_an_alarm() -> None:
    history = tuple(a_ticket(20 + n, created_at=NOON - timedelta(days=n), csat=Csat.BAD) for n in range(5))

    assert churn_of("If this isn't fixed I'll buy elsewhere.").band is Band.LOW
    assert churn_of("If this isn't fixed I'll buy elsewhere.", history=history).band is Band.RAISED


def test_that_waiting_for_days_is_part_of_the_history() -> None:
    late = churn_in((a_message("Where is it?", created_at=NOON - timedelta(days=5)),))

    assert [evidence.meaning for evidence in late.evidence] == ["has been waiting for an answer for 5 days"]


def test_that_nothing_known_is_said_to_be_unknown() -> None:
    assert churn_in((a_reply("Hello, this is about your order."),)) == ChurnSignal(Band.UNKNOWN, ())
