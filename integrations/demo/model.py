"""What lives in the demo world. Values are frozen but for `Ticket`, which people work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from integrations.demo.data import DemoOrder

END_USER, AGENT, ADMIN, BOT = "end-user", "agent", "admin", "bot"
STAFF = (AGENT, ADMIN)

FRESHDESK_STATUS = {2: "open", 3: "pending", 4: "solved", 5: "closed", 6: "pending", 7: "hold"}
"""Freshdesk's codes (6 waits for the customer, 7 for a third party) to the world's own words."""


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    key: str
    name: str
    email: str
    role: str
    created_at: datetime
    phone: str = ""
    language: str = "en"
    organization_id: int | None = None
    tags: tuple[str, ...] = ()
    notes: str = ""
    plan: str = ""
    renewal_at: datetime | None = None
    orders: tuple[tuple[DemoOrder, datetime], ...] = ()
    """Each order with the time at which it was placed, newest first."""
    signature: str = ""

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF


@dataclass(frozen=True, slots=True)
class Organization:
    id: int
    key: str
    name: str
    tier: str
    health: str
    renewal_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Category:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Section:
    id: int
    name: str
    category_id: int


@dataclass(frozen=True, slots=True)
class Article:
    """One language of an article; translations share the ``id`` of the original, as they do in both products."""

    id: int
    slug: str
    locale: str
    source_locale: str
    title: str
    section_id: int
    labels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    votes: int
    draft: bool
    visibility: str
    html: str


@dataclass(frozen=True, slots=True)
class Macro:
    id: int
    folder: str
    name: str
    body: str
    tags: tuple[str, ...]
    uses_7d: int
    locale: str
    updated_at: datetime

    @property
    def title(self) -> str:
        return f"{self.folder}::{self.name}" if self.folder else self.name


@dataclass(frozen=True, slots=True)
class Comment:
    """One message. ``text`` or ``html`` is what was written; the other is empty."""

    id: int
    author_id: int
    created_at: datetime
    public: bool
    text: str
    html: str
    channel: str
    attachments: tuple[str, ...] = ()


@dataclass(slots=True)
class Ticket:
    number: int
    key: str
    subject: str
    requester_id: int
    assignee_id: int | None
    group_id: int
    organization_id: int | None
    status: str
    created_at: datetime
    updated_at: datetime
    solved_at: datetime | None
    channel: str
    priority: str
    tags: tuple[str, ...]
    csat: str
    csat_comment: str
    reopens: int
    comments: list[Comment]
    freshdesk_status: int
    viewed_at: datetime | None = None
    spam: bool = False
    """Freshdesk shows such a ticket and lets nobody change it."""
    version: int = field(default=0)
    """Grows with every change, so that the page knows when to draw again."""
