"""One of several processes that use the same accounts: asks both demo faces as fast as its budget allows, for ever.

Arguments: the ports of the Zendesk and the Freshdesk face, the run folder, the window in seconds.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from assist.domain import HelpdeskKind
from assist.errors import Unreachable
from assist.ports import Helpdesk
from integrations.demo.world import DEMO_ADMIN_FRESHDESK_KEY, DEMO_EMAIL, DEMO_ZENDESK_TOKEN
from integrations.helpdesks import connect
from integrations.ledger import Ledger
from integrations.metering import Rules
from integrations.site import ApiKey, ApiToken, demo_site
from tests.helpers.child_side import say
from tests.helpers.demo_data import LONG, OPEN


async def open_tickets(helpdesk: Helpdesk) -> None:
    """Open tickets one after another, as an agent who clicks too fast."""
    while True:
        for number in (OPEN, LONG):
            try:
                await helpdesk.open_ticket(number)
            except Unreachable:
                await asyncio.sleep(0.05)


async def sync(helpdesk: Helpdesk) -> None:
    while True:
        async for _ in helpdesk.articles():
            pass
        async for _ in helpdesk.solved_tickets():
            pass


async def main(zendesk_port: int, freshdesk_port: int, folder: Path, window_s: float) -> None:
    ledger = Ledger(folder)
    async with asyncio.TaskGroup() as tasks:
        for kind, port, credentials in (
            (HelpdeskKind.ZENDESK, zendesk_port, ApiToken(DEMO_EMAIL, DEMO_ZENDESK_TOKEN)),
            (HelpdeskKind.FRESHDESK, freshdesk_port, ApiKey(DEMO_ADMIN_FRESHDESK_KEY)),
        ):
            site = demo_site(kind, port)
            # Not exempt, as the demo otherwise is: here it stands in for an account that somebody pays for.
            meter = ledger.meter(site.account, Rules(kind, window_s=window_s))
            helpdesk = connect(site, credentials, meter=meter)
            tasks.create_task(open_tickets(helpdesk))
            tasks.create_task(sync(helpdesk))
        say("working")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])))
