from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage

from desktop.tray import SIZES_PX, Badge, Tray, badge_icon, badge_pixmap


@pytest.fixture
def tray(qapp):
    tray = Tray()
    yield tray
    tray.close()


def texts(tray: Tray) -> list[str]:
    tray.menu.aboutToShow.emit()
    return [entry.text() for entry in tray.menu.actions() if entry.isVisible() and not entry.isSeparator()]


def entry(tray: Tray, text: str):
    [found] = [one for one in tray.menu.actions() if one.text() == text]
    return found


def alone(image: QImage, color: QColor) -> int:
    """Return how many pixels of ``image`` are about ``color``."""
    return sum(
        abs(one.red() - color.red()) + abs(one.green() - color.green()) + abs(one.blue() - color.blue()) < 40
        for x in range(image.width())
        for y in range(image.height())
        if (one := image.pixelColor(x, y)).alpha() > 200
    )


def test_that_the_menu_says_how_things_are(tray):
    windows = ["Journal", "Accounts", "Settings", "Admin"]
    assert texts(tray) == ["Show panel", "Open a ticket …", "Pause", *windows, "Quit Kibitz"]
    tray.put(panel_shown=True, paused=True, status="Synced 3 min ago")
    assert texts(tray)[:2] == ["Synced 3 min ago", "Hide panel"]
    assert entry(tray, "Pause").isChecked()
    assert not entry(tray, "Synced 3 min ago").isEnabled()


def test_that_no_key_of_the_panel_stands_in_the_menu_as_if_it_held_everywhere(tray):
    assert [one.text() for one in tray.menu.actions() if not one.shortcut().isEmpty()] == []


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Show panel", "toggle_requested"),
        ("Open a ticket …", "quick_open_requested"),
        ("Journal", "journal_requested"),
        ("Accounts", "accounts_requested"),
        ("Settings", "settings_requested"),
        ("Admin", "admin_requested"),
        ("Quit Kibitz", "quit_requested"),
    ],
)
def test_that_each_entry_reports_itself(qtbot, tray, text, signal):
    with qtbot.waitSignal(getattr(tray, signal), timeout=1_000):
        entry(tray, text).trigger()


def test_that_pausing_reports_what_was_asked_for_and_the_app_has_the_last_word(qtbot, tray):
    with qtbot.waitSignal(tray.pause_toggled, timeout=1_000) as asked:
        entry(tray, "Pause").trigger()
    assert asked.args == [True]
    tray.put(panel_shown=False, paused=False, status="")
    assert not entry(tray, "Pause").isChecked()


@pytest.mark.promise("I5")
def test_that_without_a_notification_area_nothing_is_shown_and_that_is_known(tray):
    assert not tray.available
    tray.show()
    assert not tray.notice("hello")


@pytest.mark.promise("I4")
@pytest.mark.parametrize("size_px", [16, 22, 32])
def test_that_the_badges_differ_in_shape_and_not_only_in_colour(qapp, size_px):
    masks = {}
    for badge in Badge:
        image = badge_pixmap(badge, size_px).toImage()
        masks[badge] = {(x, y) for x in range(size_px) for y in range(size_px) if image.pixelColor(x, y).alpha() > 128}
    for one, other in ((Badge.NORMAL, Badge.ALERT), (Badge.NORMAL, Badge.OFFLINE), (Badge.ALERT, Badge.OFFLINE)):
        assert len(masks[one] ^ masks[other]) >= size_px


def test_that_only_the_alert_has_a_red_dot(qapp):
    red = QColor("#b3271f")
    counts = {badge: alone(badge_pixmap(badge, 22).toImage(), red) for badge in Badge}
    assert counts[Badge.ALERT] > 40
    assert counts[Badge.NORMAL] == counts[Badge.OFFLINE] == 0


def test_that_the_icon_has_every_size_that_notification_areas_use(qapp):
    assert sorted(size.width() for size in badge_icon(Badge.NORMAL).availableSizes()) == sorted(SIZES_PX)
