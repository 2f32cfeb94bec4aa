"""Bait in a ticket: a place on this machine that counts who comes, named in every way that HTML can name a place."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from integrations.demo.model import Ticket

BAIT = """
<script src="{url}/script.js"></script><script>fetch("{url}/fetch")</script>
<img src="{url}/pixel.png" onerror="fetch('{url}/onerror')"><img src="x" onerror="fetch('{url}/broken')">
<style>@import url({url}/style.css); p {{ background: url({url}/background.png) }}</style>
<link rel="stylesheet" href="{url}/link.css"><link rel="prefetch" href="{url}/prefetch">
<iframe src="{url}/frame"></iframe><object data="{url}/object"></object><embed src="{url}/embed">
<video src="{url}/video" autoplay></video><audio src="{url}/audio" autoplay></audio>
<svg><image href="{url}/svg.png"/><use href="{url}/use.svg#a"/></svg>
<meta http-equiv="refresh" content="0;url={url}/refresh"><base href="{url}/">
<p style="background-image: url({url}/inline.png)">Is the gift card code legit, and how do I use a gift card?</p>
<a href="javascript:fetch('{url}/click')">click</a> <a href="file:///etc/passwd">file</a>
"""


@dataclass
class Trap:
    """``visits`` grows by a line for every connection, whatever is said on it."""

    address: str
    visits: list[str] = field(default_factory=list)

    def bait(self, ticket: Ticket) -> None:
        """Make the last message of a ticket one that a vendor should have cleaned and did not."""
        html = BAIT.format(url=f"http://{self.address}")
        ticket.comments[-1] = replace(ticket.comments[-1], html=html, text="")


@contextmanager
def listening() -> Iterator[Trap]:
    """Listen on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        trap = Trap(f"127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=_watch, args=(server, trap), daemon=True)
        thread.start()
        yield trap
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _watch(server: socket.socket, trap: Trap) -> None:
    with suppress(OSError):
        while True:
            visitor, _ = server.accept()
            with visitor:
                visitor.settimeout(1.0)
                with suppress(OSError):
                    trap.visits.append(visitor.recv(1_000).decode("latin-1").partition("\r\n")[0])
