"""Says what became of something that was asked for earlier, until the agent has read it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from desktop.acting.state import Told
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, IconButton, Label, boxed, column, row
from desktop.widgets.icon import Icon

MOST_SHOWN = 3


class ActingStrip(QWidget):
    """Takes no focus by itself. Hidden while there is nothing to tell."""

    closed = Signal(str)
    """The `Told.id` that was read."""
    again = Signal(str)
    copy_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._told: tuple[Told, ...] = ()
        self._rows = column(spacing=8, margins=(12, 0, 12, 10))
        self.setLayout(self._rows)
        self.hide()

    def show_state(self, told: tuple[Told, ...]) -> None:
        """Show the newest few."""
        if told == self._told:
            return
        self._told = told
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for one in told[-MOST_SHOWN:]:
            self._rows.addWidget(self._row(one))
        self.setVisible(bool(told))
        if told:
            self.setAccessibleName("\n".join(one.line for one in told[-MOST_SHOWN:]))
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _row(self, told: Told) -> QWidget:
        icon, tint = ("check", "accent_text") if told.done else ("warning", "amber")
        close = IconButton(self._theme, "close", tr("Close"), size_px=14)
        close.clicked.connect(lambda _=False, id_=told.id: self.closed.emit(id_))
        first = row(spacing=8)
        first.addWidget(Icon(self._theme, icon, tint, 16), 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(Label(told.line, wrap=True), 1)
        first.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        layout = column(spacing=6, margins=(10, 8, 8, 8))
        layout.addLayout(first)
        if told.text:
            again = Button(self._theme, tr("Try again"), kind="primary")
            again.clicked.connect(lambda _=False, id_=told.id: self.again.emit(id_))
            copy = Button(self._theme, tr("Copy the text"), icon="copy")
            copy.clicked.connect(lambda _=False, id_=told.id: self.copy_requested.emit(id_))
            buttons = row(spacing=6, margins=(24, 0, 0, 0))
            buttons.addWidget(again)
            buttons.addWidget(copy)
            buttons.addStretch(1)
            layout.addLayout(buttons)
        return boxed(layout, "notice" if told.done else "amber")
