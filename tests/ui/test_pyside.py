"""What Kibitz needs of its Qt binding, because one release lacked it."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject


def test_that_a_qt_call_without_a_result_does_not_wear_out_none():
    """PySide6 6.12.0 on Python 3.11 drops a reference to None at each such call; after some thousands of calls
    Python ends with "none_dealloc". From Python 3.12 on None is immortal and the count stays as it is.
    """
    thing = QObject()
    before = sys.getrefcount(None)

    for _ in range(2_000):
        thing.setObjectName("x")

    assert sys.getrefcount(None) > before - 100, "this PySide6 will crash on this Python: use PySide6 6.11.3"
