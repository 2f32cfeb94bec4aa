"""Labelled data as JSON lines: read, checked, complained about by line number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from assist.errors import KibitzError

T = TypeVar("T")
ROLES = ("customer", "agent")


class BadRow(KibitzError):
    """A line that cannot be used; the message names the line and says what it must hold."""


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object of a file. ``where`` names its line; unknown keys are ignored."""

    where: str
    values: Mapping[str, Any] = field(repr=False)

    def get(self, name: str, kind: type[T], default: T) -> T:
        """Return a value, or ``default`` where the key is missing or null.

        Raises:
            BadRow: If the value is of another type.
        """
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadRow(f"{self.where}: {name} must be {_name(kind)}, not {_name(type(value))}")
        return value

    def need(self, name: str, kind: type[T]) -> T:
        """Return a value that must be there.

        Raises:
            BadRow: If it is missing or of another type.
        """
        if self.values.get(name) is None:
            raise BadRow(f"{self.where}: {name} is missing")
        return self.get(name, kind, cast("T", self.values[name]))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty where the key is missing."""
        found = self.get(name, list, [])
        if not all(isinstance(item, str) for item in found):
            raise BadRow(f"{self.where}: {name} must be a list of texts")
        return tuple(found)

    def turns(self, name: str = "turns") -> tuple[tuple[str, str], ...]:
        """Return a conversation as (role, text), oldest first; roles are ``customer`` and ``agent``."""
        turns = []
        for turn in self.get(name, list, []):
            inner = Row(f"{self.where}, {name}", turn if isinstance(turn, dict) else {})
            role = inner.need("role", str)
            if role not in ROLES:
                raise BadRow(f"{self.where}: a role must be one of {', '.join(ROLES)}, not {role!r}")
            turns.append((role, inner.need("text", str)))
        return tuple(turns)


def read_rows(text: str, *, where: str) -> Iterator[Row]:
    """Yield the objects of a JSON-lines text; blank lines are passed over.

    Raises:
        BadRow: If a line is no JSON object.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{where}, line {number}"
        try:
            values = json.loads(line)
        except ValueError as error:
            raise BadRow(f"{place} is not JSON: {error}") from error
        if not isinstance(values, dict):
            raise BadRow(f"{place}: a JSON object is needed, not {_name(type(values))}")
        yield Row(place, values)


def _name(kind: type) -> str:
    names: dict[type, str] = {
        str: "a text",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "an object",
        bool: "a boolean",
    }
    return names.get(kind, kind.__name__)
