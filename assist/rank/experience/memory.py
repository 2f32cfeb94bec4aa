"""The replies of an account that are remembered, with what is needed to compare a new situation with theirs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assist.ports import Vectors
from assist.rank.experience.situations import Exchange, Memo, Situations, agent_texts, read, unit
from assist.rank.experience.wording import Wordings, words

RIDGE = 10.0
"""Of the map from situation to reply; chosen inside the past of public chats, where 3 to 30 were much alike."""

MOST_WORTH = 500
"""Texts whose words' worth is kept: the same macros and replies are candidates again and again."""

Floats = NDArray[np.float64]

LIKENESS = (
    "customer",
    "story",
    "talk",
    "before",
    "stage",
    "before_words",
    "length",
    "mapped",
    "said_words",
    "said_meaning",
    "same_hand",
)
"""What a remembered exchange is compared by, in the order of the columns of `Memory.likeness`."""


@dataclass(frozen=True, slots=True)
class ReplyMap:
    """A ridge regression from `Situations.meaning` to the vector of the reply (Hoerl and Kennard, 1970)."""

    centre: Vectors
    target: Vectors
    weights: Vectors

    @classmethod
    def fit(cls, meaning: Vectors, replies: Vectors) -> ReplyMap:
        """Fit on rows of situations (n, m) and their replies (n, d)."""
        centre, target = meaning.mean(axis=0), replies.mean(axis=0)
        x, y = meaning - centre, replies - target
        if len(x) < x.shape[1]:
            # With fewer rows than columns the dual form is smaller; both give the same weights.
            weights = x.T @ np.linalg.solve(x @ x.T + RIDGE * np.eye(len(x), dtype=x.dtype), y)
        else:
            weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1], dtype=x.dtype), x.T @ y)
        return cls(centre, target, np.asarray(weights, dtype=np.float32))

    def directions(self, meaning: Vectors) -> Vectors:
        """Return where the reply should lie, seen from the middle of all replies: unit rows."""
        return unit(np.asarray((meaning - self.centre) @ self.weights, dtype=np.float32))


@dataclass(frozen=True)
class Memory:
    """Exchanges with their readings. ``group`` numbers the conversations, so that one can be left out."""

    exchanges: tuple[Exchange, ...] = field(repr=False)
    situations: Situations = field(repr=False)
    replies: Vectors = field(repr=False)
    group: NDArray[np.int64] = field(repr=False)

    @classmethod
    def read(cls, exchanges: Sequence[Exchange], memo: Memo) -> Memory:
        """Read exchanges; encodes every turn once."""
        _, group = np.unique([exchange.conversation for exchange in exchanges], return_inverse=True)
        situations = read([exchange.turns for exchange in exchanges], memo)
        replies = memo.encode([exchange.reply for exchange in exchanges])
        return cls(tuple(exchanges), situations, replies, np.asarray(group, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.exchanges)

    def part(self, rows: NDArray[np.int64]) -> Memory:
        """Return a memory of only some exchanges."""
        at = rows.tolist()
        exchanges = tuple(self.exchanges[row] for row in at)
        return Memory(exchanges, self.situations.rows(at), self.replies[rows], self.group[rows])

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(exchange.reply for exchange in self.exchanges)

    @cached_property
    def wordings(self) -> Wordings:
        return Wordings(self.texts)

    @cached_property
    def reply_map(self) -> ReplyMap:
        return ReplyMap.fit(self.situations.meaning(), self.replies)

    @cached_property
    def centred(self) -> Vectors:
        """Replies seen from their middle: (n, d), unit rows."""
        return unit(self.replies - self.replies.mean(axis=0))

    @cached_property
    def rarity(self) -> Rarity:
        return Rarity([*self.texts, *(exchange.turns[-1][1] for exchange in self.exchanges)])

    def likeness(self, asked: Situations, mapped: Vectors) -> NDArray[np.float32]:
        """Compare situations with all that are remembered.

        Args:
            asked: m situations.
            mapped: Where the reply to each should lie (m, d), from a map that has not seen that reply.

        Returns:
            Shape (m, n, len(LIKENESS)).
        """
        own, n = self.situations, len(self)
        said_words, said_meaning, same_hand, before_words = (np.zeros((len(asked), n), np.float32) for _ in range(4))
        for row, turns in enumerate(asked.turns):
            if said := agent_texts(turns):
                alike = self.wordings.against(said)
                said_words[row] = alike.max(axis=0)
                said_meaning[row] = asked.before[row] @ self.replies.T
                same_hand[row] = self._same_hand(alike, said)
                before_words[row] = self._before.against(said[-1:])[0]
        columns = (
            asked.customer @ own.customer.T,
            asked.story @ own.story.T,
            asked.talk @ own.talk.T,
            asked.before @ own.before.T,
            asked.stage @ own.stage.T,
            before_words,
            np.broadcast_to(self._lengths, (len(asked), n)),
            mapped @ self.centred.T,
            said_words,
            said_meaning,
            same_hand,
        )
        return np.stack(columns, axis=-1).astype(np.float32)

    @cached_property
    def _lengths(self) -> Floats:
        return np.log1p([len(words(text)) for text in self.texts])

    @cached_property
    def _before(self) -> Wordings:
        return Wordings([(agent_texts(exchange.turns) or [""])[-1] for exchange in self.exchanges])

    def _same_hand(self, alike: NDArray[np.float32], said: Sequence[str]) -> NDArray[np.float32]:
        """Say whether the conversations sound like the agent who wrote ``said``: agents have wordings of their own."""
        best = np.zeros((int(self.group.max()) + 1, len(said)), dtype=np.float32)
        np.maximum.at(best, self.group, alike.T)
        weights = np.log1p([len(words(text)) for text in said]) / math.sqrt(len(said))
        hand = (best - best.mean(axis=0)) @ weights
        return np.asarray(hand[self.group], dtype=np.float32)


class Rarity:
    """How telling words are here: inverse document frequency over situations and replies."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._seen = Counter(word for text in texts for word in set(words(text)))
        self._texts = len(texts)
        self._worth: dict[str, tuple[tuple[str, float], ...]] = {}
        self.usual_length = max(sum(len(words(text)) for text in texts) / max(len(texts), 1), 1.0)

    def of(self, word: str) -> float:
        """Return how telling a word is, greater than 0."""
        seen = self._seen.get(word, 0)
        return math.log(1.0 + (self._texts - seen + 0.5) / (seen + 0.5))

    def worth(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return the words of a text, each once, with their BM25 if they are asked for."""
        if (known := self._worth.get(text)) is not None:
            return known
        counts = Counter(words(text))
        norm = 1.2 * (0.25 + 0.75 * counts.total() / self.usual_length)
        worth = tuple((word, self.of(word) * times * 2.2 / (times + norm)) for word, times in counts.items())
        while len(self._worth) >= MOST_WORTH:
            del self._worth[next(iter(self._worth))]
        self._worth[text] = worth
        return worth

    def bm25(self, texts: Sequence[str]) -> Bm25:
        """Make ``texts`` findable by words."""
        return Bm25(self, texts)


class Bm25:
    """BM25 of any text against some texts (Robertson and Zaragoza, 2009; k1 1.2, b 0.75)."""

    def __init__(self, rarity: Rarity, texts: Sequence[str]) -> None:
        self._columns: dict[str, int] = {}
        entries: list[tuple[int, int, float]] = []
        for row, text in enumerate(texts):
            for word, value in rarity.worth(text):
                at = self._columns.setdefault(word, len(self._columns))
                entries.append((row, at, value))
        # A row for each word: a query then adds up the rows of its words.
        self._worth = np.zeros((len(self._columns), len(texts)), dtype=np.float32)
        for row, at, value in entries:
            self._worth[at, row] = value

    def scores(self, queries: Sequence[str]) -> Floats:
        """Return shape (len(queries), number of texts), at least 0."""
        found = np.zeros((len(queries), self._worth.shape[1]))
        for row, query in enumerate(queries):
            found[row] = self._worth[self._rows(query)].sum(axis=0)
        return found

    def _rows(self, query: str) -> list[int]:
        return [self._columns[word] for word in set(words(query)) if word in self._columns]
