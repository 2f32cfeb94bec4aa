"""The loop in a process of its own: how it ends, and with what status."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.children import Child, child


@contextmanager
def running(main: str, folder: Path) -> Iterator[Child]:
    with child("tests.helpers.loop_child", main, folder=folder, env={"QT_QPA_PLATFORM": "offscreen"}) as process:
        yield process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_that_a_signal_lets_the_shutdown_run_and_ends_with_success(tmp_path, number):
    with running("until_cancelled", tmp_path) as process:
        assert process.answer() == "running"
        process.process.send_signal(number)
        assert [process.answer(), process.answer()] == ["flushed", []]
        assert process.wait() == 0
        assert process.errors.read_text() == ""


def test_that_a_second_signal_ends_what_does_not_want_to_end(tmp_path):
    with running("never_ends", tmp_path) as process:
        assert process.answer() == "running"
        process.process.send_signal(signal.SIGTERM)
        assert process.answer() == "asked"
        process.process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM


@pytest.mark.parametrize("main", ["qt_quits", "qt_exits"])
def test_that_the_desktops_own_request_to_quit_lets_the_shutdown_run(tmp_path, main):
    with running(main, tmp_path) as process:
        assert [process.answer() for _ in range(3)] == ["running", "flushed", []]
        assert process.wait() == 0


def test_that_the_status_is_mains_and_threads_are_of_our_own_pool(tmp_path):
    with running("answer_seven", tmp_path) as process:
        assert process.answer() == "kibitz"
        assert process.wait() == 7
        assert process.errors.read_text() == ""


def test_that_a_thread_that_hangs_does_not_keep_the_process(tmp_path):
    with running("thread_hangs", tmp_path) as process:
        assert process.answer() == "running"
        began = time.monotonic()
        assert process.wait() == 5
        assert time.monotonic() - began < 20


def test_that_an_error_of_main_is_not_hidden(tmp_path):
    with running("fails", tmp_path) as process:
        assert process.wait() == 1
        assert "LookupError: main" in process.errors.read_text()
