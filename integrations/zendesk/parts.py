"""Smaller words of Zendesk as typed values: numbers, targets, fields, brands, surveys. Nothing raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.reading import flag, mapping, moment, objects, text, texts, whole


@dataclass(frozen=True, slots=True)
class RawMetrics:
    """A metric set. Minutes of the calendar; None where Zendesk does not tell."""

    reopens: int | None
    replies: int | None
    first_reply_min: int | None
    resolution_min: int | None
    wait_min: int | None


@dataclass(frozen=True, slots=True)
class RawTarget:
    """One metric of an SLA policy on a ticket. ``stage`` is ``active``, ``paused``, ``achieved`` or a new word."""

    metric: str
    stage: str
    breach_at: datetime | None


@dataclass(frozen=True, slots=True)
class RawField:
    """What a ticket field is called, and its options' names by the tag that a ticket holds."""

    id: int
    title: str
    type: str
    options: Mapping[str, str]
    active: bool


@dataclass(frozen=True, slots=True)
class RawBrand:
    id: int
    name: str
    url: str
    subdomain: str


@dataclass(frozen=True, slots=True)
class RawSurvey:
    """One answered survey. ``category`` is ``good``, ``neutral``, ``bad`` or empty."""

    ticket_ids: tuple[int, ...]
    category: str
    comment: str = field(repr=False)
    at: datetime | None


def metrics(raw: Mapping[str, Any]) -> RawMetrics | None:
    """Return a metric set; None without a ticket, which is how a missing one looks."""
    if whole(raw.get("ticket_id")) is None:
        return None
    return RawMetrics(
        reopens=_count(raw.get("reopens")),
        replies=_count(raw.get("replies")),
        first_reply_min=_minutes(raw.get("reply_time_in_minutes")),
        resolution_min=_minutes(raw.get("full_resolution_time_in_minutes")),
        wait_min=_minutes(raw.get("requester_wait_time_in_minutes")),
    )


def metric_sets(value: Any) -> dict[int, RawMetrics]:
    """Return sideloaded metric sets by ticket id."""
    found = {}
    for raw in objects(value):
        ticket_id, one = whole(raw.get("ticket_id")), metrics(raw)
        if ticket_id is not None and one is not None:
            found[ticket_id] = one
    return found


def _count(value: Any) -> int | None:
    found = whole(value)
    return None if found is None else max(0, found)


def _minutes(value: Any) -> int | None:
    return _count(mapping(value).get("calendar"))


def targets(value: Any) -> tuple[RawTarget, ...]:
    """Return the SLA targets that were sideloaded into a ticket."""
    return tuple(
        RawTarget(text(raw.get("metric")), text(raw.get("stage")), moment(raw.get("breach_at")))
        for raw in objects(mapping(value).get("policy_metrics"))
    )


def fields(value: Any) -> dict[int, RawField]:
    """Return definitions of ticket fields by id."""
    found = {}
    for raw in objects(value):
        if (id_ := whole(raw.get("id"))) is not None:
            options = {
                text(one.get("value")): text(one.get("name")) for one in objects(raw.get("custom_field_options"))
            }
            title = text(raw.get("title")) or text(raw.get("raw_title"))
            active = flag(raw.get("active"), default=True)
            found[id_] = RawField(id_, title, text(raw.get("type")), options, active)
    return found


def brands(value: Any) -> dict[int, RawBrand]:
    """Return brands by id."""
    return {
        id_: RawBrand(id_, text(raw.get("name")), text(raw.get("brand_url")), text(raw.get("subdomain")))
        for raw in objects(value)
        if (id_ := whole(raw.get("id"))) is not None
    }


def surveys(value: Any) -> tuple[RawSurvey, ...]:
    """Return survey responses in which something was rated; skipped ones are none."""
    found = (_survey(raw) for raw in objects(value))
    return tuple(one for one in found if one.ticket_ids and one.category)


def _survey(raw: Mapping[str, Any]) -> RawSurvey:
    answers = objects(raw.get("answers"))
    about = (text(one.get("zrn")) for one in objects(raw.get("subjects")))
    names = dict.fromkeys((*about, *texts(raw.get("subject_zrns"))))
    ids = (whole(name.rpartition(":")[2]) for name in names if name.startswith("zen:ticket:"))
    times = (at for one in answers if (at := moment(one.get("updated_at")) or moment(one.get("created_at"))))
    return RawSurvey(
        ticket_ids=tuple(id_ for id_ in ids if id_ is not None),
        category=next((word for one in answers if (word := text(one.get("rating_category")))), ""),
        comment=next(
            (said for one in answers if text(one.get("type")) == "open_ended" and (said := text(one.get("value")))), ""
        ),
        at=max(times, default=None),
    )


def channel_text(value: Any) -> str:
    """Return the text of ``"text"``, ``["channel:all", "text"]`` or ``[["channel:all", "text"], …]``."""
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, list):
        return ""
    if value and all(isinstance(one, list) for one in value):
        return next((found for one in value if (found := channel_text(one))), "")
    return next((found for item in reversed(value) if (found := text(item))), "") if len(value) > 1 else ""
