"""From Zendesk's smaller words to the domain's: fields, targets, numbers, ratings, merges. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from assist.domain import Csat, SlaMetric, SlaTarget, TicketMetrics, TicketStatus
from integrations.reading import text, texts
from integrations.zendesk import parts, raw

STATUS = {
    "new": TicketStatus.NEW,
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.PENDING,
    "hold": TicketStatus.HOLD,
    "solved": TicketStatus.SOLVED,
    "closed": TicketStatus.CLOSED,
}
CSAT = {"good": Csat.GOOD, "bad": Csat.BAD, "offered": Csat.OFFERED}

MERGED_TAG = "closed_by_merge"
"""Zendesk tags the ticket that was closed."""
_MERGED_INTO = re.compile(r"merged into (?:request|ticket) #(\d{1,18})\b", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"#(\d{1,18})\b", re.ASCII)

_SHOWN_FIELDS = frozenset(
    {"text", "textarea", "integer", "decimal", "date", "checkbox", "regexp", "tagger", "multiselect"}
)
"""Not ``partialcreditcard``, nor a type that is not known yet: it may be a secret. ``lookup`` is only an id."""
_SLA = {
    "first_reply_time": SlaMetric.FIRST_RESPONSE,
    "next_reply_time": SlaMetric.NEXT_RESPONSE,
    "periodic_update_time": SlaMetric.NEXT_RESPONSE,
    "pausable_update_time": SlaMetric.NEXT_RESPONSE,
    "requester_wait_time": SlaMetric.RESOLUTION,
    "agent_work_time": SlaMetric.RESOLUTION,
    "total_resolution_time": SlaMetric.RESOLUTION,
}
MESSAGING, SIDE, CALLS = "messaging conversation", "side conversation", "call recordings"


def shown_fields(held: Mapping[int, Any], definitions: Mapping[int, parts.RawField]) -> dict[str, str]:
    """Return label to value of fields that an agent reads; without its definition a field is not shown."""
    found: dict[str, list[str]] = {}
    for id_, value in held.items():
        known = definitions.get(id_)
        if known is not None and known.active and known.type in _SHOWN_FIELDS and known.title:
            shown = _shown(value, known)
            if shown:
                found.setdefault(known.title, []).append(shown)
    return {label: "; ".join(values) for label, values in found.items()}


def _shown(value: Any, known: parts.RawField) -> str:
    """Return the options' names for their tags, ``::`` between the levels of a nested one; a ticked box says yes."""
    if isinstance(value, bool):
        return "yes" if value else ""
    tags = texts(value) if isinstance(value, list) else (text(value).strip(),)
    return ", ".join(known.options.get(tag, "") or tag for tag in tags if tag)


def targets(found: Iterable[parts.RawTarget], now: datetime) -> tuple[SlaTarget, ...]:
    """Map what is still to be kept, the next first; what was achieved is over."""
    mapped = [
        SlaTarget(
            metric=_SLA.get(one.metric, SlaMetric.OTHER),
            due_at=None if one.stage == "paused" else one.breach_at,
            breached=one.stage != "paused" and one.breach_at is not None and one.breach_at <= now,
        )
        for one in found
        if one.stage not in ("achieved", "fulfilled")
    ]
    return tuple(sorted(mapped, key=lambda one: (one.due_at is None, one.due_at or now)))


def metrics(found: parts.RawMetrics | None) -> TicketMetrics | None:
    if found is None:
        return None
    return TicketMetrics(found.first_reply_min, found.resolution_min, found.wait_min, found.replies)


def rating(found: Iterable[parts.RawSurvey], ticket_id: int) -> tuple[Csat | None, str]:
    """Return what the newest survey about a ticket says. Neither good nor bad is no rating here."""
    about = [one for one in found if ticket_id in one.ticket_ids]
    newest = max(about, key=lambda one: (one.at is not None, one.at and one.at.timestamp()), default=None)
    return (CSAT.get(newest.category), newest.comment) if newest is not None else (None, "")


def merged_into(found: raw.RawTicket, last_said: str, *, by_staff: bool) -> int | None:
    """Tell into which ticket a closed one was merged, from the comment that the merge left behind.

    With Zendesk's tag it is sure that there was a merge, in any language, and the first number of the comment is
    taken, which an agent may have edited away: then None. Without the tag only Zendesk's own English sentence
    counts, and only of an agent, because a customer can write it too.
    """
    if found.status != "closed":
        return None
    tagged = MERGED_TAG in found.tags
    match = _MERGED_INTO.search(last_said) if tagged or by_staff else None
    match = match or (_NUMBER.search(last_said) if tagged else None)
    target = int(match[1]) if match else None
    return target if target != found.id else None


def left_out(found: raw.RawTicket, comments: Iterable[raw.RawComment], *, unreadable: int) -> tuple[str, ...]:
    """Name what a ticket holds and is not read, as far as that shows without another request.

    Whether agents hold side conversations beside a ticket would cost one, so only a ticket that was itself made
    from one is told.
    """
    named = {
        MESSAGING: found.is_messaging,
        SIDE: found.channel == "side_conversation",
        CALLS: any(one.is_call for one in comments),
        f"{unreadable} unreadable messages": unreadable > 0,
    }
    return tuple(name for name, is_there in named.items() if is_there)
