"""A question after reading: what all steps of one answer share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from assist.context import Context
from assist.domain import AccountId, Agent, OpenTicket, SuggestionId
from assist.rank.fuse import Fused
from assist.retrieve.query import Query
from assist.signals.alerts import Signals
from assist.text.language import UNDERSTOOD

MIN_QUERY_WORDS = 2


@dataclass(frozen=True, slots=True)
class Question:
    """What the assistant is asked. ``dismissed`` are source keys that were dismissed on this ticket."""

    opened: OpenTicket
    agent: Agent
    dismissed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question after reading: shared by all steps of one answer."""

    question: Question
    context: Context
    signals: Signals
    query: Query
    weights: Mapping[str, float] = field(repr=False)
    """Analysed words of the query to weights, the most telling ones only."""

    @property
    def account(self) -> AccountId:
        return self.context.ref.account

    @property
    def reads_well(self) -> bool:
        """Whether the encoder that was asked knows the customer's language."""
        language = self.context.language
        return language == "en" or (self.query.other is not None and language in UNDERSTOOD)

    @property
    def is_telling(self) -> bool:
        """Whether there is something to search for: neither a mere thank-you nor a word or two."""
        return not self.context.is_closing and len(self.weights) >= MIN_QUERY_WORDS


def evidence(candidate: Fused) -> dict[str, float]:
    """Return what the search says of a candidate, as the log keeps it."""
    said = {"lexical": candidate.lexical, "lexical_share": candidate.lexical_share}
    if candidate.cosine is not None:
        said["cosine"] = candidate.cosine
    return said


def suggestion_id(context: Context, source_key: str, text: str) -> SuggestionId:
    """Return the id of a suggestion: the same for the same text at the same state of the conversation."""
    parts = "\x1f".join((str(context.ref), context.state_key, source_key, text))
    return SuggestionId(hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:24])
