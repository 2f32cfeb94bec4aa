"""A small HTTP/1.1 server on loopback that misbehaves on demand: whole bytes are scripted, nothing is helpful."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. Header names are lower case; ``headers`` keep the last of equal names."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Script:
    """What to do with one request: send ``raw``, after ``holding`` is released, and close.

    Attributes:
        raw: The bytes of the answer; empty closes the connection without a word.
        hang: Never answer; the connection stays open until the server stops.
    """

    raw: bytes = b""
    hang: bool = False


def answer(status: int, body: str | bytes = b"", *, cut: int = 0, **headers: str) -> Script:
    """Return an answer; ``cut`` leaves out that many of its last bytes. Header names use underscores."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(content)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + content
    return Script(whole[: len(whole) - cut])


def answer_json(body: object, status: int = 200, **headers: str) -> Script:
    return answer(status, json.dumps(body), content_type="application/json", **headers)


Answerer = Callable[[Seen], Script]


@dataclass
class HttpServer:
    """Answers as ``answerer`` says, on a free port of 127.0.0.1."""

    answerer: Answerer
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    most_at_once: int = 0
    _open: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            method, target, _ = first.split(" ")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
            }
            request = Seen(method, target, headers)
            self.seen.append(request)
            script = self.answerer(request)
            if script.hang:
                await reader.read()
            writer.write(script.raw)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away, which is its right
        finally:
            self._open -= 1
            writer.close()


@contextlib.asynccontextmanager
async def serving(answerer: Answerer) -> AsyncIterator[HttpServer]:
    """Run a server as long as the block runs."""
    served = HttpServer(answerer)
    server = await asyncio.start_server(served.handle, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        await server.wait_closed()


async def a_closed_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
