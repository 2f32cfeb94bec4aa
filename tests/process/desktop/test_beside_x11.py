"""Every window of Kibitz on a real X server with a window manager, beside the docked panel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.helpers.children import Child, child, eventually
from tests.helpers.x11 import XServer, skip_without_tools, x_server

pytestmark = [pytest.mark.x11, pytest.mark.slow]

WINDOWS = ("journal", "preferences", "admin", "accounts", "team", "about")
SCREENS = [
    pytest.param((1600, 1000), "1", id="1600x1000"),
    pytest.param((1366, 768), "1", id="1366x768"),
    pytest.param((2560, 1440), "2", id="2560x1440 at 200%"),
    pytest.param((1600, 1000), "2", id="1600x1000 at 200%"),
]


@contextmanager
def program(folder: Any, size: tuple[int, int], scale: str, side: str) -> Iterator[tuple[XServer, Child]]:
    """Run the panel, docked, on a screen of ``size`` device pixels."""
    skip_without_tools()
    with x_server(folder, width_px=size[0], height_px=size[1]) as x11:
        env = {**x11.env, "QT_SCALE_FACTOR": scale}
        with child("tests.helpers.windows_child", folder=folder, env=env) as running:
            running.answer()
            running.tell("show_panel", side=side)
            eventually(x11.work_area, lambda area: area[2] == size[0] - round(392 * float(scale)))
            yield x11, running


def free_of(size: tuple[int, int], scale: str, side: str) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what the panel leaves, in logical pixels."""
    width, height = size[0] / float(scale), size[1] / float(scale)
    return (392, 0, width, height) if side == "left" else (0, 0, width - 392, height)


def is_in(box: list[int], room: tuple[float, float, float, float]) -> bool:
    x, y, width, height = box
    return x >= room[0] and y >= room[1] and x + width <= room[2] and y + height <= room[3]


@pytest.mark.promise("I4")
@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize(("size", "scale"), SCREENS)
def test_that_no_part_of_a_window_is_under_the_panel_or_off_the_screen(tmp_path, size, scale, side):
    room = free_of(size, scale, side)
    with program(tmp_path, size, scale, side) as (_, running):
        for name in WINDOWS:
            running.tell("bring", name=name)
            state = eventually(lambda: running.tell("state"), lambda now: now["active"])
            assert is_in(state["box"], room), (name, state["box"], room)


def test_that_a_window_opens_again_where_the_agent_put_it_but_not_under_the_panel(tmp_path):
    with program(tmp_path, (1600, 1000), "1", "right") as (_, running):
        running.tell("bring", name="about")
        eventually(lambda: running.tell("state")["active"])
        running.tell("move", x=20, y=30)
        eventually(lambda: running.tell("state")["box"][:2], lambda spot: spot == [20, 30])
        running.tell("close")
        assert running.tell("again")["box"][:2] == [20, 30]
        running.tell("move", x=1100, y=30)
        eventually(lambda: running.tell("state")["box"][:2], lambda spot: spot == [1100, 30])
        running.tell("again")
        eventually(lambda: running.tell("state")["box"], lambda box: is_in(box, (0, 0, 1208, 1000)))
