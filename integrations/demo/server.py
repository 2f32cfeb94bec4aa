"""Serves both faces and the page from one process on two loopback ports."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from types import TracebackType

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from integrations.demo.freshdesk.face import freshdesk_face
from integrations.demo.page import page_routes
from integrations.demo.world import (
    DEMO_ADMIN_EMAIL,
    DEMO_ADMIN_FRESHDESK_KEY,
    DEMO_ADMIN_OAUTH_TOKEN,
    DEMO_EMAIL,
    DEMO_FRESHDESK_KEY,
    DEMO_OAUTH_TOKEN,
    DEMO_ZENDESK_TOKEN,
    FRESHDESK,
    ZENDESK,
    World,
)
from integrations.demo.zendesk.face import zendesk_face

__all__ = [
    "DEMO_ADMIN_EMAIL",
    "DEMO_ADMIN_FRESHDESK_KEY",
    "DEMO_ADMIN_OAUTH_TOKEN",
    "DEMO_EMAIL",
    "DEMO_FRESHDESK_KEY",
    "DEMO_OAUTH_TOKEN",
    "DEMO_ZENDESK_TOKEN",
    "DemoServer",
]

HOST = "127.0.0.1"
_START_DEADLINE_S = 10.0
_STOP_DEADLINE_S = 10.0


class Protocol(H11Protocol):
    """uvicorn's own, but an app finds a way to drop the connection in ``scope["state"]["abort"]``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn names a narrower transport
        super().connection_made(transport)
        self.app_state = {**self.app_state, "abort": transport.abort}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever owns the process: the server may be a guest in a test or in the app."""
        yield


class DemoServer:
    """Both faces of ``world``. Port 0 takes a free one; the addresses are known before it runs.

    Use ``with DemoServer(world) as server:`` (or `start` and `stop`) to run it in a thread of its own, or
    ``await server.serve()`` in a running loop. It serves once.
    """

    def __init__(self, world: World, zendesk_port: int = 0, freshdesk_port: int = 0) -> None:
        """Listen already. Raises OSError when a port is taken."""
        self._sockets = [_listening(zendesk_port)]
        try:
            self._sockets.append(_listening(freshdesk_port))
        except OSError:
            self._sockets[0].close()
            raise
        self.zendesk_port: int = self._sockets[0].getsockname()[1]
        self.freshdesk_port: int = self._sockets[1].getsockname()[1]
        self.zendesk_url = f"http://{HOST}:{self.zendesk_port}"
        self.freshdesk_url = f"http://{HOST}:{self.freshdesk_port}"
        self.show(world)
        self._server = _Server(self._config())
        self._thread: threading.Thread | None = None

    def show(self, world: World) -> None:
        """Answer from ``world`` from the next request on; open pages see it as well."""
        faces: dict[int, ASGIApp] = {
            self.zendesk_port: zendesk_face(world, page_routes(world, ZENDESK)),
            self.freshdesk_port: freshdesk_face(world, page_routes(world, FRESHDESK)),
        }
        # A page elsewhere could point a name of its own at this machine; it would come with that name.
        self._faces = {port: TrustedHostMiddleware(face, [HOST, "localhost"]) for port, face in faces.items()}
        self.world = world

    def _config(self) -> uvicorn.Config:
        async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
            await self._faces[scope["server"][1]](scope, receive, send)

        return uvicorn.Config(
            by_port,
            http=Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )

    async def serve(self) -> None:
        """Serve until cancelled or until `stop` is called."""
        serving = asyncio.ensure_future(self._server.serve(sockets=self._sockets))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._server.should_exit = True
            await serving
            raise
        finally:
            self._close()

    def start(self) -> None:
        """Serve in a thread; return when the server answers."""
        failures: list[BaseException] = []

        def run() -> None:
            try:
                asyncio.run(self.serve())
            except BaseException as error:  # noqa: BLE001 - handed to whoever called start()
                failures.append(error)

        self._thread = threading.Thread(target=run, name="demo helpdesk", daemon=True)
        self._thread.start()
        for _ in range(int(_START_DEADLINE_S / 0.01)):
            if self._server.started or failures:
                break
            self._thread.join(0.01)
        if failures or not self._server.started:
            raise RuntimeError("the demo helpdesk did not start") from (failures[0] if failures else None)

    def stop(self) -> None:
        """Stop serving and free the ports; a second call does nothing."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_STOP_DEADLINE_S)
            self._thread = None
        self._close()

    def _close(self) -> None:
        for one in self._sockets:
            one.close()

    def __enter__(self) -> DemoServer:
        self.start()
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


def _listening(port: int) -> socket.socket:
    """Return a listening socket that says it is TCP.

    asyncio turns Nagle's algorithm off only for sockets whose ``proto`` is set, which `socket.create_server`
    leaves at 0; with it each answer takes 40 ms longer.
    """
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share the port
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((HOST, port))
        one.listen(128)
    except OSError:
        one.close()
        raise
    return one
