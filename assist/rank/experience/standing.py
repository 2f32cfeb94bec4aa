"""The account's past asked about the replies for an open ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assist.context import Context
from assist.domain import Role, SourceKind
from assist.ports import Vectors
from assist.rank.experience.model import Reading, ReplyModel
from assist.rank.experience.situations import MAX_TURNS, Turns, merged
from assist.rank.replies import ReplyCandidate

_ROLES = {Role.CUSTOMER: "customer", Role.AGENT: "agent"}

LEAST_PAST = 30
"""Exchanges; of fewer, a chance says only how few there are."""


def with_standing(
    candidates: Sequence[ReplyCandidate], model: ReplyModel | None, context: Context, vector: Vectors | None
) -> list[ReplyCandidate]:
    """Return the candidates, macros and past replies with their standing; unchanged where nothing is known yet.

    Args:
        candidates: In any order; the order is kept.
        model: What the account's past says, None while it is not learned.
        context: Of the open ticket.
        vector: Of ``context.query``, None before the encoder answered.
    """
    turns = _turns(context)
    if model is None or vector is None or not any(role == "customer" for role, _ in turns):
        return list(candidates)
    judged = [at for at, candidate in enumerate(candidates) if _can_be_judged(candidate, model)]
    if not judged:
        return list(candidates)
    reading = _read(model, turns, context, vector)
    written = [candidates[at].written for at in judged]
    standings = model.standing(
        reading, written, model.vectors(written), conversations=[_conversation(candidates[at]) for at in judged]
    )
    found = dict(zip(judged, standings.tolist(), strict=True))
    return [replace(c, standing=found[at]) if at in found else c for at, c in enumerate(candidates)]


def _can_be_judged(candidate: ReplyCandidate, model: ReplyModel) -> bool:
    """Macros are few, and what was made for one is kept; a past reply that is too old to be remembered would cost."""
    if candidate.source.kind is SourceKind.PAST_REPLY:
        return model.remembers(candidate.written)
    return bool(candidate.written)


def offered(model: ReplyModel | None, context: Context, vector: Vectors | None) -> dict[str, float]:
    """Return past replies that agents are likely to send now: ``ticket:message`` to the chance that it is usable.

    Arguments are those of `with_standing`; empty where nothing is known yet.
    """
    turns = _turns(context)
    if model is None or vector is None or not any(role == "customer" for role, _ in turns):
        return {}
    if len(model.memory) < LEAST_PAST:
        return {}
    offers = model.offers(_read(model, turns, context, vector))
    return {model.memory.exchanges[offer.row].source: offer.chance for offer in offers}


def read_for(context: Context) -> list[str]:
    """Return the texts whose vectors `offered` and `with_standing` will ask for besides that of ``context.query``."""
    turns = _turns(context)
    return [text for _, text in turns[-MAX_TURNS:]] if len(turns) > 1 else []


def with_chance(candidate: ReplyCandidate, chance: float | None) -> ReplyCandidate:
    """Return the candidate with the chance that it is usable, which may speak for it louder than its own old ticket."""
    if chance is None:
        return candidate
    evidence = {**candidate.evidence, "chance": chance}
    return replace(candidate, match=max(candidate.match, chance), evidence=evidence)


def _read(model: ReplyModel, turns: Turns, context: Context, vector: Vectors) -> Reading:
    # The first turn is read together with the subject, and that is what the question's own vector was made from.
    known = (turns[0][1], vector) if len(turns) == 1 else None
    return model.read(turns, known=known, without=str(context.ref.id))


def _turns(context: Context) -> Turns:
    said = [(_ROLES[turn.role], turn.text) for turn in context.turns if turn.public and turn.role in _ROLES]
    if said and said[0][0] == "customer":
        said[0] = ("customer", f"{context.subject}\n{said[0][1]}")
    whole = merged(said)
    # Where an agent wrote last, what is asked is still the customer's latest.
    return whole[:-1] if whole and whole[-1][0] == "agent" else whole


def _conversation(candidate: ReplyCandidate) -> str:
    source = candidate.source
    return source.key.split(":")[1] if source.kind is SourceKind.PAST_REPLY else ""
