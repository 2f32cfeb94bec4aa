"""A real X server with a window manager and, on demand, a notification area, for one test each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.children import eventually

WIDTH_PX, HEIGHT_PX = 1440, 900
BAR_PX = 32
_NEEDED = ("Xvfb", "openbox", "trayer", "xdotool", "xprop", "xrandr")
Area = tuple[int, int, int, int]


class XServer:
    """Xvfb and openbox. Looks at windows by the tools that a user has."""

    def __init__(self, number: int, folder: Path) -> None:
        self.display = f":{number}"
        self.folder = folder
        self.env = {
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }

    def tool(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(command, env=self._whole_env(), capture_output=True, text=True, timeout=30, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.stderr}")
        return done.stdout.strip()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{command[0]}.log").open("wb") as log:
            return subprocess.Popen(command, env=self._whole_env(), stdout=log, stderr=log)

    def _whole_env(self) -> dict[str, str]:
        return {**os.environ, **self.env}

    def numbers(self, *arguments: str) -> tuple[int, ...]:
        """Return the numbers of one property, () when it is not set."""
        _, found, values = self.tool("xprop", *arguments).partition("= ")
        return tuple(int(one) for one in re.findall(r"-?\d+", values)) if found else ()

    def work_area(self) -> Area:
        """Return x, y, width and height of what maximised windows may use, in device pixels."""
        x, y, width, height = self.numbers("-root", "-notype", "_NET_WORKAREA")[:4]
        return x, y, width, height

    def strut(self, window: int) -> tuple[int, ...]:
        return self.numbers("-id", str(window), "-notype", "_NET_WM_STRUT_PARTIAL")

    def states(self, window: int) -> str:
        return self.tool("xprop", "-id", str(window), "-notype", "_NET_WM_STATE", "_NET_WM_WINDOW_TYPE")

    def focused(self) -> int:
        """Return the window that gets the keys, by the X server's own account; 0 for none."""
        return int(self.tool("xdotool", "getwindowfocus", check=False) or 0)

    def geometry(self, window: int) -> Area:
        text = self.tool("xdotool", "getwindowgeometry", "--shell", str(window))
        values = dict(line.split("=") for line in text.splitlines())
        return int(values["X"]), int(values["Y"]), int(values["WIDTH"]), int(values["HEIGHT"])

    def type(self, text: str) -> None:
        """Type with the server's own test device: the keys go to whatever window has the focus."""
        self.tool("xdotool", "type", "--delay", "4", text)

    def click(self, x: int, y: int) -> None:
        self.tool("xdotool", "mousemove", str(x), str(y), "click", "1")

    def plug_in(self, name: str, x: int) -> None:
        """Make a monitor of 1440 x 900 pixels at ``x`` out of a part of the server's one screen."""
        self.tool("xrandr", "--setmonitor", name, f"{WIDTH_PX}/380x{HEIGHT_PX}/240+{x}+0", "none" if x else "screen")

    def unplug(self, name: str) -> None:
        self.tool("xrandr", "--delmonitor", name)

    @contextmanager
    def tray_bar(self) -> Iterator[None]:
        """Run a notification area along the bottom."""
        bar = self.start(
            *("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", str(BAR_PX)),
            *("--SetDockType", "true", "--SetPartialStrut", "true"),
        )
        try:
            eventually(self.work_area, lambda area: area[3] == HEIGHT_PX - BAR_PX)
            yield
        finally:
            _end(bar)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@contextmanager
def x_server(folder: Path, *, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> Iterator[XServer]:
    """Start Xvfb on a display that is free, with openbox; end both."""
    # Without -noreset the server starts anew when its last client leaves, and takes with it a window manager that
    # is just arriving: the first look below can be that client.
    reading, writing = os.pipe()
    with (folder / "Xvfb.log").open("wb") as log:
        xvfb = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                f"{width_px}x{height_px}x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=(writing,),
            stdout=log,
            stderr=log,
        )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        assert number, (folder / "Xvfb.log").read_text()
        server = XServer(int(number), folder)
        manager = server.start("openbox", "--sm-disable")
        try:
            eventually(lambda: server.numbers("-root", "-notype", "_NET_WORKAREA"))
            yield server
        finally:
            _end(manager)
    finally:
        _end(xvfb)


@pytest.fixture
def x11(tmp_path: Path) -> Iterator[XServer]:
    """A desktop of 1440 x 900 pixels. Skips where the tools are missing."""
    skip_without_tools()
    with x_server(tmp_path) as server:
        yield server


@pytest.fixture
def x11_two(tmp_path: Path) -> Iterator[XServer]:
    """Two monitors side by side, LEFT and RIGHT, of 1440 x 900 pixels each."""
    skip_without_tools()
    with x_server(tmp_path, width_px=2 * WIDTH_PX) as server:
        server.plug_in("LEFT", 0)
        server.plug_in("RIGHT", WIDTH_PX)
        yield server


@pytest.fixture
def x11_dense(tmp_path: Path) -> Iterator[XServer]:
    """A desktop of 2880 x 1800 pixels."""
    skip_without_tools()
    with x_server(tmp_path, width_px=2 * WIDTH_PX, height_px=2 * HEIGHT_PX) as server:
        yield server


def skip_without_tools() -> None:
    if missing := [name for name in _NEEDED if shutil.which(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
