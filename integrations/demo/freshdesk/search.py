"""Freshdesk's filter language for tickets: ``"(status:4 OR status:5) AND updated_at:>'2026-01-31'"``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from integrations.demo.freshdesk.common import invalid
from integrations.demo.freshdesk.shapes import PRIORITY
from integrations.demo.model import Ticket

Test = Callable[[Ticket], bool]
LENGTH_AT_MOST = 512
_TOKEN = re.compile(
    r"\s*(?:(?P<word>AND|OR)\b|(?P<paren>[()])|(?P<field>[a-z_]+):(?P<op>[<>]?)(?P<value>'[^']*'|[^\s()]+))"
)
_NUMBERS: dict[str, Callable[[Ticket], int | None]] = {
    "agent_id": lambda ticket: ticket.assignee_id,
    "group_id": lambda ticket: ticket.group_id,
    "status": lambda ticket: ticket.freshdesk_status,
    "priority": lambda ticket: PRIORITY[ticket.priority],
}
_TIMES: dict[str, Callable[[Ticket], datetime]] = {
    "created_at": lambda ticket: ticket.created_at,
    "updated_at": lambda ticket: ticket.updated_at,
}


def compiled(query: str) -> Test:
    """Return the test that ``query`` (with its double quotes) stands for, or answer 400."""
    if len(query) < 2 or query[0] != '"' or query[-1] != '"' or len(query) > LENGTH_AT_MOST:
        raise invalid("query", f"It should be a quoted query of at most {LENGTH_AT_MOST} characters")
    parser = _Parser(query[1:-1])
    test = parser.either()
    if not parser.is_done:
        raise parser.complaint()
    return test


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_TOKEN.finditer(text))
        self._at = 0
        if "".join(match[0] for match in self._tokens).strip() != text.strip():
            raise self.complaint()

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._tokens)

    def complaint(self) -> Exception:
        return invalid("query", "Given query is invalid")

    def either(self) -> Test:
        tests = [self._all()]
        while self._takes("word", "OR"):
            tests.append(self._all())
        return lambda ticket: any(test(ticket) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._takes("word", "AND"):
            tests.append(self._one())
        return lambda ticket: all(test(ticket) for test in tests)

    def _one(self) -> Test:
        if self._takes("paren", "("):
            test = self.either()
            if not self._takes("paren", ")"):
                raise self.complaint()
            return test
        if self.is_done or not self._tokens[self._at]["field"]:
            raise self.complaint()
        match = self._tokens[self._at]
        self._at += 1
        return _condition(match["field"], match["op"], match["value"].strip("'"))

    def _takes(self, group: str, text: str) -> bool:
        taken = not self.is_done and self._tokens[self._at][group] == text
        self._at += taken
        return taken


def _condition(field: str, op: str, value: str) -> Test:
    if field == "tag":
        return lambda ticket: value in ticket.tags
    if field in _TIMES:
        return _compared(_TIMES[field], op, _moment(field, value))
    if field not in _NUMBERS:
        raise invalid(field, "Unexpected/invalid field in request", "invalid_field")
    if value == "null":
        return lambda ticket: _NUMBERS[field](ticket) is None
    if not value.isdigit():
        raise invalid(field, "It should be a/an Integer", "datatype_mismatch")
    return _compared(_NUMBERS[field], op, int(value))


def _moment(field: str, value: str) -> datetime:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError as error:
        raise invalid(field, "It should be in the 'combined date and time ISO8601' format") from error


def _compared(read: Callable[[Ticket], Any], op: str, wanted: Any) -> Test:
    """Compare as Freshdesk does: ``:>`` and ``:<`` include the value itself, times count by their day."""

    def test(ticket: Ticket) -> bool:
        value = read(ticket)
        if value is None:
            return False
        if op == ">":
            return bool(value >= wanted)
        if op == "<":
            return bool(value <= wanted)
        return bool(value.date() == wanted.date() if isinstance(value, datetime) else value == wanted)

    return test
