"""The second encoder, for what is not English: which accounts need it, their vectors, and when to ask it.

An account whose tickets and texts are all English costs nothing here: no model is read, no vector is made
(docs/adr/0013-languages.md).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from assist.domain import AccountId, SourceKind
from assist.engine.protocol import Encoded
from assist.errors import ModelError
from assist.ports import Encoder, Vectors
from assist.retrieve.dense import DenseIndex
from assist.retrieve.query import CollectionKey, Ranking
from assist.store.documents import Documents
from assist.store.records import Document
from assist.store.vectors import read_vectors
from assist.store.writer import Reader
from assist.text.language import detect

log = logging.getLogger(__name__)

ENGLISH = "en"
SOME = 0.02
"""Share of documents in other languages from which on an account is not English; less is errors of detection."""
MOST = 0.9
"""Share of an account's documents that must have vectors before these are asked."""
MAX_DOCUMENTS = 100_000
"""Of one kind of one account, the newest: they take 26 MB."""
SAMPLE = 500
"""Documents of one kind that tell an account's languages."""
PAGE = 32
SLOPE, SHIFT = 1.2, 0.025
"""Lay the cosines of this encoder's right and wrong answers where the first one's lie, by their means over
``resources/training/articles/languages.jsonl``: .30 and .04 in four languages, .38 and .07 in English."""
ORDER = (SourceKind.MACRO, SourceKind.ARTICLE, SourceKind.PAST_REPLY)


class SecondIndex(DenseIndex):
    """Its cosines read as if the first encoder had given them, so that weights learned on those hold for these."""

    def search(self, query: Vectors, *, limit: int) -> Ranking:
        found = super().search(query, limit=limit)
        return Ranking(found.ids, (SLOPE * found.scores + SHIFT).astype(np.float32))

    def cosines(self, query: Vectors, ids: Sequence[int]) -> dict[int, float]:
        return {doc_id: SLOPE * cosine + SHIFT for doc_id, cosine in super().cosines(query, ids).items()}


@dataclass(slots=True)
class _Account:
    """``wanted`` once something is not English; ``read`` once ``indexes`` and ``missing`` say what there is."""

    languages: Counter[str] = field(default_factory=Counter)
    indexes: dict[SourceKind, SecondIndex] = field(default_factory=dict)
    missing: dict[SourceKind, set[int]] = field(default_factory=dict)
    wanted: bool = False
    read: bool = False

    @property
    def english(self) -> float:
        """The share of English among its documents of a known language; 1 if there are none."""
        total = self.languages.total()
        return self.languages[ENGLISH] / total if total else 1.0

    @property
    def has_work(self) -> bool:
        return self.wanted and (not self.read or any(self.missing.values()))

    @property
    def is_ready(self) -> bool:
        made = sum(map(len, self.indexes.values()))
        return self.read and made >= max(MOST * (made + sum(map(len, self.missing.values()))), 1)

    def count(self, documents: Iterable[Document]) -> None:
        tags = (document.language or detect(f"{document.title}\n{document.text}") for document in documents)
        self.languages.update(tag.lower().replace("_", "-").split("-")[0] for tag in tags)
        self.wanted = self.wanted or self.english < 1.0 - SOME


class OtherLanguages:
    """The second encoder's indexes. One thread changes them; another may ask at the same time."""

    def __init__(self, encoder: Encoder, reader: Reader) -> None:
        self.encoder = encoder
        self._reader = reader
        self._documents = Documents(reader)
        self._accounts: dict[AccountId, _Account] = {}
        self._counted = False
        self._broken = False

    @property
    def has_work(self) -> bool:
        """Whether `step` would do something."""
        accounts = list(self._accounts.values())
        return not self._broken and (not self._counted or any(account.has_work for account in accounts))

    @property
    def missing_vectors(self) -> int:
        return sum(len(ids) for account in list(self._accounts.values()) for ids in account.missing.values())

    def encoder_for(self, account: AccountId, language: str) -> Encoder | None:
        """Return the encoder to ask as well for a ticket in ``language``; None where the first one is better.

        A ticket in another language than English is remembered: vectors will be made for its account.
        """
        found = self._accounts.setdefault(account, _Account())
        if language != ENGLISH:
            found.wanted = True
        elif found.english >= 0.5:
            return None
        return self.encoder if found.is_ready and not self._broken else None

    def index(self, key: CollectionKey) -> DenseIndex:
        """Return the vectors of one kind of one account; empty where there are none."""
        account, kind = key
        found = self._accounts.get(account)
        return found.indexes[kind] if found and kind in found.indexes else SecondIndex(self.encoder.dimension)

    def take(
        self, account: AccountId, kind: SourceKind, added: Sequence[Document], *, removed: Sequence[int] = ()
    ) -> None:
        """Take note of documents that came, and leave out those that went."""
        if not self._counted:
            return  # they will be counted with the rest
        found = self._accounts.setdefault(account, _Account())
        found.count(added)
        if found.read:
            found.missing[kind] |= {document.id for document in added}
            found.missing[kind] -= set(removed)
            found.indexes[kind].remove(removed)

    def forget(self, account: AccountId) -> None:
        self._accounts.pop(account, None)

    def step(self, pause: Callable[[], object]) -> Encoded | None:
        """Do the next piece of work; return vectors to keep if it made any. ``pause`` is called before each text."""
        pause()
        if not self._counted:
            self._count()
            return None
        for id_, account in list(self._accounts.items()):
            if account.wanted and not account.read:
                # Now, so that no question waits for the model to be read.
                if len(self._vectors(["warm"], pause)):
                    self._read(id_, account)
                return None
            for kind in ORDER:
                if ids := account.missing.get(kind):
                    return self._encode(account, kind, sorted(ids, reverse=True)[:PAGE], pause)
        return None

    def _count(self) -> None:
        for kind in SourceKind:
            for id_ in self._documents.accounts(kind):
                account = self._accounts.setdefault(id_, _Account())
                newest = self._documents.newest_ids(kind, id_, limit=SAMPLE)
                account.count(self._documents.by_id(kind, newest))
                # A ticket in another language came before: what was made for it is there already.
                account.wanted = account.wanted or any(self._stored(kind, newest))
        self._counted = True

    def _stored(self, kind: SourceKind, ids: Iterable[int]) -> Iterator[Sequence[int]]:
        wanted = np.array(sorted(ids), dtype=np.int64)
        return (block.ids.tolist() for block in read_vectors(self._reader, self.encoder.name, kind, wanted))

    def _read(self, id_: AccountId, account: _Account) -> None:
        for kind in SourceKind:
            ids = np.array(sorted(self._documents.newest_ids(kind, id_, limit=MAX_DOCUMENTS)), dtype=np.int64)
            index = account.indexes[kind] = SecondIndex(self.encoder.dimension)
            for block in read_vectors(self._reader, self.encoder.name, kind, ids):
                index.replace(block.ids, block.vectors.astype(np.float32))
            account.missing[kind] = set(np.setdiff1d(ids, index.ids).tolist())
        account.read = True

    def _encode(
        self, account: _Account, kind: SourceKind, ids: list[int], pause: Callable[[], object]
    ) -> Encoded | None:
        documents = self._documents.by_id(kind, ids)
        vectors = self._vectors([f"{document.title}\n{document.text}" for document in documents], pause)
        account.missing[kind] -= set(ids)
        if not len(vectors):
            return None
        made = tuple(document.id for document in documents)
        account.indexes[kind].replace(made, vectors)
        return Encoded(self.encoder.name, kind, made, vectors.astype(np.float16), self.missing_vectors)

    def _vectors(self, texts: Sequence[str], pause: Callable[[], object]) -> Vectors:
        """Return shape (len(texts), dimension), or no rows if the model cannot be read."""
        vectors = np.zeros((len(texts), self.encoder.dimension), dtype=np.float32)
        try:
            for row, text in enumerate(texts):
                pause()
                vectors[row] = self.encoder.encode([text])[0]
        except ModelError as error:
            self._broken = True
            log.warning("other languages are searched by words only: %s", error)
            return vectors[:0]
        return vectors
