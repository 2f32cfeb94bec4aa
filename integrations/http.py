"""HTTP as values. Wire modules build `Request` and read `Response`; only ``sender.py`` does I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from assist.errors import UnexpectedReply


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``headers`` may hold credentials, so they are never shown.

    ``cost`` is what the vendor takes from the account's budget for it, in requests.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    url: str = ""

    def json(self) -> Any:
        """Return the parsed body, or raise `UnexpectedReply` without quoting it."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise UnexpectedReply(f"the helpdesk's answer (status {self.status}) is not JSON") from error


class Sender(Protocol):
    async def send(self, request: Request) -> Response:
        """Send once. Raises `Retryable` for connection faults and time-outs; never follows redirects."""

    async def aclose(self) -> None: ...
