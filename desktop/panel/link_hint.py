"""Says, until it is answered once, what the browser link would add."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, row
from desktop.widgets.icon import Icon


class LinkHint(QWidget):
    """A strip between the title bar and the page. Without an answer it stays; with one it never comes again."""

    setup_requested = Signal()
    declined = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        words = tr("Kibitz can see which ticket is open and put replies into the composer. Set up the browser link.")
        self.set_up = Button(theme, tr("Set up"), kind="primary")
        self.set_up.setAccessibleName(tr("Set up the browser link"))
        self.set_up.clicked.connect(self.setup_requested)
        self.not_now = Button(theme, tr("Not now"), kind="quiet")
        self.not_now.setAccessibleName(tr("Do not set up the browser link"))
        self.not_now.clicked.connect(self.declined)
        buttons = row(spacing=4)
        buttons.addWidget(self.set_up)
        buttons.addWidget(self.not_now)
        buttons.addStretch(1)
        lines = column(spacing=8)
        lines.addWidget(Label(words, wrap=True))
        lines.addLayout(buttons)
        inner = row(spacing=10, margins=(12, 10, 12, 10))
        inner.addWidget(Icon(theme, "web", "accent_text", 18), 0, Qt.AlignmentFlag.AlignTop)
        inner.addLayout(lines, 1)
        outer = row(margins=(12, 0, 12, 10))
        outer.addWidget(boxed(inner, "notice"))
        self.setLayout(outer)
