from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from assist.encoders.minilm import load
from assist.encoders.recent import SIZE, Recent
from assist.ports import Encoder, Vectors
from resources import ROOT

TEXTS = ("Where is my parcel?", "", "The zip jams.", "Where is my parcel?", "Ich möchte kündigen.")


class Counting:
    """An encoder that keeps what it was asked for."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimension = encoder.name, encoder.dimension
        self._encoder = encoder
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return self._encoder.encode(texts)


@pytest.fixture(scope="module")
def encoder():
    return load(ROOT / "models", threads=1)


def test_that_the_vectors_are_those_of_the_encoder_behind_it(encoder):
    recent = Recent(encoder)

    assert (recent.name, recent.dimension) == (encoder.name, encoder.dimension)
    for _ in range(2):
        assert np.array_equal(recent.encode(TEXTS), encoder.encode(TEXTS))
    assert recent.encode([]).shape == (0, encoder.dimension)


def test_that_a_text_is_read_once_until_too_many_others_came(encoder):
    behind = Counting(encoder)
    recent = Recent(behind)

    recent.encode(TEXTS)
    recent.encode(TEXTS[:3])
    assert sorted(behind.asked) == sorted(set(TEXTS))

    recent.encode([f"parcel {number}" for number in range(SIZE)])
    behind.asked.clear()
    recent.encode(TEXTS[2:3])
    assert behind.asked == [TEXTS[2]]
