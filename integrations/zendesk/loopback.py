"""Waits on 127.0.0.1 for the browser's answer to one sign-in. Takes one code; everything else changes nothing."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import h11

from assist.errors import HelpdeskError
from integrations.zendesk.callback import Code, Outcome, Refused, read_callback

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
LARGEST_HEAD_BYTES = 16_384
SILENCE_S = 10.0
"""Browsers open connections in advance and say nothing on them."""
MOST_CONNECTIONS = 16

_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("Connection", "close"),
]
_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Kibitz</title>
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;min-height:90vh;margin:0;display:grid;place-items:center;padding:0 1.5em}}
main{{max-width:26em;border:1px solid #8885;border-radius:12px;padding:1.75em 2em;overflow-wrap:anywhere}}
h1{{font-size:1.2em;margin:0 0 .35em}}p{{margin:0}}</style></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What one page says: a heading and a sentence."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the browser shows at the end; handed in translated."""

    received: Said = Said("Kibitz has your answer", "You can close this window.")
    refused: Said = Said("Access was not granted", "You can close this window and try again in Kibitz.")
    stray: Said = Said("Nothing to do here", "This page belongs to no sign-in that Kibitz waits for. You can close it.")


class NoPort(HelpdeskError):
    """Every registered port is taken by another program."""


def listening(ports: Sequence[int]) -> tuple[socket.socket, tuple[int, ...]]:
    """Return a socket on the first free port of ``ports``, and those that were taken. Raises `NoPort`."""
    taken: list[int] = []
    for port in ports:
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if sys.platform == "win32":  # there another program could share the port and get the code
                one.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((HOST, port))
            one.listen(MOST_CONNECTIONS)
            one.settimeout(0)
        except OSError as error:
            one.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                log.info("cannot listen on port %d: %s", port, error.strerror)
            taken.append(port)
        else:
            return one, tuple(taken)
    named = ", ".join(str(port) for port in taken)
    raise NoPort(
        f"Kibitz cannot wait for Zendesk's answer: other programs use the ports {named}. Close them, or ask your admin."
    )


class Receiver:
    """Serves one attempt. Use it as an asynchronous context; leaving it frees the port at once."""

    def __init__(self, ports: Sequence[int], state: str, words: Words) -> None:
        """Listen already. Raises `NoPort`."""
        self._socket, self.taken = listening(ports)
        self.port: int = self._socket.getsockname()[1]
        self.state = state
        self._words = words
        self._answer: asyncio.Future[Code | Refused] = asyncio.get_running_loop().create_future()
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Receiver:
        self._server = await asyncio.start_server(self._handle, sock=self._socket, limit=LARGEST_HEAD_BYTES)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._answer.cancel()
        self._server.close()
        for writer in tuple(self._open):
            writer.close()

    async def answer(self) -> Code | Refused:
        """Wait for the browser's answer to this attempt."""
        return await asyncio.shield(self._answer)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._open.add(writer)
        outcome: Outcome | None = None
        try:
            async with asyncio.timeout(SILENCE_S):
                http = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD_BYTES)
                outcome = await self._read(http, reader)
                writer.write(self._respond(http, outcome))
                await writer.drain()
        except (OSError, TimeoutError, h11.ProtocolError):
            log.debug("a connection to the sign-in's port was not a request")
        finally:
            self._open.discard(writer)
            writer.close()
            if isinstance(outcome, Code | Refused) and not self._answer.done():
                self._answer.set_result(outcome)

    async def _read(self, http: h11.Connection, reader: asyncio.StreamReader) -> Outcome:
        while (event := http.next_event()) is h11.NEED_DATA:
            http.receive_data(await reader.read(LARGEST_HEAD_BYTES))
        if not isinstance(event, h11.Request):
            raise h11.RemoteProtocolError("no request")
        hosts = [value for name, value in event.headers if name == b"host"]
        return read_callback(
            event.method.decode("latin-1"),
            event.target.decode("latin-1"),
            hosts[0].decode("latin-1") if len(hosts) == 1 else "",
            port=self.port,
            state=self.state,
        )

    def _respond(self, http: h11.Connection, outcome: Outcome) -> bytes:
        words = self._words
        match outcome:
            case Code() | Refused() if self._answer.done():
                status, said = 410, words.stray
            case Code():
                status, said = 200, words.received
            case Refused():
                status, said = 200, words.refused
            case _:
                status, said = outcome.status, words.stray
        body = _PAGE.format(title=escape(said.title), text=escape(said.text)).encode()
        head = h11.Response(status_code=status, headers=[*_HEADERS, ("Content-Length", str(len(body)))])
        events = (head, h11.Data(data=body), h11.EndOfMessage())
        return b"".join(http.send(event) or b"" for event in events)
