"""Zendesk's HTTP: builds requests, reads answers. No I/O, no waiting, no credentials.

The host of an answer's ``next`` link is never used, only its cursor: recorded links name other hosts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from assist.errors import NotAllowed, NotThere, SignInNeeded, UnexpectedReply
from integrations.http import Request, Response
from integrations.ratelimit import raise_for_passing_fault
from integrations.reading import mapping, payload, text, texts, whole
from integrations.site import Site
from integrations.zendesk import raw

PAGE_SIZE = 100
HISTORY_SIZE = 30
SOLVED_SIZE = 30

_STAFF = frozenset({"agent", "admin"})
_CODE = re.compile(r"[A-Za-z]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TicketReply:
    ticket: raw.RawTicket
    users: Mapping[int, raw.RawUser]
    organizations: Mapping[int, raw.RawOrganization]
    groups: Mapping[int, str]
    reopens: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class TicketPage:
    """Tickets in the order of the answer. ``full`` says that more may follow."""

    tickets: tuple[raw.RawTicket, ...]
    users: Mapping[int, raw.RawUser]
    full: bool


@dataclass(frozen=True, slots=True)
class CommentPage:
    comments: tuple[raw.RawComment, ...]
    users: Mapping[int, raw.RawUser]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """``end_time`` is where an incremental read goes on, as Unix time; None in a plain list."""

    articles: tuple[raw.RawArticle, ...]
    end_time: int | None
    more: bool


@dataclass(frozen=True, slots=True)
class MacroPage:
    macros: tuple[raw.RawMacro, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Locales:
    default: str
    all: tuple[str, ...]


def me_request(site: Site) -> Request:
    return _get(site, "users/me")


def ticket_request(site: Site, ticket_id: int) -> Request:
    """The only read by id: it puts the ticket on top of ``tickets/recent``."""
    return _get(site, f"tickets/{ticket_id}", include="users,groups,organizations,metric_sets")


def comments_request(site: Site, ticket_id: int, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Request:
    """Newest first."""
    query = {"page[size]": str(size), "sort": "-created_at", "include": "users"}
    if cursor is not None:
        query["page[after]"] = cursor
    return _get(site, f"tickets/{ticket_id}/comments", **query)


def first_comment_request(site: Site, ticket_id: int) -> Request:
    query = {"page[size]": "1", "sort": "created_at", "include": "users"}
    return _get(site, f"tickets/{ticket_id}/comments", **query)


def user_request(site: Site, user_id: int) -> Request:
    return _get(site, f"users/{user_id}")


def requested_request(site: Site, user_id: int) -> Request:
    """The requester's tickets, newest first, one page. A list: it does not count as viewing."""
    query = {"sort_by": "created_at", "sort_order": "desc", "per_page": str(HISTORY_SIZE)}
    return _get(site, f"users/{user_id}/tickets/requested", **query)


def recent_request(site: Site) -> Request:
    return _get(site, "tickets/recent", per_page="30")


def statuses_request(site: Site) -> Request:
    return _get(site, "custom_statuses")


def macros_request(site: Site, page: int) -> Request:
    """By page number: with a cursor Zendesk ignores the order without a word."""
    query = {"sort_by": "usage_7d", "sort_order": "desc", "include": "usage_7d"}
    return _get(site, "macros/active", page=str(page), per_page=str(PAGE_SIZE), **query)


def solved_request(
    site: Site, *, since: datetime | None, until: datetime | None, page: int, size: int = SOLVED_SIZE
) -> Request:
    """Solved and closed tickets, last changed first, changed no later than ``until``, solved since ``since``.

    Search answers with 1,000 results at most, so a caller moves ``until`` back and stays on the first pages.
    """
    words = ["type:ticket", "status>=solved"]
    if since is not None:
        words.append(f"solved>={_stamp(since)}")
    if until is not None:
        words.append(f"updated<={_stamp(until)}")
    query = {"query": " ".join(words), "sort_by": "updated_at", "sort_order": "desc"}
    return _get(site, "search", page=str(page), per_page=str(size), **query)


def articles_request(site: Site, start_time: int) -> Request:
    """What changed since a Unix time. Without a size it may be 1,000 bodies, which take long to parse."""
    return _get(site, "help_center/incremental/articles", start_time=str(start_time), per_page=str(PAGE_SIZE))


def locale_articles_request(site: Site, locale: str, page: int) -> Request:
    """One language's articles, last changed first."""
    query = {"sort_by": "updated_at", "sort_order": "desc"}
    path = f"help_center/{quote(locale, safe='')}/articles"
    return _get(site, path, page=str(page), per_page=str(PAGE_SIZE), **query)


def locales_request(site: Site) -> Request:
    return _get(site, "help_center/locales")


def sections_request(site: Site, page: int) -> Request:
    return _get(site, "help_center/sections", page=str(page), per_page=str(PAGE_SIZE))


def segments_request(site: Site, page: int) -> Request:
    return _get(site, "help_center/user_segments", page=str(page), per_page=str(PAGE_SIZE))


def read_me(response: Response) -> raw.RawUser:
    """Return the agent. Wrong credentials may answer 200 with an anonymous user, who has no id."""
    found = raw.user(mapping(_body(response).get("user")))
    if found is None or found.role not in _STAFF:
        raise SignInNeeded("Zendesk does not know these credentials as an agent's.")
    return found


def read_user(response: Response) -> raw.RawUser:
    found = raw.user(mapping(_body(response).get("user")))
    if found is None:
        raise UnexpectedReply("Zendesk sent a user without an id")
    return found


def read_ticket(response: Response) -> TicketReply:
    body = _body(response)
    found = raw.ticket(mapping(body.get("ticket")))
    if found is None:
        raise UnexpectedReply("Zendesk sent a ticket without an id")
    if found.status == "deleted":
        raise NotThere("this ticket was deleted")
    return TicketReply(
        ticket=found,
        users=raw.users(body.get("users")),
        organizations=raw.organizations(body.get("organizations")),
        groups=raw.names(body.get("groups")),
        reopens=raw.reopens(body.get("metric_sets")),
    )


def read_tickets(response: Response) -> TicketPage:
    """Read a list of tickets or search results. Deleted tickets, which some lists hold, are left out."""
    body = _body(response)
    key = "tickets" if "tickets" in body else "results"
    found = raw.tickets([item for item in _list(body, key) if _is_ticket(item)])
    kept = tuple(item for item in found if item.status != "deleted")
    return TicketPage(kept, raw.users(body.get("users")), full=_more(body))


def read_comments(response: Response) -> CommentPage:
    body = _body(response)
    meta = mapping(body.get("meta"))
    cursor = text(meta.get("after_cursor")) if meta.get("has_more") is True else ""
    return CommentPage(
        comments=raw.comments(_list(body, "comments")),
        users=raw.users(body.get("users")),
        next_cursor=cursor or None,
    )


def read_articles(response: Response) -> ArticlePage:
    body = _body(response)
    return ArticlePage(
        articles=raw.articles(_list(body, "articles")), end_time=whole(body.get("end_time")), more=_more(body)
    )


def read_macros(response: Response) -> MacroPage:
    body = _body(response)
    return MacroPage(raw.macros(_list(body, "macros")), more=_more(body))


def read_locales(response: Response) -> Locales:
    body = _body(response)
    return Locales(default=text(body.get("default_locale")), all=texts(body.get("locales")))


def read_sections(response: Response) -> tuple[dict[int, str], bool]:
    """Return names by id, and whether another page follows."""
    body = _body(response)
    return raw.names(body.get("sections")), _more(body)


def read_segments(response: Response) -> tuple[dict[int, raw.RawSegment], bool]:
    """Return user segments by id, and whether another page follows."""
    body = _body(response)
    return raw.segments(body.get("user_segments")), _more(body)


def read_statuses(response: Response) -> dict[int, str]:
    """Return the agents' names of custom statuses by id."""
    return raw.names(_body(response).get("custom_statuses"), key="agent_label")


def raise_for(response: Response) -> None:
    """Return for a success; otherwise raise what the caller should do instead."""
    match response.status:
        case 200 | 201:
            return
        case 401:
            raise SignInNeeded("Zendesk did not accept these credentials.")
        case 403:
            raise NotAllowed("Your role or plan in Zendesk does not include this.")
        case 404 | 410:
            if _code(response) == "InvalidEndpoint":
                raise NotAllowed("This Zendesk plan does not include this.")
            raise NotThere("Zendesk has no such thing, or it is not visible to you.")
    raise_for_passing_fault(response, "Zendesk")
    raise UnexpectedReply(f"Zendesk refused a request ({f'{response.status} {_code(response)}'.strip()})")


def _code(response: Response) -> str:
    """Return the error's code where there is one; never a sentence, which may quote what somebody wrote."""
    try:
        body = mapping(payload(response))
    except UnexpectedReply:
        return ""  # errors come as plain text, HTML or nothing too
    first = next(iter(body["errors"]), None) if isinstance(body.get("errors"), list) else None
    for candidate in (body.get("error"), mapping(body.get("error")).get("title"), mapping(first).get("code")):
        if _CODE.fullmatch(found := text(candidate)):
            return found
    return ""


def _body(response: Response) -> Mapping[str, Any]:
    raise_for(response)
    body = payload(response)
    if not isinstance(body, dict):
        raise UnexpectedReply("Zendesk's answer is not an object")
    return body


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    found = body.get(key)
    if not isinstance(found, list):
        raise UnexpectedReply(f"Zendesk's answer has no list of {key}")
    return found


def _more(body: Mapping[str, Any]) -> bool:
    """Say whether a page follows. With a cursor only ``has_more`` counts: ``links.next`` stays at the end."""
    if isinstance(meta := body.get("meta"), dict):
        return meta.get("has_more") is True
    return bool(text(body.get("next_page")))


def _is_ticket(item: Any) -> bool:
    return isinstance(item, dict) and item.get("result_type", "ticket") == "ticket"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _get(site: Site, path: str, **query: str) -> Request:
    url = f"{site.base_url}/api/v2/{path}"
    return Request("GET", f"{url}?{urlencode(query)}" if query else url, {"accept": "application/json"})
