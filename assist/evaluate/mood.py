"""``eval mood``: five levels of mood, and where labelled the wish for a person and urgency, message by message.

Each text is judged as the only message of a ticket, by words and by the encoder that the app would ask for its
language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

import resources
from assist.context import Context, build_context
from assist.domain import AccountId, Author, Message, Mood, OpenTicket, Role, Ticket, TicketRef, TicketStatus
from assist.encoders import minilm, multilingual
from assist.evaluate.report import Figure, Report, bootstrap
from assist.evaluate.rows import BadRow, Row
from assist.ports import Encoder
from assist.signals import mood, urgency
from assist.signals.tone import LEVELS
from assist.text.language import detect

FEWEST = 10
"""A language with fewer rows gets no figures of its own."""
_NOW = datetime(2026, 1, 1, tzinfo=UTC)

Levels = NDArray[np.int64]
Measure = Callable[[Levels, Levels], float]


@dataclass(frozen=True, slots=True)
class _Case:
    text: str = field(repr=False)
    level: int
    language: str
    wants_human: bool | None
    urgent: bool | None


def evaluate(rows: Sequence[Row], *, by_words: bool = False) -> Report:
    """Return the figures of the shipped judgement; ``by_words`` leaves the encoders out, as before they have answered.

    Raises:
        BadRow: If a row lacks a text, or has neither a ``level`` from -2 to 2 nor a ``label`` that names a mood.
    """
    cases = [_case(row) for row in rows]
    contexts = [_context(case.text) for case in cases]
    encoders = {} if by_words else _encoders({case.language for case in cases})
    found = [
        LEVELS.index(mood.assess(context, encoder=encoders.get(_reader(case.language)))[-1]) - 2
        for case, context in zip(cases, contexts, strict=True)
    ]
    pressures = [
        urgency.assess(context, encoder=encoders.get(_reader(case.language)))
        for case, context in zip(cases, contexts, strict=True)
    ]
    truth, predicted = np.array([case.level for case in cases]), np.array(found)
    figures = {**_levels(truth, predicted), **_by_language(cases, truth, predicted)}
    humans = [bool(pressure.wants_human) for pressure in pressures]
    hurries = [pressure.urgent for pressure in pressures]
    figures |= _flags("wish for a person", [case.wants_human for case in cases], humans)
    figures |= _flags("urgency", [case.urgent for case in cases], hurries)
    details = [
        {
            "text": case.text,
            "language": case.language,
            "level": case.level,
            "found": level,
            "human": human,
            "urgent": hurry,
        }
        for case, level, human, hurry in zip(cases, found, humans, hurries, strict=True)
    ]
    return Report("mood", f"{len(cases)} messages", figures, details)


def _case(row: Row) -> _Case:
    text = row.need("text", str)
    return _Case(
        text,
        _level(row),
        (row.get("language", str, "") or detect(text)).lower().split("-")[0],
        _flag(row, "wants_human"),
        _flag(row, "urgent"),
    )


def _level(row: Row) -> int:
    label = row.get("label", str, "")
    if label:
        if label not in list(Mood):
            raise BadRow(f"{row.where}: label must be one of {', '.join(Mood)}, not {label!r}")
        return LEVELS.index(Mood(label)) - 2
    level = row.need("level", int)
    if not -2 <= level <= 2:
        raise BadRow(f"{row.where}: level must be from -2 to 2, not {level}")
    return level


def _flag(row: Row, name: str) -> bool | None:
    return None if row.values.get(name) is None else row.need(name, bool)


def _context(text: str) -> Context:
    ref = TicketRef(AccountId("eval:data"), 1)
    author = Author(1, "Customer", Role.CUSTOMER)
    return build_context(
        OpenTicket(
            Ticket(ref, "", TicketStatus.OPEN, _NOW, _NOW, 1),
            (Message(1, author, _NOW, public=True, text=text),),
            None,
            (),
            _NOW,
        )
    )


def _reader(language: str) -> str:
    return "english" if language == "en" else "other"


def _encoders(languages: set[str]) -> dict[str, Encoder]:
    models = resources.ROOT / "models"
    loaders: dict[str, Callable[[], Encoder]] = {
        "english": lambda: minilm.load(models, threads=1),
        "other": lambda: multilingual.load(models),
    }
    return {name: loaders[name]() for name in sorted({_reader(language) for language in languages})}


def _levels(truth: Levels, found: Levels, suffix: str = "") -> dict[str, Figure]:
    measures: dict[str, Measure] = {
        "accuracy": lambda a, b: float((a == b).mean()),
        "within one level": lambda a, b: float((np.abs(a - b) <= 1).mean()),
        "macro F1": _macro_f1,
        "mean absolute error": lambda a, b: float(np.abs(a - b).mean()),
        "anger precision": lambda a, b: _share(a == -2, b == -2),
        "anger recall": lambda a, b: _share(b == -2, a == -2),
        "false anger per 100": lambda a, b: 100 * _share(b == -2, a != -2),
    }
    return _known({f"{name}{suffix}": measure for name, measure in measures.items()}, truth, found)


def _by_language(cases: Sequence[_Case], truth: Levels, found: Levels) -> dict[str, Figure]:
    languages = np.array([case.language for case in cases])
    names, counts = np.unique(languages, return_counts=True)
    if len(names) < 2:
        return {}
    figures: dict[str, Figure] = {}
    for name in names[counts >= FEWEST]:
        figures |= _levels(truth[languages == name], found[languages == name], f" {name}")
    return figures


def _flags(name: str, labels: Sequence[bool | None], found: Sequence[bool]) -> dict[str, Figure]:
    """Return precision and recall over the rows that are labelled; nothing if none is."""
    known = [(label, value) for label, value in zip(labels, found, strict=True) if label is not None]
    if not known:
        return {}
    truth, predicted = (np.array(column, dtype=np.int64) for column in zip(*known, strict=True))
    measures: dict[str, Measure] = {
        f"{name} precision": lambda a, b: _share(a == 1, b == 1),
        f"{name} recall": lambda a, b: _share(b == 1, a == 1),
    }
    return _known(measures, truth, predicted)


def _known(measures: Mapping[str, Measure], truth: Levels, found: Levels) -> dict[str, Figure]:
    """Return the figures that can be told: no precision where nothing was found, no recall where nothing is there."""
    return {
        name: bootstrap(len(truth), lambda rows, measure=measure: measure(truth[rows], found[rows]))  # type: ignore[misc]  # mypy infers no type for a lambda's default
        for name, measure in measures.items()
        if not np.isnan(measure(truth, found))
    }


def _share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    """Return the share of ``among`` that is also ``of``; not a number where there is none."""
    return float(of[among].mean()) if among.any() else float("nan")


def _macro_f1(truth: Levels, found: Levels) -> float:
    """Mean of the F1 of the levels that occur in either."""
    scores = []
    for level in range(-2, 3):
        total = int((truth == level).sum() + (found == level).sum())
        if total:
            scores.append(2 * int(((truth == level) & (found == level)).sum()) / total)
    return float(np.mean(scores)) if scores else float("nan")
