"""Freshdesk's HTTP: builds requests, reads answers. No I/O, no waiting, no credentials.

Lists are bare arrays; that another page follows is said by a ``Link`` header, of which only that fact is
taken, never its address. What comes along with ``include`` costs more, and each request says what it costs.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from assist.errors import NotAllowed, NotThere, SignInNeeded, UnexpectedReply
from integrations.freshdesk import raw, raw_knowledge
from integrations.http import Request, Response
from integrations.ratelimit import raise_for_passing_fault
from integrations.reading import mapping, objects, payload, text, texts
from integrations.site import Site

log = logging.getLogger(__name__)

T = TypeVar("T")

PAGE_SIZE = 100
"""The most that Freshdesk gives at once; more is an error."""

HISTORY_SIZE = 30
LONG_AGO = "2015-01-01T00:00:00Z"
"""Without ``updated_since`` Freshdesk lists the tickets of the last 30 days only."""

_NEXT = re.compile(r"""rel\s*=\s*["']?next\b""", re.IGNORECASE)
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
_WRONG_KEY = "Freshdesk did not accept this key."
_SIGN_IN = {
    "invalid_credentials": _WRONG_KEY,
    "password_lockout": "Freshdesk has locked this login after too many wrong attempts. Sign in there, then try again.",
    "password_expired": "Your Freshdesk password has expired. Choose a new one there, then sign in here again.",
    "account_suspended": "This Freshdesk account is suspended. An admin has to settle that with Freshdesk first.",
}
_RIGHTS = {
    "access_denied": "Your role in Freshdesk does not include this.",
    "unauthorized": "Your role in Freshdesk does not include this.",
    "inaccessible_field": "Your role in Freshdesk does not include this.",
    "require_feature": "Your company's Freshdesk plan does not include this.",
}
_NO_CALLS = "Your company's Freshdesk plan does not allow other programs to read it."
_A_PAGE = "Freshdesk answered with a web page. Is the domain right? It looks like acme.freshdesk.com."


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
    return _costing(3, _get(site, f"tickets/{ticket_id}", include="requester,stats"))


def standing_request(site: Site, ticket_id: int) -> Request:
    """The ticket with its statistics and its first ten entries, among which a merged one's note mostly is."""
    return _costing(3, _get(site, f"tickets/{ticket_id}", include="conversations,stats"))


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
    return _get(site, "surveys/satisfaction_ratings", user_id=str(requester_id), per_page=str(PAGE_SIZE))


def all_ratings_request(site: Site, since: datetime | None, page: int) -> Request:
    query = {"created_since": _time(since), "page": str(page), "per_page": str(PAGE_SIZE)}
    return _get(site, "surveys/satisfaction_ratings", **query)


def changed_request(site: Site, since: datetime | None, page: int) -> Request:
    """All tickets by last change, newest first, with their first message."""
    order = {"order_by": "updated_at", "order_type": "desc", "include": "requester,description"}
    query = {"updated_since": _time(since), "page": str(page), "per_page": str(PAGE_SIZE)}
    return _costing(5, _get(site, "tickets", **query, **order))


def removed_request(site: Site, kind: str, since: datetime | None, page: int) -> Request:
    """Tickets that became ``deleted`` or ``spam``, which no other list shows."""
    return _get(site, "tickets", filter=kind, updated_since=_time(since), page=str(page), per_page=str(PAGE_SIZE))


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


def _time(since: datetime | None) -> str:
    return since.strftime("%Y-%m-%dT%H:%M:%SZ") if since is not None else LONG_AGO


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


def read_standing(response: Response) -> tuple[raw.RawTicket, tuple[raw.RawConversation, ...]]:
    """Read a ticket with the entries that came along."""
    return read_ticket(response), raw.conversations(_object(response).get("conversations"))


def read_tickets(response: Response) -> Page[raw.RawTicket]:
    """Read a list of tickets; deleted ones and spam are left out."""
    page = _read(response, raw.tickets)
    return Page(tuple(item for item in page.items if not item.dead), page.more)


def read_removed(response: Response) -> Page[int]:
    """Read the ids of a list of deleted tickets or spam."""
    page = _read(response, raw.tickets)
    return Page(tuple(item.id for item in page.items), page.more)


def read_search(response: Response) -> Page[raw.RawTicket]:
    """Read search results, the only lists that come inside an object."""
    found = raw.tickets(_object(response).get("results"))
    return Page(tuple(item for item in found if not item.dead), more=False)


def read_conversations(response: Response) -> Page[raw.RawConversation]:
    return _read(response, raw.conversations)


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


def read_ratings(response: Response) -> Page[raw.RawRating]:
    return _read(response, raw.ratings)


def read_names(response: Response) -> raw.Names:
    return raw.names(_list(response))


def read_categories(response: Response) -> Page[raw_knowledge.RawCategory]:
    return _read(response, raw_knowledge.categories)


def read_folders(response: Response) -> Page[raw_knowledge.RawFolder]:
    return _read(response, raw_knowledge.folders)


def read_articles(response: Response) -> Page[raw_knowledge.RawArticle]:
    return _read(response, raw_knowledge.articles)


def read_response_folders(response: Response) -> Page[raw_knowledge.RawResponseFolder]:
    return _read(response, raw_knowledge.response_folders)


def read_responses(response: Response) -> Page[raw_knowledge.RawResponse]:
    return _read(response, raw_knowledge.responses)


def read_languages(response: Response) -> Languages:
    body = _object(response)
    primary = text(body.get("primary_language"))
    return Languages(primary, tuple(item for item in texts(body.get("supported_languages")) if item != primary))


def raise_for(response: Response) -> None:
    """Return for a success; otherwise raise what the caller should do instead.

    401 and 403 are told apart by their code where there is one: a locked account answers 403 too, and must
    not be asked again. A free plan allows no request at all, and says so by a limit of 0.
    """
    if response.status in (200, 201):
        return
    code = _code(response)
    match response.status:
        case 401 if code not in _RIGHTS:
            raise SignInNeeded(_SIGN_IN.get(code, _WRONG_KEY))
        case 403 if code in _SIGN_IN:
            raise SignInNeeded(_SIGN_IN[code])
        case 401 | 403:
            raise NotAllowed(_RIGHTS.get(code, "Your role or plan in Freshdesk does not include this."))
        case 404 | 410:
            raise NotThere(_A_PAGE if _is_page(response) else "Freshdesk has no such thing, or it is hidden from you.")
        case 405:
            raise NotThere("This ticket was deleted or is spam.")
        case 429 if response.headers.get("x-ratelimit-total", "").strip() == "0":
            raise NotAllowed(_NO_CALLS)
    raise_for_passing_fault(response, "Freshdesk")
    raise UnexpectedReply(f"Freshdesk refused a request ({f'{response.status} {code}'.strip()})")


def _is_page(response: Response) -> bool:
    """Say whether the answer is a web page: what a wrong domain, a log-in page or a proxy answers."""
    kind = response.headers.get("content-type", "")
    return "html" in kind if kind else response.body.lstrip()[:1] == b"<"


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
    body = _body(response)
    if not isinstance(body, dict):
        raise UnexpectedReply("Freshdesk's answer is not an object")
    return body


def _list(response: Response) -> list[Any]:
    body = _body(response)
    if not isinstance(body, list):
        raise UnexpectedReply("Freshdesk's answer is not a list")
    return body


def _body(response: Response) -> Any:
    raise_for(response)
    try:
        return payload(response)
    except UnexpectedReply as error:
        raise UnexpectedReply(_A_PAGE if _is_page(response) else str(error)) from error


def _read(response: Response, items: Callable[[Any], tuple[T, ...]]) -> Page[T]:
    """Read a page of a list. What has no id cannot be kept: how much that was is logged."""
    body = _list(response)
    found = items(body)
    if len(found) < len(body):
        log.info("%d of %d entries of a list have no id and are left out", len(body) - len(found), len(body))
    return Page(found, more=_NEXT.search(response.headers.get("link", "")) is not None)


def _get(site: Site, path: str, **query: str) -> Request:
    url = f"{site.base_url}/api/v2/{path}"
    return Request("GET", f"{url}?{urlencode(query)}" if query else url, {"accept": "application/json"})


def _costing(cost: int, request: Request) -> Request:
    return replace(request, cost=cost)
