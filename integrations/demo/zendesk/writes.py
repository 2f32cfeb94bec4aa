"""Changing tickets: the one update that does everything, tags by themselves, and a macro tried on."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.demo.content import as_html
from integrations.demo.gate import ApiError
from integrations.demo.ids import object_id
from integrations.demo.model import Macro, Person, Ticket
from integrations.demo.world import World
from integrations.demo.zendesk.common import Endpoints, error_body
from integrations.demo.zendesk.shapes import iso

UPDATES_AT_MOST = 30
UPDATES_WITHIN_S = 600.0
_TICKET_KEYS = frozenset({
    *("comment", "status", "custom_status_id", "priority", "type", "subject", "assignee_id", "group_id", "tags"),
    *("custom_fields", "safe_update", "updated_stamp", "metadata", "additional_tags", "remove_tags"),
})  # fmt: skip
_COMMENT_KEYS = frozenset({"body", "html_body", "public", "author_id", "uploads"})


class Writes(Endpoints):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._updates: dict[tuple[int, int], deque[float]] = defaultdict(deque)

    def routes(self) -> list[Route]:
        ticket = "/api/v2/tickets/{id:int}"
        return [
            Route(ticket, self.update, methods=["PUT"]),
            Route(f"{ticket}/tags", self.tags, methods=["GET"]),
            Route(f"{ticket}/tags", self.add_tags, methods=["PUT"]),
            Route(f"{ticket}/tags", self.set_tags, methods=["POST"]),
            Route(f"{ticket}/tags", self.remove_tags, methods=["DELETE"]),
            Route(f"{ticket}/macros/{{macro:int}}/apply", self.apply, methods=["GET"]),
        ]

    async def update(self, request: Request) -> Response:
        agent, ticket = self._agent(request), self._found(request)
        wishes = _wishes(await _body(request))
        self._admit(ticket, agent, wishes)
        before = ticket.status
        events = self._apply(ticket, wishes, agent)
        audit_id = object_id("audit", f"{ticket.number}/{ticket.version}")
        for event in events:
            event.setdefault("audit_id", audit_id)
        if ticket.status != before and "status" not in wishes:
            events.append(_changed(ticket, "status", before, ticket.status))
        audit = {
            "id": audit_id,
            "ticket_id": ticket.number,
            "created_at": iso(ticket.updated_at),
            "author_id": agent.id,
            "metadata": {"system": {}, "custom": {}},
            "events": events,
            "via": {"channel": "api", "source": {"from": {}, "to": {}, "rel": None}},
        }
        return JSONResponse({"ticket": self._shapes(request).ticket(ticket), "audit": audit}, headers=_warnings(wishes))

    async def tags(self, request: Request) -> Response:
        self._agent(request)
        return JSONResponse({"tags": list(self._found(request).tags)})

    async def add_tags(self, request: Request) -> Response:
        return await self._tagged(request, lambda now, asked: (*now, *(tag for tag in asked if tag not in now)))

    async def set_tags(self, request: Request) -> Response:
        return await self._tagged(request, lambda _now, asked: asked)

    async def remove_tags(self, request: Request) -> Response:
        return await self._tagged(request, lambda now, asked: tuple(tag for tag in now if tag not in asked))

    async def apply(self, request: Request) -> Response:
        """Answer the ticket as the macro would leave it; nothing is changed."""
        agent, ticket = self._agent(request), self._found(request)
        macro = next((one for one in self._world.macros if one.id == request.path_params["macro"]), None)
        if macro is None:
            raise ApiError(404, error_body(404))
        shape = self._shapes(request).ticket(ticket)
        shape["tags"] = [*ticket.tags, *(tag for tag in macro.tags if tag not in ticket.tags)]
        if macro.body:
            body = self._rendered(macro, ticket, agent)
            shape["comment"] = {
                "body": body,
                "html_body": as_html(body),
                "scoped_body": [["channel:all", body]],
                "public": True,
            }
        return JSONResponse({"result": {"ticket": shape}})

    def _rendered(self, macro: Macro, ticket: Ticket, agent: Person) -> str:
        requester = self._world.people[ticket.requester_id]
        values = {
            "ticket.requester.name": requester.name,
            "ticket.requester.first_name": requester.name.split()[0],
            "ticket.id": str(ticket.number),
            "ticket.title": ticket.subject,
            "current_user.name": agent.name,
            "current_user.first_name": agent.name.split()[0],
            "agent.signature": agent.signature,
        }
        body = macro.body
        for name, value in values.items():
            body = body.replace(f"{{{{{name}}}}}", value)
        return body

    def _admit(self, ticket: Ticket, agent: Person, wishes: dict[str, Any]) -> None:
        """Refuse what Zendesk refuses before it looks at what is asked."""
        now_s = self._world.now().timestamp()
        times = self._updates[agent.id, ticket.number]
        while times and now_s - times[0] >= UPDATES_WITHIN_S:
            times.popleft()
        if len(times) >= UPDATES_AT_MOST:
            wait_s = max(1, round(UPDATES_WITHIN_S - (now_s - times[0])))
            raise ApiError(429, error_body(429), {"Retry-After": str(wait_s)})
        if ticket.status == "closed":
            raise _invalid("status", "closed prevents ticket update")
        if wishes.get("safe_update") and str(wishes.get("updated_stamp", "")) < iso(ticket.updated_at):
            raise ApiError(409, error_body(409))
        times.append(now_s)

    async def _tagged(self, request: Request, merged: Any) -> Response:
        agent, ticket = self._agent(request), self._found(request)
        wishes = await _body(request)
        asked = wishes.get("tags")
        if not isinstance(asked, list):
            raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "tags must be an array"}})
        self._admit(ticket, agent, wishes)
        self._world.change(ticket.number, tags=merged(tuple(ticket.tags), tuple(str(tag) for tag in asked)))
        return JSONResponse({"tags": list(ticket.tags)})

    def _apply(self, ticket: Ticket, wishes: dict[str, Any], agent: Person) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        if (status := wishes.get("status")) is not None and status not in _STATUSES:
            raise _invalid("status", f"Status: {status} is not a valid status")
        comment = wishes.get("comment")
        if comment is not None:
            events.append(self._comment_event(ticket, comment, agent))
        if status is not None and status != ticket.status:
            events.append(_changed(ticket, "status", ticket.status, status))
            self._world.set_status(ticket.number, status)
        if (tags := wishes.get("tags")) is not None and set(tags) != set(ticket.tags):
            events.append(_changed(ticket, "tags", " ".join(ticket.tags), " ".join(tags)))
        self._world.change(
            ticket.number,
            assignee_id=wishes.get("assignee_id"),
            tags=wishes.get("tags"),
            priority=wishes.get("priority"),
        )
        return events

    def _comment_event(self, ticket: Ticket, comment: Any, agent: Person) -> dict[str, Any]:
        html = comment.get("html_body", "") if isinstance(comment, dict) else ""
        text = comment.get("body", "") if isinstance(comment, dict) else str(comment)
        if not html and not text.strip():
            body = {"error": "CommentRequired", "description": "A comment is required to update this ticket"}
            raise ApiError(406, body)
        said = comment.get("public") if isinstance(comment, dict) else None
        # There is no fixed default: what the ticket began with goes on.
        public = said if isinstance(said, bool) else ticket.comments[0].public
        added = self._world.add_comment(
            ticket.number, agent.id, html=html, text="" if html else text, public=public, channel="api"
        )
        return {
            "id": added.id,
            "type": "Comment",
            "author_id": agent.id,
            "body": text,
            "html_body": f'<div class="zd-comment" dir="auto">{added.html or as_html(text)}</div>',
            "public": added.public,
            "attachments": [],
        }


_STATUSES = ("new", "open", "pending", "hold", "solved", "closed")


def _changed(ticket: Ticket, field: str, before: str, after: str) -> dict[str, Any]:
    id_ = object_id("event", f"{ticket.number}/{ticket.version}/{field}")
    return {"id": id_, "type": "Change", "field_name": field, "value": after, "previous_value": before}


def _wishes(body: dict[str, Any]) -> dict[str, Any]:
    wishes = body.get("ticket")
    if wishes is None:
        raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "ticket is missing"}})
    if not isinstance(wishes, dict):
        raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "ticket must be an object"}})
    return wishes


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "ticket is missing"}}) from error
    if not isinstance(body, dict):
        raise ApiError(400, {"error": {"title": "Invalid attribute", "message": "ticket is missing"}})
    return body


def _warnings(wishes: dict[str, Any]) -> dict[str, str]:
    """Unknown keys are dropped, and only a header says so."""
    comment = wishes.get("comment")
    unknown = [f"ticket.{key}" for key in wishes if key not in _TICKET_KEYS]
    unknown += [
        f"ticket.comment.{key}" for key in (comment if isinstance(comment, dict) else ()) if key not in _COMMENT_KEYS
    ]
    if not unknown:
        return {}
    listed = ", ".join(f'"{key}"' for key in unknown)
    said = f'{{:allowed_parameters=>{{:controller=>"api/v2/tickets", :unpermitted_keys=>[{listed}]}}}}'
    return {"x-zendesk-api-warn": said}


def _invalid(field: str, description: str) -> ApiError:
    details = {field: [{"description": description}]}
    body = {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
    return ApiError(422, body)
