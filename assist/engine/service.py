"""The engine without its process: indexes of all accounts, and answers from them. Two threads may use it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assist.articles import JudgedArticle
from assist.domain import AccountId, Author, Help, Message, OpenTicket, Role, SourceKind, Trigger
from assist.encoders.recent import Recent
from assist.engine.habits import Habits
from assist.engine.keeping import Keeper
from assist.engine.languages import OtherLanguages
from assist.engine.macro_memory import MacroMemory
from assist.engine.protocol import Encoded
from assist.ports import Encoder, Vectors
from assist.rank.fuse import Fused
from assist.retrieve.collection import Collection
from assist.retrieve.lexical import LexicalDocument
from assist.retrieve.query import EMPTY, CollectionKey, Query
from assist.retrieve.scopes import ArticleKey, Scopes
from assist.signals.advice import ChurnRules, default_rules
from assist.signals.cues import compile_all
from assist.signals.triggers import compile_phrases_of
from assist.store.documents import Documents
from assist.store.records import Changes, Document
from assist.store.snapshot import Snapshot
from assist.store.vectors import read_vectors
from assist.store.writer import Reader
from assist.suggest import Assistant, Question
from assist.text.language import detect
from assist.text.mail import new_text
from assist.text.personal import mask

LOAD_PAGE = 5_000
UPDATE_PAGE = 200
"""New documents are taken in by so many between two looks at whether a question waits."""
LOOK_EVERY = 100
"""Articles are read by so many between two looks at whether a question waits."""
ENCODE_ORDER = (SourceKind.MACRO, SourceKind.ARTICLE, SourceKind.PAST_REPLY)
"""What helps soonest comes first; past replies are the most."""
ENCODE_PAGE = 32
"""Documents encoded between two looks at whether others came; before each, a question goes first."""

T = TypeVar("T")


class IndexBackend:
    """The engine's: BM25 and cosine, fused."""

    def __init__(
        self,
        collections: Mapping[CollectionKey, Collection],
        scopes: Mapping[AccountId, Scopes] | None = None,
        languages: OtherLanguages | None = None,
    ) -> None:
        self._collections = collections
        self._languages = languages
        self._scopes = scopes if scopes is not None else {}

    def search(self, key: CollectionKey, query: Query) -> list[Fused]:
        if (collection := self._collections.get(key)) is None:
            return []
        if self._languages is None or query.other is None:
            return collection.search(query)
        return collection.search(query, other=self._languages.index(key))

    def rarity(self, key: CollectionKey, words: Iterable[str]) -> Mapping[str, float]:
        collection = self._collections.get(key)
        return collection.lexical.rarity(words) if collection is not None else {}

    def named(self, account: AccountId, turns: Sequence[str]) -> Mapping[ArticleKey, float]:
        scopes = self._scopes.get(account)
        return scopes.named(turns) if scopes is not None else {}


class Engine:
    """Holds one `Collection` for each kind of each account.

    `load`, `update` and `encode_missing` belong to one thread; `answer` may run on another at the same time.
    """

    def __init__(
        self,
        *,
        reader: Reader,
        encoder: Encoder,
        triggers: Sequence[Trigger],
        now: Callable[[], datetime],
        snapshot: Snapshot | None = None,
        second: Encoder | None = None,
        churn: ChurnRules | None = None,
    ) -> None:
        """``snapshot`` keeps the indexes from one start to the next; without it they are made anew each time.

        ``second`` is asked about what is not English; without it, other languages live mostly on words.
        """
        self._reader = reader
        self._documents = Documents(reader)
        self._encoder = encoder
        self._second = second
        self._now = now
        self._collections: dict[CollectionKey, Collection] = {}
        self._scopes: dict[AccountId, Scopes] = {}
        self._unscoped: set[AccountId] = set()
        self._keeper = Keeper(snapshot, encoder=encoder.name) if snapshot is not None else None
        self._missing: dict[SourceKind, NDArray[np.int64]] = dict.fromkeys(SourceKind, EMPTY.ids)
        """Ids of documents without a vector, rising: of a million, a set would take 60 MB."""
        self._languages = OtherLanguages(second, reader) if second is not None else None
        self._idle = threading.Event()
        self._idle.set()
        self._macros = MacroMemory(self._documents, encoder, self._collections)
        self.between: Callable[[], None] = lambda: None
        """Called between two steps of learning, which may take minutes: what came meanwhile can be taken in."""
        asked = self._asked = Recent(encoder)
        self._habits = Habits(self._documents, encoder, give_way=self._pause, asked=asked)
        self._triggers = triggers
        self._assistant = Assistant(
            documents=self._documents,
            backend=IndexBackend(self._collections, self._scopes, self._languages),
            encoder=asked,
            triggers=triggers,
            now=self._now,
            second=self._languages.encoder_for if self._languages is not None else None,
            matchers=self._macros.matchers,
            habits=self._habits.models,
        )
        self._assistant.churn_rules = churn
        self._assistant.read_ahead = asked.begin

    @property
    def size(self) -> int:
        return sum(len(collection) for collection in self._collections.values())

    @property
    def missing_vectors(self) -> int:
        """Of the encoder that all documents need."""
        return sum(len(ids) for ids in self._missing.values())

    @property
    def has_other_work(self) -> bool:
        """Whether a question showed that `encode_missing` has more to do: vectors for another language."""
        return self._languages is not None and self._languages.has_work

    def load(self) -> None:
        """Take back what was kept, and read from the store what came or went since."""
        self.load_indexes()
        self.read_scopes()

    def load_indexes(self) -> None:
        """Do the part of `load` without which no question can be answered."""
        for kind in SourceKind:
            for account in self._documents.accounts(kind):
                self._load((account, kind))
        kept = self._keeper.habits() if self._keeper is not None else {}
        for account in self._documents.accounts(SourceKind.PAST_REPLY):
            self._habits.changed(account, 1)
            if account in kept:
                self._habits.put_back(account, *kept[account])
        self._unscoped = {account for account, kind in self._collections if kind is SourceKind.ARTICLE}

    def read_scopes(self) -> None:
        """Learn anew what the articles are about that came or went, giving way to questions."""
        while self._unscoped:
            account = self._unscoped.pop()
            self._scopes[account] = Scopes(self._giving_way(self._documents.scoped_articles(account)))

    def update(self, account: AccountId, kind: SourceKind, changes: Changes) -> None:
        """Take in documents that came and leave out those that went; new ones are found by words at once."""
        collection = self._collection((account, kind))
        pages = [*_pages(iter(changes.added), UPDATE_PAGE)] or [[]]
        for number, ids in enumerate(pages, 1):
            self._idle.wait()
            documents = [d for d in self._documents.by_id(kind, ids) if d.account == account]
            # What was replaced goes together with the last that comes: no question falls between the two.
            remove = changes.removed if number == len(pages) else ()
            collection.replace((_lexical(document) for document in documents), remove=remove)
            if self._languages is not None:
                self._languages.take(account, kind, documents, removed=remove)
            new = np.array([document.id for document in documents], dtype=np.int64)
            self._missing[kind] = np.union1d(self._missing[kind], new)
        self._missing[kind] = np.setdiff1d(self._missing[kind], np.array(changes.removed, dtype=np.int64))
        if kind is SourceKind.ARTICLE:
            self._unscoped.add(account)
        self._macros.changed(account, kind)
        if kind is SourceKind.PAST_REPLY:
            self._habits.changed(account, len(changes.added) + len(changes.removed))

    def forget(self, account: AccountId) -> None:
        for key in [key for key in self._collections if key[0] == account]:
            del self._collections[key]
        self._scopes.pop(account, None)
        if self._languages is not None:
            self._languages.forget(account)
        self._unscoped.discard(account)
        self._habits.forget(account)
        self._macros.forget(account)
        if self._keeper is not None:
            self._keeper.forget(account)

    def ranked_articles(self, opened: OpenTicket) -> list[JudgedArticle]:
        """Return all articles that were looked at for ``opened``, best first, below the floor too."""
        return self._assistant.ranked_articles(opened)

    def encode_missing(self, *, before_learning: Callable[[], None] = lambda: None) -> Iterator[Encoded]:
        """Make the vectors that are missing, a few at a time, giving way to questions; then learn from what is there.

        ``before_learning`` is called when no vector is missing: learning may take longer than all of that.
        """
        yield from self._encode_first(before_learning)
        while self._languages is not None and self._languages.has_work:
            if (encoded := self._languages.step(self._idle.wait)) is not None:
                yield replace(encoded, in_use=(self._encoder.name, encoded.encoder))
            yield from self._encode_first(before_learning)

    def _encode_first(self, before_learning: Callable[[], None]) -> Iterator[Encoded]:
        yield from self.encode_new()
        before_learning()
        # Examples are past replies with vectors: learned once all have theirs.
        self._macros.learn(self._pause)
        self._habits.learn()

    def encode_new(self) -> Iterator[Encoded]:
        """Do the part of `encode_missing` that an update waits for."""
        self.read_scopes()
        # Looked up anew each time: between two pages an update may bring more of a kind that was done.
        while (kind := next((kind for kind in ENCODE_ORDER if len(self._missing[kind])), None)) is not None:
            ids, self._missing[kind] = np.split(self._missing[kind], [ENCODE_PAGE])
            if (encoded := self._encode(kind, ids.tolist())) is not None:
                yield encoded

    def _pause(self) -> None:
        self._idle.wait()
        self.between()

    @property
    def is_unkept(self) -> bool:
        """Whether `keep` has something to do."""
        return self._keeper is not None and self._keeper.is_behind(self._collections, self._habits.to_keep())

    def keep(self) -> Iterator[None]:
        """Keep the indexes for the next start, in small steps, giving way to questions. Ends early on a change."""
        if self._keeper is not None:
            for _ in self._keeper.keep(self._collections, self._habits.to_keep):
                self._idle.wait()
                yield

    def warm(self) -> None:
        """Make the first question as quick as the next ones: libraries load what they need at first use."""
        self._encoder.encode(["warm"])
        for text in ("Hallo, wo ist mein Paket?", "> quoted\n\nOn Monday Bob wrote:\n> where is my parcel"):
            new_text(Message(0, Author(None, "", Role.CUSTOMER), self._now(), public=True, html=f"<p>{text}</p>"))
            mask(text, names=("Bob",))
            detect(text)

    def ripen(self) -> None:
        """Make what the first tickets of a day would wait for, 0.4 s of work, giving way to questions."""
        rules = self._assistant.churn_rules or default_rules()
        for _ in self._giving_way(chain(compile_all(), rules.cues.compile(), compile_phrases_of(self._triggers))):
            pass

    def answer(self, question: Question) -> Iterator[Help]:
        """Yield help for ``question`` as it gets better; see `Assistant.answer`."""
        self._idle.clear()
        try:
            yield from self._assistant.answer(question)
        finally:
            self._asked.drop()
            self._idle.set()

    def _encode(self, kind: SourceKind, ids: Sequence[int]) -> Encoded | None:
        documents = self._documents.by_id(kind, ids)
        if not documents:
            return None
        vectors = np.concatenate([self._vector(document) for document in documents])
        for collection, group in self._by_collection(documents).items():
            wanted = {document.id for document in group}
            rows = [row for row, document in enumerate(documents) if document.id in wanted]
            collection.add_vectors([documents[row].id for row in rows], vectors[rows])
        return Encoded(
            encoder=self._encoder.name,
            kind=kind,
            ids=tuple(document.id for document in documents),
            vectors=vectors.astype(np.float16),
            remaining=self.missing_vectors,
            in_use=tuple(one.name for one in (self._encoder, self._second) if one is not None),
        )

    def _vector(self, document: Document) -> Vectors:
        self._idle.wait()
        return self._encoder.encode([f"{document.title}\n{document.text}"])

    def _load(self, key: CollectionKey) -> None:
        account, kind = key
        collection = self._collection(key)
        self._macros.changed(account, kind)
        ids, marks = self._documents.marks(kind, account)
        if self._keeper is not None:
            self._keeper.put_back(key, collection, ids, marks)
        for page in _array_pages(_lacking(ids, collection.lexical.ids), LOAD_PAGE):
            collection.replace(_lexical(document) for document in self._documents.by_id(kind, page.tolist()))
        without = _lacking(ids, collection.dense.ids)
        for block in read_vectors(self._reader, self._encoder.name, kind, without):
            collection.add_vectors(block.ids, block.vectors.astype(np.float32))
        without = _lacking(without, collection.dense.ids)
        self._missing[kind] = np.union1d(self._missing[kind], without)

    def _giving_way(self, items: Iterable[T]) -> Iterator[T]:
        for number, item in enumerate(items):
            if number % LOOK_EVERY == 0:
                self._idle.wait()
            yield item

    def _collection(self, key: CollectionKey) -> Collection:
        if key not in self._collections:
            self._collections[key] = Collection(self._encoder.dimension)
        return self._collections[key]

    def _by_collection(self, documents: Iterable[Document]) -> dict[Collection, list[Document]]:
        groups: dict[Collection, list[Document]] = {}
        for document in documents:
            groups.setdefault(self._collection((document.account, document.kind)), []).append(document)
        return groups


def _lexical(document: Document) -> LexicalDocument:
    # Words of a text that says not which language it is in would neither be stemmed nor weighed against stop words.
    language = document.language or detect(f"{document.title}\n{document.text}")
    return LexicalDocument(document.id, document.title, document.text, language, document.mark)


def _pages(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while page := list(islice(items, size)):
        yield page


def _lacking(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those of ``ids`` that are not in ``known``; all rise."""
    if not len(known):
        return ids
    new: NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, ids), len(known) - 1)] != ids
    return np.asarray(ids[new], dtype=np.int64)


def _array_pages(items: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    return (items[at : at + size] for at in range(0, len(items), size))
