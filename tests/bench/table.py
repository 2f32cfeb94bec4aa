"""Tables that read well in a terminal and in Markdown, and the two figures that every timing is told by."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str = ""

    def __str__(self) -> str:
        cells = [[_text(cell) for cell in row] for row in (self.columns, *self.rows)]
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.columns))]
        left = [at == 0 or any(_is_words(row[at]) for row in self.rows) for at in range(len(widths))]
        lines = [_line(row, widths, left) for row in cells]
        rule = (
            "|"
            + "|".join("-" * (w + 1) + ("-" if to_left else ":") for w, to_left in zip(widths, left, strict=True))
            + "|"
        )
        note = f"\n\n{self.note}" if self.note else ""
        return "\n".join((f"### {self.title}", "", lines[0], rule, *lines[1:])) + note


def median(values: Sequence[float]) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95)) if len(values) else float("nan")


def ratio(value: float, base: float) -> str:
    return f"{value / base:.2g}×" if base else "-"


def machine() -> str:
    """Return what the figures were measured on, and how busy it was with other things."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    return (
        f"{date.today().isoformat()}, {cpu}, {os.cpu_count()} cores, {platform.system()}, "  # noqa: DTZ011  # the reader's own day
        f"Python {platform.python_version()}, {load()}"
    )


def load() -> str:
    return "load " + "/".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else ""


def _text(cell: object) -> str:
    if isinstance(cell, int):
        return f"{cell:,}"
    if not isinstance(cell, float):
        return str(cell)
    if math.isnan(cell):
        return "-"
    return f"{cell:.3f}" if abs(cell) < 1 else f"{cell:.1f}" if abs(cell) < 100 else f"{cell:,.0f}"


def _is_words(cell: object) -> bool:
    return isinstance(cell, str) and not cell[:1].isdigit()


def _line(cells: Sequence[str], widths: Sequence[int], left: Sequence[bool]) -> str:
    padded = (
        cell.ljust(width) if is_left else cell.rjust(width)
        for cell, width, is_left in zip(cells, widths, left, strict=True)
    )
    return f"| {' | '.join(padded)} |"
