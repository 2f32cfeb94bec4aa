"""Runs the guide for an admin: checks what is typed, tries the sign-in for real, makes the link and the file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from assist.errors import KibitzError
from desktop.accounts.offer import checked, link_of
from desktop.accounts.settings_file import with_offer
from desktop.accounts.setup_view import SetupState, TeamSetupView
from desktop.accounts.signing import BrowserDoors, BrowserSignIn
from desktop.desk import Seat
from desktop.dock.beside import bring_up
from desktop.i18n import tr
from desktop.policy import Offered, Policy
from desktop.settings import write_whole
from desktop.tasks import TaskSet
from desktop.wiring import check_client_id, host_of

FILE_NAME = "kibitz-settings.json"


@dataclass(frozen=True, slots=True)
class SetupDoors:
    """What the guide may do; wired in ``desktop/backstage.py``."""

    browser: BrowserDoors
    signed_in: Callable[[Seat], None]
    policy: Callable[[], Policy]
    use_policy: Callable[[Policy], object]
    """Let other settings hold. Raises KibitzError."""
    settings_text: Callable[[], str]
    """All settings as a file. Raises OSError or UnicodeDecodeError."""
    ask_where: Callable[[str], Awaitable[Path | None]]
    """Let the admin choose where to save; gets the name to suggest."""


class TeamSetupPresenter:
    def __init__(self, view: TeamSetupView, doors: SetupDoors, tasks: TaskSet) -> None:
        self._view = view
        self._doors = doors
        self._tasks = tasks
        self._note = ""
        self._errors: dict[str, str] = {}
        self._browser = BrowserSignIn(doors.browser, tasks, self._draw, doors.signed_in)
        view.typed.connect(self._typed)
        view.try_requested.connect(self._try)
        view.admin_requested.connect(self._open_admin)
        view.copy_requested.connect(self._copy)
        view.copy_link_requested.connect(self._copy_link)
        view.save_requested.connect(lambda offered: tasks.latest("save settings", self._save(offered)))
        view.cancel_requested.connect(self._cancel)
        view.closed.connect(self._cancel)
        view.pane.open_requested.connect(self._browser.open_again)
        view.pane.copy_requested.connect(self._browser.copy_address)
        view.pane.again_requested.connect(self._browser.again)

    def show(self) -> None:
        self._draw()
        bring_up(self._view)

    def _draw(self) -> None:
        try:
            link = link_of(self._view.offered())
        except ValueError:
            link = ""
        self._view.show_state(SetupState(self._errors, self._browser.state, link, self._note))

    def _typed(self, offered: Offered) -> None:
        self._note = ""
        # While somebody types, an address is not wrong yet; only what is there is judged.
        self._errors = {name: said for name, said in _wrong(offered).items() if name == "name"}
        self._draw()

    def _try(self, offered: Offered) -> None:
        self._errors = _wrong(offered)
        self._note = ""
        if self._errors:
            self._draw()
            return
        self._browser.start(checked(offered))

    def _cancel(self) -> None:
        self._browser.stop()
        self._draw()

    def _open_admin(self, offered: Offered) -> None:
        """Open the admin centre of the subdomain, or of whichever account the browser is signed in to."""
        try:
            host = host_of(offered)
        except ValueError:
            self._errors = {"site": tr("Fill this in first: it says which Zendesk to open.")}
            self._draw()
            self._view.site.edit.setFocus()
            return
        if not self._doors.browser.open_page(f"https://{host}/admin"):
            self._say(tr("No browser could be opened."))

    def _copy(self, text: str) -> None:
        self._doors.browser.copy(text)

    def _copy_link(self, offered: Offered) -> None:
        try:
            link = link_of(offered)
        except ValueError as error:
            self._say(str(error))
            return
        self._doors.browser.copy(link)
        if self._offer(offered):
            self._say(tr("The link is on the clipboard. It holds no secret, so it can go into an e-mail or a chat."))

    async def _save(self, offered: Offered) -> None:
        path = await self._doors.ask_where(FILE_NAME)
        if path is None or not self._offer(offered):
            return
        try:
            await asyncio.to_thread(lambda: write_whole(path, self._doors.settings_text()))
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else tr("your own rules are no text")
            self._say(tr("The file could not be saved: {why}.", why=why or error))
            return
        self._say(tr("Saved as {name}. Agents open it in the accounts window, or drop it there.", name=path.name))

    def _offer(self, offered: Offered) -> bool:
        """Offer the account from here on, on this machine as well: it is part of what the admin hands out."""
        try:
            self._doors.use_policy(with_offer(self._doors.policy(), checked(offered)))
        except (KibitzError, ValueError) as error:
            self._say(str(error))
            return False
        return True

    def _say(self, note: str) -> None:
        self._note = note
        self._draw()


def _wrong(offered: Offered) -> dict[str, str]:
    """Return what is wrong with an offer, at the field that it is about."""
    for name, check in (
        ("site", lambda: host_of(offered)),
        ("client", lambda: check_client_id(offered.client_id)),
        ("name", lambda: checked(offered)),
    ):
        try:
            check()
        except ValueError as error:
            return {name: str(error)}
    return {}
