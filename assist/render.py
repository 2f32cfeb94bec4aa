"""A macro's placeholders, filled for this ticket; what cannot be known stays open as a ``[slot]``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assist.domain import Agent, OpenTicket
from assist.text.courtesy import first_name
from assist.text.html import tidy

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*(?:\|[^{}]*)?\}\}")
_LIQUID_BLOCK = re.compile(r"\{%.*?%\}", re.DOTALL)


def placeholder_values(opened: OpenTicket, agent: Agent) -> Mapping[str, str]:
    """Return the values of the placeholders that both helpdesks' agents use, by their names in either helpdesk."""
    ticket, customer = opened.ticket, opened.customer
    name = customer.name if customer else ""
    first = first_name(name)
    return {
        "ticket.id": str(ticket.ref.id),
        "ticket.title": ticket.subject,
        "ticket.subject": ticket.subject,
        "ticket.url": ticket.url,
        "ticket.status": ticket.status_name or ticket.status.value,
        "ticket.brand.name": ticket.brand,
        "ticket.group.name": ticket.group,
        "ticket.requester.name": name,
        "ticket.requester.first_name": first,
        "ticket.requester.firstname": first,
        "ticket.requester.last_name": name.removeprefix(first).strip(),
        "ticket.requester.lastname": name.removeprefix(first).strip(),
        "ticket.requester.email": customer.email if customer else "",
        "ticket.agent.name": agent.name,
        "ticket.agent.email": agent.email,
        "ticket.assignee.name": agent.name,
        "ticket.assignee.first_name": first_name(agent.name),
        "current_user.name": agent.name,
        "current_user.first_name": first_name(agent.name),
        "agent.name": agent.name,
        "agent.first_name": first_name(agent.name),
        "agent.email": agent.email,
        # The helpdesk adds the agent's signature to what is sent.
        "agent.signature": "",
        "current_user.signature": "",
        "ticket.agent.signature": "",
    }


def render(body: str, values: Mapping[str, str]) -> str:
    """Fill placeholders; an unknown or empty one becomes ``[its name]``, a signature simply goes."""

    def value(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name.endswith(".signature"):
            return ""
        return values.get(name) or f"[{name.split('.')[-1].replace('_', ' ')}]"

    return tidy(_PLACEHOLDER.sub(value, _LIQUID_BLOCK.sub("", body)))
