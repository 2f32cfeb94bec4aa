"""Says in the panel what happened before anybody could look, until it was read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import IconButton, boxed, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon

MOST_LINES = 10
"""A path has no spaces to break at, so the words are broken anywhere."""


class NoticeStrip(QWidget):
    """Takes no focus by itself. Hidden while there is nothing to tell, and for good once it was closed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._text = ClampLabel("", lines=MOST_LINES)
        self.close_button = IconButton(theme, "close", tr("Close"), size_px=14)
        self.close_button.clicked.connect(self.hide)
        inner = row(spacing=8, margins=(10, 8, 8, 8))
        inner.addWidget(Icon(theme, "warning", "amber", 16), 0, Qt.AlignmentFlag.AlignTop)
        inner.addWidget(self._text, 1)
        inner.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        outer = row(margins=(12, 0, 12, 10))
        outer.addWidget(boxed(inner, "amber"))
        self.setLayout(outer)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, also while it is hidden."""
        return self._text.text()

    def tell(self, text: str) -> None:
        """Show ``text`` instead of what was told before."""
        self._text.put(text)
        self.setAccessibleName(text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
