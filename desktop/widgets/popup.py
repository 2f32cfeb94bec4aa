"""Menus that open where they belong, also in a docked panel."""

from __future__ import annotations

import weakref

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize
from PySide6.QtWidgets import QMenu, QWidget


def place_at(menu: QMenu, anchor: QWidget) -> None:
    """Have ``menu`` open beneath ``anchor``, or above it where there is no room, and within the anchor's window.

    Qt keeps popups within the screen's available geometry, of which the panel has taken its own place away: on X11
    its menus would open beside it, over the helpdesk.
    """
    menu.installEventFilter(_Placing(menu, anchor))


def pop_up(menu: QMenu, anchor: QWidget) -> None:
    """Open ``menu`` at ``anchor`` now, as `place_at` says."""
    place_at(menu, anchor)
    menu.popup(anchor.mapToGlobal(anchor.rect().bottomLeft()))


def pop_up_at(menu: QMenu, widget: QWidget, at: QPoint) -> None:
    """Open ``menu`` now where ``widget`` was clicked, to the right of that as far as there is room."""
    menu.installEventFilter(_Placing(menu, widget, at))
    menu.popup(widget.mapToGlobal(at))


def popup_spot(size: QSize, anchor: QRect, window: QRect, screen: QRect) -> QPoint:
    """Return where a menu of ``size`` has its top left corner; all in global, logical pixels.

    Its right edge is the anchor's, as far as that leaves it within ``window``. No part is off the ``screen``.
    """
    x = max(min(anchor.right() + 1, window.right() + 1) - size.width(), window.left())
    y = anchor.bottom() + 1
    if y + size.height() > screen.bottom() + 1:
        y = anchor.top() - size.height()
    most_x, most_y = screen.right() + 1 - size.width(), screen.bottom() + 1 - size.height()
    return QPoint(max(screen.left(), min(x, most_x)), max(screen.top(), min(y, most_y)))


class _Placing(QObject):
    """Moves its menu as it is shown: later it would be seen to jump, and sooner Qt would move it back."""

    def __init__(self, menu: QMenu, anchor: QWidget, at: QPoint | None = None) -> None:
        super().__init__(menu)
        # Weak, or a menu that outlives its widget would delete it in the middle of its own end.
        self._anchor = weakref.ref(anchor)
        self._at = at

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        anchor = self._anchor()
        if anchor is not None and event.type() is QEvent.Type.Show and isinstance(watched, QMenu):
            window = anchor.window()
            at = QRect(anchor.mapToGlobal(QPoint(0, 0)), anchor.size())
            if self._at is not None:
                at = QRect(anchor.mapToGlobal(self._at), QSize(watched.width(), 1))
            watched.move(popup_spot(watched.size(), at, window.geometry(), window.screen().geometry()))
        return False
