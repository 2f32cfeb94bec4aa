"""Zendesk's JSON, with the keys and the nulls that the real one has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from integrations.demo.content import as_html
from integrations.demo.ids import encoded_id, object_id
from integrations.demo.model import (
    BOT,
    END_USER,
    Comment,
    Group,
    Macro,
    Organization,
    Person,
    Ticket,
)
from integrations.demo.world import BRAND, SUPPORT_EMAIL, World, comment_text, order_lines, order_number
from integrations.demo.zendesk.constants import (
    CARD_FIELD_ID,
    FORM_ID,
    ORDER_FIELD_ID,
    REASON_FIELD_ID,
    REASONS,
    RETURN_FIELD_ID,
    brand_id,
)

SYSTEM_USER_ID = -1
"""Whom Zendesk names as the author of what a bot or a rule wrote; no such user can be read."""

_FIRST_REPLY, _RESOLUTION = timedelta(hours=8), timedelta(days=3)
_VIA = {"email": "email", "web": "web", "chat": "chat", "api": "api", "phone": "voice"}


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


class ZendeskShapes:
    """Builds JSON for one world as seen at one address. ``base`` has no slash at its end."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base

    def _url(self, path: str) -> str:
        return f"{self._base}/api/v2/{path}.json"

    def _author_id(self, person_id: int) -> int:
        return SYSTEM_USER_ID if self._world.people[person_id].role == BOT else person_id

    def ticket(self, ticket: Ticket) -> dict[str, Any]:
        custom_fields = [
            {"id": ORDER_FIELD_ID, "value": order_number(ticket)},
            {"id": RETURN_FIELD_ID, "value": None},
            {"id": REASON_FIELD_ID, "value": next((tag for tag in REASONS if tag[7:] in ticket.tags), None)},
            {"id": CARD_FIELD_ID, "value": "XXXXXXXXXXXX4242" if order_number(ticket) else None},
        ]
        return {
            "url": self._url(f"tickets/{ticket.number}"),
            "id": ticket.number,
            "external_id": None,
            "via": self._via(ticket),
            "created_at": iso(ticket.created_at),
            "updated_at": iso(ticket.updated_at),
            "generated_timestamp": int(ticket.updated_at.timestamp()),
            "type": None,
            "subject": ticket.subject,
            "raw_subject": ticket.subject,
            "description": comment_text(ticket.comments[0]),
            "priority": ticket.priority or None,
            "status": ticket.status,
            "recipient": SUPPORT_EMAIL if ticket.channel == "email" else None,
            "requester_id": ticket.requester_id,
            "submitter_id": self._author_id(ticket.comments[0].author_id),
            "assignee_id": ticket.assignee_id,
            "organization_id": ticket.organization_id,
            "group_id": ticket.group_id,
            "collaborator_ids": self.cc_ids(ticket),
            "follower_ids": [],
            "email_cc_ids": self.cc_ids(ticket),
            "forum_topic_id": None,
            "problem_id": None,
            "has_incidents": False,
            "is_public": True,
            "due_at": None,
            "tags": [*ticket.tags, *(("closed_by_merge",) if ticket.number in self._world.odds.merged else ())],
            "custom_fields": custom_fields,
            "satisfaction_rating": self.satisfaction(ticket),
            "sharing_agreement_ids": [],
            "custom_status_id": object_id("custom status", ticket.status),
            "encoded_id": encoded_id(ticket.number),
            "fields": custom_fields,
            "followup_ids": [],
            "ticket_form_id": FORM_ID,
            "brand_id": brand_id(self._world, ticket),
            "allow_channelback": False,
            "allow_attachments": True,
            "from_messaging_channel": ticket.number in self._world.odds.messaging,
            "support_type": "agent",
        }

    def _via(self, ticket: Ticket) -> dict[str, Any]:
        requester = self._world.people[ticket.requester_id]
        mail = ticket.channel == "email"
        return {
            "channel": _VIA[ticket.channel],
            "source": {
                "from": {"address": requester.email, "name": requester.name} if mail else {},
                "to": {"name": BRAND, "address": SUPPORT_EMAIL} if mail else {},
                "rel": None,
            },
        }

    def cc_ids(self, ticket: Ticket) -> list[int]:
        authors = dict.fromkeys(comment.author_id for comment in ticket.comments)
        others = (self._world.people[id_] for id_ in authors if id_ != ticket.requester_id)
        return [person.id for person in others if person.role == END_USER]

    def statuses(self) -> list[dict[str, Any]]:
        """Return the statuses of an account that has not made any of its own."""
        labels = {"new": "New", "open": "Open", "pending": "Pending", "hold": "On-hold", "solved": "Solved"}
        ids = {status: object_id("custom status", status) for status in labels}
        return [
            {
                "url": self._url(f"custom_statuses/{ids[status]}"),
                "id": ids[status],
                "status_category": status,
                "agent_label": label,
                "raw_agent_label": label,
                "end_user_label": "Open" if status == "new" else label,
                "description": "",
                "active": True,
                "default": True,
            }
            for status, label in labels.items()
        ]

    def satisfaction(self, ticket: Ticket) -> dict[str, Any]:
        if self._world.odds.surveys:
            return {"score": "unoffered"}
        if ticket.csat:
            return {
                "score": ticket.csat,
                "id": object_id("csat", ticket.key),
                "comment": ticket.csat_comment or None,
                "reason": "No reason provided",
                "reason_id": 0,
            }
        return {"score": "offered" if ticket.status in ("solved", "closed") else "unoffered"}

    def satisfaction_record(self, ticket: Ticket) -> dict[str, Any]:
        rated_at = iso(ticket.updated_at)
        rating_id = object_id("csat", ticket.key)
        return {
            "url": self._url(f"satisfaction_ratings/{rating_id}"),
            "id": rating_id,
            "assignee_id": ticket.assignee_id,
            "group_id": ticket.group_id,
            "requester_id": ticket.requester_id,
            "ticket_id": ticket.number,
            "score": ticket.csat,
            "created_at": rated_at,
            "updated_at": rated_at,
            "comment": ticket.csat_comment or None,
            "reason": None,
            "reason_id": None,
        }

    def comment(self, comment: Comment) -> dict[str, Any]:
        text = comment_text(comment)
        html = comment.html or as_html(comment.text)
        author = self._world.people[comment.author_id]
        from_customer = author.role == END_USER
        return {
            "id": comment.id,
            "type": "VoiceComment" if comment.channel == "phone" and from_customer else "Comment",
            "author_id": self._author_id(comment.author_id),
            "body": text,
            "html_body": f'<div class="zd-comment" dir="auto">{html}</div>',
            "plain_body": text,
            "public": comment.public,
            "attachments": [self._attachment(comment, name) for name in comment.attachments],
            "audit_id": comment.id + 1,
            "via": {
                "channel": _VIA[comment.channel] if from_customer else "web",
                "source": {
                    "from": {"address": author.email, "name": author.name} if from_customer else {},
                    "to": {"name": BRAND, "address": SUPPORT_EMAIL} if from_customer else {},
                    "rel": None,
                },
            },
            "created_at": iso(comment.created_at),
            "metadata": {
                "system": {
                    "client": None,
                    "ip_address": None,
                    "location": None,
                    "latitude": None,
                    "longitude": None,
                },
                "custom": {},
            },
        }

    def _attachment(self, comment: Comment, name: str) -> dict[str, Any]:
        id_ = object_id("attachment", f"{comment.id}/{name}")
        return {
            "url": self._url(f"attachments/{id_}"),
            "id": id_,
            "file_name": name,
            "content_url": f"{self._base}/attachments/token/demo/?name={name}",
            "mapped_content_url": f"{self._base}/attachments/token/demo/?name={name}",
            "content_type": "image/jpeg" if name.lower().endswith((".jpg", ".jpeg")) else "application/octet-stream",
            "size": 48_213,
            "width": None,
            "height": None,
            "inline": False,
            "deleted": False,
            "malware_access_override": False,
            "malware_scan_result": "malware_not_found",
            "thumbnails": [],
        }

    def user(self, person: Person) -> dict[str, Any]:
        return {
            "id": person.id,
            "url": self._url(f"users/{person.id}"),
            "name": person.name,
            "email": person.email or None,
            "created_at": iso(person.created_at),
            "updated_at": iso(person.created_at),
            "time_zone": "London" if person.language == "en" else "Berlin",
            "iana_time_zone": "Europe/London" if person.language == "en" else "Europe/Berlin",
            "phone": person.phone or None,
            "shared_phone_number": None if not person.phone else False,
            "photo": None,
            "locale_id": 1176 if person.language == "en" else 8,
            "locale": "en-GB" if person.language == "en" else "de",
            "organization_id": person.organization_id,
            "role": person.role,
            "verified": True,
            "external_id": None,
            "tags": list(person.tags),
            "alias": "",
            "active": True,
            "shared": False,
            "shared_agent": False,
            "last_login_at": None,
            "two_factor_auth_enabled": None,
            "signature": person.signature or None,
            "details": "",
            "notes": person.notes,
            "role_type": 4 if person.role == "admin" else None,
            "custom_role_id": None,
            "moderator": person.is_staff,
            "ticket_restriction": None if person.is_staff else "requested",
            "only_private_comments": False,
            "restricted_agent": not person.is_staff,
            "suspended": False,
            "default_group_id": None,
            "report_csv": False,
            "user_fields": self._user_fields(person),
        }

    def _user_fields(self, person: Person) -> dict[str, Any]:
        if person.is_staff:
            return {"plan": None, "plan_renewal": None, "orders": None}
        return {
            "plan": person.plan or None,
            "plan_renewal": maybe_iso(person.renewal_at),
            "orders": order_lines(person) or None,
        }

    def organization(self, organization: Organization) -> dict[str, Any]:
        return {
            "url": self._url(f"organizations/{organization.id}"),
            "id": organization.id,
            "name": organization.name,
            "shared_tickets": False,
            "shared_comments": False,
            "external_id": None,
            "created_at": iso(organization.created_at),
            "updated_at": iso(organization.created_at),
            "domain_names": [],
            "details": None,
            "notes": None,
            "group_id": None,
            "tags": [],
            "organization_fields": {
                "tier": organization.tier or None,
                "health": organization.health or None,
                "renewal_date": maybe_iso(organization.renewal_at),
            },
        }

    def group(self, group: Group) -> dict[str, Any]:
        return {
            "url": self._url(f"groups/{group.id}"),
            "id": group.id,
            "is_public": True,
            "name": group.name,
            "description": "",
            "default": group.name == "Customer care",
            "deleted": False,
        }

    def metric(self, ticket: Ticket) -> dict[str, Any]:
        people = self._world.people
        agents = [one for one in ticket.comments if one.public and people[one.author_id].is_staff]
        customers = [one for one in ticket.comments if not people[one.author_id].is_staff]
        first = _minutes(ticket.created_at, agents[0].created_at) if agents else None
        solved = _minutes(ticket.created_at, ticket.solved_at) if ticket.solved_at else None
        metric_id = object_id("metric", ticket.key)
        return {
            "url": self._url(f"ticket_metrics/{metric_id}"),
            "id": metric_id,
            "ticket_id": ticket.number,
            "created_at": iso(ticket.created_at),
            "updated_at": iso(ticket.updated_at),
            "group_stations": 1,
            "assignee_stations": 1 if ticket.assignee_id else 0,
            "reopens": ticket.reopens,
            "replies": len(agents),
            "assignee_updated_at": iso(agents[-1].created_at) if agents else None,
            "requester_updated_at": iso((customers or ticket.comments)[-1].created_at),
            "status_updated_at": iso(ticket.updated_at),
            "initially_assigned_at": iso(ticket.created_at) if ticket.assignee_id else None,
            "assigned_at": iso(ticket.created_at) if ticket.assignee_id else None,
            "solved_at": maybe_iso(ticket.solved_at),
            "latest_comment_added_at": iso(ticket.comments[-1].created_at),
            "reply_time_in_minutes": {"calendar": first, "business": first},
            "first_resolution_time_in_minutes": {"calendar": solved, "business": solved},
            "full_resolution_time_in_minutes": {"calendar": solved, "business": solved},
            "agent_wait_time_in_minutes": {"calendar": None, "business": None},
            "requester_wait_time_in_minutes": {"calendar": None, "business": None},
            "on_hold_time_in_minutes": {"calendar": 0, "business": 0},
            "custom_status_updated_at": iso(ticket.updated_at),
        }

    def slas(self, ticket: Ticket) -> dict[str, Any]:
        """Return what was promised: a first reply, and after it an end, both paused while the customer is awaited."""
        people = self._world.people
        answered = any(one.public and people[one.author_id].is_staff for one in ticket.comments)
        is_over = ticket.status in ("solved", "closed")
        first, last = ticket.created_at + _FIRST_REPLY, ticket.created_at + _RESOLUTION
        running = "paused" if ticket.status in ("pending", "hold") else "active"
        return {
            "policy_metrics": [
                {"breach_at": iso(first), "stage": "achieved" if answered else running, "metric": "first_reply_time"},
                {
                    "breach_at": None if running == "paused" else iso(last),
                    "stage": "achieved" if is_over else running,
                    "metric": "requester_wait_time",
                },
            ]
        }

    def last_audit(self, ticket: Ticket) -> dict[str, Any]:
        last = ticket.comments[-1]
        event = {"id": last.id + 2, "type": "Comment", "public": last.public, "body": comment_text(last)}
        return {
            "id": last.id + 1,
            "ticket_id": ticket.number,
            "created_at": iso(last.created_at),
            "author_id": self._author_id(last.author_id),
            "metadata": {"system": {}, "custom": {}},
            "events": [event],
        }

    def macro(self, macro: Macro) -> dict[str, Any]:
        actions: list[dict[str, Any]] = [{"field": "comment_value", "value": macro.body}]
        if macro.tags:
            actions.append({"field": "current_tags", "value": " ".join(macro.tags)})
        return {
            "url": self._url(f"macros/{macro.id}"),
            "id": macro.id,
            "title": macro.title,
            "active": True,
            "updated_at": iso(macro.updated_at),
            "created_at": iso(macro.updated_at),
            "default": False,
            "position": 9999,
            "description": None,
            "actions": actions,
            "restriction": None,
            "raw_title": macro.title,
            "usage_7d": macro.uses_7d,
        }


def _minutes(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() / 60)
