"""The command ``kibitz`` beside instances that run already, or on a machine without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop.start import NO_SCREEN
from tests.helpers.children import ROOT, Child, child

DEMO_TICKET = "http://127.0.0.1:8641/agent/tickets/7"
REAL_TICKET = "https://acme.zendesk.com/agent/tickets/7"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An agent's environment without a screen, whose folders are below ``tmp_path``."""
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CACHE", "CONFIG", "DATA", "STATE")}
    return {"HOME": str(tmp_path), **folders, "KIBITZ_HOME": ""}


def kibitz(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    clean = {name: value for name, value in os.environ.items() if name not in screens}
    command = [sys.executable, "-m", "desktop", *arguments]
    return subprocess.run(command, cwd=ROOT, env=clean | env, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def running(tmp_path: Path, env: dict[str, str]) -> Iterator[Child]:
    with child("tests.helpers.instance_child", '{"show": true}', folder=tmp_path, env=env) as instance:
        assert instance.answer() == "first"
        yield instance


def demo(env: dict[str, str]) -> dict[str, str]:
    return env | {"KIBITZ_HOME": f"{env['XDG_CACHE_HOME']}/kibitz/demo"}


@pytest.mark.parametrize("command", [(), ("demo",), ("open", REAL_TICKET)])
def test_that_without_a_screen_one_line_says_so(env, command):
    done = kibitz(env, *command)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"kibitz: {NO_SCREEN}\n")


def test_that_an_address_longer_than_any_ticket_s_is_refused(env):
    done = kibitz(env, "open", "https://acme.zendesk.com/" + "7" * 3_000)
    assert (done.returncode, done.stderr) == (2, "kibitz: the address is too long\n")


@pytest.mark.promise("I6")
@pytest.mark.parametrize(
    ("command", "heard"),
    [(("open", REAL_TICKET), "Open()"), (("toggle",), "Toggle()"), (("keys",), "Keys()"), (("quit",), "quit")],
)
def test_that_a_demo_that_runs_alone_hears_what_is_said(tmp_path, env, command, heard):
    with running(tmp_path, demo(env)) as instance:
        done = kibitz(env, *command)
        assert (done.returncode, done.stderr) == (0, "")
        assert instance.answer() == heard


def test_that_beside_an_agent_s_own_kibitz_the_demo_hears_of_its_own_tickets_only(tmp_path, env):
    with running(tmp_path, env) as own, running(tmp_path, demo(env)) as shown:
        assert kibitz(env, "toggle").returncode == 0
        assert own.answer() == "Toggle()"
        assert kibitz(env, "open", REAL_TICKET).returncode == 0
        assert own.answer() == "Open()"
        assert kibitz(env, "open", DEMO_TICKET).returncode == 0
        assert shown.answer() == "Open()"


LINK = "kibitz://connect?kind=zendesk&site=acme&client=kibitz_desktop"


def test_that_a_link_and_a_settings_file_reach_the_kibitz_that_runs(tmp_path, env):
    with running(tmp_path, env) as own:
        assert kibitz(env, "open", "--", LINK).returncode == 0
        assert own.answer() == "Open()"
        assert kibitz(env, "open", "kibitz-settings.json").returncode == 0
        assert own.answer() == "Open()"


def test_that_a_demo_that_runs_alone_does_not_hear_of_an_admin_s_link(tmp_path, env):
    with running(tmp_path, demo(env)):
        done = kibitz(env, "open", LINK)
        assert (done.returncode, done.stderr) == (1, f"kibitz: {NO_SCREEN}\n")


def test_that_a_home_that_an_agent_chose_has_a_demo_of_its_own(tmp_path, env):
    chosen = env | {"KIBITZ_HOME": str(tmp_path / "chosen")}
    inside = env | {"KIBITZ_HOME": str(tmp_path / "chosen" / "demo")}
    with running(tmp_path, chosen) as own, running(tmp_path, inside) as shown:
        # In the agent's own place it would only show what runs there, or else begin by deleting the agent's data.
        assert kibitz(chosen | {"QT_QPA_PLATFORM": "offscreen"}, "demo", "--no-browser").returncode == 0
        assert shown.answer() == "Show()"
        assert kibitz(chosen, "toggle").returncode == 0
        assert own.answer() == "Toggle()"


def test_that_nobody_to_tell_is_said(env):
    done = kibitz(env, "toggle")
    assert (done.returncode, done.stderr) == (1, "kibitz: it is not running\n")
