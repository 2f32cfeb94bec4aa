"""Floors under the app's own search on public question sets; how they compare is in docs/adr/0006-fusion.md."""

from __future__ import annotations

from collections import Counter

import pytest

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


def ranks(data: RetrievalSet, encoder, *, every: int = 1) -> list[int]:
    """Return the rank (from 1; 99 when not found) of each question's document by its best passage."""
    passages = [p for number in range(len(data.titles)) for p in split_article(_article(data, number))]
    heads = [" › ".join(passage.heading_path) for passage in passages]
    collection = Collection(encoder.dimension)
    collection.replace(LexicalDocument(row, heads[row], passage.text, "en") for row, passage in enumerate(passages))
    vectors = encoder.encode([f"{heads[row]}\n{passage.text}" for row, passage in enumerate(passages)])
    collection.add_vectors(range(len(passages)), vectors)
    queries = list(zip(data.queries, data.gold, strict=True))[::every]
    found = []
    for text, gold in queries:
        words = Counter(dict.fromkeys(_WORD.findall(text.lower()), 1))
        hits = collection.search(Query(words, encoder.encode([text])[0]))
        documents = list(dict.fromkeys(passages[hit.doc_id].article_id for hit in hits))
        found.append(documents.index(gold) + 1 if gold in documents else 99)
    return found


def _article(data: RetrievalSet, number: int) -> Article:
    html = "".join(f"<p>{_plain(line)}</p>" for line in data.texts[number].split("\n") if line.strip())
    return Article(AccountId("a"), number, "en", data.titles[number], html, "", NOON)


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@pytest.mark.promise("R1")
def test_that_frequent_questions_in_other_words_find_their_answer(data_dir, encoder):
    found = ranks(stackfaq(data_dir), encoder)
    mrr = sum(1 / rank for rank in found) / len(found)

    print(f"stackfaq: MRR {mrr:.3f} over {len(found)} questions")  # noqa: T201  # read with `pytest -s`
    assert mrr >= 0.94, f"MRR {mrr:.3f}"


@pytest.mark.promise("R1")
def test_that_questions_about_a_manual_find_its_section(data_dir, encoder):
    found = ranks(emanual(data_dir), encoder)
    recall = sum(rank <= 5 for rank in found) / len(found)

    print(f"emanual-tv: recall@5 {recall:.3f} over {len(found)} questions")  # noqa: T201  # read with `pytest -s`
    assert recall >= 0.88, f"recall@5 {recall:.3f}"
