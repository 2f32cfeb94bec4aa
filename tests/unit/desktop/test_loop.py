from __future__ import annotations

import asyncio

import pytest

from desktop.loop import Step, shut_down
from desktop.loop import until as until_quit
from tests.helpers.qt_loop import until


@pytest.mark.logs("shutdown: ")
def test_that_steps_end_in_order_and_none_keeps_the_next_from_running(run):
    order: list[str] = []
    ended: list[str] = []

    def step(name: str, *, error: Exception | None = None, swallows: bool = False) -> Step:
        async def end() -> None:
            order.append(name)
            if error is not None:
                raise error
            while swallows and "last" not in order:
                try:
                    await asyncio.sleep(0.01)
                except asyncio.CancelledError:
                    continue
            ended.append(name)

        return Step(name, end, deadline_s=0.1)

    async def scenario() -> tuple[str, ...]:
        unfinished = await shut_down(
            [step("input"), step("tasks", error=OSError()), step("log", swallows=True), step("last")]
        )
        await until(lambda: "log" in ended)
        return unfinished

    assert run(scenario()) == ("tasks", "log")
    assert order == ["input", "tasks", "log", "last"]


def test_that_a_shutdown_in_which_all_goes_well_names_nothing(run):
    async def end() -> int:
        return 3

    assert run(shut_down([Step("one", end), Step("two", end)])) == ()


def test_that_quitting_ends_a_start_that_hangs(run):
    quit_, ended = asyncio.Event(), []

    async def start() -> None:
        asyncio.get_running_loop().call_soon(quit_.set)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("start")

    run(until_quit(quit_, start()))
    assert ended == ["start"]


def test_that_after_the_start_only_quitting_ends_the_run(run):
    quit_, events = asyncio.Event(), []

    async def start() -> None:
        events.append("started")

    async def scenario() -> None:
        whole = asyncio.ensure_future(until_quit(quit_, start()))
        await until(lambda: events)
        for _ in range(5):
            await asyncio.sleep(0)
        assert not whole.done()
        quit_.set()
        await whole

    run(scenario())


def test_that_a_start_that_fails_is_not_waited_for(run):
    async def start() -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        run(until_quit(asyncio.Event(), start()))
