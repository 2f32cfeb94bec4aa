"""A macro's placeholders, filled for this ticket; what cannot be known stays open as a ``[slot]``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assist.domain import Agent, OpenTicket
from assist.text.courtesy import first_name
from assist.text.html import tidy

_PLACEHOLDER = re.compile(r"\{\{\s*([^\s{}|][^{}|]*?)\s*(?:\|[^{}]*)?\}\}")
_LIQUID_BLOCK = re.compile(r"\{%.*?%\}", re.DOTALL)


def placeholder_values(opened: OpenTicket, agent: Agent) -> Mapping[str, str]:
    """Return the values of the placeholders that both helpdesks' agents use, by their names in either helpdesk."""
    ticket, customer = opened.ticket, opened.customer
    name = customer.name if customer else ""
    organization = customer.organization if customer else None
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
        **_of_person("ticket.requester", name, customer.email if customer else ""),
        "ticket.requester.phone": customer.phone if customer else "",
        "ticket.organization.name": organization.name if organization else "",
        "ticket.requester.organization.name": organization.name if organization else "",
        "ticket.requester.company_name": organization.name if organization else "",
        "ticket.company.name": organization.name if organization else "",
        **_of_person("ticket.agent", agent.name, agent.email),
        **_of_person("ticket.assignee", agent.name, agent.email),
        **_of_person("current_user", agent.name, agent.email),
        **_of_person("agent", agent.name, agent.email),
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
