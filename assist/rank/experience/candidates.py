"""What speaks for a reply in a situation, whoever wrote it: macro, past reply, or another's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assist.ports import Vectors
from assist.rank.experience.memory import Bm25, Floats, Memory
from assist.rank.experience.situations import Situations, agent_texts, unit
from assist.rank.experience.wording import Wordings, kinship, words

SPREAD = 0.12
"""Cosines that differ by this much differ in weight by e."""
LEAST_WORDS = 2e-4
LEAST_MEANING = 1e-6

EVIDENCE = (
    "customer",
    "story",
    "talk",
    "mapped",
    "answered_meaning",
    "answered_words",
    "usual_meaning",
    "usual_words",
    "already_said",
    "length",
    "bm25_customer",
    "bm25_talk",
    "nearest_turn",
    "expected",
)
"""The columns of `evidence`. ``answered_*``: such situations were answered like this; ``usual_*``: agents here write
like this at all; ``mapped``: the map from situation to reply points here; ``expected``: the mean answer lies here."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Replies to choose from, compared with a memory once, for any number of situations.

    ``meaning`` and ``wording`` say how alike each is to each remembered reply, shape (c, n); ``foreign`` is 0 where
    both were written in the same conversation, for a reply must not speak for itself.
    """

    texts: tuple[str, ...] = field(repr=False)
    vectors: Vectors = field(repr=False)
    centred: Vectors = field(repr=False)
    meaning: Vectors = field(repr=False)
    wording: Vectors = field(repr=False)
    foreign: Vectors = field(repr=False)
    lengths: Floats = field(repr=False)
    own_wordings: Wordings = field(repr=False)
    words: Bm25 = field(repr=False)


def compared(
    memory: Memory,
    texts: Sequence[str],
    vectors: Vectors,
    *,
    group: NDArray[np.int64] | None = None,
    kin: Vectors | None = None,
) -> Candidates:
    """Compare replies with a memory.

    Args:
        memory: What is remembered, n exchanges.
        texts: The replies.
        vectors: Their vectors (c, d).
        group: The conversation of ``memory`` that each comes from (c,), -1 for none.
        kin: Their kinship with each remembered reply (c, n), where it is known already.
    """
    if kin is None:
        kin = kinship(memory.wordings.against(texts))
    own = np.full(len(texts), -1, dtype=np.int64) if group is None else group
    foreign = (own[:, None] != memory.group[None, :]).astype(np.float32)
    return Candidates(
        texts=tuple(texts),
        vectors=vectors,
        centred=unit(vectors - memory.replies.mean(axis=0)),
        meaning=np.exp((vectors @ memory.replies.T - 1.0) / SPREAD) * foreign,
        wording=kin * foreign,
        foreign=foreign,
        lengths=np.log1p([len(words(text)) for text in texts]),
        own_wordings=Wordings(texts),
        words=memory.rarity.bm25(texts),
    )


def evidence(
    memory: Memory,
    asked: Situations,
    candidates: Candidates,
    *,
    weights: Floats,
    mapped: Vectors,
    turn_vectors: Sequence[Vectors],
) -> Floats:
    """Return the evidence for each candidate in each situation.

    Args:
        memory: What is remembered.
        asked: m situations.
        candidates: c candidates, compared with ``memory``.
        weights: Shape (m, n): how far each remembered exchange speaks for this situation; rows sum to 1.
        mapped: Shape (m, d): where the reply should lie.
        turn_vectors: For each situation the vectors of its turns.

    Returns:
        Shape (m, c, len(EVIDENCE)).
    """
    found = candidates
    share = np.maximum(weights @ found.foreign.T, 1e-3)
    counted = np.maximum(found.foreign.sum(axis=1), 1.0)
    size = (len(asked), len(found.texts))

    def close(view: Vectors, remembered: Vectors) -> Floats:
        present = np.linalg.norm(view, axis=1, keepdims=True) > 0
        return np.asarray(unit(view - remembered.mean(axis=0)) @ found.centred.T * present, dtype=np.float64)

    last = [turns[-1][1] for turns in asked.turns]
    talk = ["\n".join(text for _, text in turns) for turns in asked.turns]
    expected = unit(weights.astype(np.float32) @ memory.replies - memory.replies.mean(axis=0))
    columns = (
        close(asked.customer, memory.situations.customer),
        close(asked.story, memory.situations.story),
        close(asked.talk, memory.situations.talk),
        mapped @ found.centred.T,
        np.log(weights @ found.meaning.T / share + LEAST_MEANING),
        np.log(weights @ found.wording.T / share + LEAST_WORDS),
        np.broadcast_to(np.log(found.meaning.sum(axis=1) / counted + LEAST_MEANING), size),
        np.broadcast_to(np.log(found.wording.sum(axis=1) / counted + LEAST_WORDS), size),
        _already_said(asked, found.own_wordings),
        np.broadcast_to(found.lengths, size),
        np.log1p(found.words.scores(last)),
        np.log1p(found.words.scores(talk)),
        np.array([(turns @ found.vectors.T).max(axis=0) for turns in turn_vectors]).reshape(size),
        expected @ found.centred.T,
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=-1)


def _already_said(asked: Situations, wordings: Wordings) -> Floats:
    said = np.zeros((len(asked), len(wordings)))
    for row, turns in enumerate(asked.turns):
        if earlier := agent_texts(turns):
            said[row] = wordings.against(earlier).max(axis=0)
    return said
