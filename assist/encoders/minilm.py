"""all-MiniLM-L6-v2 as an int8 ONNX file, through onnxruntime and tokenizers: no torch, 5 ms a query.

Source of the model: Wang et al., "MiniLM: Deep Self-Attention Distillation", NeurIPS 2020; fine-tuned for sentence
similarity by the sentence-transformers authors (Apache-2.0). How the file is made: ``assist/training/export.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assist.encoders.manifest import ModelFiles, checked_bytes, read_manifest
from assist.ports import Vectors

MODEL_NAME = "minilm"
_BATCH = 4
_BATCH_CHARS = 2_400
"""Texts a run, and their characters together (about 600 tokens): more gains nothing on two cores and costs memory."""


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
        self._tokenizer.enable_padding(length=None)
        self._session = _session(checked_bytes(model, "model.int8.onnx"), threads=threads)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), float32, unit rows; a blank text gives a zero row."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Texts of like length share a batch, so that little of it is padding.
        order = sorted((row for row, text in enumerate(texts) if text.strip()), key=lambda row: len(texts[row]))
        for rows in _batches(order, texts):
            vectors[rows] = self._run([texts[row] for row in rows])
        return vectors

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        (vectors,) = self._session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": mask})
        result: NDArray[np.float32] = vectors
        return result


def _batches(order: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    batch: list[int] = []
    for row in order:
        # All texts of a run are padded to its longest, which is the last one: they come sorted by length.
        if batch and (len(batch) == _BATCH or len(texts[row]) * (len(batch) + 1) > _BATCH_CHARS):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def load(models_folder: Path, *, threads: int = 2) -> MiniLm:
    """Load the shipped encoder from ``models_folder`` (``resources/models``)."""
    return MiniLm(read_manifest(models_folder / "manifest.toml")[MODEL_NAME], threads=threads)


def _session(content: bytes, *, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Without this the pool's threads spin between queries, which shows up as idle CPU.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps the largest batch's memory for ever; a desktop engine gives it back.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(content, sess_options=options, providers=["CPUExecutionProvider"])
