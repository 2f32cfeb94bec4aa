"""What every endpoint of the Freshdesk face starts from: who asks, pages, and the vendor's complaints."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from integrations.demo.freshdesk.shapes import FreshdeskShapes
from integrations.demo.gate import ApiError
from integrations.demo.model import ADMIN, Person, Ticket
from integrations.demo.shelf import Sought
from integrations.demo.world import World

T = TypeVar("T")
Handlers = dict[str, Callable[[Request], Any]]
"""Paths to the handlers of GET."""

DENIED = {"code": "access_denied", "message": "You are not authorized to perform this action."}
_BODIES: dict[int, Any] = {
    401: {"code": "invalid_credentials", "message": "You have to be logged in to perform this action."},
    403: DENIED,
    404: None,
    429: {"message": "You have exceeded the limit of requests per minute"},
    500: {"code": "internal_error", "message": "We're sorry, but something went wrong."},
}


def error_body(status: int) -> Any:
    return _BODIES.get(status, {"message": f"Error {status}"})


def invalid(field: str, message: str, code: str = "invalid_value") -> ApiError:
    errors = [{"field": field, "message": message, "code": code}]
    return ApiError(400, {"description": "Validation failed", "errors": errors})


class Endpoints:
    """A group of endpoints over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shapes = FreshdeskShapes(world)

    def _agent(self, request: Request) -> Person:
        """Return whose key it is, or answer 401."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        agent = self._world.freshdesk_agent(_key(credentials)) if scheme.lower() == "basic" else None
        if agent is None:
            raise ApiError(401, error_body(401))
        return agent

    def _admin(self, request: Request) -> Person:
        agent = self._agent(request)
        if agent.role != ADMIN:
            raise ApiError(403, DENIED)
        return agent

    def _ticket(self, request: Request) -> Ticket:
        """Return the ticket of the address, or answer 404; an archived one has another address.

        A deleted one can still be looked at, and says that it was deleted.
        """
        number = request.path_params["id"]
        ticket = self._world.ticket(number) or self._world.odds.deleted.get(number)
        if ticket is None or (ticket.number in self._world.archived) != ("/archived/" in request.url.path):
            raise ApiError(404)
        return ticket

    def _tickets(self, what: Sought) -> Sequence[Ticket]:
        """Return what is sought among the tickets that are not archived."""
        archived, test = self._world.archived, what.test
        return self._world.sought(what._replace(test=lambda one: one.number not in archived and test(one)))


def _key(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def number(request: Request, name: str, default: int, *, at_most: int) -> int:
    """Return a query parameter in [1, at_most], or answer 400."""
    text = request.query_params.get(name, str(default))
    if not text.isdigit():
        raise invalid(name, "It should be a/an Positive Integer", "datatype_mismatch")
    if not 1 <= int(text) <= at_most:
        raise invalid(name, f"It should be a Positive Integer less than or equal to {at_most}")
    return int(text)


def page_of(
    request: Request, items: Sequence[T], *, default: int = 30, pages_at_most: int = 10**6
) -> tuple[list[T], dict[str, str]]:
    """Return the page and the header ``Link``, which is there only while more follows."""
    per_page = number(request, "per_page", default, at_most=100)
    page = number(request, "page", 1, at_most=pages_at_most)
    start = (page - 1) * per_page
    shown = items[start : start + per_page + 1]
    if len(shown) <= per_page:
        return list(shown), {}
    query = urlencode({**request.query_params, "page": str(page + 1)})
    address = f"{str(request.base_url).rstrip('/')}{request.url.path}?{query}"
    return list(shown[:per_page]), {"Link": f'<{address}>; rel="next"'}


def includes(request: Request, known: set[str]) -> set[str]:
    """Return what should come along, or answer 400 for what is not ``known``."""
    wanted = {name for name in request.query_params.get("include", "").split(",") if name}
    if not wanted <= known:
        raise invalid("include", f"It should be one of these values: '{','.join(sorted(known))}'")
    return wanted
