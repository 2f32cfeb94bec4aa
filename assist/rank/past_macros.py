"""How sure a macro is where the account's past tells what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from assist.ports import Vectors
from assist.rank.confidence import REPLY_FLOOR
from assist.rank.fuse import Fused
from assist.rank.macros import MacroMatcher
from assist.rank.replies import ReplyCandidate

HALF_TRUSTED = 3.0
"""With so many examples, half of the confidence comes from them and half from what the macro itself says."""


@dataclass(frozen=True, slots=True)
class KnownMacro:
    """``chance`` in [0, 1] that the macro answers, judged by its ``examples`` past messages."""

    chance: float
    examples: int


def known_macros(matcher: MacroMatcher[int], text: str, vector: Vectors) -> dict[int, KnownMacro]:
    """Return every macro that has examples, by document id; chances sum to that of the message being in scope."""
    verdict = matcher.match(text, vector)
    return {id_: KnownMacro(verdict.in_scope * share, matcher.sizes[id_]) for id_, share in verdict.shares.items()}


def with_known(found: Iterable[Fused], known: Mapping[int, KnownMacro]) -> list[Fused]:
    """Add the macros that the past speaks for though neither their words nor their meaning were found."""
    candidates = list(found)
    there = {candidate.doc_id for candidate in candidates}
    missing = (id_ for id_, one in known.items() if one.chance >= REPLY_FLOOR and id_ not in there)
    return candidates + [Fused(id_, score=0.0, lexical=0.0, lexical_share=0.0, cosine=None) for id_ in missing]


def with_past(candidate: ReplyCandidate, known: KnownMacro | None) -> ReplyCandidate:
    """Judge a macro by its past too, the more the more there is of it; without any it stays as it is."""
    if known is None:
        return candidate
    trust = known.examples / (known.examples + HALF_TRUSTED)
    match = trust * known.chance + (1.0 - trust) * candidate.match
    return replace(candidate, match=match, evidence={**candidate.evidence, "past": known.chance})
