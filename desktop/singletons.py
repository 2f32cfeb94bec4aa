"""WORKAROUND: keeps None and True alive where PySide6 6.12 counts their references wrong.

Its wheels are built against headers in which these objects are immortal, so it hands out None (from each
method that returns nothing) and True (from each emitted signal) without counting the new reference. They are
immortal since Python 3.12 (https://peps.python.org/pep-0683/); before, the count reaches zero within minutes
and Python ends with "deallocating None". PySide6 6.11.3 counts right; 6.12.0 was measured not to. To be deleted
with Python 3.11.
"""

from __future__ import annotations

import ctypes
import sys

SPARE = 1 << 40
"""References nobody holds: at a thousand lost in each millisecond they last for twelve days."""


def keep_alive() -> bool:
    """Give the singletons spare references, on Pythons where they can die; True if that was needed."""
    if sys.implementation.name != "cpython" or sys.version_info >= (3, 12) or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    for one in (None, True, False, NotImplemented, ...):
        # The count is the first field of every object (`PyObject`) in these versions.
        count = ctypes.c_ssize_t.from_address(id(one))
        if count.value < SPARE:
            count.value += SPARE
    return True
