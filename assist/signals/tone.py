"""The trained half of a mood: five levels from words, pieces of words, concepts in five languages, marks and meaning.

A softmax regression over hashed words (`grams`), over counts of the concepts of ``resources/feelings.toml``, over what
the hand-set cues say, and, where the encoder it was trained with is at hand, over the message's vector. Product terms
("kill switch") and formulas ("thanks in advance") are taken out first. Made by ``python -m assist.training.mood``.
"""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assist.domain import Mood
from assist.encoders.manifest import checked_bytes, read_manifest
from assist.ports import Encoder, Vectors
from assist.signals.cues import Cues, default_cues, folded, hits
from assist.signals.grams import hashed, tokens
from assist.signals.phrases import Sentence
from resources import ROOT

LEVELS = (Mood.ANGRY, Mood.UNHAPPY, Mood.NEUTRAL, Mood.CONTENT, Mood.HAPPY)
"""From -2 to 2."""
MODEL_NAME = "mood"
FILE = "model.npz"
BUCKETS = 1 << 14
GRAM_SCALE = 3.0
VECTOR_SCALE = 4.0
"""How strongly words and the vector count beside the concepts; chosen by cross-validation (docs/adr/0011)."""
ANGER_QUOTED, ANGER_UNQUOTED = 0.4, 0.7
"""A false alarm of anger costs more trust than a missed one: so likely must it be."""
FLAGGED = 0.3
"""So likely a wish for a person or urgency must be where no cue of it was found."""
HUMAN, URGENT = 0, 1
UNFELT = ("product", "formula")
READ_WORDS = 80
"""So much of a message is given to the encoder; it costs by the word."""

ANGRY_EMOJI = re.compile("[😠😡🤬👿💢🖕]")
SAD_EMOJI = re.compile("[😞😟😢😭😤😩😫🙁☹😒🙄👎💔😣😖]|:-?\\(")
HAPPY_EMOJI = re.compile("[😀😃😄😁😊🙂😍🥰😘🤗🎉👍❤💚💙🌟⭐✨💪🙌👏🥹🫡😇🤩]|(?<![\\w:]):-?[)D]|<3")
_MIXED = re.compile(r"\?!|!\?|\?\?")

Places = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the hand-set cues see it: what `mood` knows before the model is asked."""

    text: str = field(repr=False)
    said: tuple[Sentence, ...] = field(repr=False)
    rule: Mood
    anger: float
    unhappy: float
    content: float
    shouted: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned with one encoder, or without any; the constant is the last column.

    ``levels`` has shape (5, features + dimension + 1), ``flags`` (2, the same): the wish for a person, and urgency.
    Without an encoder the dimension is 0 and there are no flags: words alone tell them too badly.
    """

    levels: Floats = field(repr=False)
    flags: Floats | None = field(default=None, repr=False)


class Tone:
    """A trained model: weights by the name of the encoder, the empty name for words alone."""

    def __init__(self, weights: Mapping[str, Weights]) -> None:
        self._weights = dict(weights)

    def shares(self, heard: Heard, *, vector: Vectors | None = None, encoder: str = "") -> Floats:
        """Return how likely each of `LEVELS` is, shape (5,), sum 1. ``vector`` is a unit row of ``encoder``'s."""
        known = vector is not None and encoder in self._weights
        scores = _scores(self._weights[encoder if known else ""].levels, heard, vector if known else None)
        odds = np.exp(scores - scores.max())
        return np.asarray(odds / odds.sum(), dtype=np.float32)

    def flags(self, heard: Heard, *, vector: Vectors, encoder: str) -> tuple[float, float]:
        """Return how likely the wish for a person and urgency are, each in [0, 1]; 0 if ``encoder`` is not known."""
        weights = self._weights.get(encoder)
        if weights is None or weights.flags is None:
            return 0.0, 0.0
        human, urgent = 1.0 / (1.0 + np.exp(-_scores(weights.flags, heard, vector)))
        return float(human), float(urgent)

    def most_telling(self, heard: Heard, flag: int, *, encoder: str) -> Sentence:
        """Return the sentence whose words speak most for the flag of that number; ``heard`` holds at least one."""
        weights = self._weights[encoder].flags
        if weights is None:
            raise KeyError(encoder)
        scored = [_scores(weights, replace(heard, said=(one,), text=one.text), None)[flag] for one in heard.said]
        return heard.said[int(np.argmax(scored))]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `load` reads again, in half precision."""
        names = sorted(self._weights)
        found: dict[str, NDArray[Any]] = {"encoders": np.array(names)}
        for number, name in enumerate(names):
            found[f"levels {number}"] = self._weights[name].levels.astype(np.float16)
            if (flags := self._weights[name].flags) is not None:
                found[f"flags {number}"] = flags.astype(np.float16)
        return found

    def knows(self, encoder: Encoder | None) -> bool:
        return encoder is not None and encoder.name in self._weights


def _scores(weights: Floats, heard: Heard, vector: Vectors | None) -> Floats:
    places, values = _remembered_features(heard)
    scores = weights[:, places] @ values + weights[:, -1]
    if vector is None:
        return np.asarray(scores, dtype=np.float32)
    return np.asarray(scores + weights[:, features_size() : -1] @ (VECTOR_SCALE * vector), dtype=np.float32)


def says_nothing(heard: Heard) -> bool:
    """Whether nothing is left of a message without product terms and formulas."""
    return not any(letter.isalnum() for letter in _masked(heard, default_cues("feelings")))


def likeliest(shares: Floats, *, quotable: bool) -> Mood:
    """Return the likeliest level; anger only if it is likely enough, more so where no word of it can be quoted."""
    best = int(np.argmax(shares))
    if best == 0 and shares[0] < (ANGER_QUOTED if quotable else ANGER_UNQUOTED):
        best = 1 + int(np.argmax(shares[1:]))
    return LEVELS[best]


def beginning(text: str) -> str:
    """Return what the encoder reads of a message."""
    return " ".join(text.split()[:READ_WORDS])


@cache
def default_tone() -> Tone:
    """Return the model that ships with Kibitz.

    Raises:
        ModelError: If its file is missing or is not the one that was approved.
    """
    return load(ROOT / "models")


def load(models_folder: Path) -> Tone:
    """Read the model after checking its hash; raise `ModelError` if that fails."""
    model = read_manifest(models_folder / "manifest.toml")[MODEL_NAME]
    with np.load(io.BytesIO(checked_bytes(model, FILE)), allow_pickle=False) as file:
        return Tone(
            {
                str(name): Weights(
                    file[f"levels {number}"].astype(np.float32),
                    file[f"flags {number}"].astype(np.float32) if f"flags {number}" in file else None,
                )
                for number, name in enumerate(file["encoders"])
            }
        )


def features_size() -> int:
    """Return how many features there are without a vector."""
    return len(feature_names()) + BUCKETS


@cache
def feature_names() -> tuple[str, ...]:
    """Return the names of the features that are not hashed, in their order."""
    silent = Heard("", (), Mood.NEUTRAL, 0.0, 0.0, 0.0, 0.0)
    return tuple(_named(silent, Counter(), Counter(), default_cues("feelings")))


@lru_cache(maxsize=64)
def _remembered_features(heard: Heard) -> tuple[Places, Floats]:
    """Remembered, because mood, the wish for a person and urgency are judged by words and again by meaning."""
    return features(heard)


def features(heard: Heard, *, withheld: Collection[tuple[str, str]] = ()) -> tuple[Places, Floats]:
    """Return (places, values) of a message's features; places below `features_size`, each once.

    Args:
        heard: The message.
        withheld: (concept, matched words) that are not to be seen, as training wants it.
    """
    lexicon = default_cues("feelings")
    concepts, last = _concepts(heard.said, lexicon, withheld)
    named = np.array(list(_named(heard, concepts, last, lexicon).values()), dtype=np.float32)
    places, values = hashed(tokens(_masked(heard, lexicon)), buckets=BUCKETS)
    there = np.flatnonzero(named)
    return (
        np.concatenate([there, places + len(named)]),
        np.concatenate([named[there], GRAM_SCALE * values]),
    )


def matched(said: Sequence[Sentence]) -> set[tuple[str, str]]:
    """Return (concept, matched words) of what the concepts find."""
    lexicon = default_cues("feelings")
    return {(hit.cue.name, _words_of(hit.sentence, hit.start, hit.end)) for one in said for hit in hits(one, lexicon)}


def _words_of(said: Sentence, start: int, end: int) -> str:
    return said.text[start:end].lower()


def _concepts(
    said: Sequence[Sentence], lexicon: Cues, withheld: Collection[tuple[str, str]]
) -> tuple[Counter[str], Counter[str]]:
    """Return how many sentences hold each concept, and the groups that the last sentence holds."""
    concepts: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for number, one in enumerate(said, 1):
        spans = _unfelt(one, lexicon)
        for hit in hits(one, lexicon):
            if (hit.cue.name, _words_of(hit.sentence, hit.start, hit.end)) in withheld:
                continue
            if any(start < hit.end and hit.start < end for start, end in spans):
                continue
            concepts[hit.cue.name] += 1
            if number == len(said):
                last[hit.cue.group] += 1
    return concepts, last


def _unfelt(said: Sentence, lexicon: Cues) -> list[tuple[int, int]]:
    """Return where a sentence holds product terms and formulas."""
    plain = folded(said)
    return [match.span() for name in UNFELT for _, _, match in lexicon.markers[name].matches(plain)]


def _masked(heard: Heard, lexicon: Cues) -> str:
    """Return the text without product terms and formulas."""
    parts = []
    for one in heard.said:
        text = one.text
        for start, end in sorted(_unfelt(one, lexicon), reverse=True):
            text = f"{text[:start]} {text[end:]}"
        parts.append(text)
    return "\n".join(parts)


def _named(heard: Heard, concepts: Counter[str], last: Counter[str], lexicon: Cues) -> dict[str, float]:
    kinds = Counter(cue.group for cue in lexicon.cues if concepts[cue.name])
    anger, negative, positive = kinds["anger"], kinds["anger"] + kinds["unhappy"], kinds["content"]
    return {
        **{f"concept {cue.name}": (0.0, 1.0, 1.5)[min(concepts[cue.name], 2)] for cue in lexicon.cues},
        **{f"rule {level}": float(heard.rule is level and bool(heard.said)) for level in LEVELS},
        "cue anger": min(heard.anger, 4.0) / 2,
        "cue unhappy": min(heard.unhappy, 3.0) / 1.5,
        "cue content": min(heard.content, 4.0) / 2,
        "mixed": float(bool(positive and negative)),
        "angry and kind": float(bool(anger and positive)),
        "only kind": float(positive and not negative),
        "only hurt": float(negative and not positive),
        "no concept": float(not positive and not negative and bool(heard.said)),
        "mocking": float(bool(concepts["sarcasm"] and negative)),
        "thanks but": float(bool(heard.content > 0 and negative)),
        "thanks and joy": float(bool(heard.content > 0 and concepts["rapture"])),
        "kinds of anger": min(anger, 4) / 2,
        "kinds of hurt": min(kinds["unhappy"], 4) / 2,
        "kinds of joy": min(positive, 4) / 2,
        **{f"last {group}": float(last[group] > 0) for group in ("anger", "unhappy", "content", "polite")},
        **_marks(heard),
    }


def _marks(heard: Heard) -> dict[str, float]:
    text = heard.text
    words = len(text.split())
    return {
        "shouted": heard.shouted / 2,
        "exclaims": min(text.count("!"), 3) / 2,
        "exclaims twice": float("!!" in text or "! !" in text),
        "asks": min(text.count("?"), 2) / 1.5,
        "asks twice": float(_MIXED.search(text) is not None),
        "ends asking": float(text.rstrip().endswith("?")),
        "trails off": float("..." in text or "…" in text),
        "angry emoji": float(ANGRY_EMOJI.search(text) is not None),
        "sad emoji": float(SAD_EMOJI.search(text) is not None),
        "happy emoji": float(HAPPY_EMOJI.search(text) is not None),
        "length": math.log1p(words) / 3,
        "short": float(0 < words <= 4),
        "long": float(words > 40),
        "small letters": float(bool(text) and text == text.lower()),
        "numbers": float(any(letter.isdigit() for letter in text)),
    }
