"""The door for replies: its format, and a small desk whose right outcome is known."""

from __future__ import annotations

import json

import pytest

from assist.evaluate.replies import evaluate, read_talks
from assist.evaluate.rows import BadRow, read_rows
from tests.helpers.encoders import HashingEncoder
from tests.unit.assist.rank.experience.test_model import GOODBYE, HELLO, QUESTIONS, TOPICS


def rows(*values: dict) -> list:
    return list(read_rows("\n".join(json.dumps(value) for value in values), where="data"))


def a_talk(number: int, **more: object) -> dict:
    topic = list(TOPICS)[number % len(TOPICS)]
    turns = [
        {"role": "customer", "text": f"hi number {number}"},
        {"role": "agent", "text": HELLO["anna"]},
        {"role": "customer", "text": QUESTIONS[topic]},
        {"role": "customer", "text": "please help"},
        {"role": "agent", "text": TOPICS[topic]},
        {"role": "customer", "text": "great that was all thanks"},
        {"role": "agent", "text": GOODBYE},
    ]
    return {"type": "conversation", "id": f"c{number}", "client": "shop", "turns": turns, **more}


def test_that_a_desk_that_repeats_itself_is_foreseen():
    report = evaluate(rows(*(a_talk(number) for number in range(36))), encoder=HashingEncoder())

    assert report.figures["A R@1"].value == 1.0
    assert report.figures["B usable@3"].value == 1.0
    assert report.figures["B ceiling@50"].value == 1.0
    assert len(report.cases) == 36
    # Which conversations are tested hangs on a hash; the same reply of another conversation is no alternative.
    assert all(20 <= case["among"] < 36 for case in report.cases)
    assert report.notes == ("36 replies were ranked among fewer than 100: the file holds too few.",)
    assert report.size == "36 conversations of 1 clients, 72 past replies, 36 to find"


def test_that_figures_are_named_for_the_part_and_the_way():
    names = set(evaluate(rows(*(a_talk(number) for number in range(6))), encoder=HashingEncoder()).figures)

    measures = ("A R@1", "A R@5", "A R@10", "A MRR", "B usable@3")
    assert names == {f"{name}{way}" for name in measures for way in ("", " bm25", " encoder")} | {"B ceiling@50"}


def test_that_clients_do_not_learn_from_each_other():
    mine = [a_talk(number, client="one", split="past") for number in range(12)]
    report = evaluate(rows(*mine, a_talk(12, client="two", split="test")), encoder=HashingEncoder())

    assert {case["client"] for case in report.cases} == {"two"}
    assert all(case["suggestions"] == [] for case in report.cases)
    assert report.figures["B usable@3"].value == 0.0


def test_that_two_thirds_of_each_client_are_past_and_the_order_of_lines_does_not_matter():
    talks = [a_talk(number, client="one") for number in range(9)] + [a_talk(n, client="two") for n in range(20, 23)]
    one, other = read_talks(rows(*talks)), read_talks(rows(*reversed(talks)))

    assert sorted(t.client for t in one if t.split == "past") == ["one"] * 6 + ["two"] * 2
    assert {t.id: t.split for t in one} == {t.id: t.split for t in other}


def test_that_a_given_split_is_kept():
    talks = read_talks(rows(a_talk(1, split="test"), a_talk(2, split="past"), a_talk(3, split="test")))

    assert [talk.split for talk in talks] == ["test", "past", "test"]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"id": None}, "data, line 2: id is missing"),
        ({"id": "c1"}, "data, line 2: the id 'c1' comes twice"),
        ({"split": "dev"}, "data, line 2: split must be one of past, test, not 'dev'"),
        ({"turns": []}, "data, line 2: turns is missing"),
        ({"turns": [{"role": "bot", "text": "hi"}]}, "a role must be one of customer, agent, not 'bot'"),
        ({"turns": "hi"}, "data, line 2: turns must be a list, not a text"),
        ({"client": 7}, "data, line 2: client must be a text, not a whole number"),
    ],
)
def test_that_a_line_that_cannot_be_used_is_named(broken, complaint):
    with pytest.raises(BadRow) as caught:
        read_talks(rows(a_talk(1), {**a_talk(2), **broken}))

    assert complaint in str(caught.value)


def test_that_an_empty_file_has_no_figures_but_no_error():
    report = evaluate([], encoder=HashingEncoder())

    assert report.cases == []
    assert report.size == "0 conversations of 0 clients, 0 past replies, 0 to find"
