from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.helpers.qt_loop import qt_loop, run

__all__ = ["qt_loop", "run"]

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _garbage_of_the_main_thread() -> Iterator[None]:
    """As `desktop.garbage`: a thread of one test must not destroy the timers of another."""
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()
