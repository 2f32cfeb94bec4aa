"""Computers with browsers, made of temporary folders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from integrations.browser.installed import Parts
from integrations.browser.known import BROWSERS, Family, Machine, Registry

CHROMIUM_ID = "abcdefghijklmnopabcdefghijklmnop"
FIREFOX_ID = "link@kibitz.example"


class TableRegistry:
    """A registry in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    def put(self, key: str, value: str) -> None:
        self.values[key] = value

    def delete(self, key: str) -> None:
        self.values.pop(key, None)


def a_machine(
    base: Path, platform: str = "linux", *, programs: Iterable[Path] = (), registry: Registry | None = None
) -> Machine:
    """Return a machine below ``base``: no browser but ``programs``, which are on its PATH."""
    on_path = {program.name: str(program) for program in programs}
    home = base / "home"
    home.mkdir(parents=True, exist_ok=True)
    environ = {"ProgramFiles": str(base / "Program Files")} if platform == "win32" else {}
    if platform == "win32" and registry is None:
        registry = TableRegistry()
    return Machine(platform, home, environ, on_path.get, root=base / "root", registry=registry)


def with_all_browsers(machine: Machine) -> Machine:
    """Make the files from which each browser is known to have been used, and return ``machine``."""
    for browser in BROWSERS:
        firefox = browser.family is Family.FIREFOX
        folder = {
            "linux": machine.home / ".mozilla/firefox" if firefox else machine.config / browser.linux,
            "darwin": machine.library / ("Firefox" if firefox else browser.mac),
            "win32": machine.home / "AppData" / ("Roaming" if firefox else "Local") / browser.windows,
        }[machine.platform]
        touch(folder / ("profiles.ini" if firefox else "Local State"))
    return machine


def touch(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def some_parts(base: Path, *, python: str = "/usr/bin/python3") -> Parts:
    """Return parts with a small extension; Kibitz's own folder is ``base / "data" / "browser"``."""
    extension = base / "extension"
    touch(extension / "ids.json", json.dumps({"chromium": CHROMIUM_ID, "firefox": FIREFOX_ID}))
    touch(extension / "manifest.json", '{"manifest_version": 3}')
    touch(extension / "_locales" / "en" / "messages.json", "{}")
    return Parts(base / "data" / "browser", python, base / "host.py", str(base / "run" / "link"), extension)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` with what it holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
