"""Stores for tests: opened in a folder of the test, closed and checked at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from assist.store.database import StoreKey, files_of, problems
from assist.store.events import Appended, Event
from assist.store.records import PastReply
from assist.store.store import Store, open_store
from tests.helpers.builders import NOON, a_ref

T = TypeVar("T")

KEY = StoreKey(bytes(range(32)))
OTHER_KEY = StoreKey(bytes(range(1, 33)))


def a_past_reply(reply_text: str = "Send us a photo.", **fields) -> PastReply:
    defaults = {
        "ref": a_ref(8),
        "message_id": 71,
        "agent_id": 501,
        "agent_name": "Maya Okafor",
        "subject": "Tent pole snapped",
        "customer_text": "My tent pole snapped.",
        "reply_text": reply_text,
        "replied_at": NOON,
    }
    return PastReply(**{**defaults, **fields})


@contextmanager
def opened(path: Path, key: StoreKey = KEY) -> Iterator[Store]:
    """Open a store; on leaving, its database must pass the integrity check and be drained in time."""
    store = open_store(path, key)
    try:
        yield store
        assert store.writer.submit(problems).result(timeout=10) == []
    finally:
        assert store.close() == 0


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def append(store: Store, *events: Event) -> tuple[Appended, ...]:
    return store.log.submit(*events).result(timeout=10)


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a database with its -wal and -shm."""
    return b"".join(file.read_bytes() for file in files_of(path) if file.exists())
