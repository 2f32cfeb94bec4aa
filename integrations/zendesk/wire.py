"""Zendesk's HTTP: builds requests, reads answers. No I/O, no waiting, no credentials.

The host of an answer's ``next`` link is never used, only its cursor: recorded links name other hosts.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from assist.errors import NotAllowed, NotThere, SignInNeeded, UnexpectedReply
from assist.ports import EVERYTHING, SyncScope
from integrations.http import Request, Response
from integrations.ratelimit import raise_for_passing_fault
from integrations.reading import mapping, objects, payload, text, whole
from integrations.site import Site
from integrations.zendesk import parts, raw

log = logging.getLogger(__name__)

PAGE_SIZE = 100
HISTORY_SIZE = 30
SOLVED_SIZE = 30
OFFSET_PAGES_AT_MOST = 100
"""Zendesk refuses to count further than 10,000 records into a list."""
SEARCH_RESULTS_AT_MOST = 1_000
LARGEST_EXPORT = 1_000
IDS_AT_MOST = 100

_STAFF = frozenset({"agent", "admin"})
_CODE = re.compile(r"[A-Za-z]{1,40}", re.ASCII)


class TooDeep(UnexpectedReply):
    """The list is longer than Zendesk counts. Narrow the question or take the cursor; never ask again as it was."""


@dataclass(frozen=True, slots=True)
class TicketReply:
    ticket: raw.RawTicket
    users: Mapping[int, raw.RawUser]
    organizations: Mapping[int, raw.RawOrganization]
    groups: Mapping[int, str]
    metrics: Mapping[int, parts.RawMetrics]


@dataclass(frozen=True, slots=True)
class TicketPage:
    """Tickets in the order of the answer. ``full`` says that more may follow; ``deleted`` are those that went."""

    tickets: tuple[raw.RawTicket, ...]
    users: Mapping[int, raw.RawUser]
    full: bool
    groups: Mapping[int, str] = field(default_factory=dict)
    deleted: tuple[int, ...] = ()
    left_out: int = 0
    """Entries without an id, which cannot be shown."""
    said_last: Mapping[int, str] = field(default_factory=dict, repr=False)
    """By ticket: the comment of its last change, where that was asked for."""


@dataclass(frozen=True, slots=True)
class CommentPage:
    comments: tuple[raw.RawComment, ...]
    users: Mapping[int, raw.RawUser]
    next_cursor: str | None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """``end_time`` is where an incremental read goes on, as Unix time; None in a plain list.

    ``cursor`` leads on where Zendesk pages that way, else the next page has the next number.
    """

    articles: tuple[raw.RawArticle, ...]
    end_time: int | None
    more: bool
    cursor: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class MacroPage:
    macros: tuple[raw.RawMacro, ...]
    more: bool
    left_out: int = 0


def me_request(site: Site) -> Request:
    return get(site, "users/me")


def ticket_request(site: Site, ticket_id: int) -> Request:
    """The only read by id: it puts the ticket on top of ``tickets/recent``."""
    return get(site, f"tickets/{ticket_id}", include="users,groups,organizations,metric_sets,slas")


def standing_request(site: Site, ticket_id: int) -> Request:
    """A list of one: unlike the read by id it is not known to count as a view."""
    return get(site, "tickets/show_many", ids=str(ticket_id), include="users,groups,last_audits")


def comments_request(site: Site, ticket_id: int, *, cursor: str | None = None, size: int = PAGE_SIZE) -> Request:
    """Newest first."""
    query = {"page[size]": str(size), "sort": "-created_at", "include": "users"}
    if cursor is not None:
        query["page[after]"] = cursor
    return get(site, f"tickets/{ticket_id}/comments", **query)


def first_comment_request(site: Site, ticket_id: int) -> Request:
    query = {"page[size]": "1", "sort": "created_at", "include": "users"}
    return get(site, f"tickets/{ticket_id}/comments", **query)


def users_request(site: Site, ids: Collection[int]) -> Request:
    """At most a hundred users at once: more are a 400."""
    return get(site, "users/show_many", ids=",".join(str(id_) for id_ in sorted(ids)[:IDS_AT_MOST]))


def requested_request(site: Site, user_id: int) -> Request:
    """The requester's tickets, newest first, one page. A list: it does not count as viewing."""
    query = {"sort_by": "created_at", "sort_order": "desc", "per_page": str(HISTORY_SIZE)}
    return get(site, f"users/{user_id}/tickets/requested", **query)


def recent_request(site: Site) -> Request:
    return get(site, "tickets/recent", per_page="30")


def surveys_request(site: Site, ticket_ids: Sequence[int]) -> Request:
    """What was answered about these tickets. Zendesk shows it to admins only."""
    names = ",".join(f"zen:ticket:{id_}" for id_ in ticket_ids[:IDS_AT_MOST])
    return get(site, "guide/survey_responses", **{"filter[subject_zrns]": names, "page[size]": str(PAGE_SIZE)})


def macros_request(site: Site, page: int) -> Request:
    """By page number: with a cursor Zendesk ignores the order without a word."""
    query = {"sort_by": "usage_7d", "sort_order": "desc", "include": "usage_7d"}
    return get(site, "macros/active", page=str(page), per_page=str(PAGE_SIZE), **query)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which solved tickets: solved since, changed since ``not_before``, changed no later than ``until``."""

    since: datetime | None = None
    not_before: datetime | None = None
    until: datetime | None = None
    scope: SyncScope = EVERYTHING


def solved_request(site: Site, wanted: Wanted, *, page: int, size: int = SOLVED_SIZE) -> Request:
    """Solved and closed tickets, last changed first.

    Search answers with 1,000 results at most, so a caller moves ``until`` back and stays on the first pages.
    Words of one field are alternatives.
    """
    words = ["type:ticket", "status>=solved"]
    words += [f"{name}_id:{id_}" for name in ("brand", "group") for id_ in sorted(getattr(wanted.scope, f"{name}s"))]
    times = (("solved>=", wanted.since), ("updated>=", wanted.not_before), ("updated<=", wanted.until))
    words += [f"{word}{_stamp(at)}" for word, at in times if at is not None]
    query = {"query": " ".join(words), "sort_by": "updated_at", "sort_order": "desc"}
    return get(site, "search", page=str(page), per_page=str(size), **query)


def articles_request(site: Site, start_time: int, *, size: int = PAGE_SIZE) -> Request:
    """What changed since a Unix time. Without a size it may be 1,000 bodies, which take long to parse."""
    return get(site, "help_center/incremental/articles", start_time=str(start_time), per_page=str(size))


def locale_articles_request(site: Site, locale: str, page: int) -> Request:
    """One language's articles, last changed first. By page number: with a cursor the order is ignored in silence."""
    query = {"sort_by": "updated_at", "sort_order": "desc"}
    path = f"help_center/{quote(locale, safe='')}/articles"
    return get(site, path, page=str(page), per_page=str(PAGE_SIZE), **query)


def all_locale_articles_request(site: Site, locale: str, cursor: str) -> Request:
    """All of one language's articles, in no order: page numbers end at 10,000 articles, a cursor does not."""
    query = {"page[size]": str(PAGE_SIZE), **({"page[after]": cursor} if cursor else {})}
    return get(site, f"help_center/{quote(locale, safe='')}/articles", **query)


def read_me(response: Response) -> raw.RawUser:
    """Return the agent. Wrong credentials may answer 200 with an anonymous user, who has no id."""
    found = raw.user(mapping(body_of(response).get("user")))
    if found is None or found.role not in _STAFF:
        raise SignInNeeded("Zendesk does not know these credentials as an agent's.")
    return found


def read_users(response: Response) -> dict[int, raw.RawUser]:
    return raw.users(list_in(body_of(response), "users"))


def read_ticket(response: Response) -> TicketReply:
    body = body_of(response)
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
        metrics=parts.metric_sets(body.get("metric_sets")),
    )


def read_tickets(response: Response) -> TicketPage:
    """Read a list of tickets or search results. Deleted tickets, which some lists hold, are only named."""
    body = body_of(response)
    items = [item for item in list_in(body, "tickets" if "tickets" in body else "results") if _is_ticket(item)]
    found = raw.tickets(items)
    return TicketPage(
        tickets=tuple(item for item in found if item.status != "deleted"),
        users=raw.users(body.get("users")),
        full=has_more(body),
        groups=raw.names(body.get("groups")),
        deleted=tuple(item.id for item in found if item.status == "deleted"),
        left_out=_left_out("tickets", items, found),
        said_last=_last_comments(body.get("last_audits")),
    )


def _last_comments(audits: Any) -> dict[int, str]:
    found = {}
    for audit in objects(audits):
        said = [text(event.get("body")) for event in objects(audit.get("events")) if event.get("type") == "Comment"]
        if (ticket_id := whole(audit.get("ticket_id"))) is not None and said:
            found[ticket_id] = said[-1]
    return found


def read_comments(response: Response) -> CommentPage:
    body = body_of(response)
    items = list_in(body, "comments")
    found = raw.comments(items)
    return CommentPage(found, raw.users(body.get("users")), _cursor(body) or None, _left_out("comments", items, found))


def read_articles(response: Response) -> ArticlePage:
    body = body_of(response)
    items = list_in(body, "articles")
    found = raw.articles(items)
    return ArticlePage(
        articles=found,
        end_time=whole(body.get("end_time")),
        more=has_more(body),
        cursor=_cursor(body),
        left_out=_left_out("articles", items, found),
    )


def read_macros(response: Response) -> MacroPage:
    body = body_of(response)
    items = list_in(body, "macros")
    found = raw.macros(items)
    return MacroPage(found, more=has_more(body), left_out=_left_out("macros", items, found))


def read_surveys(response: Response) -> tuple[parts.RawSurvey, ...]:
    """Return answered surveys; one that was only offered or skipped is none."""
    return parts.surveys(list_in(body_of(response), "survey_responses"))


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
    code = _code(response)
    kind = TooDeep if code == "InvalidPaginationDepth" else UnexpectedReply
    raise kind(f"Zendesk refused a request ({f'{response.status} {code}'.strip()})")


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


def body_of(response: Response) -> Mapping[str, Any]:
    """Return a success's JSON object; raises as `raise_for`."""
    raise_for(response)
    body = payload(response)
    if not isinstance(body, dict):
        raise UnexpectedReply("Zendesk's answer is not an object")
    return body


def list_in(body: Mapping[str, Any], key: str) -> list[Any]:
    found = body.get(key)
    if not isinstance(found, list):
        raise UnexpectedReply(f"Zendesk's answer has no list of {key}")
    return found


def _left_out(what: str, items: Sequence[Any], found: Sequence[Any]) -> int:
    """Return how many entries had no id and so cannot be shown, and say so in the log."""
    if (count := len(items) - len(found)) > 0:
        log.info("%d of %d %s had no id and were left out", count, len(items), what)
    return max(0, count)


def _cursor(body: Mapping[str, Any]) -> str:
    """Return where the next page begins; empty at the end, also where a link to a next page remains."""
    meta = mapping(body.get("meta"))
    return text(meta.get("after_cursor")) if meta.get("has_more") is True else ""


def has_more(body: Mapping[str, Any]) -> bool:
    """Say whether a page follows. With a cursor only ``has_more`` counts: ``links.next`` stays at the end."""
    if isinstance(meta := body.get("meta"), dict):
        return meta.get("has_more") is True
    return bool(text(body.get("next_page")))


def _is_ticket(item: Any) -> bool:
    return isinstance(item, dict) and item.get("result_type", "ticket") == "ticket"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def get(site: Site, path: str, **query: str) -> Request:
    """Ask for ``path`` below ``/api/v2/``."""
    url = f"{site.base_url}/api/v2/{path}"
    return Request("GET", f"{url}?{urlencode(query)}" if query else url, {"accept": "application/json"})
