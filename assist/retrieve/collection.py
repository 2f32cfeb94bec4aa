"""One kind of document of one account, searchable both ways. Accounts never share a collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from assist.ports import Vectors
from assist.rank.fuse import Fused, fuse
from assist.retrieve.dense import DenseIndex
from assist.retrieve.lexical import LexicalDocument, LexicalIndex
from assist.retrieve.query import EMPTY, Query, Ranking

CANDIDATES = 40
"""From each part. The right document was among 40 in all but 0.3% of the public queries."""


class Collection:
    """Lexical and dense index of one kind. One thread changes it; searching may run beside that."""

    def __init__(self, dimension: int) -> None:
        self.lexical = LexicalIndex()
        self.dense = DenseIndex(dimension)
        self._last: tuple[Counter[str], int, Ranking] | None = None
        """Both stages of an answer ask for the same words; at 100,000 passages looking again would take 4 ms."""

    def __len__(self) -> int:
        return len(self.lexical)

    def replace(self, documents: Iterable[LexicalDocument], *, remove: Sequence[int] = ()) -> None:
        """Make ``documents`` findable by words at once; their vectors may follow."""
        self.lexical.replace(documents, remove=remove)
        self._last = None
        self.dense.remove(remove)

    def add_vectors(self, ids: Sequence[int] | NDArray[np.int64], vectors: Vectors) -> None:
        self.dense.replace(ids, vectors)

    def search(self, query: Query, *, limit: int = CANDIDATES, other: DenseIndex | None = None) -> list[Fused]:
        """Return the fused candidates, best first; at most ``2 * limit``.

        ``other`` holds vectors of the encoder that ``query.other`` is from; both or neither are asked.
        """
        lexical = self._lexical(query.words, limit)
        index, vector = (self.dense, query.vector) if other is None else (other, query.other)
        if vector is None:
            return fuse(lexical, None, cosines={}, also=query.also)
        dense = index.search(vector, limit=limit) if len(index) else EMPTY
        known = set(dense.ids.tolist())
        missing = [doc_id for doc_id in {*lexical.ids.tolist(), *query.also} if doc_id not in known]
        return fuse(lexical, dense, cosines=index.cosines(vector, missing), also=query.also)

    def _lexical(self, words: Counter[str], limit: int) -> Ranking:
        last = self._last
        if last is not None and last[0] is words and last[1] == limit:
            return last[2]
        found = self.lexical.search(words, limit=limit)
        self._last = (words, limit, found)
        return found
