"""A check box whose words may take several lines, which Qt's own may not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from desktop.widgets.basics import Label, row

BOX_PX = 28
"""A box with as much room on its right as the style sheet gives it on its left."""
BESIDE_BOX_PX = 2


class WrappedCheck(QWidget):
    """``box`` is the stop of the tab key; a click on the words is a click on it."""

    clicked = Signal(bool)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.box.setAccessibleName(text)
        self.box.clicked.connect(self.clicked)
        self._words = Label(text, wrap=True)
        layout = row(spacing=BESIDE_BOX_PX)
        layout.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._words, 1)
        self.setLayout(layout)
        self._line_up()

    def _line_up(self) -> None:
        """Have the words begin where those of Qt's own box do, with their first line beside the box."""
        for one in (self.box, self._words):
            one.ensurePolished()
        self.box.setFixedWidth(BOX_PX)
        above_px = max(0, (self.box.sizeHint().height() - self._words.fontMetrics().height()) // 2)
        self._words.setContentsMargins(0, above_px, 0, above_px)

    def set_checked(self, *, checked: bool) -> None:
        """Show ``checked``; says nothing."""
        self.box.setChecked(checked)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.box.click()
        super().mouseReleaseEvent(event)
