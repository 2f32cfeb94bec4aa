"""All signals of a ticket at once, as alerts for the panel: strongest first, each kind and rule at most once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assist.context import Context, split_turns
from assist.domain import Alert, AlertKind, Band, ChurnSignal, Evidence, Mood, OpenTicket, Trigger
from assist.signals import churn, mood, urgency
from assist.signals.triggers import fired

MAX_EVIDENCE = 4
WISH_FOR_HUMAN = "wish-for-human"
"""The rule of the shipped trigger file for the wish that `urgency` also sees; shown once."""

_CHURN_ADVICE = {
    Band.RAISED: "Answer personally. Find out what would make them stay before explaining how to leave.",
    Band.HIGH: (
        "Answer personally and soon. Solve what is open first, then offer what you may: a pause, a smaller plan, "
        "a goodwill credit."
    ),
}
_ANGER_ADVICE = (
    "Acknowledge what went wrong in the first sentence, say what happens next and by when. No stock phrases."
)
_URGENCY_ADVICE = "Answer the question about time first, and say what can be done before their deadline."
_HUMAN_ADVICE = "Say who you are in the first line, and answer without links to more automation."
_ORDER = {
    AlertKind.STALE: 0,
    AlertKind.ESCALATION: 1,
    AlertKind.CHURN: 2,
    AlertKind.ANGER: 3,
    AlertKind.URGENCY: 4,
}


@dataclass(frozen=True, slots=True)
class Signals:
    """What an agent should know before answering. ``moods`` are those of the customer's messages, oldest first."""

    churn: ChurnSignal
    mood: Mood
    moods: tuple[Mood, ...]
    alerts: tuple[Alert, ...]


def alerts(context: Context, opened: OpenTicket, triggers: Iterable[Trigger], *, now: datetime) -> Signals:
    """Return the signals of ``opened``. HIGH alerts come before RAISED ones; among equals escalations lead."""
    risk = churn.assess(context, opened, now=now)
    feelings = mood.feelings(context)
    moods = tuple(feeling.mood for feeling in feelings)
    found = [*fired(context, triggers), *_churn(risk), *_pressure(context)]
    if mood.current(moods) is Mood.ANGRY:
        found.append(_anger(context, feelings[-1].loudest))
    return Signals(risk, mood.current(moods), moods, _ordered(found))


def _churn(risk: ChurnSignal) -> Iterator[Alert]:
    if risk.band in _CHURN_ADVICE:
        title = "This customer is about to leave" if risk.band is Band.HIGH else "Signs that this customer may leave"
        yield Alert(AlertKind.CHURN, title, _CHURN_ADVICE[risk.band], risk.evidence[:MAX_EVIDENCE], band=risk.band)


def _anger(context: Context, loudest: tuple[Evidence, ...]) -> Alert:
    latest, _ = split_turns(context.turns)
    evidence = loudest or tuple(Evidence(turn.text[:280], "sounds angry", turn.message_id) for turn in latest[-1:])
    return Alert(AlertKind.ANGER, "This customer is angry", _ANGER_ADVICE, evidence)


def _pressure(context: Context) -> Iterator[Alert]:
    pressure = urgency.assess(context)
    if pressure.urgent:
        yield Alert(AlertKind.URGENCY, "Time is short", _URGENCY_ADVICE, pressure.evidence[:MAX_EVIDENCE])
    if pressure.wants_human:
        yield Alert(AlertKind.ESCALATION, "Wants a person", _HUMAN_ADVICE, pressure.wants_human, rule=WISH_FOR_HUMAN)


def _ordered(found: Iterable[Alert]) -> tuple[Alert, ...]:
    once: dict[tuple[AlertKind, str], Alert] = {}
    for alert in found:
        once.setdefault((alert.kind, alert.rule), alert)
    return tuple(sorted(once.values(), key=lambda alert: (alert.band is not Band.HIGH, _ORDER[alert.kind], alert.rule)))
