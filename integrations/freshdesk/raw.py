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
    reopened: bool | None
    """None where the statistics were not asked for."""
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
    attachments: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RawFolder:
    id: int
    name: str
    visibility: int | None
    sub_folders: int
    """Number of folders inside; 0 where Freshdesk does not say."""


@dataclass(frozen=True, slots=True)
class RawArticle:
    id: int
    title: str
    html: str = field(repr=False)
    status: int | None
    tags: tuple[str, ...]
    votes: int
    updated_at: datetime | None
    language: str
    """As the article's place in the hierarchy names it; often unknown."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A canned response."""

    id: int
    title: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    updated_at: datetime | None


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
    stats = raw.get("stats")
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
        reopened=stats.get("reopened_at") is not None if isinstance(stats, dict) else None,
        dead=flag(raw.get("deleted"), default=False) or flag(raw.get("spam"), default=False),
        attachments=_attachments(raw),
    )


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
        attachments=_attachments(raw),
    )


def conversations(value: Any) -> tuple[RawConversation, ...]:
    return tuple(found for raw in objects(value) if (found := conversation(raw)) is not None)


def _attachments(raw: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for item in objects(raw.get("attachments")) if (name := text(item.get("name"))))


def folders(value: Any) -> tuple[RawFolder, ...]:
    found = []
    for raw in objects(value):
        if (id_ := whole(raw.get("id"))) is not None:
            inside = whole(raw.get("sub_folders_count")) or 0
            found.append(RawFolder(id_, text(raw.get("name")), whole(raw.get("visibility")), inside))
    return tuple(found)


def articles(value: Any) -> tuple[RawArticle, ...]:
    found = []
    for raw in objects(value):
        if (id_ := whole(raw.get("id"))) is not None:
            votes = (whole(raw.get("thumbs_up")) or 0) - (whole(raw.get("thumbs_down")) or 0)
            found.append(
                RawArticle(
                    id=id_,
                    title=text(raw.get("title")),
                    html=text(raw.get("description")),
                    status=whole(raw.get("status")),
                    tags=texts(raw.get("tags")),
                    votes=votes,
                    updated_at=moment(raw.get("updated_at")),
                    language=_language(raw),
                )
            )
    return tuple(found)


def _language(raw: Mapping[str, Any]) -> str:
    places = (mapping(place.get("data")) for place in objects(raw.get("hierarchy")))
    return next((found for place in places if (found := text(place.get("language")))), "")


def responses(value: Any) -> tuple[RawResponse, ...]:
    return tuple(
        RawResponse(
            id=id_,
            title=text(raw.get("title")),
            text=text(raw.get("content")),
            html=text(raw.get("content_html")),
            updated_at=moment(raw.get("updated_at")),
        )
        for raw in objects(value)
        if (id_ := whole(raw.get("id"))) is not None
    )


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
    for raw in objects(value):
        kind, choices = text(raw.get("type")), raw.get("choices")
        if kind == "default_status" or text(raw.get("name")) == "status":
            found["status"] = _by_id(choices)
        else:
            found[kind] = _by_name(choices)
    return Names(
        agents=found.get("default_agent", {}),
        groups=found.get("default_group", {}),
        products=found.get("default_product", {}),
        statuses=found.get("status", {}),
    )


def _by_name(choices: Any) -> dict[int, str]:
    return {id_: name for name, value in mapping(choices).items() if (id_ := whole(value)) is not None}


def _by_id(choices: Any) -> dict[int, str]:
    found = {}
    for key, value in mapping(choices).items():
        first = next(iter(texts(value)), "") if isinstance(value, list) else text(value)
        if (id_ := whole(key)) is not None and first:
            found[id_] = first
    return found
