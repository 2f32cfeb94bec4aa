"""A real message bus with a real gnome-keyring, in folders of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.children import eventually

_NEEDED = ("dbus-daemon", "gnome-keyring-daemon")


@dataclass(frozen=True)
class Desktop:
    """Where the bus is, and the folder that everything is written below."""

    env: dict[str, str]
    folder: Path
    daemon: subprocess.Popen[bytes] | None


def private_env(folder: Path) -> dict[str, str]:
    """Return an environment in which no bus is found and every folder is below ``folder``."""
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {
        "HOME": str(folder / "home"),
        "XDG_DATA_HOME": str(folder / "home" / "data"),
        "XDG_CONFIG_HOME": str(folder / "home" / "config"),
        "XDG_CACHE_HOME": str(folder / "home" / "cache"),
        "XDG_RUNTIME_DIR": str(runtime),
        "KIBITZ_HOME": str(folder / "kibitz"),
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
    }


@contextmanager
def desktop(folder: Path, *, unlocked: bool) -> Iterator[Desktop]:
    """Start the bus and the keyring, with its login collection opened or without any; end both."""
    if missing := [name for name in _NEEDED if shutil.which(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    env = private_env(folder)
    (folder / "home" / "data").mkdir(parents=True, exist_ok=True)
    socket = folder / "runtime" / "bus"
    env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={socket}"
    with (folder / "bus.log").open("wb") as log:
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", f"--address={env['DBUS_SESSION_BUS_ADDRESS']}"],
            env={**os.environ, **env},
            stdout=log,
            stderr=log,
        )
        try:
            eventually(socket.exists)
            daemon = _start_keyring(env, log, unlocked=unlocked)
            try:
                yield Desktop(env, folder, daemon)
            finally:
                _end(daemon)
        finally:
            _end(bus)


def _start_keyring(env: dict[str, str], log: object, *, unlocked: bool) -> subprocess.Popen[bytes]:
    command = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
    daemon = subprocess.Popen(
        [*command, "--unlock"] if unlocked else command,
        env={**os.environ, **env},
        stdin=subprocess.PIPE,
        stdout=log,  # type: ignore[call-overload]  # a file or a constant: the overloads know one each
        stderr=log,  # type: ignore[call-overload]  # a file or a constant: the overloads know one each
    )
    daemon.stdin.write(b"pass phrase of the test" if unlocked else b"")
    daemon.stdin.close()
    eventually(lambda: _owned("org.freedesktop.secrets", env))
    return daemon


def _owned(name: str, env: dict[str, str]) -> bool:
    """Return whether somebody on the bus has ``name``; asking does not start anybody."""
    done = subprocess.run(
        [
            *("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"),
            *("org.freedesktop.DBus.NameHasOwner", f"string:{name}"),
        ],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return "boolean true" in done.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
