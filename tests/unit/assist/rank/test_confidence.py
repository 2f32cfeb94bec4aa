from __future__ import annotations

import pytest

from assist.rank.confidence import ARTICLE_FLOOR, REPLY_FLOOR, confidence, word
from assist.rank.fuse import Fused


def sure(cosine: float | None, share: float, overlap: float, **more: bool) -> float:
    return confidence(Fused(1, 0.0, 5.0, share, cosine), overlap=overlap, **more)


def test_that_a_near_text_with_many_shared_words_is_a_strong_match():
    assert sure(0.77, 0.9, 0.3) == pytest.approx(0.901, abs=0.001)
    assert word(sure(0.77, 0.9, 0.3)) == "strong match"


def test_that_a_far_text_stays_below_the_floor_however_many_words_it_shares():
    assert sure(0.30, 1.0, 0.2) < min(ARTICLE_FLOOR, REPLY_FLOOR)


@pytest.mark.parametrize("floor", [ARTICLE_FLOOR, REPLY_FLOOR])
def test_that_words_alone_say_less_than_words_and_meaning(floor):
    assert sure(None, 1.0, 0.3) < sure(0.6, 1.0, 0.3)
    assert sure(None, 1.0, 0.1) < floor < sure(None, 1.0, 0.6)


def test_that_each_measure_raises_it():
    base = sure(0.5, 0.5, 0.2)

    assert sure(0.6, 0.5, 0.2) > base
    assert sure(0.5, 0.9, 0.2) > base
    assert sure(0.5, 0.5, 0.4) > base
    assert sure(0.5, 0.5, 0.2, same_language=False) < base
    assert sure(0.5, 0.5, 0.2, english=False) > base


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.40, "possible match"),
        (0.549, "possible match"),
        (0.55, "good match"),
        (0.70, "strong match"),
        (1, "strong match"),
    ],
)
def test_that_an_agent_reads_words_and_no_number(value, said):
    assert word(value) == said


def test_that_it_stays_a_probability_at_the_extremes():
    assert 0.0 <= sure(-1.0, 0.0, 0.0, same_language=False) < 0.001
    assert 0.99 < sure(1.0, 1.0, 1.0) <= 1.0
