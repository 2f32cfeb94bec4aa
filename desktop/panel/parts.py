"""Parts of the panel that hold nothing of their own: its menu, and the bar that says it is offline."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from desktop.i18n import tr
from desktop.panel.state import MenuAction
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, row
from desktop.widgets.icon import Icon


class OfflineBar(QWidget):
    """Says how old the copy of the ticket is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.text = Label("", "", tone="amber", wrap=True)
        inner = row(spacing=8, margins=(10, 6, 10, 6))
        inner.addWidget(Icon(theme, "offline", "amber", 16), 0, Qt.AlignmentFlag.AlignTop)
        inner.addWidget(self.text, 1)
        outer = row(margins=(12, 0, 12, 10))
        outer.addWidget(boxed(inner, "amber"))
        self.setLayout(outer)


class PausedBar(QWidget):
    """Says that the agent has paused Kibitz, and ends that."""

    resume_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.resume = Button(theme, tr("Resume"), kind="link")
        self.resume.clicked.connect(self.resume_requested)
        said = Label(tr("Paused: tickets that you open are not followed."), "", tone="amber", wrap=True)
        inner = row(spacing=8, margins=(10, 6, 6, 6))
        inner.addWidget(Icon(theme, "pause", "amber", 16))
        inner.addWidget(said, 1)
        inner.addWidget(self.resume)
        outer = row(margins=(12, 0, 12, 10))
        outer.addWidget(boxed(inner, "amber"))
        self.setLayout(outer)
        self.hide()


def build_menu(
    parent: QWidget, choose: Callable[[str], None], show_shortcuts: Callable[[], None], pause: QAction
) -> QMenu:
    """Return the panel's menu. ``choose`` takes a `MenuAction`'s value."""
    menu = QMenu(parent)

    def add(text: str, action: MenuAction) -> None:
        menu.addAction(text, lambda: choose(action.value))

    menu.addAction(pause)
    add(tr("Sync now"), MenuAction.SYNC)
    menu.addSeparator()
    add(tr("Journal"), MenuAction.JOURNAL)
    add(tr("Accounts"), MenuAction.ACCOUNTS)
    add(tr("Settings"), MenuAction.SETTINGS)
    add(tr("Admin"), MenuAction.ADMIN)
    menu.addSeparator()
    menu.addAction(tr("Keyboard shortcuts"), show_shortcuts)
    add(tr("About Kibitz"), MenuAction.ABOUT)
    menu.addSeparator()
    add(tr("Quit Kibitz"), MenuAction.QUIT)
    return menu
