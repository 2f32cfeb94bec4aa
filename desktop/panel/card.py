"""What reply and article cards share: being the current one, being held, the number key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QWidget

from desktop.theme import Theme
from desktop.widgets.basics import restyle


class Card(QFrame):
    """A surface that can be pointed at and focused. A held card keeps its place and its content."""

    released = Signal()
    """The pointer or the focus has left: what waited for that may happen now."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setProperty("surface", "card")
        self.setProperty("hot", "false")
        self.setProperty("current", "false")
        self.setProperty("done", "false")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def is_held(self) -> bool:
        """Whether the agent points at this card, is in it, or has selected some of it."""
        return self.underMouse() or self.has_focus_inside()

    def has_focus_inside(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and (focused is self or self.isAncestorOf(focused))

    def enterEvent(self, event: QEnterEvent) -> None:
        restyle(self, "hot", "true")
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        restyle(self, "hot", "false")
        super().leaveEvent(event)
        self.released.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        mouse = event.reason() == Qt.FocusReason.MouseFocusReason
        restyle(self, "current", "false" if mouse else "true")
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        restyle(self, "current", "false")
        super().focusOutEvent(event)
        self.released.emit()


def focus_card_of(widget: QWidget | None) -> Card | None:
    """Return the card that ``widget`` is in, or is."""
    while widget is not None and not isinstance(widget, Card):
        widget = widget.parentWidget()
    return widget
