"""Time pressure, and the wish for a person: told apart from anger, because they need another answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assist.context import Context, split_turns
from assist.domain import Evidence
from assist.signals.cues import Cues, Hit, default_cues, hits
from assist.signals.phrases import newest, sentence, spoken

URGENT_FROM = 0.85


@dataclass(frozen=True, slots=True)
class Urgency:
    """Whether time is short, with the words that say so, most telling first."""

    urgent: bool
    evidence: tuple[Evidence, ...]
    wants_human: tuple[Evidence, ...] = ()


def assess(context: Context, *, cues: Cues | None = None) -> Urgency:
    """Look at what the customer wrote since an agent's last reply; the subject counts with the first message only."""
    lexicon = cues or default_cues("urgency")
    found = list(_found(context, lexicon))
    pressing: dict[str, Hit] = {}
    for hit in sorted((h for h in found if h.cue.group == "urgent"), key=lambda h: -h.cue.weight):
        pressing.setdefault(hit.cue.name, hit)
    return Urgency(
        urgent=round(sum(hit.cue.weight for hit in pressing.values()), 6) >= URGENT_FROM,
        evidence=tuple(_evidence(hit) for hit in pressing.values()),
        wants_human=tuple({hit.quote: _evidence(hit) for hit in found if hit.cue.group == "human"}.values())[:2],
    )


def _found(context: Context, lexicon: Cues) -> Iterator[Hit]:
    latest, earlier = split_turns(context.turns)
    said = [one for turn in newest(latest) for one in spoken(turn.text, message_id=turn.message_id)]
    if not earlier and latest and context.turns[0].message_id == latest[0].message_id and context.subject:
        said.insert(0, sentence(context.subject, message_id=latest[0].message_id))
    for one in said:
        yield from hits(one, lexicon)


def _evidence(hit: Hit) -> Evidence:
    return Evidence(hit.quote, hit.cue.meaning, hit.sentence.message_id)
