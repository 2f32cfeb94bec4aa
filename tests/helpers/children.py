"""Child processes of tests: started with our Python, spoken to in JSON lines, ended by their own id."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 40.0


def eventually(look: Callable[[], T], wanted: Callable[[T], object] = bool, deadline_s: float = DEADLINE_S) -> T:
    """Look again until what is seen is ``wanted``, and return it; fail with the last sight."""
    end = time.monotonic() + deadline_s
    while not wanted(seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"after {deadline_s} s it is still {seen!r}")
        time.sleep(0.03)
    return seen


class Child:
    """One running child. What it writes to stdout are JSON lines, one for each question."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.process = process
        self.errors = errors
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def answer(self) -> Any:
        """Return the next line that it writes."""
        try:
            return json.loads(self._lines.get(timeout=DEADLINE_S))
        except queue.Empty:
            raise AssertionError(f"no answer; its errors: {self.errors.read_text()}") from None

    def tell(self, verb: str, **values: Any) -> Any:
        """Send one command and return the answer to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"verb": verb, **values}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def wait(self) -> int:
        return self.process.wait(DEADLINE_S)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def child(module: str, *arguments: str, folder: Path, env: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Run ``python -m module`` from the repository's root; its stderr goes to a file in ``folder``."""
    errors = folder / f"{module.rpartition('.')[2]}-{time.monotonic_ns()}.err"
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    running = Child(process, errors)
    try:
        yield running
    finally:
        running.end()
