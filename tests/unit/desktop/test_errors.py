from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer, qWarning

from assist.errors import Unreachable
from desktop.errors import TOLD_AGAIN_AFTER_S, ErrorDoor, uninstall
from tests.helpers.qt_loop import until

GENERAL = "Something went wrong inside Kibitz. It goes on; the log says what it was."


@pytest.fixture
def door() -> Iterator[ErrorDoor]:
    door = ErrorDoor()
    hooks = sys.excepthook, threading.excepthook
    yield door
    uninstall()
    sys.excepthook, threading.excepthook = hooks


@pytest.mark.logs("a slot or callback failed")
def test_that_what_a_slot_raises_becomes_one_notice_and_the_loop_goes_on(run, qt_loop, door):
    told: list[str] = []
    door.show_with(told.append)

    def slot() -> None:
        raise ValueError("a customer wrote this")

    async def scenario() -> None:
        door.install(qt_loop)
        for _ in range(3):
            QTimer.singleShot(0, slot)
        await until(lambda: told)
        await asyncio.sleep(0.01)

    run(scenario())
    assert told == [GENERAL]


@pytest.mark.logs("the loop .* failed")
def test_that_what_a_callback_of_the_loop_raises_becomes_a_notice(run, qt_loop, door):
    told: list[str] = []
    door.show_with(told.append)

    def callback() -> None:
        raise Unreachable("Zendesk does not answer")

    async def scenario() -> None:
        door.install(qt_loop)
        qt_loop.call_soon(callback)
        await until(lambda: told)

    run(scenario())
    assert told == ["Zendesk does not answer"]


@pytest.mark.logs("sync failed")
def test_that_a_notice_waits_until_it_can_be_shown(door):
    told: list[str] = []
    door.report("sync", Unreachable("no answer"))
    door.show_with(told.append)
    assert told == ["no answer"]


@pytest.mark.logs("sync failed")
def test_that_the_same_notice_comes_again_only_after_a_while():
    told: list[str] = []
    now_s = [1_000.0]
    door = ErrorDoor(lambda: now_s[0])
    door.show_with(told.append)
    for passed_s in (0.0, TOLD_AGAIN_AFTER_S - 1.0, 2.0):
        now_s[0] += passed_s
        door.report("sync", Unreachable("no answer"))
    assert told == ["no answer", "no answer"]


@pytest.mark.logs("thread .* failed")
def test_that_what_a_thread_raises_is_logged(door, caplog):
    door.install()

    def work() -> None:
        raise ValueError

    thread = threading.Thread(target=work, name="reader")
    thread.start()
    thread.join()
    assert [record.getMessage() for record in caplog.records] == ["thread reader failed"]


@pytest.mark.logs("^qt: ")
def test_that_qts_warnings_are_logged_at_their_level(door, caplog):
    door.install()
    qWarning("QPainter: nothing to paint on")
    [record] = [one for one in caplog.records if one.name == "qt"]
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "default: QPainter: nothing to paint on")
