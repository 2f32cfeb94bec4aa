"""Floors under the choice of a macro or none: public bots, and desks of our own (docs/adr/0010-macros.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from assist.encoders.minilm import load
from assist.evaluate.macros import evaluate
from assist.evaluate.rows import Row
from assist.rank.macros import FITTED_TO
from assist.training.macros import correlations, episodes, judge
from resources import ROOT
from tests.bench.converted import SETS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def encoder():
    return load(ROOT / "models", threads=1)


def figures(name: str, data_dir: Path, encoder) -> dict[str, float]:
    rows = [Row(f"{name} {number}", row) for number, row in enumerate(SETS[name].rows(data_dir), 1)]
    return {key: figure.value for key, figure in evaluate(rows, encoder=encoder).figures.items()}


@pytest.mark.parametrize(("name", "floor"), [("sofmattress", 0.62), ("curekart", 0.68)])
def test_that_real_messages_to_bots_get_their_macro_or_none(name, floor, data_dir, encoder):
    found = figures(name, data_dir, encoder)

    assert found["MCC"] >= floor
    assert found["MCC"] >= found["MCC nearest"]
    assert found["recall of none"] >= 0.8


@pytest.fixture(scope="module")
def judged(encoder):
    return [judge(episode, encoder) for episode in episodes() if episode.kind == "desk"]


def test_that_desks_left_out_of_the_training_get_their_macro_or_none(judged):
    assert correlations(judged)["desk"] >= 0.62


def test_that_the_weights_were_fitted_to_the_shipped_encoder(encoder):
    # Otherwise: `python -m assist.training.macros`.
    assert encoder.name == FITTED_TO
