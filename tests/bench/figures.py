"""Which figures a task is told by, and how the cases of Kibitz and of its peers become columns of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.bench import statistics as st

Case = Mapping[str, Any]
ROUNDING = 1e-6
USABLE = 0.6
"""ROUGE-L from which a suggested reply is nearly usable."""


@dataclass(frozen=True)
class Told:
    """A figure of a task; ``less`` where smaller is better."""

    name: str
    statistic: st.Statistic = field(repr=False)
    less: bool = False


def _in_scope(columns: st.Columns) -> float:
    scope = columns["gold"] != ""
    return st.accuracy({name: column[scope] for name, column in columns.items()})


def _distance(columns: st.Columns) -> float:
    return float(np.abs(columns["gold"] - columns["predicted"]).mean())


def _false_anger(columns: st.Columns) -> float:
    others = columns["gold"] > -2
    return float(np.mean(columns["predicted"][others] == -2)) if others.any() else float("nan")


TASKS: dict[str, tuple[Told, ...]] = {
    "retrieval": (
        Told("R@1", st.recall_at(1)),
        Told("R@3", st.recall_at(3)),
        Told("R@5", st.recall_at(5)),
        Told("R@10", st.recall_at(10)),
        Told("MRR", st.reciprocal_rank),
    ),
    "macros": (
        Told("MCC", lambda columns: st.matthews(columns["gold"], columns["predicted"])),
        Told("accuracy", st.accuracy),
        Told("accuracy in scope", _in_scope),
        Told("recall of none", st.recall_of("")),
    ),
    "replies": (
        Told("A R@1", st.recall_at(1)),
        Told("A R@5", st.recall_at(5)),
        Told("A R@10", st.recall_at(10)),
        Told("A MRR", lambda columns: float(np.mean(1 / columns["rank"]))),
        Told("B usable@3", lambda columns: float(np.mean(columns["best"] >= USABLE - ROUNDING))),
    ),
    "churn": (
        Told("F1", st.f1_of(1)),
        Told("precision", st.precision_of(1)),
        Told("recall", st.recall_of(1)),
        Told("AUC", st.area),
    ),
    "mood": (
        Told("accuracy", st.accuracy),
        Told("within one", lambda columns: float(np.mean(np.abs(columns["gold"] - columns["predicted"]) <= 1))),
        Told("macro F1", st.macro_f1),
        Told("MAE", _distance, less=True),
        Told("recall of anger", st.recall_of(-2)),
        Told("false anger", _false_anger, less=True),
    ),
}
KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "retrieval": {"rank": ("rank",)},
    "macros": {"gold": ("gold", "macro"), "predicted": ("predicted", "found", "chosen")},
    "replies": {"rank": ("rank",), "best": ("rouge",)},
    "churn": {
        "gold": ("label", "gold"),
        "predicted": ("predicted",),
        "probability": ("probability",),
    },
    "mood": {"gold": ("level", "gold"), "predicted": ("predicted", "found")},
}
"""For each column the keys of a case that may hold it: Kibitz's cases and the peers' have names of their own."""


class NotComparable(Exception):
    """Cases that cannot be set side by side; the message says why."""


def columns(task: str, cases: Sequence[Case]) -> st.Columns:
    """Return the columns that the figures of ``task`` need, in the order of the cases.

    Raises:
        NotComparable: If a case lacks what is needed.
    """
    if task == "churn":
        cases = [_decided(case) for case in cases]
    made = {}
    for column, keys in KEYS[task].items():
        key = next((key for key in keys if cases and key in cases[0]), None)
        if key is None:
            raise NotComparable(f"the cases hold none of {', '.join(keys)}")
        made[column] = np.array([_value(task, case[key]) for case in cases])
    return _as_numbers(made) if task == "macros" else made


def _decided(case: Case) -> Case:
    """Take Kibitz's log-odds as a peer's chance and decision; only their order counts for the area."""
    if "learned" not in case:
        return case
    return {**case, "predicted": int(case["learned"] > 0), "probability": float(case["learned"])}


def _value(task: str, value: Any) -> Any:
    if task == "macros":
        return "" if value is None else str(value)
    return 0 if value is None else float(value) if isinstance(value, float) else int(value)


def _as_numbers(texts: Mapping[str, Any]) -> st.Columns:
    return {name: column.astype(np.str_) for name, column in texts.items()}


def identity(task: str) -> Callable[[Case], object]:
    """Return what tells one case of ``task`` from the others; None where only its place does."""
    if task == "retrieval":
        return lambda case: (case.get("kb", ""), str(case["id"]))
    if task == "macros":
        return lambda case: str(case["id"])
    if task == "replies":
        return lambda case: (case["conversation"], case["turn"])
    return lambda case: None


def aligned(task: str, ours: Sequence[Case], theirs: Sequence[Case]) -> Sequence[Case]:
    """Return ``theirs`` in the order of ``ours``.

    Raises:
        NotComparable: If they did not judge the same cases.
    """
    key = identity(task)
    if ours and key(ours[0]) is None:
        if len(ours) != len(theirs):
            raise NotComparable(f"{len(ours)} cases here, {len(theirs)} there")
        return theirs
    by_key = {key(case): case for case in theirs}
    try:
        return [by_key[key(case)] for case in ours]
    except KeyError as error:
        raise NotComparable(f"case {error} was not judged by the other") from error


def groups(task: str, cases: Sequence[Case]) -> list[object] | None:
    """Return what must be drawn together: turns of a conversation, rows with the same text."""
    name = {"replies": "conversation", "churn": "text"}.get(task)
    return [case[name] for case in cases] if name and cases and name in cases[0] else None
