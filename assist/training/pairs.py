"""The text that the encoder learns from: written for this project, in ``resources/training/articles``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

FILES = ("devices", "services", "shops", "software")
"""English only: this encoder's word pieces are (docs/adr/0013-languages.md says what carries other languages)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same thing. Pairs of one ``article`` must not meet in a batch: they are no negatives."""

    anchor: str = field(repr=False)
    positive: str = field(repr=False)
    article: str
    kb: str


def read_pairs(folder: Path) -> list[Pair]:
    """Return all pairs of the training files `FILES` in ``folder``, in the order of files and lines."""
    found: list[Pair] = []
    for path in (folder / f"{name}.jsonl" for name in FILES):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            article = json.loads(line)
            if "unanswered" in article:
                continue
            found.extend(_pairs(article, name=f"{path.stem}:{number}"))
    return found


def batches(pairs: Sequence[Pair], *, size: int, seed: int) -> Iterator[list[Pair]]:
    """Yield batches that each lean on few knowledge bases, so that negatives are neighbours and hard to tell apart.

    Each pair comes once; two pairs of one article never share a batch. The last batches may be smaller.
    """
    chance = np.random.default_rng(seed)
    groups: dict[str, list[Pair]] = {}
    for at in chance.permutation(len(pairs)):
        groups.setdefault(pairs[at].kb, []).append(pairs[at])
    queue = [pair for kb in chance.permutation(sorted(groups)) for pair in groups[str(kb)]]
    made: list[list[Pair]] = []
    open_: list[list[Pair]] = []
    for pair in queue:
        batch = next((one for one in open_ if all(other.article != pair.article for other in one)), None)
        if batch is None:
            batch = []
            open_.append(batch)
        batch.append(pair)
        if len(batch) == size:
            open_.remove(batch)
            made.append(batch)
    made.extend(batch for batch in open_ if len(batch) >= size // 4)
    for at in chance.permutation(len(made)):
        yield made[at]


def _pairs(article: Mapping[str, Any], *, name: str) -> Iterator[Pair]:
    queries, kb = article["queries"], article["kb"]
    for query in queries:
        yield Pair(query, f"{article['title']}\n{article['text']}", name, kb)
    # Questions that mean the same: what nearest past tickets and macro examples live on.
    for first, second in list(combinations(queries, 2))[:2]:
        yield Pair(first, second, name, kb)
