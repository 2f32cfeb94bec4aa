"""Writing files that another program reads: whole, at once, for their owner only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, data: bytes, *, mode: int = 0o600) -> bool:
    """Replace ``path`` by ``data`` at once; False when it was so already. Raises OSError."""
    if is_written(path, data):
        path.chmod(mode)
        return False
    _make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True


def is_written(path: Path, data: bytes) -> bool:
    """Tell whether ``path`` is a file of exactly ``data``."""
    try:
        return not path.is_symlink() and path.read_bytes() == data
    except OSError:
        return False


def copy_folder(source: Path, target: Path) -> None:
    """Make ``target`` hold the files of ``source`` and no others. Raises OSError.

    The folder stays the same one: a browser that has loaded it keeps watching it.
    """
    wanted = _files(source)
    for relative in wanted:
        write_whole(target / relative, (source / relative).read_bytes())
    for relative in set(_files(target)) - set(wanted):
        (target / relative).unlink()
    remove_empty_folders(target)


def is_copied(source: Path, target: Path) -> bool:
    """Tell whether ``target`` holds all files of ``source`` as they are."""
    return all(is_written(target / relative, (source / relative).read_bytes()) for relative in _files(source))


def remove_empty_folders(folder: Path) -> None:
    """Remove the empty folders below ``folder``; it stays."""
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()


def _make_folder(folder: Path) -> None:
    """Make ``folder`` and all above that are missing, for their owner only."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(
        relative
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in (relative := path.relative_to(folder)).parts
    )
