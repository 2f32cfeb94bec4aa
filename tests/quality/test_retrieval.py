"""Floors under the app's own search on public question sets; how they compare is in docs/adr/0006-fusion.md."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from assist.context import _WORD
from assist.domain import AccountId, Article
from assist.encoders.minilm import load
from assist.retrieve.collection import Collection
from assist.retrieve.lexical import LexicalDocument
from assist.retrieve.query import Query
from assist.text.passages import split_article
from resources import ROOT
from tests.bench.datasets import RetrievalSet, emanual, stackfaq
from tests.helpers.builders import NOON

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def encoder():
    return load(ROOT / "models")


@dataclass(frozen=True)
class Ranks:
    """The rank (from 1; 99 when not found) of each question's document: by words and meaning, and by BM25 alone."""

    both: NDArray[np.int64]
    words: NDArray[np.int64]


def ranks(data: RetrievalSet, encoder) -> Ranks:
    passages = [p for number in range(len(data.titles)) for p in split_article(_article(data, number))]
    heads = [" › ".join(passage.heading_path) for passage in passages]
    collection = Collection(encoder.dimension)
    collection.replace(LexicalDocument(row, heads[row], passage.text, "en") for row, passage in enumerate(passages))
    vectors = encoder.encode([f"{heads[row]}\n{passage.text}" for row, passage in enumerate(passages)])
    collection.add_vectors(range(len(passages)), vectors)

    def rank(query: Query, gold: int) -> int:
        documents = list(dict.fromkeys(passages[hit.doc_id].article_id for hit in collection.search(query)))
        return documents.index(gold) + 1 if gold in documents else 99

    both, by_words = [], []
    for text, gold in zip(data.queries, data.gold, strict=True):
        words = Counter(dict.fromkeys(_WORD.findall(text.lower()), 1))
        both.append(rank(Query(words, encoder.encode([text])[0]), gold))
        by_words.append(rank(Query(words, None), gold))
    return Ranks(np.array(both), np.array(by_words))


def gain(found: Ranks) -> tuple[float, float]:
    """Return the 95% interval of how much the reciprocal rank gains over BM25, by a paired bootstrap."""
    differences = 1 / found.both - 1 / found.words
    chance = np.random.default_rng(20261102)
    means = chance.choice(differences, size=(2_000, len(differences))).mean(axis=1)
    return float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))


def said(name: str, found: Ranks) -> str:
    low, high = gain(found)
    return (
        f"{name}, {len(found.both)} questions: MRR {np.mean(1 / found.both):.3f} (BM25 {np.mean(1 / found.words):.3f},"
        f" gain {low:.3f} to {high:.3f}), recall@3 {np.mean(found.both <= 3):.3f}, @5 {np.mean(found.both <= 5):.3f}"
        f" (BM25 {np.mean(found.words <= 5):.3f})"
    )


def _article(data: RetrievalSet, number: int) -> Article:
    html = "".join(f"<p>{_plain(line)}</p>" for line in data.texts[number].split("\n") if line.strip())
    return Article(AccountId("a"), number, "en", data.titles[number], html, "", NOON)


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@pytest.mark.promise("R1", part="questions of two public sets, not whole tickets")
def test_that_frequent_questions_in_other_words_find_their_answer(data_dir, encoder):
    found = ranks(stackfaq(data_dir), encoder)

    print(said("stackfaq", found))  # noqa: T201  # read with `pytest -s`
    assert np.mean(1 / found.both) >= 0.94, said("stackfaq", found)
    assert gain(found)[0] >= 0.08, said("stackfaq", found)


def test_that_questions_in_a_manuals_own_words_lose_nothing_by_the_encoder(data_dir, encoder):
    found = ranks(emanual(data_dir), encoder)

    print(said("emanual-tv", found))  # noqa: T201  # read with `pytest -s`
    assert np.mean(found.both <= 5) >= 0.88, said("emanual-tv", found)
    assert gain(found)[0] >= -0.03, said("emanual-tv", found)
