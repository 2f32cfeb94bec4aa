"""What the agent's page gets as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zlib import crc32

from integrations.demo.content import page_html, without_quote
from integrations.demo.freshdesk.shapes import STATUSES
from integrations.demo.model import AGENT, BOT, END_USER, Comment, Person, Ticket
from integrations.demo.shelf import Sought
from integrations.demo.world import BRAND, World, comment_text

LIST_PATHS = {"zendesk": "/agent/dashboard", "freshdesk": "/a/tickets"}
TICKET_PATHS = {"zendesk": "/agent/tickets/", "freshdesk": "/a/tickets/"}
VIEWS: dict[str, Callable[[Ticket, Person], bool]] = {
    "unsolved": lambda ticket, _agent: ticket.status not in ("solved", "closed"),
    "mine": lambda ticket, agent: ticket.assignee_id == agent.id and ticket.status not in ("solved", "closed"),
    "unassigned": lambda ticket, _agent: ticket.assignee_id is None and ticket.status not in ("solved", "closed"),
    "pending": lambda ticket, _agent: ticket.status in ("pending", "hold"),
    "solved": lambda ticket, _agent: ticket.status in ("solved", "closed"),
}
_VIEW_LABELS = {
    "zendesk": {
        "unsolved": "All unsolved",
        "mine": "Your tickets",
        "unassigned": "Unassigned",
        "pending": "Pending",
        "solved": "Solved",
    },
    "freshdesk": {
        "unsolved": "All open",
        "mine": "My tickets",
        "unassigned": "Unassigned",
        "pending": "Pending",
        "solved": "Resolved",
    },
}
_STATUS_LABELS = {
    "new": "New",
    "open": "Open",
    "pending": "Pending",
    "hold": "On-hold",
    "solved": "Solved",
    "closed": "Closed",
}
_ROLES = {END_USER: "customer", BOT: "bot"}
_SNIPPET_CHARACTERS = 140
_HISTORY_AT_MOST = 6
_ROWS_AT_MOST = 1_000


class PageShapes:
    def __init__(self, world: World, face: str) -> None:
        self._world = world
        self._face = face

    def session(self) -> dict[str, Any]:
        zendesk = self._face == "zendesk"
        agent = self._world.agent_at(self._face)
        choices = ("open", "pending", "hold", "solved")
        return {
            "face": self._face,
            "brand": BRAND,
            "agent": self._person(agent),
            "listPath": LIST_PATHS[self._face],
            "ticketPath": TICKET_PATHS[self._face],
            "views": [{"id": view, "label": label} for view, label in _VIEW_LABELS[self._face].items()],
            "statuses": [{"id": status, "label": self._label(status)} for status in choices],
            "sendLabel": "Submit as {status}" if zendesk else "Send",
            "sendAsLabel": "Submit as {status}" if zendesk else "Send and set as {status}",
            "publicLabel": "Public reply" if zendesk else "Reply",
            "noteLabel": "Internal note" if zendesk else "Private note",
        }

    def _status(self, ticket: Ticket) -> str:
        """Return the status in this face's words: Freshdesk knows no new tickets."""
        return "open" if self._face == "freshdesk" and ticket.status == "new" else ticket.status

    def _label(self, status: str, code: int | None = None) -> str:
        if self._face == "zendesk":
            return _STATUS_LABELS[status]
        return STATUSES[code or {"open": 2, "pending": 3, "hold": 7, "solved": 4}[status]][0]

    def rows(self, view: str) -> dict[str, Any]:
        """Return the tickets of ``view``, last changed first, and how many every view has."""
        agent = self._world.agent_at(self._face)
        tickets = self._world.sought(Sought(sort_by="updated_at", falling=True))[:_ROWS_AT_MOST]
        shown = [ticket for ticket in tickets if VIEWS[view](ticket, agent)]
        counts = {name: sum(test(ticket, agent) for ticket in tickets) for name, test in VIEWS.items()}
        return {"view": view, "counts": counts, "tickets": [self._row(ticket) for ticket in shown]}

    def _row(self, ticket: Ticket) -> dict[str, Any]:
        people = self._world.people
        last = next((one for one in reversed(ticket.comments) if one.public), ticket.comments[-1])
        written, _ = without_quote(comment_text(last))
        assignee = people[ticket.assignee_id] if ticket.assignee_id else None
        return {
            "id": ticket.number,
            "subject": ticket.subject,
            "status": self._status(ticket),
            "statusLabel": self._label(ticket.status, ticket.freshdesk_status),
            "priority": ticket.priority,
            "channel": ticket.channel,
            "unread": self._world.is_unread(ticket),
            "requester": self._person(people[ticket.requester_id]),
            "assignee": None if assignee is None else self._person(assignee),
            "snippet": " ".join(written.split())[:_SNIPPET_CHARACTERS],
            "lastByUs": people[last.author_id].role != END_USER,
            "updatedAt": iso(ticket.updated_at),
            "createdAt": iso(ticket.created_at),
            "messageCount": len(ticket.comments),
        }

    def ticket(self, number: int) -> dict[str, Any]:
        ticket = self._world.tickets[number]
        return {
            **self._row(ticket),
            "version": ticket.version,
            "tags": list(ticket.tags),
            "group": self._world.groups[ticket.group_id].name,
            "csat": ticket.csat,
            "csatComment": ticket.csat_comment,
            "reopens": ticket.reopens,
            "messages": [self._message(comment) for comment in ticket.comments],
            "customer": self._customer(ticket),
        }

    def _message(self, comment: Comment) -> dict[str, Any]:
        return {
            "id": comment.id,
            "author": self._person(self._world.people[comment.author_id]),
            "public": comment.public,
            "at": iso(comment.created_at),
            "html": page_html(comment.text, comment.html),
            "attachments": list(comment.attachments),
        }

    def _customer(self, ticket: Ticket) -> dict[str, Any]:
        person = self._world.people[ticket.requester_id]
        organization = self._world.organizations.get(person.organization_id or 0)
        history = sorted(self._world.tickets_of(person.id), key=lambda one: one.created_at, reverse=True)
        return {
            **self._person(person),
            "email": person.email,
            "phone": person.phone,
            "language": {"en": "English", "de": "Deutsch"}[person.language],
            "locale": person.language,
            "since": iso(person.created_at),
            "plan": person.plan,
            "renewal": maybe_iso(person.renewal_at),
            "tags": list(person.tags),
            "notes": person.notes,
            "organization": organization
            and {
                "name": organization.name,
                "tier": organization.tier,
                "health": organization.health,
                "renewal": maybe_iso(organization.renewal_at),
            },
            "orders": [
                {
                    "number": order.number,
                    "at": iso(placed_at),
                    "status": order.status,
                    "total": order.total,
                    "items": list(order.items),
                }
                for order, placed_at in person.orders
            ],
            "ticketCount": len(history),
            "tickets": [
                {
                    "id": one.number,
                    "subject": one.subject,
                    "status": self._status(one),
                    "statusLabel": self._label(one.status, one.freshdesk_status),
                    "createdAt": iso(one.created_at),
                }
                for one in history
                if one.number != ticket.number
            ][:_HISTORY_AT_MOST],
        }

    @staticmethod
    def _person(person: Person) -> dict[str, Any]:
        words = person.name.split()
        return {
            "name": person.name,
            "initials": (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper(),
            "hue": crc32(person.key.encode()) % 360,
            "role": _ROLES.get(person.role, AGENT),
        }


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def maybe_iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
