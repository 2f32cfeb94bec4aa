"""A real engine process and a ticket that is not English."""

from __future__ import annotations

import pytest

from assist.domain import Help, SourceKind
from assist.text.passages import split_article
from tests.helpers.builders import an_article
from tests.helpers.engine import running, until
from tests.helpers.store import opened, run

ARTICLES = {
    "Get a refund for a cancelled order": "We refund your money within five days after you cancelled an order.",
    "Track your parcel": "The carrier tells you where your parcel is.",
    "Repair your tent": "We repair your tent for free.",
}
GERMAN = "Ich möchte mein Geld für die stornierte Bestellung zurück, wann wird erstattet?"


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        articles = [
            an_article(number, locale="en", title=title, html=f"<p>{text}</p>")
            for number, (title, text) in enumerate(ARTICLES.items(), 1)
        ]
        run(store.knowledge.put_articles([(article, split_article(article)) for article in articles]))
        yield store


def test_that_a_german_ticket_finds_an_english_article_once_its_vectors_are_made(store):
    async def main() -> tuple[Help, Help, set[str]]:
        async with running(store) as engine:
            await until(lambda: bool(engine.encoded))
            await until(lambda: engine.client.is_settled)
            settled: list[bool] = []
            engine.client.on_settled = lambda: settled.append(True)
            *_, first = await engine.ask(GERMAN, subject="Erstattung")
            await until(lambda: bool(settled))
            assert len(settled) == 1
            *_, then = await engine.ask(GERMAN, subject="Erstattung", id=8)
            return first, then, {made.encoder for made in engine.encoded}

    first, then, encoders = run(main())

    assert first.articles == ()
    assert first.why_no_articles.endswith("by their words only, not by what they mean.")
    assert [hit.title for hit in then.articles] == ["Get a refund for a cancelled order"]
    assert then.why_no_articles == ""
    assert (first.early, then.early) == (True, False)
    assert {name.split("@")[0] for name in encoders} == {"minilm", "multilingual"}
    assert [store.vectors.count(name, SourceKind.ARTICLE) for name in sorted(encoders)] == [3, 3]


def test_that_an_english_account_is_encoded_once(store):
    async def main() -> list[str]:
        async with running(store) as engine:
            await until(lambda: bool(engine.encoded))
            for number in (7, 8):
                await engine.ask("I would like my money back, please.", subject="Refund", id=number)
            return [made.encoder.split("@")[0] for made in engine.encoded]

    assert run(main()) == ["minilm"]
