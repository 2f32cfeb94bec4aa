from __future__ import annotations

import subprocess
import sys

from tests.helpers.children import ROOT

LONG_DAY = """
import desktop

from PySide6.QtCore import QCoreApplication, QObject, Signal

class Bell(QObject):
    rung = Signal()

app = QCoreApplication([])
bell = Bell()
for _ in range(100_000):
    bell.rung.emit()
    bell.setObjectName("bell")
print("alive")
"""


def test_that_python_survives_more_calls_of_qt_than_there_are_references_to_none():
    done = subprocess.run(
        [sys.executable, "-c", LONG_DAY], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
