"""For desktops that reserve nothing: macOS, Wayland and whatever else Qt runs on."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.dock.base import Reserved
from desktop.dock.geometry import Spot
from desktop.i18n import tr


class PlainDock:
    """Puts the window beside the edge and leaves it at that."""

    def __init__(self, platform_name: str, system: str) -> None:
        self._limits = limits_of(platform_name, system)

    def prepare(self, window: QWidget) -> None:
        """Nothing is needed beyond the flags that every panel has."""

    def reserve(self, window: QWidget, spot: Spot) -> Reserved:
        return Reserved(limits=self._limits)

    def release(self, window: QWidget) -> None:
        """Nothing was reserved."""

    def is_lost(self, window: QWidget) -> bool:
        return False

    def remember_focus(self, window: QWidget) -> None:
        """These desktops do not tell one program about another's windows."""

    def give_focus_back(self, window: QWidget) -> None:
        """As `remember_focus`."""


def limits_of(platform_name: str, system: str) -> str:
    """Return what this desktop does not allow, in one sentence for the agent."""
    if platform_name.startswith("wayland"):
        return tr(
            "Wayland lets no program place its window, keep it on top or reserve an edge: put Kibitz beside"
            " your browser with the desktop's own keys."
        )
    if system == "darwin":
        return tr("macOS reserves no edge for programs: Kibitz stays on top of the windows beneath it.")
    return tr("This desktop reserves no edge for programs: Kibitz stays on top of the windows beneath it.")
