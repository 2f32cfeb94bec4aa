"""Who has the keyboard: the panel while it is asked to, and the window that had it before after that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop.settings import SettingsFile
from desktop.shell import Shell
from tests.helpers.panel import ready

pytestmark = pytest.mark.promise("I3")


@pytest.fixture(scope="module")
def one_shell(qapp: QApplication, tmp_path_factory) -> Iterator[Shell]:
    """A shell takes long to make, so all tests here have the same."""
    made = Shell(qapp, SettingsFile(tmp_path_factory.mktemp("shell") / "settings.json"))
    yield made
    made.close()


@pytest.fixture
def shell(one_shell: Shell, monkeypatch) -> Shell:
    monkeypatch.setattr(type(one_shell.tray), "available", property(lambda _: True))
    one_shell.panel.set_collapsed(collapsed=False)
    one_shell.show_state(ready("a", "b"))
    one_shell.show_panel(with_keyboard=False)
    one_shell.give_keyboard_back()
    return one_shell


def test_that_what_is_written_in_place_borrows_the_keyboard(shell):
    card = shell.panel.ready.replies[0]
    for begin, end in ((card.edit, card.cancel_edit), (card.ask_reason, card.leave_reason)):
        begin()
        assert shell.window.takes_keyboard
        end()
        assert not shell.window.takes_keyboard


def test_that_a_panel_which_had_the_keyboard_keeps_it_after_writing_in_place(shell):
    shell.show_panel(with_keyboard=True)
    card = shell.panel.ready.replies[0]
    for begin, end in ((card.edit, card.cancel_edit), (card.ask_reason, card.leave_reason)):
        begin()
        end()
        assert shell.window.takes_keyboard


def test_that_a_click_into_the_field_while_writing_changes_nothing_of_that(shell):
    card = shell.panel.ready.replies[0]
    card.edit()
    card.editor.pressed.emit()
    card.cancel_edit()
    assert not shell.window.takes_keyboard


def test_that_what_was_borrowed_is_forgotten_when_the_agent_goes_elsewhere_and_comes_back(shell):
    card = shell.panel.ready.replies[0]
    card.edit()
    shell.window._set_takes_keyboard(wanted=False)
    shell.window.keyboard_left.emit()
    shell.show_panel(with_keyboard=True)
    card.cancel_edit()
    assert shell.window.takes_keyboard


def test_that_the_strip_does_not_keep_the_keyboard(shell):
    shell.show_panel(with_keyboard=True)
    shell.panel.collapse(collapsed=True)
    assert not shell.window.takes_keyboard


def test_that_without_a_tray_hiding_collapses_and_hands_the_keyboard_back(shell, monkeypatch):
    monkeypatch.setattr(type(shell.tray), "available", property(lambda _: False))
    shell.show_panel(with_keyboard=True)
    shell.hide_panel()
    assert shell.panel.is_collapsed
    assert not shell.window.takes_keyboard


def test_that_the_keyboard_is_moved_there_and_back_by_the_same_command(shell):
    shell.panel.collapse(collapsed=True)
    shell.switch_keyboard()
    assert (shell.window.takes_keyboard, shell.panel.is_collapsed) == (True, False)
    shell.switch_keyboard()
    assert (shell.window.takes_keyboard, shell.window.isVisible()) == (False, True)


def test_that_what_is_asked_for_by_a_command_is_shown_whole_without_the_keyboard(shell):
    shell.panel.collapse(collapsed=True)
    shell.show_whole(with_keyboard=False)
    assert (shell.window.takes_keyboard, shell.panel.is_collapsed) == (False, False)
    assert not shell.settings.value.collapsed
