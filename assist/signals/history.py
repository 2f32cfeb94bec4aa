"""What the helpdesk knows of a customer who may leave: facts with a weight each, added up; told with every alarm.

The weights are priors set by hand, in the unit of the churn score (0.4 raises an alarm, 0.8 a high one); nothing of
them is learned, because no public data joins a helpdesk's history with who left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from assist.context import Context
from assist.domain import Csat, OpenTicket, TicketStatus

FREQUENT_30_DAYS = (3, 0.1)
VERY_FREQUENT_30_DAYS = (5, 0.15)
FREQUENT_90_DAYS = (6, 0.1)
REOPENED = 0.1
BAD_CSAT = 0.1
WAITING = (timedelta(days=2), 0.1)
WAITING_LONG = (timedelta(days=4), 0.15)
AT_RISK = 0.2
RENEWAL_SOON = (timedelta(days=45), 0.1)
_UNHEALTHY = ("at risk", "poor", "red", "churn", "critical", "gefährdet")
UNRESOLVED = (timedelta(days=14), 0.1)
LEAVING_PLAN = 0.15
ORDER_GAP = (timedelta(days=180), 0.1)
_FINISHED = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})
_PLAN_FIELDS = frozenset(
    {"plan", "tariff", "subscription", "membership", "tarif", "abo", "abonnement", "plano", "suscripción"}
)
_ENDING_PLANS = ("cancel", "trial", "expir", "ending", "not renew", "gekündigt", "endet", "résili", "baja")
_LAST_ORDER_FIELDS = frozenset({"last order", "last order date", "last order at", "last purchase", "letzte bestellung"})


def facts(context: Context, opened: OpenTicket, now: datetime) -> Iterator[tuple[float, str]]:
    """Yield (weight, what is known) for each fact that speaks for leaving; what is unknown says nothing."""
    yield from _contacts(opened, now)
    yield from _trouble(opened)
    yield from _wait(context, now)
    yield from _unresolved(opened, now)
    yield from _organization(opened, now)
    yield from _fields(opened, now)


def _contacts(opened: OpenTicket, now: datetime) -> Iterator[tuple[float, str]]:
    """Count this ticket too: the third contact is the one in front of the agent."""
    created = [opened.ticket.created_at, *(t.created_at for t in opened.history if t.ref != opened.ticket.ref)]
    in_30 = sum(timedelta(0) <= now - at <= timedelta(days=30) for at in created)
    in_90 = sum(timedelta(0) <= now - at <= timedelta(days=90) for at in created)
    if in_30 >= VERY_FREQUENT_30_DAYS[0]:
        yield VERY_FREQUENT_30_DAYS[1], f"{in_30} contacts in 30 days"
    elif in_30 >= FREQUENT_30_DAYS[0]:
        yield FREQUENT_30_DAYS[1], f"{in_30} contacts in 30 days"
    elif in_90 >= FREQUENT_90_DAYS[0]:
        yield FREQUENT_90_DAYS[1], f"{in_90} contacts in 90 days"


def _trouble(opened: OpenTicket) -> Iterator[tuple[float, str]]:
    if opened.ticket.reopens:
        yield REOPENED, f"this ticket was reopened {_times(opened.ticket.reopens)}"
    recent = [ticket for ticket in opened.history if ticket.ref != opened.ticket.ref][:6]
    bad = sum(ticket.csat is Csat.BAD for ticket in (opened.ticket, *recent))
    if bad:
        yield BAD_CSAT * min(bad, 2), f"rated support as bad {_times(bad)} lately"


def _wait(context: Context, now: datetime) -> Iterator[tuple[float, str]]:
    if context.waiting_since is None:
        return
    waited = now - context.waiting_since
    for least, weight in (WAITING_LONG, WAITING):
        if waited >= least:
            yield weight, f"has been waiting for an answer for {waited.days} days"
            return


def _organization(opened: OpenTicket, now: datetime) -> Iterator[tuple[float, str]]:
    organization = opened.customer.organization if opened.customer else None
    if organization is None:
        return
    if organization.health.strip().lower() in _UNHEALTHY:
        yield AT_RISK, f"{organization.name} is marked “{organization.health}”"
    if organization.renewal_at is not None and timedelta(0) <= organization.renewal_at - now <= RENEWAL_SOON[0]:
        yield RENEWAL_SOON[1], f"{organization.name} renews in {(organization.renewal_at - now).days} days"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _unresolved(opened: OpenTicket, now: datetime) -> Iterator[tuple[float, str]]:
    age = now - opened.ticket.created_at
    if opened.ticket.status not in _FINISHED and age >= UNRESOLVED[0]:
        yield UNRESOLVED[1], f"this ticket is unresolved after {age.days} days"


def _fields(opened: OpenTicket, now: datetime) -> Iterator[tuple[float, str]]:
    """Read the customer's fields of the helpdesk by their usual names."""
    known: Mapping[str, str] = opened.customer.facts if opened.customer else {}
    for label, value in known.items():
        name = label.strip().lower().replace("_", " ")
        if name in _PLAN_FIELDS and any(word in value.lower() for word in _ENDING_PLANS):
            yield LEAVING_PLAN, f"{label}: {value}"
        elif name in _LAST_ORDER_FIELDS and (at := _moment(value, now)) is not None and now - at >= ORDER_GAP[0]:
            yield ORDER_GAP[1], f"last ordered {(now - at).days} days ago"


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=now.tzinfo)
