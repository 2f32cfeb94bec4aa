"""What a reply does (greet, ask, solve, confirm, apologise, close), and what the conversation needs now.

A small softmax regression over concepts of ``resources/stages.toml`` and hashed words, sentence by sentence, made by
``python -m assist.training.stage``. Greetings and farewells around a reply do not count: what is between them does.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assist.context import Context, split_turns
from assist.domain import Mood, Role
from assist.encoders.manifest import checked_bytes, read_manifest
from assist.signals.cues import default_cues, hits
from assist.signals.grams import hashed, tokens
from assist.signals.phrases import Sentence, spoken
from assist.text.courtesy import without_greeting
from resources import ROOT

MODEL_NAME = "stage"
FILE = "model.npz"
BUCKETS = 1 << 13
GRAM_SCALE = 3.0
READ_CHARS = 320
"""So much of a reply is judged: its kind shows early, and a reply must be ranked within a blink."""
LITTLE_WORDS = 9
"""A first message of fewer words rarely says enough to answer it."""
FITS, MISFITS = 0.03, -0.04
SOOTHES = 0.02
"""For an upset customer, a reply that says sorry first."""

_WORD = re.compile(r"\w+")

Places = NDArray[np.int64]
Floats = NDArray[np.float32]


class Step(StrEnum):
    """What a text of an agent does."""

    GREETING = "greeting"
    DIAGNOSIS = "diagnosis"
    SOLUTION = "solution"
    CONFIRMATION = "confirmation"
    APOLOGY = "apology"
    CLOSING = "closing"


STEPS = tuple(Step)
_FRAME = frozenset({Step.GREETING, Step.CLOSING})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the next reply should do: one of ``steps``, and say sorry first where ``sorry``."""

    steps: frozenset[Step]
    sorry: bool = False
    little: bool = False
    """Whether so little is known that a question comes first."""


class StepModel:
    """Weights of shape (6, features + 1), the constant last."""

    def __init__(self, weights: Floats) -> None:
        self.weights = weights

    def shares(self, said: Sequence[Sentence]) -> Floats:
        """Return how likely each of `STEPS` is for sentences that belong together, shape (6,), sum 1."""
        places, values = features(said)
        scores = self.weights[:, places] @ values + self.weights[:, -1]
        odds = np.exp(scores - scores.max())
        return np.asarray(odds / odds.sum(), dtype=np.float32)


@cache
def default_model() -> StepModel:
    """Return the model that ships with Kibitz; raise `ModelError` if its file is not the one that was approved."""
    return load(ROOT / "models")


def load(models_folder: Path) -> StepModel:
    model = read_manifest(models_folder / "manifest.toml")[MODEL_NAME]
    with np.load(io.BytesIO(checked_bytes(model, FILE)), allow_pickle=False) as file:
        return StepModel(file["weights"].astype(np.float32))


def classify(text: str) -> Step:
    """Return what a text does as a whole; where it does several things, what it does beside greeting and parting."""
    return max(_steps(_body(text)).items(), key=lambda item: (item[0] not in _FRAME, item[1]))[0]


def says_sorry(text: str) -> bool:
    return Step.APOLOGY in _steps(_body(text))


def _body(text: str) -> str:
    """Return the beginning of a reply behind its salutation, cut between words; a bare greeting stays."""
    body = without_greeting(text)
    return body if len(body) <= READ_CHARS else body[: body.rfind(" ", 0, READ_CHARS)]


@lru_cache(maxsize=512)
def _steps(text: str) -> dict[Step, int]:
    """Return the words spent on each step; a text without sentences confirms nothing and counts as a greeting."""
    model = default_model()
    words: Counter[Step] = Counter()
    for one in spoken(text, message_id=None):
        words[STEPS[int(np.argmax(model.shares([one])))]] += len(_WORD.findall(one.text)) or 1
    return dict(words) or {Step.GREETING: 1}


def wanted(context: Context, mood: Mood) -> Wanted:
    """Return what the conversation needs now, from who said what last and how the customer feels."""
    sorry = mood in (Mood.ANGRY, Mood.UNHAPPY)
    if context.is_closing:
        return Wanted(frozenset({Step.CLOSING}))
    public = [turn for turn in context.turns if turn.public]
    latest, _ = split_turns(context.turns)
    answered = [turn for turn in public if turn.role is Role.AGENT]
    anything = frozenset({Step.SOLUTION, Step.CONFIRMATION, Step.DIAGNOSIS, Step.APOLOGY})
    if not answered:
        said = sum(len(_WORD.findall(turn.text)) for turn in latest)
        return Wanted(anything, sorry, little=0 < said < LITTLE_WORDS)
    if public[-1].role is Role.CUSTOMER and classify(answered[-1].text) is Step.DIAGNOSIS:
        return Wanted(anything - {Step.DIAGNOSIS}, sorry)
    return Wanted(anything, sorry)


def fitness(text: str, needed: Wanted) -> float:
    """Return a small malus for a reply of a kind that is wrong now, a bonus for a question where little is known.

    Solutions and confirmations weigh alike: in a whole reply they stand side by side, and are told apart worst.
    """
    step = classify(text)
    soothes = SOOTHES if needed.sorry and says_sorry(text) else 0.0
    if step in _FRAME or (step is Step.DIAGNOSIS and Step.DIAGNOSIS not in needed.steps):
        return soothes if step in needed.steps else MISFITS + soothes
    return soothes + (FITS if step is Step.DIAGNOSIS and needed.little else 0.0)


def features_size() -> int:
    return len(_named((), ())) + BUCKETS


def features(said: Sequence[Sentence], *, withheld: Collection[tuple[str, str]] = ()) -> tuple[Places, Floats]:
    """Return (places, values), places below `features_size`; ``withheld`` as in `assist.signals.tone.features`."""
    named = np.array(_named(said, withheld), dtype=np.float32)
    places, values = hashed(tokens("\n".join(one.text for one in said)), buckets=BUCKETS)
    there = np.flatnonzero(named)
    return np.concatenate([there, places + len(named)]), np.concatenate([named[there], GRAM_SCALE * values])


def matched(said: Sequence[Sentence]) -> set[tuple[str, str]]:
    """Return (concept, matched words)."""
    return {match for one in said for match in _matches(one)}


def _matches(one: Sentence) -> list[tuple[str, str]]:
    return [(hit.cue.name, hit.sentence.text[hit.start : hit.end].lower()) for hit in hits(one, default_cues("stages"))]


def _named(said: Sequence[Sentence], withheld: Collection[tuple[str, str]]) -> list[float]:
    names = [cue.name for cue in default_cues("stages").cues]
    found = [{name for name, words in _matches(one) if (name, words) not in withheld} for one in said]
    counts = Counter(name for concepts in found for name in concepts)
    text = "\n".join(one.text for one in said)
    words = len(text.split())
    return [
        *(float(min(counts[name], 2)) for name in names),
        *(float(bool(found) and name in found[0]) for name in names),
        *(float(bool(found) and name in found[-1]) for name in names),
        float("?" in text),
        float(text.rstrip().endswith("?")),
        float("!" in text),
        min(words, 60) / 20,
        float(any(letter.isdigit() for letter in text)),
        float(0 < words <= 6),
    ]
