"""Time pressure, and the wish for a person: told apart from anger, because they need another answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assist.context import Context, split_turns
from assist.domain import Evidence
from assist.ports import Encoder
from assist.signals import mood
from assist.signals.cues import Cues, Hit, default_cues, hits
from assist.signals.phrases import MAX_QUOTE_CHARS, Sentence, newest, sentence, spoken
from assist.signals.tone import FLAGGED, HUMAN, URGENT

URGENT_FROM = 0.85


@dataclass(frozen=True, slots=True)
class Urgency:
    """Whether time is short, with the words that say so, most telling first."""

    urgent: bool
    evidence: tuple[Evidence, ...]
    wants_human: tuple[Evidence, ...] = ()


def assess(context: Context, *, cues: Cues | None = None, encoder: Encoder | None = None) -> Urgency:
    """Look at what the customer wrote since an agent's last reply; the subject counts with the first message only.

    Cues decide; with an ``encoder`` that the trained model knows, it adds what they missed in the newest messages.
    """
    lexicon = cues or default_cues("urgency")
    found = list(_found(context, lexicon))
    pressing: dict[str, Hit] = {}
    for hit in sorted((h for h in found if h.cue.group == "urgent"), key=lambda h: -h.cue.weight):
        pressing.setdefault(hit.cue.name, hit)
    by_cues = Urgency(
        urgent=round(sum(hit.cue.weight for hit in pressing.values()), 6) >= URGENT_FROM,
        evidence=tuple(_evidence(hit) for hit in pressing.values()),
        wants_human=tuple({hit.quote: _evidence(hit) for hit in found if hit.cue.group == "human"}.values())[:2],
    )
    return by_cues if encoder is None or cues is not None else _with_meaning(by_cues, context, encoder)


def _with_meaning(known: Urgency, context: Context, encoder: Encoder) -> Urgency:
    tone = mood.shipped_tone()
    for turn in mood.newest_waiting(context, encoder) if tone is not None else ():
        if known.urgent and known.wants_human:
            break
        message = mood.heard(turn)[1]
        if tone is None or not message.said:
            continue
        vector = mood.vector_of(encoder, turn.text)
        human, urgent = tone.flags(message, vector=vector, encoder=encoder.name)
        if urgent >= FLAGGED and not known.urgent:
            words = tone.most_telling(message, URGENT, encoder=encoder.name)
            known = replace(known, urgent=True, evidence=(_said(words, "sounds pressing"), *known.evidence))
        if human >= FLAGGED and not known.wants_human:
            words = tone.most_telling(message, HUMAN, encoder=encoder.name)
            known = replace(known, wants_human=(_said(words, "sounds like the wish for a person"),))
    return known


def _said(words: Sentence, meaning: str) -> Evidence:
    return Evidence(words.quote[:MAX_QUOTE_CHARS], meaning, words.message_id)


def _found(context: Context, lexicon: Cues) -> Iterator[Hit]:
    latest, earlier = split_turns(context.turns)
    said = [one for turn in newest(latest) for one in spoken(turn.text, message_id=turn.message_id)]
    if not earlier and latest and context.turns[0].message_id == latest[0].message_id and context.subject:
        said.insert(0, sentence(context.subject, message_id=latest[0].message_id))
    for one in said:
        yield from hits(one, lexicon)


def _evidence(hit: Hit) -> Evidence:
    return Evidence(hit.quote, hit.cue.meaning, hit.sentence.message_id)
