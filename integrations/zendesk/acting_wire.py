"""Zendesk's HTTP for what changes a ticket: builds requests, reads answers. No I/O, no waiting, no credentials.

A comment always says whether it is public, because Zendesk has no fixed default; ``tags`` of a ticket replaces all of
them, so single tags are added and removed by their own address, and a whole set goes only with a safe update.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import html_text

from assist.acts import RenderedMacro
from assist.domain import TicketStatus
from assist.errors import Moved, NotAllowed, NotGranted, UnexpectedReply
from integrations.http import Request, Response
from integrations.reading import flag, label_of, mapping, moment, objects, payload, text, texts, whole
from integrations.site import Site
from integrations.zendesk import raw, wire

WRITABLE = ("status", "custom_status_id", "priority", "type", "subject", "assignee_id", "group_id")
"""What a macro may change beside tags, custom fields and a comment."""
_HEADERS = {"accept": "application/json", "content-type": "application/json"}
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)
_KEY = re.compile(r'"([\w.\[\]-]{1,60})"', re.ASCII)
_UNPERMITTED = re.compile(r":?unpermitted_keys(?:=>|: ?)\[([^\]]*)\]", re.ASCII)
_CLOSED = "closed prevents ticket update"


@dataclass(frozen=True, slots=True)
class ActTicket:
    """A ticket as far as changing it goes. ``stamp`` is ``updated_at`` letter by letter."""

    id: int
    stamp: str
    status: str
    tags: tuple[str, ...]
    messaging: bool
    people: tuple[int, ...]
    """Requester and people in copy, in this order."""
    names: Mapping[int, str] = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)
    """Values of `WRITABLE`, as Zendesk has them."""
    custom: Mapping[int, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MacroChange:
    """What a macro would do to a ticket: new values of `WRITABLE` and of custom fields, all tags, a comment."""

    fields: Mapping[str, Any] = field(repr=False)
    custom: Mapping[int, Any] = field(repr=False)
    tags: tuple[str, ...]
    html: str = field(repr=False)
    text: str = field(repr=False)
    public: bool | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What an update answered. ``public`` is None where it wrote no comment."""

    stamp: str
    at: datetime | None
    comment_id: int | None
    public: bool | None


def ticket_request(site: Site, ticket_id: int) -> Request:
    return wire.ticket_request(site, ticket_id)


def newest_request(site: Site, ticket_id: int, size: int) -> Request:
    return wire.comments_request(site, ticket_id, size=size)


def people_request(site: Site, ids: tuple[int, ...]) -> Request:
    url = f"{site.base_url}/api/v2/users/show_many?ids={','.join(map(str, ids[:100]))}"
    return Request("GET", url, {"accept": "application/json"})


def macro_request(site: Site, ticket_id: int, macro_id: int) -> Request:
    """Zendesk's own rendering; it changes nothing."""
    url = f"{site.base_url}/api/v2/tickets/{ticket_id}/macros/{macro_id}/apply"
    return Request("GET", url, {"accept": "application/json"})


def update_request(site: Site, ticket_id: int, change: Mapping[str, Any], stamp: str) -> Request:
    """One update, refused by Zendesk if the ticket is not as it was at ``stamp``."""
    body = {"ticket": {**change, "safe_update": True, "updated_stamp": stamp}}
    return Request("PUT", f"{site.base_url}/api/v2/tickets/{ticket_id}", _HEADERS, _json(body))


def tags_request(site: Site, ticket_id: int, tags: tuple[str, ...], *, remove: bool, stamp: str = "") -> Request:
    """Add or remove single tags, whatever others do meanwhile."""
    body: dict[str, Any] = {"tags": list(tags)}
    if stamp:
        body |= {"safe_update": True, "updated_stamp": stamp}
    url = f"{site.base_url}/api/v2/tickets/{ticket_id}/tags"
    return Request("DELETE" if remove else "PUT", url, _HEADERS, _json(body))


def comment(html: str, *, public: bool) -> dict[str, Any]:
    return {"html_body": html, "public": public}


def read_ticket(response: Response) -> ActTicket:
    reply = wire.read_ticket(response)
    found = mapping(mapping(payload(response)).get("ticket"))
    requester = whole(found.get("requester_id"))
    copies = found.get("email_cc_ids") if isinstance(found.get("email_cc_ids"), list) else []
    ids = [requester, *(whole(one) for one in copies or [])]
    return ActTicket(
        id=reply.ticket.id,
        stamp=text(found.get("updated_at")),
        status=reply.ticket.status,
        tags=reply.ticket.tags,
        messaging=flag(found.get("from_messaging_channel"), default=False),
        people=tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None)),
        names={user.id: _person(user) for user in reply.users.values()},
        fields={key: found.get(key) for key in WRITABLE},
        custom=_custom(found.get("custom_fields")),
    )


def read_people(response: Response) -> dict[int, str]:
    wire.raise_for(response)
    return {user.id: _person(user) for user in raw.users(mapping(payload(response)).get("users")).values()}


def read_macro(response: Response, ticket: ActTicket) -> MacroChange:
    """Read what a macro would change: what differs from the ticket as it is."""
    wire.raise_for(response)
    found = mapping(mapping(mapping(payload(response)).get("result")).get("ticket"))
    if not found:
        raise UnexpectedReply("Zendesk's answer says nothing of the macro")
    written = mapping(found.get("comment"))
    html, plain = _macro_text(written)
    custom = _custom(found.get("custom_fields")) or _custom(found.get("fields"))
    return MacroChange(
        fields={
            key: found[key]
            for key in WRITABLE
            if key in found and isinstance(found[key], str | int) and found[key] != ticket.fields.get(key)
        },
        custom={id_: value for id_, value in custom.items() if id_ in ticket.custom and value != ticket.custom[id_]},
        tags=texts(found.get("tags")) if isinstance(found.get("tags"), list) else ticket.tags,
        html=html,
        text=plain,
        public=written["public"] if isinstance(written.get("public"), bool) else None,
    )


def rendered(change: MacroChange, ticket: ActTicket) -> RenderedMacro:
    """Return a macro's change as everybody else may see it."""
    others = {label_of(key): text(value) for key, value in change.fields.items() if "status" not in key}
    others |= {f"#{id_}": text(value) for id_, value in change.custom.items()}
    return RenderedMacro(
        text=change.text,
        html=change.html,
        public=change.public,
        status=status_of(text(change.fields.get("status"))),
        tags=change.tags if set(change.tags) != set(ticket.tags) else None,
        changes=others,
    )


def read_change(response: Response) -> Changed:
    """Read the answer to an update: the ticket as it is now, and the audit of what was done."""
    raise_for_change(response)
    body = mapping(payload(response))
    ticket, audit = mapping(body.get("ticket")), mapping(body.get("audit"))
    if not ticket:
        raise UnexpectedReply("Zendesk's answer to an update has no ticket")
    written = next((one for one in objects(audit.get("events")) if one.get("type") == "Comment"), None)
    public = written.get("public") if written is not None else None
    return Changed(
        stamp=text(ticket.get("updated_at")),
        at=moment(audit.get("created_at")) or moment(ticket.get("updated_at")),
        comment_id=whole(written.get("id")) if written is not None else None,
        public=public if isinstance(public, bool) else None,
    )


def read_tags(response: Response) -> tuple[str, ...]:
    raise_for_change(response)
    found = mapping(payload(response)).get("tags")
    if not isinstance(found, list):
        raise UnexpectedReply("Zendesk's answer has no list of tags")
    return texts(found)


def raise_for_change(response: Response) -> None:
    """As `wire.raise_for`, for what only a change can be answered with. None of these changed anything."""
    match response.status:
        case 409:  # JSON or plain text: both mean that somebody else was faster
            raise Moved("The ticket changed while you were writing. Look at it, then try again.")
        case 403:
            raise NotGranted(
                "Zendesk does not let you change this ticket: your role does not include it, or you signed in for"
                " reading only."
            )
        case 406:
            raise NotAllowed("Zendesk wants a text for this.")
        case 422:
            raise NotAllowed(_refusal(response))
    wire.raise_for(response)


def dropped_keys(response: Response) -> tuple[str, ...]:
    """Return the keys that Zendesk did not take, as its header names them; nothing else of the header is read."""
    found = _UNPERMITTED.search(response.headers.get("x-zendesk-api-warn", ""))
    return tuple(_KEY.findall(found[1])) if found else ()


def status_of(word: str) -> TicketStatus | None:
    return TicketStatus(word) if word in set(TicketStatus) else None


def _refusal(response: Response) -> str:
    try:
        details = mapping(mapping(payload(response)).get("details"))
    except UnexpectedReply:
        details = {}
    said = [text(one.get("description")) for listed in details.values() for one in objects(listed)]
    if any(_CLOSED in one for one in said):
        return "This ticket is closed, so nothing can be changed any more. Start a follow-up in Zendesk."
    names = ", ".join(key for key in details if _FIELD.fullmatch(key))
    return f"Zendesk does not accept this change ({names})." if names else "Zendesk does not accept this change."


def _macro_text(written: Mapping[str, Any]) -> tuple[str, str]:
    """Return the comment as HTML and as text. The body for all channels counts; newer macros hold HTML there."""
    scoped = written.get("scoped_body")
    pairs = [one for one in scoped if isinstance(one, list) and len(one) == 2] if isinstance(scoped, list) else []
    for_all = next((text(body) for channel, body in pairs if channel == "channel:all"), "")
    html = text(written.get("html_body")) or (for_all if "<" in for_all else "")
    plain = text(written.get("body")) or for_all
    if html:
        return html, html_text.extract_text(html).strip()
    return "", plain.strip()


def _custom(value: Any) -> dict[int, Any]:
    return {id_: one.get("value") for one in objects(value) if (id_ := whole(one.get("id"))) is not None}


def _person(user: raw.RawUser) -> str:
    return f"{user.name} <{user.email}>" if user.email else user.name


def _json(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
