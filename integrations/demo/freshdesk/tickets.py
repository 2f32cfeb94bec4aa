"""Tickets and their conversations: reading, listing, replying."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.demo.freshdesk.common import Endpoints, Handlers, includes, invalid, page_of
from integrations.demo.freshdesk.search import compiled
from integrations.demo.freshdesk.shapes import body_html, iso
from integrations.demo.gate import ApiError
from integrations.demo.model import Comment, Person, Ticket
from integrations.demo.shelf import Sought
from integrations.demo.world import BRAND, SUPPORT_EMAIL, comment_text

LISTED_FOR = timedelta(days=30)
"""A list without ``updated_since`` holds only tickets created since then."""
_CONVERSATIONS_INCLUDED = 10
_SEARCH_PAGES_AT_MOST = 10
_LIST_PAGES_AT_MOST = 300
_KEYS: dict[str, Callable[[Ticket], Any]] = {
    "created_at": lambda ticket: ticket.created_at,
    "due_by": lambda ticket: ticket.created_at,
    "updated_at": lambda ticket: ticket.updated_at,
    "status": lambda ticket: ticket.freshdesk_status,
}


class Tickets(Endpoints):
    def handlers(self) -> Handlers:
        base = "/api/v2"
        return {
            f"{base}/tickets": self.tickets,
            f"{base}/tickets/{{id:int}}": self.ticket,
            f"{base}/tickets/{{id:int}}/conversations": self.conversations,
            f"{base}/tickets/archived/{{id:int}}": self.ticket,
            f"{base}/tickets/archived/{{id:int}}/conversations": self.conversations,
            f"{base}/tickets/{{id:int}}/satisfaction_ratings": self.ticket_satisfaction,
            f"{base}/surveys/satisfaction_ratings": self.satisfaction,
            f"{base}/search/tickets": self.search,
        }

    async def ticket(self, request: Request) -> Response:
        self._agent(request)
        ticket = self._ticket(request)
        wanted = includes(request, {"conversations", "requester", "company", "stats", "sla_policy"})
        shape = self._shapes.ticket(ticket, described=True)
        if "conversations" in wanted:
            first = ticket.comments[1 : 1 + _CONVERSATIONS_INCLUDED]
            shape["conversations"] = [self._shapes.conversation(ticket, comment) for comment in first]
        if "company" in wanted:
            shape["company"] = self._shapes.company_summary(ticket)
        return JSONResponse(shape | self._requester_and_stats(ticket, wanted))

    def _requester_and_stats(self, ticket: Ticket, wanted: set[str]) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        if "requester" in wanted:
            answer["requester"] = self._shapes.requester(ticket)
        if "stats" in wanted:
            answer["stats"] = self._shapes.stats(ticket)
        return answer

    async def conversations(self, request: Request) -> Response:
        self._agent(request)
        ticket = self._ticket(request)
        page, headers = page_of(request, ticket.comments[1:])
        return JSONResponse([self._shapes.conversation(ticket, comment) for comment in page], headers=headers)

    async def tickets(self, request: Request) -> Response:
        agent = self._agent(request)
        wanted = includes(request, {"stats", "requester", "description", "company"})
        asked = self._list_asked(request, agent)
        found: Sequence[Ticket] = self._tickets(asked)
        if request.query_params.get("filter") == "deleted":
            found = [ticket for ticket in self._world.odds.deleted.values() if asked.test(ticket)]
        page, headers = page_of(request, found, pages_at_most=_LIST_PAGES_AT_MOST)
        answer = []
        for ticket in page:
            shape = self._shapes.ticket(ticket, described=False) | self._requester_and_stats(ticket, wanted)
            answer.append(shape | (self._shapes.description(ticket) if "description" in wanted else {}))
        return JSONResponse(answer, headers=headers)

    def _list_asked(self, request: Request, agent: Person) -> Sought:
        field = _order_by(request)
        since = request.query_params.get("updated_since")
        requester = request.query_params.get("requester_id", "")
        changed = _moment(since) if since else self._world.now() - LISTED_FOR
        return Sought(
            lambda ticket: self._listed(request, ticket, agent),
            sort_by=field,
            falling=request.query_params.get("order_type", "desc") == "desc",
            key=_KEYS[field],
            between={"updated_at": (changed, self._world.now())},
            requester_id=int(requester) if requester.isdigit() else None,
        )

    def _listed(self, request: Request, ticket: Ticket, agent: Person) -> bool:
        asked = request.query_params
        since = asked.get("updated_since")
        if since is None:
            recent = ticket.created_at >= self._world.now() - LISTED_FOR
        else:
            recent = ticket.updated_at >= _moment(since)
        requester = self._world.people[ticket.requester_id]
        return (
            recent
            and asked.get("requester_id", str(ticket.requester_id)) == str(ticket.requester_id)
            and asked.get("company_id", str(ticket.organization_id)) == str(ticket.organization_id)
            and asked.get("email", requester.email).lower() == requester.email.lower()
            and ticket.spam == (asked.get("filter") == "spam")
            and _passes_filter(asked.get("filter"), ticket, agent)
        )

    async def search(self, request: Request) -> Response:
        self._agent(request)
        test = compiled(request.query_params.get("query", ""))
        if "per_page" in request.query_params:
            raise invalid("per_page", "Unexpected/invalid field in request", "invalid_field")
        found = self._tickets(Sought(test, sort_by="created_at", falling=True))
        page, _ = page_of(request, found, pages_at_most=_SEARCH_PAGES_AT_MOST)
        results = [self._shapes.ticket(ticket, described=True) for ticket in page]
        return JSONResponse({"total": len(found), "results": results})

    async def ticket_satisfaction(self, request: Request) -> Response:
        self._agent(request)
        ticket = self._ticket(request)
        return JSONResponse([self._shapes.satisfaction(ticket)] if ticket.csat else [])

    async def satisfaction(self, request: Request) -> Response:
        self._agent(request)
        user_id = request.query_params.get("user_id")
        since = request.query_params.get("created_since")

        def is_meant(ticket: Ticket) -> bool:
            return (
                bool(ticket.csat)
                and user_id in (None, str(ticket.requester_id))
                and (since is None or ticket.updated_at >= _moment(since))
            )

        requester = int(user_id) if user_id and user_id.isdigit() else None
        page, headers = page_of(request, self._tickets(Sought(is_meant, requester_id=requester)))
        return JSONResponse([self._shapes.satisfaction(ticket) for ticket in page], headers=headers)

    # Writing

    def _writable(self, request: Request) -> Ticket:
        """Return the ticket of the address, or answer 405 for one that nobody may change."""
        ticket = self._ticket(request)
        if ticket.spam or ticket.number in self._world.odds.deleted:
            raise ApiError(405)
        return ticket

    async def reply(self, request: Request) -> Response:
        agent, ticket = self._agent(request), self._writable(request)
        wishes = await _wishes(request)
        _refuse_unknown(wishes, {"body", "from_email", "user_id", "cc_emails", "bcc_emails"})
        comment = self._world.agent_replies(ticket.number, _body(wishes), agent=agent)
        requester = self._world.people[ticket.requester_id]
        extra = {
            "from_email": f"{BRAND} <{wishes.get('from_email') or SUPPORT_EMAIL}>",
            "cc_emails": wishes.get("cc_emails", []),
            "bcc_emails": wishes.get("bcc_emails", []),
            "replied_to": [requester.email],
        }
        return JSONResponse(self._written(ticket, comment) | extra, 201)

    async def note(self, request: Request) -> Response:
        agent, ticket = self._agent(request), self._writable(request)
        wishes = await _wishes(request)
        _refuse_unknown(wishes, {"body", "private", "notify_emails", "incoming", "user_id"})
        private = bool(wishes.get("private", True))
        comment = self._world.agent_replies(ticket.number, _body(wishes), agent=agent, public=not private)
        extra: dict[str, Any] = {"incoming": False, "private": private, "support_email": None, "notified_to": []}
        return JSONResponse(self._written(ticket, comment) | extra, 201)

    @staticmethod
    def _written(ticket: Ticket, comment: Comment) -> dict[str, Any]:
        return {
            "body_text": comment_text(comment),
            "body": body_html(comment),
            "id": comment.id,
            "user_id": comment.author_id,
            "ticket_id": ticket.number,
            "attachments": [],
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.created_at),
        }

    async def update(self, request: Request) -> Response:
        self._agent(request)
        ticket = self._writable(request)
        wishes = await _wishes(request)
        if (status := wishes.get("status")) is not None:
            try:
                self._world.set_freshdesk_status(ticket.number, status)
            except (KeyError, TypeError) as error:
                raise invalid("status", "It should be one of these values: '2,3,4,5,6,7'") from error
        self._world.change(ticket.number, assignee_id=wishes.get("responder_id"), tags=wishes.get("tags"))
        return JSONResponse(self._shapes.ticket(ticket, described=True))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("updated_since", "It should be in the 'combined date and time ISO8601' format") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _passes_filter(name: str | None, ticket: Ticket, agent: Person) -> bool:
    if name in (None, "all_tickets", "spam", "deleted"):
        return True
    if name == "new_and_my_open":
        mine = ticket.assignee_id in (None, agent.id)
        return mine and ticket.freshdesk_status == 2
    if name == "watching":
        return False
    raise invalid("filter", "It should be one of these values: 'new_and_my_open,watching,spam,deleted,all_tickets'")


def _order_by(request: Request) -> str:
    field = request.query_params.get("order_by", "created_at")
    if field not in _KEYS:
        raise invalid("order_by", f"It should be one of these values: '{','.join(_KEYS)}'")
    return field


async def _wishes(request: Request) -> dict[str, Any]:
    try:
        wishes = json.loads(await request.body())
    except ValueError as error:
        body = {"code": "invalid_json", "message": "Request body has invalid json format"}
        raise ApiError(400, body) from error
    if not isinstance(wishes, dict):
        raise invalid("body", "It should be an object", "datatype_mismatch")
    return wishes


def _refuse_unknown(wishes: dict[str, Any], known: set[str]) -> None:
    """Unlike Zendesk, Freshdesk does not pass over a key that it does not know."""
    for name in wishes:
        if name not in known:
            raise invalid(name, "Unexpected/invalid field in request", "invalid_field")


def _body(wishes: dict[str, Any]) -> str:
    body = wishes.get("body")
    if not isinstance(body, str) or not body.strip():
        raise invalid("body", "It should be a/an String", "missing_field")
    return body
