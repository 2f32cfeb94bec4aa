"""One loop for Qt and asyncio on the main thread, ended by signals, by the desktop session or by ``main``."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import qasync
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

from desktop.garbage import MainThreadGarbage

log = logging.getLogger(__name__)

T = TypeVar("T")
Main = Callable[[QApplication], Awaitable[int]]

THREADS = 4
LINGER_S = 3.0
"""How long threads may take to end after everything else has; the process then leaves without them."""
_QUIT_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to end, and the time that it may take."""

    name: str
    run: Callable[[], Awaitable[object]]
    deadline_s: float = 2.0


async def shut_down(steps: Sequence[Step]) -> tuple[str, ...]:
    """Run ``steps`` one after another; none can keep the later ones from running.

    A step that fails is logged. One that is late is cancelled and left behind. The order is the caller's:
    stop input, close tasks, flush the log, stop the engine, close the database.

    Returns:
        The names of steps that failed or were late, in order.
    """
    return tuple([step.name for step in steps if not await _ended(step)])


async def until(quit_: asyncio.Event, start: Coroutine[Any, Any, None]) -> None:
    """Run ``start``, then wait for ``quit_``; a start that hangs, e.g. at a locked keyring, is cancelled by it."""
    starting, quitting = asyncio.ensure_future(start), asyncio.ensure_future(quit_.wait())
    try:
        await asyncio.wait({starting, quitting}, return_when=asyncio.FIRST_COMPLETED)
        if not quit_.is_set():
            await starting
            await quitting
    finally:
        for task in (starting, quitting):
            task.cancel()
        await asyncio.gather(starting, quitting, return_exceptions=True)


async def _ended(step: Step) -> bool:
    task = asyncio.ensure_future(_started(step.run))
    # Not wait_for: it would wait for ever for a step that swallows its cancellation.
    done, _ = await asyncio.wait({task}, timeout=step.deadline_s)
    if not done:
        task.cancel()
        task.add_done_callback(_forget)
        log.warning("shutdown: %s did not end within %.1f s", step.name, step.deadline_s)
        return False
    if task.cancelled():
        log.warning("shutdown: %s was cancelled", step.name)
        return False
    if (error := task.exception()) is not None:
        log.error("shutdown: %s failed", step.name, exc_info=error)
        return False
    return True


async def _started(run: Callable[[], Awaitable[object]]) -> None:
    await run()


def _forget(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("shutdown: a late step failed", exc_info=error)


def run(main: Main, argv: Sequence[str] | None = None) -> int:
    """Run ``main`` on Qt's loop and return its exit status.

    SIGINT, SIGTERM, SIGHUP and Qt's own request to quit (the session ends, Cmd+Q) cancel ``main`` once, so
    that its ``finally`` does the shutdown; the status is then 0. A second signal ends the process at once.
    Threads of the default executor that are still busy `LINGER_S` after that are left behind.
    """
    app = _application(argv)
    app.setQuitOnLastWindowClosed(False)
    garbage = MainThreadGarbage()
    pool = _Pool(max_workers=THREADS, thread_name_prefix="kibitz")
    with qasync.QEventLoop(app) as loop:
        asyncio.set_event_loop(loop)
        loop.set_default_executor(pool)
        try:
            status = _run_main(loop, app, main)
        finally:
            # Otherwise the loop's close() would wait for every thread, without a deadline.
            loop.set_default_executor(None)
            garbage.close()
            asyncio.set_event_loop(None)
    if not pool.ended_within(LINGER_S):
        log.warning("threads are still busy: leaving without them")
        logging.shutdown()
        os._exit(status)
    return status


def _application(argv: Sequence[str] | None) -> QApplication:
    existing = QCoreApplication.instance()
    if existing is None:
        return QApplication(list(sys.argv if argv is None else argv))
    if not isinstance(existing, QApplication):
        raise TypeError("a QCoreApplication without widgets is already there")
    return existing


def _run_main(loop: Any, app: QApplication, main: Main) -> int:
    task: asyncio.Task[int] = loop.create_task(_status(main, app), name="main")
    quitting = _Quit(task)
    app.installEventFilter(quitting)
    try:
        with _quit_on_signals(loop, quitting):
            return _until_done(loop, task)
    except asyncio.CancelledError:
        return 0
    finally:
        app.removeEventFilter(quitting)


async def _status(main: Main, app: QApplication) -> int:
    return await main(app)


def _until_done(loop: Any, task: asyncio.Task[T]) -> T:
    while True:
        try:
            return loop.run_until_complete(task)  # type: ignore[no-any-return]  # qasync is not typed
        except RuntimeError:
            # Somebody called QCoreApplication.exit(), which ends Qt's loop under the task.
            if task.done():
                raise
            task.cancel()


class _Quit(QObject):
    """Cancels ``task`` once, however often it is asked to."""

    def __init__(self, task: asyncio.Task[int]) -> None:
        super().__init__()
        self._task = task
        self._asked = False

    def ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._task.cancel()

    def on_signal(self, number: int) -> None:
        if self._asked:
            logging.shutdown()
            os._exit(128 + number)
        log.info("asked to quit by %s", signal.Signals(number).name)
        self.ask()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Quit and not self._task.done():
            event.ignore()
            self.ask()
            return True
        return super().eventFilter(watched, event)


@contextmanager
def _quit_on_signals(loop: Any, quitting: _Quit) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _QUIT_SIGNALS}
    for number in _QUIT_SIGNALS:
        try:
            loop.add_signal_handler(number, quitting.on_signal, number)
        except NotImplementedError:  # Windows: the loop's wake-up socket runs Python's own handler
            signal.signal(number, lambda got, _: loop.call_soon_threadsafe(quitting.on_signal, got))
    try:
        yield
    finally:
        for number, handler in before.items():
            with_loop = getattr(loop, "remove_signal_handler", None)
            if with_loop is not None and sys.platform != "win32":
                with_loop(number)
            signal.signal(number, handler)


class _Pool(ThreadPoolExecutor):
    """Knows what it still has to do."""

    def __init__(self, *, max_workers: int, thread_name_prefix: str) -> None:
        super().__init__(max_workers=max_workers, thread_name_prefix=thread_name_prefix)
        self._pending: set[Future[Any]] = set()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future = super().submit(fn, *args, **kwargs)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def ended_within(self, seconds: float) -> bool:
        """Take no more work, drop what has not begun, and say whether the rest ended in time."""
        self.shutdown(wait=False, cancel_futures=True)
        return not wait(set(self._pending), timeout=seconds).not_done
