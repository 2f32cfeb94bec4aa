"""What all windows of Kibitz have in common, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMenu

from desktop.panel.state import NoTicket
from desktop.settings import SettingsFile
from desktop.shell import Shell
from desktop.tray import WINDOW_SIZES_PX


@pytest.fixture(scope="module")
def shell(qapp, tmp_path_factory) -> Iterator[Shell]:
    """A shell takes long to make, so all tests here have the same."""
    made = Shell(qapp, SettingsFile(tmp_path_factory.mktemp("shell") / "settings.json"))
    made.show_state(NoTicket())
    yield made
    made.close()
    if made._preferences is not None:
        made._preferences.close()


def test_that_every_window_has_the_mark_as_its_icon_in_every_size(shell):
    shell.show_settings()
    for window in (shell.window, shell._preferences):
        icon = window.windowIcon()
        assert sorted(size.width() for size in icon.availableSizes()) == sorted(WINDOW_SIZES_PX)
        image = icon.pixmap(256).toImage()
        assert image.pixelColor(128, 30) == shell.theme.color("focus")
        assert image.pixelColor(1, 1).alpha() == 0


def entries(menu: QMenu) -> list[str]:
    return [one.text() for one in menu.actions() if not one.isSeparator()]


def test_that_the_trays_menu_leads_to_the_settings(shell):
    if shell._preferences is not None:
        shell._preferences.close()
    [settings] = [one for one in shell.tray.menu.actions() if one.text() == "Settings"]
    settings.trigger()
    assert shell._preferences.isVisible()


def test_that_both_menus_name_the_same_windows_in_the_same_order(shell):
    panel = entries(shell.panel.bar.menu_button.menu())
    tray = entries(shell.tray.menu)
    both = ["Journal", "Accounts", "Settings", "Admin", "Quit Kibitz"]
    assert [one for one in panel if one in tray] == [one for one in tray if one in panel] == both
