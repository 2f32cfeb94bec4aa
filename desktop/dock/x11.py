"""Reserves an edge of an X11 screen by struts, through libxcb and Qt's own connection.

The window is of type DOCK: window managers then show it on every desktop and in no task list, let it lie
where its own strut is, and (Mutter) give it no focus when it is clicked. libxcb is used rather than libX11
because an error of a request, e.g. for a window that has just gone, must not end the process.
"""

from __future__ import annotations

import ctypes
import logging
import struct
from ctypes import POINTER, c_char, c_char_p, c_int, c_uint, c_uint8, c_uint16, c_uint32, c_void_p
from functools import cache
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QNativeInterface
from PySide6.QtWidgets import QWidget

from desktop.dock.base import Reserved
from desktop.dock.geometry import Spot, strut
from desktop.i18n import tr

log = logging.getLogger(__name__)

_REPLACE = 0
_ANY_TYPE = 0
_ATOM_CARDINAL = 6
_ATOM_WINDOW = 33
_CLIENT_MESSAGE = 33
_SUBSTRUCTURE = (1 << 19) | (1 << 20)
"""SubstructureNotify | SubstructureRedirect: how a message reaches the window manager."""
_FROM_A_PAGER = 2
"""_NET_ACTIVE_WINDOW on the user's behalf: window managers do not hold it back as stealing the focus."""


class X11Dock:
    def __init__(self) -> None:
        self._before = 0

    def prepare(self, window: QWidget) -> None:
        window.setAttribute(Qt.WidgetAttribute.WA_X11NetWmWindowTypeDock)

    def reserve(self, window: QWidget, spot: Spot) -> Reserved:
        numbers = strut(spot)
        if numbers is None:
            self.release(window)
            return Reserved(
                limits=tr(
                    "X11 reserves no edge between two screens: Kibitz stays on top of the windows beneath it."
                    " The outer edges can be reserved."
                )
            )
        if (x := _connected()) is None:
            return Reserved(limits=tr("The edge cannot be reserved: libxcb is missing."))
        x.set_cardinals(window, "_NET_WM_STRUT_PARTIAL", numbers)
        # For window managers older than the partial one.
        x.set_cardinals(window, "_NET_WM_STRUT", numbers[:4])
        x.flush()
        return Reserved()

    def release(self, window: QWidget) -> None:
        if window.internalWinId() and (x := _connected()) is not None:
            x.delete(window, "_NET_WM_STRUT_PARTIAL")
            x.delete(window, "_NET_WM_STRUT")
            x.flush()

    def is_lost(self, window: QWidget) -> bool:
        """Return whether the window is withdrawn: unmapped, and of no state that the window manager knows.

        A window that is mapped again before the window manager has taken note of its unmapping may stay so for good:
        https://x.org/releases/X11R7.6/doc/xorg-docs/specs/ICCCM/icccm.html#changing_window_state
        """
        x = _connected()
        return x is not None and not x.is_mapped(window) and not x.has_property(window, "WM_STATE")

    def remember_focus(self, window: QWidget) -> None:
        if (x := _connected()) is not None and (active := x.active_window(window)) != window.winId():
            self._before = active

    def give_focus_back(self, window: QWidget) -> None:
        before, self._before = self._before, 0
        if before and (x := _connected()) is not None and x.active_window(window) == window.winId():
            x.activate(before, window)
            x.flush()


def _connected() -> _Xcb | None:
    """Return the connection that Qt has now, or None where there is none."""
    app = QGuiApplication.instance()
    native = app.nativeInterface() if isinstance(app, QGuiApplication) else None
    if not isinstance(native, QNativeInterface.QX11Application) or (library := _library()) is None:
        return None
    return _Xcb(library, native.connection())


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", c_uint),)


class _AtomReply(ctypes.Structure):
    _fields_ = (("head", c_uint8 * 8), ("atom", c_uint32))


class _AttributesReply(ctypes.Structure):
    _fields_ = (("head", c_uint8 * 26), ("map_state", c_uint8))


class _GeometryReply(ctypes.Structure):
    _fields_ = (("head", c_uint8 * 8), ("root", c_uint32))


@cache
def _library() -> ctypes.CDLL | None:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        log.warning("libxcb cannot be loaded: %s", error)
        return None
    # https://xcb.freedesktop.org/manual/: connection, window and atom are a pointer and two 32-bit numbers.
    for name, result, arguments in (
        ("xcb_intern_atom", _Cookie, (c_void_p, c_uint8, c_uint16, c_char_p)),
        ("xcb_intern_atom_reply", POINTER(_AtomReply), (c_void_p, _Cookie, c_void_p)),
        ("xcb_get_window_attributes", _Cookie, (c_void_p, c_uint32)),
        ("xcb_get_window_attributes_reply", POINTER(_AttributesReply), (c_void_p, _Cookie, c_void_p)),
        ("xcb_get_geometry", _Cookie, (c_void_p, c_uint32)),
        ("xcb_get_geometry_reply", POINTER(_GeometryReply), (c_void_p, _Cookie, c_void_p)),
        (
            "xcb_change_property",
            _Cookie,
            (c_void_p, c_uint8, c_uint32, c_uint32, c_uint32, c_uint8, c_uint32, c_void_p),
        ),
        ("xcb_delete_property", _Cookie, (c_void_p, c_uint32, c_uint32)),
        ("xcb_get_property", _Cookie, (c_void_p, c_uint8, c_uint32, c_uint32, c_uint32, c_uint32, c_uint32)),
        ("xcb_get_property_reply", c_void_p, (c_void_p, _Cookie, c_void_p)),
        ("xcb_get_property_value", c_void_p, (c_void_p,)),
        ("xcb_get_property_value_length", c_int, (c_void_p,)),
        ("xcb_send_event", _Cookie, (c_void_p, c_uint8, c_uint32, c_uint32, POINTER(c_char))),
        ("xcb_flush", c_int, (c_void_p,)),
    ):
        function = getattr(xcb, name)
        function.restype, function.argtypes = result, arguments
    return xcb


@cache
def _free() -> Any:
    free = ctypes.CDLL(None).free
    free.restype, free.argtypes = None, (c_void_p,)
    return free


class _Xcb:
    """The few requests that are needed, over Qt's connection, so in order with what Qt asks for itself."""

    def __init__(self, library: ctypes.CDLL, connection: int) -> None:
        self._xcb = library
        self._connection = connection

    def set_cardinals(self, window: QWidget, name: str, numbers: tuple[int, ...]) -> None:
        data = (c_uint32 * len(numbers))(*numbers)
        self._xcb.xcb_change_property(
            self._connection,
            _REPLACE,
            window.winId(),
            self._atom(name),
            _ATOM_CARDINAL,
            32,
            len(numbers),
            ctypes.cast(data, c_void_p),
        )

    def delete(self, window: QWidget, name: str) -> None:
        self._xcb.xcb_delete_property(self._connection, window.winId(), self._atom(name))

    def is_mapped(self, window: QWidget) -> bool:
        """Return whether the server has the window mapped; True where it cannot say."""
        cookie = self._xcb.xcb_get_window_attributes(self._connection, window.winId())
        reply = self._xcb.xcb_get_window_attributes_reply(self._connection, cookie, None)
        if not reply:
            return True
        try:
            return bool(reply.contents.map_state)
        finally:
            _free()(reply)

    def has_property(self, window: QWidget, name: str) -> bool:
        return self._number(int(window.winId()), name, _ANY_TYPE) is not None

    def active_window(self, window: QWidget) -> int:
        """Return the window that has the keyboard by the window manager's account; 0 where it gives none."""
        return self._number(self._root(window), "_NET_ACTIVE_WINDOW", _ATOM_WINDOW) or 0

    def _number(self, window: int, name: str, type_: int) -> int | None:
        """Return the first number of a property, or None where there is none."""
        cookie = self._xcb.xcb_get_property(self._connection, 0, window, self._atom(name), type_, 0, 1)
        reply = self._xcb.xcb_get_property_reply(self._connection, cookie, None)
        if not reply:
            return None
        try:
            if self._xcb.xcb_get_property_value_length(reply) < 4:
                return None
            return int(ctypes.cast(self._xcb.xcb_get_property_value(reply), POINTER(c_uint32))[0])
        finally:
            _free()(reply)

    def activate(self, target: int, window: QWidget) -> None:
        kind = self._atom("_NET_ACTIVE_WINDOW")
        event = struct.pack("=BBHII5I", _CLIENT_MESSAGE, 32, 0, target, kind, _FROM_A_PAGER, 0, window.winId(), 0, 0)
        data = (c_char * len(event)).from_buffer_copy(event)
        self._xcb.xcb_send_event(self._connection, 0, self._root(window), _SUBSTRUCTURE, data)

    def flush(self) -> None:
        self._xcb.xcb_flush(self._connection)

    def _root(self, window: QWidget) -> int:
        cookie = self._xcb.xcb_get_geometry(self._connection, window.winId())
        reply = self._xcb.xcb_get_geometry_reply(self._connection, cookie, None)
        if not reply:
            return 0
        try:
            return int(reply.contents.root)
        finally:
            _free()(reply)

    def _atom(self, name: str) -> int:
        raw = name.encode()
        cookie = self._xcb.xcb_intern_atom(self._connection, 0, len(raw), raw)
        reply = self._xcb.xcb_intern_atom_reply(self._connection, cookie, None)
        if not reply:
            return 0
        try:
            return int(reply.contents.atom)
        finally:
            _free()(reply)
