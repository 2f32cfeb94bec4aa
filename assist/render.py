"""A macro's placeholders, filled for this ticket; what cannot be known stays open as a ``[slot]``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assist.domain import Agent, OpenTicket, Organization, SlaMetric, Ticket
from assist.text.courtesy import first_name
from assist.text.html import tidy

_PLACEHOLDER = re.compile(r"\{\{\s*([^\s{}|][^{}|]*?)\s*(?:\|[^{}]*)?\}\}")
_LIQUID_BLOCK = re.compile(r"\{%.*?%\}", re.DOTALL)


def placeholder_values(opened: OpenTicket, agent: Agent) -> Mapping[str, str]:
    """Return the values of the placeholders that both helpdesks' agents use, by their names in either helpdesk.

    Times are in UTC and say so: the account's own clock and way of writing dates are not known.
    """
    ticket, customer = opened.ticket, opened.customer
    name = customer.name if customer else ""
    facts = customer.facts if customer else {}
    return {
        **{f"ticket.requester.{prefix}{_key(label)}": fact for label, fact in facts.items() for prefix in ("", "cf_")},
        **{f"ticket.cf_{_key(label)}": shown for label, shown in ticket.fields.items()},
        **_of_ticket(ticket),
        **_of_company(customer.organization if customer else None),
        "ticket.description": opened.messages[0].text if opened.messages and not opened.truncated else "",
        "ticket.latest_public_comment": next((one.text for one in reversed(opened.messages) if one.public), ""),
        **_of_person("ticket.requester", name, customer.email if customer else ""),
        "ticket.from_email": customer.email if customer else "",
        "ticket.requester.phone": customer.phone if customer else "",
        "ticket.requester.mobile": customer.phone if customer else "",
        "ticket.requester.language": customer.language if customer else "",
        **_of_person("ticket.agent", agent.name, agent.email),
        **_of_person("ticket.assignee", agent.name, agent.email),
        **_of_person("current_user", agent.name, agent.email),
        **_of_person("agent", agent.name, agent.email),
    }


def _of_ticket(ticket: Ticket) -> dict[str, str]:
    due = next((one.due_at for one in ticket.sla if one.metric is SlaMetric.RESOLUTION and one.due_at), None)
    return {
        "ticket.id": str(ticket.ref.id),
        "ticket.title": ticket.subject,
        "ticket.link": ticket.url,
        "ticket.subject": ticket.subject,
        "ticket.url": ticket.url,
        "ticket.priority": ticket.priority,
        "ticket.status": ticket.status_name or ticket.status.value,
        "ticket.brand.name": ticket.brand,
        "ticket.group.name": ticket.group,
        "ticket.portal_name": ticket.brand,
        "ticket.tags": ", ".join(ticket.tags),
        "ticket.source": ticket.channel.value,
        "ticket.ticket_type": ticket.fields.get("Type", ""),
        "ticket.due_by_time": f"{due:%Y-%m-%d %H:%M} UTC" if due else "",
    }


def _of_company(organization: Organization | None) -> dict[str, str]:
    name = organization.name if organization else ""
    renewal_at = organization.renewal_at if organization else None
    return {
        "ticket.organization.name": name,
        "ticket.requester.organization.name": name,
        "ticket.requester.company_name": name,
        "ticket.company.name": name,
        "ticket.company.account_tier": organization.tier if organization else "",
        "ticket.company.health_score": organization.health if organization else "",
        "ticket.company.renewal_date": f"{renewal_at:%Y-%m-%d}" if renewal_at else "",
    }


def _of_person(who: str, name: str, email: str) -> dict[str, str]:
    """Zendesk writes ``first_name``, Freshdesk ``firstname``; the helpdesk adds the signature to what is sent."""
    first = first_name(name)
    last = name.removeprefix(first).strip()
    return {
        f"{who}.name": name,
        f"{who}.first_name": first,
        f"{who}.firstname": first,
        f"{who}.last_name": last,
        f"{who}.lastname": last,
        f"{who}.email": email,
        f"{who}.signature": "",
    }


def render(body: str, values: Mapping[str, str]) -> str:
    """Fill placeholders; an unknown or empty one becomes ``[its name]``, a signature simply goes."""

    def value(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name.endswith(".signature"):
            return ""
        return values.get(name) or f"[{_slot(name)}]"

    return tidy(_PLACEHOLDER.sub(value, _LIQUID_BLOCK.sub("", body)))


def _slot(name: str) -> str:
    """Return the last part of a placeholder's name as words."""
    words = re.sub(r"\W+|_", " ", name.rsplit(".", 1)[-1]).strip()
    return words if len(words) > 1 else "placeholder"


def _key(label: str) -> str:
    """Return a field's label as Freshdesk makes a name of it: ``Order number`` becomes ``order_number``."""
    return re.sub(r"\W+", "_", label.lower()).strip("_")
