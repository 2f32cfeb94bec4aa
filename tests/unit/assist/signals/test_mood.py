from __future__ import annotations

import pytest

from assist.context import build_context
from assist.domain import Mood
from assist.signals.mood import assess, current
from tests.helpers.builders import a_message, a_reply, an_open_ticket


def moods(*texts: str) -> tuple[Mood, ...]:
    messages = tuple(a_message(text, id=70 + number) for number, text in enumerate(texts))
    return assess(build_context(an_open_ticket(messages=messages)))


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("This is outrageous, I am furious.", Mood.ANGRY),
        ("WHERE IS MY MONEY YOU HAD IT FOR WEEKS", Mood.ANGRY),
        ("Das ist eine Unverschämtheit, mir reicht's!", Mood.ANGRY),
        ("C'est inadmissible !", Mood.ANGRY),
        ("I'm disappointed that nobody replied.", Mood.UNHAPPY),
        ("Ich bin enttäuscht von der Qualität.", Mood.UNHAPPY),
        ("Still nothing 😞", Mood.UNHAPPY),
        ("The app crashes with a fatal error when I use the kill switch.", Mood.NEUTRAL),
        ("Please send the DHL label as PDF for the BRAE GTX via USB.", Mood.NEUTRAL),
        ("Order TT-204518, Brae GTX, size 43. Is the sole stitched?", Mood.NEUTRAL),
        ("Wann kommt mein Paket an?", Mood.NEUTRAL),
        ("I am not angry, I only want to know.", Mood.NEUTRAL),
        ("Thanks in advance for your reply.", Mood.NEUTRAL),
        ("No thanks.", Mood.NEUTRAL),
        ("Thank you, that helps.", Mood.CONTENT),
        ("Vielen Dank, das hat geholfen.", Mood.CONTENT),
        ("thank you!! you're a star 🌟", Mood.HAPPY),
        ("Wunderbar, vielen Dank, ihr seid die Besten!!! 😀", Mood.HAPPY),
    ],
)
def test_that_words_capitals_marks_and_emoji_tell_the_mood(text: str, mood: Mood) -> None:
    assert moods(text) == (mood,)


def test_that_every_public_message_of_the_customer_has_a_mood_oldest_first() -> None:
    opened = an_open_ticket(
        messages=(
            a_message("I am furious about this."),
            a_reply("I am furious too."),
            a_message("Thank you so much, you're a star!", id=72),
            a_message("furious", id=73, public=False),
        )
    )

    assert assess(build_context(opened)) == (Mood.ANGRY, Mood.HAPPY)


@pytest.mark.parametrize(
    ("past", "now"),
    [
        ((), Mood.NEUTRAL),
        ((Mood.ANGRY,), Mood.ANGRY),
        ((Mood.HAPPY, Mood.ANGRY), Mood.ANGRY),
        ((Mood.ANGRY, Mood.CONTENT), Mood.CONTENT),
        ((Mood.ANGRY, Mood.NEUTRAL), Mood.UNHAPPY),
        ((Mood.UNHAPPY, Mood.NEUTRAL), Mood.UNHAPPY),
        ((Mood.HAPPY, Mood.NEUTRAL), Mood.NEUTRAL),
        ((Mood.ANGRY, Mood.NEUTRAL, Mood.NEUTRAL), Mood.NEUTRAL),
    ],
)
def test_that_anger_fades_over_a_message_that_says_nothing(past: tuple[Mood, ...], now: Mood) -> None:
    assert current(past) is now
