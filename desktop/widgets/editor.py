"""A plain-text editor that grows with its text. Ctrl+Enter accepts, Esc leaves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QTextEdit

from desktop.theme import Theme
from desktop.widgets.basics import refit
from desktop.widgets.prose import Span, look_of, select

FEWEST_LINES = 5
MOST_LINES = 18
LONGEST_MEASURED = 4_000
CLAIMED = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Up, Qt.Key.Key_Down})


class Editor(QPlainTextEdit):
    accepted = Signal()
    left = Signal()
    pressed = Signal()
    """The agent clicked into it, so it is to have the keyboard."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "editor")
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._grow)

    def mark(self, theme: Theme, spans: Sequence[Span]) -> None:
        """Paint ``spans`` of the text as it is now; each stays with its words as they move, and goes with them."""
        marks = []
        for span in spans:
            one = QTextEdit.ExtraSelection()
            one.cursor = QTextCursor(self.document())
            select(one.cursor, self.toPlainText(), span)
            one.format = look_of(theme, span.look)
            marks.append(one)
        self.setExtraSelections(marks)

    def sizeHint(self) -> QSize:
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

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            refit(self)

    def _grow(self) -> None:
        height_px = self.sizeHint().height()
        if height_px != self.height():
            refit(self)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here from the shortcuts of the window around."""
        return _claim(event, CLAIMED) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.accepted.emit()
        else:
            super().keyPressEvent(event)


class LineField(QLineEdit):
    """One line to type into. Esc leaves; Return is reported as ever."""

    left = Signal()
    pressed = Signal()
    """The agent clicked into it, so it is to have the keyboard."""

    def __init__(self, name: str, *, hint: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here from the shortcuts of the window around."""
        return _claim(event, CLAIMED) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _claim(event: QEvent, keys: frozenset[Qt.Key]) -> bool:
    """Accept a shortcut override for one of ``keys``: the key then arrives as a key press."""
    if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in keys:
        event.accept()
        return True
    return False
