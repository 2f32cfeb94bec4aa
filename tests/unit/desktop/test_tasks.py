from __future__ import annotations

import asyncio

import pytest

from desktop.tasks import TaskSet
from tests.helpers.qt_loop import until


class Errors(list[tuple[str, BaseException]]):
    def __call__(self, name: str, error: BaseException) -> None:
        self.append((name, error))


@pytest.fixture
def errors() -> Errors:
    return Errors()


@pytest.fixture
def tasks(errors: Errors) -> TaskSet:
    return TaskSet(errors)


def test_that_newer_work_of_a_name_ends_the_older(run, tasks, errors):
    done: list[str] = []
    gate: list[asyncio.Event] = []

    async def work(label: str) -> None:
        await gate[0].wait()
        done.append(label)

    async def scenario() -> None:
        gate.append(asyncio.Event())
        for label in ("old", "newer", "newest"):
            tasks.latest("suggest", work(label))
            await asyncio.sleep(0)
        gate[0].set()
        await until(lambda: len(tasks) == 0)

    run(scenario())
    assert done == ["newest"]
    assert errors == []


def test_that_spawned_work_of_one_name_runs_side_by_side(run, tasks):
    done: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    async def scenario() -> None:
        tasks.spawn("log", work(1))
        tasks.spawn("log", work(2))
        await until(lambda: len(tasks) == 0)

    run(scenario())
    assert sorted(done) == [1, 2]


def test_that_what_a_task_raises_is_handed_over_with_its_name(run, tasks, errors):
    async def work() -> None:
        raise LookupError("gone")

    async def scenario() -> None:
        tasks.spawn("fetch", work())
        await until(lambda: errors)

    run(scenario())
    assert [(name, type(error), str(error)) for name, error in errors] == [("fetch", LookupError, "gone")]


def test_that_an_outdated_task_which_fails_while_it_ends_is_still_handed_over(run, tasks, errors):
    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise LookupError("while ending")

    async def scenario() -> None:
        tasks.latest("fetch", stubborn())
        await asyncio.sleep(0.01)
        tasks.cancel("fetch")
        await until(lambda: errors)

    run(scenario())
    assert [(name, str(error)) for name, error in errors] == [("fetch", "while ending")]


def test_that_a_cancelled_task_is_no_error(run, tasks, errors):
    async def scenario() -> None:
        tasks.latest("poll", asyncio.sleep(60))
        await asyncio.sleep(0.01)
        tasks.cancel("poll")
        await until(lambda: len(tasks) == 0)

    run(scenario())
    assert errors == []


def test_that_closing_waits_for_tasks_that_clean_up(run, tasks):
    cleaned: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(True)

    async def scenario() -> frozenset[str]:
        tasks.spawn("sync", work())
        await asyncio.sleep(0.01)
        return await tasks.close()

    assert run(scenario()) == frozenset()
    assert cleaned == [True]


@pytest.mark.logs("tasks did not end within")
def test_that_closing_names_a_task_that_does_not_end_and_goes_on(run, tasks):
    free: list[asyncio.Event] = []

    async def stubborn() -> None:
        while not free[0].is_set():
            try:
                await free[0].wait()
            except asyncio.CancelledError:
                continue

    async def scenario() -> frozenset[str]:
        free.append(asyncio.Event())
        tasks.spawn("stubborn", stubborn())
        await asyncio.sleep(0.01)
        late = await tasks.close(deadline_s=0.05)
        free[0].set()
        await until(lambda: len(tasks) == 0)
        return late

    assert run(scenario()) == {"stubborn"}


def test_that_a_closed_set_starts_nothing(run, tasks):
    started: list[bool] = []

    async def work() -> None:
        started.append(True)

    async def scenario() -> None:
        await tasks.close()
        tasks.spawn("late", work())
        tasks.latest("late", work())
        await asyncio.sleep(0.01)

    run(scenario())
    assert started == []
    assert tasks.is_closed


def test_that_a_task_may_close_its_own_set(run, tasks):
    ended: list[frozenset[str]] = []

    async def quit_from_menu() -> None:
        ended.append(await tasks.close())

    async def scenario() -> None:
        tasks.spawn("quit", quit_from_menu())
        await until(lambda: ended)

    run(scenario())
    assert ended == [frozenset()]
