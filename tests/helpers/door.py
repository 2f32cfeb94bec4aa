"""An app frame of a helpdesk, as the loopback door sees it: HTTP by hand, and the extension's side of the protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.helpers.partner import Extension, framed, unframed

ZENDESK = "https://1234567.apps.zdusercontent.com"
FRESHWORKS = "https://d3h0owdjgzys62.cloudfront.net"


def request(path: str, body: object = None, *, port: int, **changes: str | None) -> bytes:
    """Return a POST as a browser sends it; ``changes`` replace headers by name (underscores for dashes), None drops.

    ``method`` and ``raw`` are no headers: the verb, and a body that is not JSON.
    """
    method, raw = changes.pop("method", "POST"), changes.pop("raw", None)
    content = (raw if raw is not None else json.dumps({} if body is None else body)).encode()
    headers: dict[str, str | None] = {
        "host": f"127.0.0.1:{port}",
        "origin": ZENDESK,
        "content-type": "application/json",
        "content-length": str(len(content)),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines]).encode() + b"\r\n\r\n" + content


def preflight(path: str, *, port: int, **changes: str | None) -> bytes:
    """Return what a browser asks before it posts JSON to another origin."""
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
    bare = {"content_type": None, "content_length": None}
    return request(path, port=port, method="OPTIONS", raw="", **{**bare, **asked, **changes})


@dataclass(frozen=True)
class Answer:
    """``status`` is 0 when the connection ended without a word."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def read_answer(data: bytes) -> Answer:
    if not data:
        return Answer(0, {}, b"")
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert len(body) == int(headers.get("content-length", "0"))
    return Answer(int(first.split()[1]), headers, body)


async def to_its_end(reader: asyncio.StreamReader) -> bytes:
    """Read until the door ends the connection, politely or not; return what came last."""
    try:
        return await reader.read()
    except ConnectionError:
        # It was closed with bytes under way.
        return b""


async def exchange(port: int, data: bytes) -> Answer:
    """Write ``data`` on a new connection and read to its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await writer.drain()
        return read_answer(await to_its_end(reader))
    finally:
        writer.close()


async def post(port: int, path: str, body: object = None, **changes: str | None) -> Answer:
    return await exchange(port, request(path, body, port=port, **changes))


@dataclass
class AppFrame:
    """One app frame with its session. `run` carries frames until ``done`` says so."""

    port: int
    extension: Extension = field(default_factory=lambda: Extension(name="Zendesk app"))
    origin: str = ZENDESK
    token: str = ""
    over: str = ""

    async def open(self) -> None:
        answer = await post(self.port, "/open", {}, origin=self.origin)
        assert answer.status == 200
        self.token, self.over = answer.json["session"], ""
        self.extension.connect()
        self.extension.outgoing()  # there is no host to say anything

    async def call(self, path: str, **body: object) -> Answer:
        return await post(self.port, path, {"session": self.token, **body}, origin=self.origin)

    async def send(self) -> None:
        """Post what the extension's side has to say, one frame after another."""
        for one in unframed(self.extension.outgoing()):
            assert (await self.call("/send", frame=one)).status == 204

    async def wait(self) -> None:
        """Ask for news once, and take it."""
        answer = await self.call("/wait")
        assert answer.status == 200
        self.over = answer.json["over"]
        for one in answer.json["frames"]:
            self.extension.hear(framed(one))

    async def run(self, done: Callable[[], object]) -> None:
        while not done():
            await self.send()
            if not done():
                await self.wait()
        await self.send()

    async def pair(self, code: Callable[[], str]) -> None:
        self.extension.pair()
        await self.run(lambda: self.extension.told_id)
        self.extension.type_code(code())
        await self.run(lambda: self.extension.paired)

    async def hello(self) -> None:
        self.extension.hello()
        await self.run(lambda: self.extension.heard)

    async def say(self, **message: object) -> None:
        self.extension.say(message)
        await self.send()
