"""Both stages of an answer share the search by words; a change in between is seen."""

from __future__ import annotations

from collections import Counter

import numpy as np

from assist.retrieve.collection import Collection
from assist.retrieve.lexical import LexicalDocument
from assist.retrieve.query import Query

POLE = LexicalDocument(1, "Snapped pole", "What to do when a tent pole snaps.", "en")
ZIP = LexicalDocument(2, "Stuck zip", "A zip of a tent that is stuck.", "en")
SPARE = LexicalDocument(3, "Spare pole", "Order a spare pole for your tent.", "en")


def _found(collection: Collection, query: Query) -> list[int]:
    return sorted(fused.doc_id for fused in collection.search(query))


def test_that_a_document_that_came_between_two_searches_for_the_same_words_is_found() -> None:
    collection = Collection(4)
    collection.replace([POLE, ZIP])
    words = Counter({"pole": 1})
    assert _found(collection, Query(words, None)) == [1]
    collection.replace([SPARE], remove=[1])
    assert _found(collection, Query(words, None)) == [3]


def test_that_other_words_find_other_documents() -> None:
    collection = Collection(4)
    collection.replace([POLE, ZIP])
    assert _found(collection, Query(Counter({"pole": 1}), None)) == [1]
    assert _found(collection, Query(Counter({"zip": 1}), None)) == [2]


def test_that_the_refined_search_keeps_the_lexical_scores_of_the_first() -> None:
    collection = Collection(4)
    collection.replace([POLE, ZIP])
    collection.add_vectors([1, 2], np.eye(4, dtype=np.float32)[:2])
    words = Counter({"pole": 1})
    (first,) = collection.search(Query(words, None))
    refined = {fused.doc_id: fused for fused in collection.search(Query(words, np.eye(4, dtype=np.float32)[1]))}
    assert refined[1].lexical == first.lexical > 0
    assert refined[2].lexical == 0
    assert round(refined[2].cosine or 0, 1) == 0.3  # the 8-bit range ends there; unit rows of 384 stay within it
