"""The real dock window with the real panel in it, told what to do by a test."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop import samples
from desktop.acting import samples as acting_samples
from desktop.clipboard import copy_text
from desktop.dock.base import choose_dock
from desktop.dock.window import DockWindow
from desktop.panel.state import NoTicket
from desktop.panel.view import PanelView
from desktop.settings import Placement, Side
from desktop.theme import Scheme, Theme
from desktop.tray import Badge, Tray
from desktop.widgets.basics import IconButton
from tests.helpers.child_side import Commands, say


class Showings(QObject):
    """Counts how often a window was shown."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Show
        return False


class Program:
    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.view = PanelView(Theme(app, Scheme.LIGHT))
        self.view.show_state(samples.READY)
        self.window = DockWindow(choose_dock(app.platformName()), self.view)
        self.showings = Showings()
        self.window.installEventFilter(self.showings)
        self.tray = Tray()
        self.view.keyboard_wanted.connect(lambda wanted: self.window.accept_keyboard(wanted=wanted))
        self.commands = Commands({name: getattr(self, name) for name in dir(self) if not name.startswith("_")})

    def show(self) -> Any:
        self.window.show_docked()
        return self.state()

    def hide(self) -> Any:
        self.window.hide_docked()
        return self.state()

    def place(self, side: str, width_px: int, screen: str | None = None) -> Any:
        self.window.place(Placement(Side(side), width_px), screen)
        return self.state()

    def collapse(self, collapsed: bool) -> Any:
        self.view.set_collapsed(collapsed=collapsed)
        self.window.set_collapsed(collapsed=collapsed)
        return self.state()

    def reserving(self, wanted: bool) -> Any:
        self.window.set_reserving(reserving=wanted)
        return self.state()

    def keyboard(self, wanted: bool) -> Any:
        self.window.accept_keyboard(wanted=wanted)
        return self.state()

    def refresh(self) -> Any:
        """Show another ticket, then this one again, as a sync does under the agent's hands."""
        self.view.show_state(NoTicket(helpdesk="Zendesk"))
        self.app.processEvents()
        self.view.show_state(samples.READY)
        self.app.processEvents()
        return self.state()

    def offer_acts(self) -> Any:
        """Show a ticket that may be changed, which has a menu of its own."""
        self.view.show_state(acting_samples.READY)
        return self.state()

    def button(self, name: str) -> Any:
        """Return the middle of the panel's button ``name``, in the window system's pixels."""
        [found] = [one for one in self.view.findChildren(IconButton) if _is_seen(one, name)][:1]
        middle = found.mapToGlobal(found.rect().center()) * found.devicePixelRatio()
        return [middle.x(), middle.y()]

    def popup(self) -> Any:
        """Return the window and the place of the menu that is open, or None."""
        menu = QApplication.activePopupWidget()
        return None if menu is None else {"id": int(menu.winId()), "box": list(menu.geometry().getRect())}

    def copy(self, text: str) -> Any:
        return copy_text(text)

    def edit(self) -> Any:
        """Begin to edit the first reply, as a click on its button does."""
        self.view.ready.replies[0].edit()
        return self.state()

    def tray_icon(self, badge: str) -> Any:
        self.tray.show()
        self.tray.put_badge(Badge(badge))
        box = self.tray._icon.geometry() if self.tray._icon is not None else None
        return {"available": self.tray.available, "box": None if box is None else list(box.getRect())}

    def state(self) -> Any:
        window = self.window
        handle = window.windowHandle()
        return {
            "id": int(window.winId()),
            "geometry": list(window.geometry().getRect()),
            "visible": window.isVisible(),
            "showings": self.showings.count,
            "active": window.isActiveWindow(),
            "takes_keyboard": window.takes_keyboard,
            "limits": window.limits,
            "screen": window.screen_key,
            "ratio": 0 if handle is None else handle.devicePixelRatio(),
            "draft": card.editor.toPlainText() if (card := self.view.ready.replies[0]).is_editing else "",
        }


def _is_seen(button: IconButton, name: str) -> bool:
    return button.accessibleName() == name and not button.visibleRegion().isEmpty()


def main() -> int:
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    program = Program(app)
    say({"platform": QGuiApplication.platformName(), **program.state()})
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
