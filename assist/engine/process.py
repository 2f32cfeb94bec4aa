"""What runs in the engine process: one thread listens, one answers (newest question first), one keeps the index."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import queue
import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from assist.domain import Stage
from assist.engine.protocol import (
    Answer,
    Ask,
    Failed,
    Forget,
    FromEngine,
    Settled,
    Start,
    Started,
    Stop,
    ToEngine,
    Update,
)
from assist.errors import KibitzError

log = logging.getLogger(__name__)

KEEP_AFTER_S = 2.0
"""Nothing to do for so long, and the indexes are written down for the next start."""
KEEP_EVERY_S = 120.0
"""While many documents are encoded."""
TRIM_AFTER_S = 2.0
"""No question for so long, and memory that answers left behind goes back to the system."""
LONG_WORK_S = 1.0
"""After so long an encoding or learning too."""
MIB = 1 << 20


def serve(connection: Connection) -> None:
    """Answer the app until it hangs up. The first message must be `Start`."""
    # Ctrl+C in a terminal reaches both processes; the app decides when the engine stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Before numpy's and faiss' own threads exist; more of them than cores only wait for each other.
    # One: numpy's second thread would wait for the core on which the encoder reads ahead (a third of a first answer).
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    give_memory_back()
    with contextlib.suppress(EOFError, OSError):  # the app hung up or died: nothing is left to do
        start = connection.recv()
        if isinstance(start, Start):
            _Server(connection, start).run()
    # A thread may be in the middle of an encoding; at a usual exit onnxruntime's threads abort the process over it.
    os._exit(0)


def give_memory_back() -> None:
    """Keep glibc from hoarding what onnxruntime frees after each run: 100 MB in an afternoon.

    https://man7.org/linux/man-pages/man3/mallopt.3.html: two arenas instead of eight per core; buffers from 4 MiB on
    come from mmap and go back at once. Smaller ones are used again while questions come, for new pages cost a sixth
    of an answer, and go back with `_trim` when none comes. Elsewhere than glibc nothing is done.
    """
    arena_max, mmap_threshold, trim_threshold = -8, -3, -1
    if (libc := _glibc()) is not None:
        libc.mallopt(arena_max, 2)
        libc.mallopt(mmap_threshold, 4 * MIB)
        libc.mallopt(trim_threshold, 64 * MIB)


def set_lasting_apart() -> None:
    """Keep Python's collector from what lasts as long as the process: a look through it stops an answer for 65 ms.

    https://docs.python.org/3/library/gc.html#gc.freeze: what nothing refers to any more still goes; only a cycle among
    what is here now would stay.
    """
    gc.collect()
    gc.freeze()


def _trim() -> None:
    """Give free memory back to the system: 1 to 10 ms."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            libc = ctypes.CDLL("libc.so.6")
            return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    return None


class _Server:
    def __init__(self, connection: Connection, start: Start) -> None:
        from assist.encoders import multilingual
        from assist.encoders.minilm import load
        from assist.engine.service import Engine
        from assist.signals.advice import load_rules
        from assist.signals.triggers import load_triggers
        from assist.store.snapshot import Snapshot
        from assist.store.writer import Reader

        self._connection = connection
        self._sending = threading.Lock()
        self._asked = threading.Condition()
        self._newest: Ask | None = None
        self._work: queue.Queue[ToEngine | None] = queue.Queue()
        self._keep_again_s = time.monotonic()
        self._heard = self._taken = 0
        """Messages that change something: how many came, and how many were taken in."""
        self._settled = -1
        """What ``_taken`` was when all was encoded and learned from."""
        began = time.perf_counter()
        try:
            # A second thread gains nothing where the panel paints meanwhile (docs/adr/0003-encoder.md).
            encoder = load(start.models, threads=1)
            self._engine = Engine(
                reader=Reader(start.database, start.key),
                encoder=encoder,
                second=multilingual.load(start.models),
                triggers=load_triggers(start.triggers),
                churn=load_rules(start.churn),
                now=lambda: datetime.now(UTC),
                snapshot=Snapshot(start.database, start.key),
            )
            self._engine.load_indexes()
            self._engine.warm()
        except KibitzError as error:
            self._send(Failed(None, str(error)))
            raise SystemExit(1) from error
        self._send(
            Started(
                encoder=encoder.name,
                documents=self._engine.size,
                missing_vectors=self._engine.missing_vectors,
                seconds=time.perf_counter() - began,
            )
        )

    def run(self) -> None:
        """Listen until `Stop`; the other threads are daemons and end with the process."""
        set_lasting_apart()
        threading.Thread(target=self._answer, name="answer", daemon=True).start()
        threading.Thread(target=self._keep_index, name="index", daemon=True).start()
        self._work.put(None)  # looks for missing vectors once at the start
        while not isinstance(message := self._connection.recv(), Stop):
            if isinstance(message, Ask):
                self._take(message)
            else:
                self._heard += 1
                self._work.put(message)

    def _take(self, ask: Ask) -> None:
        with self._asked:
            overtaken, self._newest = self._newest, ask
            self._asked.notify()
        if overtaken is not None:
            self._send(Answer(overtaken.number, None, last=True))

    def _answer(self) -> None:
        trimmed = False
        while True:
            with self._asked:
                while self._newest is None:
                    if not self._asked.wait(None if trimmed else TRIM_AFTER_S):
                        _trim()
                        trimmed = True
                ask, self._newest = self._newest, None
            trimmed = False
            try:
                self._answer_one(ask)
            except Exception as error:  # noqa: BLE001  # outermost door of this thread: one bad ticket must not end it
                log.warning("a question could not be answered: %s", type(error).__name__)
                self._send(Failed(ask.number, type(error).__name__))

    def _answer_one(self, ask: Ask) -> None:
        self._answer_in_stages(ask)
        if self._engine.has_other_work:
            self._work.put(None)

    def _answer_in_stages(self, ask: Ask) -> None:
        for better in self._engine.answer(ask.question):
            last = better.stage is not Stage.LEXICAL
            early = self._settled < self._heard or self._engine.has_other_work
            self._send(Answer(ask.number, replace(better, early=early) if early else better, last=last))
            with self._asked:
                overtaken = self._newest is not None
            if overtaken and not last:
                self._send(Answer(ask.number, None, last=True))
                return

    def _keep_index(self) -> None:
        self._engine.between = self._take_in
        self._engine.ripen()
        set_lasting_apart()
        while True:
            try:
                self._change(self._work.get(timeout=KEEP_AFTER_S if self._engine.is_unkept else None))
                began = time.monotonic()
                for encoded in self._engine.encode_missing(before_learning=self._keep):
                    self._send(encoded)
                    while not self._work.empty():
                        self._change(self._work.get_nowait())
                    self._keep_if_due()
                if time.monotonic() - began > LONG_WORK_S:
                    _trim()
                self._settle()
            except queue.Empty:
                self._keep()
            except Exception as error:  # noqa: BLE001  # outermost door of this thread: the index must go on
                log.warning("the index could not be changed: %s", type(error).__name__)
                self._send(Failed(None, type(error).__name__))

    def _settle(self) -> None:
        """Say that all is learned, unless more has come. Also after work that a question made, when nothing came."""
        if self._work.empty() and not self._engine.has_other_work:
            self._settled = self._taken
            self._send(Settled(self._taken))

    def _take_in(self) -> None:
        """Let updates go before learning; an account is forgotten only after it, or what is learned would come back."""
        while self._work.queue and isinstance(self._work.queue[0], Update):  # only this thread takes from it
            self._change(self._work.get_nowait())
            for encoded in self._engine.encode_new():
                self._send(encoded)
        self._keep_if_due()

    def _keep_if_due(self) -> None:
        if time.monotonic() >= self._keep_again_s:
            self._keep()

    def _keep(self) -> None:
        """Keep the indexes for the next start, until something more urgent comes."""
        if not self._engine.is_unkept:
            return
        for _ in self._engine.keep():
            if not self._work.empty():
                return
        self._keep_again_s = time.monotonic() + KEEP_EVERY_S

    def _change(self, message: ToEngine | None) -> None:
        self._taken += message is not None
        match message:
            case Update(account, kind, changes):
                self._engine.update(account, kind, changes)
            case Forget(account):
                self._engine.forget(account)
            case _:
                pass

    def _send(self, message: FromEngine) -> None:
        with self._sending, contextlib.suppress(BrokenPipeError):  # the app has gone; recv will say so
            self._connection.send(message)
