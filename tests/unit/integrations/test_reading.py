"""Reading JSON that may hold anything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations import checkpoint
from integrations.reading import facts, moment, text, whole


@pytest.mark.parametrize(
    ("value", "id_"),
    [
        (46_406_156_941_841, 46_406_156_941_841),
        (1_503_123_456_789_012_345, 1_503_123_456_789_012_345),
        ("12", 12),
        (0, 0),
        (-1, -1),
        (2**63, None),
        (True, None),
        (1.0, None),
        ("", None),
        ("1e3", None),
        ("-1", None),
        ("9" * 5_000, None),
        (None, None),
        ([], None),
    ],
)
def test_that_ids_are_64_bit_integers_or_nothing(value, id_):
    assert whole(value) == id_


@pytest.mark.parametrize(
    ("value", "clean"),
    [(None, ""), (True, ""), (5678, "5678"), ("a\x00b", "ab"), ("\ud83d", "?"), ("é😀", "é😀"), ({}, "")],
)
def test_that_text_can_always_be_stored(value, clean):
    assert text(value) == clean
    text(value).encode("utf-8")


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("2026-05-06T07:46:23Z", datetime(2026, 5, 6, 7, 46, 23, tzinfo=UTC)),
        ("2014-01-08T09:08:53+05:30", datetime(2014, 1, 8, 3, 38, 53, tzinfo=UTC)),
        ("2020-12-31", datetime(2020, 12, 31, tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1_700_000_000, None),
    ],
)
def test_that_times_are_utc_or_nothing(value, when):
    assert moment(value) == when


def test_that_filled_custom_fields_become_facts():
    fields = {"cf_plan_type": "Gold", "vip": True, "orders": 3, "empty": None, "blank": " ", "list": ["x"]}
    assert facts(fields) == {"Plan type": "Gold", "Vip": "yes", "Orders": "3"}


def test_that_a_checkpoint_keeps_sets_and_leaves_out_what_is_empty():
    dumped = checkpoint.dump(known={3, 1}, page=0, since="")
    assert dumped == '{"v":1,"known":[1,3]}'
    assert checkpoint.ids(checkpoint.load(dumped).get("known")) == {1, 3}


def test_that_names_of_custom_fields_can_be_stored_too():
    assert facts({"cf_\ud83d": "x"}) == {"?": "x"}
