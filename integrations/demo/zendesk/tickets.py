"""Tickets: reading and listing."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.gate import ApiError
from integrations.demo.shelf import Sought
from integrations.demo.zendesk.common import Endpoints, Handlers, error_body, ids_asked, includes
from integrations.demo.zendesk.paging import cursor_page, is_cursor, offset_page


class Tickets(Endpoints):
    def handlers(self) -> Handlers:
        base = "/api/v2"
        return {
            f"{base}/tickets": self.tickets,
            f"{base}/tickets/recent": self.recent,
            f"{base}/tickets/show_many": self.show_many,
            f"{base}/tickets/{{id:int}}": self.ticket,
            f"{base}/tickets/{{id:int}}/comments": self.comments,
            f"{base}/tickets/{{id:int}}/metrics": self.metrics,
            f"{base}/users/{{id:int}}/tickets/requested": self.requested,
            f"{base}/custom_statuses": self.custom_statuses,
            f"{base}/satisfaction_ratings": self.satisfaction_ratings,
        }

    async def ticket(self, request: Request) -> Response:
        agent = self._agent(request)
        ticket = self._found(request)
        self._world.viewed(ticket.number, agent)  # reading by API counts as viewing; Zendesk's own client tests it
        shape = self._shapes(request).ticket(ticket)
        answer: dict[str, Any] = {"ticket": shape, **self._sideloads(request, [ticket])}
        if "comment_count" in includes(request):
            shape["comment_count"] = len(ticket.comments)
        if "slas" in includes(request):
            shape["slas"] = self._shapes(request).slas(ticket)
        if "metric_sets" in includes(request):
            shape["metric_set"] = answer["metric_sets"][0]
        return JSONResponse(answer)

    async def tickets(self, request: Request) -> Response:
        self._agent(request)
        field, falling = _order(request)
        return self._ticket_list(request, self._world.sought(Sought(sort_by=field, falling=falling)))

    async def recent(self, request: Request) -> Response:
        return self._ticket_list(request, self._world.recently_viewed(self._agent(request)))

    async def show_many(self, request: Request) -> Response:
        self._agent(request)
        found = [ticket for id_ in ids_asked(request) if (ticket := self._world.ticket(id_)) is not None]
        return self._ticket_list(request, found)

    async def requested(self, request: Request) -> Response:
        self._agent(request)
        if self._world.person(request.path_params["id"]) is None:
            raise ApiError(404, error_body(404))
        field, falling = _order(request)
        of_one = Sought(
            lambda ticket: ticket.requester_id == request.path_params["id"],
            sort_by=field,
            falling=falling,
            requester_id=request.path_params["id"],
        )
        return self._ticket_list(request, self._world.sought(of_one))

    async def comments(self, request: Request) -> Response:
        self._agent(request)
        comments = list(self._found(request).comments)
        if is_cursor(request):
            if request.query_params.get("sort") == "-created_at":
                comments.reverse()
            page, envelope = cursor_page(request, comments, id_of=lambda comment: comment.id)
        else:
            if request.query_params.get("sort_order") == "desc":
                comments.reverse()
            page, envelope = offset_page(request, comments)
        shapes = self._shapes(request)
        answer: dict[str, Any] = {"comments": [shapes.comment(comment) for comment in page]}
        if "users" in includes(request):
            answer["users"] = [shapes.user(person) for person in self._people(one.author_id for one in page)]
        return JSONResponse({**answer, **envelope})

    async def metrics(self, request: Request) -> Response:
        self._agent(request)
        return JSONResponse({"ticket_metric": self._shapes(request).metric(self._found(request))})

    async def custom_statuses(self, request: Request) -> Response:
        self._agent(request)
        return JSONResponse({"custom_statuses": self._shapes(request).statuses()})

    async def satisfaction_ratings(self, request: Request) -> Response:
        self._admin(request)
        score = request.query_params.get("score", "")
        rated = self._world.sought(Sought(lambda ticket: bool(ticket.csat) and score in ("", ticket.csat)))
        page, envelope = offset_page(request, rated)
        ratings = [self._shapes(request).satisfaction_record(ticket) for ticket in page]
        return JSONResponse({"satisfaction_ratings": ratings, **envelope})


def _order(request: Request) -> tuple[str, bool]:
    """Return the field asked for and whether it falls. With cursors only ``sort`` counts, with offsets ``sort_by``."""
    if is_cursor(request):
        name = request.query_params.get("sort", "id")
        field, reverse = name.removeprefix("-"), name.startswith("-")
    else:
        field = request.query_params.get("sort_by", "id")
        reverse = request.query_params.get("sort_order", "asc") == "desc"
    return field if field in ("updated_at", "created_at", "status", "subject") else "number", reverse
