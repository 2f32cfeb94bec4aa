"""One thread owns the only connection that writes; readers have connections of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from assist.store.database import (
    Connection,
    Row,
    StoreKey,
    Value,
    open_database,
    store_errors,
    tokenize,
    transaction,
)
from assist.store.errors import Closed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job(Generic[T]):
    work: Callable[[Connection], T]
    answer: Future[T]
    alone: bool = False
    """Without a transaction around it."""

    def run(self, connection: Connection, path: Path) -> None:
        if not self.answer.set_running_or_notify_cancel():
            return
        try:
            with store_errors(path), nullcontext() if self.alone else transaction(connection):
                result = self.work(connection)
        except BaseException as error:  # noqa: BLE001  # belongs to who waits for the answer
            self.answer.set_exception(error)
        else:
            self.answer.set_result(result)

    def drop(self) -> None:
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_exception(Closed("the local database was closed before this was written"))


class Writer:
    """Runs functions on the write connection, one after the other, each in a transaction of its own.

    A future is done only after its transaction has been committed to disk. A function that raises is rolled
    back and its exception handed to who waits; SQLite's errors arrive as `StoreError`.
    """

    def __init__(self, path: Path, key: StoreKey) -> None:
        """Open the database in the caller's thread, so that whatever is wrong with it is raised here."""
        self._path = path
        self._connection = open_database(path, key)
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._undone = 0
        self._closed = False
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._work, name="store writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T], *, alone: bool = False) -> Future[T]:
        """Queue ``work``. Callable from any thread. Raises `Closed` after `close`."""
        answer: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise Closed("the local database has been closed")
            self._undone += 1
            self._jobs.put(_Job(work, answer, alone))
        return answer

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Queue ``work`` and wait for its commit. Cancelling gives up the answer, not the work."""
        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))

    async def run_alone(self, work: Callable[[Connection], T]) -> T:
        """Queue ``work`` that has no transaction around it, for what SQLite does on the file as a whole."""
        return await asyncio.shield(asyncio.wrap_future(self.submit(work, alone=True)))

    def close(self, *, deadline_s: float = 5.0) -> int:
        """Finish what is queued and close; return how many jobs were left undone after ``deadline_s``.

        Their futures fail with `Closed`. A job that is running then is interrupted and rolled back.
        """
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            self._abandoned.set()
            self._connection.interrupt()
            self._thread.join(deadline_s)
        with self._gate:
            return self._undone

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._abandoned.is_set():
                job.drop()
            else:
                job.run(self._connection, self._path)
                self._count_done()
            del job  # what a job holds is freed before the next one comes, which may take hours
        self._connection.close()

    def _count_done(self) -> None:
        with self._gate:
            # An interrupted job has failed, though it came to an end.
            self._undone -= not self._abandoned.is_set()


class Reader:
    """A connection that only reads, usable from any thread; short queries wait for each other.

    It sees what was committed before each query began.
    """

    def __init__(self, path: Path, key: StoreKey) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection = open_database(path, key, read_only=True)

    def all(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return every row. Raises `StoreError`."""
        with self._lock, store_errors(self._path):
            return self._connection.execute(sql, tuple(values)).fetchall()

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """Return the first row, or None."""
        rows = self.all(sql, values)
        return rows[0] if rows else None

    def pages(self, sql: str, values: Sequence[Value], *, after: int, size: int) -> Iterator[list[Row]]:
        """Yield rows by pages, holding the connection only while one is read.

        ``sql`` ends with two more parameters, the last id seen and the size of a page; each row begins with
        its id, and ids rise.
        """
        while rows := self.all(sql, (*values, after, size)):
            yield rows
            last = rows[-1][0]
            assert isinstance(last, int)  # noqa: S101  # tells the type checker what the contract says
            after = last

    def with_connection(self, work: Callable[[Connection], T]) -> T:
        """Run several queries at once; others wait meanwhile. Raises `StoreError`."""
        with self._lock, store_errors(self._path):
            return work(self._connection)

    def tokens(self, text: str) -> list[str]:
        """Return the words of ``text`` as the full-text tables hold them, in order, with repeats."""
        with self._lock:
            return tokenize(self._connection, text)

    def close(self) -> None:
        with self._lock:
            self._connection.close()
