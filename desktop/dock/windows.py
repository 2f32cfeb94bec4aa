"""Reserves an edge of a Windows screen as an application desktop toolbar ("AppBar").

Written from Microsoft's documentation and not run: the machines that test Kibitz have no Windows. What can
be tested without it, the geometry, is in `desktop.dock.geometry`. The module can be imported everywhere.

Source:
    https://learn.microsoft.com/windows/win32/shell/application-desktop-toolbars
"""

from __future__ import annotations

import ctypes
import logging
from ctypes import POINTER, byref, c_int, c_ssize_t, c_uint, c_void_p, sizeof
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.dock.base import Reserved
from desktop.dock.geometry import Box, Spot, appbar_box
from desktop.i18n import tr
from desktop.settings import Side

log = logging.getLogger(__name__)

_ABM_NEW, _ABM_REMOVE, _ABM_QUERYPOS, _ABM_SETPOS = 0, 1, 2, 3
_EDGES = {Side.LEFT: 0, Side.RIGHT: 2}
_CALLBACK_MESSAGE = 0x8000 + 0x4B
"""In WM_APP's range. Positions are asked for again when Qt reports a screen change, so it is not handled."""


class _Rect(ctypes.Structure):
    _fields_ = (("left", c_int), ("top", c_int), ("right", c_int), ("bottom", c_int))


class _AppBarData(ctypes.Structure):
    _fields_ = (
        ("size", c_uint),
        ("window", c_void_p),
        ("callback_message", c_uint),
        ("edge", c_uint),
        ("box", _Rect),
        ("parameter", c_ssize_t),
    )


class WindowsDock:
    def __init__(self) -> None:
        self._bar_of: int = 0
        self._before: int = 0

    def prepare(self, window: QWidget) -> None:
        """Nothing is needed before the window exists."""

    def reserve(self, window: QWidget, spot: Spot) -> Reserved:
        handle = int(window.winId())
        if self._bar_of != handle:
            self.release(window)
            if not _send(_ABM_NEW, _data(handle)):
                log.warning("Windows refused to reserve an edge")
                return Reserved(limits=tr("Windows refused to reserve the edge: Kibitz stays on top instead."))
            self._bar_of = handle
        # The proposal spans the screen's height; Windows moves it clear of the task bar and of other bars.
        width = spot.panel.width
        data = _data(handle, spot.side, Box(spot.panel.x, spot.screen.y, width, spot.screen.height))
        _send(_ABM_QUERYPOS, data)
        granted = _data(handle, spot.side, appbar_box(_box(data.box), spot.side, width))
        _send(_ABM_SETPOS, granted)
        return Reserved(box=_box(granted.box))

    def release(self, window: QWidget) -> None:
        if self._bar_of:
            _send(_ABM_REMOVE, _data(self._bar_of))
            self._bar_of = 0

    def is_lost(self, window: QWidget) -> bool:
        return False

    def remember_focus(self, window: QWidget) -> None:
        active = int(_user32().GetForegroundWindow() or 0)
        if active != int(window.winId()):
            self._before = active

    def give_focus_back(self, window: QWidget) -> None:
        before, self._before = self._before, 0
        if before and int(_user32().GetForegroundWindow() or 0) == int(window.winId()):
            _user32().SetForegroundWindow(before)


def _data(handle: int, side: Side = Side.RIGHT, box: Box | None = None) -> _AppBarData:
    data = _AppBarData(window=handle, callback_message=_CALLBACK_MESSAGE, edge=_EDGES[side])
    data.size = sizeof(_AppBarData)
    if box is not None:
        data.box = _Rect(box.x, box.y, box.right, box.bottom)
    return data


def _box(rect: _Rect) -> Box:
    return Box(rect.left, rect.top, rect.right - rect.left, rect.bottom - rect.top)


def _send(message: int, data: _AppBarData) -> int:
    function = _windows_library("shell32").SHAppBarMessage
    function.argtypes, function.restype = (c_uint, POINTER(_AppBarData)), ctypes.c_size_t
    return int(function(message, byref(data)))


def _user32() -> Any:
    library = _windows_library("user32")
    library.GetForegroundWindow.restype = c_void_p
    library.SetForegroundWindow.argtypes = (c_void_p,)
    return library


def _windows_library(name: str) -> Any:
    # `windll` exists on Windows only, for type checkers too.
    return getattr(vars(ctypes)["windll"], name)
