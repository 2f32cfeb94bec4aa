"""Uses `desktop.secrets` in a process of its own, told what to do by a test in JSON lines."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from desktop.logs import start_logging
from desktop.secrets import Available, KeyringTrouble, Secrets, service_name
from desktop.settings import folders


async def answer(secrets: Secrets, command: dict[str, Any]) -> Any:
    match command:
        case {"verb": "state"}:
            state = secrets.state
            return [type(state).__name__, state.backend if isinstance(state, Available) else state.reason]
        case {"verb": "put", "name": name, "secret": secret}:
            return (await secrets.put(name, secret)).value
        case {"verb": "get", "name": name}:
            return await secrets.get(name)
        case {"verb": "forget", "name": name}:
            return await secrets.forget(name)
        case {"verb": "store_key", "exists": exists}:
            found = await secrets.store_key(folders().data / "keyring.json", database_exists=exists)
            return [found.state.value, found.key.hex(), found.why]
        case _:
            raise ValueError(command)


async def main() -> None:
    secrets = await Secrets.open(service_name(folders()), deadline_s=20.0)
    for line in sys.stdin:
        try:
            said = await answer(secrets, json.loads(line))
        except KeyringTrouble as error:
            said = {"trouble": str(error)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    start_logging(Path(folders().log), 10)
    asyncio.run(main())
