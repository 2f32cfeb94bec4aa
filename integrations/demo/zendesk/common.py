"""What every endpoint of the Zendesk face starts from: who asks, in which shapes to answer, what goes along."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.gate import ApiError
from integrations.demo.model import ADMIN, Person, Ticket
from integrations.demo.oauth import allows
from integrations.demo.world import World
from integrations.demo.zendesk.paging import cursor_page, is_cursor, offset_page
from integrations.demo.zendesk.shapes import ZendeskShapes

IDS_AT_MOST = 100

Handlers = dict[str, Callable[[Request], Any]]
"""Paths to the handlers of GET."""

FORBIDDEN = {
    "error": {
        "title": "Forbidden",
        "message": "You do not have access to this page. "
        "Please contact the account owner of this help desk for further help.",
    }
}
_BODIES: dict[int, Any] = {
    401: {"error": "Couldn't authenticate you"},
    403: FORBIDDEN,
    404: {"error": "RecordNotFound", "description": "Not found"},
    409: {
        "error": "UpdateConflict",
        "description": "Safe Update prevented the update due to outdated ticket data. "
        "Please fetch the latest ticket data and try again.",
    },
    429: {"error": "APIRateLimitExceeded", "description": "Number of allowed API requests per minute exceeded"},
    500: {"error": "InternalError", "description": "Something went wrong"},
    503: {"error": "ServiceUnavailable", "description": "The service is temporarily unavailable"},
}


def error_body(status: int) -> Any:
    return _BODIES.get(status, {"error": "Error", "description": f"Error {status}"})


class Endpoints:
    """A group of endpoints over one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _caller(self, request: Request) -> Person | None:
        """Return who asks, None for nobody; wrong credentials are answered by 401."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return None
        agent: Person | None = None
        if scheme.lower() == "bearer":
            agent = self._world.bearer_agent(rest.strip())
            pair = self._world.oauth.pair_of(rest.strip())
            if pair is not None and not allows(pair, request.method, request.url.path):
                raise ApiError(403, FORBIDDEN)
        elif scheme.lower() == "basic":
            email, _, token = _decoded(rest).partition("/token:")
            agent = self._world.zendesk_agent(email, token)
        if agent is None:
            raise ApiError(401, error_body(401))
        return agent

    def _agent(self, request: Request) -> Person:
        agent = self._caller(request)
        if agent is None:
            raise ApiError(401, error_body(401))
        if agent.role != ADMIN and request.url.path in self._world.odds.admins_only:
            raise ApiError(403, FORBIDDEN)
        return agent

    def _admin(self, request: Request) -> Person:
        agent = self._agent(request)
        if agent.role != ADMIN:
            raise ApiError(403, FORBIDDEN)
        return agent

    def _shapes(self, request: Request) -> ZendeskShapes:
        return ZendeskShapes(self._world, str(request.base_url).rstrip("/"))

    def _found(self, request: Request) -> Ticket:
        ticket = self._world.ticket(request.path_params["id"])
        if ticket is None:
            raise ApiError(404, error_body(404))
        return ticket

    def _people(self, ids: Iterable[int | None]) -> list[Person]:
        """Return whom the ids name, each once; a bot is nobody here."""
        found = (self._world.people.get(id_) for id_ in dict.fromkeys(ids) if id_ is not None)
        return [person for person in found if person is not None and person.id != self._world.bot_id]

    def _sideloads(self, request: Request, tickets: Sequence[Ticket]) -> dict[str, Any]:
        wanted, shapes, world = includes(request), self._shapes(request), self._world
        answer: dict[str, Any] = {}
        if "users" in wanted:
            ids = [id_ for one in tickets for id_ in (one.requester_id, one.assignee_id, *shapes.cc_ids(one))]
            answer["users"] = [shapes.user(person) for person in self._people(ids)]
        if "groups" in wanted:
            groups = dict.fromkeys(ticket.group_id for ticket in tickets)
            answer["groups"] = [shapes.group(world.groups[id_]) for id_ in groups]
        if "organizations" in wanted:
            organizations = dict.fromkeys(ticket.organization_id for ticket in tickets if ticket.organization_id)
            answer["organizations"] = [shapes.organization(world.organizations[id_]) for id_ in organizations]
        if "last_audits" in wanted:
            answer["last_audits"] = [shapes.last_audit(ticket) for ticket in tickets]
        if "metric_sets" in wanted:
            answer["metric_sets"] = [shapes.metric(ticket) for ticket in tickets]
        return answer

    def _ticket_list(self, request: Request, tickets: Sequence[Ticket], *, key: str = "tickets") -> Response:
        if is_cursor(request):
            page, envelope = cursor_page(request, tickets, id_of=lambda ticket: ticket.number)
        else:
            page, envelope = offset_page(request, tickets)
        shapes = self._shapes(request)
        return JSONResponse(
            {key: [shapes.ticket(ticket) for ticket in page], **self._sideloads(request, page), **envelope}
        )


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ApiError(401, error_body(401)) from error


def includes(request: Request) -> set[str]:
    return set(request.query_params.get("include", "").split(","))


def ids_asked(request: Request) -> list[int]:
    ids = [text for text in request.query_params.get("ids", "").split(",") if text]
    if len(ids) > IDS_AT_MOST:
        description = f"The maximum number of values is {IDS_AT_MOST}"
        raise ApiError(400, {"error": "TooManyValues", "description": description, "max_count": IDS_AT_MOST})
    if not all(text.isdigit() for text in ids):
        raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "ids must be integers"}})
    return [int(text) for text in ids]
