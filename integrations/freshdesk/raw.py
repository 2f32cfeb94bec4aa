"""Freshdesk's words as typed values. Nothing here raises for a null, a missing key or a strange type.

Signed addresses of attachments live for minutes, so only the names are kept; the recipients of a mail are
not needed at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from integrations.reading import facts, flag, mapping, moment, objects, text, texts, whole

_SECRET_TYPES = ("encrypt", "secure")


@dataclass(frozen=True, slots=True)
class RawAgent:
    id: int
    name: str
    email: str
    locale: str


@dataclass(frozen=True, slots=True)
class RawContact:
    id: int
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    language: str
    created_at: datetime | None
    company_id: int | None
    tags: tuple[str, ...]
    notes: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RawCompany:
    id: int
    name: str
    tier: str
    health: str
    renewal_at: datetime | None


@dataclass(frozen=True, slots=True)
class RawStats:
    """When things happened last; None for what did not happen."""

    first_responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened_at: datetime | None
    pending_since: datetime | None


@dataclass(frozen=True, slots=True)
class RawDue:
    """By when something was promised (first response, next response, solution), and what was late already."""

    first: datetime | None
    next: datetime | None
    solution: datetime | None
    first_late: bool
    next_late: bool
    solution_late: bool


@dataclass(frozen=True, slots=True)
class RawTicket:
    id: int
    subject: str = field(repr=False)
    html: str = field(repr=False)
    text: str = field(repr=False)
    status: int | None
    priority: int | None
    source: int | None
    requester_id: int | None
    requester: RawContact | None
    responder_id: int | None
    company_id: int | None
    group_id: int | None
    product_id: int | None
    tags: tuple[str, ...]
    created_at: datetime | None
    updated_at: datetime | None
    stats: RawStats | None
    """None where the statistics were not asked for."""
    due: RawDue
    association: int | None
    """1 parent, 2 child, 3 tracker, 4 related."""
    kind: str
    """The ticket's type, in the account's own words."""
    fields: Mapping[str, str] = field(repr=False)
    """Custom fields that hold something, by their own name."""
    dead: bool
    """Deleted or spam."""
    attachments: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RawConversation:
    id: int
    html: str = field(repr=False)
    text: str = field(repr=False)
    incoming: bool
    private: bool
    automatic: bool
    user_id: int | None
    sender_name: str = field(repr=False)
    source: int | None
    created_at: datetime | None
    bounced: bool
    """Whether the mail did not arrive."""
    attachments: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RawRating:
    id: int
    ticket_id: int | None
    score: int | None
    feedback: str = field(repr=False)
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Names:
    """What ids and numbers are called in this account, read from the ticket fields."""

    agents: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)
    statuses: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    """What agents read beside a field, by the field's own name."""
    secret: frozenset[str] = frozenset()
    """Names of fields whose content Freshdesk itself keeps from most people."""


def agent(raw: Mapping[str, Any]) -> RawAgent | None:
    """Return an agent; None without an id. Name and address stand in ``contact``."""
    if (id_ := whole(raw.get("id"))) is None:
        return None
    contact_ = mapping(raw.get("contact"))
    return RawAgent(id_, text(contact_.get("name")), text(contact_.get("email")), text(contact_.get("language")))


def contact(raw: Mapping[str, Any]) -> RawContact | None:
    """Return a contact; None without an id. Phone numbers have been seen as JSON numbers."""
    if (id_ := whole(raw.get("id"))) is None:
        return None
    return RawContact(
        id=id_,
        name=text(raw.get("name")),
        email=text(raw.get("email")),
        phone=text(raw.get("phone")) or text(raw.get("mobile")),
        language=text(raw.get("language")),
        created_at=moment(raw.get("created_at")),
        company_id=whole(raw.get("company_id")),
        tags=texts(raw.get("tags")),
        notes=text(raw.get("description")),
        fields=facts(raw.get("custom_fields") or raw.get("custom_field")),
    )


def company(raw: Mapping[str, Any]) -> RawCompany | None:
    if (id_ := whole(raw.get("id"))) is None:
        return None
    return RawCompany(
        id=id_,
        name=text(raw.get("name")),
        tier=text(raw.get("account_tier")),
        health=text(raw.get("health_score")),
        renewal_at=moment(raw.get("renewal_date")),
    )


def ticket(raw: Mapping[str, Any]) -> RawTicket | None:
    """Return a ticket; None without an id. Old search results spell some keys differently."""
    if (id_ := whole(raw.get("id"))) is None or id_ <= 0:
        return None
    html = text(raw.get("description_html")) or text(raw.get("description"))
    return RawTicket(
        id=id_,
        subject=text(raw.get("subject")),
        html=html,
        text=text(raw.get("description_text")),
        status=whole(raw.get("status")),
        priority=whole(raw.get("priority")),
        source=whole(raw.get("source")),
        requester_id=whole(raw.get("requester_id")),
        requester=contact(mapping(raw.get("requester"))),
        responder_id=whole(raw.get("responder_id")),
        company_id=whole(raw.get("company_id")),
        group_id=whole(raw.get("group_id")),
        product_id=whole(raw.get("product_id")),
        tags=texts(raw.get("tags")),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
        stats=_stats(raw.get("stats")),
        due=_due(raw),
        association=whole(raw.get("association_type")),
        kind=text(raw.get("type")) or text(raw.get("ticket_type")),
        fields=_fields(raw.get("custom_fields") or raw.get("custom_field")),
        dead=flag(raw.get("deleted"), default=False) or flag(raw.get("spam"), default=False),
        attachments=_attachments(raw),
    )


def _stats(value: Any) -> RawStats | None:
    if not isinstance(value, dict):
        return None
    return RawStats(
        first_responded_at=moment(value.get("first_responded_at")),
        resolved_at=moment(value.get("resolved_at")),
        closed_at=moment(value.get("closed_at")),
        reopened_at=moment(value.get("reopened_at")),
        pending_since=moment(value.get("pending_since")),
    )


def _due(raw: Mapping[str, Any]) -> RawDue:
    """Read what was promised; search results of old accounts spell it ``frDueBy`` and ``isescalated``."""
    return RawDue(
        first=moment(raw.get("fr_due_by")) or moment(raw.get("frDueBy")),
        next=moment(raw.get("nr_due_by")),
        solution=moment(raw.get("due_by")),
        first_late=flag(raw.get("fr_escalated"), default=False),
        next_late=flag(raw.get("nr_escalated"), default=False),
        solution_late=flag(raw.get("is_escalated", raw.get("isescalated")), default=False),
    )


def _fields(value: Any) -> dict[str, str]:
    """Return the filled custom fields; several choices of one field are put beside each other."""
    found = {}
    for name, content in mapping(value).items():
        if isinstance(content, bool):
            shown = "yes" if content else "no"
        else:
            shown = ", ".join(texts(content)) if isinstance(content, list) else text(content).strip()
        if shown:
            found[text(name)] = shown
    return found


def tickets(value: Any) -> tuple[RawTicket, ...]:
    return tuple(found for raw in objects(value) if (found := ticket(raw)) is not None)


def conversation(raw: Mapping[str, Any]) -> RawConversation | None:
    """Return an entry of a conversation; None without an id.

    ``private`` is True unless Freshdesk says otherwise: an entry whose kind is unknown is never taken for
    something that the customer saw.
    """
    if (id_ := whole(raw.get("id"))) is None:
        return None
    automatic = raw.get("automation_id") is not None or flag(raw.get("auto_response"), default=False)
    return RawConversation(
        id=id_,
        html=text(raw.get("body")),
        text=text(raw.get("body_text")),
        incoming=flag(raw.get("incoming"), default=False),
        private=flag(raw.get("private"), default="replied_to" not in raw),
        automatic=automatic,
        user_id=whole(raw.get("user_id")),
        sender_name=parseaddr(text(raw.get("from_email")))[0],
        source=whole(raw.get("source")),
        created_at=moment(raw.get("created_at")),
        bounced=(whole(raw.get("email_failure_count")) or 0) > 0,
        attachments=_attachments(raw),
    )


def conversations(value: Any) -> tuple[RawConversation, ...]:
    return tuple(found for raw in objects(value) if (found := conversation(raw)) is not None)


def _attachments(raw: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for item in objects(raw.get("attachments")) if (name := text(item.get("name"))))


def ratings(value: Any) -> tuple[RawRating, ...]:
    """Return satisfaction ratings; the score is that of the default question, or the classic number."""
    found = []
    for raw in objects(value):
        if (id_ := whole(raw.get("id"))) is None:
            continue
        given = raw.get("ratings")
        score = mapping(given).get("default_question") if isinstance(given, dict) else given
        found.append(
            RawRating(
                id=id_,
                ticket_id=whole(raw.get("ticket_id")),
                score=whole(score),
                feedback=text(raw.get("feedback")),
                created_at=moment(raw.get("created_at")),
            )
        )
    return tuple(found)


def names(value: Any) -> Names:
    """Read the names out of the ticket fields, whose ``choices`` come in three shapes.

    They are a list, an object from name to id, or (for statuses) an object from id to a list of names.
    """
    found: dict[str, dict[int, str]] = {}
    labels: dict[str, str] = {}
    secret: set[str] = set()
    for raw in objects(value):
        kind, name, choices = text(raw.get("type")), text(raw.get("name")), raw.get("choices")
        if kind == "default_status" or name == "status":
            found["status"] = _by_id(choices)
        else:
            found[kind] = _by_name(choices)
        inside = (*objects(raw.get("nested_ticket_fields")), *objects(raw.get("dependent_fields")))
        labels.update((text(item.get("name")), text(item.get("label"))) for item in (raw, *inside))
        if any(word in kind for word in _SECRET_TYPES):
            secret.add(name)
    return Names(
        agents=found.get("default_agent", {}),
        groups=found.get("default_group", {}),
        products=found.get("default_product", {}),
        statuses=found.get("status", {}),
        labels={name: label for name, label in labels.items() if name and label},
        secret=frozenset(secret),
    )


def _by_name(choices: Any) -> dict[int, str]:
    return {id_: text(name) for name, value in mapping(choices).items() if (id_ := whole(value)) is not None}


def _by_id(choices: Any) -> dict[int, str]:
    found = {}
    for key, value in mapping(choices).items():
        first = next(iter(texts(value)), "") if isinstance(value, list) else text(value)
        if (id_ := whole(key)) is not None and first:
            found[id_] = first
    return found
