"""A helpdesk's address that leads to this machine, with a certificate that only these tests vouch for."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

HOST = "acme.zendesk.com"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


@contextlib.contextmanager
def names(monkeypatch: pytest.MonkeyPatch, known: dict[str, str]) -> Iterator[list[str]]:
    """Let each name lead to an address; others are not found. Yield what was looked up."""
    real, asked = socket.getaddrinfo, []

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in ("127.0.0.1", "::1", None):
            return real(host, *args, **options)
        asked.append(name)
        if name not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(known[name], *args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", look_up)
        yield asked


def trusted(monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, folder: Path) -> None:
    """Let this process trust ``authority``, as an admin can with the system's own store."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


def certificate(authority: trustme.CA, host: str = HOST, *, ended: bool = False) -> trustme.LeafCert:
    if not ended:
        return authority.issue_cert(host)
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    return authority.issue_cert(host, not_before=yesterday - dt.timedelta(days=9), not_after=yesterday)


@contextlib.asynccontextmanager
async def tls_server(shown: trustme.LeafCert, raw: bytes = ANSWER) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answer every request with ``raw``. Yield the port and the heads of requests that arrived."""
    context, heads = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    shown.configure_cert(context)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(raw)
            await writer.drain()

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # a refused handshake is what is tested
    async with listening(handle, ssl=context) as port:
        yield port, heads


@contextlib.asynccontextmanager
async def connect_proxy() -> AsyncIterator[tuple[int, list[str], list[bytes]]]:
    """Tunnel to this machine. Yield the port, the targets that were asked for and all bytes that went through."""
    targets: list[str] = []
    through: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *_ = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        _, target, _ = first.split(" ")
        targets.append(target)
        away_reader, away = await asyncio.open_connection("127.0.0.1", int(target.rpartition(":")[2]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                through.append(data)
                sink.write(data)
                await sink.drain()
            sink.close()

        try:
            await asyncio.gather(pump(reader, away), pump(away_reader, writer))
        finally:
            away.transport.abort()

    async with listening(handle) as port:
        yield port, targets, through


@contextlib.asynccontextmanager
async def listening(handle: Callable[..., Any], **options: Any) -> AsyncIterator[int]:
    """Give each connection to ``handle``; at the end of the block all of them are over."""
    running: set[asyncio.Task[Any]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await handle(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, which is its right, or the block ended
        finally:
            writer.transport.abort()
            running.discard(task)

    server = await asyncio.start_server(accepted, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in [*running]:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()
