"""Peers that rank or reuse replies: BM25, MiniLM cosine, a ridge map from contexts to replies.

(A) the true reply among 100, 99 drawn from the file's other test replies as the door draws them, so that all rank the
same; (B) three of the same client's past replies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.peers.cases import Row, reply_turns
from tests.bench.peers.encoder import Encoder

CANDIDATES = 100
SUGGESTED = 3
RIDGE = 1.0
SEED = 20261123


@dataclass(frozen=True)
class Pair:
    """An agent's turn: the end of the conversation before it, and what was said."""

    turn: int
    conversation: str
    client: str
    context: str
    reply: str


@dataclass(frozen=True)
class Peer:
    """``rank`` orders candidate replies for a context; ``nearest`` gives rows of past pairs to reuse."""

    rank: Callable[[Pair, Sequence[int]], NDArray[np.float64]]
    nearest: Callable[[Pair], Sequence[int]]


def run(rows: Sequence[Row], encoder: Encoder, **_: Any) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Yield (peer's name, what makes its cases)."""
    past = [pair for row in rows if row["split"] == "past" for pair in pairs_of(row)]
    asked = [pair for row in rows if row["split"] == "test" for pair in pairs_of(row)]
    for name, make in {"BM25": _bm25, "MiniLM cosine": _cosine, "ridge map": _ridge}.items():
        yield name, lambda make=make: _cases(past, asked, make(past, asked, encoder))


def pairs_of(row: Row) -> Iterator[Pair]:
    for number, context, reply in reply_turns(row):
        yield Pair(number, row["id"], row.get("client", ""), context, reply)


def candidates(replies: Sequence[str], true: int) -> NDArray[np.int64]:
    """Return at most 100 rows of ``replies``: the true one first, then others; a text that is the same is no other."""
    others = np.array([row for row, text in enumerate(replies) if text != replies[true]], dtype=np.int64)
    chance = np.random.default_rng((SEED, true))
    return np.concatenate([[true], chance.permutation(others)[: CANDIDATES - 1]])


def _cases(past: Sequence[Pair], asked: Sequence[Pair], peer: Peer) -> list[Row]:
    cases = []
    replies = [pair.reply for pair in asked]
    for number, pair in enumerate(asked):
        scores = peer.rank(pair, candidates(replies, number))
        suggested = list(dict.fromkeys(past[at].reply for at in peer.nearest(pair)))[:SUGGESTED]
        cases.append(
            {
                "conversation": pair.conversation,
                "turn": pair.turn,
                # Among equals the middle of their places: who scores nothing has found nothing.
                "rank": 1 + float((scores[1:] > scores[0]).sum()) + 0.5 * float((scores[1:] == scores[0]).sum()),
                "rouge": max((rouge_l(pair.reply, text) for text in suggested), default=0.0),
            }
        )
    return cases


def rouge_l(truth: str, other: str) -> float:
    """Return the F1 of the longest common subsequence of words, 0 to 1 (Lin 2004)."""
    from rapidfuzz.distance import LCSseq

    first, second = truth.lower().split(), other.lower().split()
    return 2 * LCSseq.similarity(first, second) / (len(first) + len(second)) if first and second else 0.0


def _bm25(past: Sequence[Pair], asked: Sequence[Pair], _: Encoder) -> Peer:
    replies = _Bm25([pair.reply for pair in asked])
    of_client = {
        client: [at for at, pair in enumerate(past) if pair.client == client] for client in {p.client for p in past}
    }
    contexts = {client: _Bm25([past[at].context for at in rows]) for client, rows in of_client.items()}

    def nearest(pair: Pair) -> list[int]:
        if pair.client not in contexts:
            return []
        scores = contexts[pair.client].scores(pair.context)
        return [of_client[pair.client][at] for at in np.argsort(-scores, kind="stable")[:20]]

    return Peer(lambda pair, drawn: replies.scores(pair.context)[drawn].astype(np.float64), nearest)


class _Bm25:
    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        self._library = bm25s
        self._index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        self._index.index(bm25s.tokenize(list(texts), stopwords="en", show_progress=False), show_progress=False)
        self._count = len(texts)

    def scores(self, text: str) -> NDArray[np.float32]:
        tokens = self._library.tokenize([text], stopwords="en", show_progress=False, return_ids=False)[0]
        known = [token for token in tokens if token in self._index.vocab_dict]
        return self._index.get_scores(known) if known else np.zeros(self._count, dtype=np.float32)


def _cosine(past: Sequence[Pair], asked: Sequence[Pair], encoder: Encoder) -> Peer:
    replies = encoder.encode([pair.reply for pair in asked])
    known = encoder.encode([pair.context for pair in past])
    return _dense(past, asked, encoder, replies=replies, known=known, mapped=lambda vector: vector)


def _ridge(past: Sequence[Pair], asked: Sequence[Pair], encoder: Encoder) -> Peer:
    """Map contexts to replies by least squares with a pull to zero, learned on the past; reuse what is near it."""
    contexts, said = encoder.encode([pair.context for pair in past]), encoder.encode([pair.reply for pair in past])
    gram = contexts.T @ contexts + RIDGE * np.eye(contexts.shape[1], dtype=np.float32)
    weights = np.linalg.solve(gram, contexts.T @ said)
    replies = encoder.encode([pair.reply for pair in asked])
    return _dense(past, asked, encoder, replies=replies, known=said, mapped=lambda vector: vector @ weights)


def _dense(
    past: Sequence[Pair],
    asked: Sequence[Pair],
    encoder: Encoder,
    *,
    replies: NDArray[np.float32],
    known: NDArray[np.float32],
    mapped: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> Peer:
    encoder.encode([pair.context for pair in asked])
    clients = np.array([pair.client for pair in past])

    def vector(pair: Pair) -> NDArray[np.float32]:
        return mapped(encoder.encode([pair.context])[0])

    def nearest(pair: Pair) -> list[int]:
        own = np.flatnonzero(clients == pair.client)
        found: list[int] = own[np.argsort(-(known[own] @ vector(pair)), kind="stable")[:20]].tolist()
        return found

    return Peer(lambda pair, drawn: (replies[drawn] @ vector(pair)).astype(np.float64), nearest)
