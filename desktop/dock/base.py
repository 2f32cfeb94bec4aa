"""What a desktop has to be able to do for the panel, and what stands in where it is not able to."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.dock.geometry import Box, Spot


@dataclass(frozen=True, slots=True)
class Reserved:
    """What came of a request. ``box`` is where the window must go instead, in device pixels.

    ``limits`` is one sentence for the agent on what this desktop does not allow, or empty.
    """

    box: Box | None = None
    limits: str = ""


class Dock(Protocol):
    """Reserves an edge of a screen for a window. One for each window; used on the main thread."""

    def prepare(self, window: QWidget) -> None:
        """Set what has to be set before the window exists for the window system."""

    def reserve(self, window: QWidget, spot: Spot) -> Reserved:
        """Keep other windows off ``spot``. Called before each showing and after each change."""

    def release(self, window: QWidget) -> None:
        """Give the edge back. Calling it twice is harmless."""

    def is_lost(self, window: QWidget) -> bool:
        """Return whether the desktop took ``window`` away though it was shown, so that nobody sees it."""

    def remember_focus(self, window: QWidget) -> None:
        """Note which window has the keyboard, unless it is ours."""

    def give_focus_back(self, window: QWidget) -> None:
        """Hand the keyboard to the window noted last, if that is known; once."""


def choose_dock(platform_name: str, system: str = sys.platform) -> Dock:
    """Return the dock for Qt's ``platform_name``, e.g. ``xcb``."""
    if platform_name == "xcb":
        from desktop.dock.x11 import X11Dock

        return X11Dock()
    if platform_name == "windows":
        from desktop.dock.windows import WindowsDock

        return WindowsDock()
    from desktop.dock.fallback import PlainDock

    return PlainDock(platform_name, system)


FLAGS = (
    Qt.WindowType.Window
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)
"""Of the panel's window. It takes the keyboard only while `DockWindow.accept_keyboard` says so."""
