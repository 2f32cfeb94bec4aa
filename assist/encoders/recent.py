"""An encoder for questions: remembers its last texts, reads several at once, and reads ahead what will be asked."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from assist.ports import Encoder, Vectors

SIZE = 256
"""Texts that are remembered: several judges read the turns of a conversation, and again with each new message."""
AT_ONCE = 2
"""Texts that are read at the same time. The encoder lets go of the interpreter while it works."""
AHEAD_NICE = 10
"""How far reading ahead steps back behind everybody else, in the system's own unit."""


def _step_back() -> None:
    """Let this thread have a core only when nobody else wants it: the panel paints meanwhile. Linux alone can do so."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), AHEAD_NICE)


class Recent:
    """An `assist.ports.Encoder` in front of another one that may be shared between threads. Thread-safe."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="question")
        # One, so that a core is left for what goes on meanwhile.
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="ahead", initializer=_step_back)
        self._begun: dict[str, Future[Vectors]] = {}

    def begin(self, texts: Sequence[str]) -> None:
        """Start to read texts that will be asked for soon, in this order; returns at once."""
        with self._lock:
            for text in texts:
                if text not in self._known and text not in self._begun:
                    self._begun[text] = self._ahead.submit(self._read_ahead, text)

    def drop(self) -> None:
        """Give up what was begun and has not started: nobody will ask for it now."""
        with self._lock:
            for text, future in tuple(self._begun.items()):
                if future.cancel():
                    del self._begun[text]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dimension), float32, the same as the encoder behind it gives text by text."""
        known, begun, new = self._sorted(texts)
        known |= zip(new, self._pool.map(self._read, new) if len(new) > 1 else map(self._read, new), strict=True)
        known |= {text: future.result() for text, future in begun.items()}
        self._remember(known)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = known[text]
        return vectors

    def _sorted(self, texts: Sequence[str]) -> tuple[dict[str, Vectors], dict[str, Future[Vectors]], list[str]]:
        """Return what is known of ``texts``, what is being read, and what has to be read now, begun in vain or not."""
        with self._lock:
            known = {text: self._known[text] for text in texts if text in self._known}
            begun = {text: self._begun[text] for text in texts if text not in known and text in self._begun}
            for text, future in tuple(begun.items()):
                if future.cancel():
                    del begun[text], self._begun[text]
        return known, begun, [text for text in dict.fromkeys(texts) if text not in known and text not in begun]

    def _read_ahead(self, text: str) -> Vectors:
        try:
            vector = self._read(text)
            self._remember({text: vector})
        finally:
            with self._lock:
                del self._begun[text]
        return vector

    def _remember(self, vectors: Mapping[str, Vectors]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                self._known[text] = vector
                self._known.move_to_end(text)
            while len(self._known) > SIZE:
                self._known.popitem(last=False)

    def _read(self, text: str) -> Vectors:
        vector: Vectors = self._encoder.encode([text])[0]
        return vector
