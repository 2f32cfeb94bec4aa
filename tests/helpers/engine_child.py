"""A process that starts an engine and prints its process id, to be killed without a chance to clean up.

    python -m tests.helpers.engine_child DATABASE

The key comes as one line of standard input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from assist.engine.client import EngineClient
from assist.engine.protocol import Encoded, Start
from assist.store.database import StoreKey
from resources import ROOT


async def main(database: Path, key: StoreKey) -> None:
    up = asyncio.Event()

    async def keep(_: Encoded) -> None:
        pass

    client = EngineClient(
        Start(database, key, ROOT / "models", ROOT / "triggers.toml"), keep_vectors=keep, on_change=up.set
    )
    client.launch()
    await up.wait()
    sys.stdout.write(f"{client.pid}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), StoreKey.from_text(sys.stdin.readline().strip())))
