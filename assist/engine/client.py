"""The engine process as the app sees it: asks, feeds, and starts it again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from assist.context import closely_read
from assist.domain import AccountId, Help, SourceKind
from assist.engine.process import serve
from assist.engine.protocol import (
    Answer,
    Ask,
    Encoded,
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
from assist.errors import EngineDown
from assist.store.database import delete_index, index_path
from assist.store.records import Changes
from assist.suggest import Question

log = logging.getLogger(__name__)

T = TypeVar("T")

RESTART_DELAYS_S = (0.0, 1.0, 5.0, 30.0)
"""After a crash; the last one is repeated."""
SOUND_AFTER_S = 60.0
"""An engine that was up for this long begins the row anew. One that dies of its first question does not: the question
is asked again when the next one comes up."""
STOP_DEADLINE_S = 2.0

Keep = Callable[[Encoded], Awaitable[None]]


class EngineClient:
    """One engine process. All methods belong to the event loop's thread.

    `spawn`, not `fork`: a forked child would inherit Qt's connections and locks. Nothing here imports Qt, and the
    child never does (tested).
    """

    def __init__(self, start: Start, *, keep_vectors: Keep, on_change: Callable[[], None] = lambda: None) -> None:
        """``keep_vectors`` stores what was encoded; ``on_change`` is told when the engine comes up or goes down."""
        self._start = start
        self._keep_vectors = keep_vectors
        self._on_change = on_change
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._answers: dict[int, asyncio.Queue[Answer | Failed | None]] = {}
        self._number = 0
        self._crashes = 0
        self._told = 0
        self._up_since_s = 0.0
        self._closing = False
        self._restart: asyncio.TimerHandle | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self.started: Started | None = None
        """What the engine said when it came up; None while it is down or starting."""
        self.remaining_vectors = 0
        self.is_settled = False
        """Whether the engine has encoded all it was told of, and learned from it."""
        self.on_settled: Callable[[], None] = lambda: None
        """Called whenever that became true, and when more was learned that a question asked for."""

    @property
    def is_up(self) -> bool:
        return self.started is not None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def launch(self) -> None:
        """Start the process; returns at once. Questions raise `EngineDown` until it has read the store."""
        self._loop = asyncio.get_running_loop()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), name="kibitz-engine", daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours
        self._told, self.is_settled = 0, False
        self._send(self._start)
        threading.Thread(target=self._listen, args=(ours, self._loop), name="engine-listener", daemon=True).start()

    async def ask(self, question: Question) -> AsyncIterator[Help]:
        """Yield help as it gets better. Ends early, without a word, when a newer question overtakes this one.

        Raises:
            EngineDown: If the engine is not up, dies meanwhile, or cannot answer.
        """
        if not self.is_up:
            raise EngineDown("the engine is not up yet")
        self._number += 1
        number = self._number
        answers = self._answers[number] = asyncio.Queue()
        try:
            self._send(Ask(number, replace(question, opened=closely_read(question.opened))))
            while True:
                answer = await answers.get()
                if answer is None or isinstance(answer, Failed):
                    raise EngineDown("the engine could not answer" if answer else "the engine died")
                if answer.help is not None:
                    yield answer.help
                if answer.last:
                    return
        finally:
            self._answers.pop(number, None)

    def update(self, account: AccountId, kind: SourceKind, changes: Changes) -> None:
        """Tell the engine what came and went. While it is down nothing is lost: it reads the store when it starts."""
        if changes.added or changes.removed:
            self._tell(Update(account, kind, changes))

    def forget(self, account: AccountId) -> None:
        self._tell(Forget(account))

    async def while_down(self, work: Callable[[], Awaitable[T]]) -> T:
        """Stop the engine, do ``work``, and start it anew: for what must be in no memory and no kept index.

        Questions raise `EngineDown` meanwhile. Nothing is started if the engine was not.
        """
        process = self._process
        self._send(Stop())
        self._connection = None  # so that its end is nobody's crash
        self.started = None
        if self._restart is not None:
            self._restart.cancel()
        for answers in self._answers.values():
            answers.put_nowait(None)
        self._on_change()
        try:
            if process is not None:
                await asyncio.get_running_loop().run_in_executor(None, _end, process)
            delete_index(index_path(self._start.database))
            return await work()
        finally:
            if process is not None and not self._closing:
                self.launch()

    async def aclose(self) -> None:
        """Stop the process, by force after a deadline."""
        self._closing = True
        if self._restart is not None:
            self._restart.cancel()
        self._send(Stop())
        process = self._process
        if process is not None:
            await asyncio.get_running_loop().run_in_executor(None, _end, process)
        for job in tuple(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def _tell(self, message: Update | Forget) -> None:
        self._told += 1
        self.is_settled = False
        self._send(message)

    def _send(self, message: ToEngine) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):  # it died; the listener notices and starts another
                self._connection.send(message)

    def _listen(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Runs in its own thread, because a pipe cannot be awaited on every platform."""
        try:
            while True:
                message = connection.recv()
                loop.call_soon_threadsafe(self._heard, message)
        except (EOFError, OSError):
            with contextlib.suppress(RuntimeError):  # the loop is closed: the app is gone already
                loop.call_soon_threadsafe(self._died, connection)

    def _heard(self, message: FromEngine) -> None:
        match message:
            case Started():
                self.started = message
                self.remaining_vectors = message.missing_vectors
                self._up_since_s = time.monotonic()
                self._on_change()
            case Answer(number=number) | Failed(number=int() as number):
                if (answers := self._answers.get(number)) is not None:
                    answers.put_nowait(message)
            case Encoded():
                self.remaining_vectors = message.remaining
                self._run(self._keep_vectors(message))
                self._on_change()
            case Settled(taken=taken) if taken == self._told:
                self.is_settled = True
                self.on_settled()
            case Settled():
                pass  # more was told meanwhile
            case Failed(what=what):
                log.warning("engine: %s", what)

    def _died(self, connection: Connection) -> None:
        if connection is not self._connection:
            return
        connection.close()
        self._connection = None
        if self.is_up and time.monotonic() - self._up_since_s >= SOUND_AFTER_S:
            self._crashes = 0
        self.started = None
        for answers in self._answers.values():
            answers.put_nowait(None)
        if self._closing:
            return  # who is told of changes may have closed the store already
        if self._loop is not None:
            delay_s = RESTART_DELAYS_S[min(self._crashes, len(RESTART_DELAYS_S) - 1)]
            self._crashes += 1
            log.warning("the engine process died; starting another in %.0f s", delay_s)
            self._restart = self._loop.call_later(delay_s, self.launch)
        self._on_change()

    def _run(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(_as_coroutine(work))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)


async def _as_coroutine(work: Awaitable[Any]) -> None:
    await work


def _end(process: BaseProcess) -> None:
    process.join(STOP_DEADLINE_S)
    if process.is_alive():
        process.kill()
        process.join(STOP_DEADLINE_S)
