"""Where Kibitz's own windows go: beside the panel, whole, on the screen that the panel is on."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from desktop.dock.window import DockWindow
from desktop.settings import Side

FRAME = QSize(16, 64)
"""So much is left for the title bar and the frame: a window manager adds them, and says how large they are too late."""


def bring_up(window: QWidget) -> None:
    """Show ``window`` in front, with the keyboard, no larger than the room beside the panel and wholly in it.

    A window that the agent has put somewhere stays there, unless a part of it would be covered or off the screen.
    """
    if not (window.testAttribute(Qt.WidgetAttribute.WA_Moved) and _is_whole(window)):
        _put_beside(window)
    window.show()
    window.raise_()
    window.activateWindow()


def keep_whole(window: QWidget) -> None:
    """Move ``window``, which has grown, if a part of it is covered or off the screen now."""
    if window.isVisible() and not _is_whole(window):
        _put_beside(window)


def most_size(window: QWidget) -> QSize:
    """Return how large ``window`` may be, without its frame, where it is or will be shown."""
    return free_room(_screen_of(window)).size() - FRAME


def free_room(screen: QScreen) -> QRect:
    """Return what the panel and other docks leave free of ``screen``.

    The panel is taken off by its own place: Qt knows of its strut a moment late, and of none with two screens.
    """
    room = screen.availableGeometry()
    panel = _panel()
    if panel is None or panel.screen() is not screen:
        return room
    box = panel.geometry()
    if panel.side is Side.LEFT:
        room.setLeft(max(room.left(), box.x() + box.width()))
    else:
        room.setRight(min(room.right(), box.x() - 1))
    return room


def _put_beside(window: QWidget) -> None:
    room = free_room(_screen_of(window))
    size = window.size().boundedTo(room.size() - FRAME)
    window.setMinimumSize(window.minimumSize().boundedTo(size))
    window.resize(size)
    outer = QRect(room.topLeft(), window.size() + FRAME)
    outer.moveCenter(room.center())
    # What does not fit after all lies beneath the edge that is not read first.
    window.move(max(outer.left(), room.left()), max(outer.top(), room.top()))


def _is_whole(window: QWidget) -> bool:
    return free_room(window.screen()).contains(window.frameGeometry())


def _screen_of(window: QWidget) -> QScreen:
    """Return the screen of a window that can be seen; one that is to come is shown where the panel is."""
    panel = _panel()
    return window.screen() if panel is None or window.isVisible() else panel.screen()


def _panel() -> DockWindow | None:
    """Return the panel's window, if it can be seen."""
    if QGuiApplication.instance() is None:
        return None
    return next(
        (one for one in QApplication.topLevelWidgets() if isinstance(one, DockWindow) and one.isVisible()), None
    )
