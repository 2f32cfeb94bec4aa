"""Our own postings against BM25 as it is written in books, and against an index that was built in one go."""

from __future__ import annotations

from collections import Counter
from math import log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.retrieve.lexical import LexicalDocument, LexicalIndex, analyzer, field_language
from assist.retrieve.postings import MOST_ROWS, Analysed, build, merge, restored, rounded, term

WORDS = ("tent", "pole", "boot", "refund", "parcel", "jacket", "gas", "zip")
LANGUAGES = ("en", "de", "pl")
texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
documents = st.builds(
    LexicalDocument,
    doc_id=st.integers(1, 30),
    title=texts,
    body=texts,
    language=st.sampled_from(LANGUAGES),
    mark=st.integers(0, 2**64 - 1),
)
changes = st.lists(st.tuples(st.lists(documents, max_size=6), st.lists(st.integers(1, 30), max_size=4)), max_size=8)


def by_the_book(documents: list[LexicalDocument], question: str) -> dict[int, float]:
    """Return BM25 of title and body with the mean lengths in the steps that the index rounds them to."""
    scores: Counter[int] = Counter()
    fields = {
        (d.doc_id, part): (field_language(d.language), analyzer(field_language(d.language)).analyze(text))
        for d in documents
        for part, text in enumerate((f"{d.title}\n{d.body}", d.title))
    }
    for language in {field_language(d.language) for d in documents}:
        weights = Counter(token for word in question.split() for token in analyzer(language).analyze(word))
        for part, boost in ((0, 1.0), (1, 0.3)):
            held = {doc: tokens for (doc, p), (tongue, tokens) in fields.items() if p == part and tongue == language}
            mean = float(rounded(np.array([sum(map(len, held.values())) / len(documents)]))[0])
            for token, weight in weights.items():
                count = sum(token in tokens for tokens in held.values())
                idf = log1p((len(documents) - count + 0.5) / (count + 0.5))
                for doc, tokens in held.items():
                    if often := tokens.count(token):
                        norm = 1.2 * (1 - 0.75 + 0.75 * len(tokens) / mean)
                        scores[doc] += boost * weight * 2.2 * idf * often / (often + norm)
    return dict(scores)


@settings(max_examples=80, deadline=None)
@given(stored=st.lists(documents, min_size=1, max_size=20, unique_by=lambda d: d.doc_id), question=texts)
def test_that_scores_are_bm25_as_it_is_written_in_books(stored, question):
    index = LexicalIndex()
    index.replace(stored)

    found = index.search(question, limit=30)

    expected = by_the_book(stored, question)
    assert set(found.ids.tolist()) == set(expected)
    for doc_id, score in zip(found.ids.tolist(), found.scores.tolist(), strict=True):
        # The average length is rounded to 2%, so that not every weight changes with each document.
        assert score == pytest.approx(expected[doc_id], rel=0.025)


@settings(max_examples=80, deadline=None)
@given(steps=changes, question=texts)
def test_that_any_order_of_changes_gives_the_ranking_of_an_index_built_in_one_go(steps, question):
    index, left = LexicalIndex(), {}
    for added, removed in steps:
        index.replace(added, remove=removed)
        for doc_id in removed:
            left.pop(doc_id, None)
        left.update((document.doc_id, document) for document in added)
    fresh = LexicalIndex()
    fresh.replace(left.values())

    found, expected = index.search(question, limit=10), fresh.search(question, limit=10)

    assert len(index) == len(left)
    assert index.ids.tolist() == sorted(left)
    assert found.ids.tolist() == expected.ids.tolist()
    assert found.scores.tolist() == expected.scores.tolist()
    assert index.rarity(WORDS) == fresh.rarity(WORDS)


@settings(max_examples=60, deadline=None)
@given(steps=changes)
def test_that_a_segment_is_the_same_after_it_was_kept(steps):
    index = LexicalIndex()
    for added, removed in steps:
        index.replace(added, remove=removed)
    again = LexicalIndex()
    again.put_back([restored(one.arrays(), one.uid) for one in index.segments])

    for word in WORDS:
        before, after = index.search(word, limit=30), again.search(word, limit=30)
        assert before.ids.tolist() == after.ids.tolist()
        assert before.scores.tolist() == after.scores.tolist()


def analysed(doc_id: int, body: list[str], title: list[str] | None = None) -> Analysed:
    return Analysed(doc_id, 0, 0, (body, title or []))


def words_of(segment) -> dict[int, dict[int, int]]:
    """Return how often each term is in each document."""
    return {
        int(one): {
            int(segment.ids[row]): int(count) & 127
            for row, count in zip(segment.rows[start:end], segment.counts[start:end], strict=True)
        }
        for one, start, end in zip(segment.terms, segment.starts[:-1], segment.starts[1:], strict=True)
    }


def test_which_postings_two_documents_give():
    segment = build([analysed(7, ["tent", "pole", "tent"], ["tent"]), analysed(9, ["pole"])])

    assert words_of(segment) == {
        term(0, 0, "tent"): {7: 2},
        term(0, 0, "pole"): {7: 1, 9: 1},
        term(0, 1, "tent"): {7: 1},
    }
    assert segment.lengths.tolist() == [[3, 1], [1, 0]]


def test_that_merging_keeps_every_posting_with_its_document():
    one, two = build([analysed(7, ["tent", "pole"])]), build([analysed(3, ["pole", "pole", "zip"])])

    merged = merge([one, two])

    assert words_of(merged) == {
        term(0, 0, "tent"): {7: 1},
        term(0, 0, "pole"): {7: 1, 3: 2},
        term(0, 0, "zip"): {3: 1},
    }


@pytest.mark.promise("D7")
def test_that_nothing_of_a_removed_document_is_left_in_a_segment():
    segment = build([analysed(7, ["tent", "pole"]), analysed(9, ["pole", "zip"])])

    left = segment.without(np.array([True, False]))

    assert words_of(left) == {term(0, 0, "pole"): {9: 1}, term(0, 0, "zip"): {9: 1}}
    assert left.ids.tolist() == [9]
    assert left.lengths.tolist() == [[2], [0]]


def test_that_a_word_that_is_there_very_often_is_counted_up_to_a_bound():
    segment = build([analysed(7, ["tent"] * 70_000)])

    assert words_of(segment) == {term(0, 0, "tent"): {7: 127}}
    assert segment.lengths.tolist() == [[65_535], [0]]


def test_that_more_documents_than_a_segment_holds_go_into_two():
    index = LexicalIndex()
    index.replace(LexicalDocument(number, "", f"tent t{number}", "en") for number in range(1, MOST_ROWS + 3))

    assert len(index) == MOST_ROWS + 2
    assert [len(segment) for segment in index.segments] == [MOST_ROWS, 2]
    assert index.search(f"t{MOST_ROWS + 2}", limit=3).ids.tolist() == [MOST_ROWS + 2]
    assert index.search("tent", limit=3).ids.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("rows", lambda a: a + 2),
        ("starts", lambda a: a[::-1]),
        ("starts", lambda a: a[:-1]),
        ("counts", lambda a: a[1:]),
        ("lengths", lambda a: a[:1]),
        ("marks", lambda a: a[:0]),
        ("ids", lambda a: a[:0]),
    ],
)
def test_that_arrays_that_do_not_belong_together_are_refused(name, spoilt):
    arrays = build([analysed(7, ["tent", "pole"]), analysed(9, ["pole"])]).arrays()

    with pytest.raises(ValueError, match="no segment"):
        restored({**arrays, name: spoilt(arrays[name])}, 1)
