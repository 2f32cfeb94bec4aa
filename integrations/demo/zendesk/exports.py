"""Macros, search and the incremental export of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.gate import ApiError
from integrations.demo.model import Ticket
from integrations.demo.shelf import Sought
from integrations.demo.zendesk.common import Endpoints, Handlers, error_body
from integrations.demo.zendesk.paging import cursor_page, is_cursor, offset_page, whole_number
from integrations.demo.zendesk.search import search_tickets

_SEARCH_RESULTS_AT_MOST = 1_000


class Exports(Endpoints):
    def handlers(self) -> Handlers:
        base = "/api/v2"
        return {
            f"{base}/macros": self.macros,
            f"{base}/macros/active": self.macros,
            f"{base}/macros/{{id:int}}": self.macro,
            f"{base}/search": self.search,
            f"{base}/search/export": self.export,
            f"{base}/incremental/tickets/cursor": self.incremental_tickets,
        }

    async def macros(self, request: Request) -> Response:
        self._agent(request)
        macros = list(self._world.macros)
        if request.query_params.get("sort_by") == "usage_7d" and not is_cursor(request):
            macros.sort(key=lambda macro: macro.uses_7d, reverse=request.query_params.get("sort_order") != "asc")
        if is_cursor(request):
            page, envelope = cursor_page(request, macros, id_of=lambda macro: macro.id)
        else:
            page, envelope = offset_page(request, macros)
        return JSONResponse({"macros": [self._shapes(request).macro(macro) for macro in page], **envelope})

    async def macro(self, request: Request) -> Response:
        self._agent(request)
        for macro in self._world.macros:
            if macro.id == request.path_params["id"]:
                return JSONResponse({"macro": self._shapes(request).macro(macro)})
        raise ApiError(404, error_body(404))

    async def search(self, request: Request) -> Response:
        self._agent(request)
        if is_cursor(request):
            message = "Search does not support cursor based pagination"
            raise ApiError(400, {"error": {"title": "Invalid attribute", "message": message}})
        found = self._search(request)
        page, envelope = offset_page(request, found, records_at_most=_SEARCH_RESULTS_AT_MOST)
        results = self._results(request, page)
        return JSONResponse({"results": results, "facets": None, **self._sideloads(request, page), **envelope})

    async def export(self, request: Request) -> Response:
        self._agent(request)
        if request.query_params.get("filter[type]") != "ticket":
            detail = {"code": "InvalidFilter", "title": "filter[type] is required", "detail": "one of ticket, user"}
            raise ApiError(400, {"errors": [detail]})
        page, envelope = cursor_page(request, self._search(request), id_of=lambda ticket: ticket.number)
        return JSONResponse({"results": self._results(request, page), "facets": None, **envelope})

    def _search(self, request: Request) -> Sequence[Ticket]:
        query = request.query_params.get("query")
        if not query:
            raise ApiError(422, {"error": "invalid", "description": "Invalid search: query is required"})
        return search_tickets(
            self._world,
            query,
            sort_by=request.query_params.get("sort_by", ""),
            sort_order=request.query_params.get("sort_order", "desc"),
        )

    def _results(self, request: Request, page: Sequence[Ticket]) -> list[dict[str, Any]]:
        shapes = self._shapes(request)
        return [{**shapes.ticket(ticket), "result_type": "ticket"} for ticket in page]

    async def incremental_tickets(self, request: Request) -> Response:
        self._admin(request)
        start = self._start_time(request)
        between = {"updated_at": (start, self._world.now())}
        changed = self._world.sought(Sought(lambda one: one.updated_at >= start, sort_by="updated_at", between=between))
        size = min(whole_number(request, "per_page", 100), 1_000)
        position = int(request.query_params.get("cursor", "0") or 0)
        page = changed[position : position + size]
        shapes = self._shapes(request)
        after = position + len(page)
        return JSONResponse(
            {
                "tickets": [shapes.ticket(ticket) for ticket in page],
                "after_url": f"{request.url.replace(query='')}.json?cursor={after}",
                "after_cursor": str(after),
                "before_url": None,
                "before_cursor": None,
                "end_of_stream": not changed[after : after + 1],
            }
        )

    def _start_time(self, request: Request) -> datetime:
        text = request.query_params.get("start_time", "")
        if not text and "cursor" in request.query_params:
            return datetime.fromtimestamp(0, UTC)
        if not text.isdigit():
            raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "start_time is required"}})
        start = datetime.fromtimestamp(int(text), UTC)
        if start > self._world.now() - timedelta(minutes=1):
            message = "Too recent start_time. Use a start_time older than 60 seconds"
            raise ApiError(422, {"error": "InvalidValue", "description": message})
        return start
