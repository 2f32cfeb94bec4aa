"""Owns every task of the shell: the newest of a name wins, and no failure is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)

OnError = Callable[[str, BaseException], None]
"""Takes the name that the task was started under, and what it raised."""


class TaskSet:
    """Tasks that live at most as long as this set. Use it from the loop's own thread only.

    An exception that leaves a task goes to ``on_error``, also when the task was out of date by then.
    """

    def __init__(self, on_error: OnError) -> None:
        self._on_error = on_error
        self._newest: dict[str, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._running)

    @property
    def is_closed(self) -> bool:
        return self._closed

    def names(self) -> frozenset[str]:
        return frozenset(task.get_name() for task in self._running)

    def latest(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work``; what `latest` started under ``name`` before is out of date and is cancelled."""
        self.cancel(name)
        if (task := self._start(name, work)) is not None:
            self._newest[name] = task

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside whatever else runs under ``name``."""
        self._start(name, work)

    def cancel(self, name: str) -> None:
        """Cancel what `latest` runs under ``name``, if anything."""
        if (task := self._newest.pop(name, None)) is not None:
            task.cancel()

    def report(self, name: str, error: BaseException) -> None:
        """Tell ``on_error`` of a failure that the work under ``name`` outlives."""
        self._on_error(name, error)

    async def close(self, *, deadline_s: float = 2.0) -> frozenset[str]:
        """Cancel all and wait until they have ended; later work is refused.

        Returns:
            The names of tasks that had not ended when ``deadline_s`` was over; they are left to themselves.
        """
        self._closed = True
        self._newest.clear()
        current = asyncio.current_task()
        ending = {task for task in self._running if task is not current}
        for task in ending:
            task.cancel()
        if not ending:
            return frozenset()
        _, late = await asyncio.wait(ending, timeout=deadline_s)
        names = frozenset(task.get_name() for task in late)
        if names:
            log.warning("tasks did not end within %.1f s: %s", deadline_s, ", ".join(sorted(names)))
        return names

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        if self._closed:
            work.close()
            log.info("task %s was not started: shutting down", name)
            return None
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        name = task.get_name()
        if self._newest.get(name) is task:
            del self._newest[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(name, error)
