"""A small ranker of replies, learned on an account's own past: which reply comes next, and which wording to offer.

Two conditional logits over readable evidence. The first weighs every remembered exchange by how far it speaks for the
situation in front; the second orders candidates by what those exchanges, a linear map and plain words say of them.
Wordings are offered by minimum Bayes risk (Kumar and Byrne, 2004): not the nearest old reply, but the one that would
be usable in place of most of what agents said in such situations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from assist.ports import Encoder, Vectors
from assist.rank.experience.candidates import Candidates, compared, evidence
from assist.rank.experience.learning import Weights, learn
from assist.rank.experience.memory import Floats, Memory
from assist.rank.experience.situations import MAX_TURNS, Exchange, Memo, Situations, Turns, merged, read
from assist.rank.experience.wording import kinship

MAX_PAST = 5_000
"""Of an account with a longer past the newest exchanges are remembered: a question stays within milliseconds."""
POOL = 300
"""Wordings are chosen among this many exchanges; the others weigh nothing to speak of."""
BACKGROUND = 60
MOST_KIN = 500
"""Texts that are not remembered, mostly macros, whose kinship is kept for the next question."""
_SEED = 20261123


@dataclass(frozen=True, slots=True)
class Offer:
    """A past reply to start from: ``row`` of the model's exchanges, ``chance`` in [0, 1] that it is usable."""

    row: int
    chance: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A situation, read once: how far each remembered exchange speaks for it (shape (n,), sums to 1)."""

    situation: Situations
    mapped: Vectors = field(repr=False)
    turn_vectors: Vectors = field(repr=False)
    weights: Floats = field(repr=False)


class ReplyModel:
    """What one account's past says of the next reply. Fitted once; asked from one thread at a time."""

    def __init__(self, memory: Memory, weights: Weights, encoder: Encoder) -> None:
        self.memory = memory
        self.weights = weights
        self._memo = Memo(encoder)
        for text, vector in zip(memory.texts, memory.replies, strict=True):
            self._memo.put(text, vector)
        kin = np.empty((len(memory), len(memory)), dtype=np.uint8)
        for start in range(0, len(memory), 256):
            rows = slice(start, start + 256)
            kin[rows] = 255.0 * kinship(memory.wordings.against(memory.texts[rows]))
        self._kin = kin
        chosen = np.random.default_rng(_SEED).permutation(len(memory))[:BACKGROUND]
        texts = [memory.texts[row] for row in chosen]
        self._background = compared(memory, texts, memory.replies[chosen], group=memory.group[chosen])
        self._rows = {text: row for row, text in enumerate(memory.texts)}
        self._kin_of: dict[str, Vectors] = {}
        self._last_reading: tuple[object, Reading] | None = None
        self._groups = {
            exchange.conversation: int(g) for exchange, g in zip(memory.exchanges, memory.group, strict=True)
        }

    @classmethod
    def fit(cls, exchanges: Sequence[Exchange], encoder: Encoder, *, memo: Memo | None = None) -> ReplyModel | None:
        """Learn from an account's past, oldest first; the newest `MAX_PAST` count. None without any.

        Args:
            exchanges: Past replies with the turns before them.
            encoder: Makes the vectors of turns and replies; a question must be read with the same one.
            memo: Vectors that are known already.
        """
        if not exchanges:
            return None
        memo = memo or Memo(encoder)
        memory = Memory.read(exchanges[-MAX_PAST:], memo)
        return cls(memory, learn(memory, memo), encoder)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of replies; those that are remembered, or were asked for before, cost nothing."""
        return self._memo.encode(texts)

    def know(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Take in the vectors of replies that will be judged and are not remembered: the account's macros."""
        for text, vector in zip(texts, vectors, strict=True):
            self._memo.put(text, vector)
        self._kinship(texts[:MOST_KIN])

    def read(
        self, turns: Sequence[tuple[str, str]], *, known: tuple[str, Vectors] | None = None, without: str = ""
    ) -> Reading:
        """Read the situation after ``turns`` (role, text), oldest first.

        Args:
            turns: At least one.
            known: A turn's text with its vector, where the app has made that already.
            without: A conversation that is not to speak: the one in front may be remembered too.
        """
        if known is not None:
            self._memo.put(*known)
        whole: Turns = merged(turns)
        if self._last_reading is not None and self._last_reading[0] == (whole, without):
            return self._last_reading[1]
        situation = read([whole], self._memo)
        mapped = self.memory.reply_map.directions(situation.meaning())
        weights = self.weights.speaking(self.memory.likeness(situation, mapped))[0]
        weights = np.where(self.memory.group == self._groups.get(without, -1), 0.0, weights)
        weights /= max(float(weights.sum()), 1e-12)
        newest = [text for _, text in whole[-MAX_TURNS:]]
        reading = Reading(situation, mapped, self._memo.encode(newest), weights)
        # One answer asks twice: what to offer, and how the candidates stand.
        self._last_reading = ((whole, without), reading)
        return reading

    def score(
        self, reading: Reading, texts: Sequence[str], vectors: Vectors, *, conversations: Sequence[str] = ()
    ) -> Floats:
        """Return what orders replies in this situation, shape (len(texts),); differences are log odds.

        Args:
            reading: From `read`.
            texts: The replies.
            vectors: Their vectors, one row each.
            conversations: Where each was written, so that it does not speak for itself; "" for none.
        """
        group = [self._groups.get(name, -1) for name in conversations] or [-1] * len(texts)
        own = np.array(group, dtype=np.int64)
        return self._score(reading, compared(self.memory, texts, vectors, group=own, kin=self._kinship(texts)))

    def standing(
        self, reading: Reading, texts: Sequence[str], vectors: Vectors, *, conversations: Sequence[str] = ()
    ) -> Floats:
        """Return how each reply stands against what agents usually write, in (0, 1); 0.5 is as good as those."""
        usual = self._score(reading, self._background)
        scores = self.score(reading, texts, vectors, conversations=conversations)
        odds = scores - np.logaddexp.reduce(usual) + np.log(len(usual))
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30))), dtype=np.float64)

    def offers(self, reading: Reading, *, limit: int = 3) -> list[Offer]:
        """Return the past replies that together are most likely to hold a usable one, best first."""
        pool = np.argsort(-reading.weights, kind="stable")[:POOL]
        kin = self._kin[np.ix_(pool, pool)].astype(np.float64) / 255.0
        left = reading.weights[pool].copy()
        chosen: list[Offer] = []
        for _ in range(min(limit, len(pool))):
            gain = kin @ left
            best = int(gain.argmax())
            if chosen and gain[best] < 1e-6:
                break  # the ones before cover everything; another would only repeat them
            chosen.append(Offer(int(pool[best]), float(gain[best])))
            # What the first one covers need not be covered again: the three should differ in substance.
            left *= 1.0 - kin[best]
        return chosen

    def remembers(self, text: str) -> bool:
        """Tell whether a reply is among the remembered ones, so that judging it costs next to nothing."""
        return text in self._rows

    def _kinship(self, texts: Sequence[str]) -> Vectors:
        """Return the kinship of replies with each remembered one, shape (c, n)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows and text not in self._kin_of]
        if new:
            kin = kinship(self.memory.wordings.against(new))
            self._kin_of |= zip(new, kin, strict=True)
        found = np.empty((len(texts), len(self.memory)), dtype=np.float32)
        for at, text in enumerate(texts):
            row = self._rows.get(text)
            found[at] = self._kin_of[text] if row is None else self._kin[row] / np.float32(255.0)
        while len(self._kin_of) > MOST_KIN:
            del self._kin_of[next(iter(self._kin_of))]
        return found

    def _score(self, reading: Reading, candidates: Candidates) -> Floats:
        found = evidence(
            self.memory,
            reading.situation,
            candidates,
            weights=reading.weights[None, :],
            mapped=reading.mapped,
            turn_vectors=[reading.turn_vectors],
        )
        return np.asarray(found[0] @ self.weights.candidate, dtype=np.float64)
