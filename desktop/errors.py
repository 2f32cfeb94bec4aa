"""The three outermost doors: Python's exception hook, the loop's handler, Qt's messages. Log, and tell once."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from assist.errors import KibitzError
from desktop.i18n import tr

log = logging.getLogger(__name__)

Notice = Callable[[str], None]
"""Shows a sentence without taking the focus or waiting for an answer. Called on the main thread."""

TOLD_AGAIN_AFTER_S = 600.0
"""A disk that is still full is worth a word now and then, not at every ticket."""

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class ErrorDoor:
    """Where errors end that nobody caught. Until a ``notice`` is set, the last sentence waits for it.

    The same sentence is not told again while it is the last one and less than `TOLD_AGAIN_AFTER_S` ago.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_at_s = 0.0
        self._notice: Notice | None = None
        self._told = ""
        self._waiting = ""

    def show_with(self, notice: Notice | None) -> None:
        self._notice = notice
        if notice is not None and self._waiting:
            waiting, self._waiting = self._waiting, ""
            notice(waiting)

    def report(self, where: str, error: BaseException) -> None:
        """Log ``error`` and tell about it. Fits `TaskSet`. Call it on the main thread."""
        log.error("%s failed", where, exc_info=error)
        self._tell(sentence(error))

    def _tell(self, text: str) -> None:
        now_s = self._clock()
        if text == self._told and now_s - self._told_at_s < TOLD_AGAIN_AFTER_S:
            return
        self._told, self._told_at_s = text, now_s
        if self._notice is None:
            self._waiting = text
        else:
            self._notice(text)

    # The doors

    def on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """For ``sys.excepthook``: what a slot raises ends here, and Kibitz goes on."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.report("a slot or callback", error)

    def on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.error("thread %s failed", args.thread.name if args.thread else "?", exc_info=args.exc_value)

    def on_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """For ``loop.set_exception_handler``. The context's own repr is not logged: it quotes arguments."""
        where = f"the loop ({context.get('message', 'no message')})"
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(where, error)
        else:
            log.error("%s", where)

    def install(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Open the doors: Python's, the threads', Qt's and, when given, the loop's."""
        sys.excepthook = self.on_exception
        threading.excepthook = self.on_thread_exception
        qInstallMessageHandler(on_qt_message)
        if loop is not None:
            loop.set_exception_handler(self.on_loop)


def uninstall() -> None:
    """Put Python's and Qt's own handlers back."""
    sys.excepthook = sys.__excepthook__
    threading.excepthook = threading.__excepthook__
    qInstallMessageHandler(None)


def sentence(error: BaseException) -> str:
    """Return what an agent is told: the words of Kibitz's own errors, and a general sentence for others."""
    if isinstance(error, KibitzError) and str(error):
        return str(error)
    return tr("Something went wrong inside Kibitz. It goes on; the log says what it was.")


def on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    category = context.category or "default"
    logging.getLogger("qt").log(_QT_LEVELS.get(kind, logging.WARNING), "%s: %s", category, message or "")
