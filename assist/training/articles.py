"""Learn how much each measure of a passage counts, and how sure that makes us, on the written knowledge bases.

Run ``python -m assist.training.articles``; it prints the weights for ``assist/rank/articles.py``. Each file of
``resources/training/articles`` is one account of ten knowledge bases and ten accounts of one, searched as in the app.
The shipped weights were learned before the encoder was tuned on the same texts: of what it has read it is too sure.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resources
from assist.articles import JudgedArticle
from assist.domain import Article
from assist.encoders.minilm import load
from assist.evaluate.calibration import expected_calibration_error
from assist.evaluate.world import ACCOUNT, NOW, empty_store, engine_on, opened, put_articles
from assist.ports import Encoder, Vectors
from assist.rank.articles import MAX_LEAD, Measures
from assist.rank.logistic import fit_choice, fit_logistic, sigmoid

FILES = ("software", "shops", "devices", "services")
LEARNED = ("cosine", "lexical_share", "coverage", "title_coverage")
"""The other weights are set by hand: these texts have no votes, one language and no sections that are named."""
RIDGE = 1.0
JUDGED = 3
"""Articles of each question that confidence is learned from: those that may be shown."""
UNANSWERED_CASES = 1.5
"""How much a question that nothing answers counts: a quarter of a helpdesk's questions is thought to have no
article, of these texts 19%."""
NOTHING = {False: 4.0, True: 1.0}
"""`Weights.nothing` with meaning, and by words alone: the least log loss on files left out among whole numbers."""
SURE = ("sure_utility", "sure_lead", "sure_coverage")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what was found for it; ``gold`` is -1 where no article answers."""

    found: Sequence[JudgedArticle] = field(repr=False)
    gold: int
    file: str


def main() -> None:
    """Learn and print, once with meaning and once by words alone."""
    folder = resources.ROOT / "training" / "articles"
    asked = [one for name in FILES for one in _ask(folder, name)]
    for title, by_words in (("REFINED", False), ("BY_WORDS", True)):
        learned, sure, figures = learn(asked, by_words=by_words)
        sys.stdout.write(f"{title}: {figures}\n")
        names = (*LEARNED, *SURE, "sure_bias")
        for name, value in zip(names, (*learned, *sure), strict=True):
            sys.stdout.write(f"    {name}={value:.3f},\n")


def learn(asked: Sequence[Asked], *, by_words: bool) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Return the weights of `LEARNED`, those of `SURE` with their bias, and how well they do on files left out."""
    left_out = []
    for name in FILES:
        weights = _choice([one for one in asked if one.file != name], by_words=by_words)
        sure = _sure([one for one in asked if one.file != name], weights, by_words=by_words)
        left_out.append(_figures([one for one in asked if one.file == name], weights, sure, by_words=by_words))
    weights = _choice(asked, by_words=by_words)
    mean = np.mean(left_out, axis=0)
    told = f"left out: R@1 {mean[0]:.3f} MRR {mean[1]:.3f} ECE {mean[2]:.3f}"
    return weights, _sure(asked, weights, by_words=by_words), told


def _ask(folder: Path, name: str) -> Iterator[Asked]:
    """Ask every question of a file, of all its knowledge bases together and of each alone, and some of other files."""
    rows, encoder = _rows(folder, name), _Remembering(load(resources.ROOT / "models", threads=1))
    foreign = [row["queries"][1] for other in FILES if other != name for row in _rows(folder, other) if "text" in row]
    bases = [[row for row in rows if row["kb"] == kb] for kb in dict.fromkeys(row["kb"] for row in rows)]
    yield from _ask_account(rows, foreign[::6], name, encoder)
    for number, base in enumerate(bases):
        yield from _ask_account(base, foreign[number :: 5 * len(bases)], name, encoder)


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def _ask_account(
    rows: Sequence[dict[str, Any]], foreign: Sequence[str], name: str, encoder: Encoder
) -> Iterator[Asked]:
    articles = [row for row in rows if "text" in row]
    with empty_store() as store:
        put_articles(store, [_article(number, row["title"], row["text"]) for number, row in enumerate(articles)])
        engine = engine_on(store, encoder=encoder)
        for number, row in enumerate(articles):
            for query in row["queries"]:
                yield Asked(engine.ranked_articles(opened([("customer", query)])), number, name)
        for query in (*(text for row in rows for text in row.get("unanswered", ())), *foreign):
            yield Asked(engine.ranked_articles(opened([("customer", query)])), -1, name)


class _Remembering:
    """The shipped encoder, each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimension = encoder.name, encoder.dimension
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder.encode([text])[0]
        return np.stack([self._known[text] for text in texts])


def _article(number: int, title: str, text: str) -> Article:
    return Article(ACCOUNT, number, "en", title, f"<p>{escape(text)}</p>", "", NOW)


def _row(measures: Measures, *, by_words: bool) -> list[float]:
    cosine = 0.0 if by_words or measures.cosine is None else measures.cosine
    return [cosine, measures.lexical_share, measures.coverage, measures.title_coverage]


def _choice(asked: Sequence[Asked], *, by_words: bool) -> NDArray[np.float64]:
    features, targets, groups = [], [], []
    for number, one in enumerate(asked):
        if one.gold >= 0:
            features += [_row(judged.measures, by_words=by_words) for judged in one.found]
            targets += [float(_id(judged) == one.gold) for judged in one.found]
            groups += [number] * len(one.found)
    return fit_choice(np.array(features), np.array(targets), np.array(groups), ridge=RIDGE)


def _sure(asked: Sequence[Asked], weights: NDArray[np.float64], *, by_words: bool) -> NDArray[np.float64]:
    features, labels = _judged(asked, weights, by_words=by_words, most=JUDGED)
    cases = [UNANSWERED_CASES if one.gold < 0 else 1.0 for one in asked for _ in one.found[:JUDGED]]
    return fit_logistic(features, labels, ridge=RIDGE, cases=np.array(cases))


def _judged(
    asked: Sequence[Asked], weights: NDArray[np.float64], *, by_words: bool, most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, labels = [], []
    for one in asked:
        values = [float(np.dot(weights, _row(judged.measures, by_words=by_words))) for judged in one.found]
        order = sorted(range(len(values)), key=lambda at: -values[at])
        for at in order[:most]:
            rival = max((values[other] for other in order[:2] if other != at), default=NOTHING[by_words])
            lead = values[at] - max(rival, NOTHING[by_words])
            rows.append([values[at], min(max(lead, -MAX_LEAD), MAX_LEAD), one.found[at].measures.coverage])
            labels.append(float(_id(one.found[at]) == one.gold))
    return np.array(rows), np.array(labels)


def _figures(
    asked: Sequence[Asked], weights: NDArray[np.float64], sure: NDArray[np.float64], *, by_words: bool
) -> tuple[float, float, float]:
    ranks = []
    for one in asked:
        if one.gold >= 0:
            ordered = sorted(one.found, key=lambda judged: -np.dot(weights, _row(judged.measures, by_words=by_words)))
            ranks.append(next((at for at, judged in enumerate(ordered, 1) if _id(judged) == one.gold), 0))
    places = np.array(ranks)
    features, labels = _judged(asked, weights, by_words=by_words, most=1)
    error = expected_calibration_error(sigmoid(features @ sure[:-1] + sure[-1]), labels)
    return float(np.mean(places == 1)), float(np.mean(np.where(places > 0, 1 / np.maximum(places, 1), 0))), error


def _id(judged: JudgedArticle) -> int:
    return judged.stored.passage.article_id


if __name__ == "__main__":
    main()
