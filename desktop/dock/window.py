"""The panel's own window: at an edge of a screen, on top, and without the keyboard unless it is asked to take it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QGuiApplication, QMouseEvent, QResizeEvent, QScreen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.dock import geometry
from desktop.dock.base import FLAGS, Dock
from desktop.dock.geometry import Box, Spot
from desktop.settings import Placement, Side, clamped_width_px

log = logging.getLogger(__name__)

SETTLE_MS = 80
"""Screens report a change in several steps; the panel moves once, after the last."""
LOOK_MS = 400
MOST_LOOKS = 8
"""After each showing the panel looks so often whether it is really on the screen."""
GRIP_PX = 5


class DockWindow(QWidget):
    """Holds ``content`` at an edge. It is not shown until `show_docked`.

    A screen that goes away leaves the panel on another one; when it comes back, the panel returns to it.
    """

    placed = Signal(str, object)
    """The screen's key and the `Placement`, after the agent changed the width with the mouse."""
    side_changed = Signal(str)
    """``left`` or ``right``, when another screen has the panel at another edge."""
    limits_changed = Signal(str)
    """What the desktop does not allow, in one sentence; empty when all is as it should be."""
    keyboard_left = Signal()
    """The keyboard went to another window."""
    hide_requested = Signal()
    """The agent closed the window by the window manager's means: hide it, do not quit."""

    def __init__(self, dock: Dock, content: QWidget, *, strip_px: int = 44) -> None:
        super().__init__(None, FLAGS)
        self._dock = dock
        self._strip_px = strip_px
        self._wanted = geometry.NO_SCREEN
        self._placements: dict[str, Placement] = {}
        self._collapsed = False
        self._reserving = True
        self._limits = ""
        self._side = Side.RIGHT
        self._gaps: dict[tuple[str, Side], int] = {}
        self._takes_keyboard = False
        self._watched: list[QScreen] = []
        self.setWindowTitle(content.windowTitle() or "Kibitz")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_AlwaysShowToolTips)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(content)
        self._grip = _Grip(self)
        dock.prepare(self)
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settling.timeout.connect(self._settle)
        self._looks = 0
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._watch_screens()

    # What it is told

    def configure(
        self, screen: str, placements: Mapping[str, Placement], *, collapsed: bool = False, reserving: bool = True
    ) -> None:
        """Take over what the settings remember. ``screen`` is the key of the screen to dock to; may be empty."""
        self._wanted = screen
        self._placements = dict(placements)
        self._collapsed = collapsed
        self._reserving = reserving
        self._again()

    def place(self, placement: Placement, screen: str | None = None) -> None:
        """Put the panel at another edge, width or screen. Emits nothing."""
        if screen is not None:
            self._wanted = screen
        self._placements[self.screen_key if screen is None else screen] = placement
        self._again()

    def set_collapsed(self, *, collapsed: bool) -> None:
        """Be as narrow as the strip, or as wide as the panel."""
        if collapsed != self._collapsed:
            self._collapsed = collapsed
            self._again()

    def set_reserving(self, *, reserving: bool) -> None:
        """Keep other windows off the panel, or lie on top of them."""
        if reserving != self._reserving:
            self._reserving = reserving
            self._again()

    def show_docked(self) -> None:
        """Show the panel without taking the keyboard from anybody."""
        self._settle(showing=True)
        self.show()
        # Some window managers place a window anew when it is mapped.
        self._settling.start()
        self._looks = 0
        self._looking.start()

    def hide_docked(self) -> None:
        """Hide the panel and give the edge and the keyboard back."""
        self.accept_keyboard(wanted=False)
        self._dock.release(self)
        self._looking.stop()
        self.hide()

    def accept_keyboard(self, *, wanted: bool) -> None:
        """Take the keyboard because the agent asked for it, or hand it back to the window that had it."""
        if wanted and not self._takes_keyboard:
            self._dock.remember_focus(self)
        self._set_takes_keyboard(wanted=wanted)
        if wanted:
            self.raise_()
            self.activateWindow()
        else:
            self._dock.give_focus_back(self)

    # What it knows

    @property
    def screen_key(self) -> str:
        """Return the key of the screen that the panel is on."""
        return _key(self._target())

    @property
    def side(self) -> Side:
        return self._side

    @property
    def limits(self) -> str:
        return self._limits

    @property
    def takes_keyboard(self) -> bool:
        return self._takes_keyboard

    @property
    def placement(self) -> Placement:
        return self._placements.get(self.screen_key, Placement())

    # Placing

    def _look(self) -> None:
        """Show the panel once more where the desktop lost it, as happens when it was hidden a moment before."""
        self._looks += 1
        if self._looks >= MOST_LOOKS or not self.isVisible():
            self._looking.stop()
        elif self._dock.is_lost(self):
            log.info("the panel was shown and is not there: showing it again")
            self.hide()
            self._settle(showing=True)
            self.show()

    def _again(self) -> None:
        if self.isVisible():
            self._settle()

    def _settle(self, *, showing: bool = False) -> None:
        if not (showing or self.isVisible()):
            return
        screen = self._target()
        placement = self.placement
        if self._side is not placement.side:
            self._side = placement.side
            self.side_changed.emit(self._side.value)
        self._grip.place(self._side, usable=not self._collapsed)
        self.winId()
        self.setScreen(screen)
        box = self._box_on(screen, placement)
        self._put(_rect(self._reserved(screen, box)))

    def _box_on(self, screen: QScreen, placement: Placement) -> Box:
        full, available = _box(screen.geometry()), _box(screen.availableGeometry())
        where = (_key(screen), placement.side)
        # Measured once, before anything of ours is reserved there: later it would count our own strut.
        gap_px = self._gaps.setdefault(where, geometry.gap_px(full, available, placement.side))
        width_px = self._strip_px if self._collapsed else clamped_width_px(placement.width_px)
        return geometry.panel_box(full, available, placement.side, width_px, gap_px=gap_px)

    def _reserved(self, screen: QScreen, box: Box) -> Box:
        """Reserve ``box`` if that is wanted, and return where the window has to go, in logical pixels."""
        if not self._reserving:
            self._dock.release(self)
            self._limit("")
            return box
        origin, ratio = _box(screen.geometry()), screen.devicePixelRatio()
        others = tuple(
            _device(one)
            for one in QGuiApplication.screens()
            if one is not screen and one.geometry() != screen.geometry()
        )
        spot = Spot(self._side, geometry.to_device(box, origin, ratio), _device(screen), others)
        reserved = self._dock.reserve(self, spot)
        self._limit(reserved.limits)
        return box if reserved.box is None else geometry.to_logical(reserved.box, origin, ratio)

    def _put(self, rect: QRect) -> None:
        # The width is fixed, so that the content's own wishes cannot make the window wider than its strut.
        self.setFixedWidth(rect.width())
        if self.geometry() != rect:
            self.setGeometry(rect)

    def _limit(self, limits: str) -> None:
        if limits != self._limits:
            self._limits = limits
            self.limits_changed.emit(limits)

    def _target(self) -> QScreen:
        screens = {_key(one): one for one in reversed(QGuiApplication.screens())}
        primary = QGuiApplication.primaryScreen()
        return screens.get(geometry.chosen_screen(self._wanted, list(screens), _key(primary)), primary)

    # Screens

    def _watch_screens(self) -> None:
        app = QGuiApplication.instance()
        if not isinstance(app, QGuiApplication):
            raise TypeError("a window needs a QGuiApplication")
        app.screenAdded.connect(self._screens_changed)
        app.screenRemoved.connect(self._screens_changed)
        app.primaryScreenChanged.connect(self._screens_changed)
        self._screens_changed()

    def _screens_changed(self) -> None:
        for screen in QGuiApplication.screens():
            if not any(screen is one for one in self._watched):
                screen.geometryChanged.connect(self._settling.start)
                screen.availableGeometryChanged.connect(self._settling.start)
                screen.logicalDotsPerInchChanged.connect(self._settling.start)
        self._watched = list(QGuiApplication.screens())
        self._settling.start()

    # Dragging the inner edge

    def drag_to(self, width_px: int) -> None:
        """Make the panel so wide, within bounds, without telling the window manager before `drag_ended`."""
        placement = Placement(self._side, clamped_width_px(width_px))
        self._placements[self.screen_key] = placement
        self._put(_rect(self._box_on(self._target(), placement)))

    def drag_ended(self) -> None:
        self._again()
        self.placed.emit(self.screen_key, self.placement)

    # Keyboard

    def _set_takes_keyboard(self, *, wanted: bool) -> None:
        self._takes_keyboard = wanted
        if (handle := self.windowHandle()) is not None:
            handle.setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, not wanted)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow() and self._takes_keyboard:
            self._set_takes_keyboard(wanted=False)
            self.keyboard_left.emit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._grip.place(self._side, usable=not self._collapsed)
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.hide_requested.emit()


class _Grip(QWidget):
    """The inner edge, to be dragged with the mouse. Settings change the edge, not the width."""

    def __init__(self, window: DockWindow) -> None:
        super().__init__(window)
        self._window = window
        self._from: tuple[QPoint, int] | None = None
        self.setCursor(QCursor(Qt.CursorShape.SplitHCursor))

    def place(self, side: Side, *, usable: bool) -> None:
        window = self._window
        x = window.width() - GRIP_PX if side is Side.LEFT else 0
        self.setGeometry(x, 0, GRIP_PX, window.height())
        self.setVisible(usable)
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._from = event.globalPosition().toPoint(), self._window.width()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            start, width_px = self._from
            moved_px = event.globalPosition().toPoint().x() - start.x()
            self._window.drag_to(width_px + (moved_px if self._window.side is Side.LEFT else -moved_px))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._from is not None:
            self._from = None
            self._window.drag_ended()


def _key(screen: QScreen) -> str:
    return geometry.screen_key(screen.name(), screen.serialNumber())


def _box(rect: QRect) -> Box:
    return Box(rect.x(), rect.y(), rect.width(), rect.height())


def _rect(box: Box) -> QRect:
    return QRect(box.x, box.y, box.width, box.height)


def _device(screen: QScreen) -> Box:
    logical = _box(screen.geometry())
    return geometry.to_device(logical, logical, screen.devicePixelRatio())
