"""Runs `desktop.loop.run` as the app does; writes what happens in JSON lines. Argument: what ``main`` does."""

from __future__ import annotations

import asyncio
import sys
import threading

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from desktop.loop import Step, run, shut_down
from tests.helpers.child_side import say


async def until_cancelled(app: QApplication) -> int:
    async def flush() -> None:
        await asyncio.sleep(0.05)
        say("flushed")

    try:
        say("running")
        await asyncio.Event().wait()
        return 1
    finally:
        say(await shut_down([Step("flush", flush)]))


async def answer_seven(app: QApplication) -> int:
    name = await asyncio.to_thread(lambda: threading.current_thread().name)
    say(name.partition("_")[0])
    return 7


async def qt_quits(app: QApplication) -> int:
    QTimer.singleShot(0, app.quit)
    return await until_cancelled(app)


async def qt_exits(app: QApplication) -> int:
    QTimer.singleShot(0, lambda: QCoreApplication.exit(3))
    return await until_cancelled(app)


async def thread_hangs(app: QApplication) -> int:
    asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
    say("running")
    return 5


async def never_ends(app: QApplication) -> int:
    say("running")
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("asked")


async def fails(app: QApplication) -> int:
    raise LookupError("main")


if __name__ == "__main__":
    raise SystemExit(run(globals()[sys.argv[1]], ["kibitz"]))
