"""``kibitz browser``: install, status, remove. Prints a short report; loads no Qt, so it also runs without a screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from assist.errors import KibitzError
from desktop.link.browsers import PAIRING, installer, step, verdict
from desktop.settings import folders
from integrations.browser.installed import Installer, Setup, Status

NONE_FOUND = (
    "No browser that Kibitz knows was found (Chrome, Chromium, Edge, Brave, Firefox). If yours has its data elsewhere, "
    "name its folder: kibitz browser install --user-data-dir DIR"
)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for; return 0 when all is well, 1 when something is left to do, 2 for a wrong call."""
    profile, browser = arguments.user_data_dir, arguments.browser
    if profile is not None and browser == "firefox":
        sys.stderr.write("kibitz: Firefox reads one folder for all its profiles: leave out --user-data-dir\n")
        return 2
    try:
        return _run(arguments.act, browser or "", None if profile is None else Path(profile).expanduser())
    except KibitzError as error:
        sys.stderr.write(f"kibitz: {error}\n")
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        sys.stderr.write(f"kibitz: {error.strerror or error}{where}\n")
    return 1


def _run(act: str, browser: str, profile: Path | None) -> int:
    setup = installer(folders())
    match act:
        case "install":
            done = setup.install(browser) if profile is None else (setup.install_profile(profile),)
        case "remove":
            done = setup.remove(browser) if profile is None else (setup.remove_profile(profile),)
            _say(f"{one.name}: {_without_link(one)}" for one in done)
            return 0
        case _:
            found = setup.status() if profile is None else (setup.profile_status(profile),)
            done = tuple(one for one in found if _is_named(one, browser))
    _report(setup, done, with_steps=act == "install")
    return 0 if any(one.setup is Setup.READY for one in done) and not _is_any_outdated(done) else 1


def _report(setup: Installer, found: Sequence[Status], *, with_steps: bool) -> None:
    if not found:
        _say([NONE_FOUND])
        return
    ready = [one for one in found if one.setup is Setup.READY]
    for one in found:
        words, values = verdict(one)
        _say([f"{one.name}: {words.format(**values)}"])
        if with_steps and one in ready:
            words, values = step(one)
            _say([f"  {words.format(**values)}"])
    if ready:
        _say([f"The extension's folder: {setup.parts.extension_copy}"])
        if with_steps:
            _say([PAIRING])
        else:
            _say(["Whether an extension is linked now is shown in Kibitz: Settings, Browser."])


def _without_link(status: Status) -> str:
    if status.setup is Setup.ABSENT:
        return "Kibitz has no file in it. Remove the extension on the browser's page of extensions."
    words, values = verdict(status)
    return f"Left as it is. {words.format(**values)}"


def _is_named(status: Status, browser: str) -> bool:
    return not browser or (status.browser is not None and status.browser.id == browser)


def _is_any_outdated(found: Sequence[Status]) -> bool:
    return any(one.setup is Setup.OUTDATED for one in found)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
