"""The app's own loop in tests: asyncio driven by Qt, closed after each test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
import qasync
from PySide6.QtWidgets import QApplication

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]
DEADLINE_S = 20.0


@pytest.fixture
def qt_loop(qapp: QApplication) -> Iterator[asyncio.AbstractEventLoop]:
    qapp.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(qapp) as loop:
        asyncio.set_event_loop(loop)
        yield loop
        asyncio.set_event_loop(None)


@pytest.fixture
def run(qt_loop: asyncio.AbstractEventLoop) -> Run[Any]:
    """Run a coroutine to its end on Qt's loop."""
    return lambda work: qt_loop.run_until_complete(asyncio.wait_for(work, DEADLINE_S))


async def until(condition: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
    """Let the loop turn until ``condition`` holds. Raises TimeoutError."""
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110  # any condition will do
            await asyncio.sleep(0.005)
