from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from desktop.garbage import MainThreadGarbage


class Knot:
    def __init__(self, ends: list[str]) -> None:
        self.itself = self
        self.ends = ends
        weakref.finalize(self, lambda: ends.append(threading.current_thread().name))


@pytest.fixture
def garbage(qapp) -> Iterator[MainThreadGarbage]:
    garbage = MainThreadGarbage()
    yield garbage
    garbage.close()


def test_that_garbage_made_in_a_thread_is_collected_on_the_main_one(garbage):
    ends: list[str] = []

    def work() -> None:
        for _ in range(5_000):
            Knot(ends)

    thread = threading.Thread(target=work, name="writer")
    thread.start()
    thread.join()
    assert ends == []
    assert garbage.check() == 0
    assert ends == ["MainThread"] * 5_000


def test_that_older_garbage_is_collected_in_its_turn(garbage):
    generations = set()
    for _ in range(200):
        kept = [[] for _ in range(1_000)]
        generations.add(garbage.check())
        del kept
    assert generations == {0, 1, 2}


def test_that_python_collects_by_itself_again_once_it_is_closed(qapp):
    garbage = MainThreadGarbage()
    assert not gc.isenabled()
    garbage.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    gc.disable()
