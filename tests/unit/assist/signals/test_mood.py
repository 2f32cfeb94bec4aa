from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from assist.context import build_context
from assist.domain import Mood, Trend
from assist.errors import ModelError
from assist.signals import mood as mood_module
from assist.signals.mood import assess, current, trend, turned_angry
from assist.signals.tone import likeliest
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


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("You treat people like dirt, I have had enough of your lies.", Mood.ANGRY),
        ("Ihr seid unfähig und frech!", Mood.ANGRY),
        ("Bande de voleurs, c'est scandaleux !", Mood.ANGRY),
        ("¡Son unos sinvergüenzas!", Mood.ANGRY),
        ("Voces sao uns incompetentes!", Mood.ANGRY),
        ("Leider ist die Lieferung schon wieder falsch.", Mood.UNHAPPY),
        ("Je suis déçue, il manque une pièce.", Mood.UNHAPPY),
        ("Gracias, ya funciona.", Mood.CONTENT),
        ("Adorei, vocês são maravilhosos!!!", Mood.HAPPY),
        ("¿Cómo mato un proceso en el servidor?", Mood.NEUTRAL),
        ("Der tote Pixel ist links unten, und der Not-Aus-Schalter klemmt.", Mood.NEUTRAL),
        ("Vielen Dank im Voraus und freundliche Grüße", Mood.NEUTRAL),
    ],
)
def test_that_five_languages_product_words_and_formulas_are_read_alike(text: str, mood: Mood) -> None:
    assert moods(text) == (mood,)


A, U, N, C, H = Mood.ANGRY, Mood.UNHAPPY, Mood.NEUTRAL, Mood.CONTENT, Mood.HAPPY


@pytest.mark.parametrize(
    ("past", "going"),
    [
        ((), Trend.UNKNOWN),
        ((A,), Trend.UNKNOWN),
        ((N, A), Trend.FALLING),
        ((C, N), Trend.FALLING),
        ((A, A, C), Trend.RISING),
        ((N, N, N), Trend.STEADY),
        ((N, C, N), Trend.STEADY),
        ((H, A, A, A, A), Trend.STEADY),
        ((A, N, N, N, U), Trend.FALLING),
    ],
)
def test_that_the_trend_is_the_newest_against_the_few_before(past: tuple[Mood, ...], going: Trend) -> None:
    assert trend(past) is going


@pytest.mark.parametrize(
    ("past", "turned"), [((N, A), True), ((H, N, A), True), ((A,), False), ((U, A), False), ((N, A, A), False)]
)
def test_that_only_a_calm_customer_can_turn_angry(past: tuple[Mood, ...], turned: bool) -> None:
    assert turned_angry(past) is turned


def test_that_anger_needs_more_certainty_where_no_word_of_it_can_be_quoted() -> None:
    shares = np.array([0.5, 0.3, 0.2, 0.0, 0.0], dtype=np.float32)

    assert likeliest(shares, quotable=True) is Mood.ANGRY
    assert likeliest(shares, quotable=False) is Mood.UNHAPPY


@pytest.mark.logs("moods are told by hand-set cues alone")
def test_that_hand_set_cues_go_on_where_the_model_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModelError("gone")

    monkeypatch.setattr("assist.signals.mood.default_tone", missing)
    mood_module.shipped_tone.cache_clear()
    mood_module._felt.cache_clear()
    try:
        assert moods("This is outrageous, I am furious.") == (Mood.ANGRY,)
    finally:
        mood_module.shipped_tone.cache_clear()
        mood_module._felt.cache_clear()


def test_that_a_message_is_judged_in_under_three_milliseconds() -> None:
    text = "Hello, the lamp that I bought in May went dark again last night. " * 4
    took_ms = []
    for number in range(20):
        turn = replace(build_context(an_open_ticket(messages=(a_message(f"{text}{number}"),))).turns[0])
        began = time.process_time()
        mood_module.feeling(turn)
        took_ms.append((time.process_time() - began) * 1000)

    assert min(took_ms) < 3
