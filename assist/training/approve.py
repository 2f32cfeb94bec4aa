"""Writes what was trained into the list of models that may be loaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path


def approve(models: Path, model: str, files: Sequence[str]) -> dict[str, str]:
    """Write the hashes of ``files`` into the part of ``model`` in ``models/manifest.toml``; return them by name.

    Raises:
        ValueError: If the manifest has no line for one of the files.
    """
    manifest = models / "manifest.toml"
    before, heading, part = manifest.read_text(encoding="utf-8").partition(f"[model.{model}.sha256]\n")
    found = {name: hashlib.sha256((models / model / name).read_bytes()).hexdigest() for name in files}
    for name, digest in found.items():
        line = re.compile(rf'\A(?P<above>(?:[^\[\n].*\n)*?)"{re.escape(name)}" = ".*"')
        part, written = line.subn(rf'\g<above>"{name}" = "{digest}"', part)
        if not written:
            raise ValueError(f"the manifest has no line for {model}/{name}")
    manifest.write_text(before + heading + part, encoding="utf-8")
    return found
