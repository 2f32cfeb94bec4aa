"""Asks a browser to put a reply into its composer, and waits for the answer to exactly that."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from assist.text.compose import to_html
from desktop.link.state import Placed, Target
from integrations.browser.messages import Insert, Inserted

log = logging.getLogger(__name__)

WAIT_S = 4.0
"""A helpdesk's page that is loading a ticket has been seen to answer nobody for two seconds."""


class Inserter:
    """Belongs to the event loop's thread. ``send`` says whether the message could be sent."""

    def __init__(self, send: Callable[[int, Insert], bool], *, wait_s: float = WAIT_S) -> None:
        self._send = send
        self._wait_s = wait_s
        self._waiting: dict[str, tuple[int, asyncio.Future[Placed]]] = {}

    async def insert(self, target: Target, text: str) -> Placed:
        """Put ``text`` into the editor at ``target``. Takes at most the time that was set."""
        id_ = secrets.token_hex(8)
        answer: asyncio.Future[Placed] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = (target.browser, answer)
        try:
            if not self._send(target.browser, Insert(id_, target.url, to_html(text), text)):
                return Placed.LOST
            async with asyncio.timeout(self._wait_s):
                return await answer
        except TimeoutError:
            log.info("the browser did not say whether it inserted a reply")
            return Placed.LATE
        finally:
            del self._waiting[id_]

    def answered(self, browser: int, message: Inserted) -> None:
        """Take an answer. One that nobody waits for, or from another browser than was asked, means nothing."""
        asked, answer = self._waiting.get(message.id, (None, None))
        if answer is not None and asked == browser and not answer.done():
            answer.set_result(Placed.INSERTED if message.ok else _WHY.get(message.why, Placed.FAILED))

    def lost(self, browser: int) -> None:
        """The link to a browser ended."""
        for asked, answer in self._waiting.values():
            if asked == browser and not answer.done():
                answer.set_result(Placed.LOST)


_WHY = {"moved": Placed.MOVED, "no-composer": Placed.NO_COMPOSER}
