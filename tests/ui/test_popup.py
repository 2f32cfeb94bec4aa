from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize

from desktop.widgets.popup import popup_spot

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
