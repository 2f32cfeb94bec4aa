from __future__ import annotations

import numpy as np
import pytest

from assist.rank.fuse import DENSE_WEIGHT, Fused, fuse
from assist.retrieve.query import EMPTY, Ranking


def ranking(**scores: float) -> Ranking:
    """Return a ranking of documents d1, d2 … in the order given."""
    return Ranking(
        np.array([int(name[1:]) for name in scores], dtype=np.int64), np.array(list(scores.values()), dtype=np.float32)
    )


def test_that_words_and_meaning_are_weighed_as_documented():
    fused = fuse(ranking(d1=8.0, d2=4.0), ranking(d2=0.9, d3=0.6), cosines={1: 0.5})

    assert DENSE_WEIGHT == 0.7
    assert [(c.doc_id, pytest.approx(c.score)) for c in fused] == [
        (2, 0.7 * 0.9 + 0.3 * 0.5),
        (1, 0.7 * 0.5 + 0.3 * 1.0),
        (3, 0.7 * 0.6),
    ]
    assert [(c.lexical, c.lexical_share, pytest.approx(c.cosine)) for c in fused] == [
        (4.0, 0.5, 0.9),
        (8.0, 1.0, 0.5),
        (0.0, 0.0, 0.6),
    ]


def test_that_before_the_encoder_answers_only_words_count():
    assert fuse(ranking(d7=6.0, d3=3.0), None, cosines={}) == [
        Fused(7, 1.0, 6.0, 1.0, None),
        Fused(3, 0.5, 3.0, 0.5, None),
    ]


def test_that_a_document_without_a_vector_yet_is_placed_at_the_usual_cosine():
    fused = fuse(ranking(d1=8.0, d2=8.0), ranking(d3=0.8, d4=0.2), cosines={2: 0.2})

    by_id = {candidate.doc_id: candidate for candidate in fused}
    assert by_id[1].cosine is None
    assert by_id[1].score == pytest.approx(0.7 * (0.8 + 0.2 + 0.2) / 3 + 0.3)
    assert by_id[1].score > by_id[2].score


def test_that_no_word_in_common_says_nothing():
    (only,) = fuse(EMPTY, ranking(d4=0.6), cosines={})

    assert (only.lexical, only.lexical_share) == (0.0, 0.5)


def test_that_ties_go_to_the_lower_id():
    fused = fuse(ranking(d9=5.0, d2=5.0, d5=5.0), None, cosines={})

    assert [candidate.doc_id for candidate in fused] == [2, 5, 9]


def test_that_nothing_found_gives_nothing():
    assert fuse(EMPTY, EMPTY, cosines={}) == []
    assert fuse(EMPTY, None, cosines={}) == []


@pytest.mark.parametrize(("weight", "first"), [(0.0, 1), (1.0, 2)])
def test_that_the_weight_chooses_between_the_parts(weight, first):
    fused = fuse(ranking(d1=9.0), ranking(d2=0.9), cosines={1: 0.1}, dense_weight=weight)

    assert fused[0].doc_id == first
