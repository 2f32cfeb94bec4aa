"""Fit the weights of `assist.rank.macros` anew and print them: ``python -m assist.training.macros``.

Needed after every change of the encoder. Learns from what was written for this project: desks with examples, messages
and what they cannot answer (``resources/training/macros``), and help articles whose questions play the messages
(``resources/training/articles``), once an article a macro and once a section a macro. What is printed beside the
weights is the Matthews correlation on desks and knowledge bases that were left out in turn, by quarters.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resources
from assist.encoders.minilm import load
from assist.evaluate.macros import matthews
from assist.ports import Encoder, Vectors
from assist.rank.logistic import fit_choice, fit_logistic
from assist.rank.macros import NONE_SHARE, Example, MacroMatcher, Measures, Weights

Floats = NDArray[np.float64]
FOLDER = resources.ROOT / "training"
ARTICLE_FILES = ("software", "services", "devices", "shops")
PARTS = 4
RIDGE = 3.0
TIMES = {"desk": 3.0, "article": 1.0, "section": 1.0}
"""How much a message of each kind counts: those of the desks are most like what customers type."""


@dataclass(frozen=True, slots=True)
class Episode:
    """An account in small: examples, and messages with their macro or None. ``group`` is what is left out together."""

    kind: str
    group: str
    titles: Mapping[str, str] = field(repr=False)
    examples: Sequence[tuple[str, str]] = field(repr=False)
    messages: Sequence[tuple[str, str | None]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """An episode after its messages were measured; ``gold`` is -1 for none."""

    episode: Episode
    matcher: MacroMatcher[str]
    measures: Sequence[Measures] = field(repr=False)
    gold: NDArray[np.int64] = field(repr=False)


def episodes(folder: Path = FOLDER) -> Iterator[Episode]:
    """Yield the accounts to learn from, the same ones each time."""
    noise = [row["text"] for row in _lines(folder / "macros" / "none.jsonl")]
    yield from _desks(folder, noise)
    bases: dict[str, list[dict[str, Any]]] = {}
    for name in ARTICLE_FILES:
        for row in _lines(folder / "articles" / f"{name}.jsonl"):
            bases.setdefault(row["kb"], []).append(row)
    for number, (base, rows) in enumerate(bases.items()):
        chance = np.random.default_rng(number)
        articles = [row for row in rows if "queries" in row]
        none = [text for row in rows for text in row.get("unanswered", ())] + _some(chance, noise, 4)
        yield _articles(chance, base, articles, none)
        if (sections := _sections(chance, base, articles, none)) is not None:
            yield sections


def _desks(folder: Path, noise: Sequence[str]) -> Iterator[Episode]:
    rows = _lines(folder / "macros" / "desks.jsonl")
    for desk in dict.fromkeys(row["desk"] for row in rows):
        macros = [row for row in rows if row["desk"] == desk and "macro" in row]
        none = [text for row in rows if row["desk"] == desk for text in row.get("none", ())]
        for seed in range(PARTS):
            chance = np.random.default_rng(seed)
            # The first time all macros are there; then three are not, and what they would answer has no answer.
            gone = set(_some(chance, [row["macro"] for row in macros], 3)) if seed else set()
            messages = [
                (text, None if row["macro"] in gone else row["macro"]) for row in macros for text in row["messages"]
            ]
            messages += [(text, None) for text in (*none, *_some(chance, noise, 15))]
            left = [row for row in macros if row["macro"] not in gone]
            titles = {row["macro"]: row["macro"].replace("_", " ").lower() for row in left}
            yield Episode(
                "desk", desk, titles, [(text, row["macro"]) for row in left for text in row["examples"]], messages
            )


def _articles(
    chance: np.random.Generator, base: str, articles: Sequence[Mapping[str, Any]], none: Sequence[str]
) -> Episode:
    """Three quarters of the articles are macros; one question of each is a message, the others are examples."""
    order = [articles[at] for at in chance.permutation(len(articles))]
    cut = round(0.75 * len(order))
    examples: list[tuple[str, str]] = []
    messages: list[tuple[str, str | None]] = [(text, None) for text in none]
    for at, article in enumerate(order):
        questions = _some(chance, article["queries"], len(article["queries"]))
        if at < cut:
            messages.append((questions[0], article["title"]))
            examples += [(text, article["title"]) for text in questions[1:]]
        else:
            messages += [(text, None) for text in questions[:2]]
    return Episode("article", base, {row["title"]: row["title"] for row in order[:cut]}, examples, messages)


def _sections(
    chance: np.random.Generator, base: str, articles: Sequence[Mapping[str, Any]], none: Sequence[str]
) -> Episode | None:
    """Broader macros: a section each; one section is left out."""
    sections: dict[str, list[str]] = {}
    for article in articles:
        sections.setdefault(article["section"].split(" > ")[0], []).extend(article["queries"])
    if len(sections) < PARTS:
        return None
    gone = list(sections)[int(chance.integers(len(sections)))]
    examples: list[tuple[str, str]] = []
    messages: list[tuple[str, str | None]] = [(text, None) for text in none]
    for section, questions in sections.items():
        order = _some(chance, questions, len(questions))
        cut = max(1, len(order) // 4)
        if section == gone:
            messages += [(text, None) for text in order[:8]]
        else:
            messages += [(text, section) for text in order[:cut]]
            examples += [(text, section) for text in order[cut:]]
    return Episode("section", base, {name: name for name in sections if name != gone}, examples, messages)


def judge(episode: Episode, encoder: Encoder) -> Judged:
    """Let a matcher learn the examples, and measure the messages with it."""
    texts = [text for text, _ in episode.examples]
    examples = [
        Example(text, macro, vector)
        for (text, macro), vector in zip(episode.examples, encoder.encode(texts), strict=True)
    ]
    examples += [
        Example(title, macro, vector, is_title=True)
        for (macro, title), vector in zip(
            episode.titles.items(), encoder.encode(list(episode.titles.values())), strict=True
        )
    ]
    matcher = MacroMatcher(examples)
    vectors = encoder.encode([text for text, _ in episode.messages])
    measures = [matcher.measures(text, vector) for (text, _), vector in zip(episode.messages, vectors, strict=True)]
    gold = [matcher.macros.index(macro) if macro is not None else -1 for _, macro in episode.messages]
    return Judged(episode, matcher, measures, np.array(gold))


def fit(judged: Sequence[Judged]) -> Weights:
    """Return the weights that explain best which macro answered, and whether any did."""
    choice = _fit_choice(judged)
    inside = float(np.mean([one.matcher.inside for one in judged]))
    outside = float(np.mean([one.matcher.outside for one in judged]))
    rows, labels, cases = [], [], []
    for one in judged:
        rows.append(_evidence(one, choice))
        known = one.gold >= 0
        labels.append(known.astype(np.float64))
        share = np.where(known, (1 - NONE_SHARE) / max(known.sum(), 1), NONE_SHARE / max((~known).sum(), 1))
        cases.append(TIMES[one.episode.kind] * share * len(known))
    table = np.concatenate(rows)
    centre, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    fitted = fit_logistic((table - centre) / spread, np.concatenate(labels), ridge=RIDGE, cases=np.concatenate(cases))
    scope = fitted[:-1] / spread
    return Weights(tuple(choice.tolist()), (*scope.tolist(), float(fitted[-1] - scope @ centre)), inside, outside)


def correlations(judged: Sequence[Judged]) -> dict[str, float]:
    """Return the mean Matthews correlation by kind, on episodes whose group the weights were not fitted on."""
    groups = sorted({one.episode.group for one in judged})
    found: dict[str, list[float]] = {}
    for part in range(PARTS):
        left_out = set(groups[part::PARTS])
        weights = fit([one for one in judged if one.episode.group not in left_out])
        for one in judged:
            if one.episode.group in left_out:
                found.setdefault(one.episode.kind, []).append(matthews(one.gold, chosen(one, weights)))
    return {kind: float(np.mean(values)) for kind, values in found.items()}


def chosen(one: Judged, weights: Weights) -> NDArray[np.int64]:
    """Return which macro would be offered for each message, -1 for none."""
    choice = np.array(weights.choice)
    best = np.array([int((measures.table @ choice).argmax()) for measures in one.measures])
    in_scope = _evidence(one, choice) @ np.array(weights.scope[:-1]) + weights.scope[-1] >= 0
    return np.where(in_scope, best, -1)


def _fit_choice(judged: Sequence[Judged]) -> Floats:
    tables: list[Floats] = []
    targets: list[Floats] = []
    groups: list[NDArray[np.int64]] = []
    for one in judged:
        for measures, gold in zip(one.measures, one.gold, strict=True):
            if gold >= 0:
                tables.append(measures.table)
                targets.append(np.eye(len(measures.table))[gold])
                groups.append(np.full(len(measures.table), len(groups), dtype=np.int64))
    return fit_choice(np.concatenate(tables), np.concatenate(targets), np.concatenate(groups))


def _evidence(one: Judged, choice: Floats) -> Floats:
    return np.array(
        [one.matcher.evidence(measures, int((measures.table @ choice).argmax())) for measures in one.measures]
    )


class _Memo:
    """An encoder that remembers: the same texts come in several episodes."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, Vectors]()
        self.name, self.dimension = encoder.name, encoder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)


def _some(chance: np.random.Generator, items: Sequence[str], count: int) -> list[str]:
    return [items[at] for at in chance.permutation(len(items))[:count]]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    encoder = _Memo(load(resources.ROOT / "models", threads=1))
    judged = [judge(episode, encoder) for episode in episodes()]
    weights = fit(judged)
    for name, value in correlations(judged).items():
        sys.stdout.write(f"# {name}: MCC {value:.3f}\n")
    rounded = replace(
        weights,
        choice=tuple(round(value, 3) for value in weights.choice),
        scope=tuple(round(value, 3) for value in weights.scope),
        inside=round(weights.inside, 3),
        outside=round(weights.outside, 3),
    )
    sys.stdout.write(f'WEIGHTS = {rounded}\nFITTED_TO = "{encoder.name}"\n')


if __name__ == "__main__":
    main()
