"""Reads the demo shop's folder (its format is in ``resources/demo/README.md``) into frozen values.

Strict where a slip of the pen would go unnoticed (unknown keys, unknown people, wrong types), lenient about
keys that may be left out. Every complaint names the file and, where there is one, the ticket and message.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from integrations.demo.toml_table import DemoDataError, Table

TICKET_STATUSES = ("new", "open", "pending", "hold", "solved")
CHANNELS = ("email", "web", "chat", "api", "phone")
PRIORITIES = ("low", "normal", "high", "urgent")
VISIBILITIES = ("everyone", "signed-in", "agents")
ORDER_STATUSES = ("placed", "packed", "shipped", "delivered", "returned", "cancelled", "refunded")
CSAT = ("good", "bad")


@dataclass(frozen=True, slots=True)
class DemoAgent:
    key: str
    name: str
    email: str
    role: str
    """``agent`` or ``admin``."""
    signature: str


@dataclass(frozen=True, slots=True)
class DemoOrganization:
    key: str
    name: str
    tier: str
    health: str
    renewal: timedelta | None
    """From the server's start."""


@dataclass(frozen=True, slots=True)
class DemoOrder:
    number: str
    ago: timedelta
    status: str
    total: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    key: str
    name: str
    email: str
    phone: str
    language: str
    organization: str
    since: timedelta
    plan: str
    renewal: timedelta | None
    tags: tuple[str, ...]
    notes: str
    orders: tuple[DemoOrder, ...]


@dataclass(frozen=True, slots=True)
class DemoArticle:
    slug: str
    title: str
    section: str
    locale: str
    labels: tuple[str, ...]
    updated: timedelta
    votes: int
    draft: bool
    visibility: str
    translation_of: str
    """Slug of the original; empty for an original."""
    html: str


@dataclass(frozen=True, slots=True)
class DemoMacro:
    key: str
    title: str
    """``Folder::Title``."""
    body: str
    tags: tuple[str, ...]
    uses_7d: int
    locale: str


@dataclass(frozen=True, slots=True)
class DemoMessage:
    author: str
    """``customer``, ``bot``, an agent's key or another customer's key."""
    at: timedelta
    """After the ticket was created."""
    public: bool
    text: str
    html: str
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoTicket:
    source: str
    """The file it was read from."""
    key: str
    subject: str
    customer: str
    assignee: str
    status: str
    ago: timedelta
    channel: str
    priority: str
    tags: tuple[str, ...]
    csat: str
    csat_comment: str
    reopens: int
    messages: tuple[DemoMessage, ...]


@dataclass(frozen=True, slots=True)
class DemoData:
    agents: tuple[DemoAgent, ...]
    organizations: tuple[DemoOrganization, ...]
    customers: tuple[DemoCustomer, ...]
    articles: tuple[DemoArticle, ...]
    macros: tuple[DemoMacro, ...]
    tickets: tuple[DemoTicket, ...]


def load(folder: Path) -> DemoData:
    """Read the whole folder, or raise `DemoDataError`. ``articles``, ``macros.toml`` and ``tickets`` may be absent."""
    shop = Table(_toml(folder / "shop.toml"), "shop.toml")
    agents = tuple(_agent(table) for table in shop.tables("agent"))
    organizations = tuple(_organization(table) for table in shop.tables("organization"))
    customers = tuple(_customer(table) for table in shop.tables("customer"))
    shop.done()
    if not agents:
        raise DemoDataError("shop.toml: there is no [[agent]]")
    data = DemoData(
        agents=agents,
        organizations=organizations,
        customers=customers,
        articles=tuple(_article(path) for path in sorted((folder / "articles").glob("*.html"))),
        macros=_macros(folder / "macros.toml"),
        tickets=tuple(ticket for path in sorted((folder / "tickets").glob("*.toml")) for ticket in _tickets(path)),
    )
    _check_references(data)
    return data


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DemoDataError(f"{path.name}: {error}") from error


def _agent(table: Table) -> DemoAgent:
    agent = DemoAgent(
        key=table.text("key"),
        name=table.text("name"),
        email=table.text("email"),
        role=table.one_of("role", ("agent", "admin"), "agent"),
        signature=table.text("signature", ""),
    )
    table.done()
    return agent


def _organization(table: Table) -> DemoOrganization:
    organization = DemoOrganization(
        key=table.text("key"),
        name=table.text("name"),
        tier=table.text("tier", ""),
        health=table.text("health", ""),
        renewal=table.optional_span("renewal"),
    )
    table.done()
    return organization


def _customer(table: Table) -> DemoCustomer:
    customer = DemoCustomer(
        key=table.text("key"),
        name=table.text("name"),
        email=table.text("email"),
        phone=table.text("phone", ""),
        language=table.one_of("language", ("en", "de"), "en"),
        organization=table.text("organization", ""),
        since=table.span("since", "365d"),
        plan=table.text("plan", ""),
        renewal=table.optional_span("renewal"),
        tags=table.texts("tags"),
        notes=table.text("notes", ""),
        orders=tuple(_order(order) for order in table.tables("order")),
    )
    table.done()
    return customer


def _order(table: Table) -> DemoOrder:
    order = DemoOrder(
        number=table.text("number"),
        ago=table.span("ago"),
        status=table.one_of("status", ORDER_STATUSES),
        total=table.text("total", ""),
        items=table.texts("items"),
    )
    table.done()
    return order


def _article(path: Path) -> DemoArticle:
    where = f"articles/{path.name}"
    parts = path.read_text(encoding="utf-8").split("+++\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise DemoDataError(f"{where}: front matter between two '+++' lines is missing")
    try:
        table = Table(tomllib.loads(parts[1]), where)
    except tomllib.TOMLDecodeError as error:
        raise DemoDataError(f"{where}: {error}") from error
    article = DemoArticle(
        slug=path.stem,
        title=table.text("title"),
        section=table.text("section"),
        locale=table.one_of("locale", ("en-gb", "de"), "en-gb"),
        labels=table.texts("labels"),
        updated=table.span("updated", "90d"),
        votes=table.number("votes"),
        draft=table.flag("draft", default=False),
        visibility=table.one_of("visibility", VISIBILITIES, "everyone"),
        translation_of=table.text("translation_of", ""),
        html=parts[2].strip(),
    )
    table.done()
    return article


def _macros(path: Path) -> tuple[DemoMacro, ...]:
    if not path.exists():
        return ()
    root = Table(_toml(path), "macros.toml")
    macros = tuple(_macro(table) for table in root.tables("macro"))
    root.done()
    return macros


def _macro(table: Table) -> DemoMacro:
    macro = DemoMacro(
        key=table.text("key"),
        title=table.text("title"),
        body=table.text("body").strip(),
        tags=table.texts("tags"),
        uses_7d=table.number("uses_7d"),
        locale=table.text("locale", "en"),
    )
    table.done()
    return macro


def _tickets(path: Path) -> Iterator[DemoTicket]:
    root = Table(_toml(path), f"tickets/{path.name}")
    for table in root.tables("ticket"):
        yield _ticket(table, source=f"tickets/{path.name}")
    root.done()


def _ticket(table: Table, *, source: str) -> DemoTicket:
    ticket = DemoTicket(
        source=source,
        key=table.text("key"),
        subject=table.text("subject"),
        customer=table.text("customer"),
        assignee=table.text("assignee", ""),
        status=table.one_of("status", TICKET_STATUSES),
        ago=table.span("ago"),
        channel=table.one_of("channel", CHANNELS, "email"),
        priority=table.one_of("priority", PRIORITIES, ""),
        tags=table.texts("tags"),
        csat=table.one_of("csat", CSAT, ""),
        csat_comment=table.text("csat_comment", ""),
        reopens=table.number("reopens"),
        messages=tuple(_message(message) for message in table.tables("message")),
    )
    table.done()
    if not ticket.messages:
        raise DemoDataError(f"{table.where}: there is no [[ticket.message]]")
    late = max(message.at for message in ticket.messages)
    if late > ticket.ago:
        raise DemoDataError(f"{table.where}: a message lies in the future ({late} after a creation {ticket.ago} ago)")
    return ticket


def _message(table: Table) -> DemoMessage:
    message = DemoMessage(
        author=table.text("author"),
        at=table.span("at", "0m"),
        public=table.flag("public", default=True),
        text=table.text("text", "").strip("\n"),
        html=table.text("html", "").strip(),
        attachments=table.texts("attachments"),
    )
    table.done()
    if bool(message.text) == bool(message.html):
        raise DemoDataError(f"{table.where}: needs either 'text' or 'html'")
    return message


def _check_references(data: DemoData) -> None:
    agents = _unique("agent", [agent.key for agent in data.agents])
    organizations = _unique("organization", [organization.key for organization in data.organizations])
    customers = _unique("customer", [customer.key for customer in data.customers])
    _unique("macro", [macro.key for macro in data.macros])
    _unique("ticket", [ticket.key for ticket in data.tickets])
    articles = {article.slug for article in data.articles}
    for customer in data.customers:
        _known(customer.organization, organizations | {""}, f"shop.toml: customer {customer.key!r}: organization")
    for article in data.articles:
        _known(article.translation_of, articles | {""}, f"articles/{article.slug}.html: translation_of")
    for ticket in data.tickets:
        where = f"{ticket.source}: ticket {ticket.key!r}"
        _known(ticket.customer, customers, f"{where}: customer")
        _known(ticket.assignee, agents | {""}, f"{where}: assignee")
        for index, message in enumerate(ticket.messages, start=1):
            _known(message.author, agents | customers | {"customer", "bot"}, f"{where}: message {index}: author")


def _unique(kind: str, keys: Sequence[str]) -> set[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise DemoDataError(f"{kind} {key!r} exists twice")
        seen.add(key)
    return seen


def _known(key: str, known: set[str], where: str) -> None:
    if key not in known:
        raise DemoDataError(f"{where} {key!r} is not known")
