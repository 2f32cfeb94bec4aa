"""What stands before both faces: counts requests, keeps the budgets, and breaks things when asked to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from integrations.demo.faults import Faults
from integrations.demo.world import World

_ERROR_PAGE = """<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>"""


class ApiError(Exception):
    """An answer that is not a success; ``body`` None means an empty one."""

    def __init__(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"answer {status}")
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self) -> Response:
        if self.body is None:
            return Response(status_code=self.status, headers=self.headers)
        return JSONResponse(self.body, status_code=self.status, headers=self.headers)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the vendor's limits say of one request."""

    refused: Response | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """Put on every answer."""


class Gate:
    """Wraps a face. Paths below ``/api/`` are counted, limited and broken; everything else passes."""

    def __init__(
        self,
        app: ASGIApp,
        world: World,
        face: str,
        *,
        ruling: Callable[[str, str, str], Ruling],
        error_body: Callable[[int], Any],
    ) -> None:
        """``ruling`` gets method, path and query; ``error_body`` what the vendor answers with a status."""
        self._app = app
        self._world = world
        self._face = face
        self._ruling = ruling
        self._error_body = error_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        method: str = scope["method"]
        faults = self._world.faults.take(self._face, method)
        inner = {**scope, "path": path.removesuffix(".json"), "raw_path": None}
        query = scope["query_string"].decode("latin-1")
        ruling = self._ruling(method, path, query) if faults.after else None
        answer = self._app
        if ruling is not None and ruling.refused is None:
            answer = await _carried_out(self._app, inner, receive)
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1000)
        if faults.offline:
            self._world.saw(self._face, method, path, 0)
            await _hang_up(scope, receive)
            return
        ruling = ruling or self._ruling(method, path, query)
        count = partial(self._world.saw, self._face, method, path)
        tampering = _Tampering(send, faults, ruling.headers, count)
        await (self._broken(faults) or ruling.refused or answer)(inner, receive, tampering)

    def _broken(self, faults: Faults) -> Response | None:
        headers = {} if faults.retry_after is None else {"Retry-After": faults.retry_after}
        if faults.html_error_page:
            return HTMLResponse(_ERROR_PAGE, status_code=faults.status or 502, headers=headers)
        if not faults.status:
            return None
        return JSONResponse(self._error_body(faults.status), status_code=faults.status, headers=headers)


async def _carried_out(app: ASGIApp, scope: Scope, receive: Receive) -> ASGIApp:
    """Let ``app`` do what is asked, and return what gives its answer later."""
    kept: list[Message] = []

    async def keep(message: Message) -> None:
        kept.append(message)

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in kept:
            await send(message)

    await app(scope, receive, keep)
    return answer


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection without a word; see `integrations.demo.server.Protocol` for where ``abort`` comes from."""
    scope["state"]["abort"]()
    while (await receive())["type"] != "http.disconnect":
        pass


class _Tampering:
    """A ``send`` that adds the vendor's headers and spoils the body where the faults say so."""

    def __init__(self, send: Send, faults: Faults, headers: dict[str, str], saw: Callable[[int], None]) -> None:
        """``saw`` gets the status just before the answer leaves: whoever has it finds the request counted."""
        self._saw = saw
        self._send = send
        self._faults = faults
        self._headers = headers
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        if self._faults.bad_json:
            self._body = self._body[: len(self._body) // 2].rstrip(b"}]") + b' "oops": undefined,'
        elif self._faults.odd_values:
            self._body = _odd(self._body)
        headers = MutableHeaders(scope=self._start)
        headers.update(self._headers)
        headers["content-length"] = str(len(self._body))
        self._saw(self._start["status"])
        await self._send(self._start)
        if self._faults.half_body:
            await self._send(
                {"type": "http.response.body", "body": self._body[: len(self._body) // 2], "more_body": True}
            )
            return
        await self._send({"type": "http.response.body", "body": self._body})


def _odd(body: bytes) -> bytes:
    """Return the answer with a key and a status in its tickets that nobody has heard of."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    for ticket in _tickets_in(answer):
        ticket["status"] = 99 if isinstance(ticket["status"], int) else "on_the_moon"
        ticket["quantum_state"] = {"spin": [0.5, None], "charm": True}
        ticket["priority"] = None
    return json.dumps(answer).encode()


def _tickets_in(answer: Any) -> list[dict[str, Any]]:
    candidates: list[Any] = answer if isinstance(answer, list) else [answer]
    if isinstance(answer, dict):
        candidates = [answer, answer.get("ticket"), *answer.get("tickets", ()), *answer.get("results", ())]
    return [one for one in candidates if isinstance(one, dict) and "status" in one and "subject" in one]
