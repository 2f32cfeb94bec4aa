"""A check box whose words may take several lines, which Qt's own may not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from desktop.widgets.basics import Label, row


class WrappedCheck(QWidget):
    """``box`` is the stop of the tab key; a click on the words is a click on it."""

    clicked = Signal(bool)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.box.setAccessibleName(text)
        self.box.clicked.connect(self.clicked)
        self._words = Label(text, wrap=True)
        layout = row(spacing=4)
        layout.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._words, 1)
        self.setLayout(layout)

    def set_checked(self, *, checked: bool) -> None:
        """Show ``checked``; says nothing."""
        self.box.setChecked(checked)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.box.click()
        super().mouseReleaseEvent(event)
