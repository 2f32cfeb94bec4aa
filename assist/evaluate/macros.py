"""Which macro answers a message, or none? Learned from the examples alone; see docs/measuring.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resources
from assist.encoders.minilm import load as load_encoder
from assist.evaluate.report import Figure, Report, bootstrap, mean
from assist.evaluate.rows import BadRow, Row
from assist.ports import Encoder, Vectors
from assist.rank.macros import Example, MacroMatcher

Labels = NDArray[np.int64]
NONE = -1
SEED = 20261123
PARTS = 5
_LETTERS = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class _Data:
    """``macros`` to the titles that can be read, "" where there is none."""

    macros: Mapping[str, str] = field(repr=False)
    examples: Sequence[tuple[str, str]] = field(repr=False)
    messages: Sequence[tuple[str, str, str | None]] = field(repr=False)
    """Id, text and macro."""


def evaluate(rows: Sequence[Row], *, encoder: Encoder | None = None) -> Report:
    """Choose a macro or none for each message; without ``encoder`` the shipped one is used.

    Beside the figures of the app stands what the nearest example alone would reach, its threshold chosen on the
    examples, a fifth of the macros playing the unknown in turn.

    Raises:
        BadRow: If a row cannot be used.
    """
    data = _read(rows)
    if encoder is None:
        encoder = load_encoder(resources.ROOT / "models", threads=1)
    examples = encoder.encode([text for text, _ in data.examples])
    messages = encoder.encode([text for _, text, _ in data.messages])
    names = {macro: number for number, macro in enumerate(data.macros)}
    matcher = _matcher(data, examples, encoder)
    gold = np.array([names[macro] if macro is not None else NONE for *_, macro in data.messages], dtype=np.int64)
    verdicts = [matcher.match(text, vector) for (_, text, _), vector in zip(data.messages, messages, strict=True)]
    found = np.array([names[one.chosen] if one.chosen is not None else NONE for one in verdicts], dtype=np.int64)
    labels = np.array([names[macro] for _, macro in data.examples], dtype=np.int64)
    nearest = nearest_example(examples, labels, messages)
    cases = [
        {
            "id": id_,
            "message": text,
            "gold": macro,
            "chosen": one.chosen,
            "nearest": one.best,
            "probability": round(one.in_scope, 4),
            "share": round(one.shares[one.best], 4),
        }
        for (id_, text, macro), one in zip(data.messages, verdicts, strict=True)
    ]
    none = int((gold == NONE).sum())
    size = (
        f"{len(gold)} messages, {none} of them for none; {len(labels)} examples of {len(set(labels.tolist()))} macros"
    )
    return Report("macros", size, _figures(gold, found, nearest), cases)


def matthews(gold: Labels, found: Labels) -> float:
    """Return the correlation of two labellings, in [-1, 1]; 0 where either has only one label.

    Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient" (2004).
    """
    _, both = np.unique(np.concatenate([gold, found]), return_inverse=True)
    kinds = int(both.max(initial=-1)) + 1
    is_gold = np.bincount(both[: len(gold)], minlength=kinds).astype(np.float64)
    is_found = np.bincount(both[len(gold) :], minlength=kinds).astype(np.float64)
    total, right = float(len(gold)), float((gold == found).sum())
    scale = (total**2 - is_gold @ is_gold) * (total**2 - is_found @ is_found)
    return float((right * total - is_gold @ is_found) / np.sqrt(scale)) if scale > 0 else 0.0


def nearest_example(examples: Vectors, labels: Labels, messages: Vectors) -> Labels:
    """Return the macro of each message's nearest example, or `NONE` below a threshold that the examples give.

    To find it, each fifth of the macros is taken away in turn and its examples have no answer, while the others'
    are compared with all examples but themselves; the threshold is the one with the best Matthews correlation.
    """
    best, answer = _nearest(messages @ examples.T, labels)
    among = examples @ examples.T
    np.fill_diagonal(among, -2.0)
    macros = np.random.default_rng(SEED).permutation(np.unique(labels))
    scores, answers, truth = [], [], []
    for part in range(PARTS):
        gone = np.isin(labels, macros[part::PARTS])
        if gone.all() or not gone.any():
            continue
        near, found = _nearest(among[:, ~gone], labels[~gone])
        scores.append(near)
        answers.append(found)
        truth.append(np.where(gone, NONE, labels))
    if not scores:
        return answer
    score, found, gold = np.concatenate(scores), np.concatenate(answers), np.concatenate(truth)
    levels = np.arange(0.0, 1.0, 0.02)
    threshold = max(levels, key=lambda level: matthews(gold, np.where(score >= level, found, NONE)))
    return np.where(best >= threshold, answer, NONE)


def _nearest(cosines: Vectors, labels: Labels) -> tuple[NDArray[np.float32], Labels]:
    at = cosines.argmax(axis=1)
    return cosines[np.arange(len(cosines)), at], labels[at]


def _matcher(data: _Data, vectors: Vectors, encoder: Encoder) -> MacroMatcher[str]:
    examples = [Example(text, macro, row) for (text, macro), row in zip(data.examples, vectors, strict=True)]
    titles = {macro: title for macro, title in data.macros.items() if title}
    examples += [
        Example(title, macro, row, is_title=True)
        for (macro, title), row in zip(titles.items(), encoder.encode(list(titles.values())), strict=True)
    ]
    return MacroMatcher(examples)


def _figures(gold: Labels, found: Labels, nearest: Labels) -> dict[str, Figure]:
    known, none = gold != NONE, gold == NONE
    right = gold == found

    def correlation(of: Labels) -> Callable[[Labels], float]:
        return lambda rows: matthews(gold[rows], of[rows])

    return {
        "MCC": bootstrap(len(gold), correlation(found)),
        "accuracy": mean(right.astype(np.float64)),
        "accuracy in scope": mean(right[known].astype(np.float64)),
        "recall of none": mean(right[none].astype(np.float64)),
        "MCC nearest": bootstrap(len(gold), correlation(nearest)),
    }


def _read(rows: Sequence[Row]) -> _Data:
    examples: list[tuple[str, str]] = []
    messages: list[tuple[str, str, str | None]] = []
    given: dict[str, str] = {}
    for row in rows:
        match row.need("type", str):
            case "macro":
                given[_text(row, "id")] = row.get("title", str, "")
            case "example":
                examples.append((row.need("text", str), _text(row, "macro")))
            case "message":
                macro = None if row.values.get("macro") is None else _text(row, "macro")
                messages.append((str(row.values.get("id", row.where)), row.need("text", str), macro))
            case other:
                raise BadRow(f"{row.where}: type must be macro, example or message, not {other!r}")
    if not examples:
        raise BadRow("no line has the type example: there is nothing to learn from")
    macros = {macro: given.get(macro) or readable(macro) for macro in (*dict.fromkeys(m for _, m in examples), *given)}
    # A macro that only the messages name is not known to the app; its name must tell nothing.
    macros |= {macro: "" for *_, macro in messages if macro is not None and macro not in macros}
    return _Data(macros, examples, messages)


def readable(name: str) -> str:
    """Return a label as words ("100_NIGHT_TRIAL" is "100 night trial"); "" where no word of three letters is in it."""
    words = re.sub(r"[\W_]+", " ", name).strip().lower()
    return words if _LETTERS.search(words) else ""


def _text(row: Row, name: str) -> str:
    value: Any = row.values.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return row.need(name, str)
