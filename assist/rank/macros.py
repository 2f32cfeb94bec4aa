"""Which macro answers a message, judged by the messages that each macro has answered before; or none of them.

Four measures compare a message with the examples of a macro (`Measures`); a conditional logit makes shares of them.
A second model says whether the message is about any of these macros at all. Its measures are made comparable between
accounts by what an account's own examples look like: how near an example has its next one of the same macro
(``inside``) and of another macro (``outside``). So it works for an account that has no example of "none", which is
every account. Both were fitted on desks and articles written for this project: ``python -m assist.training.macros``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from assist.ports import Vectors
from assist.rank.head import fit_head, log_softmax
from assist.rank.spelling import SpellingIndex

Floats = NDArray[np.float64]
M = TypeVar("M", bound=Hashable)
MAX_EXAMPLES = 100
"""Of one macro; the first ones given are kept."""
NONE_SHARE = 0.45
"""How many messages no macro answers: assumed, since no account knows. It is where ``in_scope`` is one half."""
CHOSEN = 0.5
USUAL_WEIGHT = 5.0
"""How many examples' worth the usual ``inside`` and ``outside`` hold where an account has few of its own."""
_CHUNK = 512
_NOT_THERE = np.float32(-2.0)
"""Below every cosine."""


@dataclass(frozen=True, slots=True)
class Weights:
    """``choice`` weighs the four measures; ``scope`` those of `MacroMatcher.evidence`, the constant last."""

    choice: tuple[float, ...]
    scope: tuple[float, ...]
    inside: float
    outside: float
    """What an account's examples usually look like, in [-1, 1]."""


WEIGHTS = Weights(
    choice=(4.209, 1.994, 3.017, 1.547),
    scope=(-5.017, 5.938, 3.447, 1.125, 0.529, 6.642, -0.073),
    inside=0.421,
    outside=0.365,
)
"""As the trainer prints them, and the encoder whose cosines they were fitted to."""
FITTED_TO = "minilm@L6-v2-support-1"


@dataclass(frozen=True, slots=True)
class Example(Generic[M]):
    """A text that ``macro`` answered, with its unit row (dimension,); or, as ``is_title``, what the macro is called."""

    text: str = field(repr=False)
    macro: M
    vector: Vectors = field(repr=False)
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Measures:
    """One message against all macros. ``table`` has shape (macros, 4), a row each: the mean cosine of the two nearest
    examples, the cosine to their centre, the best likeness of spelling, and the log share of a linear classifier."""

    table: Floats = field(repr=False)
    nearest: Floats = field(repr=False)
    """Cosine of the nearest example, shape (macros,)."""


@dataclass(frozen=True, slots=True)
class Verdict(Generic[M]):
    """``in_scope`` is the probability that any macro answers; ``shares`` sum to 1 over those there are."""

    in_scope: float
    shares: Mapping[M, float] = field(repr=False)

    @property
    def best(self) -> M:
        return max(self.shares, key=self.shares.__getitem__)

    @property
    def chosen(self) -> M | None:
        """The macro to offer, or None where none seems to answer."""
        return self.best if self.in_scope >= CHOSEN else None


class MacroMatcher(Generic[M]):
    """Learns from examples in well under a second, answers in under 3 ms; any thread may ask it."""

    def __init__(self, examples: Sequence[Example[M]], *, weights: Weights = WEIGHTS) -> None:
        """Learn from ``examples``, in any order.

        Raises:
            ValueError: If there is none.
        """
        if not examples:
            raise ValueError("a matcher needs at least one example")
        kept = _kept(examples)
        self.macros: tuple[M, ...] = tuple(kept)
        rows = [example for group in kept.values() for example in group]
        sizes = [len(group) for group in kept.values()]
        self._labels = np.repeat(np.arange(len(sizes)), sizes)
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._is_title = np.array([example.is_title for example in rows])
        self._vectors = np.array([example.vector for example in rows], dtype=np.float32)
        self._spelling = SpellingIndex([example.text for example in rows])
        self._centres = _unit(np.add.reduceat(self._vectors, self._starts, axis=0))
        self._head = fit_head(self._vectors, self._labels, len(self.macros))
        self._choice, self._scope = np.array(weights.choice), np.array(weights.scope)
        self.inside, self.outside = self._usual(weights)
        counts = np.bincount(self._labels, weights=~self._is_title).astype(int).tolist()
        self.sizes: Mapping[M, int] = dict(zip(self.macros, counts, strict=True))
        """How many examples each macro has, its title left out."""

    def match(self, text: str, vector: Vectors) -> Verdict[M]:
        """Judge one message; ``vector`` is its unit row (dimension,)."""
        measures = self.measures(text, vector)
        log_shares = log_softmax(measures.table @ self._choice)
        evidence = self.evidence(measures, int(log_shares.argmax()))
        in_scope = 1.0 / (1.0 + np.exp(-float(evidence @ self._scope[:-1] + self._scope[-1])))
        return Verdict(float(in_scope), dict(zip(self.macros, np.exp(log_shares).tolist(), strict=True)))

    def measures(self, text: str, vector: Vectors) -> Measures:
        cosines = self._vectors @ vector
        nearest = np.maximum.reduceat(cosines, self._starts)
        rest = np.where(cosines < nearest[self._labels], cosines, _NOT_THERE)
        second = np.maximum.reduceat(rest, self._starts)
        # The only example of a macro stands for both.
        two = np.where(second > _NOT_THERE, (nearest + second) / 2, nearest)
        spelling = np.maximum.reduceat(self._spelling.similarities(text), self._starts)
        head = log_softmax(np.append(vector, np.float32(1.0)) @ self._head)
        return Measures(np.column_stack([two, self._centres @ vector, spelling, head]), nearest.astype(np.float64))

    def evidence(self, measures: Measures, best: int) -> Floats:
        """Return what tells whether a message is in scope, shape (6,).

        The measures of the best macro, the lead of its nearest example over those of all others, and how that nearest
        one lies between what is usual inside and outside a macro.
        """
        nearest = measures.nearest[best]
        others = np.delete(measures.nearest, best).max(initial=0.0)
        level = nearest - (self.inside + self.outside) / 2
        return np.append(measures.table[best], [nearest - others, level])

    def _usual(self, weights: Weights) -> tuple[float, float]:
        # Customers do not write titles, so these say nothing of how near a message comes.
        vectors, labels = self._vectors[~self._is_title], self._labels[~self._is_title]
        inside, outside = [np.empty(0, np.float32)], [np.empty(0, np.float32)]
        for start in range(0, len(vectors), _CHUNK):
            cosines = vectors[start : start + _CHUNK] @ vectors.T
            same = labels[start : start + _CHUNK, None] == labels[None]
            np.fill_diagonal(cosines[:, start:], _NOT_THERE)
            inside.append(np.where(same, cosines, _NOT_THERE).max(axis=1))
            outside.append(np.where(same, _NOT_THERE, cosines).max(axis=1))
        return _pulled(np.concatenate(inside), weights.inside), _pulled(np.concatenate(outside), weights.outside)


def _kept(examples: Sequence[Example[M]]) -> dict[M, list[Example[M]]]:
    """Group the examples that differ by macro; a text that says the same twice proves nothing new."""
    kept: dict[M, dict[str, Example[M]]] = {}
    for example in examples:
        group = kept.setdefault(example.macro, {})
        if len(group) < MAX_EXAMPLES:
            group.setdefault(" ".join(example.text.casefold().split()), example)
    return {macro: list(group.values()) for macro, group in kept.items()}


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


def _pulled(cosines: NDArray[np.float32], usual: float) -> float:
    """Return the mean of the cosines that there are, pulled to what is usual."""
    there = cosines[cosines > _NOT_THERE]
    return float((there.sum() + USUAL_WEIGHT * usual) / (len(there) + USUAL_WEIGHT))
