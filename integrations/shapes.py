"""What answers that nobody has seen before look like, without a word of what they say.

A skeleton keeps the names of a schema and replaces every value by its kind and its rough length. It is made for
whoever mends Kibitz: the agent may save the last ones in a report and send it.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from integrations.http import Request, Response
from integrations.words import HEADERS, PARAMETERS, PATHS, SCHEMA

KEPT = 50
DEEPEST, WIDEST, LONGEST_LIST = 6, 80, 3

_NAME = re.compile(r"[a-z]{1,14}(?:_[a-z]{1,14}){0,4}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+)?", re.ASCII)
_RECORD = 2
"""An object with so many known names is a record of a schema; one with fewer may be keyed by what people wrote."""


def skeleton(value: Any, depth: int = 0) -> Any:
    """Return what ``value`` is made of, as JSON: names of a schema stay, everything else becomes its kind."""
    if isinstance(value, dict):
        return _of_object(value, depth)
    if isinstance(value, list):
        return _of_list(value, depth)
    return _kind(value)


def _of_object(value: Mapping[str, Any], depth: int) -> Any:
    if depth >= DEEPEST:
        return f"object of {_rough(len(value))}"
    is_record = sum(key in SCHEMA for key in value) >= _RECORD
    shown: dict[str, Any] = {}
    for key, one in list(value.items())[:WIDEST]:
        shown.setdefault(_named(key, is_record=is_record), skeleton(one, depth + 1))
    if len(value) > len(shown):
        shown["…"] = f"{_rough(len(value))} names"
    return shown


def _of_list(value: list[Any], depth: int) -> Any:
    if depth >= DEEPEST:
        return f"list of {_rough(len(value))}"
    kinds = {json.dumps(made, sort_keys=True): made for one in value[:WIDEST] if (made := skeleton(one, depth + 1))}
    return [f"list of {_rough(len(value))}", *list(kinds.values())[:LONGEST_LIST]]


def _named(key: str, *, is_record: bool) -> str:
    if key in SCHEMA or (is_record and _NAME.fullmatch(key)):
        return key
    return f"?{_rough(len(key))}"


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return f"whole number of {_rough(len(str(abs(value))))} digits"
    if isinstance(value, float):
        return "number"
    return _kind_of_text(str(value))


def _kind_of_text(text: str) -> str:
    if _TIME.fullmatch(text):
        return "time"
    if text.isascii() and text.isdecimal():
        return f"{_rough(len(text))} digits as text"
    if text.startswith(("https://", "http://")):
        return "address"
    return f"{'HTML' if text.lstrip()[:1] == '<' else 'text'} of {_rough(len(text))}"


def _rough(length: int) -> str:
    """Return a length as the power of two that it does not pass."""
    return "0" if length <= 0 else f"≤{1 << (length - 1).bit_length()}"


def path_template(url: str) -> str:
    """Return an address's path with everything that is not a word of the API replaced, and its parameters' names."""
    parts = urlsplit(url)
    path = "/".join(_segment(one) for one in parts.path.split("/"))
    names = [name if name in PARAMETERS else "?" for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    return f"{path}?{'&'.join(dict.fromkeys(names))}" if names else path


def _segment(one: str) -> str:
    word = one.removesuffix(".json")
    if not word or word in PATHS:
        return word
    return "{id}" if word.isascii() and word.isdecimal() else "{…}"


@dataclass(slots=True)
class Unknown:
    """One kind of answer that could not be read. ``count`` is how often it came since the app was started."""

    vendor: str
    method: str
    path: str
    status: int
    headers: tuple[str, ...]
    body: Any
    seen_at: datetime
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        return {
            "vendor": self.vendor,
            "request": f"{self.method} {self.path}",
            "status": self.status,
            "headers": list(self.headers),
            "body": self.body,
            "last seen": f"{self.seen_at:%Y-%m-%dT%H:%MZ}",
            "times": self.count,
        }


@dataclass(slots=True)
class UnknownShapes:
    """The last `KEPT` kinds of answers that could not be read. Kept in memory only; use it from any thread."""

    _kept: deque[Unknown] = field(default_factory=lambda: deque(maxlen=KEPT))
    _values: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def note_value(self, vendor: str, where: str, value: Any) -> None:
        """Count a value that is none of a closed set; ``where`` is a word of ours, of the value its kind is kept."""
        key = (vendor, where, _kind(value))
        if key in self._values or len(self._values) < KEPT:
            self._values[key] = self._values.get(key, 0) + 1

    def note(self, vendor: str, request: Request, response: Response, *, at: datetime | None = None) -> None:
        made = Unknown(
            vendor=vendor,
            method=request.method if request.method.isalpha() else "?",
            path=path_template(request.url),
            status=response.status,
            headers=tuple(sorted(name for name in response.headers if _is_known_header(name))),
            body=_body(response),
            seen_at=at or datetime.now(UTC),
        )
        for known in list(self._kept):
            if (known.vendor, known.method, known.path, known.status, known.body) == (
                *(made.vendor, made.method, made.path, made.status, made.body),
            ):
                known.count, known.seen_at = known.count + 1, made.seen_at
                return
        self._kept.append(made)

    def as_json(self) -> list[dict[str, Any]]:
        values = [
            {"vendor": vendor, "unknown value of": where, "value": kind, "times": count}
            for (vendor, where, kind), count in list(self._values.items())
        ]
        return [*(one.as_json() for one in list(self._kept)), *values]

    def clear(self) -> None:
        self._kept.clear()
        self._values.clear()


UNKNOWN = UnknownShapes()
"""What this process has met."""


def _is_known_header(name: str) -> bool:
    return name.isascii() and (name in HEADERS or name.startswith(("x-rate", "ratelimit-", "zendesk-ratelimit-")))


def _body(response: Response) -> Any:
    try:
        return skeleton(json.loads(response.body))
    except (ValueError, RecursionError):
        text = response.body[:200].decode("utf-8", "replace").strip()
        kind = "nothing" if not response.body else "HTML" if text[:1] == "<" else "neither JSON nor HTML"
        return f"{kind}, {_rough(len(response.body))} bytes"
