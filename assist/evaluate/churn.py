"""``eval churn``: does the shipped model see who leaves the target, and what does learning from own labels add?

The figures are those of the model's text score at its middle (log-odds 0) and of the app's alert.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from assist.context import build_context
from assist.domain import (
    AccountId,
    Author,
    Band,
    Message,
    OpenTicket,
    Role,
    Ticket,
    TicketRef,
    TicketStatus,
)
from assist.evaluate.report import Figure, Report, bootstrap
from assist.evaluate.rows import BadRow, Row
from assist.rank.sparse import Floats, SparseRows, fit_sparse
from assist.signals.churn import assess
from assist.signals.churn_model import churn_model
from assist.signals.companies import Companies
from assist.signals.cues import default_cues, hits
from assist.signals.leaving import BUCKETS
from assist.signals.phrases import sentence

NO_TARGET = frozenset({"", "no_brand", "none"})
RIDGE = 0.2
"""How firmly the shipped model's judgement holds against an account's own labels."""
OWN_WEIGHTS = {"word": 2.0, "piece": 1.0, "concept": 1.0, "place": 1.5, "cue": 0.5}
"""Own labels teach words and spellings first: what holds for all houses the shipped model knows."""
_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Case:
    text: str = field(repr=False)
    target: str
    label: int
    companies: Companies


def evaluate(rows: Sequence[Row], folds: int = 0) -> Report:
    """Return the figures of the shipped model, and with ``folds`` those of the model that also learned from the data.

    Other targets of the file are taken as known competitors. A target that is empty, ``none`` or
    ``no_brand`` is unknown: the text is then taken as addressed to us. Rows of the same text are in one fold.

    Raises:
        BadRow: If a row lacks a text or a label, or ``folds`` is 1 or more than there are texts.
    """
    cases = _cases(rows)
    groups = [case.text.strip().lower() for case in cases]
    if folds == 1 or folds < 0 or folds > len(set(groups)):
        raise BadRow(f"folds must be 0, or from 2 to the number of texts ({len(set(groups))}), not {folds}")
    labels = np.array([case.label for case in cases], dtype=np.int64)
    model = churn_model()
    features = [model.reader.row(case.text, case.companies) for case in cases]
    shipped = SparseRows.of(features, width=BUCKETS).scores(model.weights)
    alerts = np.array([_alerts(case) for case in cases], dtype=np.float64)
    rule = np.array([_keyword(case.text) for case in cases], dtype=np.float64)
    figures = {
        **_figures("shipped", shipped, labels, groups),
        "alert precision": _figure(_precision, alerts, labels, groups),
        "alert recall": _figure(_recall, alerts, labels, groups),
        "share of alerts": _figure(lambda scores, _: float((scores > 0).mean()), alerts, labels, groups),
        "keyword rule F1": _figure(_f1, rule, labels, groups),
    }
    learned = shipped
    if folds:
        own = [model.reader.row(case.text, case.companies, weights=OWN_WEIGHTS) for case in cases]
        learned = _learned(own, shipped, labels, groups, folds=folds)
        figures |= _figures(f"{folds} folds", learned, labels, groups)
    details = [
        {"text": case.text, "target": case.target, "label": case.label, "shipped": round(float(one), 3),
         "learned": round(float(two), 3), "alert": bool(alert > 0)}
        for case, one, two, alert in zip(cases, shipped, learned, alerts, strict=True)
    ]  # fmt: skip
    return Report("churn", f"{len(cases)} texts, {int(labels.sum())} leaving", figures, details)


def _cases(rows: Sequence[Row]) -> list[_Case]:
    targets = [row.get("target", str, "").strip() for row in rows]
    known = tuple(sorted({target for target in targets if target.lower() not in NO_TARGET}))
    return [
        _Case(
            row.need("text", str),
            target,
            int(row.need("label", int) > 0),
            Companies(() if target.lower() in NO_TARGET else (target,), known),
        )
        for row, target in zip(rows, targets, strict=True)
    ]


def _learned(
    own: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]],
    shipped: Floats,
    labels: NDArray[np.int64],
    groups: Sequence[str],
    *,
    folds: int,
) -> Floats:
    """Return each row's log-odds by a model that starts from the ``shipped`` ones and learns from the other folds."""
    features = [
        (np.append(places, np.int32(BUCKETS)), np.append(values, np.float32(score)))
        for (places, values), score in zip(own, shipped, strict=True)
    ]
    width = BUCKETS + 1
    prior = np.zeros(width + 1)
    prior[BUCKETS] = 1.0
    order = sorted(set(groups), key=lambda group: zlib.crc32(group.encode()))
    fold_of = {group: place % folds for place, group in enumerate(order)}
    fold = np.array([fold_of[group] for group in groups])
    scores = np.zeros(len(labels))
    for number in range(folds):
        rest, held = np.flatnonzero(fold != number).tolist(), np.flatnonzero(fold == number).tolist()
        seen = SparseRows.of([features[at] for at in rest], width=width)
        weights = fit_sparse(seen, labels[rest].astype(np.float64), ridge=RIDGE, prior=prior)
        scores[held] = SparseRows.of([features[at] for at in held], width=width).scores(weights)
    return scores


def _alerts(case: _Case) -> float:
    """Ask as the app does: the text as a ticket's only message at the target's own account."""
    author = Author(2, "", Role.CUSTOMER)
    ref = TicketRef(AccountId("eval:"), 1)
    ticket = Ticket(
        ref, "", TicketStatus.OPEN, _NOW, _NOW, 2, brand="" if case.target.lower() in NO_TARGET else case.target
    )
    opened = OpenTicket(ticket, (Message(1, author, _NOW, public=True, text=case.text),), None, (), _NOW)
    return float(assess(build_context(opened), opened, now=_NOW).band in (Band.RAISED, Band.HIGH))


def _keyword(text: str) -> float:
    """The plain rule to compare with: a phrase for leaving, whoever is left."""
    said = sentence(text, message_id=None)
    return float(any(hit.cue.group in ("leaving", "asking") for hit in hits(said, default_cues("churn"))))


def _figures(name: str, scores: Floats, labels: NDArray[np.int64], groups: Sequence[str]) -> dict[str, Figure]:
    return {
        f"{name} {what}": _figure(statistic, scores, labels, groups)
        for what, statistic in (("precision", _precision), ("recall", _recall), ("F1", _f1), ("AUC", _auc))
    }


def _figure(
    statistic: Callable[[Floats, NDArray[np.int64]], float],
    scores: Floats,
    labels: NDArray[np.int64],
    groups: Sequence[str],
) -> Figure:
    return bootstrap(len(labels), lambda rows: statistic(scores[rows], labels[rows]), groups=groups)


def _precision(scores: Floats, labels: NDArray[np.int64]) -> float:
    said = scores > 0
    return float(labels[said].mean()) if said.any() else 0.0


def _recall(scores: Floats, labels: NDArray[np.int64]) -> float:
    return float((scores[labels == 1] > 0).mean()) if labels.any() else float("nan")


def _f1(scores: Floats, labels: NDArray[np.int64]) -> float:
    said = scores > 0
    size = int(said.sum() + labels.sum())
    return 2.0 * float((said & (labels == 1)).sum()) / size if size else float("nan")


def _auc(scores: Floats, labels: NDArray[np.int64]) -> float:
    """The chance that a leaving text scores above another one, ties by half (Mann and Whitney 1947)."""
    leaving, other = scores[labels == 1], np.sort(scores[labels == 0])
    if not len(leaving) or not len(other):
        return float("nan")
    below = np.searchsorted(other, leaving, "left")
    upto = np.searchsorted(other, leaving, "right")
    return float((below + upto).sum() / 2 / len(leaving) / len(other))
