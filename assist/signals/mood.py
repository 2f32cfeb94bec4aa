"""The mood of each thing a customer wrote, from anger to delight. "Crash" and "kill switch" are no moods."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assist.context import Context, Turn
from assist.domain import Evidence, Mood
from assist.signals.cues import Cues, Hit, default_cues, hits
from assist.signals.phrases import MAX_TURN_CHARS, Sentence, spoken

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
OLDER_CHARS = 600
"""What is read of each message before the ``RECENT`` ones: enough for a mood, little enough for a long thread."""

_LETTERS = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"\b(?:[A-Z]{2,}[-_]?\d[\w-]*|[A-Z]*\d+[A-Z]*)\b")
_LOUD = re.compile(r"[!?]{3,}|!\s*!|\?!|!\?")
_ANGRY_EMOJI = re.compile("[😠😡🤬👿💢🖕]")
_SAD_EMOJI = re.compile("[😞😟😢😭😤😩😫🙁☹😒🙄👎💔😣😖]|:-?\\(")
_HAPPY_EMOJI = re.compile("[😀😃😄😁😊🙂😍🥰😘🤗🎉👍❤💚💙🌟⭐✨💪🙌👏🥹🫡😇🤩]|(?<![\\w:]):-?[)D]|<3")
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

    @property
    def mood(self) -> Mood:
        pain = self.anger + self.unhappy
        if self.anger >= ANGRY_FROM and self.anger >= self.content:
            return Mood.ANGRY
        if pain - self.content >= UNHAPPY_FROM:
            return Mood.UNHAPPY
        if self.content - pain >= HAPPY_FROM:
            return Mood.HAPPY
        return Mood.CONTENT if self.content - pain >= CONTENT_FROM else Mood.NEUTRAL


def assess(context: Context, *, cues: Cues | None = None) -> tuple[Mood, ...]:
    """Return the mood of each of the customer's public messages, oldest first."""
    return tuple(one.mood for one in feelings(context, cues=cues))


def feelings(context: Context, *, cues: Cues | None = None) -> tuple[Feeling, ...]:
    """Return how each public message of the customer feels, oldest first; older ones are read in part."""
    turns = context.customer_turns
    recent = len(turns) - RECENT
    return tuple(
        feeling(turn if number >= recent else replace(turn, text=turn.text[:OLDER_CHARS]), cues=cues)
        for number, turn in enumerate(turns)
    )


def current(moods: Sequence[Mood]) -> Mood:
    """Return the mood to reckon with now: the newest, or what is left of the one before if that says nothing."""
    if not moods:
        return Mood.NEUTRAL
    if moods[-1] is not Mood.NEUTRAL or len(moods) == 1:
        return moods[-1]
    return {Mood.ANGRY: Mood.UNHAPPY, Mood.UNHAPPY: Mood.UNHAPPY}.get(moods[-2], Mood.NEUTRAL)


def feeling(turn: Turn, *, cues: Cues | None = None) -> Feeling:
    """Return how one message feels."""
    lexicon = cues or default_cues("mood")
    said = list(spoken(turn.text, message_id=turn.message_id))
    found = [hit for one in said for hit in _hits(one, lexicon)]
    text = turn.text[:MAX_TURN_CHARS]
    shouted, sentence = _shouting(text, said)
    anger = sum(hit.cue.weight for hit in found if hit.cue.group == "anger") + shouted
    unhappy = sum(hit.cue.weight for hit in found if hit.cue.group == "unhappy")
    content = sum(hit.cue.weight for hit in found if hit.cue.group == "content")
    anger += 2 * EMOJI * bool(_ANGRY_EMOJI.search(text))
    unhappy += EMOJI * bool(_SAD_EMOJI.search(text))
    content += EMOJI * bool(_HAPPY_EMOJI.search(text))
    if _LOUD.search(text):
        anger, unhappy, content = (value + LOUD_MARKS if value else 0.0 for value in (anger, unhappy, content))
    return Feeling(anger, unhappy, content, _loudest(found, sentence))


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
