"""Figures over cases and what a comparison of two judges says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import statistics as under_test
from tests.bench.figures import TASKS, NotComparable, aligned, columns, groups
from tests.bench.marked import put_block
from tests.bench.statistics import compare, interval, matthews, recall_at, resampled


def ranks(*values: int) -> dict[str, np.ndarray]:
    return {"rank": np.array(values)}


def judged(gold: list[int], predicted: list[int]) -> dict[str, np.ndarray]:
    return {"gold": np.array(gold), "predicted": np.array(predicted)}


def test_that_a_rank_of_nothing_is_found_nowhere():
    assert recall_at(1)(ranks(1, 2, 0, 1)) == 0.5
    assert recall_at(5)(ranks(1, 2, 0, 6)) == 0.5
    assert under_test.reciprocal_rank(ranks(1, 2, 0, 11)) == pytest.approx(0.375)


def test_that_the_matthews_correlation_is_the_formula_of_two_classes():
    gold, found = np.array([1, 1, 1, 0, 0, 0, 0, 1]), np.array([1, 1, 0, 0, 0, 1, 0, 1])
    tp, tn, fp, fn = 3, 3, 1, 1
    by_hand = (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    assert matthews(gold, found) == pytest.approx(by_hand)


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=30).filter(lambda names: len(set(names)) > 1))
def test_that_the_matthews_correlation_of_the_truth_is_one_and_of_one_word_nothing(names: list[str]):
    gold = np.array(names)
    assert matthews(gold, gold) == pytest.approx(1.0)
    assert matthews(gold, np.full(len(gold), "a")) == 0.0


def test_that_f1_precision_and_recall_are_of_the_named_class():
    columns_ = judged([1, 1, 1, 0, 0], [1, 1, 0, 1, 0])
    assert under_test.f1_of(1)(columns_) == pytest.approx(2 / 3)
    assert under_test.precision_of(1)(columns_) == pytest.approx(2 / 3)
    assert under_test.recall_of(0)(columns_) == pytest.approx(1 / 2)


def test_that_classes_count_the_same_in_macro_f1():
    assert under_test.macro_f1(judged([0, 0, 0, 1], [0, 0, 0, 0])) == pytest.approx((6 / 7 + 0) / 2)


def test_that_a_tie_counts_half_in_the_area_under_the_curve():
    columns_ = {"gold": np.array([1, 1, 0, 0]), "probability": np.array([0.9, 0.5, 0.5, 0.1])}
    assert under_test.area(columns_) == pytest.approx(3.5 / 4)


def test_that_rows_of_a_group_are_drawn_together():
    for drawn in resampled(4, ["a", "b", "a", "b"])[:50]:
        assert (drawn == 0).sum() == (drawn == 2).sum()
        assert (drawn == 1).sum() == (drawn == 3).sum()


def test_that_a_judge_is_even_with_itself_without_any_doubt():
    own = ranks(*[1, 0, 2, 5] * 10)
    cell = compare(own, own, recall_at(1), resampled(40))
    assert (cell.ratio.value, cell.ratio.low, cell.ratio.high, cell.verdict) == (1.0, 1.0, 1.0, "even")


def test_that_being_right_twice_as_often_is_won_and_the_other_way_lost():
    good, poor = ranks(*[1] * 40 + [0] * 10), ranks(*[1] * 20 + [0] * 30)
    assert compare(good, poor, recall_at(1), resampled(50)).ratio.value == 2.0
    assert compare(good, poor, recall_at(1), resampled(50)).verdict == "win"
    assert compare(poor, good, recall_at(1), resampled(50)).verdict == "loss"


def test_that_a_smaller_time_is_the_better_one():
    ours, theirs = {"ms": np.full(20, 5.0)}, {"ms": np.full(20, 15.0)}
    cell = compare(ours, theirs, lambda times: float(np.median(times["ms"])), resampled(20), less=True)
    assert (cell.ours.value, cell.theirs.value, cell.ratio.value, cell.verdict) == (5.0, 15.0, 3.0, "win")


def test_that_an_interval_holds_its_figure_and_narrows_with_the_cases():
    few, many = ranks(*[1, 0] * 10), ranks(*[1, 0] * 500)
    wide = interval(few, recall_at(1), resampled(20))
    narrow = interval(many, recall_at(1), resampled(1_000))
    assert wide.low < wide.value == narrow.value == 0.5 < wide.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 3


def test_that_macros_are_compared_by_name_and_none_is_a_class():
    made = columns("macros", [{"gold": "EMI", "chosen": None}, {"gold": None, "chosen": None}])
    assert made["gold"].tolist() == ["EMI", ""]
    assert made["predicted"].tolist() == ["", ""]
    in_scope = next(told for told in TASKS["macros"] if told.name == "accuracy in scope")
    assert in_scope.statistic(made) == 0.0


def test_that_cases_without_what_a_figure_needs_are_not_compared():
    with pytest.raises(NotComparable, match="rank"):
        columns("retrieval", [{"id": "q1"}])


def test_that_cases_are_set_side_by_side_by_their_knowledge_base_and_id():
    ours = [{"kb": "a", "id": "1"}, {"kb": "b", "id": "1"}]
    theirs = [{"kb": "b", "id": "1", "rank": 2}, {"kb": "a", "id": "1", "rank": 1}]
    assert [case["rank"] for case in aligned("retrieval", ours, theirs)] == [1, 2]
    with pytest.raises(NotComparable):
        aligned("retrieval", ours, theirs[:1])
    with pytest.raises(NotComparable):
        aligned("mood", [{"level": 0}], [])


def test_that_the_same_text_about_two_brands_is_drawn_together():
    assert groups("churn", [{"text": "bye"}, {"text": "bye"}]) == ["bye", "bye"]
    assert groups("mood", [{"level": 1}]) is None


def test_that_a_block_is_put_in_once_and_exchanged_after(tmp_path):
    file = tmp_path / "page.md"
    file.write_text("# Figures\n", encoding="utf-8")
    put_block(file, "speed", "old")
    with file.open("a", encoding="utf-8") as page:
        page.write("after\n")
    put_block(file, "speed", "new")
    text = file.read_text(encoding="utf-8")
    assert text == "# Figures\n\n<!-- speed begins -->\nnew\n<!-- speed ends -->\nafter\n"


def test_that_our_own_log_odds_of_leaving_are_set_beside_a_peers_chances():
    ours = [{"text": "bye", "label": 1, "shipped": -1.0, "learned": 0.4, "alert": False}]
    theirs = [{"text": "bye", "label": 1, "predicted": 0, "probability": 0.4}]
    made = columns("churn", ours), columns("churn", theirs)
    assert [{name: values.tolist() for name, values in one.items()} for one in made] == [
        {"gold": [1], "predicted": [1], "probability": [0.4]},
        {"gold": [1], "predicted": [0], "probability": [0.4]},
    ]
