"""Postings of up to 65,536 documents in flat arrays: built at once, merged, thinned out, never changed.

A posting takes three bytes: the document's row in its segment, and how often the word stands there. A word of a title
is another word than the same in a body. Words are kept as 64-bit hashes, so that looking one up needs no table of
strings (docs/adr/0012-start-and-a-million.md).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 1 << 16
"""Rows are counted in 16 bits; the sums of one segment's scores stay in the processor's cache."""
K1, B = 1.2, 0.75
FIELDS = ("body", "title")
_STEP = 1.02
"""Average lengths are rounded to powers of this: the weights of all postings change only when an average has moved
this far, and are the same however the documents came together."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A document as the words it is found by, of each of `FIELDS`. ``language`` is a small number.

    ``mark`` tells versions of contents apart, in [0, 2**64).
    """

    doc_id: int
    mark: int
    language: int
    words: tuple[Sequence[str], ...]


@dataclass(frozen=True, eq=False)
class Segment:
    """Of n documents, t words and p postings. Postings of word w are ``starts[w]:starts[w + 1]``, by rising row."""

    ids: NDArray[np.int64]
    """(n,) document ids."""
    marks: NDArray[np.uint64]
    """(n,)"""
    languages: NDArray[np.uint8]
    """(n,)"""
    lengths: NDArray[np.uint16]
    """(len(FIELDS), n) words."""
    terms: NDArray[np.uint64]
    """(t,) `term` of each word, rising."""
    starts: NDArray[np.uint32]
    """(t + 1,)"""
    rows: NDArray[np.uint16]
    """(p,)"""
    counts: NDArray[np.uint8]
    """(p,) how often the word stands there; its high bit says that it is the title."""
    uid: int = field(default_factory=lambda: secrets.randbits(62))
    """Names these contents; a segment that was changed is another one."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def sums(self) -> NDArray[np.float64]:
        """Words of each field in all documents of each language: shape (len(FIELDS), languages)."""
        return np.stack([np.bincount(self.languages, weights=lengths) for lengths in self.lengths])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `restored` makes the same segment of."""
        return {name: getattr(self, name) for name in ARRAYS}

    def find(self, terms: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the postings of each of ``terms`` begin and how many there are; none where it is not held."""
        if not len(self.terms):
            return np.zeros(len(terms), dtype=np.int64), np.zeros(len(terms), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        starts = self.starts[at].astype(np.int64)
        return starts, np.where(self.terms[at] == terms, self.starts[at + 1] - starts, 0)

    def weights(self, averages: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return BM25's tf / (tf + k1 (1 - b + b length / average)) of each posting in 255ths, shape (p,).

        ``averages`` are the lengths of each field in each language, shape (len(FIELDS), languages).
        """
        average = np.maximum(averages, 1e-9)[:, self.languages]
        norms = (K1 * (1 - B + B * self.lengths / average)).astype(np.float32)
        often = (self.counts & _MOST).astype(np.float32)
        norm = np.take(norms.ravel(), self.rows + np.int32(len(self)) * (self.counts > _MOST))
        return np.rint(255 * often / (often + norm)).astype(np.uint8)

    def without(self, gone: NDArray[np.bool_]) -> Segment:
        """Return this segment without the rows where ``gone`` (n,) is true; nothing of them is left in it."""
        kept = ~gone[self.rows]
        starts = _running(kept)[self.starts]
        used = np.flatnonzero(starts[1:] > starts[:-1])
        stay = ~gone
        return Segment(
            ids=self.ids[stay],
            marks=self.marks[stay],
            languages=self.languages[stay],
            lengths=self.lengths[:, stay],
            terms=self.terms[used],
            starts=np.append(starts[used], starts[-1:]),
            rows=_running(stay)[:-1].astype(np.uint16)[self.rows[kept]],
            counts=self.counts[kept],
        )


ARRAYS = tuple(one.name for one in fields(Segment) if one.name != "uid")
_MOST, _TITLE = 127, 128


def term(language: int, part: int, word: str) -> int:
    """Return 64 bits that stand for ``word`` in one of `FIELDS` of a language."""
    digest = hashlib.blake2b(f"{language} {part} {word}".encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def rounded(averages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``averages`` in steps of 2%, see `_STEP`."""
    steps = np.round(np.log(np.maximum(averages, 1e-9)) / np.log(_STEP))
    return np.where(averages > 0, _STEP**steps, 0.0)


def build(documents: Sequence[Analysed]) -> Segment:
    """Return the segment of at most `MOST_ROWS` documents."""
    names: list[tuple[int, int, str]] = []
    numbers = {key: _Numbers(*key, names) for key in {(d.language, part) for d in documents for part in range(2)}}
    flat: list[int] = []
    for document in documents:
        for part, words in enumerate(document.words):
            flat.extend(map(numbers[document.language, part].__getitem__, words))
    lengths = np.array([[len(words) for words in d.words] for d in documents], dtype=np.int64).reshape(-1, len(FIELDS))
    terms, rank = np.unique(np.array([term(*name) for name in names], dtype=np.uint64), return_inverse=True)
    size = max(len(documents), 1)
    row_of = np.repeat(np.arange(len(documents)), lengths.sum(axis=1))
    keys, often = np.unique(rank[np.array(flat, dtype=np.int64)] * size + row_of, return_counts=True)
    in_title = np.zeros(len(terms), dtype=np.uint8)
    in_title[rank] = [part for _, part, _ in names]
    return Segment(
        ids=np.array([d.doc_id for d in documents], dtype=np.int64),
        marks=np.array([d.mark for d in documents], dtype=np.uint64),
        languages=np.array([d.language for d in documents], dtype=np.uint8),
        lengths=np.minimum(lengths.T, np.iinfo(np.uint16).max).astype(np.uint16),
        terms=terms,
        starts=np.searchsorted(keys, np.arange(len(terms) + 1) * size).astype(np.uint32),
        rows=(keys % size).astype(np.uint16),
        counts=np.minimum(often, _MOST).astype(np.uint8) + _TITLE * in_title[keys // size],
    )


def merge(segments: Sequence[Segment]) -> Segment:
    """Return one segment of all the documents of ``segments``, in their order; together at most `MOST_ROWS`."""
    terms = np.unique(np.concatenate([one.terms for one in segments]))
    places = [np.searchsorted(terms, one.terms) for one in segments]
    sizes = np.zeros(len(terms), dtype=np.int64)
    for one, place in zip(segments, places, strict=True):
        sizes[place] += np.diff(one.starts)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    rows = np.empty(starts[-1], dtype=np.uint16)
    counts = np.empty(starts[-1], dtype=np.uint8)
    free = starts[:-1].copy()
    first_row = 0
    for one, place in zip(segments, places, strict=True):
        own = np.diff(one.starts)
        to = np.repeat(free[place] - one.starts[:-1], own) + np.arange(len(one.rows))
        rows[to] = one.rows + np.uint16(first_row)
        counts[to] = one.counts
        free[place] += own
        first_row += len(one)
    return Segment(
        ids=np.concatenate([one.ids for one in segments]),
        marks=np.concatenate([one.marks for one in segments]),
        languages=np.concatenate([one.languages for one in segments]),
        lengths=np.concatenate([one.lengths for one in segments], axis=1),
        terms=terms,
        starts=starts.astype(np.uint32),
        rows=rows,
        counts=counts,
    )


def restored(arrays: Mapping[str, NDArray[Any]], uid: int) -> Segment:
    """Make a segment of what `Segment.arrays` gave.

    Raises:
        ValueError, KeyError: If the arrays do not belong together.
    """
    segment = Segment(**{name: arrays[name] for name in ARRAYS}, uid=uid)
    size, words, postings = len(segment.ids), len(segment.terms), len(segment.rows)
    fits = (
        0 < size <= MOST_ROWS
        and segment.marks.shape == segment.languages.shape == (size,)
        and segment.lengths.shape == (len(FIELDS), size)
        and segment.starts.shape == (words + 1,)
        and segment.counts.shape == (postings,)
        and int(segment.starts[-1]) == postings
        and bool(np.all(segment.starts[1:] > segment.starts[:-1]))
        and (postings == 0 or int(segment.rows.max()) < size)
    )
    if not fits:
        raise ValueError("these arrays are no segment")
    return segment


class _Numbers(dict[str, int]):
    """Words of one field of one language to numbers; a word that was not met before gets the next one."""

    def __init__(self, language: int, part: int, names: list[tuple[int, int, str]]) -> None:
        super().__init__()
        self._key = (language, part)
        self._names = names

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self._names)
        self._names.append((*self._key, word))
        return number


def _running(values: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return how many of ``values`` are true before each place, and of all: shape (n + 1,)."""
    return np.concatenate([np.zeros(1, dtype=np.uint32), np.cumsum(values, dtype=np.uint32)])
