"""The browser link of one run: keys, socket, presenter. It can be asked at any time, and listens once started."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QTimer

from assist.domain import TicketRef
from desktop.desk import Desk
from desktop.link.door import Door
from desktop.link.keys import Keeper, PairedBrowsers
from desktop.link.presenter import Clocks, Follows, LinkDoors, LinkPresenter
from desktop.link.server import LinkServer, NotListening
from desktop.link.state import Linked, LinkState, NotPaired, Placed, Reach, Target, Waiting
from desktop.preferences.browser_state import LinkedBrowser, Paired
from desktop.preferences.browser_state import LinkState as Standing
from desktop.settings import SettingsFile
from desktop.single_instance import Server as Instance
from integrations.browser.door import PORT
from integrations.browser.launcher import NoExtension, read_ids
from integrations.browser.messages import FromApp
from integrations.browser.pairing import PairingDesk, six_digits
from integrations.browser.partner import Event
from resources import ROOT

log = logging.getLogger(__name__)

TICK_MS = 1_000


class Link:
    """Belongs to the main thread. Also a `desktop.preferences.browser_state.LinkSource`."""

    def __init__(
        self,
        session: Follows,
        desk: Desk,
        doors: LinkDoors,
        *,
        secrets: Keeper,
        settings: SettingsFile,
        write: Callable[[Coroutine[Any, Any, None]], object],
        digits: Callable[[], str] = six_digits,
        door_port: int = PORT,
    ) -> None:
        """``write`` runs what takes a while; ``digits`` gives the codes of pairings."""
        self._problem = ""
        self._door_problem = ""
        self._settings = settings
        self._heard_s: dict[int, float] = {}
        self._changed = doors.changed
        self._keys = PairedBrowsers(secrets, settings, write=write)
        self._desk = PairingDesk(_origins(), digits=digits)
        self._presenter = LinkPresenter(session, desk, doors, send=self._send, clocks=Clocks())
        self._server = LinkServer(self._keys, self._desk, settings=self._presenter.settings, on_events=self._on_events)
        self._door = Door(
            self._keys, self._desk, settings=self._presenter.settings, on_events=self._on_events, port=door_port
        )
        self._timer = QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    async def start(self, socket: str, instance: Instance) -> None:
        """Read the keys and listen at ``socket``. Raises `NotListening`; everything else works without."""
        await self._keys.load()
        try:
            self._server.listen(socket, instance)
        except NotListening as error:
            self._problem = str(error)
            raise
        self.use_door()
        self._timer.start()

    async def aclose(self) -> None:
        """End all connections; browsers find the next Kibitz by themselves."""
        self._timer.stop()
        self._door.close()
        self._server.close()

    # --- what it knows

    @property
    def state(self) -> LinkState:
        if self._presenter.pairing is not None:
            return self._presenter.pairing
        if linked := self.names:
            return Linked(linked)
        paired = tuple(dict.fromkeys(self._keys.names.values()))
        return Waiting(paired) if paired else NotPaired()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the browsers that are linked now."""
        return tuple(dict.fromkeys(name for _, name in self._linked.values()))

    def link_state(self) -> Standing:
        """Return the same for the settings, with how long ago each browser said something."""
        now_s = time.monotonic()
        linked = tuple(
            LinkedBrowser(name, now_s - self._heard_s.get(number, now_s)) for number, (_, name) in self._linked.items()
        )
        paired = tuple(Paired(id_, name) for id_, name in self._keys.names.items())
        listening = self._server.is_listening
        return Standing(linked, paired, listening=listening, problem=self._problem, door_problem=self._door_problem)

    def reach(self, ref: TicketRef) -> Reach:
        """Return where a reply to ``ref`` could be inserted now."""
        return self._presenter.reach(ref)

    def can_insert(self, ref: TicketRef) -> bool:
        return isinstance(self.reach(ref), Target)

    def draft(self, ref: TicketRef) -> str:
        """Return what the agent typed so far for ``ref``; empty unless it is in front and drafts are allowed."""
        return self._presenter.draft(ref)

    # --- what it is told

    async def insert(self, target: Target, text: str) -> Placed:
        """Have the browser put ``text`` into its editor, as rich text; never sent by anybody but the agent."""
        return await self._presenter.inserter.insert(target, text)

    def forget(self, paired_id: str) -> None:
        """Let a browser be a stranger again, and end its connection."""
        self._keys.forget(paired_id)
        self._server.end(paired_id)
        self._door.end(paired_id)
        self._changed()

    def cancel_pairing(self) -> None:
        self._desk.cancel()

    def desk_changed(self) -> None:
        """An account came or went."""
        self._presenter.desk_changed()

    def watch_changed(self) -> None:
        """The panel was shown or hidden, or following was paused or not any more."""
        self._presenter.watch_changed()

    def use_door(self) -> None:
        """Open or close the loopback door, as the settings have it now."""
        wanted = self._settings.value
        self._door_problem = ""
        if not wanted.door:
            if self._door.is_open:
                self._door.close()
            return
        try:
            self._door.open(wanted.door_origins)
        except NotListening as error:
            self._door_problem = str(error)

    @property
    def _linked(self) -> dict[int, tuple[str, str]]:
        return {**self._server.linked, **self._door.linked}

    def _tick(self) -> None:
        self._presenter.tick()
        self.use_door()

    def _send(self, number: int, message: FromApp) -> bool:
        return self._door.send(number, message) if number < 0 else self._server.send(number, message)

    def _on_events(self, number: int, events: Sequence[Event]) -> None:
        self._heard_s[number] = time.monotonic()
        self._presenter.on_events(number, events)
        self._heard_s = {number: at_s for number, at_s in self._heard_s.items() if number in self._linked}


def _origins() -> tuple[str, ...]:
    """Return whose hosts are taken: those of the extension that came with this Kibitz; of none where it is missing."""
    try:
        return read_ids(ROOT / "browser").origins
    except NoExtension as error:
        log.warning("%s", error)
        return ()
