"""The mood of each thing a customer wrote, from anger to delight. "Crash" and "kill switch" are no moods.

Hand-set cues say which sentences to quote and are one part of what the trained model weighs (`tone`). Given cues of
its own, or with no model at hand, the hand-set sums decide alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from assist.context import Context, Turn, split_turns
from assist.domain import Evidence, Mood, Trend
from assist.errors import ModelError
from assist.ports import Encoder, Vectors
from assist.signals.cues import Cues, Hit, default_cues, hits
from assist.signals.phrases import MAX_TURN_CHARS, Sentence, spoken
from assist.signals.tone import (
    ANGRY_EMOJI,
    HAPPY_EMOJI,
    LEVELS,
    SAD_EMOJI,
    Heard,
    Tone,
    beginning,
    default_tone,
    likeliest,
    says_nothing,
)

log = logging.getLogger(__name__)

ANGRY_FROM = 2.0
UNHAPPY_FROM = 0.9
CONTENT_FROM = 0.9
HAPPY_FROM = 2.2
SHOUTING = 2.0
"""A message mostly in capitals, of ``SHOUTED_WORDS`` words at least."""
SHOUTED_WORDS = 4
LOUD_WORDS = 0.6
"""Two or more shouted words in an otherwise calm message."""
LOUD_MARKS = 0.4
"""``!!!`` or ``???``; counts towards whatever the words say."""
EMOJI = 0.7
RECENT = 3
JUDGED = 8
"""So many of the newest messages are judged by the trained model; hand-set cues do for what lies further back."""
ENCODED = 2
"""So many of the newest messages are read by meaning too; a vector costs 5 to 15 ms."""
TREND_BEFORE = 3
TREND_STEP = 1.0
"""A level of five: less is no trend."""
OLDER_CHARS = 600
"""What is read of each message before the ``RECENT`` ones: enough for a mood, little enough for a long thread."""

_remembered: dict[tuple[str, str], Vectors] = {}
_LETTERS = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"\b(?:[A-Z]{2,}[-_]?\d[\w-]*|[A-Z]*\d+[A-Z]*)\b")
_LOUD = re.compile(r"[!?]{3,}|!\s*!|\?!|!\?")
_INITIALISMS = frozenset(
    (
        "USB",
        "DHL",
        "UPS",
        "DPD",
        "PDF",
        "FAQ",
        "VIP",
        "GTX",
        "LED",
        "IBAN",
        "BIC",
        "VAT",
        "URL",
        "PIN",
        "SMS",
        "API",
        "GPS",
    )
)


@dataclass(frozen=True, slots=True)
class Feeling:
    """How strongly one message speaks of what; ``loudest`` are its sentences with anger, first ones first."""

    anger: float
    unhappy: float
    content: float
    loudest: tuple[Evidence, ...] = ()
    judged: Mood | None = None
    """What the trained model says; None where it was not asked."""

    @property
    def mood(self) -> Mood:
        return self.judged or self.rule

    @property
    def rule(self) -> Mood:
        """What the hand-set sums say alone."""
        pain = self.anger + self.unhappy
        if self.anger >= ANGRY_FROM and self.anger >= self.content:
            return Mood.ANGRY
        if pain - self.content >= UNHAPPY_FROM:
            return Mood.UNHAPPY
        if self.content - pain >= HAPPY_FROM:
            return Mood.HAPPY
        return Mood.CONTENT if self.content - pain >= CONTENT_FROM else Mood.NEUTRAL


def assess(context: Context, *, cues: Cues | None = None, encoder: Encoder | None = None) -> tuple[Mood, ...]:
    """Return the mood of each of the customer's public messages, oldest first."""
    return tuple(one.mood for one in feelings(context, cues=cues, encoder=encoder))


def feelings(context: Context, *, cues: Cues | None = None, encoder: Encoder | None = None) -> tuple[Feeling, ...]:
    """Return how each public message of the customer feels, oldest first; older ones in part or by cues alone.

    ``encoder`` helps with the ``ENCODED`` newest of those that wait for an answer, if the model knows its vectors.
    """
    turns = context.customer_turns
    vectors = _vectors(context, encoder) if encoder is not None and cues is None else {}
    found = []
    for back, turn in zip(range(len(turns), 0, -1), turns, strict=True):
        meaning = (encoder.name, vectors[turn.message_id]) if encoder and turn.message_id in vectors else None
        read = turn if back <= RECENT else replace(turn, text=turn.text[:OLDER_CHARS])
        found.append(feeling(read, cues=cues, meaning=meaning) if back <= JUDGED else heard(read, cues=cues)[0])
    return tuple(found)


def _vectors(context: Context, encoder: Encoder) -> dict[int, Vectors]:
    return {turn.message_id: vector_of(encoder, turn.text) for turn in newest_waiting(context, encoder)}


def newest_waiting(context: Context, encoder: Encoder) -> list[Turn]:
    """Return the newest of the messages that wait for an answer; none if the model does not know the encoder."""
    tone = shipped_tone()
    if tone is None or not tone.knows(encoder):
        return []
    latest, _ = split_turns(context.turns)
    return [turn for turn in latest[-ENCODED:] if turn.text.strip()]


def read_for(context: Context, encoder: Encoder) -> list[str]:
    """Return the texts whose vectors `feelings` will ask ``encoder`` for."""
    return [beginning(turn.text) for turn in newest_waiting(context, encoder)]


def vector_of(encoder: Encoder, text: str) -> Vectors:
    """Return the vector of a message's beginning; remembered, because moods and urgency ask for the same ones."""
    key = (encoder.name, beginning(text))
    if key not in _remembered:
        while len(_remembered) >= 2 * ENCODED:
            _remembered.pop(next(iter(_remembered)), None)
        _remembered[key] = encoder.encode([key[1]])[0]
    return _remembered[key]


def trend(moods: Sequence[Mood]) -> Trend:
    """Return where the mood goes: the newest message against the mean of up to ``TREND_BEFORE`` before it."""
    if len(moods) < 2:
        return Trend.UNKNOWN
    levels = [LEVELS.index(mood) for mood in moods[-1 - TREND_BEFORE :]]
    change = levels[-1] - sum(levels[:-1]) / len(levels[:-1])
    if abs(change) < TREND_STEP:
        return Trend.STEADY
    return Trend.RISING if change > 0 else Trend.FALLING


def turned_angry(moods: Sequence[Mood]) -> bool:
    """Whether the newest message is angry and none before it was angry or unhappy."""
    calm = {Mood.NEUTRAL, Mood.CONTENT, Mood.HAPPY}
    return len(moods) > 1 and moods[-1] is Mood.ANGRY and set(moods[:-1]) <= calm


def current(moods: Sequence[Mood]) -> Mood:
    """Return the mood to reckon with now: the newest, or what is left of the one before if that says nothing."""
    if not moods:
        return Mood.NEUTRAL
    if moods[-1] is not Mood.NEUTRAL or len(moods) == 1:
        return moods[-1]
    return {Mood.ANGRY: Mood.UNHAPPY, Mood.UNHAPPY: Mood.UNHAPPY}.get(moods[-2], Mood.NEUTRAL)


def feeling(turn: Turn, *, cues: Cues | None = None, meaning: tuple[str, Vectors] | None = None) -> Feeling:
    """Return how one message feels. ``meaning`` is an encoder's name and its vector of the message's beginning."""
    if cues is not None or not turn.text.strip():
        return heard(turn, cues=cues)[0]
    if meaning is None:
        return _felt(turn)
    felt, message = heard(turn)
    return _judged(felt, message, *meaning)


@lru_cache(maxsize=256)
def _felt(turn: Turn) -> Feeling:
    """Remembered, because a conversation is read anew with each message that comes."""
    return _judged(*heard(turn))


def _judged(felt: Feeling, message: Heard, encoder: str = "", vector: Vectors | None = None) -> Feeling:
    tone = shipped_tone()
    if tone is None or (felt.rule is Mood.NEUTRAL and says_nothing(message)):
        return felt
    shares = tone.shares(message, vector=vector, encoder=encoder)
    return replace(felt, judged=likeliest(shares, quotable=bool(felt.loudest)))


@cache
def shipped_tone() -> Tone | None:
    """Return the trained model, or None where it cannot be read: the hand-set cues go on alone."""
    try:
        return default_tone()
    except ModelError as error:
        log.warning("moods are told by hand-set cues alone: %s", error)
        return None


def heard(turn: Turn, *, cues: Cues | None = None) -> tuple[Feeling, Heard]:
    """Return what the hand-set cues say of one message, and the same as the trained model takes it."""
    return _heard(turn) if cues is None else _heard_by(turn, cues)


@lru_cache(maxsize=64)
def _heard(turn: Turn) -> tuple[Feeling, Heard]:
    """Remembered, because mood and urgency ask by words, and again by meaning."""
    return _heard_by(turn, default_cues("mood"))


def _heard_by(turn: Turn, lexicon: Cues) -> tuple[Feeling, Heard]:
    said = spoken(turn.text, message_id=turn.message_id)
    found = [hit for one in said for hit in _hits(one, lexicon)]
    text = turn.text[:MAX_TURN_CHARS]
    shouted, sentence = _shouting(text, said)
    anger = sum(hit.cue.weight for hit in found if hit.cue.group == "anger") + shouted
    unhappy = sum(hit.cue.weight for hit in found if hit.cue.group == "unhappy")
    content = sum(hit.cue.weight for hit in found if hit.cue.group == "content")
    anger += 2 * EMOJI * bool(ANGRY_EMOJI.search(text))
    unhappy += EMOJI * bool(SAD_EMOJI.search(text))
    content += EMOJI * bool(HAPPY_EMOJI.search(text))
    if _LOUD.search(text):
        anger, unhappy, content = (value + LOUD_MARKS if value else 0.0 for value in (anger, unhappy, content))
    felt = Feeling(anger, unhappy, content, _loudest([*found, *_concepts(said)], sentence))
    return felt, Heard(text, said, felt.rule, anger, unhappy, content, shouted)


def _concepts(said: Sequence[Sentence]) -> list[Hit]:
    """Return the angry concepts, to be quoted after what the hand-set cues found."""
    lexicon = default_cues("feelings")
    return [hit for one in said if not lexicon.marks("product", one) for hit in hits(one, lexicon)]


def _hits(said: Sentence, lexicon: Cues) -> list[Hit]:
    found = list(hits(said, lexicon))
    if found and lexicon.marks("neutral", said):
        return [hit for hit in found if hit.cue.name == "fury" or hit.cue.group == "content"]
    return found


def _shouting(text: str, said: Sequence[Sentence]) -> tuple[float, Sentence | None]:
    """Capitals: a whole message shouted, or a few loud words; codes and initialisms are not shouting."""
    words = [word for word in _LETTERS.findall(_CODE.sub(" ", text)) if len(word) > 2 and word not in _INITIALISMS]
    loud = [word for word in words if word.isupper()]
    if len(loud) >= SHOUTED_WORDS and len(loud) >= 0.6 * len(words):
        return SHOUTING, max((one for one in said if one.text.isupper()), key=lambda one: len(one.text), default=None)
    return (LOUD_WORDS, None) if len(loud) >= 2 and any(len(word) > 3 for word in loud) else (0.0, None)


def _loudest(found: Sequence[Hit], shouted: Sentence | None) -> tuple[Evidence, ...]:
    quotes = {hit.quote: hit.sentence.message_id for hit in found if hit.cue.group == "anger"}
    if shouted is not None:
        quotes.setdefault(shouted.quote[:280], shouted.message_id)
    return tuple(Evidence(quote, "sounds angry", message_id) for quote, message_id in quotes.items())[:3]
