"""Google's universal sentence encoder (multilingual, version 3) in sixteen languages, in 46 MB and without torch.

Source of the model: Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", ACL 2020
(arXiv:1907.04307), Apache-2.0: vectors of word pieces, three convolutions over neighbours, a mean, a small network.
How the files are made: ``assist/training/multilingual.py``.
"""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assist.encoders.manifest import ModelFiles, checked_bytes, read_manifest
from assist.encoders.minilm import Session, session
from assist.errors import ModelError
from assist.ports import Vectors

MODEL_NAME = "multilingual"
WORDS_FILE = "words.npz"
LAYERS_FILE = "layers.onnx"
ORDERS = ((2, 0), (3, 1), (5, 2))
"""The convolutions: how many neighbours each looks at, and how many of them stand before the piece."""
_UNKNOWN, _BEGIN, _END = 0, 1, 2
_UNKNOWN_PENALTY = 10.0
_SPACE = "▁"
_BLANKS = re.compile(r"\s+")
_KEPT_RANGE = 0.87
"""Of a row's range when it is packed: a few clipped numbers cost less than wide steps for all (least squared error)."""
_MAX_CHARS = 4_000
"""Of a longer text only this much is cut into pieces; far fewer characters fill ``max_tokens``."""


class Pieces:
    """A unigram vocabulary (Kudo 2018, arXiv:1804.10959): cuts a text into its most likely pieces."""

    def __init__(self, texts: Sequence[str], scores: NDArray[np.float32]) -> None:
        """Take the pieces in the order of their ids with their log probabilities, shape (pieces,)."""
        self.texts, self.scores = texts, scores
        self._ids = {text: id_ for id_, text in enumerate(texts)}
        self._longest = max(map(len, texts))
        self._unknown = float(scores.min()) - _UNKNOWN_PENALTY

    def ids(self, text: str) -> list[int]:
        """Return the ids of the pieces of ``text``, between those of its beginning and its end."""
        clean = _SPACE + _BLANKS.sub(_SPACE, unicodedata.normalize("NFKC", text).strip())
        return [_BEGIN, *self._cut(clean), _END]

    def _cut(self, text: str) -> list[int]:
        """Viterbi: the best way to each position is the best way to where its last piece begins, plus that piece."""
        best = [0.0] + [float("-inf")] * len(text)
        came_from: list[tuple[int, int]] = [(0, _UNKNOWN)] * (len(text) + 1)
        find, scores = self._ids.get, self.scores
        for start, score in enumerate(best[:-1]):
            score = best[start]  # noqa: PLW2901  # it has changed since the copy was taken
            if score + self._unknown > best[start + 1]:
                best[start + 1], came_from[start + 1] = score + self._unknown, (start, _UNKNOWN)
            for end in range(start + 1, min(start + self._longest, len(text)) + 1):
                id_ = find(text[start:end])
                if id_ is not None and score + scores[id_] > best[end]:
                    best[end], came_from[end] = score + scores[id_], (start, id_)
        ids = []
        at = len(text)
        while at > 0:
            at, id_ = came_from[at]
            ids.append(id_)
        return ids[::-1]


class PieceTable:
    """The vectors of the pieces, 4 bits a number: each row has its own lowest value and step."""

    def __init__(self, packed: NDArray[np.uint8], low: NDArray[np.float16], step: NDArray[np.float16]) -> None:
        """Take ``packed`` of shape (pieces, dimension / 2), the first half of a row in the low bits."""
        self._packed, self._low, self._step = packed, low, step
        self.dimension = packed.shape[1] * 2

    def vectors(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return shape (len(ids), dimension), float32."""
        rows = np.asarray(ids, dtype=np.int64)
        packed = self._packed[rows]
        values = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.float32)
        values *= self._step[rows, np.newaxis]
        values += self._low[rows, np.newaxis]
        return values


def pack(table: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16], NDArray[np.float16]]:
    """Return ``table`` (pieces, dimension) as `PieceTable` takes it."""
    highest, lowest = table.max(axis=1), table.min(axis=1)
    cut = (highest - lowest) * (1 - _KEPT_RANGE) / 2
    low = (lowest + cut).astype(np.float16)
    step = ((highest - lowest - 2 * cut) / 15).astype(np.float16)
    steps = np.maximum(step.astype(np.float32), 1e-8)[:, np.newaxis]
    values = np.clip(np.rint((table - low.astype(np.float32)[:, np.newaxis]) / steps), 0, 15).astype(np.uint8)
    half = table.shape[1] // 2
    return values[:, :half] | values[:, half:] << 4, low, step


class Multilingual:
    """An `assist.ports.Encoder` that reads its files when it is first asked. Thread-safe."""

    def __init__(self, model: ModelFiles) -> None:
        self.name = model.version
        self.dimension = model.dimension
        self._model = model
        self._parts: tuple[Pieces, PieceTable, Session] | None = None
        self._loading = threading.Lock()

    @property
    def is_loaded(self) -> bool:
        return self._parts is not None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), float32, unit rows; a blank text gives a zero row.

        Raises:
            ModelError: At first use, if a file is missing or is not the approved one.
        """
        pieces, table, layers = self._loaded()
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # One by one, because texts of a batch would have to be of one length.
        for row, text in enumerate(texts):
            clean = text[:_MAX_CHARS].encode("utf-8", "replace").decode("utf-8")
            if clean.strip():
                ids = pieces.ids(clean)[: self._model.max_tokens]
                (vectors[row],) = layers.run(["sentence_embedding"], {"pieces": table.vectors(ids)})
        return vectors

    def _loaded(self) -> tuple[Pieces, PieceTable, Session]:
        with self._loading:
            if self._parts is None:
                with np.load(io.BytesIO(checked_bytes(self._model, WORDS_FILE)), allow_pickle=False) as words:
                    texts = words["texts"].tobytes().decode("utf-8").split("\n")
                    pieces = Pieces(texts, words["scores"])
                    table = PieceTable(words["packed"], words["low"], words["step"])
                self._parts = pieces, table, session(checked_bytes(self._model, LAYERS_FILE), threads=1)
            return self._parts


def load(models_folder: Path) -> Multilingual:
    """Return the shipped encoder of ``models_folder`` (``resources/models``); its files are read at first use.

    Raises:
        ModelError: If the manifest cannot be read or does not name it.
    """
    models = read_manifest(models_folder / "manifest.toml")
    if MODEL_NAME not in models:
        raise ModelError(f"the model manifest names no {MODEL_NAME}; install Kibitz again")
    return Multilingual(models[MODEL_NAME])
