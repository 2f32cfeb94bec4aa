"""What answers the commands' questions: the engine in this process, or plain full-text search without it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import resources
from assist.domain import Help
from assist.encoders import multilingual
from assist.encoders.minilm import load as load_encoder
from assist.engine.service import Engine
from assist.ports import Vectors
from assist.retrieve.backend import PlainBackend
from assist.signals.triggers import load_triggers
from assist.store.store import Store
from assist.suggest import Assistant, Question

Answer = Callable[[Question], Help]


def answering(store: Store, *, plain: bool) -> Answer:
    """Return what answers a question in full, that is in the last and best of its stages."""
    triggers = load_triggers(resources.ROOT / "triggers.toml")
    if plain:
        assistant = Assistant(
            documents=store.documents,
            backend=PlainBackend(store.search),
            encoder=None,
            triggers=triggers,
            now=_now,
        )
        return lambda question: list(assistant.answer(question))[-1]
    engine = loaded_engine(store)
    return lambda question: list(engine.answer(question))[-1]


def loaded_engine(store: Store, *, on_encoded: Callable[[int, int], None] = lambda _made, _left: None) -> Engine:
    """Return an engine that has read ``store``; vectors that were missing are made and kept.

    ``on_encoded`` is told how many vectors a step made and how many remain.
    """
    engine = Engine(
        reader=store.reader,
        encoder=load_encoder(resources.ROOT / "models"),
        second=multilingual.load(resources.ROOT / "models"),
        triggers=load_triggers(resources.ROOT / "triggers.toml"),
        now=_now,
    )
    engine.load()
    for made in engine.encode_missing():
        vectors: Vectors = made.vectors.astype("float32")
        asyncio.run(store.vectors.put(made.encoder, made.kind, made.ids, vectors))
        on_encoded(len(made.ids), made.remaining)
    return engine


def _now() -> datetime:
    return datetime.now(UTC)
