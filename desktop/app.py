"""The composition root: the tray and the panel first, then, from `backstage`, what is behind them."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from assist.errors import KibitzError
from desktop import errors, logs, loop
from desktop.i18n import tr
from desktop.panel.state import PanelState, Ready, Trouble
from desktop.settings import Folders, SettingsFile, folders
from desktop.shell import Shell
from desktop.single_instance import Keys, Open, Quit, Request, Server, Show, Toggle, ask, claim, place_in
from desktop.start import Options
from desktop.tasks import TaskSet

if TYPE_CHECKING:
    from desktop.backstage import Backstage

log = logging.getLogger(__name__)


def run_app(options: Options) -> int:
    """Run Kibitz until it is quit; return the exit status."""
    where = folders()
    settings = SettingsFile(where.config / "settings.json")
    logs.start_logging(where.log, logs.level(settings.value.log_level))
    for problem in settings.loaded.problems:  # said before there was a log file, which needs the settings
        log.warning("%s", problem)
    try:
        return loop.run(lambda app: _App(app, options, where, settings).main(), ["kibitz"])
    finally:
        logs.stop_logging()


class _App:
    """One run. `main` returns when the agent quits."""

    def __init__(self, app: QApplication, options: Options, where: Folders, settings: SettingsFile) -> None:
        self._app = app
        self._options = options
        self._where = where
        self._settings = settings
        self._door = errors.ErrorDoor()
        self._tasks = TaskSet(self._door.report)
        self._quit = asyncio.Event()
        self._waiting: list[Request] = []
        self._shell: Shell | None = None
        self._backstage: Backstage | None = None
        self._helped = False

    async def main(self) -> int:
        self._door.install(asyncio.get_running_loop())
        place = place_in(self._where.runtime)
        server = claim(place, self._on_request)
        if server is None:
            wish: Request = Open(self._options.address) if self._options.address else Show()
            return 0 if await asyncio.to_thread(ask, place, wish) else 1
        try:
            shell = self._shell = Shell(self._app, self._settings)
            shell.show_first()
            shell.tray.quit_requested.connect(self._quit.set)
            self._door.show_with(shell.notice)
            self._timing("tray")
            # Painted before the rest is imported, which takes longer than all of the above.
            self._app.processEvents()
            await loop.until(self._quit, self._started(shell, server))
        finally:
            await self._end(server)
        return 0

    async def _started(self, shell: Shell, instance: Server) -> None:
        """Start, or say why not and stay, so that the agent can read it and quit."""
        try:
            await self._start(shell, instance)
        except (KibitzError, OSError) as error:
            log.exception("Kibitz could not start")
            advice = errors.sentence(error) if isinstance(error, KibitzError) else str(error.strerror or error)
            self._show(Trouble(tr("Kibitz could not start"), advice))

    async def _start(self, shell: Shell, instance: Server) -> None:
        from desktop.backstage import Backstage

        self._backstage = Backstage(
            shell,
            self._tasks,
            self._options,
            self._where,
            instance=instance,
            show=self._show,
            quit_=self._quit.set,
        )
        await self._backstage.start()
        self._timing("ready")
        if self._options.address:
            self._on_request(Open(self._options.address))
        waiting, self._waiting = self._waiting, []
        for request in waiting:
            self._on_request(request)

    def _show(self, state: PanelState) -> None:
        if self._shell is not None:
            self._shell.show_state(state)
        if isinstance(state, Ready) and not self._helped and (state.help.replies or state.help.articles):
            self._helped = True
            self._timing("first suggestion")

    def _on_request(self, request: Request) -> None:
        shell, backstage = self._shell, self._backstage
        if isinstance(request, Quit):
            self._quit.set()
        elif shell is None or backstage is None or not backstage.is_ready:
            self._waiting.append(request)
        elif isinstance(request, Show):
            shell.show_whole(with_keyboard=True)
        elif isinstance(request, Toggle):
            shell.toggle()
        elif isinstance(request, Keys):
            shell.switch_keyboard()
        elif not backstage.open_offer(request.address):
            shell.show_whole(with_keyboard=False)
            backstage.open_address(request.address)

    async def _end(self, server: Server) -> None:
        steps = [loop.Step("tasks", self._tasks.close, 3.0)]
        if self._backstage is not None:
            steps.extend(self._backstage.closing_steps())
        if self._shell is not None:
            self._shell.close()
        await loop.shut_down(steps)
        server.close()

    def _timing(self, what: str) -> None:
        if self._options.timings:
            ms = 1e3 * (time.perf_counter() - self._options.began)
            sys.stdout.write(f"kibitz: {what} after {ms:.0f} ms\n")
            sys.stdout.flush()
