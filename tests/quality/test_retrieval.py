"""Floors under the app's own ranking of articles on public questions, through the door for measuring."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assist.evaluate import retrieval
from assist.evaluate.report import Figure, Report, mean
from assist.evaluate.rows import read_rows
from assist.retrieve.lexical import LexicalDocument, LexicalIndex
from assist.text.passages import split_article
from resources import ROOT
from tests.bench.converted import SETS, languages, retrieval_rows
from tests.bench.datasets import RetrievalSet, emanual, stackfaq
from tests.helpers.builders import an_article

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Beside:
    """One set judged by the app, and the reciprocal ranks of plain BM25 on the same passages."""

    report: Report
    words: NDArray[np.float64]

    @property
    def both(self) -> NDArray[np.float64]:
        return np.array([1 / case["rank"] if case["rank"] else 0.0 for case in self.report.cases])

    @property
    def gain(self) -> Figure:
        return mean(self.both - self.words)

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {figure}" for name, figure in self.report.figures.items())
        return f"{figures}; BM25 MRR {self.words.mean():.3f}, gain {self.gain}"


def beside(data: RetrievalSet) -> Beside:
    found = Beside(judged([json.dumps(row) for row in retrieval_rows(data)]), by_words(data))
    print(found)  # read with `pytest -s`
    return found


def judged(lines: Sequence[str]) -> Report:
    return retrieval.evaluate(list(read_rows("\n".join(lines), where="set")))


def by_words(data: RetrievalSet) -> NDArray[np.float64]:
    passages = [
        passage
        for number, (title, text) in enumerate(zip(data.titles, data.texts, strict=True))
        for passage in split_article(an_article(number, title=title, html=f"<p>{escape(text)}</p>"))
    ]
    index = LexicalIndex()
    index.replace(
        LexicalDocument(row, passage.heading_path[0], passage.text, "en") for row, passage in enumerate(passages)
    )
    ranks = []
    for text, gold in zip(data.queries, data.gold, strict=True):
        ids = index.search(text.lower(), limit=100).ids.tolist()
        documents = list(dict.fromkeys(passages[row].article_id for row in ids))[:10]
        ranks.append(1 / (documents.index(gold) + 1) if gold in documents else 0.0)
    return np.array(ranks)


@pytest.mark.promise("R1")
def test_that_frequent_questions_in_other_words_find_their_answer(data_dir):
    data = stackfaq(data_dir)
    # Every second question is enough for a floor; `make bench-quality` asks them all.
    found = beside(replace(data, queries=data.queries[::2], gold=data.gold[::2]))

    assert found.report.figures["MRR"].value >= 0.96, str(found)
    assert found.gain.low >= 0.10, str(found)


@pytest.mark.promise("R1")
def test_that_in_whole_conversations_the_page_of_what_was_named_before_is_found(data_dir):
    rows = list(SETS["dstc11-faq"].rows(data_dir))
    documents, dialogues = ([row for row in rows if row["type"] == type_] for type_ in ("document", "query"))
    # Encoding 2,869 entries takes most of the time, so a third of the dialogues is enough.
    asked = dialogues[::3]
    report = judged([json.dumps(row) for row in (*documents, *asked)])
    words = last_turns_by_words(documents, asked)
    both = np.array([1 / case["rank"] if case["rank"] else 0.0 for case in report.cases])

    gain = mean(both - words)

    told = f"MRR {both.mean():.3f}, BM25 {words.mean():.3f}, gain {gain}"
    print(told)  # read with `pytest -s`
    assert len(asked) >= 120
    assert both.mean() >= 0.80, told
    assert gain.low >= 0.5, told


@pytest.mark.promise("R1")
def test_that_questions_in_a_manuals_own_words_gain_by_meaning_too(data_dir):
    found = beside(emanual(data_dir))

    assert found.report.figures["R@1"].value >= 0.65, str(found)
    assert found.report.figures["R@5"].value >= 0.91, str(found)
    assert found.gain.low >= -0.005, str(found)


def last_turns_by_words(documents: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]) -> NDArray[Any]:
    """Return the reciprocal rank that BM25 gives to the answer of each dialogue's last turn."""
    index = LexicalIndex()
    index.replace(LexicalDocument(row, one["title"], one["text"], "en") for row, one in enumerate(documents))
    ranks = []
    for one in asked:
        ids = index.search(one["turns"][-1]["text"].lower(), limit=10).ids.tolist()
        places = [place for place, row in enumerate(ids, 1) if documents[row]["id"] in one["gold"]]
        ranks.append(1 / places[0] if places else 0.0)
    return np.array(ranks)


@pytest.mark.promise("R4", part="articles; on a manual with like sections it is surer than it should be")
def test_that_confidence_keeps_its_word_on_a_held_out_knowledge_base_and_silence_on_foreign_questions():
    rows = [json.loads(line) for line in own("languages-test").splitlines()]
    foreign = [json.loads(line)["queries"][1] for line in own("services").splitlines() if "queries" in line][::3]
    questions = [
        {"type": "query", "id": f"foreign{number}", "kb": "en", "text": text} for number, text in enumerate(foreign)
    ]
    report = judged([json.dumps(_of(row)) for row in (*languages(rows, asked="en", written="en"), *questions)])

    told = ", ".join(f"{name} {figure}" for name, figure in report.figures.items())
    assert len(questions) == 40
    assert report.figures["silent where nothing answers"].value >= 0.6, told
    assert report.figures["right among shown"].value >= 0.75, told
    assert report.figures["ECE"].value <= 0.15, told


def own(name: str) -> str:
    return (ROOT / "training" / "articles" / f"{name}.jsonl").read_text(encoding="utf-8")


def _of(row: Mapping[str, object]) -> dict[str, object]:
    return {**row, "kb": "en"}
