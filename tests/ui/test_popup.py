from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from desktop.widgets.popup import popup_spot
from desktop.widgets.prose import Prose

PANEL = QRect(1048, 0, 392, 900)
SCREEN = QRect(0, 0, 1440, 900)
BUTTON = QSize(24, 30)


@pytest.mark.parametrize(
    ("menu", "button", "spot"),
    [
        (QSize(160, 200), QPoint(1400, 10), QPoint(1264, 40)),
        (QSize(160, 200), QPoint(1400, 800), QPoint(1264, 600)),
        (QSize(160, 200), QPoint(1100, 10), QPoint(1048, 40)),
        (QSize(160, 880), QPoint(1400, 10), QPoint(1264, 0)),
        (QSize(500, 200), QPoint(1400, 10), QPoint(940, 40)),
    ],
    ids=["beneath", "above", "as far as the panel", "a high menu on the screen", "a wide menu on the screen"],
)
def test_that_a_menu_stands_at_its_button_inside_the_panel(menu, button, spot):
    assert popup_spot(menu, QRect(button, BUTTON), PANEL, SCREEN) == spot


def test_that_the_neighbouring_screen_is_left_alone():
    screen = QRect(1440, 0, 1440, 900)
    panel = QRect(1440, 0, 392, 900)
    button = QRect(QPoint(1450, 850), BUTTON)
    assert popup_spot(QSize(300, 200), button, panel, screen) == QPoint(1440, 650)


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the (keyboard|mouse)")
def test_that_what_is_marked_is_copied_by_the_mouse_alone(theme, show, qtbot):
    prose = show(Prose(theme), QSize(300, 200))
    prose.put("Slide the sleeve over the break.")
    QApplication.clipboard().setText("before")
    for choice in ("Copy", "Select all", "Copy"):
        QApplication.sendEvent(
            prose.viewport(),
            QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(8, 8), prose.mapToGlobal(QPoint(8, 8))),
        )
        menu = QApplication.activePopupWidget()
        next(one for one in menu.actions() if one.text() == choice).trigger()
        menu.close()
        if choice == "Select all":
            assert QApplication.clipboard().text() == "before"
    assert QApplication.clipboard().text() == "Slide the sleeve over the break."
