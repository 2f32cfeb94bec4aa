"""From Zendesk's words to the domain's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import html_text

from assist.domain import (
    Agent,
    Article,
    Author,
    Channel,
    Customer,
    Macro,
    Message,
    Organization,
    Role,
    Ticket,
    TicketRef,
    TicketStatus,
    Visibility,
)
from integrations.reading import UNKNOWN_TIME, moment, text
from integrations.shapes import UNKNOWN
from integrations.site import Site
from integrations.zendesk import details, parts, raw
from integrations.zendesk.names import NO_NAMES, Names
from integrations.zendesk.wire import TicketReply

_CHANNEL = {
    "email": Channel.EMAIL,
    "web": Channel.WEB,
    "web_widget": Channel.WEB,
    "web_form": Channel.WEB,
    "help_center": Channel.WEB,
    "mobile": Channel.WEB,
    "mobile_sdk": Channel.WEB,
    "chat": Channel.CHAT,
    "messaging": Channel.CHAT,
    "native_messaging": Channel.CHAT,
    "line": Channel.CHAT,
    "whatsapp": Channel.CHAT,
    "sms": Channel.CHAT,
    "voice": Channel.PHONE,
    "phone": Channel.PHONE,
    "voicemail": Channel.PHONE,
    "facebook": Channel.SOCIAL,
    "twitter": Channel.SOCIAL,
    "any_channel": Channel.SOCIAL,
    "instagram_dm": Channel.SOCIAL,
    "api": Channel.API,
    "web_service": Channel.API,
}
_ROLE = {"end-user": Role.CUSTOMER, "agent": Role.AGENT, "admin": Role.AGENT}
_SEGMENT = {"signed_in_users": Visibility.SIGNED_IN, "staff": Visibility.AGENTS}


def agent(user: raw.RawUser) -> Agent:
    return Agent(user.id, user.name, user.email, is_admin=user.role == "admin", locale=user.locale)


def ticket(
    site: Site,
    found: raw.RawTicket,
    *,
    users: Mapping[int, raw.RawUser] | None = None,
    names: Names = NO_NAMES,
    metrics: parts.RawMetrics | None = None,
) -> Ticket:
    """Map one ticket. A status outside Zendesk's own six is OTHER, under its own name."""
    status = details.STATUS.get(found.status, TicketStatus.OTHER)
    if status is TicketStatus.OTHER:
        UNKNOWN.note_value("Zendesk", "ticket status", found.status)
    assignee = (users or {}).get(found.assignee_id or 0)
    brand = names.brands.get(found.brand_id or 0)
    metrics = metrics or found.metrics
    return Ticket(
        ref=TicketRef(site.account, found.id),
        subject=found.subject,
        status=status,
        created_at=found.created_at or found.updated_at or UNKNOWN_TIME,
        updated_at=found.updated_at or found.created_at or UNKNOWN_TIME,
        requester_id=found.requester_id,
        status_name=_status_name(found, names) or (found.status if status is TicketStatus.OTHER else ""),
        priority=found.priority,
        channel=channel(found.channel),
        assignee_id=found.assignee_id,
        assignee_name=assignee.name if assignee else "",
        group=names.groups.get(found.group_id or 0, ""),
        brand=brand.name if brand else "",
        tags=found.tags,
        url=site.ticket_url(found.id),
        csat=details.CSAT.get(found.csat_score.removesuffix("withcomment")),
        csat_comment=found.csat_comment,
        reopens=metrics.reopens if metrics else None,
        group_id=found.group_id,
        brand_id=found.brand_id,
        fields=details.shown_fields(found.fields, names.fields),
        metrics=details.metrics(metrics),
    )


def ticket_of(site: Site, reply: TicketReply, names: Names, *, now: datetime | None = None) -> Ticket:
    """Map a ticket that was read alone, with what came beside it. ``now`` tells which promised times have passed."""
    found = reply.ticket
    named = replace(names, groups={**names.groups, **reply.groups})
    mapped = ticket(site, found, users=reply.users, names=named, metrics=reply.metrics.get(found.id))
    return replace(mapped, sla=details.targets(found.targets, now or UNKNOWN_TIME))


def _status_name(found: raw.RawTicket, names: Names) -> str:
    """Return the name of a custom status; Zendesk's own six are known by their category."""
    name = names.statuses.get(found.custom_status_id or 0, "")
    return "" if name.lower() in (found.status, f"on-{found.status}") else name


def channel(via: str) -> Channel:
    return _CHANNEL.get(via, Channel.OTHER)


def author(author_id: int | None, users: Mapping[int, raw.RawUser], requester_id: int | None) -> Author:
    """Tell who wrote: Zendesk says it only through the user's role. Its own system user is -1."""
    found = users.get(author_id) if author_id is not None else None
    if found is not None:
        return Author(found.id, found.name, _ROLE.get(found.role, Role.SYSTEM))
    known = author_id is not None and author_id == requester_id
    return Author(author_id, "", Role.CUSTOMER if known else Role.SYSTEM)


def message(found: raw.RawComment, users: Mapping[int, raw.RawUser], requester_id: int | None) -> Message:
    """Map a comment. Its plain text may hold ``&nbsp;`` as six characters."""
    return Message(
        id=found.id,
        author=author(found.author_id, users, requester_id),
        created_at=found.created_at or UNKNOWN_TIME,
        public=found.public,
        html=found.html,
        text=found.text.replace("&nbsp;", " ").replace("\xa0", " "),
        channel=channel(found.channel),
        attachments=found.attachments,
    )


def messages(
    found: Iterable[raw.RawComment], users: Mapping[int, raw.RawUser], requester_id: int | None
) -> tuple[Message, ...]:
    """Map comments to messages, oldest first; each id once."""
    unique = {item.id: message(item, users, requester_id) for item in found}
    return tuple(sorted(unique.values(), key=lambda item: (item.created_at, item.id)))


def description_message(found: raw.RawTicket, users: Mapping[int, raw.RawUser]) -> Message:
    """Return the first message from the ticket itself, where the comment cannot be had. Its id is 0."""
    return Message(
        id=0,
        author=author(found.requester_id, users, found.requester_id),
        created_at=found.created_at or UNKNOWN_TIME,
        public=True,
        text=found.description.replace("\xa0", " "),
        channel=channel(found.channel),
    )


def customer(user: raw.RawUser, organizations: Mapping[int, raw.RawOrganization]) -> Customer:
    found = organizations.get(user.organization_id or 0)
    return Customer(
        id=user.id,
        name=user.name,
        email=user.email,
        phone=user.phone,
        language=user.locale,
        created_at=user.created_at,
        organization=organization(found) if found else None,
        tags=user.tags,
        notes=user.notes,
        facts=user.fields,
    )


def organization(found: raw.RawOrganization) -> Organization:
    """Map an organization. Tier, health and renewal are custom fields, read under their usual keys."""
    return Organization(
        id=found.id,
        name=found.name,
        tier=_first(found.fields, ("tier", "account_tier", "customer_tier", "plan")),
        health=_first(found.fields, ("health", "health_score", "customer_health")),
        renewal_at=_first_time(found.fields, ("renewal_date", "renewal", "renewal_at", "contract_end")),
    )


def _first(fields: Mapping[str, object], keys: tuple[str, ...]) -> str:
    return next((found for key in keys if (found := text(fields.get(key)))), "")


def _first_time(fields: Mapping[str, object], keys: tuple[str, ...]) -> datetime | None:
    return next((found for key in keys if (found := moment(fields.get(key)))), None)


def article(
    site: Site,
    found: raw.RawArticle,
    sections: Mapping[int, str],
    segments: Mapping[int, raw.RawSegment],
    *,
    brand_id: int | None = None,
) -> Article:
    """Map an article. ``brand_id`` is the help center's own, for articles that do not name theirs."""
    return Article(
        account=site.account,
        id=found.id,
        locale=found.locale.lower(),
        title=found.title,
        html=found.html,
        url=found.url if urlsplit(found.url).scheme in ("https", "http") else "",
        updated_at=found.updated_at or UNKNOWN_TIME,
        section=sections.get(found.section_id or 0, ""),
        labels=found.labels,
        draft=found.draft,
        visibility=visibility(found.segment_ids, segments),
        votes=found.vote_sum,
        brand_id=found.brand_id if found.brand_id is not None else brand_id,
    )


def visibility(segment_ids: tuple[int, ...], segments: Mapping[int, raw.RawSegment]) -> Visibility:
    """Tell who may read an article. A segment that is unknown, narrowed or one of several is RESTRICTED."""
    if not segment_ids:
        return Visibility.EVERYONE
    found = segments.get(segment_ids[0])
    if found is None or found.narrowed or len(segment_ids) > 1:
        return Visibility.RESTRICTED
    return _SEGMENT.get(found.user_type, Visibility.RESTRICTED)


def macro(site: Site, found: raw.RawMacro) -> Macro | None:
    """Map a macro; None where it writes no reply (or only a note), or is switched off."""
    body = html_text.extract_text(found.comment) if found.comment_is_html else found.comment
    if not body.strip() or not found.active or found.is_note:
        return None
    return Macro(
        account=site.account,
        id=found.id,
        title=found.title,
        body=body.strip(),
        tags=found.tags,
        usage=found.usage,
        updated_at=found.updated_at,
    )
