"""The window's own decisions, with a desktop that remembers what it was asked. Real desktops: tests/process."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from desktop.dock.base import Reserved, choose_dock
from desktop.dock.fallback import PlainDock, limits_of
from desktop.dock.geometry import Box, Spot
from desktop.dock.window import DockWindow, _key
from desktop.settings import Placement, Side


class FakeDock:
    """A desktop that grants what it is asked for, or what ``answer`` says."""

    def __init__(self) -> None:
        self.held: Spot | None = None
        self.asked = 0
        self.answer = Reserved()
        self.keyboard: list[str] = []
        self.losing = 0

    def prepare(self, window: QWidget) -> None:
        assert not window.internalWinId()

    def reserve(self, window: QWidget, spot: Spot) -> Reserved:
        self.asked += 1
        self.held = spot
        return self.answer

    def release(self, window: QWidget) -> None:
        self.held = None

    def is_lost(self, window: QWidget) -> bool:
        self.losing -= 1
        return self.losing >= 0

    def remember_focus(self, window: QWidget) -> None:
        self.keyboard.append("noted")

    def give_focus_back(self, window: QWidget) -> None:
        self.keyboard.append("given back")


@pytest.fixture
def dock() -> FakeDock:
    return FakeDock()


@pytest.fixture
def window(qtbot, dock):
    window = DockWindow(dock, QLabel("panel"))
    qtbot.addWidget(window, before_close_func=lambda one: one.hide_docked())
    return window


@pytest.fixture
def screen(qapp) -> Box:
    rect = QGuiApplication.primaryScreen().geometry()
    return Box(rect.x(), rect.y(), rect.width(), rect.height())


def box_of(window: DockWindow) -> Box:
    rect = window.geometry()
    return Box(rect.x(), rect.y(), rect.width(), rect.height())


def test_that_the_edge_is_reserved_before_the_panel_is_seen(window, dock, screen):
    seen: list[bool] = []
    dock.reserve = lambda shown, spot: seen.append(shown.isVisible()) or Reserved()  # type: ignore[method-assign]  # notes when it is asked
    window.show_docked()
    assert seen[0] is False
    assert box_of(window) == Box(screen.right - 392, screen.y, 392, screen.height)


def test_that_a_hidden_panel_reserves_nothing(window, dock):
    window.show_docked()
    assert dock.held is not None
    window.hide_docked()
    assert dock.held is None
    window.set_collapsed(collapsed=True)
    assert dock.held is None


def test_that_a_panel_that_the_desktop_lost_is_shown_again_until_it_is_there(qtbot, window, dock, monkeypatch):
    window._looking.setInterval(1)
    shown: list[bool] = []
    show = window.show
    monkeypatch.setattr(window, "show", lambda: (shown.append(dock.held is not None), show())[1])
    dock.losing = 2

    window.show_docked()

    qtbot.waitUntil(lambda: not window._looking.isActive())
    assert shown == [True, True, True]
    assert window.isVisible()


def test_that_a_hidden_panel_is_not_looked_for(qtbot, window, dock):
    window.show_docked()
    dock.losing = 100
    window.hide_docked()

    assert not window._looking.isActive()
    assert not window.isVisible()


def test_that_the_strip_and_the_other_side_are_reserved_as_they_are(window, dock, screen):
    window.show_docked()
    window.set_collapsed(collapsed=True)
    assert dock.held.panel == Box(screen.right - 44, screen.y, 44, screen.height)
    sides: list[str] = []
    window.side_changed.connect(sides.append)
    window.place(Placement(Side.LEFT, 400))
    window.set_collapsed(collapsed=False)
    assert dock.held.panel == Box(screen.x, screen.y, 400, screen.height)
    assert sides == ["left"]


def test_that_the_panel_is_as_wide_as_its_strut_whatever_the_content_wants(qtbot, dock):
    content = QLabel("a line that is far too long " * 40)
    window = DockWindow(dock, content)
    qtbot.addWidget(window)
    window.show_docked()
    assert window.width() == dock.held.panel.width == 392
    window.hide_docked()


def test_that_the_panel_goes_where_the_desktop_moves_it(window, dock, screen):
    dock.answer = Reserved(box=Box(screen.x + 10, screen.y + 20, 392, 300))
    window.show_docked()
    assert box_of(window) == Box(screen.x + 10, screen.y + 20, 392, 300)


@pytest.mark.promise("I5")
def test_that_what_the_desktop_does_not_allow_is_said_once(window, dock):
    said: list[str] = []
    window.limits_changed.connect(said.append)
    dock.answer = Reserved(limits="not between two screens")
    window.show_docked()
    window.set_collapsed(collapsed=True)
    dock.answer = Reserved()
    window.set_collapsed(collapsed=False)
    assert said == ["not between two screens", ""]


def test_that_reserving_can_be_turned_off_and_on(window, dock):
    window.show_docked()
    window.set_reserving(reserving=False)
    assert dock.held is None
    window.set_reserving(reserving=True)
    assert dock.held is not None


def test_that_each_screen_has_its_remembered_place(window, dock):
    here = _key(QGuiApplication.primaryScreen())
    window.configure("GONE-7|X", {here: Placement(Side.LEFT, 410), "GONE-7|X": Placement(Side.RIGHT, 365)})
    window.show_docked()
    assert window.screen_key == here
    assert (window.side, window.width()) == (Side.LEFT, 410)


@pytest.mark.promise("I3")
def test_that_the_window_takes_no_keyboard_until_it_is_asked_to(window, dock):
    window.show_docked()
    no_focus = Qt.WindowType.WindowDoesNotAcceptFocus
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert window.windowHandle().flags() & no_focus
    window.accept_keyboard(wanted=True)
    assert not window.windowHandle().flags() & no_focus
    assert dock.keyboard == ["noted"]
    window.accept_keyboard(wanted=False)
    assert window.windowHandle().flags() & no_focus
    assert dock.keyboard == ["noted", "given back"]


@pytest.mark.promise("I3")
def test_that_a_window_that_lost_the_keyboard_takes_it_no_more(window, dock, monkeypatch):
    left: list[bool] = []
    window.keyboard_left.connect(lambda: left.append(True))
    window.show_docked()
    window.accept_keyboard(wanted=True)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    window.changeEvent(QEvent(QEvent.Type.ActivationChange))
    assert left == [True]
    assert not window.takes_keyboard


def test_that_dragging_the_inner_edge_changes_the_width_within_its_bounds(qtbot, window, dock, screen):
    window.show_docked()
    placed: list[Placement] = []
    window.placed.connect(lambda _, placement: placed.append(placement))
    grip = window._grip
    asked = dock.asked
    QTest.mousePress(grip, Qt.MouseButton.LeftButton, pos=QPoint(2, 100))
    for x in (-8, -300, 800):
        window.drag_to(392 - x)
    assert dock.asked == asked
    window.drag_to(412)
    QTest.mouseRelease(grip, Qt.MouseButton.LeftButton, pos=QPoint(2, 100))
    assert placed == [Placement(Side.RIGHT, 412)]
    assert dock.held.panel == Box(screen.right - 412, screen.y, 412, screen.height)


def test_that_closing_the_window_asks_to_hide_and_does_not_end_it(window):
    asked: list[bool] = []
    window.hide_requested.connect(lambda: asked.append(True))
    window.show_docked()
    event = QCloseEvent()
    window.closeEvent(event)
    assert asked == [True]
    assert not event.isAccepted()
    assert window.isVisible()


@pytest.mark.promise("I5")
@pytest.mark.parametrize(
    ("platform", "system", "word"),
    [
        ("wayland", "linux", "Wayland"),
        ("wayland-egl", "linux", "Wayland"),
        ("cocoa", "darwin", "macOS"),
        ("offscreen", "linux", "This desktop"),
    ],
)
def test_that_a_desktop_without_edges_is_named(platform, system, word):
    dock = choose_dock(platform, system)
    assert isinstance(dock, PlainDock)
    assert limits_of(platform, system).startswith(word)


@pytest.mark.parametrize(("platform", "name"), [("xcb", "X11Dock"), ("windows", "WindowsDock")])
def test_that_each_window_system_has_its_own_dock(platform, name):
    assert type(choose_dock(platform)).__name__ == name
