"""Encrypted stores of any size, filled through the store's own functions; kept for one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assist.domain import SourceKind
from assist.encoders.minilm import MiniLm
from assist.encoders.minilm import load as load_encoder
from assist.ingest import macro_language
from assist.ports import Vectors
from assist.store.database import Connection, StoreKey, open_database, transaction
from assist.store.documents import Documents
from assist.store.knowledge import put_articles, put_macros, put_solved
from assist.store.vectors import put_vectors
from assist.store.writer import Reader
from resources import ROOT
from tests.bench.corpus import SEED, Shop
from tests.helpers.demo_store import demo_macros

ENCODED_REALLY = {SourceKind.ARTICLE: 2_000, SourceKind.MACRO: 100, SourceKind.PAST_REPLY: 500}
"""All 100,000 would take a quarter of an hour. The others are mixtures of these with noise."""
CHUNK = 1_000

T = TypeVar("T")


@dataclass
class Stores:
    """Makes the store of a size once, below ``folder``."""

    folder: Path
    shop: Shop = field(default_factory=Shop)
    key: StoreKey = field(default=StoreKey(bytes(range(32))), repr=False)
    """Nothing here is anybody's, and a kept folder can be opened by the next run."""
    _encoder: MiniLm | None = None
    _known: dict[str, Vectors] = field(default_factory=dict)

    @property
    def encoder(self) -> MiniLm:
        if self._encoder is None:
            self._encoder = load_encoder(ROOT / "models")
        return self._encoder

    def of(self, passages: int) -> Path:
        path = self.folder / f"{passages}.db"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            self._make(unfinished, passages)
            unfinished.rename(path)
        self._encode_anew(path)
        return path

    def _encode_anew(self, path: Path) -> None:
        """Give a kept store the vectors of this encoder, where another one's are in it."""
        connection = open_database(path, self.key)
        reader = Reader(path, self.key)
        if reader.one("SELECT 1 FROM encoders WHERE name = ?", (self.encoder.name,)) is None:
            for kind in SourceKind:
                self._put_vectors(connection, reader, kind)
        reader.close()
        connection.close()

    def _make(self, path: Path, passages: int) -> None:
        connection = open_database(path, self.key)
        for page in pages(self.shop.articles(passages), CHUNK):
            with transaction(connection):
                put_articles(connection, page)
        macros = demo_macros()
        with transaction(connection):
            put_macros(connection, macros, languages={macro.id: macro_language(macro) for macro in macros})
        for page in pages(self.shop.replies(passages), CHUNK):
            with transaction(connection):
                put_solved(connection, page)
        connection.close()
        self._encode_anew(path)

    def _put_vectors(self, connection: Connection, reader: Reader, kind: SourceKind) -> None:
        first = list(islice(Documents(reader).iterate(kind), ENCODED_REALLY[kind]))
        real = self._encoded([f"{d.title}\n{d.text}" for d in first])
        put = 0
        for ids, _ in (Documents(reader).marks(kind, account) for account in Documents(reader).accounts(kind)):
            for at in range(0, len(ids), CHUNK):
                page = ids[at : at + CHUNK].tolist()
                # Pages are made one by one: a million vectors of 32 bits would take 1.5 GB.
                vectors = real[put : put + len(page)]
                vectors = np.concatenate([vectors, mixtures(real, len(page) - len(vectors), page=put // CHUNK)])
                put += len(page)
                with transaction(connection):
                    put_vectors(connection, self.encoder.name, kind, page, vectors)

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self.encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def mixtures(real: Vectors, count: int, *, page: int = 0, noise: float = 0.25) -> Vectors:
    """Return ``count`` unit rows: mixtures of two real ones with noise, float32; others for every ``page``."""
    draws = np.random.default_rng((SEED, page))
    first, second = draws.integers(len(real), size=(2, count))
    share = draws.uniform(0.5, 1.0, size=(count, 1)).astype(np.float32)
    made: NDArray[np.float32] = share * real[first] + (1 - share) * real[second]
    made += draws.standard_normal(made.shape, dtype=np.float32) * np.float32(noise / np.sqrt(real.shape[1]))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def pages(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while page := list(islice(iterator, size)):
        yield page
