"""Stores for tests: opened in a folder of the test, closed and checked at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from assist.store.database import Connection, StoreKey, files_of, problems
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


def plan(store: Store, query: str) -> list[str]:
    """Return how SQLite would answer ``query``, a step for each of its tables."""

    def explain(connection: Connection) -> list[str]:
        return [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {query}")]

    return store.writer.submit(explain).result(timeout=10)


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a database with its -wal and -shm."""
    return b"".join(file.read_bytes() for file in files_of(path) if file.exists())


def plain_bytes_of(path: Path, key: StoreKey = KEY, *, page_bytes: int = 4096) -> bytes:
    """Return what all pages of a database and of its write-ahead log hold, decrypted, those that are free included.

    The pages are as https://utelle.github.io/SQLite3MultipleCiphers/docs/ciphers/cipher_chacha20/ says: 16 bytes of
    nonce and 16 of tag at the end of each, and a key of its own for each from the first block of the stream.
    """
    found = []
    data = path.read_bytes()
    for number, at in enumerate(range(0, len(data), page_bytes), 1):
        found.append(_plain_page(data[at : at + page_bytes], key, number, clear=24 if number == 1 else 0))
    wal = path.with_name(f"{path.name}-wal")
    log = wal.read_bytes() if wal.exists() else b""
    for at in range(32, len(log), 24 + page_bytes):
        number = int.from_bytes(log[at : at + 4], "big")
        page = log[at + 24 : at + 24 + page_bytes]
        if len(page) == page_bytes:
            found.append(_plain_page(page, key, number, clear=24 if number == 1 else 0))
    return b"".join(found)


def _plain_page(page: bytes, key: StoreKey, number: int, *, clear: int) -> bytes:
    body, nonce = page[:-32], page[-32:-16]
    counter = int.from_bytes(nonce[12:], "little") ^ number
    own = _chacha20(key.value, counter, nonce[:12], bytes(64))[32:]
    return page[:clear] + _chacha20(own, (counter + 1) % 2**32, nonce[:12], body[clear:])


def _chacha20(key: bytes, counter: int, nonce: bytes, data: bytes) -> bytes:
    cipher = Cipher(algorithms.ChaCha20(key, counter.to_bytes(4, "little") + nonce), mode=None)
    return cipher.encryptor().update(data)
