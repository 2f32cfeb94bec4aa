"""Between the settings' section about browsers, what installs the link, and the link that runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer

from desktop.i18n import tr
from desktop.preferences.browser_state import BrowserPage, BrowserSetup, LinkSource, Looked
from desktop.preferences.browser_view import BrowserSection

LOOK_EVERY_MS = 1_000


@dataclass(frozen=True, slots=True)
class BrowserDoors:
    """What the section's clicks go through. ``copy`` tells whether the text is on the clipboard.

    ``link`` is asked anew each time, because the link starts after the windows.
    """

    setup: BrowserSetup
    link: Callable[[], LinkSource]
    copy: Callable[[str], bool]
    open_folder: Callable[[str], object]
    drafts: Callable[[], bool]
    use_drafts: Callable[[bool], object]
    door: Callable[[], bool]
    use_door: Callable[[bool], object]


class BrowserPresenter(QObject):
    """Looks again every second while the section can be seen, and not at all otherwise."""

    def __init__(self, section: BrowserSection, doors: BrowserDoors) -> None:
        super().__init__(section)
        self._section = section
        self._doors = doors
        self._problem = ""
        self._looked = Looked()
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._show)
        section.came_in_sight.connect(self._watch)
        section.went_out_of_sight.connect(self._timer.stop)
        section.install_requested.connect(self._install)
        section.remove_requested.connect(self._remove)
        section.copy_requested.connect(self._copy)
        section.forget_requested.connect(self._forget)
        section.folder_requested.connect(self._open_folder)
        section.drafts_changed.connect(doors.use_drafts)
        section.door_changed.connect(doors.use_door)

    def look(self) -> None:
        """Look again which browsers are here, and show it."""
        self._looked = self._doors.setup.look()
        self._show()

    def _watch(self) -> None:
        self._problem = ""
        self.look()
        self._timer.start()

    def _show(self) -> None:
        link = self._doors.link().link_state()
        linked = {one.name for one in link.linked}
        browsers = tuple(replace(one, step="") if one.name in linked else one for one in self._looked.browsers)
        problem = self._problem or self._looked.problem
        self._section.show_state(BrowserPage(browsers, link, self._doors.drafts(), problem, self._doors.door()))

    def _install(self, key: str) -> None:
        self._problem = self._doors.setup.install(key)
        self.look()

    def _remove(self, key: str) -> None:
        self._problem = self._doors.setup.remove(key)
        self.look()

    def _copy(self, address: str) -> None:
        copied = self._doors.copy(address)
        self._problem = "" if copied else tr("Another program holds the clipboard. Try again.")
        self._show()

    def _forget(self, paired_id: str) -> None:
        self._doors.link().forget(paired_id)
        self._show()

    def _open_folder(self) -> None:
        self._doors.open_folder(self._doors.setup.extension_folder)
