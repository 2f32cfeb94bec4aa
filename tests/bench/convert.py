"""``python -m tests.bench.convert NAME --shared FOLDER --out FILE``: a public set as docs/measuring.md wants it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.bench.converted import SETS, TRAINING, Row

ALL = {**SETS, **TRAINING}


def write(rows: Iterable[Row], out: Path) -> int:
    """Write one JSON object a line; return how many."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.convert", description=__doc__)
    parser.add_argument("name", choices=tuple(ALL))
    parser.add_argument("--shared", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--out", type=Path, required=True, metavar="JSONL")
    options = parser.parse_args(argv)
    try:
        count = write(ALL[options.name].rows(options.shared), options.out)
    except FileNotFoundError as error:
        sys.stderr.write(f"{options.name}: {error.filename} is not there\n")
        return 1
    sys.stdout.write(f"{options.name}: {count:,} rows for eval {ALL[options.name].task} in {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
