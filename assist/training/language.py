"""Count which letters stand together in five languages, for texts too short for CLD2.

Run ``python -m assist.training.language OUT_FOLDER``. Counted are the project's own training texts and articles; the
articles' questions are left out, because short texts are measured with them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import resources
from assist.text.spelling_profile import FILE, SPELLED, runs

KEPT = 8_000
"""The most frequent runs; 20,000 tell no better."""
SMOOTHING = 0.5
_HELD_OUT = "languages-test"


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (language, text) of what may be learned."""
    for path in (*sorted((folder / "churn").glob("??.jsonl")), *sorted(folder.glob("*/train.jsonl"))):
        yield from ((row["language"], row["text"]) for row in _rows(path) if "language" in row and "text" in row)
    for path in sorted((folder / "articles").glob("*.jsonl")):
        for article in _rows(path) if path.stem != _HELD_OUT else ():
            if isinstance(article.get("text"), str):
                yield article.get("language", ""), f"{article['title']}\n{article['text']}"
            elif "text" in article:
                yield from ((one, f"{article['title'][one]}\n{text}") for one, text in article["text"].items())


def export(out: Path, folder: Path) -> str:
    """Write the profile to ``out``; return its SHA-256."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in SPELLED}
    for language, text in texts(folder):
        if language in counts:
            counts[language].update(runs(text))
    totals = {language: found.total() for language, found in counts.items()}
    shares: Counter[str] = Counter()
    for language, found in counts.items():
        for run, count in found.items():
            shares[run] += count / totals[language]  # type: ignore[assignment]  # Counter is typed for int
    kept = sorted(sorted(shares, key=lambda run: (-shares[run], run))[:KEPT])
    smallest = SMOOTHING * len(shares)
    logs = np.array(
        [[np.log((counts[one][run] + SMOOTHING) / (totals[one] + smallest)) for one in SPELLED] for run in kept]
    )
    odds = (logs - logs.mean(axis=1, keepdims=True)).astype(np.float16)
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / FILE, runs=np.frombuffer("\n".join(kept).encode("utf-8"), dtype=np.uint8), log_odds=odds)
    return hashlib.sha256((out / FILE).read_bytes()).hexdigest()


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def main() -> None:
    """Export to the folder given as the only argument and print the manifest's hash."""
    digest = export(Path(sys.argv[1]), resources.ROOT / "training")
    sys.stdout.write(f'"{FILE}" = "{digest}"\n')


if __name__ == "__main__":
    main()
