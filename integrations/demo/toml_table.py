"""TOML tables that notice what nobody asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class DemoDataError(ValueError):
    """The folder does not say what it should; the message says where."""


_DURATION = re.compile(r"\s*(\d+)\s*([a-z]+)")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "min": "minutes", "s": "seconds"}


def duration(text: str) -> timedelta:
    """Read ``35d 4h`` or ``in 40d``. Raises ValueError."""
    rest = text.removeprefix("in ").strip()
    total, position = timedelta(), 0
    while position < len(rest):
        match = _DURATION.match(rest, position)
        if match is None or match[2] not in _UNITS:
            raise ValueError(f"{text!r} is not a duration such as '35d 4h'")
        total += timedelta(**{_UNITS[match[2]]: int(match[1])})
        position = match.end()
    if not rest:
        raise ValueError("a duration is empty")
    return total


class Table:
    """One TOML table that remembers which keys were asked for, so that a misspelt one is noticed."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        self._asked: set[str] = set()
        self.where = where

    def _get(self, key: str, kind: type[T], default: T | None) -> T:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise DemoDataError(f"{self.where}: {key!r} is missing")
        if type(value) is not kind:
            raise DemoDataError(f"{self.where}: {key!r} should be {kind.__name__}, is {type(value).__name__}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return self._get(key, str, default)

    def number(self, key: str, default: int = 0) -> int:
        return self._get(key, int, default)

    def flag(self, key: str, *, default: bool) -> bool:
        return self._get(key, bool, default)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._get(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise DemoDataError(f"{self.where}: {key!r} should hold strings only")
        return tuple(values)

    def one_of(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices and value != default:
            raise DemoDataError(f"{self.where}: {key!r} is {value!r}, not one of {', '.join(choices)}")
        return value

    def span(self, key: str, default: str | None = None) -> timedelta:
        return self._read(key, self.text(key, default), duration)

    def optional_span(self, key: str) -> timedelta | None:
        text = self.text(key, "")
        return self._read(key, text, duration) if text else None

    def _read(self, key: str, text: str, read: Callable[[str], T]) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise DemoDataError(f"{self.where}: {key!r}: {error}") from error

    def tables(self, key: str) -> Iterator[Table]:
        for index, values in enumerate(self._get(key, list, []), start=1):
            if not isinstance(values, dict):
                raise DemoDataError(f"{self.where}: [[{key}]] should be a table")
            label = values.get("key") or values.get("number") or index
            yield Table(values, f"{self.where}: {key} {label!r}")

    def done(self) -> None:
        if unknown := sorted(set(self._values) - self._asked):
            raise DemoDataError(f"{self.where}: unknown key {', '.join(map(repr, unknown))}")
