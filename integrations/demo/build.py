"""Turns the shop's data, whose times are relative, into the world as it is at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.demo.data import DemoData, DemoTicket
from integrations.demo.ids import FIRST_TICKET_NUMBER, message_id, object_id
from integrations.demo.model import (
    ADMIN,
    AGENT,
    BOT,
    END_USER,
    Article,
    Category,
    Comment,
    Group,
    Macro,
    Organization,
    Person,
    Section,
    Ticket,
)

CATEGORY_OF_SECTION = {
    "Orders and delivery": "Shopping with us",
    "Returns and refunds": "Shopping with us",
    "Warranty and repairs": "Shopping with us",
    "Memberships and subscriptions": "Your account",
    "Payment and invoices": "Your account",
    "Account and privacy": "Your account",
    "Tents": "Gear guides",
    "Packs": "Gear guides",
    "Boots and clothing": "Gear guides",
    "Stoves and water": "Gear guides",
    "Lights and sleeping": "Gear guides",
    "Company": "About Tarn & Tor",
}
ARCHIVED_AFTER = timedelta(days=60)
"""Solved tickets older than this are closed on the Freshdesk face."""
_READ_AFTER = timedelta(hours=20)
_WRITTEN_BEFORE = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Contents:
    people: dict[int, Person]
    organizations: dict[int, Organization]
    groups: dict[str, Group]
    categories: dict[int, Category]
    sections: dict[int, Section]
    articles: tuple[Article, ...]
    macros: tuple[Macro, ...]
    tickets: dict[int, Ticket]


def build(data: DemoData, now: datetime) -> Contents:
    """Return everything as of ``now``. Raises ValueError should two keys give the same id."""
    organizations = {one.id: one for one in _organizations(data, now)}
    people = {one.id: one for one in _people(data, now)}
    categories = {one.id: one for one in _categories(data)}
    sections = {one.id: one for one in _sections(data)}
    groups = {name: Group(object_id("group", name), name) for name in ("Customer care", "Kundenservice", "Team leads")}
    contents = Contents(
        people=people,
        organizations=organizations,
        groups=groups,
        categories=categories,
        sections=sections,
        articles=tuple(_articles(data, now)),
        macros=tuple(_macros(data, now)),
        tickets=_tickets(data, now, people=people, groups=groups),
    )
    _check_ids(contents)
    return contents


def _organizations(data: DemoData, now: datetime) -> Iterable[Organization]:
    for one in data.organizations:
        yield Organization(
            id=object_id("organization", one.key),
            key=one.key,
            name=one.name,
            tier=one.tier,
            health=one.health,
            renewal_at=None if one.renewal is None else now + one.renewal,
            created_at=now - timedelta(days=900),
        )


def _people(data: DemoData, now: datetime) -> Iterable[Person]:
    founded = now - timedelta(days=1500)
    yield Person(object_id("person", "bot"), "bot", "Pip", "", BOT, founded)
    for agent in data.agents:
        role = ADMIN if agent.role == "admin" else AGENT
        yield Person(
            object_id("person", agent.key),
            agent.key,
            agent.name,
            agent.email,
            role,
            founded,
            signature=agent.signature,
        )
    for one in data.customers:
        yield Person(
            id=object_id("person", one.key),
            key=one.key,
            name=one.name,
            email=one.email,
            role=END_USER,
            created_at=now - one.since,
            phone=one.phone,
            language=one.language,
            organization_id=object_id("organization", one.organization) if one.organization else None,
            tags=one.tags,
            notes=one.notes,
            plan=one.plan,
            renewal_at=None if one.renewal is None else now + one.renewal,
            orders=tuple(
                sorted(((order, now - order.ago) for order in one.orders), key=lambda pair: pair[1], reverse=True)
            ),
        )


def _category_name(section: str) -> str:
    return CATEGORY_OF_SECTION.get(section, "More")


def _categories(data: DemoData) -> Iterable[Category]:
    for name in dict.fromkeys(_category_name(article.section) for article in data.articles):
        yield Category(object_id("category", name), name)


def _sections(data: DemoData) -> Iterable[Section]:
    for name in dict.fromkeys(article.section for article in data.articles):
        yield Section(object_id("section", name), name, object_id("category", _category_name(name)))


def _articles(data: DemoData, now: datetime) -> Iterable[Article]:
    originals = {article.slug: article for article in data.articles if not article.translation_of}
    for one in data.articles:
        original = originals.get(one.translation_of, one)
        yield Article(
            id=object_id("article", original.slug),
            slug=one.slug,
            locale=one.locale,
            source_locale=original.locale,
            title=one.title,
            section_id=object_id("section", one.section),
            labels=one.labels,
            created_at=now - one.updated - _WRITTEN_BEFORE,
            updated_at=now - one.updated,
            votes=one.votes,
            draft=one.draft,
            visibility=one.visibility,
            html=one.html,
        )


def _macros(data: DemoData, now: datetime) -> Iterable[Macro]:
    for index, one in enumerate(data.macros):
        folder, _, name = one.title.rpartition("::")
        yield Macro(
            id=object_id("macro", one.key),
            folder=folder,
            name=name,
            body=one.body,
            tags=one.tags,
            uses_7d=one.uses_7d,
            locale=one.locale,
            updated_at=now - timedelta(days=30 + index),
        )


def _tickets(
    data: DemoData, now: datetime, *, people: Mapping[int, Person], groups: Mapping[str, Group]
) -> dict[int, Ticket]:
    """Number the tickets in the order of their creation, ties by key."""
    in_order = sorted(data.tickets, key=lambda one: (-one.ago, one.key))
    numbered = enumerate(in_order, start=FIRST_TICKET_NUMBER)
    return {number: _ticket(one, number, now, people=people, groups=groups) for number, one in numbered}


def _ticket(
    one: DemoTicket, number: int, now: datetime, *, people: Mapping[int, Person], groups: Mapping[str, Group]
) -> Ticket:
    created_at = now - one.ago
    requester = people[object_id("person", one.customer)]
    assignee = people[object_id("person", one.assignee)] if one.assignee else None
    comments = _comments(one, created_at)
    last = comments[-1].created_at
    solved_at = last if one.status == "solved" else None
    return Ticket(
        number=number,
        key=one.key,
        subject=one.subject,
        requester_id=requester.id,
        assignee_id=None if assignee is None else assignee.id,
        group_id=groups[_group_name(requester, assignee)].id,
        organization_id=requester.organization_id,
        status=one.status,
        created_at=created_at,
        updated_at=last,
        solved_at=solved_at,
        channel=one.channel,
        priority=one.priority,
        tags=one.tags,
        csat=one.csat,
        csat_comment=one.csat_comment,
        reopens=one.reopens,
        comments=comments,
        freshdesk_status=_freshdesk_status(one.status, number, now - last),
        viewed_at=now if now - last > _READ_AFTER else None,
    )


def _group_name(requester: Person, assignee: Person | None) -> str:
    if assignee is not None and assignee.role == ADMIN:
        return "Team leads"
    return "Kundenservice" if requester.language == "de" else "Customer care"


def _freshdesk_status(status: str, number: int, idle: timedelta) -> int:
    if status == "solved":
        return 5 if idle > ARCHIVED_AFTER else 4
    if status == "pending":
        return 6 if number % 3 == 0 else 3
    return 7 if status == "hold" else 2


def _comments(one: DemoTicket, created_at: datetime) -> list[Comment]:
    """Return the messages in the order of their times; those of one moment stay as they were written."""
    return [
        Comment(
            id=message_id(one.key, index),
            author_id=object_id("person", one.customer if message.author == "customer" else message.author),
            created_at=created_at + message.at,
            public=message.public,
            text=message.text,
            html=message.html,
            channel=one.channel,
            attachments=message.attachments,
        )
        for index, message in enumerate(sorted(one.messages, key=lambda message: message.at))
    ]


def _check_ids(contents: Contents) -> None:
    ids = [*contents.people, *contents.organizations, *contents.sections, *contents.categories]
    ids += [macro.id for macro in contents.macros]
    ids += [article.id for article in contents.articles if article.locale == article.source_locale]
    ids += [comment.id for ticket in contents.tickets.values() for comment in ticket.comments]
    if twice := [one for one, count in Counter(ids).items() if count > 1]:
        raise ValueError(f"two keys give the same id: {twice}")
