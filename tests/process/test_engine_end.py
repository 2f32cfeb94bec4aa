"""The engine process ends cleanly, also in the middle of its work."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assist.engine.client import EngineClient
from assist.engine.protocol import Encoded, Start
from assist.store.store import open_store
from resources import ROOT
from tests.helpers.demo_store import fill
from tests.helpers.store import KEY

DEADLINE_S = 60.0


@pytest.mark.slow
def test_that_an_engine_that_is_stopped_while_it_encodes_does_not_abort(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db", KEY)
    fill(store)
    store.close()

    async def stop_in_the_middle() -> int | None:
        encoding = asyncio.Event()

        async def keep(_: Encoded) -> None:
            encoding.set()

        start = Start(tmp_path / "store.db", KEY, ROOT / "models", ROOT / "triggers.toml")
        client = EngineClient(start, keep_vectors=keep)
        client.launch()
        process = client._process
        async with asyncio.timeout(DEADLINE_S):
            await encoding.wait()
            await client.aclose()
        return process.exitcode if process is not None else None

    assert asyncio.run(stop_in_the_middle()) == 0
