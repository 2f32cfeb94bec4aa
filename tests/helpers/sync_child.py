"""A Kibitz that only syncs: says when it begins and when it has read everything, and may be killed at any moment.

``python -m tests.helpers.sync_child KIND PORT DATABASE``; the database's key is the tests' own.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from assist.domain import HelpdeskKind
from assist.store.store import open_store
from assist.sync import Synchroniser
from integrations.connection import SystemClock
from integrations.demo.world import DEMO_ADMIN_FRESHDESK_KEY, DEMO_EMAIL, DEMO_ZENDESK_TOKEN
from integrations.helpdesks import connect
from integrations.site import ApiKey, ApiToken, demo_site
from tests.helpers.child_side import say
from tests.helpers.store import KEY


async def main(kind: HelpdeskKind, port: int, database: Path) -> None:
    zendesk = kind is HelpdeskKind.ZENDESK
    credentials = ApiToken(DEMO_EMAIL, DEMO_ZENDESK_TOKEN) if zendesk else ApiKey(DEMO_ADMIN_FRESHDESK_KEY)
    helpdesk, store = connect(demo_site(kind, port), credentials), open_store(database, KEY)
    synchroniser = Synchroniser(
        helpdesk, store, SystemClock(), on_changes=lambda *_: None, on_progress=lambda _: None, most_solved=20_000
    )
    say("begun")
    await synchroniser.run()
    await helpdesk.aclose()
    store.close()
    say("read")


if __name__ == "__main__":
    asyncio.run(main(HelpdeskKind(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
