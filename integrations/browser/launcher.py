"""What a browser starts, and the file that tells it so.

A browser starts a host without a shell, with no folder of its own and with its own environment. So the launcher says
everything itself: which Python, which file, which socket, whom to answer.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assist.errors import KibitzError
from integrations.browser.known import Family

HOST = "org.kibitz.link"
HOST_FILE = Path(__file__).with_name("host.py")
LARGEST_MANIFEST_BYTES = 65_536
_CHROMIUM_ID = re.compile(r"[a-p]{32}")
_FIREFOX_ID = re.compile(r"[A-Za-z0-9._-]{0,64}@[A-Za-z0-9._-]{1,64}")


class NoExtension(KibitzError):
    """The extension's files are not where Kibitz keeps them: it is not installed completely."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Under which names the browsers know the extension."""

    chromium: str
    firefox: str

    @property
    def origins(self) -> tuple[str, str]:
        """As the host tells the app who started it."""
        return f"chrome-extension://{self.chromium}/", f"moz:{self.firefox}"


def read_ids(extension: Path) -> Ids:
    """Read ``ids.json`` of the extension's folder. Raises `NoExtension`."""
    try:
        raw: Any = json.loads((extension / "ids.json").read_bytes())
        ids = Ids(str(raw["chromium"]), str(raw["firefox"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoExtension(f"The extension is not in {extension}. Install Kibitz again.") from error
    if not _CHROMIUM_ID.fullmatch(ids.chromium) or not _FIREFOX_ID.fullmatch(ids.firefox):
        raise NoExtension(f"The extension in {extension} has no proper id. Install Kibitz again.")
    return ids


def launcher(python: str, host_file: Path, socket: str, origins: Sequence[str]) -> str:
    """Return a script for ``/bin/sh`` that runs the host.

    Not ``#!python``: the system cuts such a line at a space and at 127 or 255 bytes.
    A path that is not UTF-8 holds surrogates, so the script is to be encoded with ``os.fsencode``.
    """
    start = shlex.join([python, "-IS", str(host_file), socket, *origins, "--"])
    return f'#!/bin/sh\n# Written by: kibitz browser install\nexec {start} "$@"\n'


def windows_launcher(python: str, host_file: Path, socket: str, origins: Sequence[str]) -> str:
    """Return the same as a batch file, in UTF-8. No path on Windows holds a double quote."""
    words = [f'"{word}"'.replace("%", "%%") for word in (python, "-IS", str(host_file), socket, *origins, "--")]
    return f"@echo off\r\nrem Written by: kibitz browser install\r\nchcp 65001 >nul\r\n{' '.join(words)} %*\r\n"


def python_of(text: str) -> str:
    """Return the Python that a launcher starts, or an empty text where it is none."""
    for line in text.splitlines():
        if line.startswith("exec "):
            try:
                return shlex.split(line)[1]
            except (ValueError, IndexError):
                return ""
        if line.startswith('"'):
            return line.split('"')[1].replace("%%", "%")
    return ""


def manifest(family: Family, path: Path, ids: Ids) -> dict[str, object]:
    """Return the host manifest that lets the extension, and no other, start what is at ``path``."""
    allowed: dict[str, object] = (
        {"allowed_extensions": [ids.firefox]}
        if family is Family.FIREFOX
        else {"allowed_origins": [f"chrome-extension://{ids.chromium}/"]}
    )
    described = {"name": HOST, "description": "Tells Kibitz which ticket is in front"}
    return {**described, "path": str(path), "type": "stdio", **allowed}


def read_manifest(path: Path) -> dict[str, Any] | None:
    """Return the object in ``path``; None where there is no file, an empty one where it is no manifest."""
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(LARGEST_MANIFEST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}
