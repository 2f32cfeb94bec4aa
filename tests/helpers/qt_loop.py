"""The app's own loop in tests: asyncio driven by Qt, closed after each test."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Protocol, TypeVar

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from desktop.tasks import TaskSet

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


class Played(Protocol):
    """A window with its presenter, as `played` needs it."""

    run: Run[None]
    presenter: Any
    tasks: TaskSet
    errors: list[BaseException]


def played(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Play a test of a ``house`` in Qt's loop, and end what it began before the loop stops."""

    async def play(house: Played, values: dict[str, Any]) -> None:
        house.presenter.show()
        try:
            await test(house, **values)
        except TimeoutError:
            if house.errors:  # what was waited for will never come
                raise house.errors[0] from None
            raise
        finally:
            await house.tasks.close()

    @functools.wraps(test)
    def playing(house: Played, **values: Any) -> None:
        house.run(play(house, values))
        assert house.errors == []

    return playing
