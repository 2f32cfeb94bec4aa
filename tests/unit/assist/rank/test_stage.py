from __future__ import annotations

import pytest

from assist.context import build_context
from assist.domain import Mood
from assist.rank.stage import FITS, MISFITS, SOOTHES, Step, Wanted, classify, fitness, wanted
from tests.helpers.builders import a_message, a_reply, a_ticket, an_open_ticket

ASKS = "Which model do you have, and since when does it blink?"
SOLVES = "Please hold the button for ten seconds, then the lamp starts anew."
PARTS = "Goodbye and have a lovely weekend!"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Hello and welcome, my name is Ada. How can I help you?", Step.GREETING),
        ("Guten Morgen, Sie sprechen mit Ada. Wie kann ich Ihnen helfen?", Step.GREETING),
        (ASKS, Step.DIAGNOSIS),
        ("Seit wann blinkt die Lampe, und welches Modell haben Sie?", Step.DIAGNOSIS),
        ("Quel modèle avez-vous, et depuis quand clignote-t-il ?", Step.DIAGNOSIS),
        (SOLVES, Step.SOLUTION),
        ("Mantenga pulsado el botón diez segundos y reinicie la lámpara.", Step.SOLUTION),
        ("One moment please, I'll check that for you.", Step.CONFIRMATION),
        ("Um momento, vou verificar.", Step.CONFIRMATION),
        ("I am very sorry, that should not have happened.", Step.APOLOGY),
        ("Nous sommes désolés pour la gêne occasionnée.", Step.APOLOGY),
        (PARTS, Step.CLOSING),
        ("Auf Wiedersehen und einen schönen Tag!", Step.CLOSING),
    ],
)
def test_that_what_an_agents_text_does_is_told_in_five_languages(text: str, step: Step) -> None:
    assert classify(text) is step


def test_that_salutation_and_farewell_do_not_hide_what_a_reply_does() -> None:
    assert classify(f"Hi Zoe,\n\n{SOLVES}\n\nHave a lovely weekend!") is Step.SOLUTION


def needed(*messages, mood: Mood = Mood.NEUTRAL) -> Wanted:
    return wanted(build_context(an_open_ticket(ticket=a_ticket(subject="Lamp"), messages=messages)), mood)


def test_that_a_short_first_message_wants_a_question_and_a_full_one_does_not() -> None:
    full = "The lamp I bought from you in May blinks red three times and then goes out, every evening."

    assert needed(a_message("lamp is broken")).little
    assert not needed(a_message(full)).little


def test_that_nobody_is_asked_again_who_just_answered_a_question() -> None:
    answered = needed(a_message("lamp is broken"), a_reply(ASKS, id=71), a_message("The 400, since May.", id=72))

    assert Step.DIAGNOSIS not in answered.steps
    assert fitness(ASKS, answered) == MISFITS
    assert fitness(SOLVES, answered) == 0.0


def test_that_a_thank_you_wants_nothing_but_a_farewell() -> None:
    assert needed(a_message("lamp"), a_reply(SOLVES, id=71), a_message("Thank you!", id=72)).steps == {Step.CLOSING}


def test_that_a_farewell_fits_no_open_question_and_a_question_fits_where_little_is_known() -> None:
    little = needed(a_message("lamp is broken"))

    assert fitness(PARTS, little) == MISFITS
    assert fitness(ASKS, little) == FITS


@pytest.mark.parametrize(("mood", "bonus"), [(Mood.ANGRY, SOOTHES), (Mood.UNHAPPY, SOOTHES), (Mood.NEUTRAL, 0.0)])
def test_that_an_upset_customer_is_told_sorry_first(mood: Mood, bonus: float) -> None:
    full = "The lamp I bought from you in May blinks red three times and then goes out, every evening."
    reply = f"I am very sorry, that should not have happened. {SOLVES}"

    assert fitness(reply, needed(a_message(full), mood=mood)) == bonus
