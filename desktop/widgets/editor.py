"""A plain-text editor that grows with its text. Ctrl+Enter accepts, Esc leaves."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

FEWEST_LINES = 5
MOST_LINES = 18
LONGEST_MEASURED = 4_000


class Editor(QPlainTextEdit):
    accepted = Signal()
    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "editor")
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Reckon lines from widths: the layout of a hidden editor is not up to date."""
        metrics = self.fontMetrics()
        width_px = max(80, self.viewport().width() - 16)
        lines = 0
        block = self.document().begin()
        while block.isValid() and lines < MOST_LINES:
            lines += 1 + metrics.horizontalAdvance(block.text()[:LONGEST_MEASURED]) // width_px
            block = block.next()
        shown = max(FEWEST_LINES, min(MOST_LINES, lines))
        return QSize(200, shown * self.fontMetrics().lineSpacing() + 22)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.accepted.emit()
        else:
            super().keyPressEvent(event)
