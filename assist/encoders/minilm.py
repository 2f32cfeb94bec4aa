"""all-MiniLM-L6-v2 as an int8 ONNX file, through onnxruntime and tokenizers: no torch, 5 ms a query.

Source of the model: Wang et al., "MiniLM: Deep Self-Attention Distillation", NeurIPS 2020; fine-tuned for sentence
similarity by the sentence-transformers authors (Apache-2.0). How the file is made: ``assist/training/export.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assist.encoders.manifest import ModelFiles, checked_bytes, read_manifest
from assist.errors import ModelError
from assist.ports import Vectors

Session: TypeAlias = onnxruntime.InferenceSession
MODEL_NAME = "minilm"
_MAX_CHARS = 8_000
"""Of a longer text only this much is tokenised; far fewer characters fill ``max_tokens``."""


class MiniLm:
    """An `assist.ports.Encoder`. Thread-safe: onnxruntime sessions and tokenizers may be shared."""

    def __init__(self, model: ModelFiles, *, threads: int = 2) -> None:
        """Load and check the model files.

        Raises:
            ModelError: If a file is missing or is not the approved one.
        """
        self.name = model.version
        self.dimension = model.dimension
        self._tokenizer = Tokenizer.from_str(checked_bytes(model, "tokenizer.json").decode("utf-8"))
        self._tokenizer.enable_truncation(max_length=model.max_tokens)
        self._tokenizer.no_padding()
        self._session = session(checked_bytes(model, "model.int8.onnx"), threads=threads)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), float32, unit rows; a blank text gives a zero row."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # One by one: int8 kernels choose one scale for a whole batch, so in company a text's vector would depend on
        # its neighbours (cosine .97 to itself in the worst case), for a sixth more speed on two cores.
        for row, text in enumerate(texts):
            if text.strip():
                vectors[row] = self._run(text)
        return vectors

    def _run(self, text: str) -> NDArray[np.float32]:
        # Lone surrogates, which JSON allows, are no text to the tokeniser.
        encoding = self._tokenizer.encode(text[:_MAX_CHARS].encode("utf-8", "replace").decode("utf-8"))
        ids = np.array([encoding.ids], dtype=np.int64)
        mask = np.array([encoding.attention_mask], dtype=np.int64)
        (vectors,) = self._session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": mask})
        result: NDArray[np.float32] = vectors[0]
        return result


def load(models_folder: Path, *, threads: int = 2) -> MiniLm:
    """Load the shipped encoder from ``models_folder`` (``resources/models``).

    Raises:
        ModelError: If a file is missing, unreadable or not the approved one.
    """
    models = read_manifest(models_folder / "manifest.toml")
    if MODEL_NAME not in models:
        raise ModelError(f"the model manifest names no {MODEL_NAME}; install Kibitz again")
    return MiniLm(models[MODEL_NAME], threads=threads)


def session(content: bytes, *, threads: int) -> Session:
    """Return a session on an ONNX model's bytes that spends neither CPU nor memory between two runs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Without this the pool's threads spin between queries, which shows up as idle CPU.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps the largest batch's memory for ever; a desktop engine gives it back.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(content, sess_options=options, providers=["CPUExecutionProvider"])
