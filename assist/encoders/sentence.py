"""Any sentence-transformers model from disk as an encoder: for the trainer and for measuring, never for the app.

Needs the extra ``train``, which brings torch. The app itself loads exported models only (``minilm.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assist.errors import ModelError
from assist.ports import Vectors

BATCH = 32


class SentenceTransformerEncoder:
    """An `assist.ports.Encoder`. Not thread-safe: torch modules keep state while they run."""

    def __init__(self, folder: Path, *, name: str = "", device: str = "cpu", max_tokens: int | None = None) -> None:
        """Load a model from a folder of this machine; nothing is ever fetched.

        Args:
            folder: Where its ``modules.json`` lies.
            name: What tells its vectors from those of other models; the folder's name if empty.
            device: As torch names it.
            max_tokens: Where longer texts are cut; None keeps the model's own limit.

        Raises:
            ModelError: If the extra ``train`` is not installed, or the folder holds no model that can be read.
        """
        self._model = _load(folder, device=device)
        if max_tokens is not None:
            self._model.max_seq_length = max_tokens
        self.name = name or folder.name
        self.dimension = int(self._model.encode([""], show_progress_bar=False).shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), float32, unit rows; a blank text gives a zero row."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        if rows:
            vectors[rows] = self._model.encode(
                [texts[row].encode("utf-8", "replace").decode("utf-8") for row in rows],
                batch_size=BATCH,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return vectors


def _load(folder: Path, *, device: str) -> Any:
    if not (folder / "modules.json").is_file():
        raise ModelError(f"{folder.name} holds no sentence-transformers model (modules.json is missing)")
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ModelError("sentence-transformers is not installed; install Kibitz with the extra: train") from error
    try:
        return SentenceTransformer(str(folder), device=device, local_files_only=True)
    except (OSError, ImportError, AttributeError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(f"the model in {folder.name} cannot be read ({type(error).__name__})") from error
