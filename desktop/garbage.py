"""Collects cyclic garbage on the main thread only.

Python collects in whatever thread happens to allocate. When that is not the main one, widgets and timers in
the garbage are destroyed there, which Qt forbids ("Timers cannot be stopped from another thread") and which
ends in a crash sooner or later: https://github.com/napari/napari/issues/1029
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer

INTERVAL_MS = 5_000


class MainThreadGarbage(QObject):
    """While it lives, garbage is collected by a timer, by Python's own thresholds. `close` ends that."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.timeout.connect(self.check)
        self._timer.start()
        gc.disable()
        # What the imports made lives as long as the process: looking through it would only cost time.
        gc.collect()
        gc.freeze()

    def check(self) -> int:
        """Collect the oldest generation that is due. Returns its number, or -1 for none."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return generation
        return -1

    def close(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
