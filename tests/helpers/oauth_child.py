"""A Kibitz without windows: signs in, works and signs out in a process of its own, told what to do in JSON lines.

``python -m tests.helpers.oauth_child PORT CALLBACK_PORT``; the keyring and the folders are those of the environment.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from typing import Any

from assist.domain import AccountId, HelpdeskKind
from assist.errors import HelpdeskError, SignInNeeded
from assist.ports import Helpdesk
from desktop import wiring
from desktop.grants import Keeping
from desktop.logs import start_logging
from desktop.secrets import Secrets, service_name
from desktop.settings import folders
from integrations.demo.oauth import DEMO_CLIENT_ID
from integrations.helpdesks import connect
from integrations.site import Site, demo_site
from integrations.zendesk.oauth_wire import ACTING_SCOPES, grant_in


def say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


class Agent:
    def __init__(self, site: Site, ports: tuple[int, ...], keeping: Keeping) -> None:
        self._site = site
        self._ports = ports
        self._keeping = keeping
        self._helpdesk: Helpdesk | None = None

    async def answer(self, verb: str, times: int = 1) -> Any:
        match verb:
            case "sign_in":
                return await self._sign_in()
            case "restore":
                kept = await self._keeping.secrets.get(wiring.secret_name(AccountId(self._site.account)))
                place = wiring._grant_place(self._site.account, self._keeping)
                self._helpdesk = connect(self._site, grant_in(kept or ""), kept_in=place)
                return True
            case "read":
                return await asyncio.gather(*(self._read() for _ in range(times)))
            case "sign_out":
                assert self._helpdesk is not None
                seat = wiring.Seat(self._helpdesk, await self._helpdesk.me(), "")
                await wiring.revoke(seat)
                await self._helpdesk.aclose()
                await self._keeping.secrets.forget(wiring.secret_name(self._site.account))
                return True
        raise ValueError(verb)

    async def _sign_in(self) -> str:
        if self._helpdesk is not None:
            await self._helpdesk.aclose()
        seat = await wiring.sign_in_at(
            self._site, DEMO_CLIENT_ID, self._keeping, scopes=ACTING_SCOPES, opened=say, ports=self._ports
        )
        self._helpdesk = seat.helpdesk
        return seat.agent.name

    async def _read(self) -> str:
        """Ask for something that is no check of the credentials; return "read", or the name of the error."""
        assert self._helpdesk is not None
        try:
            await self._helpdesk.recently_viewed()
        except SignInNeeded:
            return "SignInNeeded"
        except HelpdeskError as error:
            return type(error).__name__
        return "read"


async def main() -> None:
    port, *ports = (int(text) for text in sys.argv[1:])
    where = folders()
    start_logging(where.log / str(os.getpid()), logging.DEBUG)
    keeping = Keeping(await Secrets.open(service_name(where), deadline_s=20.0), where.runtime)
    agent = Agent(demo_site(HelpdeskKind.ZENDESK, port), tuple(ports), keeping)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        say(await agent.answer(**json.loads(line)))


if __name__ == "__main__":
    asyncio.run(main())
