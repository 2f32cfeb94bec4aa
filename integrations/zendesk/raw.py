"""Zendesk's words as typed values. Nothing here raises for a null, a missing key or a strange type.

Keys that Kibitz has no use for are not kept: a comment's ``metadata`` holds the customer's network address
and place, ``users/me`` a CSRF token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.reading import facts, flag, mapping, moment, objects, text, texts, whole
from integrations.zendesk import parts

UNREADABLE_SEGMENT = -1


@dataclass(frozen=True, slots=True)
class RawUser:
    id: int
    name: str = field(repr=False)
    email: str = field(repr=False)
    role: str
    phone: str = field(repr=False)
    locale: str
    created_at: datetime | None
    organization_id: int | None
    tags: tuple[str, ...]
    notes: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RawOrganization:
    id: int
    name: str
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RawTicket:
    id: int
    subject: str = field(repr=False)
    description: str = field(repr=False)
    status: str
    custom_status_id: int | None
    priority: str
    channel: str
    requester_id: int | None
    assignee_id: int | None
    organization_id: int | None
    group_id: int | None
    tags: tuple[str, ...]
    created_at: datetime | None
    updated_at: datetime | None
    csat_score: str
    csat_comment: str = field(repr=False)
    brand_id: int | None = None
    fields: Mapping[int, Any] = field(default_factory=dict, repr=False)
    """Filled custom fields by id: a text, a number, a tag, a list of tags."""
    is_messaging: bool = False
    """Its conversation is held by messaging, and only in part as comments."""
    targets: tuple[parts.RawTarget, ...] = ()
    metrics: parts.RawMetrics | None = None


@dataclass(frozen=True, slots=True)
class RawComment:
    id: int
    author_id: int | None
    html: str = field(repr=False)
    text: str = field(repr=False)
    public: bool
    channel: str
    created_at: datetime | None
    attachments: tuple[str, ...] = field(repr=False)
    is_call: bool = False


@dataclass(frozen=True, slots=True)
class RawArticle:
    id: int
    title: str
    html: str = field(repr=False)
    url: str
    locale: str
    draft: bool
    section_id: int | None
    labels: tuple[str, ...]
    segment_ids: tuple[int, ...]
    vote_sum: int
    updated_at: datetime | None
    brand_id: int | None = None


@dataclass(frozen=True, slots=True)
class RawMacro:
    id: int
    title: str
    comment: str = field(repr=False)
    """The reply as text or HTML; empty where the macro only changes fields."""
    comment_is_html: bool
    is_note: bool
    active: bool
    tags: tuple[str, ...]
    usage: int | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class RawSegment:
    id: int
    user_type: str
    narrowed: bool
    """Tags, groups or organizations narrow it further than its user type says."""


def user(raw: Mapping[str, Any]) -> RawUser | None:
    """Return a user; None without an id, which is how an anonymous ``users/me`` looks."""
    if (id_ := whole(raw.get("id"))) is None:
        return None
    return RawUser(
        id=id_,
        name=text(raw.get("name")),
        email=text(raw.get("email")),
        role=text(raw.get("role")),
        phone=text(raw.get("phone")),
        locale=text(raw.get("locale")),
        created_at=moment(raw.get("created_at")),
        organization_id=whole(raw.get("organization_id")),
        tags=texts(raw.get("tags")),
        notes=text(raw.get("notes")),
        fields=facts(raw.get("user_fields")),
    )


def users(value: Any) -> dict[int, RawUser]:
    """Return sideloaded users by id."""
    return {found.id: found for raw in objects(value) if (found := user(raw)) is not None}


def organizations(value: Any) -> dict[int, RawOrganization]:
    """Return sideloaded organizations by id."""
    found = {}
    for raw in objects(value):
        if (id_ := whole(raw.get("id"))) is not None:
            fields = mapping(raw.get("organization_fields"))
            found[id_] = RawOrganization(id_, text(raw.get("name")), fields)
    return found


def names(value: Any, *, key: str = "name") -> dict[int, str]:
    """Return id to name of sideloaded things (groups, sections, statuses)."""
    return {id_: text(raw.get(key)) for raw in objects(value) if (id_ := whole(raw.get("id"))) is not None}


def ticket(raw: Mapping[str, Any]) -> RawTicket | None:
    """Return a ticket; None without an id."""
    if (id_ := whole(raw.get("id"))) is None or id_ <= 0:
        return None
    rating = mapping(raw.get("satisfaction_rating"))
    return RawTicket(
        id=id_,
        subject=text(raw.get("subject")) or text(raw.get("raw_subject")),
        description=text(raw.get("description")),
        status=text(raw.get("status")),
        custom_status_id=whole(raw.get("custom_status_id")),
        priority=text(raw.get("priority")),
        channel=text(mapping(raw.get("via")).get("channel")),
        requester_id=whole(raw.get("requester_id")),
        assignee_id=whole(raw.get("assignee_id")),
        organization_id=whole(raw.get("organization_id")),
        group_id=whole(raw.get("group_id")),
        tags=texts(raw.get("tags")),
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
        csat_score=text(rating.get("score")),
        csat_comment=text(rating.get("comment")),
        brand_id=whole(raw.get("brand_id")),
        fields=_filled(raw.get("custom_fields"), raw.get("fields")),
        is_messaging=flag(raw.get("from_messaging_channel"), default=False),
        targets=parts.targets(raw.get("slas")),
        metrics=parts.metrics(mapping(raw.get("metric_set"))),
    )


def _filled(custom: Any, copy: Any) -> dict[int, Any]:
    """Return custom fields that hold something; ``fields`` is the same list under a newer name."""
    pairs = ((whole(item.get("id")), item.get("value")) for item in objects(custom) or objects(copy))
    return {id_: value for id_, value in pairs if id_ is not None and value not in (None, "", [], {}, False)}


def tickets(value: Any) -> tuple[RawTicket, ...]:
    return tuple(found for raw in objects(value) if (found := ticket(raw)) is not None)


def comment(raw: Mapping[str, Any]) -> RawComment | None:
    """Return a comment; None without an id. ``public`` is False unless Zendesk says otherwise."""
    if (id_ := whole(raw.get("id"))) is None:
        return None
    attachments = (text(item.get("file_name")) for item in objects(raw.get("attachments")))
    voice = text(raw.get("type")) == "VoiceComment"
    return RawComment(
        id=id_,
        author_id=whole(raw.get("author_id")),
        html=text(raw.get("html_body")),
        text=text(raw.get("plain_body")) or text(raw.get("body")),
        public=flag(raw.get("public"), default=False),
        channel="voice" if voice else text(mapping(raw.get("via")).get("channel")),
        created_at=moment(raw.get("created_at")),
        attachments=tuple(name for name in attachments if name),
        is_call=voice,
    )


def comments(value: Any) -> tuple[RawComment, ...]:
    return tuple(found for raw in objects(value) if (found := comment(raw)) is not None)


def article(raw: Mapping[str, Any]) -> RawArticle | None:
    """Return an article; None without an id. Both spellings of user segments are read."""
    if (id_ := whole(raw.get("id"))) is None:
        return None
    return RawArticle(
        id=id_,
        title=text(raw.get("title")) or text(raw.get("name")),
        html=text(raw.get("body")),
        url=text(raw.get("html_url")),
        locale=text(raw.get("locale")) or text(raw.get("source_locale")),
        draft=flag(raw.get("draft"), default=False),
        section_id=whole(raw.get("section_id")),
        labels=texts(raw.get("label_names")),
        segment_ids=_segment_ids(raw.get("user_segment_id"), raw.get("user_segment_ids")),
        vote_sum=whole(raw.get("vote_sum")) or 0,
        updated_at=moment(raw.get("updated_at")),
        brand_id=whole(raw.get("brand_id")),
    )


def _segment_ids(one: Any, many: Any) -> tuple[int, ...]:
    """Return who may read, from both spellings; what is there but cannot be read counts as a segment too."""
    given = [one, *(many if isinstance(many, list) else [many])]
    ids = (UNREADABLE_SEGMENT if (id_ := whole(item)) is None else id_ for item in given if item is not None)
    return tuple(dict.fromkeys(ids))


def articles(value: Any) -> tuple[RawArticle, ...]:
    return tuple(found for raw in objects(value) if (found := article(raw)) is not None)


def macro(raw: Mapping[str, Any]) -> RawMacro | None:
    """Return a macro; None without an id.

    A comment's value is a text, ``["channel:all", text]`` or a list of such. Usage is the week's count where it was
    sideloaded, as a key of the macro.
    """
    if (id_ := whole(raw.get("id"))) is None:
        return None
    actions = {text(item.get("field")): item.get("value") for item in objects(raw.get("actions"))}
    plain, rich = (parts.channel_text(actions.get(key)) for key in ("comment_value", "comment_value_html"))
    tags = " ".join(text(actions.get(key)) for key in ("current_tags", "set_tags"))
    return RawMacro(
        id=id_,
        title=text(raw.get("title")),
        comment=plain or rich,
        comment_is_html=not plain,
        is_note=text(actions.get("comment_mode_is_public")).lower() == "false"
        or actions.get("comment_mode_is_public") is False,
        active=flag(raw.get("active"), default=True),
        tags=tuple(dict.fromkeys(tags.split())),
        usage=whole(raw.get("usage_7d")),
        updated_at=moment(raw.get("updated_at")),
    )


def macros(value: Any) -> tuple[RawMacro, ...]:
    return tuple(found for raw in objects(value) if (found := macro(raw)) is not None)


def segments(value: Any) -> dict[int, RawSegment]:
    """Return user segments by id."""
    found = {}
    for raw in objects(value):
        if (id_ := whole(raw.get("id"))) is not None:
            narrowing = ("group_ids", "organization_ids", "tags", "or_tags", "added_user_ids")
            narrowed = any(raw.get(key) for key in narrowing)
            found[id_] = RawSegment(id_, text(raw.get("user_type")), narrowed)
    return found
