"""The settings window: it shows what holds, and says at once what the agent wants otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from desktop.preferences.view import PreferencesState, PreferencesView
from desktop.settings import Side, ThemeChoice
from desktop.theme import Theme

STATE = PreferencesState(ThemeChoice.DARK, Side.LEFT, reserve_edge=True, show_at_start=False, follow=True)


@pytest.fixture
def view(qtbot, theme: Theme) -> Iterator[PreferencesView]:
    made = PreferencesView(theme)
    qtbot.addWidget(made)
    made.show_state(STATE)
    made.show()
    return made


def button(view: PreferencesView, text: str) -> QAbstractButton:
    return next(one for one in view.findChildren(QAbstractButton) if one.text() == text)


def test_that_it_shows_what_holds(view) -> None:
    checked = {one.text() for one in view.findChildren(QAbstractButton) if one.isCheckable() and one.isChecked()}
    assert checked == {
        "Dark",
        "Left edge",
        "Keep other windows from covering the panel",
        "Notice the ticket that I open in Zendesk",
    }


@pytest.mark.promise("I4")
def test_that_the_window_opens_with_the_keyboard_at_the_look_that_holds(view) -> None:
    assert view.focusWidget() is button(view, "Dark")


def test_that_the_keyboard_stays_where_it_is_while_the_window_is_open(view) -> None:
    button(view, "Left edge").setFocus()
    view.show_state(replace(STATE, theme=ThemeChoice.LIGHT))
    assert view.focusWidget() is button(view, "Left edge")


def test_that_showing_a_state_says_nothing(qtbot, view) -> None:
    with qtbot.assertNotEmitted(view.theme_chosen), qtbot.assertNotEmitted(view.flag_changed):
        view.show_state(PreferencesState(ThemeChoice.LIGHT, Side.RIGHT, False, True, False))


def test_that_a_theme_is_chosen_by_one_click(qtbot, view) -> None:
    with qtbot.waitSignal(view.theme_chosen) as chosen:
        button(view, "Light").click()
    assert chosen.args == ["light"]


def test_that_the_edge_is_chosen_apart_from_the_theme(qtbot, view) -> None:
    with qtbot.waitSignal(view.side_chosen) as chosen:
        button(view, "Right edge").click()
    assert chosen.args == ["right"]
    assert button(view, "Dark").isChecked()


def test_that_a_flag_is_named_by_its_setting_and_toggled_by_the_space_bar(qtbot, view) -> None:
    box = button(view, "Show the panel when Kibitz starts")
    with qtbot.waitSignal(view.flag_changed) as changed:
        qtbot.keyClick(box, Qt.Key.Key_Space)
    assert changed.args == ["show_at_start", True]


def test_that_what_the_desktop_does_not_allow_is_said_without_being_cut(qtbot, view) -> None:
    before = view.height()
    view.show_state(
        PreferencesState(ThemeChoice.DARK, Side.LEFT, True, True, True, "This desktop reserves no edge. " * 6)
    )
    assert view.height() > before
