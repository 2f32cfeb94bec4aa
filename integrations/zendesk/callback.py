"""Reads what came to the loopback port while a sign-in waits: the browser's answer, or anything else. Pure.

Any program and any page on this machine can send to that port, so what does not carry the attempt's own ``state``
changes nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

PATH = "/callback"
_MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Code:
    """The agent allowed it. The code works once, for 120 s."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Zendesk or the agent refused; ``error`` is one of RFC 6749's words, or anything."""

    error: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stray:
    """Not an answer to this attempt: a favicon, a scanner, a forgery. ``status`` is what it is answered with."""

    status: int


Outcome = Code | Refused | Stray


def read_callback(method: str, target: str, host: str, *, port: int, state: str) -> Outcome:
    """Say what a request means.

    Args:
        target: The request's target as it stands in its first line.
        host: The Host header. A page elsewhere could point a name of its own at this machine; it comes with that name.
        state: This attempt's own; compared in constant time.
    """
    if host.lower() not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
        return Stray(403)
    try:
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        return Stray(400)
    if parts.path != PATH:
        return Stray(404)
    if method != "GET":
        return Stray(405)
    fields = dict(pairs)
    if len(fields) != len(pairs) or not _same(fields.get("state", ""), state):
        return Stray(400)
    code, error = fields.get("code", ""), fields.get("error", "")
    if error:
        return Refused(error)
    return Code(code) if code else Stray(400)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
