"""A desktop that posts one reply, as a process of its own: it stops where a test wants to kill it.

Reads the store's key, then ``go``, a line each; writes JSON lines: what it would do, where it stops, how it ended.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from assist.acts import Act, ActKind, Done, Preview
from assist.domain import HelpdeskKind, TicketRef
from assist.performing import Ended, Performer
from assist.store.database import StoreKey
from assist.store.store import open_store
from integrations.connection import SystemClock
from integrations.demo.world import DEMO_ADMIN_FRESHDESK_KEY, DEMO_OAUTH_TOKEN
from integrations.helpdesks import connect
from integrations.site import ApiKey, Credentials, OAuthToken, demo_site

HTML = "<p>Hi Ana,</p><p>A new label is on its way.</p>"
CREDENTIALS: dict[HelpdeskKind, Credentials] = {
    HelpdeskKind.ZENDESK: OAuthToken(DEMO_OAUTH_TOKEN),
    HelpdeskKind.FRESHDESK: ApiKey(DEMO_ADMIN_FRESHDESK_KEY),
}


def say(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class Stopping:
    """Passes everything on, and stops for ever before or after the step that the test names."""

    def __init__(self, inner: Any, point: str) -> None:
        self._inner = inner
        self._when, _, self._step = point.partition(" ")

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._inner, name)
        if name != self._step:
            return found

        async def stopped(*values: Any, **named: Any) -> Any:
            if self._when == "before":
                await self._stop()
            work: Awaitable[Any] = found(*values, **named)
            result = await work
            if self._when == "after":
                await self._stop()
            return result

        return stopped

    async def _stop(self) -> None:
        say(stopped=self._step)
        await asyncio.Event().wait()


async def post(store_path: Path, key: StoreKey, kind: HelpdeskKind, port: int, ticket: int, point: str) -> None:
    store = open_store(store_path, key)
    site = demo_site(kind, port)
    helpdesk = connect(site, CREDENTIALS[kind])
    act = Act("the-one-reply", TicketRef(site.account, ticket), ActKind.REPLY, text="Hi Ana.", html=HTML)
    preview: Preview = await helpdesk.actor.preview(act)
    say(public=preview.public)
    await asyncio.to_thread(sys.stdin.readline)
    performer = Performer(Stopping(store.acts, point), SystemClock())
    ended: Ended = await performer.perform(Stopping(helpdesk.actor, point), preview)
    done: Done | None = ended.done
    say(state=ended.state.value, error=type(ended.error).__name__, message=done.message_id if done else None)
    await helpdesk.aclose()
    store.close()


def main() -> None:
    path, kind, port, ticket, point = sys.argv[1:]
    key = StoreKey.from_text(sys.stdin.readline().strip())
    asyncio.run(post(Path(path), key, HelpdeskKind(kind), int(port), int(ticket), point))


if __name__ == "__main__":
    main()
