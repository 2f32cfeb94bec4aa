"""The panel's keys: one table that the shortcuts and their overview are made from."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import IconButton, Label, boxed, column, row


@dataclass(frozen=True, slots=True)
class Shortcut:
    """``verb`` names the view's handler. An empty ``does`` is a second spelling, left out of the overview."""

    verb: str
    keys: tuple[str, ...]
    does: str
    shown_as: tuple[str, ...] = ()


SHORTCUTS = (
    Shortcut("use_1", ("1",), ""),
    Shortcut("use_2", ("2",), ""),
    Shortcut("use_3", ("3",), "Use the reply with this number", ("1", "2", "3")),
    Shortcut("next", ("Down", "J"), "Next card", ("↓", "J")),
    Shortcut("previous", ("Up", "K"), "Previous card", ("↑", "K")),
    Shortcut("use", ("Return", "Enter", "U"), "Use the reply, open the article", ("↵", "U")),
    Shortcut("edit", ("E",), "Edit the reply in place", ("E",)),
    Shortcut("dismiss", ("D",), "Dismiss the reply", ("D",)),
    Shortcut("dismiss_why", ("Shift+D",), "Dismiss with a reason", ("Shift", "D")),
    Shortcut("undo", ("Z", "Ctrl+Z"), "Undo the dismissal", ("Z",)),
    Shortcut("open", ("O",), "Open the article or source", ("O",)),
    Shortcut("copy_link", ("C",), "Copy the article's link", ("C",)),
    Shortcut("copy_passage", ("P",), "Copy the passage", ("P",)),
    Shortcut("unfold", ("Space",), "Show all of the text", ("Space",)),
    Shortcut("quick_open", ("Ctrl+K",), "Open a ticket", ("Ctrl", "K")),
    Shortcut("next_section", ("F6",), "Next section", ("F6",)),
    Shortcut("previous_section", ("Shift+F6",), ""),
    Shortcut("escape", ("Esc",), "Close the editor, collapse the panel", ("Esc",)),
    Shortcut("help", ("?", "F1"), "These shortcuts", ("?",)),
)


class ShortcutOverlay(QFrame):
    """Lists the keys on top of the panel; any key or click takes it away."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", "overlay")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Keyboard shortcuts"))
        close = IconButton(theme, "close", tr("Close"), size_px=14)
        close.clicked.connect(self.close_overlay)
        head = row()
        head.addWidget(Label(tr("Keyboard shortcuts"), "title"), 1)
        head.addWidget(close)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        for number, shortcut in enumerate(one for one in SHORTCUTS if one.does):
            grid.addWidget(_keys(shortcut.shown_as), number, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(Label(tr(shortcut.does), "", wrap=True), number, 1)
        layout = column(spacing=12, margins=(16, 12, 12, 16))
        layout.addLayout(head)
        layout.addLayout(grid)
        self.setLayout(layout)
        parent.installEventFilter(self)
        self.hide()

    def show_overlay(self) -> None:
        self._place()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_overlay(self) -> None:
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.close_overlay()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        host = self.parentWidget()
        if host is not None:
            width_px = min(host.width() - 24, 360)
            height_px = min(max(self.heightForWidth(width_px), self.sizeHint().height()), host.height() - 24)
            self.setGeometry((host.width() - width_px) // 2, 56, width_px, height_px)


def _keys(keys: tuple[str, ...]) -> QFrame:
    layout = row(spacing=3)
    for key in keys:
        layout.addWidget(Label(key, "keycap"), 0, Qt.AlignmentFlag.AlignVCenter)
    layout.addStretch(1)
    return boxed(layout)
