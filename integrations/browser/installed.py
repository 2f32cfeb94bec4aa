"""Putting the browser link into the browsers of one user, looking at it, and taking it out again.

What is written: one host manifest for each browser, where that browser looks for it; and, in a folder of Kibitz's own,
the launcher and a copy of the extension, from where the agent loads it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from typing import Any

from assist.errors import KibitzError
from integrations.browser.files import copy_folder, is_copied, is_written, remove_empty_folders, write_whole
from integrations.browser.known import BY_ID, Browser, Family, Found, Machine, Packaging, Registry, find, hosts_folder
from integrations.browser.launcher import (
    HOST,
    Ids,
    launcher,
    manifest,
    python_of,
    read_ids,
    read_manifest,
    windows_launcher,
)


class CannotInstall(KibitzError):
    """The link cannot be put into a browser; the text says why, and what to do."""


class Setup(StrEnum):
    READY = "ready"
    ABSENT = "absent"
    OUTDATED = "outdated"
    BLOCKED = "blocked"
    """Its packaging keeps the browser from starting programs."""


class Flaw(StrEnum):
    """Why something is outdated; installing again mends each."""

    NONE = ""
    OTHER_COPY = "other-copy"
    """The manifest starts the host of another copy of Kibitz, or of another of its home folders."""
    PYTHON_GONE = "python-gone"
    LAUNCHER_GONE = "launcher-gone"
    CHANGED = "changed"
    """Kibitz, its Python or its folders moved, or the file was edited."""
    EXTENSION_OLD = "extension-old"


@dataclass(frozen=True, slots=True)
class Status:
    """How one browser, or one profile folder given by hand, stands. ``browser`` is None for a profile."""

    name: str
    family: Family
    setup: Setup
    browser: Browser | None = None
    packaging: Packaging = Packaging.PLAIN
    flaw: Flaw = Flaw.NONE
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What is put together. ``folder`` is Kibitz's own; ``host_file``'s ``main`` is the host."""

    folder: Path
    python: str
    host_file: Path
    socket: str
    extension: Path

    @property
    def extension_copy(self) -> Path:
        """Where the agent loads the extension from."""
        return self.folder / "extension"


class Installer:
    """Does it for one user of one machine. All methods may raise OSError, `CannotInstall` and `NoExtension`."""

    def __init__(self, machine: Machine, parts: Parts) -> None:
        self._machine = machine
        self.parts = parts

    def status(self) -> tuple[Status, ...]:
        """Return how each browser here stands, then each profile folder that was given by hand."""
        found = find(self._machine)
        browsers = [self._status(one) for one in found]
        return (*browsers, *(self._profile_status(folder) for folder in self._profiles()))

    def install(self, browser_id: str = "") -> tuple[Status, ...]:
        """Write what is missing for one browser or, by default, for all that can start a host; return their status."""
        ids = read_ids(self.parts.extension)
        chosen = [one for one in find(self._machine) if browser_id in ("", one.browser.id)]
        if browser_id and not chosen:
            raise CannotInstall(f"{BY_ID[browser_id].name} was not found here. Start it once, then try again.")
        free = [one for one in chosen if one.packaging is Packaging.PLAIN]
        if free:
            self._write_own(ids)
        for one in free:
            self._write(one.browser, ids)
        return tuple(self._status(one) for one in chosen)

    def install_profile(self, folder: Path) -> Status:
        """Write what is missing for a user data folder of Chromium's family that was given by hand."""
        if self._registry is not None:
            raise CannotInstall("Windows keeps hosts in the registry, for all profiles: leave out --user-data-dir.")
        folder = folder.absolute()
        ids = read_ids(self.parts.extension)
        self._write_own(ids)
        self._write_manifest(_profile_manifest(folder), Family.CHROMIUM, ids)
        self._keep_profiles({*self._profiles(), folder})
        return self._profile_status(folder)

    def remove(self, browser_id: str = "") -> tuple[Status, ...]:
        """Take out what was written, for one browser or for all; return how they stand then.

        A manifest of another copy of Kibitz stays. What is Kibitz's own goes with the last manifest.
        """
        chosen = [one for one in find(self._machine) if browser_id in ("", one.browser.id)]
        for browser in BY_ID.values():
            if browser_id in ("", browser.id):
                self._take(browser)
        profiles = [] if browser_id else self._profiles()
        for folder in profiles:
            self._take_profile(folder)
        self._remove_own_if_unused()
        return (*(self._status(one) for one in chosen), *(self._profile_status(folder) for folder in profiles))

    def remove_profile(self, folder: Path) -> Status:
        folder = folder.absolute()
        self._take_profile(folder)
        self._remove_own_if_unused()
        return self._profile_status(folder)

    def profile_status(self, folder: Path) -> Status:
        return self._profile_status(folder.absolute())

    # --- looking

    @property
    def _registry(self) -> Registry | None:
        return self._machine.registry if self._machine.platform == "win32" else None

    def _launcher(self) -> Path:
        return self.parts.folder / ("kibitz-link.bat" if self._machine.platform == "win32" else "kibitz-link")

    def _status(self, found: Found) -> Status:
        browser = found.browser
        if found.packaging is not Packaging.PLAIN:
            return Status(browser.name, browser.family, Setup.BLOCKED, browser, found.packaging)
        path = self._manifest_of(browser)
        setup, flaw = self._state(None if path is None else read_manifest(path), browser.family)
        return Status(browser.name, browser.family, setup, browser, flaw=flaw)

    def _profile_status(self, folder: Path) -> Status:
        setup, flaw = self._state(read_manifest(_profile_manifest(folder)), Family.CHROMIUM)
        return Status(str(folder), Family.CHROMIUM, setup, flaw=flaw, profile=folder)

    def _state(self, written: Mapping[str, Any] | None, family: Family) -> tuple[Setup, Flaw]:
        if written is None:
            return Setup.ABSENT, Flaw.NONE
        ids = read_ids(self.parts.extension)
        if not self._is_ours(written):
            flaw = Flaw.OTHER_COPY
        elif written != manifest(family, self._launcher(), ids):
            flaw = Flaw.CHANGED
        else:
            flaw = self._flaw_of_own(ids)
        return (Setup.OUTDATED if flaw else Setup.READY), flaw

    def _flaw_of_own(self, ids: Ids) -> Flaw:
        path = self._launcher()
        if not path.is_file():
            return Flaw.LAUNCHER_GONE
        if not is_written(path, self._launcher_bytes(ids)):
            text = os.fsdecode(path.read_bytes())
            return Flaw.CHANGED if Path(python_of(text)).is_file() else Flaw.PYTHON_GONE
        return Flaw.NONE if is_copied(self.parts.extension, self.parts.extension_copy) else Flaw.EXTENSION_OLD

    def _is_ours(self, written: Mapping[str, Any]) -> bool:
        return written.get("name") == HOST and written.get("path") == str(self._launcher())

    def _manifest_of(self, browser: Browser) -> Path | None:
        """Return the manifest that a browser reads, which need not be there; None where it is told of none."""
        if self._registry is None:
            return hosts_folder(browser, self._machine) / f"{HOST}.json"
        told = self._registry.get(_key(browser))
        return None if told is None else Path(told)

    def _manifests(self) -> Iterator[Path]:
        paths = [self._manifest_of(browser) for browser in BY_ID.values()]
        yield from (path for path in paths if path is not None)
        yield from (_profile_manifest(folder) for folder in self._profiles())

    # --- writing

    def _launcher_bytes(self, ids: Ids) -> bytes:
        parts = self.parts
        if self._machine.platform == "win32":
            python = PureWindowsPath(parts.python)
            # pythonw, which starts windowed programs, has neither standard input nor output.
            name = "python.exe" if python.name.lower() == "pythonw.exe" else python.name
            text = windows_launcher(str(python.with_name(name)), parts.host_file, parts.socket, ids.origins)
            return text.encode()
        return os.fsencode(launcher(parts.python, parts.host_file, parts.socket, ids.origins))

    def _write_own(self, ids: Ids) -> None:
        copy_folder(self.parts.extension, self.parts.extension_copy)
        write_whole(self._launcher(), self._launcher_bytes(ids), mode=0o700)

    def _write(self, browser: Browser, ids: Ids) -> None:
        if self._registry is None:
            self._write_manifest(hosts_folder(browser, self._machine) / f"{HOST}.json", browser.family, ids)
            return
        path = self.parts.folder / f"{HOST}.{browser.family.value}.json"
        self._write_manifest(path, browser.family, ids)
        if self._registry.get(_key(browser)) != str(path):
            self._registry.put(_key(browser), str(path))

    def _write_manifest(self, path: Path, family: Family, ids: Ids) -> None:
        text = json.dumps(manifest(family, self._launcher(), ids), indent=2) + "\n"
        write_whole(path, text.encode())

    # --- taking out

    def _take(self, browser: Browser) -> None:
        path = self._manifest_of(browser)
        if path is None or not self._is_ours(read_manifest(path) or {}):
            return
        if self._registry is None:
            _remove_manifest(path)
            return
        self._registry.delete(_key(browser))
        if not any(one == path for one in self._manifests()):
            path.unlink()

    def _take_profile(self, folder: Path) -> None:
        path = _profile_manifest(folder)
        if self._is_ours(read_manifest(path) or {}):
            _remove_manifest(path)
        self._keep_profiles(set(self._profiles()) - {folder})

    def _remove_own_if_unused(self) -> None:
        if any(self._is_ours(read_manifest(path) or {}) for path in self._manifests()):
            return
        folder = self.parts.folder
        self._launcher().unlink(missing_ok=True)
        if self.parts.extension_copy.is_dir():
            _empty(self.parts.extension_copy)
            self.parts.extension_copy.rmdir()
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    # --- profile folders given by hand

    def _profiles_file(self) -> Path:
        return self.parts.folder / "profiles.json"

    def _profiles(self) -> list[Path]:
        try:
            raw: Any = json.loads(self._profiles_file().read_bytes())
        except (OSError, ValueError, RecursionError):
            return []
        return [Path(text) for text in raw if isinstance(text, str)] if isinstance(raw, list) else []

    def _keep_profiles(self, folders: Collection[Path]) -> None:
        if folders:
            text = json.dumps(sorted(str(folder) for folder in folders), indent=1) + "\n"
            write_whole(self._profiles_file(), text.encode())
        else:
            self._profiles_file().unlink(missing_ok=True)


def _key(browser: Browser) -> str:
    return rf"{browser.registry}\NativeMessagingHosts\{HOST}"


def _profile_manifest(folder: Path) -> Path:
    return folder / "NativeMessagingHosts" / f"{HOST}.json"


def _remove_manifest(path: Path) -> None:
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def _empty(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_symlink() or path.is_file():
            path.unlink()
    remove_empty_folders(folder)
