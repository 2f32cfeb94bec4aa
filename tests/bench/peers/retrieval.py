"""Peers that rank articles: bm25s, sentence-transformers, Haystack (hybrid, RRF), txtai (hybrid), as they come.

BM25 sees whole documents; the others passages of 150 words under section and title, of which the best counts. All
share MiniLM's vectors. Where the query is a dialogue each peer is given the last turn and, apart, the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.bench.peers.cases import Row, full_text, passages, query_text, rank_of
from tests.bench.peers.encoder import Encoder

LIMIT = 50
STOPWORDS = ("en", "de", "fr", "es", "pt")
Rankings = list[list[str]]
"""Document ids, best first, for each query."""
Peer = Callable[[Sequence[Row], Sequence[str], Encoder], Rankings]


def bm25s(documents: Sequence[Row], queries: Sequence[str], _: Encoder) -> Rankings:
    import bm25s as library

    language = documents[0].get("language", "en")
    words = language if language in STOPWORDS else "en"
    index = library.BM25(method="lucene", k1=1.2, b=0.75)
    texts = [full_text(document) for document in documents]
    index.index(library.tokenize(texts, stopwords=words, show_progress=False), show_progress=False)
    asked = library.tokenize(list(queries), stopwords=words, show_progress=False, return_ids=False)
    count = min(LIMIT, len(documents))
    found, scores = index.retrieve(asked, k=count, show_progress=False)
    return [
        [documents[at]["id"] for at, score in zip(row.tolist(), points.tolist(), strict=True) if score > 0]
        for row, points in zip(found, scores, strict=True)
    ]


def sentence_transformers(documents: Sequence[Row], queries: Sequence[str], encoder: Encoder) -> Rankings:
    from sentence_transformers.util import semantic_search

    pieces, owners = _pieces(documents)
    hits = semantic_search(encoder.encode(queries), encoder.encode(pieces), top_k=LIMIT)
    return [_best_of([owners[hit["corpus_id"]] for hit in row]) for row in hits]


def haystack(documents: Sequence[Row], queries: Sequence[str], encoder: Encoder) -> Rankings:
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    pieces, owners = _pieces(documents)
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    vectors = encoder.encode(pieces).tolist()
    store.write_documents(
        [
            Document(id=str(at), content=text, embedding=vector)
            for at, (text, vector) in enumerate(zip(pieces, vectors, strict=True))
        ]
    )
    words = InMemoryBM25Retriever(document_store=store, top_k=LIMIT)
    dense = InMemoryEmbeddingRetriever(document_store=store, top_k=LIMIT)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=LIMIT)
    rankings = []
    for query, vector in zip(queries, encoder.encode(queries).tolist(), strict=True):
        lists = [words.run(query=query)["documents"], dense.run(query_embedding=vector)["documents"]]
        joined = joiner.run(documents=lists)["documents"]
        rankings.append(_best_of([owners[int(one.id)] for one in joined]))
    return rankings


def txtai(documents: Sequence[Row], queries: Sequence[str], encoder: Encoder) -> Rankings:
    from txtai import Embeddings

    pieces, owners = _pieces(documents)
    # txtai calls a bound method to find out what it is, so it is given a plain function.
    index = Embeddings(method="external", transform=lambda texts: encoder.encode(texts), hybrid=True)  # noqa: PLW0108  # see above
    index.index([(at, text, None) for at, text in enumerate(pieces)])
    return [_best_of([owners[at] for at, _ in row]) for row in index.batchsearch(list(queries), LIMIT)]


PEERS: dict[str, Peer] = {
    "bm25s": bm25s,
    "sentence-transformers semantic_search": sentence_transformers,
    "Haystack hybrid, RRF": haystack,
    "txtai hybrid": txtai,
}


def run(rows: Sequence[Row], encoder: Encoder, **_: Any) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Yield (peer's name, what makes its cases)."""
    dialogues = any(row.get("turns") for row in rows if row["type"] == "query")
    for name, peer in PEERS.items():
        for whole in (False, True) if dialogues else (False,):
            suffix = f", {'whole dialogue' if whole else 'last turn'}" if dialogues else ""
            yield name + suffix, lambda peer=peer, whole=whole: _cases(rows, peer, encoder, whole=whole)


def _cases(rows: Sequence[Row], peer: Peer, encoder: Encoder, *, whole: bool) -> list[Row]:
    cases = []
    for kb in dict.fromkeys(row.get("kb", "") for row in rows):
        own = [row for row in rows if row.get("kb", "") == kb]
        documents = [row for row in own if row["type"] == "document"]
        queries = [row for row in own if row["type"] == "query"]
        rankings = peer(documents, [query_text(query, whole=whole) for query in queries], encoder)
        cases += [
            {"id": query["id"], "kb": kb, "rank": rank_of(found, query["gold"]), "found": found[:10]}
            for query, found in zip(queries, rankings, strict=True)
        ]
    return cases


def _pieces(documents: Sequence[Row]) -> tuple[list[str], list[str]]:
    pairs = [(piece, document["id"]) for document in documents for piece in passages(document)]
    return [piece for piece, _ in pairs], [owner for _, owner in pairs]


def _best_of(owners: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(owners))
