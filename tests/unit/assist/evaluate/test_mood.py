from __future__ import annotations

import pytest

from assist.evaluate.mood import evaluate
from assist.evaluate.rows import BadRow, Row

SAID = (
    ("You are liars and thieves!", -2, "en"),
    ("Unfortunately the lamp is broken again, I am disappointed.", -1, "en"),
    ("Which size is the cable?", 0, "en"),
    ("Thank you, that fixed it.", 1, "en"),
    ("I love it, you are absolutely amazing!!!", 2, "en"),
)


def rows(*cases: dict) -> list[Row]:
    return [Row(f"line {number}", case) for number, case in enumerate(cases, 1)]


def test_that_right_levels_score_one_and_raise_no_false_anger():
    report = evaluate(rows(*({"text": text, "level": level, "language": lang} for text, level, lang in SAID)))

    assert {name: round(figure.value, 3) for name, figure in report.figures.items()} == {
        "accuracy": 1.0,
        "within one level": 1.0,
        "macro F1": 1.0,
        "mean absolute error": 0.0,
        "anger precision": 1.0,
        "anger recall": 1.0,
        "false anger per 100": 0.0,
    }


def test_that_each_figure_counts_what_its_name_says():
    """Anger found twice, once rightly: one angry message is missed by two levels, one calm one is called angry."""
    cases = (
        ("You are liars and thieves!", -2),
        ("You are liars and thieves!", 0),
        ("Which size is the cable?", -2),
        ("Which size is the cable?", 0),
    )
    report = evaluate(rows(*({"text": text, "level": level} for text, level in cases)), by_words=True)

    found = {name: round(figure.value, 3) for name, figure in report.figures.items()}
    assert found["accuracy"] == 0.5
    assert found["mean absolute error"] == 1.0
    assert found["within one level"] == 0.5
    assert (found["anger precision"], found["anger recall"], found["false anger per 100"]) == (0.5, 0.5, 50.0)
    assert found["macro F1"] == 0.5


def test_that_a_mood_may_be_named_by_its_word():
    report = evaluate(rows({"text": "Which size is the cable?", "label": "neutral"}), by_words=True)

    assert report.figures["accuracy"].value == 1.0
    assert report.cases[0]["level"] == 0


def test_that_the_wish_for_a_person_and_urgency_are_measured_where_they_are_labelled():
    said = rows(
        {"text": "Let me speak to a human.", "level": 0, "wants_human": True, "urgent": False},
        {"text": "I need this asap.", "level": 0, "wants_human": True, "urgent": True},
        {"text": "Which size is the cable?", "level": 0},
    )
    figures = evaluate(said, by_words=True).figures

    assert figures["wish for a person recall"].value == 0.5
    assert figures["wish for a person precision"].value == 1.0
    assert (figures["urgency precision"].value, figures["urgency recall"].value) == (1.0, 1.0)


def test_that_languages_with_enough_rows_get_their_own_figures():
    english = [{"text": "Which size is the cable?", "level": 0, "language": "en"}] * 10
    german = [{"text": "Ihr seid Betrüger!", "level": -2, "language": "de"}] * 10
    few = [{"text": "C'est une honte !", "level": -2, "language": "fr"}] * 9
    figures = evaluate(rows(*english, *german, *few), by_words=True).figures

    assert (figures["accuracy en"].value, figures["accuracy de"].value) == (1.0, 1.0)
    assert "accuracy fr" not in figures


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        ({"text": "x", "level": 3}, "line 1: level must be from -2 to 2, not 3"),
        ({"text": "x"}, "line 1: level is missing"),
        ({"level": 1}, "line 1: text is missing"),
        (
            {"text": "x", "label": "cross"},
            "line 1: label must be one of angry, unhappy, neutral, content, happy, not 'cross'",
        ),
        ({"text": "x", "level": 0, "urgent": "yes"}, "line 1: urgent must be a boolean, not a text"),
    ],
)
def test_that_a_row_that_cannot_be_used_is_named(case, complaint):
    with pytest.raises(BadRow) as caught:
        evaluate(rows(case))

    assert str(caught.value) == complaint
