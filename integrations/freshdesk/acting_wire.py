"""Freshdesk's HTTP for what changes a ticket: builds requests, reads answers. No I/O, no waiting, no credentials.

Freshdesk has no safe update: the caller reads the ticket again right before. ``tags`` replaces all of them, a note is
private unless told otherwise, and a reply without ``from_email`` would come from the account's global address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assist.domain import TicketStatus
from assist.errors import Moved, NotAllowed, NotGranted, NotThere, UnexpectedReply
from integrations.freshdesk import raw, raw_knowledge, wire
from integrations.http import Request, Response
from integrations.reading import flag, mapping, moment, objects, payload, text, texts, whole
from integrations.site import Site

CODES = {TicketStatus.OPEN: 2, TicketStatus.PENDING: 3, TicketStatus.SOLVED: 4}
"""What Kibitz sets. Custom statuses have numbers of the account's own."""
_CHATS = frozenset({5, 6, 7, 8, 13})
"""Sources whose customers do not read mail: Twitter, Facebook, chat, the mobile app, WhatsApp."""
_HEADERS = {"accept": "application/json", "content-type": "application/json"}
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ActTicket:
    """A ticket as far as changing it goes. ``stamp`` is ``updated_at`` letter by letter."""

    id: int
    stamp: str
    status: int | None
    tags: tuple[str, ...]
    is_chat: bool
    from_email: str = field(repr=False)
    requester: str = field(repr=False)
    copies: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """What a reply or a note answered."""

    id: int | None
    at: datetime | None
    public: bool


def ticket_request(site: Site, ticket_id: int) -> Request:
    return wire.ticket_request(site, ticket_id)


def response_request(site: Site, response_id: int) -> Request:
    url = f"{site.base_url}/api/v2/canned_responses/{response_id}"
    return Request("GET", url, {"accept": "application/json"})


def reply_request(site: Site, ticket: ActTicket, html: str) -> Request:
    """Mail the customer, from the address that the ticket came to, with the people in copy."""
    body: dict[str, Any] = {"body": html}
    if ticket.from_email:
        body["from_email"] = ticket.from_email
    if ticket.copies:
        body["cc_emails"] = list(ticket.copies)
    return Request("POST", f"{site.base_url}/api/v2/tickets/{ticket.id}/reply", _HEADERS, _json(body))


def note_request(site: Site, ticket_id: int, html: str) -> Request:
    body = {"body": html, "private": True, "notify_emails": []}
    return Request("POST", f"{site.base_url}/api/v2/tickets/{ticket_id}/notes", _HEADERS, _json(body))


def update_request(site: Site, ticket_id: int, change: Mapping[str, Any]) -> Request:
    return Request("PUT", f"{site.base_url}/api/v2/tickets/{ticket_id}", _HEADERS, _json(dict(change)))


def read_ticket(response: Response) -> ActTicket:
    """Read a ticket. Raises `NotThere` for a deleted one and for spam."""
    found = wire.read_ticket(response)
    body = mapping(payload(response))
    requester = mapping(body.get("requester"))
    name, address = text(requester.get("name")), text(requester.get("email"))
    copies = next((texts(body.get(key)) for key in ("reply_cc_emails", "cc_emails") if body.get(key)), ())
    return ActTicket(
        id=found.id,
        stamp=text(body.get("updated_at")),
        status=found.status,
        tags=found.tags,
        is_chat=found.source in _CHATS,
        from_email=text(body.get("support_email")),
        requester=f"{name} <{address}>" if name and address else address or name,
        copies=copies,
    )


def read_response(response: Response) -> raw_knowledge.RawResponse:
    wire.raise_for(response)
    found = raw_knowledge.responses([payload(response)])
    if not found:
        raise UnexpectedReply("Freshdesk sent a canned response without an id")
    return found[0]


def read_written(response: Response) -> Written:
    raise_for_change(response)
    body = payload(response)
    if not isinstance(body, dict):
        raise UnexpectedReply("Freshdesk's answer is not an object")
    return Written(whole(body.get("id")), moment(body.get("created_at")), not flag(body.get("private"), default=False))


def read_change(response: Response) -> str:
    """Return the ticket's new ``updated_at``; empty where Freshdesk does not tell."""
    raise_for_change(response)
    body = payload(response)
    if not isinstance(body, dict):
        raise UnexpectedReply("Freshdesk's answer is not an object")
    return text(body.get("updated_at"))


def raise_for_change(response: Response) -> None:
    """As `wire.raise_for`, for what only a change can be answered with. None of these changed anything."""
    match response.status:
        case 400 | 422:
            raise NotAllowed(_refusal(response))
        case 405:
            raise NotThere("This ticket was deleted or is spam, so Freshdesk does not let anybody change it.")
        case 409:
            raise Moved("The ticket changed while you were writing. Look at it, then try again.")
    try:
        wire.raise_for(response)
    except NotGranted:
        raise
    except NotAllowed as error:
        raise NotGranted("Freshdesk does not let you change this ticket: your role does not include it.") from error


def status_word(code: int | None, names: raw.Names) -> str:
    return names.statuses.get(code or 0, str(code or ""))


def _refusal(response: Response) -> str:
    try:
        body = mapping(payload(response))
    except UnexpectedReply:
        return "Freshdesk does not accept this change."
    fields = (text(one.get("field")) for one in objects(body.get("errors")))
    names = ", ".join(dict.fromkeys(one for one in fields if _FIELD.fullmatch(one)))
    return f"Freshdesk does not accept this change ({names})." if names else "Freshdesk does not accept this change."


def _json(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
