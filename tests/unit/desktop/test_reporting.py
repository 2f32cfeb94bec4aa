from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from desktop.reporting import Reporter
from desktop.tasks import TaskSet
from tests.helpers.fakes import run, until


class Desk:
    """Where a report is saved in this test, and what was said."""

    def __init__(self, place: Path | None) -> None:
        self.place = place
        self.asked: list[str] = []
        self.said: list[str] = []
        self.saved: list[Path] = []
        self.problem: OSError | None = None
        self.tasks = TaskSet(lambda name, error: self.said.append(f"{name}: {error}"))
        self.reporter = Reporter(self.save, ask_where=self.ask, notice=self.said.append, tasks=self.tasks)

    async def ask(self, name: str) -> Path | None:
        self.asked.append(name)
        await asyncio.sleep(0)
        return self.place

    async def save(self, path: Path) -> None:
        if self.problem is not None:
            raise self.problem
        self.saved.append(path)

    def press(self, times: int = 1) -> None:
        async def scenario():
            for _ in range(times):
                self.reporter.save()
            await until(lambda: len(self.tasks) == 0)

        run(scenario())


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "my report.zip")


def test_that_it_is_saved_where_the_agent_says_and_that_is_said(desk):
    desk.press()

    assert desk.asked == ["kibitz-report.zip"]
    assert desk.saved == [desk.place]
    assert desk.said == ["The report is saved. Look through it before you send it: my report.zip"]


def test_that_pressing_twice_asks_once(desk):
    desk.press(times=3)

    assert len(desk.asked) == len(desk.saved) == 1


def test_that_nothing_is_said_when_the_agent_thought_better_of_it(desk):
    desk.place = None
    desk.press()

    assert (desk.saved, desk.said) == ([], [])


@pytest.mark.promise("D4")
def test_that_a_full_disk_is_said_aloud(desk):
    desk.problem = OSError(28, "No space left on device")
    desk.press()

    assert desk.said == ["The report could not be saved: No space left on device"]
