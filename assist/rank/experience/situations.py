"""The situation in which an agent replies, as numbers: what the customer wants, what was said, how far things are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assist.ports import Encoder, Vectors
from assist.rank.experience.wording import words

MAX_TURNS = 6
"""Of a longer conversation only the newest turns are read as meaning; older ones would hardly count."""
CUSTOMER_DECAY = 0.6
TURN_DECAY = 0.7
"""Each turn before the newest counts this much less than the one after it."""
STAGES = 5
MEMO_SIZE = 8_192

Turns = tuple[tuple[str, str], ...]
"""(role, text), oldest first; roles are ``customer`` and ``agent``."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One reply of an agent with the turns before it, the customer's last. ``conversation`` names where it was.

    ``source`` names the reply itself (``ticket:message``), "" where nobody asks for it.
    """

    conversation: str
    turns: Turns = field(repr=False)
    reply: str = field(repr=False)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Situations:
    """Some situations side by side; each array has a row for each, vectors are unit rows or zero.

    ``customer`` is the customer's newest turn, ``story`` all of the customer's, ``talk`` all turns, ``before`` the
    agent's newest; ``stage`` is one of `STAGES` by the number of agent turns so far.
    """

    turns: tuple[Turns, ...] = field(repr=False)
    customer: Vectors
    story: Vectors
    talk: Vectors
    before: Vectors
    stage: Vectors

    def __len__(self) -> int:
        return len(self.turns)

    def rows(self, at: Sequence[int] | slice) -> Situations:
        """Return only some of the situations."""
        chosen = self.turns[at] if isinstance(at, slice) else tuple(self.turns[row] for row in at)
        parts = (self.customer, self.story, self.talk, self.before, self.stage)
        return Situations(chosen, *(part[at] for part in parts))

    def meaning(self) -> Vectors:
        """Return what the map to replies reads: shape (n, 3 * dimension + `STAGES`)."""
        return np.hstack([self.customer, self.before, 0.7 * self.story, 0.5 * self.stage])


class Memo:
    """An encoder that remembers: turns of a conversation are asked for again with each new turn."""

    def __init__(self, encoder: Encoder, *, give_way: Callable[[], object] | None = None) -> None:
        """``give_way`` is called before each text, and may wait until nobody else needs the machine."""
        self.encoder = encoder
        self._give_way = give_way
        self._known: dict[str, Vectors] = {}
        self._kept: dict[bytes, Vectors] = {}

    def put(self, text: str, vector: Vectors) -> None:
        """Give a vector that was made elsewhere, e.g. from the text together with its subject."""
        self._known[text] = np.asarray(vector, dtype=np.float32)

    def put_back(self, digests: NDArray[np.uint64], vectors: Vectors) -> None:
        """Take what `known` gave at the last start.

        Raises:
            ValueError: If the shapes are not (n, 2) and (n, dimension).
        """
        if digests.shape != (len(vectors), 2) or vectors.shape[1:] != (self.encoder.dimension,):
            raise ValueError("each text has two numbers and one vector")
        self._kept = {digest.tobytes(): vector for digest, vector in zip(digests, vectors, strict=True)}

    def only(self, texts: Iterable[str]) -> bool:
        """Forget all but ``texts``; return whether those are just what was put back."""
        self._known = {text: self._known[text] for text in dict.fromkeys(texts) if text in self._known}
        same = self._kept.keys() == set(map(_digest, self._known))
        self._kept = {}
        return same

    def known(self) -> tuple[NDArray[np.uint64], Vectors]:
        """Return checksums (n, 2) of the texts that are remembered, and their vectors (n, dimension)."""
        texts = tuple(self._known)
        digests = np.frombuffer(b"".join(map(_digest, texts)), dtype=np.uint64).reshape(-1, 2)
        vectors = np.array([self._known[text] for text in texts], dtype=np.float32)
        return digests, vectors.reshape(-1, self.encoder.dimension)

    def pause(self) -> None:
        """Wait until nobody else needs the machine."""
        if self._give_way is not None:
            self._give_way()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), as the encoder would."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if self._kept:
            self._known |= {text: self._kept[digest] for text in new if (digest := _digest(text)) in self._kept}
            new = [text for text in new if text not in self._known]
        if self._give_way is None:
            self._known |= zip(new, self.encoder.encode(new), strict=True)
        else:
            for text in new:
                self._give_way()
                self._known[text] = self.encoder.encode([text])[0]
        vectors = np.zeros((len(texts), self.encoder.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._known[text]
        while len(self._known) > MEMO_SIZE:
            del self._known[next(iter(self._known))]
        return vectors


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def merged(turns: Sequence[tuple[str, str]]) -> Turns:
    """Return the conversation with consecutive texts of a role as one turn, a line each."""
    whole: list[tuple[str, str]] = []
    for role, text in turns:
        if whole and whole[-1][0] == role:
            whole[-1] = (role, f"{whole[-1][1]}\n{text}")
        else:
            whole.append((role, text))
    return tuple(whole)


def exchanges(conversation: str, turns: Sequence[tuple[str, str]]) -> list[Exchange]:
    """Return every reply of an agent that follows something; an opening by the agent answers nothing."""
    whole = merged(turns)
    return [
        Exchange(conversation, whole[:at], text) for at, (role, text) in enumerate(whole) if role == "agent" and at > 0
    ]


def read(situations: Sequence[Turns], memo: Memo) -> Situations:
    """Read situations; each is the turns before a reply, merged."""
    columns: list[list[Vectors]] = [[], [], [], []]
    stage = np.zeros((len(situations), STAGES), dtype=np.float32)
    for row, turns in enumerate(situations):
        newest = turns[-MAX_TURNS:]
        vectors = memo.encode([text for _, text in newest])
        customer = vectors[[role == "customer" for role, _ in newest]]
        agent = vectors[[role == "agent" for role, _ in newest]]
        nothing = np.zeros(vectors.shape[1], dtype=np.float32)
        columns[0].append(customer[-1] if len(customer) else nothing)
        columns[1].append(_faded(customer, CUSTOMER_DECAY))
        columns[2].append(_faded(vectors, TURN_DECAY))
        columns[3].append(agent[-1] if len(agent) else nothing)
        stage[row, min(len(agent_texts(turns)), STAGES - 1)] = 1.0
    width = memo.encode([""]).shape[1]
    customer, story, talk, before = (np.array(column, dtype=np.float32).reshape(-1, width) for column in columns)
    return Situations(tuple(situations), customer, story, talk, before, stage)


def agent_texts(turns: Turns) -> list[str]:
    """Return what agents have said so far, oldest first."""
    return [text for role, text in turns if role == "agent" and words(text)]


def unit(vectors: Vectors) -> Vectors:
    """Return unit rows; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _faded(vectors: Vectors, decay: float) -> Vectors:
    weights = np.power(decay, np.arange(len(vectors))[::-1], dtype=np.float32)
    # Of no turns this is the zero vector.
    return unit(np.asarray(weights @ vectors, dtype=np.float32))
