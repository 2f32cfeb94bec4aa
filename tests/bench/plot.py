"""``python -m tests.bench.plot GROWTH.json docs/pictures/cost.svg``: how cost grows, as four small log-log charts."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 420, 260, 56
COLOURS = ("#1f6feb", "#d1495b", "#2f855a")
Figures = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Chart:
    """``lines`` are keys of the figures and what they are called; ``aim`` is a value, and up to how many passages."""

    title: str
    unit: str
    lines: Mapping[str, str]
    aim: float
    aim_at: int


CHARTS = (
    Chart("Start of the engine", "s", {"anew_s": "made anew", "kept_s": "from the kept index"}, 1.0, 100_000),
    Chart("Answer, 95th percentile", "ms", {"first_p95_ms": "first", "refined_p95_ms": "refined"}, 200.0, 1_000_000),
    Chart("Memory of the engine", "MB", {"uss_mb": "its own (USS)", "kept_mb": "kept index on disk"}, 900.0, 1_000_000),
    Chart("100 articles changed", "s", {"words_s": "found by words", "meaning_s": "by meaning"}, 2.0, 1_000_000),
)


def draw(figures: Figures) -> str:
    """Return the picture as SVG."""
    charts = "\n".join(
        f'<g transform="translate({number % 2 * WIDTH} {number // 2 * HEIGHT})">{_chart(chart, figures)}</g>'
        for number, chart in enumerate(CHARTS)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{2 * HEIGHT}" font-size="12"'
        ' font-family="sans-serif" fill="#333"><rect width="100%" height="100%" fill="#fff"/>\n'
        f"{charts}\n</svg>\n"
    )


def _chart(chart: Chart, figures: Figures) -> str:
    values = [one[key] for one in figures for key in chart.lines] + [chart.aim]
    across = _Scale([one["passages"] for one in figures], MARGIN, WIDTH - 20)
    up = _Scale(values, HEIGHT - 40, 40)
    parts = [f'<text x="{MARGIN}" y="22" font-weight="bold">{escape(chart.title)}, {chart.unit}</text>']
    parts += [
        f'<text x="{across(value):.0f}" y="{HEIGHT - 22}" text-anchor="middle">{value:,.0f}</text>'
        for value in across.ticks()
    ]
    for value in up.ticks():
        y = up(value)
        parts.append(f'<line x1="{MARGIN}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    y = up(chart.aim)
    parts.append(
        f'<line x1="{MARGIN}" x2="{across(min(chart.aim_at, across.most)):.1f}" y1="{y:.1f}" y2="{y:.1f}"'
        ' stroke="#888" stroke-dasharray="5 4"/>'
    )
    for number, (key, name) in enumerate(chart.lines.items()):
        points = " ".join(f"{across(one['passages']):.1f},{up(one[key]):.1f}" for one in figures)
        colour = COLOURS[number]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{MARGIN + 8 + 130 * number}" y="38" fill="{colour}">{escape(name)}</text>')
    return "".join(parts)


class _Scale:
    """A logarithmic axis from the power of ten below the least value to the one above the largest."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        positive = [value for value in values if value > 0]
        self._low = math.floor(math.log10(min(positive)) + 1e-9)
        self._high = max(math.ceil(math.log10(max(positive)) - 1e-9), self._low + 1)
        self._start, self._end = start, end
        self.most = 10.0**self._high

    def __call__(self, value: float) -> float:
        share = (math.log10(max(value, 10.0**self._low)) - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]


def main(arguments: Sequence[str]) -> int:
    source, target = map(Path, arguments)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draw(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
