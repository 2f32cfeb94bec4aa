"""Several starts of the same program, each in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.helpers.children import Child, child, eventually

pytestmark = [pytest.mark.promise("I6")]


@contextmanager
def started(folder: Path, request: str = '{"show": true}') -> Iterator[Child]:
    env = {"KIBITZ_HOME": str(folder / "home"), "QT_QPA_PLATFORM": "offscreen"}
    with child("tests.helpers.instance_child", request, folder=folder, env=env) as process:
        yield process


def test_that_a_second_start_hands_over_its_request_and_ends(tmp_path):
    with started(tmp_path) as first:
        assert first.answer() == "first"
        with started(tmp_path, '{"toggle": true}') as second:
            assert second.answer() == "handed over"
            assert second.wait() == 0
        assert first.answer() == "Toggle()"


def test_that_what_a_killed_instance_left_behind_does_not_block_the_next(tmp_path):
    with started(tmp_path) as first:
        assert first.answer() == "first"
        first.process.send_signal(signal.SIGKILL)
        first.wait()
    left = {path.name for path in (tmp_path / "home" / "run").iterdir()}
    assert left == {"lock", "socket"}
    with started(tmp_path) as next_one:
        assert next_one.answer() == "first"
        with started(tmp_path) as another:
            assert another.answer() == "handed over"


def test_that_of_many_starts_at_once_exactly_one_is_first(tmp_path):
    with ExitStack() as stack:
        children = [stack.enter_context(started(tmp_path)) for _ in range(5)]
        answers = sorted(process.answer() for process in children)
        assert answers == ["first"] + ["handed over"] * 4


def test_that_a_request_to_quit_frees_the_place(tmp_path):
    with started(tmp_path) as first:
        assert first.answer() == "first"
        with started(tmp_path, '{"quit": true}') as second:
            assert second.answer() == "handed over"
        assert first.answer() == "quit"
        assert first.wait() == 0
    with started(tmp_path) as third:
        assert third.answer() == "first"


def test_that_a_first_instance_that_hangs_is_not_waited_for_without_end(tmp_path):
    with started(tmp_path) as first:
        assert first.answer() == "first"
        first.process.send_signal(signal.SIGSTOP)
        eventually(lambda: Path(f"/proc/{first.pid}/stat").read_text().split()[2], lambda state: state == "T")
        with started(tmp_path) as second:
            assert second.answer() == "nobody answers"
        first.process.send_signal(signal.SIGCONT)


@pytest.mark.promise("S1")
def test_that_the_address_of_a_ticket_is_not_shown_by_the_request(tmp_path):
    with started(tmp_path) as first:
        assert first.answer() == "first"
        with started(tmp_path, '{"open": "https://acme.zendesk.com/agent/tickets/7?token=kanarienvogel"}') as second:
            assert second.answer() == "handed over"
        assert first.answer() == "Open()"


def test_that_the_lock_is_held_by_nobody_elses_children(tmp_path):
    with started(tmp_path) as first:
        assert first.answer() == "first"
        lock = tmp_path / "home" / "run" / "lock"
        holders = [link for link in Path(f"/proc/{first.pid}/fd").iterdir() if os.path.realpath(link) == str(lock)]
        [held] = holders
        flags = Path(f"/proc/{first.pid}/fdinfo/{held.name}").read_text().splitlines()[1].split()[1]
        assert int(flags, 8) & os.O_CLOEXEC
