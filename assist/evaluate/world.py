"""A store and an engine for one evaluation: in a folder that goes with it, under a key that nobody keeps."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import resources
from assist.domain import (
    AccountId,
    Article,
    Author,
    Customer,
    Message,
    OpenTicket,
    Role,
    Ticket,
    TicketRef,
    TicketStatus,
)
from assist.encoders import multilingual
from assist.encoders.minilm import load as load_encoder
from assist.engine.service import Engine
from assist.ports import Encoder
from assist.signals.triggers import load_triggers
from assist.store.database import delete_database, new_key
from assist.store.store import Store, open_store
from assist.text.passages import split_article

ACCOUNT = AccountId("eval:data")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ROLES = {"customer": Role.CUSTOMER, "agent": Role.AGENT}


@contextmanager
def empty_store() -> Iterator[Store]:
    """Yield a store that is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="kibitz-eval-") as folder:
        path = Path(folder) / "eval.db"
        store = open_store(path, new_key())
        try:
            yield store
        finally:
            store.close()
            delete_database(path)


def put_articles(store: Store, articles: Sequence[Article]) -> None:
    asyncio.run(store.knowledge.put_articles([(article, split_article(article)) for article in articles]))


def engine_on(store: Store, *, encoder: Encoder | None = None) -> Engine:
    """Return an engine that has read ``store`` and encoded all of it; by the shipped encoder if ``encoder`` is None."""
    engine = Engine(
        reader=store.reader,
        encoder=encoder or load_encoder(resources.ROOT / "models", threads=1),
        second=multilingual.load(resources.ROOT / "models"),
        triggers=load_triggers(resources.ROOT / "triggers.toml"),
        now=lambda: NOW,
    )
    engine.load()
    catch_up(store, engine)
    return engine


def catch_up(store: Store, engine: Engine) -> None:
    """Do what the app does in the background: vectors that are missing are made and kept."""
    for made in engine.encode_missing():
        asyncio.run(store.vectors.put(made.encoder, made.kind, made.ids, made.vectors.astype("float32")))


def opened(
    turns: Sequence[tuple[str, str]], *, account: AccountId = ACCOUNT, ticket_id: int = 1, subject: str = ""
) -> OpenTicket:
    """Return a ticket with these (role, text) turns, a minute apart and just written."""
    began = NOW - timedelta(minutes=len(turns))
    ref = TicketRef(account, ticket_id)
    messages = tuple(
        Message(
            id=number,
            author=Author(_author_id(role), "", _ROLES[role]),
            created_at=began + timedelta(minutes=number),
            public=True,
            text=text,
        )
        for number, (role, text) in enumerate(turns)
    )
    return OpenTicket(
        ticket=Ticket(ref, subject, TicketStatus.OPEN, began, NOW, requester_id=_author_id("customer")),
        messages=messages,
        customer=Customer(_author_id("customer"), ""),
        history=(),
        fetched_at=NOW,
    )


def _author_id(role: str) -> int:
    return 1 if role == "customer" else 2
