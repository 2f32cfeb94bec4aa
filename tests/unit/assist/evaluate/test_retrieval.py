from __future__ import annotations

import json

import numpy as np
import pytest

from assist.__main__ import main
from assist.evaluate.calibration import expected_calibration_error, scaled_on_the_other_half
from assist.evaluate.report import bootstrap, mean

DOCUMENTS = [
    {
        "type": "document",
        "id": "pw",
        "title": "Reset your password",
        "text": "Open Settings and choose Reset password.",
    },
    {"type": "document", "id": "ship", "title": "Delivery times", "text": "Parcels arrive within three working days."},
    {"type": "document", "id": "pay", "title": "Pay by invoice", "text": "Companies may pay by invoice in 30 days."},
]
QUERIES = [
    {"type": "query", "id": 1, "text": "I forgot my password", "gold": ["pw"]},
    {
        "type": "query",
        "id": 2,
        "turns": [
            {"role": "customer", "text": "Hello"},
            {"role": "agent", "text": "How can I help?"},
            {"role": "customer", "text": "How many days until my parcel arrives?"},
        ],
        "gold": ["ship"],
    },
    {"type": "query", "id": 3, "text": "Do you sell kayaks for Lake Titicaca?", "gold": []},
]


def asked(tmp_path, rows, *options: str) -> int:
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return main(["eval", "retrieval", "--data", str(data), *options])


def test_that_questions_find_their_documents_and_the_unanswerable_one_finds_nothing(tmp_path, capsys):
    assert asked(tmp_path, [*QUERIES, *DOCUMENTS], "--json", "--out", str(tmp_path / "cases.jsonl")) == 0

    figures = {name: figure["value"] for name, figure in json.loads(capsys.readouterr().out)["figures"].items()}
    cases = [json.loads(line) for line in (tmp_path / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (figures["R@1"], figures["MRR"], figures["silent where nothing answers"]) == (1.0, 1.0, 1.0)
    assert [(case["id"], case["rank"], case["shown"][:1]) for case in cases] == [
        ("1", 1, ["pw"]),
        ("2", 1, ["ship"]),
        ("3", 0, []),
    ]


def test_that_knowledge_bases_are_searched_apart(tmp_path, capsys):
    rows = [{**DOCUMENTS[0], "kb": "one"}, {**DOCUMENTS[1], "kb": "two"}, {**QUERIES[0], "kb": "one"}]

    assert asked(tmp_path, rows, "--out", str(tmp_path / "cases.jsonl")) == 0

    case = json.loads((tmp_path / "cases.jsonl").read_text(encoding="utf-8"))
    assert case["found"] == ["pw"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"type": "page"}, "type must be document or query, not 'page'"),
        ({"type": "document"}, "id is missing"),
        (
            {"type": "query", "id": "q", "text": "x", "gold": ["no"]},
            "query q: there is no document 'no' in knowledge base",
        ),
        ({"type": "document", "id": "d", "updated_at": "soon"}, "updated_at must be a time"),
    ],
)
def test_that_a_row_that_cannot_be_used_is_named_in_one_line(tmp_path, capsys, row, said):
    assert asked(tmp_path, [row]) == 2

    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_that_calibration_error_is_the_mean_gap_of_its_bins():
    sure = np.array([0.2] * 10 + [0.8] * 10)
    right = np.array([0.0] * 8 + [1.0] * 2 + [1.0] * 5 + [0.0] * 5)

    assert expected_calibration_error(sure, right, bins=2) == pytest.approx((0.0 + 0.3) / 2)


def test_that_a_wrong_level_is_scaled_away_and_a_wrong_order_is_not():
    draws = np.random.default_rng(3)
    true = draws.uniform(0.05, 0.95, 2_000)
    right = (draws.uniform(size=2_000) < true).astype(float)
    timid, blind = true / (true + 4.0 * (1.0 - true)), draws.permutation(true)

    assert expected_calibration_error(timid, right) > 0.2
    assert expected_calibration_error(scaled_on_the_other_half(timid, right), right) < 0.04
    level = scaled_on_the_other_half(blind, right)
    assert level.std() < 0.05
    assert level.mean() == pytest.approx(right.mean(), abs=0.02)


def test_that_a_mean_lies_within_its_interval_and_groups_widen_it():
    values = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0] * 10
    alone, grouped = mean(values), mean(values, groups=[at // 3 for at in range(60)])

    assert alone.value == grouped.value == 0.5
    assert alone.low < 0.5 < alone.high
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)


def test_that_nothing_measured_has_no_value():
    assert np.isnan(bootstrap(0, lambda rows: float(len(rows))).value)
