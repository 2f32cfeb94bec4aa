"""``eval replies``: what will the agent answer? Learned per client from past conversations, as the app learns.

(A) the true reply among 100, and (B) three suggestions from the client's past replies, with two plain baselines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resources
from assist.encoders.minilm import load as load_encoder
from assist.evaluate.report import Figure, Report, mean
from assist.evaluate.rows import BadRow, Row
from assist.ports import Encoder, Vectors
from assist.rank.experience.memory import Floats, Rarity
from assist.rank.experience.model import MAX_PAST, ReplyModel
from assist.rank.experience.situations import Exchange, Memo, exchanges
from assist.rank.experience.wording import USABLE, Wordings

ALTERNATIVES = 99
SUGGESTIONS = 3
NEAREST = 50
SPLITS = ("past", "test")
WAYS = ("", " bm25", " encoder")
"""The app's ranking has the plain names; the baselines' figures carry theirs."""
_SEED = 20261123
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of the file, before its turns were merged."""

    id: str
    client: str
    split: str
    turns: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Case:
    number: int
    client: str
    exchange: Exchange


def evaluate(rows: Sequence[Row], *, encoder: Encoder | None = None) -> Report:
    """Measure on conversations.

    Args:
        rows: Lines of ``type`` "conversation"; others are passed over.
        encoder: The shipped one when None.

    Raises:
        BadRow: If a line cannot be used.
    """
    talks = read_talks(rows)
    memo = Memo(encoder or load_encoder(resources.ROOT / "models", threads=1))
    past = _by_client(talk for talk in talks if talk.split == "past")
    tests = [(talk.client, exchange) for talk in talks if talk.split == "test" for exchange in _exchanges(talk)]
    cases = [_Case(number, client, exchange) for number, (client, exchange) in enumerate(tests)]
    texts = [case.exchange.reply for case in cases]
    pool = _Pool(texts, memo.encode(texts), Rarity(texts))
    # The app remembers no more either; the baselines get the same past.
    past = {client: mine[-MAX_PAST:] for client, mine in past.items()}
    found: list[dict[str, Any]] = []
    for client in dict.fromkeys(case.client for case in cases):
        mine = [case for case in cases if case.client == client]
        found += _judge(mine, past.get(client, []), pool, memo)
    found.sort(key=lambda case: case["number"])
    sizes = f"{len(talks)} conversations of {len({talk.client for talk in talks})} clients"
    return Report(
        "replies",
        f"{sizes}, {sum(map(len, past.values()))} past replies, {len(cases)} to find",
        _figures(found),
        found,
        _notes(found),
    )


def read_talks(rows: Sequence[Row]) -> list[Talk]:
    """Return the conversations of a file, each in its part.

    Raises:
        BadRow: If an id is missing or comes twice, or a split is neither of `SPLITS`.
    """
    talks: dict[str, Talk] = {}
    for row in rows:
        if row.need("type", str) != "conversation":
            continue
        id_, split = row.need("id", str), row.get("split", str, "")
        if id_ in talks:
            raise BadRow(f"{row.where}: the id {id_!r} comes twice")
        if split and split not in SPLITS:
            raise BadRow(f"{row.where}: split must be one of {', '.join(SPLITS)}, not {split!r}")
        if not row.get("turns", list, []):
            raise BadRow(f"{row.where}: turns is missing")
        talks[id_] = Talk(id_, row.get("client", str, ""), split, row.turns())
    return _split(list(talks.values()))


def _split(talks: Sequence[Talk]) -> list[Talk]:
    """Give those without a split theirs: two thirds of each client's are past, ordered by a hash of their id."""
    order = sorted(talks, key=lambda talk: hashlib.sha256(talk.id.encode("utf-8", "replace")).digest())
    past: set[str] = set()
    for client in {talk.client for talk in talks}:
        open_ = [talk.id for talk in order if talk.client == client and not talk.split]
        past |= set(open_[: len(open_) * 2 // 3])
    given = {talk.id: talk.split or ("past" if talk.id in past else "test") for talk in talks}
    return [Talk(talk.id, talk.client, given[talk.id], talk.turns) for talk in talks]


@dataclass(frozen=True, slots=True)
class _Pool:
    """All true replies of the test part, from which alternatives are drawn."""

    texts: Sequence[str]
    vectors: Vectors
    rarity: Rarity

    def drawn(self, case: _Case) -> NDArray[np.int64]:
        """Return the true reply's row, then at most 99 of others; a text that is the same is no other."""
        others = np.array([row for row, text in enumerate(self.texts) if text != case.exchange.reply], dtype=np.int64)
        chance = np.random.default_rng((_SEED, case.number))
        return np.concatenate([[case.number], chance.permutation(others)[:ALTERNATIVES]])


def _judge(cases: Sequence[_Case], past: Sequence[Exchange], pool: _Pool, memo: Memo) -> Iterator[dict[str, Any]]:
    model = ReplyModel.fit(past, memo.encoder, memo=memo)
    plain = _Plain(past, memo) if past else None
    wordings = Wordings([exchange.reply for exchange in past])
    for case in cases:
        exchange, rows = case.exchange, pool.drawn(case)
        texts = [pool.texts[row] for row in rows]
        words = pool.rarity.bm25(texts).scores([exchange.turns[-1][1]])[0]
        meaning = pool.vectors[rows] @ memo.encode([exchange.turns[-1][1]])[0]
        alike = wordings.against([exchange.reply])[0]
        case_found: dict[str, Any] = {
            "number": case.number,
            "conversation": exchange.conversation,
            "client": case.client,
            "turn": len(exchange.turns),
            "among": len(rows),
            "rank bm25": _rank(words),
            "rank encoder": _rank(np.asarray(meaning, dtype=np.float64)),
        }
        offered: dict[str, list[int]] = {way: [] for way in WAYS}
        scores, nearest = np.asarray(meaning, dtype=np.float64), np.zeros(0, dtype=np.int64)
        if model is not None and plain is not None:
            reading = model.read(exchange.turns)
            scores = model.score(reading, texts, pool.vectors[rows])
            offered[""] = [offer.row for offer in model.offers(reading, limit=SUGGESTIONS)]
            offered[" bm25"], offered[" encoder"], nearest = plain.nearest(exchange)
        best = {f"rouge{way}": float(max(alike[rows], default=0.0)) for way, rows in offered.items()}
        case_found |= {"rank": _rank(scores), **best, "ceiling": float(max(alike[nearest], default=0.0))}
        case_found["suggestions"] = [past[row].reply for row in offered[""]]
        yield case_found


class _Plain:
    """The baselines of (B): the replies to the nearest situations, by words or by the encoder."""

    def __init__(self, past: Sequence[Exchange], memo: Memo) -> None:
        asked = [exchange.turns[-1][1] for exchange in past]
        self._memo = memo
        self._vectors = memo.encode(asked)
        self._words = Rarity(asked).bm25(asked)

    def nearest(self, exchange: Exchange) -> tuple[list[int], list[int], NDArray[np.int64]]:
        """Return three by BM25, three by cosine and the nearest 50 by cosine."""
        text = exchange.turns[-1][1]
        by_words = np.argsort(-self._words.scores([text])[0], kind="stable")
        by_meaning = np.argsort(-(self._vectors @ self._memo.encode([text])[0]), kind="stable")
        return by_words[:SUGGESTIONS].tolist(), by_meaning[:SUGGESTIONS].tolist(), by_meaning[:NEAREST]


def _rank(scores: Floats) -> float:
    """Return the place of the first, from 1; among equals the middle of their places."""
    return float(1 + np.sum(scores[1:] > scores[0]) + 0.5 * np.sum(scores[1:] == scores[0]))


def _figures(cases: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    groups = [case["conversation"] for case in cases]

    def share(values: Iterable[float]) -> Figure:
        return mean(list(values), groups=groups)

    figures: dict[str, Figure] = {}
    for way in WAYS:
        ranks = [case[f"rank{way}"] for case in cases]
        for cut in (1, 5, 10):
            figures[f"A R@{cut}{way}"] = share(float(rank <= cut) for rank in ranks)
        figures[f"A MRR{way}"] = share(1.0 / rank for rank in ranks)
    for name, key in (*((f"B usable@3{way}", f"rouge{way}") for way in WAYS), ("B ceiling@50", "ceiling")):
        figures[name] = share(float(case[key] >= USABLE - _ROUNDING) for case in cases)
    return figures


def _notes(cases: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    few = sum(case["among"] <= ALTERNATIVES for case in cases)
    return (f"{few} replies were ranked among fewer than {ALTERNATIVES + 1}: the file holds too few.",) if few else ()


def _by_client(talks: Iterator[Talk]) -> dict[str, list[Exchange]]:
    past: dict[str, list[Exchange]] = {}
    for talk in talks:
        past.setdefault(talk.client, []).extend(_exchanges(talk))
    return past


def _exchanges(talk: Talk) -> list[Exchange]:
    return exchanges(talk.id, talk.turns)
