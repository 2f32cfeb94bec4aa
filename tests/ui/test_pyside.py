"""What Kibitz needs of its Qt binding, because one release lacked it."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject

import desktop

CALLS_OF_A_DAY = 100_000_000


def test_that_a_day_of_qt_calls_does_not_wear_out_none():
    """PySide6 6.12.0 on Python 3.11 drops a reference to None at each call without a result, and Python ends
    with "none_dealloc" when none is left. `desktop.singletons` keeps spare ones.
    """
    assert desktop.keep_alive is not None
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(1_000):
        thing.setObjectName("x")
    dropped_each = (before - sys.getrefcount(None)) / 1_000

    assert sys.getrefcount(None) > dropped_each * CALLS_OF_A_DAY
