from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.signals.phrases import MAX_QUOTE_CHARS, PhraseError, PhraseIndex, compile_phrases, excerpt, sentence, spoken


def holds(phrase: str, text: str, **lists: list[str]) -> bool:
    return PhraseIndex([compile_phrases([phrase], lists=lists)]).holds(sentence(text, message_id=1))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("lawyer", "My LAWYER, will write."),
        ("cancel*", "I was cancelling it"),
        ("my|our lawyer", "ask our lawyer"),
        ("sue .. you", "sue every single one of you"),
        ("cancel .. club", "cancel club"),
        ("not really? happy", "not happy"),
        ("not really? happy", "not really, happy"),
        ("don't know", "I don’t know"),
        ("at_home|away now", "I am at home now"),
        ("end my <plan>", "End my Fuel Plan"),
        ("to <Name>", "over to Nordvik"),
        ("a&e", "I was in A&E"),
    ],
)
def test_that_a_phrase_finds_what_it_describes(phrase: str, text: str) -> None:
    assert holds(phrase, text, plan=["fuel plan", "club"])


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("lawyer", "my lawyers"),
        ("sue", "an issue"),
        ("my|our lawyer", "their lawyer"),
        ("sue .. you", "sue one two three four five you"),
        ("to <Name>", "over to somebody"),
        ("to <Name>", "changed to XL"),
        ("to <Name>", "switch to Lathe 3"),
    ],
)
def test_that_a_phrase_leaves_alone_what_only_resembles_it(phrase: str, text: str) -> None:
    assert not holds(phrase, text)


def test_that_an_unknown_list_and_an_empty_phrase_are_refused_by_name() -> None:
    with pytest.raises(PhraseError, match="<plans>"):
        compile_phrases(["end <plans>"], lists={"plan": ["club"]})
    with pytest.raises(PhraseError, match="holds no word"):
        compile_phrases([" .. "])


def test_that_a_phrase_with_an_empty_list_matches_nothing() -> None:
    assert compile_phrases(["to <rival>"], lists={"rival": []}) == ()


def test_that_a_wrapped_line_is_read_as_one_sentence_and_a_list_is_not() -> None:
    said = spoken("I want to cancel my\nmembership now. Thanks\n- one\n- two", message_id=7)

    assert [one.quote for one in said] == ["I want to cancel my membership now.", "Thanks", "- one", "- two"]


@given(st.text(max_size=300))
def test_that_every_sentence_stands_in_the_text_apart_from_wrapped_lines(text: str) -> None:
    assert all(one.quote in text.replace("\n", " ") or one.quote in text for one in spoken(text, message_id=1))


@given(st.lists(st.text("ab .!", min_size=1, max_size=30), max_size=60).map(" ".join), st.data())
def test_that_a_long_quote_is_cut_around_what_matters(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))

    quote = excerpt(text, start, end)

    assert quote in text
    assert text[start:end] in quote
    assert len(quote) <= MAX_QUOTE_CHARS


def test_that_a_hostile_text_costs_no_more_than_its_length() -> None:
    phrases = compile_phrases(["a .. b .. c .. d", "ab* .. ab* .. ab* .. nothing"])
    text = "ab " * 20_000
    began = time.process_time()

    found = [PhraseIndex([phrases]).holds(one) for one in spoken(text, message_id=1)]

    assert not any(found)
    assert time.process_time() - began < 20.0
