"""An encoder for questions: remembers its last texts, and reads several at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from assist.ports import Encoder, Vectors

SIZE = 256
"""Texts that are remembered: several judges read the turns of a conversation, and again with each new message."""
AT_ONCE = 2
"""Texts that are read at the same time. The encoder lets go of the interpreter while it works."""


class Recent:
    """An `assist.ports.Encoder` in front of another one that may be shared between threads. Thread-safe."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="question")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), float32, the same as the encoder behind it gives text by text."""
        with self._lock:
            known = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        read = self._pool.map(self._read, new) if len(new) > 1 else map(self._read, new)
        known |= zip(new, read, strict=True)
        with self._lock:
            for text in known:
                self._known[text] = known[text]
                self._known.move_to_end(text)
            while len(self._known) > SIZE:
                self._known.popitem(last=False)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = known[text]
        return vectors

    def _read(self, text: str) -> Vectors:
        vector: Vectors = self._encoder.encode([text])[0]
        return vector
