"""From Freshdesk's words to the domain's. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import html_text
from lxml.etree import LxmlError

from assist.domain import (
    Agent,
    Article,
    Author,
    Channel,
    Csat,
    Customer,
    Macro,
    Message,
    Organization,
    Role,
    SlaMetric,
    SlaTarget,
    Ticket,
    TicketMetrics,
    TicketRef,
    TicketStatus,
    Visibility,
)
from integrations.freshdesk import raw, raw_knowledge
from integrations.reading import UNKNOWN_TIME, label_of
from integrations.shapes import UNKNOWN
from integrations.site import Site

DESCRIPTION_ID = 0
"""The first message is the ticket's description, which has no id of its own."""

TYPE = "ticket_type"
"""The name of the field whose content stands in the ticket itself."""

PUBLISHED = 2
SOLVED = frozenset({4, 5})
CLOSED = 5
OUTBOUND_MAIL = 10
_TWITTER = 5
_PAUSED = frozenset({3, 6, 7})
"""Statuses in which a new account's clock of promises stands still; Freshdesk tells of none."""

_STATUS = {
    2: TicketStatus.OPEN,
    3: TicketStatus.PENDING,
    4: TicketStatus.SOLVED,
    5: TicketStatus.CLOSED,
    6: TicketStatus.PENDING,
    7: TicketStatus.HOLD,
}
_OWN_NAME = {6: "Waiting on Customer", 7: "Waiting on Third Party"}
_PLAIN_STATUSES = frozenset({2, 3, 4, 5})
_PRIORITY = {1: "low", 2: "normal", 3: "high", 4: "urgent"}
_CHANNEL = {
    1: Channel.EMAIL,
    2: Channel.WEB,
    3: Channel.PHONE,
    4: Channel.WEB,
    5: Channel.SOCIAL,
    6: Channel.SOCIAL,
    7: Channel.CHAT,
    8: Channel.CHAT,
    9: Channel.WEB,
    10: Channel.EMAIL,
    11: Channel.WEB,
    12: Channel.CHAT,
    13: Channel.CHAT,
}
_ENTRY_CHANNEL = {
    0: Channel.EMAIL,
    5: Channel.SOCIAL,
    6: Channel.WEB,
    7: Channel.SOCIAL,
    8: Channel.EMAIL,
    9: Channel.PHONE,
}
_MERGED = re.compile(r"\bclosed and merged into (?:ticket|request)\s*#?\s*(\d{1,18})\b", re.IGNORECASE | re.ASCII)
_TWEET = re.compile(r"\s*View the (?:message|tweet) on Twitter\s*", re.IGNORECASE)
_SECRET_WORD = re.compile(
    r"(?i)passw|kennwort|secret|\bpin\b|(?:^|_)pin(?:_|$)|\bcvv|\bcvc\b|iban|card.?number|social.?security|\bssn\b"
)
_ASSOCIATED = {1: "child tickets", 2: "the parent ticket", 3: "tickets that it tracks", 4: "the ticket that tracks it"}
_VISIBILITY = {1: Visibility.EVERYONE, 2: Visibility.SIGNED_IN, 3: Visibility.AGENTS}


def agent(found: raw.RawAgent) -> Agent:
    """Map the agent. Freshdesk does not say to an agent's key whether its owner is an admin."""
    return Agent(found.id, found.name, found.email, locale=found.locale)


def ticket(
    site: Site,
    found: raw.RawTicket,
    names: raw.Names,
    *,
    rating: raw.RawRating | None = None,
    merged_into: int | None = None,
) -> Ticket:
    """Map a ticket. Statuses from 6 on are the account's own and keep their name.

    ``reopens`` is 1 where Freshdesk knows a time of reopening: it keeps only the last one, so this is the
    least that is true. A product is what Freshdesk calls a brand.
    """
    status = found.status or 0
    own_name = names.statuses.get(status) or _OWN_NAME.get(status) or (str(status) if status else "")
    return Ticket(
        ref=TicketRef(site.account, found.id),
        subject=found.subject,
        status=_STATUS.get(status, TicketStatus.OTHER),
        created_at=found.created_at or found.updated_at or UNKNOWN_TIME,
        updated_at=found.updated_at or found.created_at or UNKNOWN_TIME,
        requester_id=found.requester_id,
        status_name="" if status in _PLAIN_STATUSES else own_name,
        priority=_PRIORITY.get(found.priority or 0, ""),
        channel=_CHANNEL.get(found.source or 0, Channel.OTHER),
        assignee_id=found.responder_id,
        assignee_name=names.agents.get(found.responder_id or 0, ""),
        group=names.groups.get(found.group_id or 0, ""),
        brand=names.products.get(found.product_id or 0, ""),
        tags=found.tags,
        url=site.ticket_url(found.id),
        csat=csat(rating.score) if rating else None,
        csat_comment=rating.feedback if rating else "",
        reopens=None if found.stats is None else int(found.stats.reopened_at is not None),
        group_id=found.group_id,
        brand_id=found.product_id,
        fields=fields(found, names),
        metrics=metrics(found),
        sla=sla(found),
        merged_into=merged_into,
    )


def fields(found: raw.RawTicket, names: raw.Names) -> Mapping[str, str]:
    """Return type and custom fields as an agent reads them, without what Freshdesk or its name says is secret."""
    filled = {TYPE: found.kind} if found.kind else {}
    shown: dict[str, str] = {}
    for name, value in {**filled, **found.fields}.items():
        label = names.labels.get(name) or ("Type" if name == TYPE else label_of(name))
        if name in names.secret or _SECRET_WORD.search(name) or _SECRET_WORD.search(label):
            continue
        shown[f"{label} ({name})" if label in shown else label] = value
    return shown


def metrics(found: raw.RawTicket) -> TicketMetrics | None:
    """Return what the statistics tell; Freshdesk counts neither replies nor how long a customer waited."""
    if found.stats is None:
        return None
    return TicketMetrics(
        first_response_minutes=_minutes(found.created_at, found.stats.first_responded_at),
        resolution_minutes=_minutes(found.created_at, found.stats.resolved_at or found.stats.closed_at),
    )


def _minutes(start: datetime | None, end: datetime | None) -> int | None:
    """Sample tickets of a new account were answered before they were created: that is no duration."""
    if start is None or end is None or end < start:
        return None
    return int((end - start).total_seconds() // 60)


def sla(found: raw.RawTicket) -> tuple[SlaTarget, ...]:
    """Return what is still promised, and what was promised and came late."""
    settled = found.status in SOLVED
    paused = found.status in _PAUSED or (found.stats is not None and found.stats.pending_since is not None)
    answered = settled or (found.stats is not None and found.stats.first_responded_at is not None)
    due = found.due
    promised = (
        (SlaMetric.FIRST_RESPONSE, due.first, due.first_late, answered),
        (SlaMetric.NEXT_RESPONSE, due.next, due.next_late, settled),
        (SlaMetric.RESOLUTION, due.solution, due.solution_late, settled),
    )
    return tuple(
        SlaTarget(metric, None if paused and not over else at, breached=late)
        for metric, at, late, over in promised
        if late or (at is not None and not over)
    )


def merged_into(found: raw.RawTicket, entries: Iterable[raw.RawConversation]) -> int | None:
    """Return the ticket that a closed one was merged into, which only the note that Freshdesk leaves tells.

    The note is in English, or was worded anew by whoever merged: then it cannot be told.
    """
    if found.status not in SOLVED:
        return None
    notes = [item for item in entries if not item.incoming]
    for note in sorted(notes, key=lambda item: (item.created_at or UNKNOWN_TIME, item.id), reverse=True):
        if told := _MERGED.search(_words(note)):
            return int(told[1]) if int(told[1]) != found.id else None
    return None


def _words(item: raw.RawTicket | raw.RawConversation) -> str:
    return item.text or _plain(item.html)


def left_out(found: raw.RawTicket, entries: Iterable[raw.RawConversation]) -> tuple[str, ...]:
    """Name what belongs to the ticket and is not read."""
    named = [_ASSOCIATED[found.association]] if found.association in _ASSOCIATED else []
    everything: list[raw.RawTicket | raw.RawConversation] = [found, *entries]
    posts = [item for item in everything if item.source == _TWITTER]
    if any(_TWEET.fullmatch(_words(item)) for item in posts):
        named.append("posts on Twitter, whose words Freshdesk does not hand on")
    return tuple(named)


def csat(score: int | None) -> Csat | None:
    """Map 103..-103 with 100 as neutral, or the classic 1 happy, 2 neutral, 3 unhappy. Neutral is neither."""
    if score is None or score in (2, 100):
        return None
    if score == 1 or score > 100:
        return Csat.GOOD
    return Csat.BAD if score == 3 or score < 0 else None


def latest_ratings(found: Iterable[raw.RawRating]) -> dict[int, raw.RawRating]:
    """Return ratings by their ticket; of several the latest counts."""
    by_time = sorted(found, key=lambda item: (item.created_at or UNKNOWN_TIME, item.id))
    return {item.ticket_id: item for item in by_time if item.ticket_id is not None}


def first_message(found: raw.RawTicket, requester: raw.RawContact | None, names: raw.Names) -> Message:
    """Return the description as the first message; of an outbound mail the agent is its author."""
    if found.source == OUTBOUND_MAIL:
        writer = Author(found.responder_id, names.agents.get(found.responder_id or 0, ""), Role.AGENT)
    else:
        writer = Author(found.requester_id, requester.name if requester else "", Role.CUSTOMER)
    return Message(
        id=DESCRIPTION_ID,
        author=writer,
        created_at=found.created_at or UNKNOWN_TIME,
        public=True,
        html=found.html,
        text=found.text,
        channel=_CHANNEL.get(found.source or 0, Channel.OTHER),
        attachments=found.attachments,
    )


def message(found: raw.RawConversation, requester: raw.RawContact | None, names: raw.Names) -> Message:
    return Message(
        id=found.id,
        author=author(found, requester, names),
        created_at=found.created_at or UNKNOWN_TIME,
        public=not found.private,
        html=found.html,
        text=found.text,
        channel=_ENTRY_CHANNEL.get(-1 if found.source is None else found.source, Channel.OTHER),
        attachments=found.attachments,
        undelivered=found.bounced,
    )


def author(found: raw.RawConversation, requester: raw.RawContact | None, names: raw.Names) -> Author:
    """Tell who wrote an entry: ``incoming`` is the customer's side, the rest an agent or an automation."""
    if found.automatic:
        return Author(found.user_id, "", Role.SYSTEM)
    if not found.incoming:
        return Author(found.user_id, names.agents.get(found.user_id or 0, found.sender_name), Role.AGENT)
    is_requester = requester is not None and found.user_id == requester.id
    name = requester.name if requester and is_requester else found.sender_name
    return Author(found.user_id, name, Role.CUSTOMER)


def messages(
    found: Iterable[raw.RawConversation], requester: raw.RawContact | None, names: raw.Names
) -> tuple[Message, ...]:
    """Map entries, oldest first; each id once."""
    unique = {item.id: message(item, requester, names) for item in found}
    return tuple(sorted(unique.values(), key=lambda item: (item.created_at, item.id)))


def customer(found: raw.RawContact, company: raw.RawCompany | None) -> Customer:
    return Customer(
        id=found.id,
        name=found.name,
        email=found.email,
        phone=found.phone,
        language=found.language,
        created_at=found.created_at,
        organization=organization(company) if company else None,
        tags=found.tags,
        notes=found.notes,
        facts=found.fields,
    )


def organization(found: raw.RawCompany) -> Organization:
    return Organization(found.id, found.name, found.tier, found.health, found.renewal_at)


def visibility(number: int | None) -> Visibility:
    """Map a folder's visibility 1 to 7; one that is missing or unknown is RESTRICTED."""
    if number not in _VISIBILITY:
        UNKNOWN.note_value("Freshdesk", "folder visibility", number)
    return _VISIBILITY.get(number or 0, Visibility.RESTRICTED)


def article(site: Site, found: raw_knowledge.RawArticle, folder: raw_knowledge.RawFolder, locale: str) -> Article:
    return Article(
        account=site.account,
        id=found.id,
        locale=locale.lower(),
        title=found.title,
        html=found.html,
        url=f"{site.base_url}/support/solutions/articles/{found.id}",
        updated_at=found.updated_at or UNKNOWN_TIME,
        section=folder.name,
        labels=found.tags,
        draft=found.status != PUBLISHED,
        visibility=visibility(folder.visibility),
        votes=found.votes,
        brand_id=found.product_id,
    )


def macro(site: Site, found: raw_knowledge.RawResponse) -> Macro | None:
    """Map a canned response; None where it is empty. The HTML knows line breaks that the text has lost."""
    body = _plain(found.html) or found.text
    if not body.strip():
        return None
    return Macro(site.account, found.id, found.title, body.strip(), updated_at=found.updated_at)


def _plain(html: str) -> str:
    """Return the text of HTML, and none where nobody can make sense of it."""
    try:
        return html_text.extract_text(html) if html.strip() else ""
    except (LxmlError, ValueError, RecursionError):
        return ""
