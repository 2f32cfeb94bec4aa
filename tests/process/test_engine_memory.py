"""What the engine's answers leave behind in memory goes back to the system when nobody asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

KEPT_MB, LEFT_MB = 35, 8
LIFE = """
import psutil
from assist.engine import process

def resident_mb():
    return psutil.Process().memory_info().rss >> 20

process.give_memory_back()
before = resident_mb()
blocks = [bytearray(b"x") * (1 << 20) for _ in range(40)]
del blocks
after = resident_mb()
process._trim()
print(after - before, resident_mb() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc is told how to keep memory")
def test_that_freed_memory_is_used_again_between_questions_and_given_back_when_none_comes() -> None:
    told = subprocess.run([sys.executable, "-c", LIFE], capture_output=True, text=True, check=True, timeout=60).stdout

    kept, left = map(int, told.split())
    assert kept >= KEPT_MB
    assert left <= LEFT_MB
