from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

import numpy as np
import pytest

from assist.encoders.minilm import load
from assist.encoders.recent import AHEAD_NICE, SIZE, Recent
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


class Waiting(Counting):
    """Stays in its first text until it may go on."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self.started, self.may_go = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str]) -> Vectors:
        if "first" in texts:
            self.started.set()
            assert self.may_go.wait(10)
        return super().encode(texts)


class Failing(Counting):
    def encode(self, texts: Sequence[str]) -> Vectors:
        if "broken" in texts:
            raise RuntimeError("no model")
        return super().encode(texts)


@pytest.fixture(scope="module")
def encoder():
    return load(ROOT / "models", threads=1)


def test_that_the_vectors_are_those_of_the_encoder_behind_it(encoder):
    recent = Recent(encoder)

    assert (recent.name, recent.dimension) == (encoder.name, encoder.dimension)
    for _ in range(2):
        assert np.array_equal(recent.encode(TEXTS), encoder.encode(TEXTS))
    assert recent.encode([]).shape == (0, encoder.dimension)


def test_that_what_was_begun_is_read_once_and_what_had_not_started_is_read_at_once(encoder):
    behind = Waiting(encoder)
    recent = Recent(behind)

    recent.begin(["first", "second", "third", "first"])
    assert behind.started.wait(10)
    vectors = {}
    asking = threading.Thread(
        target=lambda: vectors.update(zip(("third", "first"), recent.encode(["third", "first"]), strict=True))
    )
    asking.start()
    behind.may_go.set()
    asking.join(10)

    assert np.array_equal(vectors["first"], encoder.encode(["first"])[0])
    assert np.array_equal(vectors["third"], encoder.encode(["third"])[0])
    recent.encode(["second"])
    assert sorted(behind.asked) == ["first", "second", "third"]


def test_that_what_was_begun_and_is_not_wanted_any_more_is_not_read(encoder):
    behind = Waiting(encoder)
    recent = Recent(behind)

    recent.begin(["first", "second", "third"])
    assert behind.started.wait(10)
    recent.drop()
    behind.may_go.set()
    recent.encode(["first"])
    recent.begin(["fourth"])
    recent.encode(["fourth"])

    assert behind.asked == ["first", "fourth"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a thread cannot step back alone")
def test_that_reading_ahead_steps_back_and_reading_for_a_question_does_not(encoder):
    seen = {}
    begun = threading.Event()

    class Watching(Counting):
        def encode(self, texts: Sequence[str]) -> Vectors:
            seen[texts[0]] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
            begun.set()
            return super().encode(texts)

    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    recent = Recent(Watching(encoder))
    recent.begin(["ahead"])
    assert begun.wait(10)
    recent.encode(["now"])

    assert seen == {"ahead": AHEAD_NICE, "now": own}


def test_that_what_cannot_be_read_ahead_fails_only_for_who_asks_and_is_tried_again(encoder):
    recent = Recent(Failing(encoder))

    recent.begin(["broken"])
    with pytest.raises(RuntimeError, match="no model"):
        recent.encode(["broken"])
    with pytest.raises(RuntimeError, match="no model"):
        recent.encode(["broken"])
    assert np.array_equal(recent.encode(["sound"]), encoder.encode(["sound"]))


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
