"""``make bench-quality``: Kibitz and its peers judge the same cases in one run; figures, ratios, wins and losses.

Kibitz's figures come from its own door (``python -m assist eval``), the peers' from their venv (tests/bench/peers).
Each task leaves its tables in the folder, so that a run can be continued with ``--only``.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.convert import ALL, write
from tests.bench.converted import SETS
from tests.bench.figures import TASKS, Case, NotComparable, aligned, columns, groups
from tests.bench.marked import put_block
from tests.bench.statistics import Compared, Interval, compare, interval, resampled
from tests.bench.table import Table, machine

ROOT = Path(__file__).resolve().parents[2]
OURS = "Kibitz"
FOLDS = 5


@dataclass(frozen=True)
class Judged:
    """What one judge made of a set's cases."""

    who: str
    cases: Sequence[Case]
    figures: Mapping[str, Mapping[str, float]]
    """By the door itself; empty for peers."""


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    for folder in ("data", "cases"):
        (options.folder / folder).mkdir(parents=True, exist_ok=True)
    print(f"Measured on {machine()}")
    print(f"Peers: {_peers(options, 'versions').stdout.strip()}\n", flush=True)
    done = True
    for task in options.only or TASKS:
        began = time.perf_counter()
        text = "\n\n".join(_task(task, options))
        (options.folder / f"{task}.md").write_text(text, encoding="utf-8")
        print(f"({task}: {time.perf_counter() - began:.0f} s)\n", flush=True)
        done = done and bool(text)
    if options.write:
        for task in TASKS:
            kept = options.folder / f"{task}.md"
            if kept.exists() and kept.stat().st_size:
                put_block(options.write, f"bench-quality {task}", kept.read_text(encoding="utf-8"))
    return 0 if done else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality", description=__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), help=f"tasks, of {','.join(TASKS)}")
    parser.add_argument("--sets", type=lambda text: text.split(","), help=f"sets, of {','.join(SETS)}")
    parser.add_argument(
        "--shared", type=Path, default=ROOT / ".." / "shared" / "data", help="folder of the public sets"
    )
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-peers" / "bin" / "python", help="the peers' Python")
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "bench-quality", help="where results are kept")
    parser.add_argument("--write", type=Path, metavar="MD", help="put the tables between their markers in this file")
    return parser


def _task(task: str, options: argparse.Namespace) -> Iterator[str]:
    """Print and yield the tables of every set of a task."""
    names = [name for name, one in SETS.items() if one.task == task and (not options.sets or name in options.sets)]
    data = {name: path for name in names if (path := _converted(name, options)) is not None}
    counted = {"win": 0, "even": 0, "loss": 0}
    ours = {name: list(_ours(task, path, options)) for name, path in data.items()}
    theirs = _theirs(task, data, options)
    for name in data:
        for table in _tables(task, name, ours[name], theirs.get(name, []), counted):
            print(f"{table}\n", flush=True)
            yield str(table)
    if any(counted.values()):
        won, even, lost = counted.values()
        total = f"{task}, all figures of all sets: {won} won, {even} even, {lost} lost."
        print(total)
        yield total


def _converted(name: str, options: argparse.Namespace) -> Path | None:
    path: Path = options.folder / "data" / f"{name}.jsonl"
    try:
        write(ALL[name].rows(options.shared), path)
    except FileNotFoundError as error:
        print(f"{name}: left out, {error.filename} is not there (--shared names the folder)", flush=True)
        return None
    return path


def _ours(task: str, data: Path, options: argparse.Namespace) -> Iterator[Judged]:
    """Ask the door; a task that it cannot judge is told and left out."""
    variants = {OURS: (), f"{OURS}, {FOLDS} folds": ("--folds", str(FOLDS))} if task == "churn" else {OURS: ()}
    for number, (who, more) in enumerate(variants.items()):
        out = options.folder / "cases" / f"{data.stem}.kibitz{number}.jsonl"
        ran = subprocess.run(
            [sys.executable, "-m", "assist", "eval", task, "--data", data, "--out", out, "--json", *more],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            why = (ran.stderr.strip().splitlines() or ["no word why"])[-1]
            print(f"{data.stem}: {who} left out: {why}", flush=True)
            continue
        yield Judged(who, _cases(out), json.loads(ran.stdout.splitlines()[-1])["figures"])


def _theirs(task: str, data: Mapping[str, Path], options: argparse.Namespace) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for learns_from in dict.fromkeys(SETS[name].learns_from for name in data):
        names = [name for name in data if SETS[name].learns_from == learns_from]
        arguments = [part for name in names for part in ("--data", str(data[name]))]
        learned = _converted(learns_from, options) if learns_from else None
        if learned:
            arguments += ["--learned", str(learned)]
        ran = _peers(options, task, *arguments, "--out", str(options.folder / "cases"))
        for line in ran.stdout.splitlines():
            told: dict[str, Any] = json.loads(line)
            cases = _cases(options.folder / "cases" / f"{told['set']}.{told['number']:02}.cases.jsonl")
            found.setdefault(told["set"], []).append(Judged(told["peer"], cases, {}))
        if ran.returncode:
            print(f"{task}: a peer fell over:\n{ran.stderr[-1500:]}", flush=True)
    return found


def _peers(options: argparse.Namespace, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(options.peers), "-m", "tests.bench.peers", *arguments]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 1, "", f"{options.peers} is not there: run `make bench-quality`\n")


def _tables(
    task: str, name: str, ours: Sequence[Judged], theirs: Sequence[Judged], counted: dict[str, int]
) -> Iterator[Table]:
    judges = [*ours, *theirs]
    if not judges:
        return
    rows, size = [], len(judges[0].cases)
    draws = resampled(size, groups(task, judges[0].cases))
    for judged in judges:
        try:
            made = columns(task, judged.cases)
        except NotComparable as error:
            print(f"{name}: {judged.who}: {error}", flush=True)
            continue
        if len(judged.cases) != size:
            print(f"{name}: {judged.who} judged {len(judged.cases)} cases, not {size}: left out", flush=True)
            continue
        figures = {told.name: interval(made, told.statistic, draws) for told in TASKS[task]}
        _check(name, judged, figures)
        rows.append((judged.who, *map(_with_interval, figures.values())))
    note = "; ".join(_other_figures(task, one) for one in ours if one.figures)
    names = [told.name for told in TASKS[task]]
    yield Table(f"{name}: {size:,} cases", ("judge", *names), rows, note)
    for one in ours:
        compared = list(_compared(task, one, theirs))
        for _, against in compared:
            for cell in against:
                counted[cell.verdict] += 1
        if compared:
            title = f"{name}: {one.who} / peer"
            yield Table(title, ("peer", *names), [(who, *map(_ratio, cells)) for who, cells in compared])


def _compared(task: str, one: Judged, theirs: Sequence[Judged]) -> Iterator[tuple[str, list[Compared]]]:
    for other in theirs:
        try:
            mine, their = columns(task, one.cases), columns(task, aligned(task, one.cases, other.cases))
        except NotComparable as error:
            print(f"{one.who} and {other.who}: {error}", flush=True)
            continue
        draws = resampled(len(one.cases), groups(task, one.cases) or groups(task, other.cases))
        cells = [compare(mine, their, told.statistic, draws, less=told.less) for told in TASKS[task]]
        yield other.who, cells


def _check(name: str, judged: Judged, figures: Mapping[str, Interval]) -> None:
    """What is computed here from the cases must be what the door says, or one of the two is wrong."""
    for figure, ours in figures.items():
        told = judged.figures.get(figure)
        if told is not None and not math.isclose(told["value"], ours.value, abs_tol=5e-4):
            print(f"{name}: {judged.who} says {figure} {told['value']:.4f}, its cases {ours.value:.4f}", flush=True)


def _other_figures(task: str, one: Judged) -> str:
    """Tell what only the door measures: confidence, silence, shares of alerts."""
    common = {told.name for told in TASKS[task]}
    own = {name: Interval(**figure) for name, figure in one.figures.items() if name not in common}
    told = ", ".join(f"{name} {_with_interval(figure)}" for name, figure in own.items())
    return f"{one.who}, by its own door: {told}"


def _with_interval(figure: Interval) -> str:
    return "-" if math.isnan(figure.value) else f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _ratio(cell: Compared) -> str:
    ratio = cell.ratio
    if math.isnan(ratio.value):
        return "-"
    return f"{ratio.value:.2f} [{ratio.low:.2f}, {ratio.high:.2f}] {cell.verdict}"


def _cases(path: Path) -> list[Case]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
