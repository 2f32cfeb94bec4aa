"""The part of Zendesk's search language that an assistant asks with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.demo.gate import ApiError
from integrations.demo.model import Ticket
from integrations.demo.shelf import Sought
from integrations.demo.world import World, comment_text
from integrations.demo.zendesk.constants import brand_id

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[a-z_]+)(?P<op>>=|<=|[:<>]))?(?P<value>"[^"]*"|\S+)')
_ORDER = ("new", "open", "pending", "hold", "solved", "closed")
_PRIORITY = ("", "low", "normal", "high", "urgent")
_SORTS: dict[str, Callable[[Ticket], Any]] = {
    "created_at": lambda ticket: ticket.created_at,
    "updated_at": lambda ticket: ticket.updated_at,
    "status": lambda ticket: _ORDER.index(ticket.status),
    "priority": lambda ticket: _PRIORITY.index(ticket.priority),
    "ticket_type": lambda ticket: ticket.number,
}
_TIMES = ("created", "updated", "solved")
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_ALTERNATIVES = ("status", "priority", "requester", "tags", "group_id", "brand_id")
Test = Callable[[Ticket], bool]


def search_tickets(world: World, query: str, *, sort_by: str = "", sort_order: str = "desc") -> Sequence[Ticket]:
    """Return the tickets that match every term (terms of one field are alternatives), newest first unless sorted."""
    by_field: dict[str, list[Test]] = {}
    between: dict[str, tuple[datetime, datetime]] = {}
    for match in _TERM.finditer(query):
        field, op, value = match["field"] or "", match["op"] or ":", match["value"].strip('"')
        if field in ("order_by", "sort"):
            sort_by, sort_order = (value, sort_order) if field == "order_by" else (sort_by, value)
            continue
        test = _test(world, field, op, value)
        if match["minus"]:
            by_field[f"-{match.start()}"] = [_negated(test)]
        else:
            _narrow(between, field, op, value)
            group = field if field in _ALTERNATIVES and op == ":" else f"{match.start()}"
            by_field.setdefault(group, []).append(test)
    if sort_by and sort_by not in _SORTS:
        raise ApiError(422, {"error": "invalid", "description": f"Invalid sort: {sort_by}"})
    falling = not sort_by or sort_order != "asc"
    field = sort_by if sort_by in ("created_at", "updated_at") else "number"
    key = _SORTS.get(sort_by)
    return world.sought(Sought(lambda ticket: _matches(ticket, by_field), field, falling, key=key, between=between))


def _narrow(between: dict[str, tuple[datetime, datetime]], field: str, op: str, value: str) -> None:
    """Note what a condition on a time says of the tickets, so that a large account need not look at all of them."""
    if field not in _TIMES or op == ":":
        return
    name, wanted = f"{field}_at", _moment(value)
    first, last = between.get(name, (_EARLIEST, _LATEST))
    between[name] = (max(first, wanted), last) if op.startswith(">") else (first, min(last, wanted))


def _matches(ticket: Ticket, by_field: dict[str, list[Test]]) -> bool:
    return all(any(test(ticket) for test in tests) for tests in by_field.values())


def _negated(test: Test) -> Test:
    return lambda ticket: not test(ticket)


def _test(world: World, field: str, op: str, value: str) -> Test:
    if field in _TIMES:
        return _time_test(field, op, value)
    if field == "status":
        return _ordered(_ORDER, op, value, lambda ticket: ticket.status)
    if field == "priority":
        return _ordered(_PRIORITY, op, value, lambda ticket: ticket.priority)
    simple: dict[str, Test] = {
        "type": lambda _: value == "ticket",
        "tags": lambda ticket: value in ticket.tags,
        "tag": lambda ticket: value in ticket.tags,
        "group_id": lambda ticket: value == str(ticket.group_id),
        "brand_id": lambda ticket: value == str(brand_id(world, ticket)),
    }
    if field in simple:
        return simple[field]
    if field in ("requester", "assignee", "organization", "group"):
        return _reference(world, field, value)
    if field == "subject":
        return lambda ticket: value.lower() in ticket.subject.lower()
    words = f"{field}:{value}".lower() if field else value.lower()
    return lambda ticket: any(words in text.lower() for text in _texts(ticket))


def _texts(ticket: Ticket) -> list[str]:
    return [ticket.subject, *(comment_text(comment) for comment in ticket.comments)]


def _ordered(order: tuple[str, ...], op: str, value: str, read: Callable[[Ticket], str]) -> Test:
    if value not in order:
        return lambda ticket: False
    wanted = order.index(value)
    return lambda ticket: _compare(order.index(read(ticket)), op, wanted)


def _compare(value: float, op: str, wanted: float) -> bool:
    if op == ":":
        return value == wanted
    if op in ("<", "<="):
        return value < wanted or (op == "<=" and value == wanted)
    return value > wanted or (op == ">=" and value == wanted)


def _moment(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise ApiError(422, {"error": "invalid", "description": f"Invalid search: {value} is not a date"}) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _time_test(field: str, op: str, value: str) -> Test:
    wanted = _moment(value)

    def test(ticket: Ticket) -> bool:
        moment = {"created": ticket.created_at, "updated": ticket.updated_at, "solved": ticket.solved_at}[field]
        if moment is None:
            return False
        if op == ":":
            return moment.date() == wanted.date()
        return _compare(moment.timestamp(), op, wanted.timestamp())

    return test


def _reference(world: World, field: str, value: str) -> Test:
    wanted = {value.lower()}
    if field in ("requester", "assignee"):
        if value == "none":
            return lambda ticket: getattr(ticket, f"{field}_id") is None
        ids = {person.id for person in world.named(value)}
        if value == "me":
            ids = {world.agent.id}
        return lambda ticket: getattr(ticket, f"{field}_id") in ids
    if field == "organization":
        ids = {one.id for one in world.organizations.values() if {str(one.id), one.name.lower()} & wanted}
        return lambda ticket: ticket.organization_id in ids
    ids = {one.id for one in world.groups.values() if {str(one.id), one.name.lower()} & wanted}
    return lambda ticket: ticket.group_id in ids
