from __future__ import annotations

from tests.helpers.qt_loop import qt_loop, run

__all__ = ["qt_loop", "run"]
