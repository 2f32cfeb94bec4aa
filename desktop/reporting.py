"""Saves a report where the agent says, and says what became of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from desktop.core import Core
from desktop.diagnostics import Diagnostics, Sources
from desktop.i18n import tr
from desktop.secrets import Available, Secrets
from desktop.shell import Shell
from desktop.tasks import TaskSet
from desktop.wiring import unknown_shapes

log = logging.getLogger(__name__)

FILE_NAME = "kibitz-report.zip"


def make_reporter(
    core: Core, shell: Shell, kept: Secrets, log_folder: Path, *, ask_where: Callable[[str], Awaitable[Path | None]]
) -> Reporter:
    """Return what saves reports about this run."""
    keyring = kept.state
    sources = Sources(
        settings=lambda: shell.settings.value,
        policy=lambda: core.policy.value,
        store=core.store,
        desk=core.desk,
        sync_status=core.syncing.status,
        clock=core.clock,
        keyring=keyring.backend if isinstance(keyring, Available) else keyring.reason,
        engine_is_up=lambda: core.engine.is_up,
        unknown_shapes=unknown_shapes,
        log_folder=log_folder,
    )
    return Reporter(Diagnostics(sources).save_bundle, ask_where=ask_where, notice=shell.notice, tasks=core.tasks)


class Reporter:
    """``ask_where`` gets a file's name and returns its place, or None when the agent thought better of it."""

    def __init__(
        self,
        save_bundle: Callable[[Path], Awaitable[None]],
        *,
        ask_where: Callable[[str], Awaitable[Path | None]],
        notice: Callable[[str], None],
        tasks: TaskSet,
    ) -> None:
        self.save_bundle = save_bundle
        self._ask_where = ask_where
        self._notice = notice
        self._tasks = tasks

    def save(self) -> None:
        """Ask where and save; asking again while the question is open changes nothing."""
        if "report" not in self._tasks.names():
            self._tasks.spawn("report", self._save())

    async def _save(self) -> None:
        path = await self._ask_where(FILE_NAME)
        if path is None:
            return
        try:
            await self.save_bundle(path)
        except OSError as error:
            log.info("a report could not be saved: %s", type(error).__name__)
            self._notice(tr("The report could not be saved: {reason}", reason=error.strerror or type(error).__name__))
            return
        self._notice(tr("The report is saved. Look through it before you send it: {name}", name=path.name))
