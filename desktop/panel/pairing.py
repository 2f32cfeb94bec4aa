"""A strip at the top of the panel while a browser asks to be linked: the code to type there."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.i18n import tr
from desktop.link.state import Pairing
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, row
from desktop.widgets.icon import Icon

DIGITS = 6


class PairingStrip(QWidget):
    """Takes no focus by itself. Hidden until there is a code to show."""

    cancel_requested = Signal()

    def __init__(self, theme: Theme, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._until_s = 0.0
        self._asks = Label("", "strong", wrap=True)
        self._digits = [Label("", "digit") for _ in range(DIGITS)]
        self._left = Label("", "small")
        self._cancel = Button(theme, tr("Cancel"), kind="quiet")
        self._cancel.setAccessibleName(tr("Cancel linking the browser"))
        self._cancel.clicked.connect(self.cancel_requested)
        self._timer = QTimer(self, interval=1_000)
        self._timer.timeout.connect(self._show_left)
        head = row(spacing=8)
        head.addWidget(Icon(theme, "link", "accent_text", 16), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._asks, 1)
        foot = row(spacing=8)
        foot.addWidget(self._left, 1)
        foot.addWidget(self._cancel)
        inner = column(spacing=8, margins=(12, 10, 8, 6))
        inner.addLayout(head)
        inner.addLayout(self._code())
        inner.addLayout(foot)
        outer = row(margins=(12, 10, 12, 0))
        outer.addWidget(boxed(inner, "asking"))
        self.setLayout(outer)
        self.hide()

    @property
    def code(self) -> str:
        return "".join(digit.text() for digit in self._digits)

    def show_pairing(self, pairing: Pairing | None) -> None:
        """Show the code of ``pairing`` and how long it holds; None takes the strip away."""
        if pairing is None:
            self._timer.stop()
            self.hide()
            for digit in self._digits:
                digit.setText("")
            return
        asks = tr("{browser} wants to follow the ticket in front. Type this code there:", browser=pairing.name)
        self._asks.setText(asks)
        for label, character in zip(self._digits, pairing.code, strict=True):
            label.setText(character)
        self._until_s = pairing.until_s
        self._show_left()
        self._timer.start()
        self.show()
        self.setAccessibleName(f"{asks} {' '.join(pairing.code)}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _show_left(self) -> None:
        left_s = max(0, round(self._until_s - self._now()))
        self._left.setText(tr("{minutes}:{seconds} left", minutes=left_s // 60, seconds=f"{left_s % 60:02}"))

    def _code(self) -> QHBoxLayout:
        layout = row(spacing=5)
        layout.addStretch(1)
        for number, digit in enumerate(self._digits):
            digit.setAlignment(Qt.AlignmentFlag.AlignCenter)
            if number == DIGITS // 2:
                layout.addSpacing(10)
            layout.addWidget(digit)
        layout.addStretch(1)
        return layout
