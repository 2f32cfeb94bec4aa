"""``python -m tests.bench``: speed, memory, and the measurements behind the decisions in docs/adr."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Nothing heavy up here: the engine process imports this module again when it is spawned.

PARTS = (
    *(
        "opening",
        "answering",
        "link",
        "building",
        "growth",
        "starting",
        "syncing",
        "years",
        "lexical",
        "dense",
        "fusion",
    ),
)
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    os.environ["OMP_NUM_THREADS"] = "2"
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="kibitz-bench-") as made:
        folder = options.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        from tests.bench.run import run

        run(options, folder)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=(100, 10_000, 100_000), help="passages, e.g. 100,10000,100000")
    parser.add_argument("--runs", type=int, default=50, help="tickets opened at each size")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be repeated")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the public retrieval sets")
    parser.add_argument("--folder", type=Path, help="keep the stores here and use them again")
    parser.add_argument("--json", type=Path, help="write the figures of growth here, for tests.bench.plot")
    parser.add_argument("--articles", type=int, default=5_000, help="articles of the first sync")
    parser.add_argument("--solved", type=int, default=20_000, help="solved tickets of the first sync")
    parser.add_argument("--shown", type=_sizes, default=(20_000, 100_000), help="suggestions in a log of years")
    parser.add_argument("--idle-s", type=float, default=60.0, help="how long to watch the idle app")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part.replace("_", "")) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
