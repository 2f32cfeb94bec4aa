from __future__ import annotations

import math

import numpy as np
import pytest

from assist.evaluate.macros import NONE, evaluate, matthews, nearest_example, readable
from assist.evaluate.rows import BadRow, Row
from tests.helpers.encoders import HashingEncoder


def rows(*values: dict) -> list[Row]:
    return [Row(f"line {number}", value) for number, value in enumerate(values, 1)]


def an_example(text: str, macro: object) -> dict:
    return {"type": "example", "text": text, "macro": macro}


def a_message(text: str, macro: object, id_: str = "m") -> dict:
    return {"type": "message", "id": id_, "text": text, "macro": macro}


SHOP = [
    an_example(f"{start} {word}", name)
    for name, word in (("REFUND_STATUS", "refund"), ("SIZE", "size"), ("PARCEL", "parcel"))
    for start in ("where is my", "question about the", "i need the")
]


def test_that_with_two_labels_the_correlation_is_that_of_matthews():
    gold, found = np.array([1, 1, 1, 0, 0, 0, 0, 0]), np.array([1, 1, 0, 1, 0, 0, 0, 0])
    tp, tn, fp, fn = 2, 4, 1, 1

    expected = (tp * tn - fp * fn) / math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))

    assert matthews(gold, found) == pytest.approx(expected)


def test_that_the_correlation_is_one_when_all_is_right_and_nothing_when_all_get_the_same():
    gold = np.array([0, 1, 2, NONE, NONE])

    assert matthews(gold, gold) == pytest.approx(1.0)
    assert matthews(gold, np.full(5, NONE)) == 0.0


def test_that_figures_and_cases_say_what_was_chosen():
    data = rows(
        *SHOP,
        a_message("where is my refund please", "REFUND_STATUS", "m1"),
        a_message("which size", "SIZE", "m2"),
        a_message("560034", None, "m3"),
        a_message("asdf", "PARCEL", "m4"),
    )

    report = evaluate(data, encoder=HashingEncoder())

    assert report.size == "4 messages, 1 of them for none; 9 examples of 3 macros"
    assert [(case["id"], case["gold"], case["chosen"]) for case in report.cases] == [
        ("m1", "REFUND_STATUS", "REFUND_STATUS"),
        ("m2", "SIZE", "SIZE"),
        ("m3", None, None),
        ("m4", "PARCEL", None),
    ]
    values = {name: figure.value for name, figure in report.figures.items()}
    assert values["accuracy"] == 0.75
    assert values["accuracy in scope"] == pytest.approx(2 / 3)
    assert values["recall of none"] == 1.0
    assert values["MCC"] == pytest.approx(matthews(np.array([0, 1, -1, 2]), np.array([0, 1, -1, -1])))
    assert list(values) == ["MCC", "accuracy", "accuracy in scope", "recall of none", "MCC nearest"]


def test_that_what_the_messages_are_labelled_with_teaches_nothing():
    unknown = rows(*SHOP, a_message("hovercraft eels", "HOVERCRAFT_EELS"))

    (case,) = evaluate(unknown, encoder=HashingEncoder()).cases

    assert (case["gold"], case["chosen"]) == ("HOVERCRAFT_EELS", None)


def test_that_a_macro_without_examples_is_known_by_its_title():
    given = {"type": "macro", "id": 17, "title": "hovercraft full of eels", "body": "My …"}
    data = rows(*SHOP, given, a_message("hovercraft full of eels", 17))

    (case,) = evaluate(data, encoder=HashingEncoder()).cases

    assert (case["gold"], case["nearest"]) == ("17", "17")


def test_that_the_threshold_of_the_baseline_comes_from_the_examples():
    examples = np.repeat(np.eye(10, dtype=np.float32), 3, axis=0)
    labels = np.repeat(np.arange(10), 3)
    halfway = np.full((1, 10), np.sqrt(0.1), dtype=np.float32)

    found = nearest_example(examples, labels, np.concatenate([examples[:1], halfway]))

    # Examples of the same macro are alike (1) and others are not (0): any threshold between is as good.
    assert found[0] == 0
    assert nearest_example(examples, labels, -examples[:1]).tolist() == [NONE]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("100_NIGHT_TRIAL_OFFER", "100 night trial offer"),
        ("EMI", "emi"),
        ("360012", ""),
        ("a-1", ""),
        ("größe.ändern", "größe ändern"),
    ],
)
def test_that_a_label_is_a_title_where_it_can_be_read(label, words):
    assert readable(label) == words


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ([a_message("hi", None)], "no line has the type example"),
        ([{"type": "macros"}], "line 1: type must be macro, example or message, not 'macros'"),
        ([{"type": "example", "text": "hi"}], "line 1: macro is missing"),
        ([{"type": "example", "text": 5, "macro": "A"}], "line 1: text must be a text, not a whole number"),
    ],
)
def test_that_a_line_that_cannot_be_used_is_named(bad, complaint):
    with pytest.raises(BadRow, match=complaint):
        evaluate(rows(*bad), encoder=HashingEncoder())
