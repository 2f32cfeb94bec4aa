"""``eval``: the app's own judgement on labelled data; formats and figures are in docs/measuring.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assist.cli.files import text_of
from assist.evaluate.report import Report
from assist.evaluate.rows import Row, read_rows

TASKS = ("retrieval", "macros", "replies", "churn", "mood")


def add_to(commands: Any) -> None:
    evaluate = commands.add_parser("eval", help="measure the judgement on labelled data")
    tasks = evaluate.add_subparsers(title="tasks", required=True)
    for name in TASKS:
        task = tasks.add_parser(name, help=f"see docs/measuring.md#{name}")
        task.add_argument(
            "--data", type=Path, required=True, metavar="JSONL", help="labelled data (- reads standard input)"
        )
        task.add_argument("--out", type=Path, metavar="JSONL", help="write one line for each case")
        task.add_argument("--json", action="store_true", help="print the figures as one JSON object")
        task.set_defaults(run=_evaluate, task=name)
        # Each task's module may add options of its own; loading it here would load its libraries for every command.
        if name in OPTIONS:
            OPTIONS[name](task)


def _evaluate(options: argparse.Namespace) -> None:
    rows: list[Row] = list(read_rows(text_of(options.data), where=str(options.data)))
    report = _report(rows, options)
    if options.out is not None:
        lines = (json.dumps(case, ensure_ascii=False) for case in report.cases)
        options.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sys.stdout.write(_as_json(report) if options.json else _as_text(report))


def _report(rows: Sequence[Row], options: argparse.Namespace) -> Report:
    # Imported here: the libraries of a task (onnxruntime) must not slow down the other commands.
    match options.task:
        case "retrieval":
            from assist.evaluate import retrieval

            return retrieval.evaluate(rows)
        case "macros":
            from assist.evaluate import macros

            return macros.evaluate(rows)
        case "replies":
            from assist.evaluate import replies

            return replies.evaluate(rows)
        case "churn":
            from assist.evaluate import churn

            return churn.evaluate(rows, folds=options.folds)
        case _:
            from assist.evaluate import mood

            return mood.evaluate(rows, by_words=options.by_words)


def _as_json(report: Report) -> str:
    figures = {name: asdict(figure) for name, figure in report.figures.items()}
    return json.dumps({"task": report.task, "size": report.size, "figures": figures, "notes": report.notes}) + "\n"


def _as_text(report: Report) -> str:
    width = max(map(len, report.figures), default=0)
    lines = [
        f"{report.task}: {report.size}",
        *(f"  {name:{width}}  {figure}" for name, figure in report.figures.items()),
    ]
    return "\n".join((*lines, *report.notes)) + "\n"


def _churn_options(task: argparse.ArgumentParser) -> None:
    task.add_argument("--folds", type=int, default=0, metavar="N", help="also learn from the data, in folds by text")


def _mood_options(task: argparse.ArgumentParser) -> None:
    task.add_argument("--by-words", action="store_true", help="leave the encoders out")


OPTIONS = {"churn": _churn_options, "mood": _mood_options}
