from __future__ import annotations

import asyncio

import pytest

from desktop.loop import Step, shut_down
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
