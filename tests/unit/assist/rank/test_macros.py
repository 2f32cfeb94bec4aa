"""Which macro, or none: on a small shop whose texts are told apart by their words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.rank.head import fit_head, log_softmax
from assist.rank.macros import MAX_EXAMPLES, Example, MacroMatcher, Weights
from assist.rank.spelling import SpellingIndex
from tests.helpers.encoders import HashingEncoder

ENCODER = HashingEncoder()
SHOP = {
    "refund": ["where is my refund", "refund not here", "i want a refund", "when do i get my refund"],
    "sizes": ["which size fits me", "boot size chart", "size too small", "do boots come in half sizes"],
    "delivery": ["track my parcel", "parcel is late", "when does my parcel come", "parcel lost"],
    "warranty": ["is there a warranty", "warranty claim", "pole broke warranty", "how long is the warranty"],
}


def examples(shop=None) -> list[Example[str]]:
    shop = SHOP if shop is None else shop
    return [Example(text, macro, ENCODER.encode([text])[0]) for macro, texts in shop.items() for text in texts]


def ask(matcher: MacroMatcher[str], text: str):
    return matcher.match(text, ENCODER.encode([text])[0])


@pytest.fixture(scope="module")
def matcher() -> MacroMatcher[str]:
    return MacroMatcher(examples())


@pytest.mark.parametrize(
    ("text", "macro"),
    [
        ("my refund please, where is it", "refund"),
        ("parcel late again", "delivery"),
        ("warranty for my tent", "warranty"),
        ("size chart", "sizes"),
    ],
)
def test_that_a_message_gets_the_macro_whose_examples_it_is_like(matcher, text, macro):
    verdict = ask(matcher, text)

    assert (verdict.best, verdict.chosen) == (macro, macro)
    assert verdict.in_scope > 0.6


@pytest.mark.parametrize("text", ["560034", "asdf", "ok", "do you like cricket", "🙏", ""])
def test_that_chat_and_other_matters_get_none(matcher, text):
    verdict = ask(matcher, text)

    assert verdict.chosen is None
    assert verdict.in_scope < 0.3


def test_that_a_misspelt_word_still_finds_its_macro(matcher):
    assert ask(matcher, "waranty clame").best == "warranty"
    assert ENCODER.encode(["waranty clame"])[0] @ ENCODER.encode(["warranty claim"])[0] == 0


def test_that_a_title_speaks_for_its_macro_without_counting_as_an_example():
    title = Example("gift card", "warranty", ENCODER.encode(["gift card"])[0], is_title=True)

    matcher = MacroMatcher([*examples(), title])

    assert ask(matcher, "gift card").best == "warranty"
    assert matcher.sizes == dict.fromkeys(SHOP, 4)
    assert (matcher.inside, matcher.outside) == (MacroMatcher(examples()).inside, MacroMatcher(examples()).outside)


def test_that_an_account_is_measured_by_its_own_examples():
    # Two pairs: within each the cosine is .6, across it is 0; five examples' worth of the usual is mixed in.
    rows = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1], [0, 0, 1]], dtype=np.float32)
    found = [Example(f"text {n}", "ab"[n // 2], row) for n, row in enumerate(rows)]

    matcher = MacroMatcher(found, weights=Weights((1, 1, 1, 1), (0,) * 7, inside=0.5, outside=0.2))

    assert matcher.inside == pytest.approx((0.6 + 0.6 + 1 + 1 + 5 * 0.5) / 9)
    assert matcher.outside == pytest.approx((0 + 5 * 0.2) / 9)


def test_that_the_measures_are_what_they_say():
    rows = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    matcher = MacroMatcher([Example(f"e{n}", macro, rows[n]) for n, macro in enumerate("aab")])

    measures = matcher.measures("nothing alike", np.array([1, 0], dtype=np.float32))
    evidence = matcher.evidence(measures, 0)

    two, centre, spelling, head = measures.table.T
    assert measures.nearest == pytest.approx([1.0, 0.0])
    assert two == pytest.approx([0.9, 0.0])
    assert centre == pytest.approx([0.9 / np.hypot(0.9, 0.3), 0.0], abs=1e-6)
    assert spelling == pytest.approx([0, 0])
    assert np.exp(head).sum() == pytest.approx(1.0)
    assert evidence[-2] == pytest.approx(1.0)
    assert evidence[-1] == pytest.approx(1.0 - (matcher.inside + matcher.outside) / 2)


def test_that_the_same_text_twice_counts_once_and_a_macro_keeps_so_many():
    again = {"refund": ["Where is my refund", "where is  my refund"], "many": [f"text {n}" for n in range(150)]}

    assert MacroMatcher(examples(again)).sizes == {"refund": 1, "many": MAX_EXAMPLES}


def test_that_there_must_be_an_example():
    with pytest.raises(ValueError, match="at least one example"):
        MacroMatcher([])


texts = st.text(max_size=60)


@settings(max_examples=40)
@given(
    shop=st.dictionaries(st.text(max_size=5), st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=5),
    text=texts,
)
def test_that_chances_are_chances_whatever_people_write(shop, text):
    verdict = ask(MacroMatcher(examples(shop)), text)

    assert 0.0 <= verdict.in_scope <= 1.0
    assert sum(verdict.shares.values()) == pytest.approx(1.0)
    assert set(verdict.shares) == set(shop)


@settings(max_examples=20)
@given(order=st.permutations(examples()))
def test_that_the_order_of_examples_changes_nothing(order):
    one, other = ask(MacroMatcher(examples()), "parcel size"), ask(MacroMatcher(order), "parcel size")

    assert other.in_scope == pytest.approx(one.in_scope, abs=1e-4)
    assert dict(other.shares) == pytest.approx(dict(one.shares), abs=1e-4)


def test_that_texts_written_alike_are_near_and_others_are_not():
    index = SpellingIndex(["Reschedule a lesson", "price list", ""])

    same, other, empty = index.similarities("reschedule a LESSON")
    misspelt = index.similarities("resheduel lesson")

    assert (same, other, empty) == (pytest.approx(1.0), pytest.approx(0.0, abs=0.05), 0.0)
    assert 0.3 < misspelt[0] < 0.9
    assert index.similarities("???").tolist() == [0, 0, 0]


def test_that_the_classifier_tells_classes_apart_that_can_be():
    chance = np.random.default_rng(3)
    centres = np.eye(20)[:4]
    labels = np.repeat(np.arange(4), 25)
    rows = centres[labels] + 0.2 * chance.normal(size=(100, 20))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    weights = fit_head(rows, labels, 4)
    shares = np.exp(log_softmax(np.column_stack([rows, np.ones(100)]) @ weights))

    assert weights.shape == (21, 4)
    assert (shares.argmax(axis=1) == labels).mean() == 1.0
    assert shares[np.arange(100), labels].mean() > 0.7
