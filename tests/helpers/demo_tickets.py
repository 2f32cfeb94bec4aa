"""The demo tickets as domain values, read straight from ``resources/demo`` (format: its README)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from assist.domain import (
    AccountId,
    Author,
    Channel,
    Csat,
    Customer,
    Message,
    OpenTicket,
    Organization,
    Role,
    Ticket,
    TicketRef,
    TicketStatus,
)
from resources import ROOT

DEMO = ROOT / "demo"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_UNITS = {"d": 86_400, "h": 3_600, "m": 60}


@dataclass(frozen=True, slots=True)
class DemoTicket:
    """One entry of a ticket file. ``opened`` has the customer's older tickets as its history."""

    key: str
    tags: frozenset[str]
    solved: bool
    opened: OpenTicket
    at: datetime
    """When an agent would have looked at it: just after the last message."""


@cache
def demo_tickets() -> dict[str, DemoTicket]:
    """Return every demo ticket by its key."""
    raw = [entry for path in sorted((DEMO / "tickets").glob("*.toml")) for entry in _toml(path.name)["ticket"]]
    ids = {entry["key"]: number for number, entry in enumerate(raw, 1000)}
    tickets = {entry["key"]: _ticket(entry, ids[entry["key"]]) for entry in raw}
    return {entry["key"]: _demo(entry, tickets, raw) for entry in raw}


def span(text: str) -> timedelta:
    return timedelta(seconds=sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhm])", text)))


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DEMO / "tickets" / name).read_text(encoding="utf-8"))


@cache
def _shop() -> dict[str, Any]:
    return tomllib.loads((DEMO / "shop.toml").read_text(encoding="utf-8"))


@cache
def _people() -> dict[str, dict[str, Any]]:
    shop = _shop()
    agents = {agent["key"]: {**agent, "role": Role.AGENT} for agent in shop["agent"]}
    customers = {customer["key"]: {**customer, "role": Role.CUSTOMER} for customer in shop["customer"]}
    return {**agents, **customers, "bot": {"key": "bot", "name": "Pip", "role": Role.SYSTEM}}


def _ticket(entry: dict[str, Any], number: int) -> Ticket:
    created = NOW - span(entry["ago"])
    return Ticket(
        ref=TicketRef(AccountId("zendesk:demo"), number),
        subject=entry["subject"],
        status=TicketStatus(entry["status"]),
        created_at=created,
        updated_at=created + span(entry["message"][-1]["at"]),
        requester_id=list(_people()).index(entry["customer"]) + 1,
        channel=Channel(entry["channel"]) if entry["channel"] in list(Channel) else Channel.OTHER,
        tags=tuple(entry.get("tags", ())),
        csat=Csat(entry["csat"]) if "csat" in entry else None,
        reopens=entry.get("reopens"),
    )


def _demo(entry: dict[str, Any], tickets: dict[str, Ticket], raw: list[dict[str, Any]]) -> DemoTicket:
    ticket = tickets[entry["key"]]
    messages = tuple(
        _message(message, ticket, entry["customer"], number) for number, message in enumerate(entry["message"])
    )
    older = [
        tickets[other["key"]]
        for other in raw
        if other["customer"] == entry["customer"] and tickets[other["key"]].created_at < ticket.created_at
    ]
    solved = entry["status"] == "solved"
    at = messages[-1].created_at + timedelta(minutes=5) if solved else NOW
    opened = OpenTicket(
        ticket=ticket,
        messages=messages,
        customer=_customer(entry["customer"]),
        history=tuple(sorted(older, key=lambda other: other.created_at, reverse=True)),
        fetched_at=at,
    )
    return DemoTicket(entry["key"], frozenset(entry.get("tags", ())), solved, opened, at)


def _message(raw: dict[str, Any], ticket: Ticket, customer: str, number: int) -> Message:
    key = customer if raw["author"] == "customer" else raw["author"]
    person = _people()[key]
    return Message(
        id=ticket.ref.id * 1000 + number,
        author=Author(list(_people()).index(key) + 1, person["name"], person["role"]),
        created_at=ticket.created_at + span(raw["at"]),
        public=raw.get("public", True),
        html=raw.get("html", ""),
        text=raw.get("text", ""),
        attachments=tuple(raw.get("attachments", ())),
    )


def _customer(key: str) -> Customer:
    raw = _people()[key]
    organizations = {organization["key"]: organization for organization in _shop()["organization"]}
    organization = organizations.get(raw.get("organization", ""))
    return Customer(
        id=list(_people()).index(key) + 1,
        name=raw["name"],
        email=raw.get("email", ""),
        language=raw.get("language", ""),
        organization=_organization(organization) if organization else None,
    )


def _organization(raw: dict[str, Any]) -> Organization:
    renewal = NOW + span(raw["renewal"]) if "renewal" in raw else None
    return Organization(1, raw["name"], tier=raw.get("tier", ""), health=raw.get("health", ""), renewal_at=renewal)


def states(demo: DemoTicket) -> list[tuple[OpenTicket, datetime]]:
    """Return the ticket as it stood whenever an agent would have opened it, five minutes after a customer's message."""
    opened = demo.opened
    found = []
    for number, message in enumerate(opened.messages, 1):
        following = opened.messages[number] if number < len(opened.messages) else None
        spoke = message.public and message.author.role is Role.CUSTOMER
        if spoke and (following is None or following.author.role is not Role.CUSTOMER):
            at = message.created_at + timedelta(minutes=5)
            found.append((replace(opened, messages=opened.messages[:number], fetched_at=at), at))
    return found
