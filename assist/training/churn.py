"""Makes the churn model from the project's own texts: ``python -m assist.training.churn``. Needs numpy only; a minute.

``--folds`` prints what folds over the texts give instead: parameters are chosen there, never on the held-out files.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assist.rank.sparse import Floats, Row, SparseRows, fit_sparse
from assist.signals.churn_model import OrdinaryWords, Reader, code_of
from assist.signals.companies import Companies
from assist.signals.cues import default_cues
from assist.signals.leaving import BUCKETS, read_concepts
from assist.training.approve import approve
from assist.training.patterns import Example, draw
from resources import ROOT

TEXTS = ROOT / "training" / "churn"
MODEL = ROOT / "models" / "churn"
LANGUAGES = ("en", "de", "fr", "es", "pt")
RIDGE = 1 / 3
PATTERN_CASES = 1.0
EVERYDAY_CASES = 0.2
CENTRE = 0.7
"""Everyday texts move the middle back down; the F1 of folds over the written texts is flat from here to 1.5."""
EACH_PATTERN = 8
SEED = 7
ORDINARY_TEXTS = 2
"""A word of so many texts, no company's name, is ordinary; rarer ones with a capital may be names."""
PARALLEL_LINES = 200
"""The first lines of the German, French, Spanish and Portuguese texts say the same, line by line."""
_ENDING = frozenset({"LEAVE", "CANCEL", "RIVAL", "NOTICE", "RENEW"})
_WORD = re.compile(r"[^\W\d_]+(?:['’&-]\w+)*")


_COUNTS = {"everyday": EVERYDAY_CASES}


def read_examples(folder: Path = TEXTS) -> list[Example]:
    """Return the written texts, without the held-out ones.

    A text with all its targets is one group, and so are the lines that say the same in four languages.
    """
    examples = []
    for language in LANGUAGES:
        first: dict[str, int] = {}
        for number, row in enumerate(_rows(folder / f"{language}.jsonl")):
            line = first.setdefault(re.sub(r"\W+", " ", row["text"].lower()), number)
            group = f"line {line}" if language != "en" and line < PARALLEL_LINES else f"{language} {line}"
            examples.append(Example(row["text"], row["target"], row["intensity"], language, (), group, written=True))
    return examples


def read_everyday(reader: Reader, folder: Path = TEXTS.parent) -> list[Example]:
    """Return what customers of other training texts write, where no word speaks of ending anything: all harmless."""
    mood = [row["text"] for row in _rows(folder / "mood" / "train.jsonl")]
    asked = [
        query if isinstance(query, str) else query["text"]
        for name in ("devices", "software", "services", "shops", "languages")
        for row in _rows(folder / "articles" / f"{name}.jsonl")
        for query in row.get("queries", ())
    ]
    none = [row["text"] for row in _rows(folder / "macros" / "none.jsonl")]
    nobody = Companies()
    return [
        Example(text, "", 0, "", (), "everyday")
        for text in dict.fromkeys((*mood, *asked, *none))
        if not _ENDING & {concept for concept, _ in reader.concepts.read([t.word for t in nobody.read(text)])}
    ]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def with_others(written: Sequence[Example]) -> list[Example]:
    """Return the texts of several targets once more, the other companies known: an account may list its competitors."""
    targets: dict[tuple[str, str], set[str]] = {}
    for one in written:
        targets.setdefault((one.language, one.text.lower()), set()).update({one.target} - {""})
    return [
        replace(one, others=tuple(sorted(others)))
        for one in written
        if (others := targets[one.language, one.text.lower()] - {one.target})
    ]


def ordinary_codes(examples: Sequence[Example]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    names = {part for one in examples for part in (one.target.lower(), *one.target.lower().split())}
    counts: Counter[str] = Counter()
    for text in {one.text for one in examples}:
        counts.update({word.lower().removesuffix("'s") for word in _WORD.findall(text)})
    words = [word for word, count in counts.items() if count >= ORDINARY_TEXTS and word not in names]
    return np.unique(np.array([code_of(word) for word in words], dtype=np.uint32))


def featurise(examples: Sequence[Example], reader: Reader) -> list[Row]:
    companies = (Companies((one.target,) if one.target else (), one.others) for one in examples)
    return [reader.row(one.text, known) for one, known in zip(examples, companies, strict=True)]


def labels_of(examples: Sequence[Example]) -> Floats:
    return np.array([float(one.intensity > 0) for one in examples])


def _counts(examples: Sequence[Example]) -> Floats:
    """Return how much each example counts: written texts by 1."""
    return np.array([1.0 if one.written else _COUNTS.get(one.group, PATTERN_CASES) for one in examples])


def fit(rows: Sequence[Row], labels: Floats, counts: Floats) -> Floats:
    return fit_sparse(SparseRows.of(rows, width=BUCKETS), labels, ridge=RIDGE, cases=counts)


def held_out_scores(written: Sequence[Example], drawn: Sequence[Example], reader: Reader, *, folds: int) -> Floats:
    """Return the log-odds of each written text by a model that has not seen its group."""
    learned = [*written, *with_others(written), *drawn]
    rows, labels, counts = featurise(learned, reader), labels_of(learned), _counts(learned)
    fold = np.array([code_of(one.group) % folds for one in learned])
    drawn_too = np.arange(len(learned)) >= len(learned) - len(drawn)
    scores = np.zeros(len(written))
    for number in range(folds):
        held = np.flatnonzero(fold[: len(written)] == number).tolist()
        rest = np.flatnonzero((fold != number) | drawn_too).tolist()
        weights = fit([rows[at] for at in rest], labels[rest], counts[rest])
        scores[held] = SparseRows.of([rows[at] for at in held], width=BUCKETS).scores(weights)
    return scores


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--folds", type=int, default=0, help="print what folds over the written texts give, make nothing"
    )
    options = parser.parse_args(arguments)
    written = read_examples()
    drawn = draw((TEXTS / "patterns.toml").read_bytes(), each=EACH_PATTERN, seed=SEED)
    codes = ordinary_codes(written)
    reader = Reader(read_concepts((MODEL / "words.toml").read_bytes()), OrdinaryWords(codes), default_cues("churn"))
    drawn += read_everyday(reader)
    if options.folds:
        _print_folds(written, held_out_scores(written, drawn, reader, folds=options.folds))
        return
    learned = [*written, *with_others(written), *drawn]
    weights = fit(featurise(learned, reader), labels_of(learned), _counts(learned))
    weights[-1] += CENTRE
    np.savez_compressed(MODEL / "model.npz", weights=weights.astype(np.float16), ordinary=codes)
    for name, digest in approve(MODEL.parent, MODEL.name, ("model.npz", "words.toml")).items():
        sys.stdout.write(f"{name} {digest}\n")


def _print_folds(written: Sequence[Example], scores: Floats) -> None:
    labels = labels_of(written) > 0
    ranks = np.argsort(np.argsort(scores))
    positives = int(labels.sum())
    area = (ranks[labels].sum() - positives * (positives - 1) / 2) / positives / (len(labels) - positives)
    cuts = np.arange(-2, 1, 0.1)
    f1s = [2 * (labels & (scores > cut)).sum() / (positives + (scores > cut).sum()) for cut in cuts]
    sys.stdout.write(
        f"AUC {area:.3f}; F1 by cut: {' '.join(f'{c:.1f}:{f:.3f}' for c, f in zip(cuts, f1s, strict=True))}\n"
    )
    for language in (*LANGUAGES, ""):
        chosen = np.array([language in ("", one.language) for one in written])
        said, right = scores[chosen] > 0, labels[chosen]
        hit = int((said & right).sum())
        f1 = 2 * hit / (said.sum() + right.sum())
        sys.stdout.write(
            f"{language or 'all':4} F1 {f1:.3f}  precision {hit / said.sum():.3f}  recall {hit / right.sum():.3f}\n"
        )


if __name__ == "__main__":
    main()
