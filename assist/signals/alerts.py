"""All signals of a ticket at once, as alerts for the panel: strongest first, each kind and rule at most once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assist.context import Context, split_turns
from assist.domain import Alert, AlertKind, Band, ChurnSignal, Evidence, Mood, OpenTicket, Trend, Trigger
from assist.ports import Encoder
from assist.signals import churn, mood, urgency
from assist.signals.advice import ChurnRules, default_rules
from assist.signals.triggers import fired

MAX_EVIDENCE = 4
WISH_FOR_HUMAN = "wish-for-human"
"""The rule of the shipped trigger file for the wish that `urgency` also sees; shown once."""

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
    trend: Trend = Trend.UNKNOWN


def alerts(
    context: Context,
    opened: OpenTicket,
    triggers: Iterable[Trigger],
    *,
    now: datetime,
    rules: ChurnRules | None = None,
) -> Signals:
    """Return the signals of ``opened``. HIGH alerts come before RAISED ones; among equals escalations lead.

    ``rules`` are the admin's words and advice about leaving; the shipped ones when None.
    """
    rules = rules or default_rules()
    risk = churn.assess(context, opened, now=now, cues=rules.cues)
    feelings = mood.feelings(context)
    moods = tuple(feeling.mood for feeling in feelings)
    found = [*fired(context, triggers), *_churn(risk, rules), *_pressure(context)]
    found.extend(_anger(context, feelings))
    return Signals(risk, mood.current(moods), moods, _ordered(found), mood.trend(moods))


def read_closely(signals: Signals, context: Context, encoder: Encoder) -> Signals:
    """Return ``signals`` with the newest messages judged by meaning too: mood, urgency, the wish for a person.

    Nothing that was seen by words is taken back but anger. Costs 5 to 15 ms a message.
    """
    feelings = mood.feelings(context, encoder=encoder)
    moods = tuple(feeling.mood for feeling in feelings)
    others = [alert for alert in signals.alerts if alert.kind is not AlertKind.ANGER]
    found = _ordered([*others, *_pressure(context, encoder), *_anger(context, feelings)])
    return replace(signals, mood=mood.current(moods), moods=moods, alerts=found, trend=mood.trend(moods))


def _churn(risk: ChurnSignal, rules: ChurnRules) -> Iterator[Alert]:
    if risk.band in (Band.RAISED, Band.HIGH):
        title = "This customer is about to leave" if risk.band is Band.HIGH else "Signs that this customer may leave"
        yield Alert(AlertKind.CHURN, title, rules.advise(risk), risk.evidence[:MAX_EVIDENCE], band=risk.band)


def _anger(context: Context, feelings: Sequence[mood.Feeling]) -> Iterator[Alert]:
    moods = [feeling.mood for feeling in feelings]
    if mood.current(moods) is not Mood.ANGRY:
        return
    latest, _ = split_turns(context.turns)
    newest = tuple(Evidence(turn.text[:280], "sounds angry", turn.message_id) for turn in latest[-1:])
    evidence = feelings[-1].loudest or newest
    if mood.turned_angry(moods):
        evidence = (*evidence, Evidence("", "was calm until this message"))
    yield Alert(AlertKind.ANGER, "This customer is angry", _ANGER_ADVICE, evidence)


def _pressure(context: Context, encoder: Encoder | None = None) -> Iterator[Alert]:
    pressure = urgency.assess(context, encoder=encoder)
    if pressure.urgent:
        yield Alert(AlertKind.URGENCY, "Time is short", _URGENCY_ADVICE, pressure.evidence[:MAX_EVIDENCE])
    if pressure.wants_human:
        yield Alert(AlertKind.ESCALATION, "Wants a person", _HUMAN_ADVICE, pressure.wants_human, rule=WISH_FOR_HUMAN)


def _ordered(found: Iterable[Alert]) -> tuple[Alert, ...]:
    once: dict[tuple[AlertKind, str], Alert] = {}
    for alert in found:
        once.setdefault((alert.kind, alert.rule), alert)
    return tuple(sorted(once.values(), key=lambda alert: (alert.band is not Band.HIGH, _ORDER[alert.kind], alert.rule)))
