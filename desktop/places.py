"""Where the lock and the local sockets are. Without Qt, so that commands can ask before anything heavy is loaded."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from assist.errors import KibitzError
from desktop.settings import make_private

_LONGEST_SOCKET_PATH = 100
"""In bytes; the least that a Unix takes is 104, with the final zero and what Qt appends."""


class NotPrivate(KibitzError):
    """The folder for the socket belongs to somebody else, or others may enter it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the lock is, and the names of the sockets (paths on Unix, pipes on Windows).

    ``socket`` is for later starts of Kibitz, ``link`` for the browser's native host.
    """

    lock: Path
    socket: str
    link: str = ""


def place_in(folder: Path) -> Place:
    """Return the place for a private ``folder``, which is made. Raises `NotPrivate` or OSError."""
    _make_ours(folder)
    if sys.platform == "win32":
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:20]
        return Place(folder / "lock", f"kibitz-{digest}", f"kibitz-link-{digest}")
    sockets = folder
    if len(os.fsencode(folder / "socket")) > _LONGEST_SOCKET_PATH:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        sockets = Path(tempfile.gettempdir()) / f"kibitz-{os.getuid()}-{digest}"
        _make_ours(sockets)
    return Place(folder / "lock", str(sockets / "socket"), str(sockets / "link"))


def _make_ours(folder: Path) -> None:
    make_private(folder)
    if sys.platform == "win32":
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise NotPrivate(f"{folder} belongs to somebody else")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
