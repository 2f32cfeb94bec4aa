from __future__ import annotations

import pytest

from assist.evaluate.churn import evaluate
from assist.evaluate.rows import BadRow, Row


def rows(*cases: tuple[str, str, int]) -> list[Row]:
    return [
        Row(f"line {n}", {"text": text, "target": target, "label": label})
        for n, (text, target, label) in enumerate(cases, 1)
    ]


CASES = rows(
    ("I want to switch from Velo to Nordtel", "Velo", 1),
    ("I want to switch from Velo to Nordtel", "Nordtel", 0),
    ("I am leaving Velo", "Velo", 1),
    ("please terminate my contract", "no_brand", 1),
    ("when does the shop open", "", 0),
    ("Velo is the best", "Velo", 0),
)


def test_that_plain_cases_are_judged_by_their_target() -> None:
    report = evaluate(CASES)

    assert report.size == "6 texts, 3 leaving"
    assert report.figures["shipped F1"].value == 1.0
    assert report.figures["shipped AUC"].value == 1.0
    assert "3 folds F1" not in report.figures
    assert [case["shipped"] > 0 for case in report.cases] == [True, False, True, True, False, False]


def test_that_folds_learn_a_houses_own_words() -> None:
    own = [
        row
        for number in range(12)
        for row in rows((f"blarney stone {number}", "Velo", 1), (f"quiet pint {number}", "Velo", 0))
    ]
    report = evaluate(own, folds=4)

    assert report.figures["shipped F1"].value < 1.0
    assert report.figures["4 folds F1"].value == 1.0


def test_that_rows_of_a_text_are_never_learned_from_and_judged_in_one_fold() -> None:
    same = rows(("zorb", "Velo", 1), ("zorb", "Talvi", 1), ("flim", "Velo", 0), ("flim", "Talvi", 0))
    report = evaluate(same, folds=2)

    assert report.figures["2 folds AUC"].value <= 0.5


@pytest.mark.parametrize("folds", [1, 7, -1])
def test_that_folds_that_cannot_be_made_are_refused(folds: int) -> None:
    with pytest.raises(BadRow, match="folds must be 0, or from 2"):
        evaluate(CASES, folds=folds)


def test_that_a_row_without_a_label_is_named() -> None:
    with pytest.raises(BadRow, match="line 1: label is missing"):
        evaluate([Row("line 1", {"text": "I am leaving"})])
