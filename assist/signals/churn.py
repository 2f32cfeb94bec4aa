"""How likely this customer is to leave: from their own words and from their history. Additive, and every part quoted.

Words are looked for sentence by sentence, because who leaves whom is said in one: "I'm switching from Nordvik to you"
is no reason to worry. The phrases and their weights are data (``resources/churn.toml``); the weights of the history
and the thresholds are here. Nothing is learned yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from assist.context import Context, Turn, split_turns
from assist.domain import Band, ChurnSignal, Csat, Evidence, OpenTicket, Role
from assist.signals.cues import Cues, Hit, default_cues, hits
from assist.signals.phrases import Sentence, newest, sentence, spoken

RAISED = 0.4
HIGH = 0.8
HISTORY_CAP = 0.35
"""History strengthens what a customer says, but raises no alarm alone: too many who had trouble stay."""
HOW_TO = 0.8
"""A plain question how to leave weighs less than saying so, and is never HIGH."""
THREAT = 0.6
"""A condition ("if this isn't fixed …") makes leaving a threat, not a decision."""
EARLIER = 0.6
"""Words from before the agent's last reply count less; what was offered since may have changed them."""
QUIET_PARTS = 2
"""So many different small preparations to leave (card removed, data exported …) make a signal together."""

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


@dataclass(frozen=True, slots=True)
class _Part:
    """``firm`` says that the customer speaks of leaving, and does not merely ask how."""

    weight: float
    evidence: Evidence
    firm: bool = False


def assess(context: Context, opened: OpenTicket, *, now: datetime, cues: Cues | None = None) -> ChurnSignal:
    """Return the band with its evidence, heaviest first, words before history on a tie.

    Only public words of customers count, quoted mail already cut. ``cues`` replaces the shipped phrases.
    """
    words = _from_words(context, cues or default_cues("churn"))
    past = _from_history(context, opened, now)
    if not words and not past and not context.customer_turns and not opened.history:
        return ChurnSignal(Band.UNKNOWN, ())
    score = sum(part.weight for part in words) + min(HISTORY_CAP, sum(part.weight for part in past))
    parts = sorted((*words, *past), key=lambda part: -part.weight)
    firm = any(part.firm for part in words)
    return ChurnSignal(_band(score, firm=firm), tuple(part.evidence for part in parts))


def _band(score: float, *, firm: bool) -> Band:
    """HIGH takes somebody who speaks of leaving; small signs and questions only raise."""
    rounded = round(score, 6)  # sums such as 0.1 + 0.3 must not miss a threshold by a hair
    if rounded >= HIGH and firm:
        return Band.HIGH
    return Band.RAISED if rounded >= RAISED else Band.LOW


def _from_words(context: Context, cues: Cues) -> list[_Part]:
    latest, earlier = split_turns(context.turns)
    now_said = list(_sentences(newest(latest)))
    before = list(_sentences(newest(earlier[-6:])))
    subject = sentence(context.subject, message_id=context.turns[0].message_id) if _own_subject(context) else None
    if subject is not None:
        (before if earlier else now_said).insert(0, subject)
    everything = [*before, *now_said]
    if any(cues.marks("joining", said) for said in everything):
        now_said = [said for said in now_said if cues.marks("us", said)]
        before = []
    if any(cues.marks("staying", said) for said in now_said):
        before = []
    found = [(hit, 1.0) for hit in _all_hits(now_said, cues)] + [(hit, EARLIER) for hit in _all_hits(before, cues)]
    return list(_weighed(found, cues))


def _sentences(turns: Iterable[Turn]) -> Iterator[Sentence]:
    for turn in turns:
        yield from spoken(turn.text, message_id=turn.message_id)


def _own_subject(context: Context) -> bool:
    """The subject is the customer's own words if the customer opened the ticket."""
    return bool(
        context.turns and context.subject and context.turns[0].role is Role.CUSTOMER and context.turns[0].public
    )


def _all_hits(said: Iterable[Sentence], cues: Cues) -> Iterator[Hit]:
    for one in said:
        yield from hits(one, cues)


def _weighed(found: Iterable[tuple[Hit, float]], cues: Cues) -> Iterator[_Part]:
    """Each cue counts once, at its heaviest; small preparations count only in company."""
    best: dict[str, tuple[float, Hit]] = {}
    for hit, share in found:
        weight = hit.cue.weight * share * _doubt(hit, cues)
        if hit.cue.name not in best or weight > best[hit.cue.name][0]:
            best[hit.cue.name] = (weight, hit)
    leaving = any(hit.cue.group in ("leaving", "asking") for _, hit in best.values())
    quiet = sum(hit.cue.group == "quiet" for _, hit in best.values())
    for weight, hit in best.values():
        if hit.cue.group == "quiet" and not leaving and quiet < QUIET_PARTS:
            continue
        firm = hit.cue.group == "leaving" and not cues.marks("howto", hit.sentence)
        yield _Part(weight, Evidence(hit.quote, hit.cue.meaning, hit.sentence.message_id), firm)


def _doubt(hit: Hit, cues: Cues) -> float:
    if hit.cue.group != "leaving":
        return 1.0
    if cues.marks("howto", hit.sentence):
        return HOW_TO
    return THREAT if cues.marks("condition", hit.sentence) else 1.0


def _from_history(context: Context, opened: OpenTicket, now: datetime) -> list[_Part]:
    return [
        _Part(weight, Evidence("", meaning))
        for weight, meaning in (
            *_contacts(opened, now),
            *_trouble(opened),
            *_wait(context, now),
            *_organization(opened, now),
        )
    ]


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
