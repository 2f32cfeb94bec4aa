from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.evaluate.rows import BadRow, Row, read_rows


def rows(text: str) -> list[Row]:
    return list(read_rows(text, where="data.jsonl"))


def test_that_blank_lines_are_passed_over_and_the_others_keep_their_numbers():
    assert [row.where for row in rows('{"a": 1}\n\n  \n{"a": 2}\n')] == ["data.jsonl, line 1", "data.jsonl, line 4"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1', "data.jsonl, line 1 is not JSON"),
        ('{"a": 1}\n[1]', "data.jsonl, line 2: a JSON object is needed, not a list"),
    ],
)
def test_that_a_bad_line_is_named(text, said):
    with pytest.raises(BadRow, match=said):
        rows(text)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "line 3: text is missing"),
        ({"text": None}, "line 3: text is missing"),
        ({"text": 5}, "line 3: text must be a text, not a whole number"),
    ],
)
def test_that_a_needed_value_that_is_missing_or_of_another_kind_is_named(values, said):
    with pytest.raises(BadRow, match=said):
        Row("line 3", values).need("text", str)


def test_that_true_is_no_number():
    with pytest.raises(BadRow, match="level must be a whole number, not a boolean"):
        Row("line 1", {"level": True}).get("level", int, 0)


def test_that_turns_are_read_oldest_first_and_an_unknown_role_is_named():
    turns = [{"role": "customer", "text": "hi"}, {"role": "agent", "text": "hello"}]

    assert Row("line 1", {"turns": turns}).turns() == (("customer", "hi"), ("agent", "hello"))
    with pytest.raises(BadRow, match="line 1: a role must be one of customer, agent, not 'bot'"):
        Row("line 1", {"turns": [{"role": "bot", "text": "x"}]}).turns()


@given(st.text())
def test_that_any_text_gives_rows_or_a_bad_row(text):
    try:
        found = rows(text)
    except BadRow:
        return
    assert all(isinstance(row.values, dict) for row in found)
