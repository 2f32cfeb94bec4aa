"""How fast the indexes are built: words, vectors, and the encoding before them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from assist.domain import SourceKind
from assist.encoders.minilm import load as load_encoder
from assist.engine.service import LOAD_PAGE
from assist.retrieve.dense import DenseIndex
from assist.retrieve.lexical import LexicalDocument, LexicalIndex
from assist.store.documents import Documents
from assist.store.vectors import read_blocks
from assist.store.writer import Reader
from resources import ROOT
from tests.bench.stores import Stores, pages
from tests.bench.table import Table

ENCODED = 200
ROUNDS = 3
"""Each rate is the best of these: others use the machine as well."""


def measure(stores: Stores, sizes: Sequence[int]) -> Table:
    rows: list[tuple[object, ...]] = []
    for passages in sizes:
        reader = Reader(stores.of(passages), stores.key)
        documents = list(Documents(reader).iterate(SourceKind.ARTICLE))
        lexical = [LexicalDocument(d.id, d.title, d.text, d.language) for d in documents]
        rows += [
            (f"{passages:,}", "read documents from the encrypted store", _rate(passages, lambda r=reader: _read(r))),
            (f"{passages:,}", "index words", _rate(passages, lambda ds=lexical: _index(ds))),
            (
                f"{passages:,}",
                "read and index vectors",
                _rate(passages, lambda r=reader: _read_vectors(r, stores.encoder.name, stores.encoder.dimension)),
            ),
        ]
        reader.close()
    texts = [
        f"{' › '.join(p.heading_path)}\n{p.text}"
        for p in islice((p for _, ps in stores.shop.articles(10 * ENCODED) for p in ps), ENCODED)
    ]
    for threads in (1, 2):
        encoder = load_encoder(ROOT / "models", threads=threads)
        rate = _rate(ENCODED, lambda e=encoder: e.encode(texts))
        words = np.mean([len(text.split()) for text in texts])
        rows.append(("-", f"encode, {threads} thread{'s' if threads > 1 else ''}, {words:.0f} words each", rate))
    return Table("Building the indexes", ("passages", "step", "per second"), rows)


def _rate(count: int, work: Callable[[], object]) -> int:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return round(count / best)


def _read(reader: Reader) -> None:
    for _ in Documents(reader).iterate(SourceKind.ARTICLE):
        pass


def _index(documents: Sequence[LexicalDocument]) -> None:
    index = LexicalIndex()
    for page in pages(documents, LOAD_PAGE):
        index.replace(page)


def _read_vectors(reader: Reader, encoder: str, dimension: int) -> None:
    index = DenseIndex(dimension)
    for block in read_blocks(reader, encoder, SourceKind.ARTICLE):
        index.replace(block.ids, block.vectors.astype(np.float32))
