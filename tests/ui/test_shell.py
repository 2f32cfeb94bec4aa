"""What all windows of Kibitz have in common, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
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


@pytest.mark.parametrize(("setting", "asked"), [("", None), ("de", "de_DE"), ("pt_BR", "pt_BR")])
def test_that_the_words_are_in_the_language_of_the_settings(qapp, tmp_path, monkeypatch, setting, asked):
    asked_for: list[str | None] = []
    monkeypatch.setattr(
        "desktop.shell.install_translator", lambda _, locale: asked_for.append(locale.name() if locale else None)
    )
    settings = SettingsFile(tmp_path / "settings.json")
    settings.change(language=setting)
    Shell(qapp, settings).close()
    assert asked_for == [asked]


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
    both = ["Pause", "Journal", "Accounts", "Settings", "Admin", "Quit Kibitz"]
    assert [one for one in panel if one in tray] == [one for one in tray if one in panel] == both


# --- a settings file that cannot be used


def started(qapp, path: Path, content: str) -> Shell:
    path.write_text(content)
    shell = Shell(qapp, SettingsFile(path))
    shell.show_first()
    return shell


@pytest.mark.logs("the settings file cannot be read")
def test_that_the_panel_says_until_it_is_read_that_the_settings_file_was_kept_and_where(qapp, qtbot, tmp_path):
    shell = started(qapp, tmp_path / "settings.json", "{")
    [kept] = tmp_path.glob("settings.json.unreadable-*")
    strip = shell.panel.notice
    assert strip.isVisible()
    assert strip.text.endswith(f"The file was kept: {kept}")
    assert strip.accessibleName() == strip.text
    shell.show_state(NoTicket())
    assert strip.isVisible()
    qtbot.mouseClick(strip.close_button, Qt.MouseButton.LeftButton)
    assert not strip.isVisible()
    shell.close()


@pytest.mark.logs("setting theme cannot be used")
def test_that_the_panel_names_a_setting_that_could_not_be_used(qapp, tmp_path):
    shell = started(qapp, tmp_path / "settings.json", '{"theme": "plaid", "poll": false}')
    assert shell.panel.notice.text.endswith("These are as usual: “Light, dark, or as the system”.")
    assert not shell.settings.value.poll
    shell.close()


def test_that_a_settings_file_that_can_be_read_is_no_matter_to_speak_of(qapp, tmp_path):
    shell = started(qapp, tmp_path / "settings.json", '{"poll": false}')
    assert shell.panel.notice.text == ""
    assert not shell.panel.notice.isVisible()
    shell.close()
