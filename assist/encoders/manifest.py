"""The list of model files that Kibitz may load, each with its hash (``resources/models/manifest.toml``)."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from assist.errors import ModelError


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """One approved model. ``max_tokens`` is where longer texts are cut."""

    name: str
    revision: str
    folder: Path
    dimension: int
    max_tokens: int
    sha256: dict[str, str]

    @property
    def version(self) -> str:
        """What tells vectors of this model from vectors of any other."""
        return f"{self.name}@{self.revision}"


def read_manifest(path: Path) -> dict[str, ModelFiles]:
    """Return the approved models by name.

    Raises:
        ModelError: If the manifest is missing, is not TOML, or lacks a key.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            name: ModelFiles(
                name=name,
                revision=str(entry["revision"]),
                folder=path.parent / name,
                dimension=int(entry["dimension"]),
                max_tokens=int(entry["max_tokens"]),
                sha256=dict(entry["sha256"]),
            )
            for name, entry in table["model"].items()
        }
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the model manifest {path.name} cannot be read: {error}") from error


def checked_bytes(model: ModelFiles, file_name: str) -> bytes:
    """Return a model file's bytes after comparing them with the manifest.

    The bytes that were checked are the bytes that are loaded, so a file cannot be swapped in between.

    Raises:
        ModelError: If the file is missing or differs from what was approved.
    """
    try:
        content = (model.folder / file_name).read_bytes()
    except OSError as error:
        raise ModelError(f"the model file {model.name}/{file_name} is missing; install Kibitz again") from error
    if hashlib.sha256(content).hexdigest() != model.sha256.get(file_name):
        raise ModelError(
            f"the model file {model.name}/{file_name} is not the one that was approved; install Kibitz again"
        )
    return content
