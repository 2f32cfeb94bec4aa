"""How the ranker learns: each past exchange is predicted from conversations other than its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assist.ports import Vectors
from assist.rank.experience.candidates import EVIDENCE, compared, evidence
from assist.rank.experience.memory import LIKENESS, Floats, Memory
from assist.rank.experience.situations import MAX_TURNS, Memo
from assist.rank.experience.wording import USABLE
from assist.rank.logistic import fit_choice

FOLDS = 5
MAX_ASKED = 600
"""Exchanges that are predicted to learn the weights; a few dozen weights need no more."""
AT_ONCE = 40
OTHERS = 120
ALTERNATIVES = 60
RIDGE = 20.0
"""The weights set by hand hold against this many cases; on public chats, less holding only chased noise."""
MIN_CONVERSATIONS = 10
"""With fewer, what is shipped stands."""

USUAL_LIKENESS = {
    "customer": 2.0,
    "talk": 1.5,
    "stage": 0.7,
    "before_words": 1.0,
    "mapped": 2.0,
    "said_words": -0.5,
    "said_meaning": -1.5,
    "same_hand": 0.6,
}
USUAL_EVIDENCE = {
    "customer": 1.5,
    "talk": 2.0,
    "mapped": 2.0,
    "answered_meaning": 0.7,
    "answered_words": 0.5,
    "usual_meaning": -0.8,
    "usual_words": -0.4,
    "already_said": -4.0,
    "length": -0.3,
    "bm25_talk": 0.8,
    "nearest_turn": 1.5,
}
"""Set by hand, in the units of the evidence; each says which way it points and about how much it weighs."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights in the units of the evidence: `memory.LIKENESS` and `candidates.EVIDENCE`."""

    likeness: Floats = field(repr=False)
    candidate: Floats = field(repr=False)

    def speaking(self, likeness: NDArray[np.float32]) -> Floats:
        """Return how far each remembered exchange speaks for each situation: (m, n), rows sum to 1."""
        worth = likeness.astype(np.float64) @ self.likeness
        shares = np.exp(worth - worth.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


def learn(memory: Memory, memo: Memo) -> Weights:
    """Return the weights for an account: its own where its past is long enough, else the usual ones."""
    usual = Weights(
        np.array([USUAL_LIKENESS.get(name, 0.0) for name in LIKENESS]),
        np.array([USUAL_EVIDENCE.get(name, 0.0) for name in EVIDENCE]),
    )
    if len(np.unique(memory.group)) < MIN_CONVERSATIONS:
        return usual
    folds = list(_folds(memory))
    likeness = _learn_likeness(memory, folds, memo, prior=usual.likeness)
    return _learn_candidate(memory, folds, memo, Weights(likeness, usual.candidate))


@dataclass(frozen=True, slots=True)
class _Fold:
    """Some conversations (``asked``, rows) seen from the others (``rest``)."""

    asked: Rows
    rest: Memory
    mapped: Vectors


def _folds(memory: Memory) -> Iterator[_Fold]:
    chance = np.random.default_rng(FOLDS)
    fold_of = chance.permutation(int(memory.group.max()) + 1) % FOLDS
    for number in range(FOLDS):
        inside = fold_of[memory.group] == number
        rows = np.flatnonzero(inside)
        asked = np.sort(chance.permutation(rows)[: MAX_ASKED // FOLDS])
        rest = memory.part(np.flatnonzero(~inside))
        yield _Fold(asked, rest, rest.reply_map.directions(memory.situations.rows(asked.tolist()).meaning()))


def _learn_likeness(memory: Memory, folds: list[_Fold], memo: Memo, *, prior: Floats) -> Floats:
    """Learn which remembered exchanges have a reply that would have been usable."""
    chance = np.random.default_rng(FOLDS + 1)
    rows: list[Floats] = []
    targets: list[Floats] = []
    sizes: list[int] = []
    for fold in folds:
        for start in range(0, len(fold.asked), AT_ONCE):
            memo.pause()
            asked = fold.asked[start : start + AT_ONCE]
            situations = memory.situations.rows(asked.tolist())
            found = fold.rest.likeness(situations, fold.mapped[start : start + AT_ONCE])
            usable = fold.rest.wordings.against([memory.texts[row] for row in asked]) >= USABLE - 1e-6
            for own, right in zip(found, usable, strict=True):
                if not right.any():
                    continue
                others = chance.permutation(len(right))[:OTHERS]
                at = np.union1d(np.flatnonzero(right), others)
                rows.append(own[at].astype(np.float64))
                targets.append(right[at] / right[at].sum())
                sizes.append(len(at))
    return _choose(rows, targets, sizes, prior=prior)


def _learn_candidate(memory: Memory, folds: list[_Fold], memo: Memo, weights: Weights) -> Weights:
    """Learn to tell the reply that was sent from others that were sent elsewhere."""
    chance = np.random.default_rng(FOLDS + 2)
    rows: list[Floats] = []
    targets: list[Floats] = []
    for fold in folds:
        texts = [memory.texts[row] for row in fold.asked]
        candidates = compared(fold.rest, texts, memory.replies[fold.asked])
        for start in range(0, len(fold.asked), AT_ONCE):
            memo.pause()
            situations = memory.situations.rows(fold.asked[start : start + AT_ONCE].tolist())
            mapped = fold.mapped[start : start + AT_ONCE]
            found = evidence(
                fold.rest,
                situations,
                candidates,
                weights=weights.speaking(fold.rest.likeness(situations, mapped)),
                mapped=mapped,
                turn_vectors=[memo.encode([text for _, text in turns[-MAX_TURNS:]]) for turns in situations.turns],
            )
            for at, own in enumerate(found, start):
                others = [other for other in range(len(texts)) if texts[other] != texts[at]]
                if not others:
                    continue
                rows.append(own[[at, *chance.permutation(others)[:ALTERNATIVES]]])
                targets.append(np.eye(1, len(rows[-1]))[0])
    return Weights(weights.likeness, _choose(rows, targets, [len(group) for group in rows], prior=weights.candidate))


def _choose(rows: list[Floats], targets: list[Floats], sizes: list[int], *, prior: Floats) -> Floats:
    """Fit a conditional logit on like scales and return its weights in the units of the evidence."""
    if not rows:
        return prior
    features = np.concatenate(rows)
    scale = np.maximum(features.std(axis=0), 1e-3)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    # What is constant in a group says nothing there; taking the mean off keeps the numbers small.
    fitted = fit_choice(
        (features - features.mean(axis=0)) / scale, np.concatenate(targets), groups, ridge=RIDGE, prior=prior * scale
    )
    return np.asarray(fitted / scale, dtype=np.float64)
