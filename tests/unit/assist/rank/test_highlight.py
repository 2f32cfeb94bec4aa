from __future__ import annotations

import pytest

from assist.rank.highlight import (
    MAX_SENTENCES,
    SHRINK,
    best_sentence,
    candidate_sentences,
    is_pointer,
    readable,
    word_score,
)

TEXT = (
    "That's a fraud. No tax office, bank or support desk takes gift cards. See Contact us.\n"
    "Keep the message. Tell us the number on the card so that we can block it."
)


def read(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


def test_that_short_sentences_are_read_with_the_next_and_links_are_left_out():
    assert read(TEXT, readable(TEXT)) == [
        "That's a fraud. No tax office, bank or support desk takes gift cards.",
        "Keep the message. Tell us the number on the card so that we can block it.",
    ]


def test_that_a_link_is_not_read_with_the_sentence_after_it():
    text = "See the recall. We gladly pause your plan."

    assert read(text, readable(text)) == ["We gladly pause your plan."]


def test_that_a_short_line_does_not_join_the_next_line():
    assert read("Refunds\nThey take five days or less.", readable("Refunds\nThey take five days or less.")) == [
        "They take five days or less."
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "See Snapped tent pole.",
        "More in Return an item.",
        "• Go to Lumen 400 won't charge.",
        "It's all in Skip, pause or cancel the Stove Fuel Plan.",
        "Siehe Rücksendung.",
        "Please send us:",
        "Light | Meaning",
    ],
)
def test_that_links_lead_ins_and_table_heads_only_point(sentence):
    assert is_pointer(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "You see the amount before you confirm.",
        "See whether the pole is bent at the joint or in the middle of the tube before you thread it back.",
        "Damaged on the way | Two photos of the outer box, two of the damage.",
        "A refund takes 5 working days.",
    ],
)
def test_that_sentences_that_say_something_do_not_point(sentence):
    assert not is_pointer(sentence)


def test_that_a_passage_of_links_only_still_has_a_highlight():
    text = "See Return an item."

    assert read(text, candidate_sentences(text, {"return": 1.0}, language="en")) == [text]


def test_that_only_the_most_telling_sentences_are_candidates_in_reading_order():
    text = " ".join(f"Sentence number {word} is of no use here." for word in "abcdefgh") + " A tent pole can be mended."
    spans = candidate_sentences(text, {"pole": 2.0, "mend": 1.0}, language="en")

    assert len(spans) == MAX_SENTENCES
    assert spans == sorted(spans)
    assert read(text, spans)[-1] == "A tent pole can be mended."


def test_that_words_are_compared_by_their_stem_and_weighed():
    weights = {"cancel": 2.0, "membership": 1.0, "kayak": 1.0}

    assert word_score("Cancelling memberships is easy.", weights, language="en") == pytest.approx(3 / (4 + SHRINK))
    assert word_score("Nothing of it.", weights, language="en") == 0.0
    assert word_score("Cancel", {}, language="en") == 0.0


def test_that_one_shared_word_of_a_short_question_is_no_proof():
    assert word_score("photo", {"photo": 0.5}, language="en") == pytest.approx(0.2)


def test_that_meaning_decides_between_sentences_that_share_no_word():
    text = "Poles are made of aluminium. Refunds take five days."
    spans = [(0, 28), (29, 52)]

    assert best_sentence(text, spans, {"money": 1.0}, language="en", cosines=[0.1, 0.6]) == (29, 52)
    assert best_sentence(text, spans, {"money": 1.0}, language="en") == (0, 28)
    assert best_sentence(text, spans, {"refund": 1.0}, language="en") == (29, 52)
