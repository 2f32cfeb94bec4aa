"""The docked panel, and Kibitz's other windows, brought up one at a time as a test says."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from desktop import samples
from desktop.about.view import AboutView
from desktop.accounts import samples as account_samples
from desktop.accounts.setup_view import TeamSetupView
from desktop.accounts.view import AccountsView
from desktop.admin import samples as admin_samples
from desktop.admin.view import AdminView
from desktop.dock.base import choose_dock
from desktop.dock.beside import bring_up
from desktop.dock.window import DockWindow
from desktop.journal.state import Rows
from desktop.journal.view import JournalView
from desktop.panel.view import PanelView
from desktop.preferences import samples as browser_samples
from desktop.preferences.view import PreferencesView
from desktop.settings import Placement, Side
from desktop.theme import Scheme, Theme
from tests.helpers.child_side import Commands, say


class Program:
    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.theme = Theme(app, Scheme.LIGHT)
        self.panel = PanelView(self.theme)
        self.panel.show_state(samples.READY)
        self.dock = DockWindow(choose_dock(app.platformName()), self.panel)
        self.window: QWidget | None = None
        self.commands = Commands({name: getattr(self, name) for name in dir(self) if not name.startswith("_")})

    def show_panel(self, side: str = "right") -> Any:
        self.dock.place(Placement(Side(side), 392))
        self.dock.show_docked()
        return self._box(self.dock)

    def bring(self, name: str) -> Any:
        """Bring the window ``name`` up, filled with samples, instead of the one before."""
        if self.window is not None:
            self.window.close()
        self.window = getattr(self, f"_{name}")()
        return self.again()

    def again(self) -> Any:
        assert self.window is not None
        bring_up(self.window)
        return self.state()

    def close(self) -> Any:
        assert self.window is not None
        self.window.close()
        return None

    def move(self, x: int, y: int) -> Any:
        assert self.window is not None
        self.window.move(x, y)
        return self.state()

    def state(self) -> Any:
        assert self.window is not None
        return {
            "active": self.window.isActiveWindow(),
            "box": self._box(self.window),
            "panel": self._box(self.dock),
        }

    def save(self, path: str) -> Any:
        """Save what the screen shows, for somebody who wants to see it."""
        return self.app.primaryScreen().grabWindow(0).save(path)

    def _journal(self) -> QWidget:
        view = JournalView(self.theme)
        view.show_state(Rows(samples.JOURNAL))
        return view

    def _preferences(self) -> QWidget:
        view = PreferencesView(self.theme)
        view.show_state(browser_samples.SETTINGS)
        view.have_browser()
        view.browser.show_state(browser_samples.LINKED)
        return view

    def _admin(self) -> QWidget:
        view = AdminView(self.theme)
        view.show_state(admin_samples.STATE)
        return view

    def _accounts(self) -> QWidget:
        view = AccountsView(self.theme)
        view.show_state(account_samples.ALL)
        return view

    def _team(self) -> QWidget:
        view = TeamSetupView(self.theme, account_samples.REGISTRATION)
        view.show_state(account_samples.SETUP)
        return view

    def _about(self) -> QWidget:
        return AboutView(self.theme, "1.0", "/home/maya/.local/share/kibitz")

    @staticmethod
    def _box(window: QWidget) -> list[int]:
        return list(window.frameGeometry().getRect())


def main() -> int:
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    program = Program(app)
    say(program.dock.screen_key)
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
