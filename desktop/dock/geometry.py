"""Where a docked panel goes, in numbers. Knows no window system.

Two kinds of pixels are used. *Logical* pixels are Qt's, device-independent; *device* pixels are those of the
window system. Qt keeps a screen's origin in device pixels and scales only distances from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop.settings import Side

NO_SCREEN = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. ``right`` and ``bottom`` are the first pixels outside it."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for the panel, all in device pixels. ``others`` are the other screens."""

    side: Side
    panel: Box
    screen: Box
    others: tuple[Box, ...] = ()

    @property
    def at_inner_edge(self) -> bool:
        """Whether another screen continues beyond the panel's edge, at the panel's height."""
        beside = (one for one in self.others if one.y < self.panel.bottom and one.bottom > self.panel.y)
        if self.side is Side.LEFT:
            return any(one.right <= self.screen.x for one in beside)
        return any(one.x >= self.screen.right for one in beside)


def gap_px(screen: Box, available: Box, side: Side) -> int:
    """Return how much other docks hold at ``side``, in the pixels of both boxes; at most a third of the screen."""
    held = available.x - screen.x if side is Side.LEFT else screen.right - available.right
    return held if 0 < held <= screen.width // 3 else 0


def panel_box(screen: Box, available: Box, side: Side, width_px: int, *, gap_px: int = 0) -> Box:
    """Return the panel's rectangle: ``gap_px`` from the edge, as high as what is ``available``."""
    width = min(width_px, screen.width)
    x = screen.x + gap_px if side is Side.LEFT else screen.right - gap_px - width
    top, bottom = max(screen.y, available.y), min(screen.bottom, available.bottom)
    if bottom <= top:
        top, bottom = screen.y, screen.bottom
    return Box(x, top, width, bottom - top)


def to_device(box: Box, origin: Box, ratio: float) -> Box:
    """Turn a logical ``box`` on the screen ``origin`` into device pixels."""
    left, top = round((box.x - origin.x) * ratio), round((box.y - origin.y) * ratio)
    right, bottom = round((box.right - origin.x) * ratio), round((box.bottom - origin.y) * ratio)
    return Box(origin.x + left, origin.y + top, right - left, bottom - top)


def to_logical(box: Box, origin: Box, ratio: float) -> Box:
    """Turn ``box`` in device pixels back; the inverse of `to_device` up to rounding."""
    return to_device(box, origin, 1 / ratio)


def strut(spot: Spot) -> tuple[int, ...] | None:
    """Return the twelve numbers of _NET_WM_STRUT_PARTIAL, in device pixels, or None where none can be set.

    They count from the edges of the whole desktop, not of the screen, so that a strut at an inner edge would
    take a whole neighbouring screen with it.

    Source:
        https://specifications.freedesktop.org/wm-spec/latest/ar01s05.html
    """
    if spot.at_inner_edge:
        return None
    desktop_right = max([spot.screen.right, *(one.right for one in spot.others)])
    first, last = spot.panel.y, spot.panel.bottom - 1
    if spot.side is Side.LEFT:
        return (spot.panel.right, 0, 0, 0, first, last, 0, 0, 0, 0, 0, 0)
    return (0, desktop_right - spot.panel.x, 0, 0, 0, 0, first, last, 0, 0, 0, 0)


def appbar_box(granted: Box, side: Side, width_px: int) -> Box:
    """Return ``granted``, which Windows has moved clear of other bars, with its width put right again."""
    if side is Side.LEFT:
        return Box(granted.x, granted.y, width_px, granted.height)
    return Box(granted.right - width_px, granted.y, width_px, granted.height)


def screen_key(name: str, serial: str) -> str:
    """Return what a screen is remembered by: the same monitor at the same plug."""
    return f"{name}|{serial}"


def chosen_screen(wanted: str, present: Sequence[str], primary: str) -> str:
    """Return the key of the screen to dock to: the wanted one, the same plug, the same monitor, the primary."""
    if wanted in present:
        return wanted
    name, _, serial = wanted.partition("|")
    same_plug = [key for key in present if name and key.partition("|")[0] == name]
    same_monitor = [key for key in present if serial and key.partition("|")[2] == serial]
    return next(iter([*same_monitor, *same_plug]), primary)


def prefer_platform(env: Mapping[str, str], platform: str) -> dict[str, str]:
    """Return environment variables to set before QApplication is made.

    A Wayland client can neither place its window nor reserve an edge, an X11 one under XWayland can place
    it: where both are there, X11 is tried first. An own choice of the user's is left alone.
    """
    wayland = bool(env.get("WAYLAND_DISPLAY")) or env.get("XDG_SESSION_TYPE") == "wayland"
    if not platform.startswith("linux") or env.get("QT_QPA_PLATFORM") or not (wayland and env.get("DISPLAY")):
        return {}
    return {"QT_QPA_PLATFORM": "xcb;wayland"}
