"""HTTP of the loopback door (ADR 16): bytes in, a call or an answer out. For the helpdesks' own app frames.

Only pages of the origins below are answered at all, and only what a page cannot send without being asked first
(a preflight): a POST of JSON. Everybody else gets 403 and not a byte more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import h11

from integrations.browser.frames import MAX_FRAME_BYTES, BadFrame, from_json

ADDRESS = "127.0.0.1"
PORT = 47_811
MAX_BODY_BYTES = MAX_FRAME_BYTES + 1_024
"""A frame, and the session that it belongs to."""
MAX_HEAD_BYTES = 16_384
REMEMBERED_S = 600
"""How long a browser need not ask again whether it may ask."""

Path = Literal["/open", "/send", "/wait", "/end"]
PATHS: tuple[Path, ...] = get_args(Path)

_APP_ORIGINS = (
    re.compile(r"https://[a-z0-9-]{1,63}\.apps\.zdusercontent\.com", re.ASCII),
    re.compile(r"https://d3h0owdjgzys62\.cloudfront\.net", re.ASCII),
)
"""Where Zendesk and Freshworks serve the frames of installed apps from: each Zendesk app from a host of its own,
all Freshworks apps from this one host. Not the helpdesks' own pages: no app runs there, and customers' portals do."""

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def is_app_origin(origin: str, more: Collection[str] = ()) -> bool:
    """Tell whether ``origin`` is one that app frames have, or one of ``more``, which are spelled exactly."""
    return any(known.fullmatch(origin) for known in _APP_ORIGINS) or origin in more


@dataclass(frozen=True, slots=True)
class Call:
    """A request of an app frame. ``origin`` is where the browser says that it comes from."""

    path: Path
    origin: str
    body: Mapping[str, Any] = field(repr=False)


_Headers = Sequence[tuple[bytes, bytes]]


class _Refused(Exception):
    """Nothing is to be said to whoever asked."""


class Exchange:
    """One request and its answer, on a connection of its own.

    Args:
        port: Where the door listens; a request must have been meant for it.
        more_origins: What an admin allowed besides `is_app_origin`.
    """

    def __init__(self, port: int, *, more_origins: Collection[str] = ()) -> None:
        self._hosts = {f"{name}:{port}".encode() for name in (ADDRESS, "localhost")}
        self._more = more_origins
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._origin = ""
        self._path: Path | None = None
        self._body = bytearray()

    def receive(self, data: bytes) -> Call | bytes | None:
        """Take bytes in whatever pieces; return the call, or an answer to write at once, or None when more must come.

        After anything but None it is not to be fed again. Never raises for what came.
        """
        try:
            # Nothing means the end to h11, and an end in the middle is an error.
            self._http.receive_data(data)
            return self._next()
        except (h11.RemoteProtocolError, _Refused):
            return REFUSAL

    def answer(self, status: int, payload: Mapping[str, object] | None = None) -> bytes:
        """Return the answer to the call: JSON, or no body when ``payload`` is None."""
        body = b"" if payload is None else json.dumps(payload, separators=(",", ":")).encode()
        headers = [*self._allowed(), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        if body:
            headers += [("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff")]
        events = [h11.Response(status_code=status, headers=headers), *([h11.Data(data=body)] if body else [])]
        return b"".join(self._http.send(event) or b"" for event in [*events, h11.EndOfMessage()])

    def _next(self) -> Call | bytes | None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                if (asked := self._take_head(event)) is not None:
                    return asked
            elif isinstance(event, h11.Data):
                self._body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return self._call()
            elif event is h11.NEED_DATA:
                return None
            else:
                raise _Refused

    def _take_head(self, request: h11.Request) -> bytes | None:
        headers = request.headers
        if _only(headers, b"host") not in self._hosts:
            raise _Refused
        origin = _only(headers, b"origin").decode("latin-1")
        if not is_app_origin(origin, self._more) or request.target.decode("latin-1") not in PATHS:
            raise _Refused
        self._origin = origin
        if request.method == b"OPTIONS":
            return self._preflight(headers)
        kind = _only(headers, b"content-type").lower().replace(b" ", b"")
        if request.method != b"POST" or kind not in (b"application/json", b"application/json;charset=utf-8"):
            raise _Refused
        # A length in advance: nobody may write on and on.
        if not 0 < int(_only(headers, b"content-length")) <= MAX_BODY_BYTES:
            raise _Refused
        self._path = next(path for path in PATHS if path.encode() == request.target)
        return None

    def _preflight(self, headers: _Headers) -> bytes:
        if _only(headers, b"access-control-request-method") != b"POST":
            raise _Refused
        more = [
            ("Access-Control-Allow-Methods", "POST"),
            ("Access-Control-Allow-Headers", "Content-Type"),
            ("Access-Control-Max-Age", str(REMEMBERED_S)),
        ]
        if (b"access-control-request-private-network", b"true") in headers:
            more.append(("Access-Control-Allow-Private-Network", "true"))
        response = h11.Response(status_code=204, headers=[*self._allowed(), *more])
        return b"".join(self._http.send(event) or b"" for event in (response, h11.EndOfMessage()))

    def _allowed(self) -> list[tuple[str, str]]:
        return [("Access-Control-Allow-Origin", self._origin), ("Vary", "Origin"), ("Connection", "close")]

    def _call(self) -> Call | bytes:
        if self._path is None:
            raise _Refused
        try:
            return Call(self._path, self._origin, from_json(bytes(self._body)))
        except BadFrame:
            return self.answer(400)


def _only(headers: _Headers, name: bytes) -> bytes:
    """Return the value of a header that must be there exactly once."""
    found = [value for key, value in headers if key == name]
    if len(found) != 1:
        raise _Refused
    value: bytes = found[0]
    return value
