"""BM25 over one collection, in memory: tantivy's word analysers, postings of our own.

Each language has its own words and stemmer, so a German query is not stemmed as English. Our own postings can be kept
encrypted from one start to the next and take half of the memory (docs/adr/0012-start-and-a-million.md).

Scores: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the idf of Lucene.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import tantivy
from numpy.typing import NDArray

import resources
from assist.retrieve.postings import FIELDS, K1, MOST_ROWS, Analysed, Segment, build, merge, rounded, term
from assist.retrieve.query import EMPTY, Ranking
from assist.retrieve.tidy import tidied

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

LANGUAGES = (*STEMMED, OTHER)
"""Their places are stored: new ones come last."""


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """What is indexed of a document; ``doc_id`` is the store's row id, ``mark`` tells versions of a content apart."""

    doc_id: int
    title: str
    body: str
    language: str
    mark: int = 0


class LexicalIndex:
    """An incremental BM25 index. One thread adds and removes; searching may run beside it and is never kept waiting."""

    def __init__(self) -> None:
        self._state = _State(())

    def __len__(self) -> int:
        return self._state.size

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What the index is made of, to be kept; see `put_back`."""
        return self._state.segments

    @property
    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all documents, rising."""
        return np.sort(np.concatenate([EMPTY.ids, *(one.ids for one in self.segments)]))

    def marks_of(self, ids: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the marks of the documents ``ids``, 0 where one is not here."""
        found = np.zeros(len(ids), dtype=np.uint64)
        order = np.argsort(ids)
        for one in self.segments:
            at = np.minimum(np.searchsorted(ids, one.ids, sorter=order), len(ids) - 1)
            held = ids[order[at]] == one.ids
            found[order[at[held]]] = one.marks[held]
        return found

    def put_back(self, segments: Iterable[Segment]) -> None:
        """Be made of ``segments`` that were kept; no document may be in two of them."""
        self._state = _State(tuple(segments))

    def replace(self, documents: Iterable[LexicalDocument], *, remove: Sequence[int] | NDArray[np.int64] = ()) -> None:
        """Add ``documents``, taking out earlier versions of them and everything in ``remove``."""
        new = list({document.doc_id: document for document in documents}.values())
        gone = np.concatenate([np.asarray(remove, dtype=np.int64), np.array([d.doc_id for d in new], dtype=np.int64)])
        segments = [left for one in self.segments if len(left := _without(one, gone))]
        pages = (new[at : at + MOST_ROWS] for at in range(0, len(new), MOST_ROWS))
        segments += [build([_analysed(document) for document in page]) for page in pages]
        self._state = _State(tidied(segments, merge, most=MOST_ROWS), self._state)

    def search(self, words: Counter[str] | str, *, limit: int) -> Ranking:
        """Return at most ``limit`` documents by BM25, best first; ties by rising id.

        ``words`` is a text, or words with weights. They are analysed once for each language that the collection
        holds. A query of nothing but stop words finds nothing.
        """
        state = self._state
        terms, weights = _query(Counter(words.split()) if isinstance(words, str) else words, state.languages)
        if not len(terms) or limit <= 0:
            return EMPTY
        return state.best(terms, weights, limit)

    def rarity(self, words: Iterable[str]) -> dict[str, float]:
        """Return how telling each word is here: its inverse document frequency, in [0, 1] of the largest possible.

        Words that analysis drops (stop words) are left out; a word that no document holds is as telling as can be.
        """
        state = self._state
        tokens = {word: [term(at, 0, token) for at in state.languages for token in _tokens(at, word)] for word in words}
        terms = np.array(sorted({one for of_word in tokens.values() for one in of_word}), dtype=np.uint64)
        frequencies = dict(zip(terms.tolist(), state.frequencies(terms).tolist(), strict=True))
        count = max(state.size, 1)
        return {
            word: float(np.log1p(count / (1 + max(frequencies[one] for one in of_word))) / np.log1p(count))
            for word, of_word in tokens.items()
            if of_word
        }


class _State:
    """What a search sees: it never changes, so a change beside it does no harm."""

    def __init__(self, segments: Sequence[Segment], before: _State | None = None) -> None:
        """``before`` may know the weights of some of ``segments`` already."""
        self.segments = tuple(segments)
        self.size = sum(len(one) for one in segments)
        sums = np.zeros((len(FIELDS), len(LANGUAGES)))
        for one in segments:
            sums[:, : one.sums.shape[1]] += one.sums
        self.languages = np.flatnonzero(sums[0]).tolist()
        self.averages = rounded(sums / max(self.size, 1))
        same = before is not None and np.array_equal(before.averages, self.averages)
        known = before.weights if before is not None and same else {}
        self.weights: dict[int, NDArray[np.uint8]] = {
            one.uid: known[one.uid] if one.uid in known else one.weights(self.averages) for one in segments
        }

    def frequencies(self, terms: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return how many documents hold each of ``terms``, shape (len(terms),)."""
        held = np.zeros(len(terms), dtype=np.int64)
        for one in self.segments:
            held += one.find(terms)[1]
        return held

    def best(self, terms: NDArray[np.uint64], weights: NDArray[np.float64], limit: int) -> Ranking:
        """Return the ``limit`` best documents for weighted ``terms``."""
        places = [one.find(terms) for one in self.segments]
        held = sum((sizes for _, sizes in places), np.zeros(len(terms), dtype=np.int64))
        tops = (1 + K1) / 255 * weights * np.log1p((self.size - held + 0.5) / (held + 0.5))
        ids, scores = EMPTY.ids, np.zeros(0)
        for segment, (starts, sizes) in zip(self.segments, places, strict=True):
            found = _scores(segment, self.weights[segment.uid], starts, sizes, tops)
            bar = scores[-1] if len(scores) == limit else 0.0
            rows = np.flatnonzero((found >= bar) & (found > 0.0))
            if len(rows) > limit:
                rows = rows[found[rows] >= np.partition(found[rows], -limit)[-limit]]
            ids, scores = np.concatenate([ids, segment.ids[rows]]), np.concatenate([scores, found[rows]])
            order = np.lexsort((ids, -scores))[:limit]
            ids, scores = ids[order], scores[order]
        return Ranking(ids, scores.astype(np.float32))


def _scores(
    segment: Segment,
    weights: NDArray[np.uint8],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    tops: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the BM25 score of each row of ``segment``, in the order of the terms; ``tops`` is their idf and boost."""
    held = np.flatnonzero(sizes)
    if not len(held):
        return np.zeros(len(segment))
    slices = [
        slice(start, start + size) for start, size in zip(starts[held].tolist(), sizes[held].tolist(), strict=True)
    ]
    rows = np.concatenate([segment.rows[one] for one in slices])
    scores = np.repeat(tops[held], sizes[held])
    scores *= np.concatenate([weights[one] for one in slices])
    return np.asarray(np.bincount(rows, weights=scores, minlength=len(segment)), dtype=np.float64)


def _query(words: Counter[str], languages: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Return the terms to ask for and their weights, both of shape (n,)."""
    asked: list[tuple[int, float]] = []
    for language in languages:
        weights: Counter[str] = Counter()
        for word, weight in words.items():
            for token in _tokens(language, word):
                weights[token] += weight
        for token, weight in weights.most_common(MAX_QUERY_WORDS):
            asked += [(term(language, 0, token), weight), (term(language, 1, token), weight * TITLE_WEIGHT)]
    return np.array([one for one, _ in asked], dtype=np.uint64), np.array([weight for _, weight in asked])


@lru_cache(maxsize=8_192)
def _tokens(language: int, word: str) -> tuple[str, ...]:
    """An answer asks for the words of a ticket several times: in each kind, to find and to weigh."""
    return tuple(analyzer(LANGUAGES[language]).analyze(word))


def _analysed(document: LexicalDocument) -> Analysed:
    language = field_language(document.language)
    words = analyzer(language).analyze
    body = words(f"{document.title}\n{document.body}")
    return Analysed(document.doc_id, document.mark, LANGUAGES.index(language), (body, words(document.title)))


def _without(segment: Segment, ids: NDArray[np.int64]) -> Segment:
    gone = np.isin(segment.ids, ids)
    return segment.without(gone) if gone.any() else segment


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
