"""Which article answers, in five languages, in the articles' language and in another; measured on held-out articles.

Floors are the lower ends of what was measured when the second encoder came (docs/adr/0013-languages.md).
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from assist.evaluate.retrieval import evaluate
from assist.evaluate.rows import Row
from assist.text.language import detect
from resources import ROOT

pytestmark = pytest.mark.slow

HELD_OUT = ROOT / "training" / "articles" / "languages-test.jsonl"
SAME = {"en": 0.82, "de": 0.69, "fr": 0.70, "es": 0.67, "pt": 0.72}
FROM_ENGLISH = {"de": 0.64, "fr": 0.65, "es": 0.70, "pt": 0.64}
RECOGNISED = {"en": 0.95, "de": 0.85, "fr": 0.85, "es": 0.85, "pt": 0.83}
"""Share of the held-out questions whose language is found; half of them have four words or fewer."""


@cache
def articles() -> list[dict[str, Any]]:
    return [json.loads(line) for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]


def mrr(*, asked: str, written: str) -> float:
    rows = []
    for number, article in enumerate(articles()):
        document = {"id": f"a{number}", "title": article["title"][written], "text": article["text"][written]}
        rows.append(Row("document", {"type": "document", "language": written, **document}))
        for place, question in enumerate(article["queries"][asked]):
            query = {"type": "query", "id": f"q{number}.{place}", "text": question, "gold": [f"a{number}"]}
            rows.append(Row("query", query))
    return evaluate(rows).figures["MRR"].value


@pytest.mark.parametrize(("language", "floor"), SAME.items())
def test_that_a_question_finds_its_article_in_its_own_language(language, floor):
    assert mrr(asked=language, written=language) >= floor


@pytest.mark.parametrize(("language", "floor"), FROM_ENGLISH.items())
def test_that_a_question_finds_its_article_where_there_are_only_english_ones(language, floor):
    assert mrr(asked=language, written="en") >= floor


@pytest.mark.parametrize(("language", "floor"), RECOGNISED.items())
def test_that_the_language_of_short_questions_is_found(language, floor):
    questions = [question for article in articles() for question in article["queries"][language]]

    assert sum(detect(question) == language for question in questions) / len(questions) >= floor
