"""Puts the Freshdesk face together: routes, limits, errors."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.demo.freshdesk.common import error_body
from integrations.demo.freshdesk.knowledge import CannedResponses, People, Solutions
from integrations.demo.freshdesk.tickets import Tickets
from integrations.demo.gate import ApiError, Gate, Ruling
from integrations.demo.world import FRESHDESK, World


def freshdesk_face(world: World, more_routes: Iterable[Route]) -> Gate:
    """Return the face's ASGI app; ``more_routes`` are those of the web page."""
    tickets = Tickets(world)
    groups = (tickets, People(world), CannedResponses(world), Solutions(world))
    reading = [Route(path, handler) for group in groups for path, handler in group.handlers().items()]
    writing = [
        Route("/api/v2/tickets/{id:int}", tickets.update, methods=["PUT"]),
        Route("/api/v2/tickets/{id:int}/reply", tickets.reply, methods=["POST"]),
        Route("/api/v2/tickets/{id:int}/notes", tickets.note, methods=["POST"]),
    ]
    app = Starlette(
        routes=[*writing, *reading, *more_routes],
        exception_handlers={ApiError: _answer_error, HTTPException: _answer_http_error},  # type: ignore[dict-item]  # starlette types handlers by Exception alone
    )
    return Gate(app, world, FRESHDESK, ruling=_Limits(world).ruling, error_body=error_body)


async def _answer_error(_request: Request, error: ApiError) -> Response:
    return error.response()


async def _answer_http_error(request: Request, error: HTTPException) -> Response:
    if request.url.path.startswith("/api/"):
        return Response(status_code=error.status_code)
    return Response(error.detail, status_code=error.status_code, media_type="text/plain")


class _Limits:
    def __init__(self, world: World) -> None:
        self._world = world

    def ruling(self, method: str, path: str, query: str) -> Ruling:
        """Charge what the vendor charges: including more costs more, and lists have a budget of their own."""
        limits = self._world.limits
        is_list = method == "GET" and path.rstrip("/") == "/api/v2/tickets"
        cost = _cost(query, is_list=is_list)
        allowed, remaining, reset_s = self._world.take_budget("freshdesk", limit=limits.freshdesk, cost=cost)
        headers = {
            "X-RateLimit-Total": str(limits.freshdesk),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Used-CurrentRequest": str(cost),
            "X-Freshdesk-Api-Version": "latest=v2; requested=v2",
        }
        if is_list:
            limit = limits.freshdesk_ticket_lists
            allowed_here, _, reset_s = self._world.take_budget("freshdesk lists", limit=limit)
            allowed = allowed and allowed_here
        if allowed:
            return Ruling(headers=headers)
        return Ruling(JSONResponse(error_body(429), 429), {**headers, "Retry-After": str(reset_s)})


def _cost(query: str, *, is_list: bool) -> int:
    wanted = {name for text in parse_qs(query).get("include", []) for name in text.split(",") if name}
    return 1 + len(wanted) * (2 if is_list else 1)
