"""Who answers a search: the indexes in the engine's memory, or plain full-text search of the store without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from assist.domain import AccountId
from assist.rank.fuse import Fused
from assist.retrieve.query import CollectionKey, Query
from assist.retrieve.scopes import ArticleKey
from assist.store.search import LexicalSearch


class Backend(Protocol):
    """Finds documents of one kind of one account. Another account's documents are never returned."""

    def search(self, key: CollectionKey, query: Query) -> list[Fused]:
        """Return candidates, best first; empty where nothing is known of ``key``."""

    def rarity(self, key: CollectionKey, words: Iterable[str]) -> Mapping[str, float]:
        """Return how telling each word is, in [0, 1]; 1 means that no document holds it. Stop words are left out."""

    def named(self, account: AccountId, turns: Sequence[str]) -> Mapping[ArticleKey, float]:
        """Return articles whose section or label the turns (oldest first) name, with how much, in (0, 1]."""


class PlainBackend:
    """Without the engine: full-text search by the rarest words. Answers in a plainer way, but it answers."""

    def __init__(self, search: LexicalSearch, *, limit: int = 20) -> None:
        self._search = search
        self._limit = limit

    def search(self, key: CollectionKey, query: Query) -> list[Fused]:
        account, kind = key
        text = " ".join(word for word, _ in query.words.most_common())
        hits = self._search.search(kind, text, account, limit=self._limit)
        best = max((hit.score for hit in hits), default=0.0)
        return [
            Fused(hit.doc_id, hit.score / best if best else 0.0, hit.score, hit.score / best if best else 0.0, None)
            for hit in hits
        ]

    def rarity(self, key: CollectionKey, words: Iterable[str]) -> Mapping[str, float]:
        del key
        # Length is a fair stand-in for rarity where no index is at hand.
        return {word: min(len(word), 9) / 10 for word in words if len(word) > 3}

    def named(self, account: AccountId, turns: Sequence[str]) -> Mapping[ArticleKey, float]:
        del account, turns
        return {}
