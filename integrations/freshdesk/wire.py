"""Freshdesk's HTTP: builds requests, reads answers. No I/O, no waiting, no credentials.

Lists are bare arrays; that another page follows is said by a ``Link`` header, of which only that fact is
taken, never its address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from assist.errors import NotAllowed, NotThere, SignInNeeded, UnexpectedReply
from integrations.freshdesk import raw
from integrations.http import Request, Response
from integrations.ratelimit import raise_for_passing_fault
from integrations.reading import mapping, objects, payload, text, texts, whole
from integrations.site import Site

T = TypeVar("T")

PAGE_SIZE = 100
HISTORY_SIZE = 30
SOLVED_SIZE = 30
LONG_AGO = "2015-01-01T00:00:00Z"
"""Without ``updated_since`` Freshdesk lists the tickets of the last 30 days only."""

_NEXT = re.compile(r"""rel\s*=\s*["']?next\b""", re.IGNORECASE)
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
_SIGN_IN = frozenset({"invalid_credentials", "account_suspended", "password_lockout", "password_expired"})
_RIGHTS = frozenset({"access_denied", "require_feature", "inaccessible_field", "unauthorized"})


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Languages:
    primary: str
    others: tuple[str, ...]


def me_request(site: Site) -> Request:
    """The only request about agents that an agent's own key may make."""
    return _get(site, "agents/me")


def ticket_request(site: Site, ticket_id: int) -> Request:
    return _get(site, f"tickets/{ticket_id}", include="requester,stats")


def archived_request(site: Site, ticket_id: int) -> Request:
    return _get(site, f"tickets/archived/{ticket_id}")


def conversations_request(site: Site, ticket_id: int, page: int, *, archived: bool = False) -> Request:
    """Oldest first, and Freshdesk knows no other order."""
    where = f"tickets/archived/{ticket_id}" if archived else f"tickets/{ticket_id}"
    return _get(site, f"{where}/conversations", page=str(page), per_page=str(PAGE_SIZE))


def contact_request(site: Site, contact_id: int) -> Request:
    return _get(site, f"contacts/{contact_id}")


def company_request(site: Site, company_id: int) -> Request:
    return _get(site, f"companies/{company_id}")


def requested_request(site: Site, requester_id: int) -> Request:
    """The requester's tickets, newest first, one page."""
    query = {"requester_id": str(requester_id), "updated_since": LONG_AGO}
    order = {"order_by": "created_at", "order_type": "desc"}
    return _get(site, "tickets", **query, **order, per_page=str(HISTORY_SIZE))


def ratings_request(site: Site, requester_id: int) -> Request:
    return _get(site, "surveys/satisfaction_ratings", user_id=str(requester_id))


def changed_request(site: Site, since: datetime | None, page: int) -> Request:
    """All tickets by last change, newest first, with their first message."""
    updated_since = since.strftime("%Y-%m-%dT%H:%M:%SZ") if since is not None else LONG_AGO
    order = {"order_by": "updated_at", "order_type": "desc", "include": "requester,description"}
    return _get(site, "tickets", updated_since=updated_since, **order, page=str(page), per_page=str(SOLVED_SIZE))


def fields_request(site: Site) -> Request:
    return _get(site, "ticket_fields")


def canned_folders_request(site: Site) -> Request:
    return _get(site, "canned_response_folders")


def canned_responses_request(site: Site, folder_id: int, page: int) -> Request:
    path = f"canned_response_folders/{folder_id}/responses"
    return _get(site, path, page=str(page), per_page=str(PAGE_SIZE))


def settings_request(site: Site) -> Request:
    return _get(site, "settings/helpdesk")


def categories_request(site: Site, page: int) -> Request:
    return _get(site, "solutions/categories", page=str(page), per_page=str(PAGE_SIZE))


def folders_request(site: Site, category_id: int, page: int) -> Request:
    path = f"solutions/categories/{category_id}/folders"
    return _get(site, path, page=str(page), per_page=str(PAGE_SIZE))


def subfolders_request(site: Site, folder_id: int, page: int) -> Request:
    path = f"solutions/folders/{folder_id}/subfolders"
    return _get(site, path, page=str(page), per_page=str(PAGE_SIZE))


def articles_request(site: Site, folder_id: int, page: int, *, language: str = "") -> Request:
    """One folder's articles in the primary language, or in another one."""
    path = f"solutions/folders/{folder_id}/articles"
    if language:
        path += f"/{quote(language, safe='')}"
    return _get(site, path, page=str(page), per_page=str(PAGE_SIZE))


def read_me(response: Response) -> raw.RawAgent:
    found = raw.agent(_object(response))
    if found is None:
        raise SignInNeeded("Freshdesk does not know this key as an agent's.")
    return found


def read_ticket(response: Response) -> raw.RawTicket:
    found = raw.ticket(_object(response))
    if found is None:
        raise UnexpectedReply("Freshdesk sent a ticket without an id")
    if found.dead:
        raise NotThere("this ticket was deleted or is spam")
    return found


def read_tickets(response: Response) -> Page[raw.RawTicket]:
    """Read a list of tickets; deleted ones and spam are left out."""
    page = _page(response)
    return Page(tuple(item for item in raw.tickets(list(page.items)) if not item.dead), page.more)


def read_search(response: Response) -> Page[raw.RawTicket]:
    """Read search results, the only lists that come inside an object."""
    found = raw.tickets(_object(response).get("results"))
    return Page(tuple(item for item in found if not item.dead), more=False)


def read_conversations(response: Response) -> Page[raw.RawConversation]:
    page = _page(response)
    return Page(raw.conversations(list(page.items)), page.more)


def read_contact(response: Response) -> raw.RawContact:
    found = raw.contact(_object(response))
    if found is None:
        raise UnexpectedReply("Freshdesk sent a contact without an id")
    return found


def read_company(response: Response) -> raw.RawCompany:
    found = raw.company(_object(response))
    if found is None:
        raise UnexpectedReply("Freshdesk sent a company without an id")
    return found


def read_ratings(response: Response) -> tuple[raw.RawRating, ...]:
    return raw.ratings(list(_page(response).items))


def read_names(response: Response) -> raw.Names:
    return raw.names(list(_page(response).items))


def read_ids(response: Response) -> Page[int]:
    """Read the ids of anything that comes as a list (categories, canned response folders)."""
    page = _page(response)
    return Page(tuple(id_ for item in page.items if (id_ := whole(item.get("id"))) is not None), page.more)


def read_responses(response: Response) -> Page[raw.RawResponse]:
    page = _page(response)
    return Page(raw.responses(list(page.items)), page.more)


def read_folders(response: Response) -> Page[raw.RawFolder]:
    page = _page(response)
    return Page(raw.folders(list(page.items)), page.more)


def read_articles(response: Response) -> Page[raw.RawArticle]:
    page = _page(response)
    return Page(raw.articles(list(page.items)), page.more)


def read_languages(response: Response) -> Languages:
    body = _object(response)
    primary = text(body.get("primary_language"))
    return Languages(primary, tuple(item for item in texts(body.get("supported_languages")) if item != primary))


def raise_for(response: Response) -> None:
    """Return for a success; otherwise raise what the caller should do instead.

    401 and 403 are told apart by their code where there is one: a locked account answers 403 too, and must
    not be asked again.
    """
    match response.status:
        case 200 | 201:
            return
        case 401 if _code(response) not in _RIGHTS:
            raise SignInNeeded("Freshdesk did not accept this key.")
        case 403 if _code(response) in _SIGN_IN:
            raise SignInNeeded("Freshdesk did not accept this key.")
        case 401 | 403:
            raise NotAllowed("Your role or plan in Freshdesk does not include this.")
        case 404 | 410:
            raise NotThere("Freshdesk has no such thing, or it is not visible to you.")
        case 405:
            raise NotThere("This ticket was deleted or is spam.")
    raise_for_passing_fault(response, "Freshdesk")
    raise UnexpectedReply(f"Freshdesk refused a request ({f'{response.status} {_code(response)}'.strip()})")


def _code(response: Response) -> str:
    """Return the error's code where there is one; never a sentence, which may quote what somebody wrote."""
    try:
        body = mapping(payload(response))
    except UnexpectedReply:
        return ""  # most errors have a body, many 404s have none
    first = next(iter(objects(body.get("errors"))), {})
    for candidate in (body.get("code"), mapping(first).get("code")):
        if _CODE.fullmatch(found := text(candidate)):
            return found
    return ""


def _object(response: Response) -> Mapping[str, Any]:
    raise_for(response)
    body = payload(response)
    if not isinstance(body, dict):
        raise UnexpectedReply("Freshdesk's answer is not an object")
    return body


def _page(response: Response) -> Page[Mapping[str, Any]]:
    raise_for(response)
    body = payload(response)
    if not isinstance(body, list):
        raise UnexpectedReply("Freshdesk's answer is not a list")
    return Page(objects(body), more=_NEXT.search(response.headers.get("link", "")) is not None)


def _get(site: Site, path: str, **query: str) -> Request:
    url = f"{site.base_url}/api/v2/{path}"
    return Request("GET", f"{url}?{urlencode(query)}" if query else url, {"accept": "application/json"})
