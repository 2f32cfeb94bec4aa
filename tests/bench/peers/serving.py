"""``python -m tests.bench.peers.serving PEER --texts FILE --vectors FILE``: a peer with an index, asked over its pipe.

One JSON object a line: ``{"query": …}`` in, ``{"ms": …, "found": …}`` out, where the time is the peer's own, from the
text to ranked passages, with the encoding of the query. The passages' vectors are given: all peers use the same.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

TOP = 10
ENCODED_TO_MEASURE = 64
Ask = Callable[[str], int]
"""Takes a query, returns how many passages were found."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers.serving", description=__doc__)
    parser.add_argument("peer", choices=tuple(PEERS))
    parser.add_argument("--texts", type=Path, required=True, metavar="JSONL", help="one passage a line")
    parser.add_argument("--vectors", type=Path, required=True, metavar="NPY", help="their vectors (n, 384)")
    options = parser.parse_args(argv)
    # Libraries print what they like; only answers may reach the asker.
    answers, sys.stdout = sys.stdout, sys.stderr
    texts = [json.loads(line) for line in options.texts.read_text(encoding="utf-8").splitlines()]
    load, make = PEERS[options.peer]
    began = time.perf_counter()
    encode, rate = (_encoder(texts[:ENCODED_TO_MEASURE])) if load else (None, float("nan"))
    loaded = time.perf_counter()
    ask = make(texts, np.load(options.vectors).astype(np.float32), encode)
    built = time.perf_counter()
    _say(answers, {"load_s": loaded - began, "index_s": built - loaded, "encoded_per_s": rate})
    for line in sys.stdin:
        query = json.loads(line)["query"]
        began = time.perf_counter()
        found = ask(query)
        _say(answers, {"ms": 1e3 * (time.perf_counter() - began), "found": found})
    return 0


Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def _encoder(sample: Sequence[str]) -> tuple[Encode, float]:
    """Return MiniLM by sentence-transformers, and how many passages a second it encodes."""
    from tests.bench.peers.encoder import sentence_transformer

    model = sentence_transformer()

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        return model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    encode(sample[:2])
    began = time.perf_counter()
    encode(sample)
    return encode, len(sample) / (time.perf_counter() - began)


def _bm25s(texts: Sequence[str], vectors: NDArray[np.float32], encode: Encode | None) -> Ask:
    import bm25s

    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index(bm25s.tokenize(list(texts), stopwords="en", show_progress=False), show_progress=False)

    def ask(query: str) -> int:
        asked = bm25s.tokenize([query], stopwords="en", show_progress=False)
        found, _ = index.retrieve(asked, k=min(TOP, len(texts)), show_progress=False)
        return int(found.shape[1])

    return ask


def _sentence_transformers(texts: Sequence[str], vectors: NDArray[np.float32], encode: Encode | None) -> Ask:
    import torch
    from sentence_transformers.util import semantic_search

    corpus = torch.from_numpy(vectors)

    def ask(query: str) -> int:
        assert encode is not None
        return len(semantic_search(encode([query]), corpus, top_k=TOP)[0])

    return ask


def _haystack(texts: Sequence[str], vectors: NDArray[np.float32], encode: Encode | None) -> Ask:
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack.utils import ComponentDevice
    from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder

    from tests.bench.peers.encoder import weights

    store = InMemoryDocumentStore(embedding_similarity_function="dot_product", return_embedding=False)
    store.write_documents(
        [Document(id=str(at), content=text, embedding=vectors[at].tolist()) for at, text in enumerate(texts)]
    )
    pipeline = Pipeline()
    embedder = SentenceTransformersTextEmbedder(
        model=str(weights()),
        device=ComponentDevice.from_str("cpu"),
        normalize_embeddings=True,
        progress_bar=False,
        local_files_only=True,
    )
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=TOP))
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=TOP))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=TOP))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    pipeline.connect("words", "joiner")
    pipeline.connect("dense", "joiner")
    pipeline.warm_up()

    def ask(query: str) -> int:
        return len(pipeline.run({"embedder": {"text": query}, "words": {"query": query}})["joiner"]["documents"])

    return ask


def _txtai(texts: Sequence[str], vectors: NDArray[np.float32], encode: Encode | None) -> Ask:
    from txtai import Embeddings

    known = dict(zip(texts, vectors, strict=True))

    def transform(asked: Sequence[str]) -> NDArray[np.float32]:
        assert encode is not None
        return np.stack([known[text] for text in asked]) if asked[0] in known else encode(asked)

    index = Embeddings(method="external", transform=transform, hybrid=True)
    index.index([(at, text, None) for at, text in enumerate(texts)])
    return lambda query: len(index.search(query, TOP))


PEERS: dict[str, tuple[bool, Callable[[Sequence[str], NDArray[np.float32], Encode | None], Ask]]] = {
    "bm25s": (False, _bm25s),
    "sentence-transformers": (True, _sentence_transformers),
    "haystack": (False, _haystack),
    "txtai": (True, _txtai),
}
"""For each whether it is given an encoder (Haystack loads its own), and what builds its index."""


def _say(answers: TextIO, told: dict[str, float]) -> None:
    print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    os.environ.update(
        HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HAYSTACK_TELEMETRY_ENABLED="False", OMP_NUM_THREADS="2",
        OMP_WAIT_POLICY="PASSIVE", TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_PROGRESS_BARS="1", TQDM_DISABLE="1",
    )  # fmt: skip
    sys.exit(main())
