"""The demo shop in a store of its own, and an engine on it: no server between, so that quality is measured fast."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from assist.domain import AccountId, Article, Macro, SolvedTicket, Visibility
from assist.encoders import multilingual
from assist.encoders.minilm import load as load_encoder
from assist.engine.service import Engine
from assist.ingest import macro_language, past_replies
from assist.ports import Encoder
from assist.signals.triggers import load_triggers
from assist.store.store import Store
from assist.text.passages import split_article
from integrations.demo.data import DemoData, load
from resources import ROOT
from tests.helpers.demo_tickets import DEMO, NOW, demo_tickets

ACCOUNT = AccountId("zendesk:demo")
_DATA: list[DemoData] = []


def demo_data() -> DemoData:
    if not _DATA:
        _DATA.append(load(DEMO))
    return _DATA[0]


def slug_of(article_id: int) -> str:
    return demo_data().articles[article_id - 1].slug


def demo_articles() -> list[Article]:
    """Return every article; its id is its place in the folder, from 1."""
    return [
        Article(
            account=ACCOUNT,
            id=number,
            locale=raw.locale,
            title=raw.title,
            html=raw.html,
            url=f"https://demo.example.com/hc/{raw.slug}",
            updated_at=NOW - raw.updated,
            section=raw.section,
            labels=raw.labels,
            draft=raw.draft,
            visibility=Visibility(raw.visibility),
            votes=raw.votes,
        )
        for number, raw in enumerate(demo_data().articles, 1)
    ]


def demo_macros() -> list[Macro]:
    return [
        Macro(ACCOUNT, number, raw.title, raw.body, raw.tags, raw.uses_7d)
        for number, raw in enumerate(demo_data().macros, 1)
    ]


def demo_solved() -> list[SolvedTicket]:
    return [
        SolvedTicket(demo.opened.ticket, tuple(message for message in demo.opened.messages if message.public))
        for demo in demo_tickets().values()
        if demo.solved
    ]


def fill(store: Store, *, articles_only: bool = False) -> None:
    """Put the demo shop into ``store``."""
    asyncio.run(_fill(store, articles_only=articles_only))


async def _fill(store: Store, *, articles_only: bool) -> None:
    await store.knowledge.put_articles([(a, () if a.draft else split_article(a)) for a in demo_articles()])
    if articles_only:
        return
    macros = demo_macros()
    await store.knowledge.put_macros(macros, languages={macro.id: macro_language(macro) for macro in macros})
    await store.knowledge.put_solved([(solved, past_replies(solved)) for solved in demo_solved()])


def engine_on(store: Store, *, encoder: Encoder | None = None, now: Callable[[], datetime] = lambda: NOW) -> Engine:
    """Return an engine that has read ``store`` and made every vector (kept in the store)."""
    engine = Engine(
        reader=store.reader,
        encoder=encoder or load_encoder(ROOT / "models"),
        second=multilingual.load(ROOT / "models"),
        triggers=load_triggers(ROOT / "triggers.toml"),
        now=now,
    )
    engine.load()
    for made in engine.encode_missing():
        asyncio.run(store.vectors.put(made.encoder, made.kind, made.ids, made.vectors.astype("float32")))
    return engine
