"""A real engine process on a store of the test, and waiting for what it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assist.domain import Help
from assist.engine.client import EngineClient
from assist.engine.protocol import Encoded, Start
from assist.store.database import StoreKey
from assist.store.store import Store
from assist.suggest import Question
from resources import ROOT
from tests.helpers.builders import a_message, a_ticket, an_agent, an_open_ticket
from tests.helpers.store import KEY

PATIENCE_S = 60.0
"""Only for machines that are very busy; conditions usually hold within a second."""


@dataclass
class Running:
    client: EngineClient
    encoded: list[Encoded] = field(default_factory=list)

    @property
    def pid(self) -> int:
        assert self.client.pid is not None
        return self.client.pid

    async def ask(self, text: str, *, subject: str = "A question", **fields: object) -> list[Help]:
        return [found async for found in self.client.ask(a_question(text, subject=subject, **fields))]


def a_question(text: str, *, subject: str = "A question", id: int = 7, account: str = "zendesk:acme") -> Question:
    opened = an_open_ticket(id, account, ticket=a_ticket(id, account, subject=subject), messages=(a_message(text),))
    return Question(opened, an_agent())


@asynccontextmanager
async def running(store: Store, *, key: StoreKey = KEY, models: Path = ROOT / "models") -> AsyncIterator[Running]:
    """Start an engine process, wait until it is up, and stop it at the end. Vectors it makes are kept in ``store``."""
    encoded: list[Encoded] = []

    async def keep(made: Encoded) -> None:
        await store.vectors.put(made.encoder, made.kind, made.ids, made.vectors.astype(np.float32))
        encoded.append(made)

    client = EngineClient(Start(store.path, key, models, ROOT / "triggers.toml"), keep_vectors=keep)
    client.launch()
    try:
        await until(lambda: client.is_up)
        yield Running(client, encoded)
    finally:
        await client.aclose()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # processes and files cannot set an event
            await asyncio.sleep(0.005)


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is more than a zombie that waits for its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}
