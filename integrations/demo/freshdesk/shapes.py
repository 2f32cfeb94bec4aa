"""Freshdesk's JSON, with the keys and the nulls that the real one has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from integrations.demo.content import as_html
from integrations.demo.ids import object_id
from integrations.demo.model import (
    ADMIN,
    BOT,
    END_USER,
    Comment,
    Organization,
    Person,
    Ticket,
)
from integrations.demo.world import BRAND, SUPPORT_EMAIL, World, comment_text, order_lines, order_number

PRIORITY = {"": 1, "low": 1, "normal": 2, "high": 3, "urgent": 4}
SOURCE = {"email": 1, "web": 2, "phone": 3, "chat": 7, "api": 2}
SOURCES = {
    "Email": 1,
    "Portal": 2,
    "Phone": 3,
    "Forum": 4,
    "Twitter": 5,
    "Facebook": 6,
    "Chat": 7,
    "MobiHelp": 8,
    "Feedback Widget": 9,
    "Outbound Email": 10,
    "Ecommerce": 11,
    "Bot": 12,
    "Whatsapp": 13,
}
STATUSES = {
    2: ("Open", "Being Processed"),
    3: ("Pending", "Awaiting your Reply"),
    4: ("Resolved", "This ticket has been Resolved"),
    5: ("Closed", "This ticket has been Closed"),
    6: ("Waiting on Customer", "Awaiting your Reply"),
    7: ("Waiting on Third Party", "Being Processed"),
}
PRODUCT_ID = object_id("product", "outlet")
CUSTOM_FIELDS = {
    "cf_order_number": ("Order number", "custom_text"),
    "cf_return_number": ("Return number", "custom_text"),
    "cf_card": ("Card", "encrypted_text"),
}
_FIRST_REPLY, _SOLUTION = timedelta(days=1), timedelta(days=3)
RATING = {"good": 103, "bad": -103}
_FONT = (
    "font-family:-apple-system, BlinkMacSystemFont, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif; font-size:14px"
)


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def body_html(comment: Comment) -> str:
    """Return a message in the font div that Freshdesk wraps around everything."""
    html = comment.html or as_html(comment.text)
    return f'<div style="{_FONT}"><div dir="ltr">{html}</div></div>'


class FreshdeskShapes:
    """Builds JSON for one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    # Tickets

    def ticket(self, ticket: Ticket, *, described: bool) -> dict[str, Any]:
        """Return a ticket; lists leave the description out."""
        mail = ticket.channel == "email"
        copies = self._copies(ticket) if mail else None
        first = ticket.comments[0]
        shape: dict[str, Any] = {
            "cc_emails": copies,
            "fwd_emails": [] if mail else None,
            "reply_cc_emails": copies,
            "ticket_cc_emails": copies,
            "ticket_bcc_emails": None,
            "fr_escalated": self._is_late(ticket, _FIRST_REPLY, self._first_answer(ticket)),
            "spam": ticket.spam,
            "email_config_id": None,
            "group_id": ticket.group_id,
            "priority": PRIORITY[ticket.priority],
            "requester_id": ticket.requester_id,
            "responder_id": ticket.assignee_id,
            "source": SOURCE[ticket.channel],
            "company_id": ticket.organization_id,
            "status": ticket.freshdesk_status,
            "subject": ticket.subject,
            "association_type": self._world.odds.associated.get(ticket.number),
            "support_email": SUPPORT_EMAIL if mail else None,
            "to_emails": [SUPPORT_EMAIL] if mail else None,
            "product_id": PRODUCT_ID if ticket.number in self._world.odds.outlet else None,
            "id": ticket.number,
            "type": None,
            "due_by": iso(ticket.created_at + _SOLUTION),
            "fr_due_by": iso(ticket.created_at + _FIRST_REPLY),
            "is_escalated": self._is_late(ticket, _SOLUTION, ticket.solved_at),
            "custom_fields": self._custom_fields(ticket),
            "created_at": iso(ticket.created_at),
            "updated_at": iso(ticket.updated_at),
            "associated_tickets_count": 1 if ticket.number in self._world.odds.associated else None,
            "tags": list(ticket.tags),
            "nr_due_by": None,
            "nr_escalated": False,
            "form_id": object_id("ticket form", "default"),
        }
        if ticket.number in self._world.odds.deleted:
            shape["deleted"] = True
        if described:
            shape |= self.description(ticket)
            shape |= {
                "attachments": [self._attachment(first, name) for name in first.attachments],
                "structured_description": None,
                "sentiment_score": None,
                "initial_sentiment_score": None,
            }
        return shape

    def _custom_fields(self, ticket: Ticket) -> dict[str, str | None]:
        number = order_number(ticket)
        return {"cf_order_number": number, "cf_return_number": None, "cf_card": "4242" if number else None}

    def _first_answer(self, ticket: Ticket) -> datetime | None:
        people = self._world.people
        answers = (one.created_at for one in ticket.comments if one.public and people[one.author_id].is_staff)
        return next(answers, None)

    def _is_late(self, ticket: Ticket, promised: timedelta, done_at: datetime | None) -> bool:
        return (done_at or self._world.now()) > ticket.created_at + promised

    def description(self, ticket: Ticket) -> dict[str, str]:
        first = ticket.comments[0]
        return {"description": body_html(first), "description_text": comment_text(first)}

    def _copies(self, ticket: Ticket) -> list[str]:
        authors = dict.fromkeys(comment.author_id for comment in ticket.comments)
        others = (self._world.people[id_] for id_ in authors if id_ != ticket.requester_id)
        return [person.email for person in others if person.role == END_USER]

    def requester(self, ticket: Ticket) -> dict[str, Any]:
        person = self._world.people[ticket.requester_id]
        return {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "mobile": None,
            "phone": person.phone or None,
        }

    def company_summary(self, ticket: Ticket) -> dict[str, Any]:
        one = self._world.organizations.get(ticket.organization_id or 0)
        return {} if one is None else {"id": one.id, "name": one.name}

    def stats(self, ticket: Ticket) -> dict[str, Any]:
        people = self._world.people
        public = [comment for comment in ticket.comments if comment.public]
        agents = [comment.created_at for comment in public if people[comment.author_id].is_staff]
        customers = [comment.created_at for comment in public[1:] if people[comment.author_id].role == END_USER]
        return {
            "agent_responded_at": maybe_iso(agents[-1] if agents else None),
            "requester_responded_at": maybe_iso(customers[-1] if customers else None),
            "first_responded_at": maybe_iso(agents[0] if agents else None),
            "status_updated_at": iso(ticket.updated_at),
            "reopened_at": maybe_iso(customers[-1] if ticket.reopens and customers else None),
            "resolved_at": maybe_iso(ticket.solved_at),
            "closed_at": maybe_iso(ticket.solved_at if ticket.freshdesk_status == 5 else None),
            "pending_since": iso(ticket.updated_at) if ticket.freshdesk_status == 3 else None,
        }

    def conversation(self, ticket: Ticket, comment: Comment) -> dict[str, Any]:
        author = self._world.people[comment.author_id]
        incoming, reply = author.role == END_USER, author.role != END_USER and comment.public
        requester = self._world.people[ticket.requester_id]
        return {
            **self._words(ticket, comment),
            "id": comment.id,
            "incoming": incoming,
            "private": not comment.public,
            "user_id": author.id,
            "support_email": SUPPORT_EMAIL if reply else None,
            "source": 0 if comment.public else 2,
            "category": _category(incoming=incoming, public=comment.public),
            "to_emails": _recipients(requester, incoming=incoming, public=comment.public),
            "from_email": _sender(author) if comment.public else None,
            "cc_emails": [],
            "bcc_emails": [] if reply else None,
            "email_failure_count": 1 if comment.id in self._world.odds.bounced else None,
            "outgoing_failures": None,
            "thread_id": None,
            "thread_message_id": None,
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.created_at),
            "last_edited_at": None,
            "last_edited_user_id": None,
            "attachments": [self._attachment(comment, name) for name in comment.attachments],
            "automation_id": object_id("automation", "pip") if author.role == BOT else None,
            "automation_type_id": 1 if author.role == BOT else None,
            "auto_response": author.role == BOT,
            "ticket_id": ticket.number,
            "threading_type": None,
            "delivery_details": None,
            "source_additional_info": None,
        }

    def _words(self, ticket: Ticket, comment: Comment) -> dict[str, str]:
        """Return what was written; the note of a merge in Freshdesk's own words."""
        into = self._world.odds.merged.get(ticket.number)
        if into is None or comment.public or f"merged into request #{into}" not in comment_text(comment):
            return {"body": body_html(comment), "body_text": comment_text(comment)}
        words = f"This ticket is closed and merged into ticket {into}"
        return {"body": f"<div>{words}</div>", "body_text": words}

    def _attachment(self, comment: Comment, name: str) -> dict[str, Any]:
        return {
            "id": object_id("attachment", f"{comment.id}/{name}"),
            "name": name,
            "content_type": "image/jpeg" if name.lower().endswith((".jpg", ".jpeg")) else "application/octet-stream",
            "size": 48_213,
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.created_at),
            "attachment_url": "https://attachments.example.com/demo?Expires=300&Signature=demo",
        }

    def satisfaction(self, ticket: Ticket) -> dict[str, Any]:
        rated_at = iso(ticket.updated_at)
        return {
            "id": object_id("csat", ticket.key),
            "survey_id": object_id("survey", "default"),
            "user_id": ticket.requester_id,
            "agent_id": ticket.assignee_id,
            "feedback": ticket.csat_comment or None,
            "group_id": ticket.group_id,
            "ticket_id": ticket.number,
            "ratings": {"default_question": RATING[ticket.csat]},
            "created_at": rated_at,
            "updated_at": rated_at,
        }

    # People

    def agent(self, person: Person) -> dict[str, Any]:
        created_at = iso(person.created_at)
        return {
            "available": True,
            "occasional": False,
            "id": person.id,
            "ticket_scope": 1,
            "signature": as_html(person.signature) or None,
            "group_ids": list(self._world.groups),
            "role_ids": [object_id("role", person.role)],
            "skill_ids": [],
            "created_at": created_at,
            "updated_at": created_at,
            "available_since": None,
            "type": "support_agent",
            "focus_mode": True,
            "contact": {
                "active": True,
                "email": person.email,
                "job_title": "Customer care lead" if person.role == ADMIN else None,
                "language": "en",
                "last_login_at": None,
                "mobile": None,
                "name": person.name,
                "phone": None,
                "time_zone": "London",
                "created_at": created_at,
                "updated_at": created_at,
            },
        }

    def contact(self, person: Person) -> dict[str, Any]:
        first, _, last = person.name.partition(" ")
        return {
            "active": True,
            "address": None,
            "description": person.notes or None,
            "email": person.email,
            "id": person.id,
            "job_title": None,
            "language": person.language,
            "mobile": None,
            "name": person.name,
            "phone": person.phone or None,
            "time_zone": "London" if person.language == "en" else "Berlin",
            "twitter_id": None,
            "custom_fields": {
                "plan": person.plan or None,
                "plan_renewal": maybe_iso(person.renewal_at),
                "orders": order_lines(person) or None,
            },
            "tags": list(person.tags),
            "other_emails": [],
            "other_companies": [],
            "facebook_id": None,
            "created_at": iso(person.created_at),
            "updated_at": iso(person.created_at),
            "csat_rating": self._csat(person),
            "preferred_source": "email",
            "company_id": person.organization_id,
            "unique_external_id": None,
            "view_all_tickets": False,
            "first_name": first,
            "last_name": last,
            "visitor_id": None,
            "org_contact_id": 2**60 + object_id("org contact", person.key),
        }

    def _csat(self, person: Person) -> int | None:
        rated = [ticket for ticket in self._world.tickets_of(person.id) if ticket.csat]
        return RATING[max(rated, key=lambda ticket: ticket.updated_at).csat] if rated else None

    def company(self, organization: Organization) -> dict[str, Any]:
        return {
            "id": organization.id,
            "name": organization.name,
            "description": None,
            "note": None,
            "domains": [],
            "created_at": iso(organization.created_at),
            "updated_at": iso(organization.created_at),
            "custom_fields": {},
            "health_score": organization.health or None,
            "account_tier": organization.tier or None,
            "renewal_date": maybe_iso(organization.renewal_at),
            "industry": None,
            "org_company_id": 2**60 + object_id("org company", organization.key),
        }


def _category(*, incoming: bool, public: bool) -> int:
    if incoming:
        return 1
    return 3 if public else 2


def _recipients(requester: Person, *, incoming: bool, public: bool) -> list[str] | None:
    if not public:
        return []
    return [SUPPORT_EMAIL] if incoming else [requester.email]


def _sender(author: Person) -> str:
    return f"{author.name} <{author.email}>" if author.role == END_USER else f"{BRAND} <{SUPPORT_EMAIL}>"
