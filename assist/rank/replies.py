"""Replies to start from: candidates rendered for this ticket, judged, merged, cut to three."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from assist.domain import Csat, Source, SourceKind
from assist.rank.confidence import REPLY_FLOOR
from assist.rank.diversify import merge_near_duplicates, same_text
from assist.rank.stage import Wanted, fitness
from assist.text.personal import SLOT, slots

MAX_REPLIES = 3

AGREEMENT_BONUS = 0.06
"""For each other past reply that says the same, up to two: agents agree."""
GOOD_CSAT_BONUS = 0.03
BAD_CSAT_MALUS = 0.10
MOST_WHERE_RATED_BAD = 0.49
"""No reply that its customer rated bad is called more than a possible match, whatever speaks for it."""
REOPENED_MALUS = 0.05
MACRO_BONUS = 0.05
"""A macro was written to be used; a past reply was not."""
OPEN_SLOT_MALUS = 0.04
EXPERIENCE_WEIGHT = 0.2
"""Times how far above (or below) the usual reply the account's own past puts this one, from -0.5 to 0.5."""
MACRO_SLOT_MALUS = 0.01
"""A macro's slots were put there on purpose."""
OWN_FACTS_MALUS = 0.5
"""Times the share of words that are numbers or slots: a calculation or a parcel's story fits its own ticket only."""
MAX_OWN_FACTS = 0.3
BREVITY_MALUS = 0.15
"""For a past reply of no words, falling to nothing at `WHOLE_REPLY_WORDS`: short ones lean on what was said before."""
WHOLE_REPLY_WORDS = 30
OTHER_LANGUAGE_MALUS = 0.15
STALE_MALUS_PER_YEAR: Final = 0.04

_WITH_DIGIT = re.compile(r"\S*\d\S*")


@dataclass(frozen=True, slots=True)
class ReplyCandidate:
    """A reply ready to show, before judging. ``match`` is the confidence that its situation is this one."""

    text: str = field(repr=False)
    source: Source
    match: float
    language: str
    csat: Csat | None = None
    reopens: int | None = None
    usage: int | None = None
    written: str = field(default="", repr=False)
    """The text as it was written, before it was filled in for this ticket; what the past is compared with."""
    standing: float | None = None
    """Where the account's own past puts it among what its agents usually write, in (0, 1); None where none speaks."""
    evidence: Mapping[str, float] = field(default_factory=dict)
    """How it was found (cosine, lexical share, overlap), kept for the log."""


@dataclass(frozen=True, slots=True)
class RankedReply:
    """``confidence`` is in [0, 1]; ``features`` are what it was computed from, as the log keeps them."""

    candidate: ReplyCandidate
    confidence: float
    because: tuple[str, ...]
    features: Mapping[str, float]
    also: tuple[Source, ...]


def rank_replies(
    candidates: Sequence[ReplyCandidate],
    *,
    language: str,
    now: datetime,
    dismissed: frozenset[str],
    moment: Wanted | None = None,
) -> list[RankedReply]:
    """Return at most three replies that differ in substance, best first, all above the floor.

    What a customer rated bad keeps its place, and is told with no more confidence than `MOST_WHERE_RATED_BAD`.

    Args:
        candidates: In any order. Those whose source was dismissed on this ticket are left out (promise R3), and so
            are near-duplicates of a dismissed one.
        language: The customer's; replies in another language are set back.
        now: For freshness.
        dismissed: Source keys.
        moment: What the conversation needs now; moves replies that are sure enough by a little, and admits no others.
    """
    barred = [candidate.text for candidate in candidates if candidate.source.key in dismissed]
    judged = sorted(
        (
            _judge(candidate, language=language, now=now)
            for candidate in candidates
            if not any(same_text(text, candidate.text) for text in barred)
        ),
        key=lambda ranked: (-ranked.confidence, ranked.candidate.source.key),
    )
    groups = merge_near_duplicates(judged, text=lambda ranked: ranked.candidate.text, limit=4 * MAX_REPLIES)
    ranked = [_with_agreement(first, others) for first, others in groups]
    best = sorted(
        (reply for reply in ranked if reply.confidence >= REPLY_FLOOR),
        key=lambda reply: (-reply.confidence, reply.candidate.source.key),
    )
    if moment is not None:
        shown = [_at(moment, reply) for reply in best[: 2 * MAX_REPLIES]]
        best = sorted(shown, key=lambda reply: (-reply.confidence, reply.candidate.source.key))
    return [_as_rated(reply) for reply in best[:MAX_REPLIES]]


def _at(moment: Wanted, reply: RankedReply) -> RankedReply:
    """Move a reply by how well what it does (ask, solve, confirm …) fits the moment; never below the floor."""
    stage = fitness(reply.candidate.text, moment)
    confidence = min(max(reply.confidence + stage, REPLY_FLOOR), 1.0)
    return replace(reply, confidence=confidence, features={**reply.features, "stage": stage})


def _as_rated(reply: RankedReply) -> RankedReply:
    over = reply.confidence - MOST_WHERE_RATED_BAD
    if reply.candidate.csat is not Csat.BAD or over <= 0:
        return reply
    return replace(reply, confidence=MOST_WHERE_RATED_BAD, features={**reply.features, "rated_bad": -over})


def _judge(candidate: ReplyCandidate, *, language: str, now: datetime) -> RankedReply:
    years = max((now - candidate.source.date).days, 0) / 365 if candidate.source.date else 0.0
    csat = {Csat.GOOD: GOOD_CSAT_BONUS, Csat.BAD: -BAD_CSAT_MALUS}
    features = {
        **candidate.evidence,
        "match": candidate.match,
        "macro": MACRO_BONUS if candidate.source.kind is SourceKind.MACRO else 0.0,
        "csat": csat.get(candidate.csat, 0.0) if candidate.csat else 0.0,
        "reopened": -REOPENED_MALUS if candidate.reopens else 0.0,
        **_fitness(candidate),
        "age": -STALE_MALUS_PER_YEAR * min(years, 3.0),
        "other_language": -OTHER_LANGUAGE_MALUS if candidate.language not in ("", language) else 0.0,
    }
    total = sum(features[name] for name in features if name not in candidate.evidence)
    features["experience"] = _experience(candidate, shown=total >= REPLY_FLOOR)
    total += features["experience"]
    return RankedReply(candidate, min(max(total, 0.0), 1.0), _because(candidate), features, ())


def _experience(candidate: ReplyCandidate, *, shown: bool) -> float:
    if candidate.standing is None:
        return 0.0
    change = EXPERIENCE_WEIGHT * (candidate.standing - 0.5)
    # That agents often write such a thing is no reason to break a silence.
    return change if shown else min(change, 0.0)


def _fitness(candidate: ReplyCandidate) -> dict[str, float]:
    """Judge whether the text makes sense outside the ticket it was written for."""
    open_slots = min(len(slots(candidate.text)), 4)
    if candidate.source.kind is not SourceKind.PAST_REPLY:
        return {"open_slots": -MACRO_SLOT_MALUS * open_slots}
    text = SLOT.sub(" 0 ", candidate.text)
    words = text.split()
    own = len(_WITH_DIGIT.findall(text)) / max(len(words), 1)
    return {
        "open_slots": -OPEN_SLOT_MALUS * open_slots,
        "own_facts": -OWN_FACTS_MALUS * min(own, MAX_OWN_FACTS),
        "brevity": -BREVITY_MALUS * max(1 - len(words) / WHOLE_REPLY_WORDS, 0.0),
    }


def _with_agreement(first: RankedReply, others: Sequence[RankedReply]) -> RankedReply:
    agreeing = sum(other.candidate.source.kind is SourceKind.PAST_REPLY for other in others)
    bonus = AGREEMENT_BONUS * min(agreeing, 2)
    because = first.because
    if agreeing:
        because = (*because, f"{agreeing + 1} colleagues' replies agree")
    confidence = min(first.confidence + bonus, 1.0)
    return replace(
        first,
        confidence=confidence,
        because=because,
        features={**first.features, "agreement": bonus},
        also=tuple(other.candidate.source for other in others),
    )


def _because(candidate: ReplyCandidate) -> tuple[str, ...]:
    reasons: list[str] = []
    match candidate.source.kind:
        case SourceKind.MACRO:
            reasons.append("fits what the customer asks")
            if candidate.usage:
                reasons.append(f"used {candidate.usage}× last week")
        case SourceKind.PAST_REPLY:
            reasons.append("solved a ticket like this" if candidate.csat is not Csat.BAD else "from a ticket like this")
            if candidate.csat is Csat.GOOD:
                reasons.append("the customer rated it good")
            elif candidate.csat is Csat.BAD:
                reasons.append("the customer was not satisfied")
        case SourceKind.ARTICLE:
            reasons.append("sentences of the article that answer")
    return tuple(reasons)
