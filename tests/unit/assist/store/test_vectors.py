import numpy as np
import pytest

from assist.domain import SourceKind
from assist.store.records import Changes
from tests.helpers.builders import ACME, a_macro
from tests.helpers.store import run

MACRO = SourceKind.MACRO


@pytest.fixture
def ids(store):
    return run(store.knowledge.put_macros([a_macro(n, body=f"text {n}") for n in range(1, 6)])).added


def rows(n: int, *, seed: int = 1) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, 4)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_that_vectors_come_back_by_rising_id_to_three_digits(store, ids):
    vectors = rows(5)
    run(store.vectors.put("mini", MACRO, ids[::-1], vectors[::-1]))

    blocks = list(store.vectors.blocks("mini", MACRO, block_rows=2))

    assert [block.ids.tolist() for block in blocks] == [[1, 2], [3, 4], [5]]
    assert np.concatenate([block.vectors for block in blocks]).dtype == np.float16
    np.testing.assert_allclose(np.concatenate([block.vectors for block in blocks]), vectors, atol=5e-4)
    assert [block.ids.tolist() for block in store.vectors.blocks("mini", MACRO, after_id=3)] == [[4, 5]]


def test_that_documents_without_a_vector_are_listed(store, ids):
    run(store.vectors.put("mini", MACRO, ids[:3], rows(3)))

    assert [doc.id for doc in store.documents.without_vector("mini", MACRO)] == [4, 5]
    assert [doc.id for doc in store.documents.without_vector("other", MACRO, page=2)] == [1, 2, 3, 4, 5]


def test_that_a_vector_goes_with_its_document(store, ids):
    run(store.vectors.put("mini", MACRO, ids, rows(5)))

    changes = run(store.knowledge.put_macros([a_macro(2, body="changed")]))

    assert changes == Changes(added=(6,), removed=(2,))
    assert [block.ids.tolist() for block in store.vectors.blocks("mini", MACRO)] == [[1, 3, 4, 5]]
    assert [doc.id for doc in store.documents.without_vector("mini", MACRO)] == [6]


def test_that_a_vector_for_a_document_that_has_gone_meanwhile_is_passed_over(store, ids):
    run(store.knowledge.remove(MACRO, ACME, [1]))
    run(store.vectors.put("mini", MACRO, ids, rows(5)))

    assert store.vectors.count("mini", MACRO) == 4


def test_that_encoders_are_kept_apart_and_old_ones_can_be_dropped(store, ids):
    run(store.vectors.put("old", MACRO, ids, rows(5)))
    run(store.vectors.put("new", MACRO, ids[:2], rows(2, seed=2)))
    run(store.vectors.drop_others("new"))

    assert (store.vectors.count("old", MACRO), store.vectors.count("new", MACRO)) == (0, 2)
    assert list(store.vectors.blocks("old", MACRO)) == []


def test_that_putting_a_vector_again_replaces_it(store, ids):
    run(store.vectors.put("mini", MACRO, ids[:1], rows(1)))
    run(store.vectors.put("mini", MACRO, ids[:1], rows(1, seed=9)))

    (block,) = store.vectors.blocks("mini", MACRO)

    np.testing.assert_allclose(block.vectors, rows(1, seed=9), atol=5e-4)


def test_that_shapes_that_disagree_are_refused(store, ids):
    run(store.vectors.put("mini", MACRO, ids[:2], rows(2)))

    with pytest.raises(ValueError, match="do not fit 1 ids"):
        run(store.vectors.put("mini", MACRO, ids[:1], rows(2)))
    with pytest.raises(ValueError, match="of 4 numbers before, now of 3"):
        run(store.vectors.put("mini", MACRO, ids[:1], np.ones((1, 3), np.float32)))
