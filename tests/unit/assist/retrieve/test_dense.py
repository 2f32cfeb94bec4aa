from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.retrieve.dense import DenseIndex, restored

DIMENSION = 384


def like_real_vectors(count: int, *, seed: int) -> np.ndarray:
    """Unit rows that gather around topics as encoders' vectors do."""
    chance = np.random.default_rng(seed)
    topics = chance.normal(size=(60, DIMENSION))
    rows = topics[chance.integers(0, 60, size=count)] + chance.normal(scale=0.9, size=(count, DIMENSION))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


VECTORS = like_real_vectors(2_000, seed=1)
QUESTIONS = like_real_vectors(50, seed=1)


def index_of(vectors: np.ndarray) -> DenseIndex:
    index = DenseIndex(DIMENSION)
    index.replace(np.arange(1, len(vectors) + 1), vectors)
    return index


def test_that_eight_bits_find_what_exact_search_finds():
    index = index_of(VECTORS)
    hits = 0
    for question in QUESTIONS:
        exact = set((np.argsort(-(VECTORS @ question))[:10] + 1).tolist())
        hits += len(exact & set(index.search(question, limit=10).ids.tolist()))

    recall = hits / (10 * len(QUESTIONS))
    assert recall >= 0.98, f"recall@10 {recall:.3f}"


def test_that_scores_are_cosines_to_two_digits():
    found = index_of(VECTORS).search(VECTORS[41], limit=3)

    assert found.ids[0] == 42
    assert found.scores == pytest.approx(np.sort(VECTORS @ VECTORS[41])[::-1][:3], abs=0.01)


def test_that_cosines_can_be_asked_for_and_unknown_documents_have_none():
    index = index_of(VECTORS[:10])

    cosines = index.cosines(VECTORS[0], [3, 99, 1])

    assert set(cosines) == {3, 1}
    assert cosines[1] == pytest.approx(1.0, abs=0.01)
    assert cosines[3] == pytest.approx(float(VECTORS[2] @ VECTORS[0]), abs=0.01)


def test_that_a_vector_that_comes_again_replaces_itself():
    index = index_of(VECTORS[:5])

    index.replace([2], VECTORS[100:101])

    assert len(index) == 5
    assert index.cosines(VECTORS[100], [2])[2] == pytest.approx(1.0, abs=0.01)


def test_that_removed_vectors_are_gone_and_unknown_ones_do_not_matter():
    index = index_of(VECTORS[:5])

    index.remove([1, 777])

    assert len(index) == 4
    assert 1 not in index.search(VECTORS[0], limit=5).ids.tolist()


def test_that_an_empty_index_and_a_zero_question_find_nothing():
    assert len(DenseIndex(DIMENSION).search(VECTORS[0], limit=5)) == 0
    assert len(index_of(VECTORS[:5]).search(np.zeros(DIMENSION, dtype=np.float32), limit=5)) == 0


def test_that_vectors_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="2 ids and dimension 384 do not fit"):
        DenseIndex(DIMENSION).replace([1, 2], VECTORS[:3])
    with pytest.raises(ValueError, match="do not fit vectors"):
        DenseIndex(8).replace([1], VECTORS[:1])


def test_that_more_is_asked_for_than_there_is():
    assert sorted(index_of(VECTORS[:3]).search(VECTORS[0], limit=50).ids.tolist()) == [1, 2, 3]


@settings(max_examples=50, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.lists(st.integers(1, 40), max_size=12), st.lists(st.integers(1, 40), max_size=6)), max_size=8
    )
)
def test_that_any_order_of_changes_finds_what_an_index_built_in_one_go_finds(steps):
    index, left = DenseIndex(DIMENSION), {}
    for number, (added, removed) in enumerate(steps):
        index.replace(added, VECTORS[[doc_id + 40 * number for doc_id in added]].reshape(-1, DIMENSION))
        index.remove(removed)
        left.update((doc_id, VECTORS[doc_id + 40 * number]) for doc_id in added)
        for doc_id in removed:
            left.pop(doc_id, None)
    fresh = DenseIndex(DIMENSION)
    fresh.replace(list(left), np.array(list(left.values()), dtype=np.float32).reshape(-1, DIMENSION))
    again = DenseIndex(DIMENSION)
    again.put_back(restored(block.arrays(), block.uid, DIMENSION) for block in index.blocks)

    for other in (fresh, again):
        found, expected = index.search(QUESTIONS[0], limit=10), other.search(QUESTIONS[0], limit=10)
        assert index.ids.tolist() == other.ids.tolist() == sorted(left)
        assert found.ids.tolist() == expected.ids.tolist()
        assert found.scores.tolist() == expected.scores.tolist()


def test_that_there_are_few_blocks_however_the_vectors_came():
    index = DenseIndex(DIMENSION)
    for at in range(0, 2_000, 32):
        index.replace(np.arange(at, min(at + 32, 2_000)), VECTORS[at : at + 32])

    assert len(index) == 2_000
    assert len(index.blocks) <= 11


@pytest.mark.parametrize(
    "arrays",
    [
        {"ids": np.array([2, 1]), "codes": np.zeros((2, DIMENSION), np.uint8)},
        {"ids": np.array([1, 2]), "codes": np.zeros((1, DIMENSION), np.uint8)},
        {"ids": np.array([1]), "codes": np.zeros((1, 8), np.uint8)},
        {"ids": np.zeros(0, np.int64), "codes": np.zeros((0, DIMENSION), np.uint8)},
    ],
)
def test_that_arrays_that_do_not_belong_together_are_refused(arrays):
    with pytest.raises(ValueError, match="no block"):
        restored(arrays, 1, DIMENSION)


def test_that_vectors_come_back_nearly_as_they_went_in():
    found = index_of(VECTORS[:100]).vectors([3, 100, 999])

    assert sorted(found) == [3, 100]
    assert float(found[3] @ VECTORS[2]) == pytest.approx(1.0, abs=0.005)
    assert float(found[100] @ VECTORS[99]) == pytest.approx(1.0, abs=0.005)
