"""Puts the Zendesk face together: routes, limits, errors."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.demo.gate import ApiError, Gate, Ruling
from integrations.demo.world import ZENDESK, World
from integrations.demo.zendesk.account import Account
from integrations.demo.zendesk.common import error_body
from integrations.demo.zendesk.exports import Exports
from integrations.demo.zendesk.help_center import HelpCenter
from integrations.demo.zendesk.oauth import OAuth
from integrations.demo.zendesk.people import People
from integrations.demo.zendesk.tickets import Tickets
from integrations.demo.zendesk.writes import Writes


def zendesk_face(world: World, more_routes: Iterable[Route]) -> Gate:
    """Return the face's ASGI app; ``more_routes`` are those of the web page."""
    tickets = Tickets(world)
    handlers = {
        **People(world).handlers(),
        **Account(world).handlers(),
        **Exports(world).handlers(),
        **HelpCenter(world).handlers(),
    }
    routes = [Route(path, handler) for path, handler in {**tickets.handlers(), **handlers}.items()]
    app = Starlette(
        routes=[*OAuth(world).routes(), *Writes(world).routes(), *routes, *more_routes],
        exception_handlers={ApiError: _answer_error, HTTPException: _answer_http_error},  # type: ignore[dict-item]  # starlette types handlers by Exception alone
    )
    return Gate(app, world, ZENDESK, ruling=_Limits(world).ruling, error_body=error_body)


async def _answer_error(_request: Request, error: ApiError) -> Response:
    return error.response()


async def _answer_http_error(request: Request, error: HTTPException) -> Response:
    if request.url.path.startswith("/api/"):
        body = {"error": "InvalidEndpoint", "description": "Not found"} if error.status_code == 404 else {}
        return JSONResponse(body, status_code=error.status_code)
    return Response(error.detail, status_code=error.status_code, media_type="text/plain")


class _Limits:
    def __init__(self, world: World) -> None:
        self._world = world

    def ruling(self, method: str, path: str, _query: str) -> Ruling:
        """Charge what the vendor charges: the help center has a budget of its own, as large as the other."""
        limits = self._world.limits
        budget = "zendesk help center" if "/help_center/" in path else "zendesk"
        allowed, remaining, reset_s = self._world.take_budget(budget, limit=limits.zendesk)
        headers = {
            "X-Rate-Limit": str(limits.zendesk),
            "X-Rate-Limit-Remaining": str(remaining),
            "ratelimit-limit": str(limits.zendesk),
            "ratelimit-remaining": str(remaining),
            "ratelimit-reset": str(reset_s),
            "X-Zendesk-Api-Version": "v2",
        }
        name, limit = self._endpoint_limit(method, path)
        if name:
            allowed_here, remaining, reset_s = self._world.take_budget(f"zendesk {name}", limit=limit)
            headers[f"zendesk-ratelimit-{name}"] = f"total={limit}; remaining={remaining}; resets={reset_s}"
            allowed = allowed and allowed_here
        if allowed:
            return Ruling(headers=headers)
        return Ruling(JSONResponse(error_body(429), 429), {**headers, "Retry-After": str(reset_s)})

    def _endpoint_limit(self, method: str, path: str) -> tuple[str, int]:
        limits = self._world.limits
        if "/api/v2/incremental/" in path:
            return "incremental-exports", limits.zendesk_incremental
        if "/search/export" in path:
            return "search-export", limits.zendesk_export
        if method in ("PUT", "POST", "DELETE"):
            return "tickets-update", limits.zendesk_updates
        return "", 0
