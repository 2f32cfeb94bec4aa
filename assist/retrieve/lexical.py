"""BM25 over one collection, in memory, through tantivy.

Each language has its own fields and stemmer, so a German query is not stemmed as English. Nothing is written to
disk: the index is built from the encrypted store when the engine starts (docs/adr/0004-lexical-search.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import tantivy

import resources
from assist.retrieve.query import EMPTY, Ranking

STEMMED = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "pt": "portuguese",
    "nl": "dutch",
    "it": "italian",
}
OTHER = "xx"
"""Languages without a stemmer here: words are folded to lower case without accents, and nothing else."""
TITLE_WEIGHT = 0.3
"""The title is part of the body too, so this comes on top. Larger values gain on one public set and lose on another."""
MAX_QUERY_WORDS = 64
"""Of a long query, this many words with the largest weights are asked for; more cost time and add noise."""

_WRITER_HEAP_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """What is indexed of a document; ``doc_id`` is the store's row id."""

    doc_id: int
    title: str
    body: str
    language: str


class LexicalIndex:
    """An incremental BM25 index. Not thread-safe: one thread adds and removes; searching may run beside it."""

    def __init__(self) -> None:
        self._schema = _schema()
        self._index = tantivy.Index(self._schema)
        for language in (*STEMMED, OTHER):
            self._index.register_tokenizer(_tokenizer_name(language), analyzer(language))
        self._languages: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def replace(self, documents: Iterable[LexicalDocument], *, remove: Sequence[int] = ()) -> None:
        """Add ``documents``, taking out earlier versions of them and everything in ``remove``; then commit."""
        # A writer holds its whole heap as long as it lives, so it lives only for the change.
        writer = self._index.writer(_WRITER_HEAP_BYTES, 1)
        for doc_id in remove:
            writer.delete_documents_by_term("doc_id", doc_id)
        for document in documents:
            language = field_language(document.language)
            self._languages |= {language}  # replaced, never changed: a search may be iterating over it
            writer.delete_documents_by_term("doc_id", document.doc_id)
            writer.add_document(
                tantivy.Document(
                    doc_id=document.doc_id,
                    **{
                        f"title_{language}": document.title,
                        f"body_{language}": f"{document.title}\n{document.body}",
                    },
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(self, words: Counter[str] | str, *, limit: int) -> Ranking:
        """Return at most ``limit`` documents by BM25, best first; ties by tantivy's order.

        ``words`` is a text, or words with weights. They are analysed once for each language that the collection
        holds. A query of nothing but stop words finds nothing.
        """
        query = self._query(Counter(words.split()) if isinstance(words, str) else words)
        if query is None or limit <= 0:
            return EMPTY
        searcher = self._index.searcher()
        hits = searcher.search(query, limit, count=False).hits
        if not hits:
            return EMPTY
        ids = searcher.fast_field_values("doc_id", [address for _, address in hits])
        scores = np.array([score for score, _ in hits], dtype=np.float32)
        return Ranking(np.array(ids, dtype=np.int64), scores)

    def rarity(self, words: Iterable[str]) -> dict[str, float]:
        """Return how telling each word is here: its inverse document frequency, in [0, 1] of the largest possible.

        Words that analysis drops (stop words) are left out; a word that no document holds is as telling as can be.
        """
        searcher = self._index.searcher()
        count = max(int(searcher.num_docs), 1)
        rarest = np.log1p(count)
        found: dict[str, float] = {}
        for word in words:
            frequencies = [
                searcher.doc_freq(f"body_{language}", token)
                for language in sorted(self._languages)
                for token in analyzer(language).analyze(word)
            ]
            if frequencies:
                found[word] = float(np.log1p(count / (1 + max(frequencies))) / rarest)
        return found

    def _query(self, words: Counter[str]) -> tantivy.Query | None:
        parts = []
        for language in sorted(self._languages):
            weights: Counter[str] = Counter()
            for word, weight in words.items():
                for token in analyzer(language).analyze(word):
                    weights[token] += weight
            for token, weight in weights.most_common(MAX_QUERY_WORDS):
                parts.append(self._term(f"body_{language}", token, weight))
                parts.append(self._term(f"title_{language}", token, weight * TITLE_WEIGHT))
        if not parts:
            return None
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])

    def _term(self, field: str, token: str, boost: float) -> tantivy.Query:
        return tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, token, "freq"), float(boost))


def field_language(language: str) -> str:
    """Return the language whose fields hold texts of ``language`` (any BCP 47 tag; may be empty)."""
    short = language.lower().replace("_", "-").split("-")[0]
    return short if short in STEMMED else OTHER


@cache
def analyzer(language: str) -> tantivy.TextAnalyzer:
    """Return the word analyser of a field language: split, lower case, stop words out, fold accents, stem."""
    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
    )
    if (stop_words := resources.ROOT / "stopwords" / f"{language}.txt").exists():
        # Longer than tantivy's own lists: on short titles "how do I" would outweigh the word that matters (ADR 0004).
        builder = builder.filter(tantivy.Filter.custom_stopword(stop_words.read_text(encoding="utf-8").split()))
    if language in STEMMED:
        builder = builder.filter(tantivy.Filter.stemmer(STEMMED[language]))
    return builder.filter(tantivy.Filter.ascii_fold()).build()


def _tokenizer_name(language: str) -> str:
    return f"kibitz_{language}"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder().add_integer_field("doc_id", indexed=True, fast=True)
    for language in (*STEMMED, OTHER):
        for part in ("title", "body"):
            builder = builder.add_text_field(
                f"{part}_{language}", tokenizer_name=_tokenizer_name(language), index_option="freq"
            )
    return builder.build()
