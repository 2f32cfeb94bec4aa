"""The panel while a browser pairs or is linked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from assist.domain import SuggestionId
from desktop.link.state import Pairing
from desktop.panel.pairing import PairingStrip
from desktop.panel.state import Decided, Footer, NoTicket, Place
from desktop.settings import SettingsFile
from desktop.shell import GRACE_S, Shell
from tests.helpers.panel import ready, words_on

CODE = "481902"


def pairing(name: str = "Chromium", left_s: float = 102.0) -> Pairing:
    return Pairing(CODE, name, time.monotonic() + left_s)


# --- the strip


def test_that_the_code_is_large_digits_with_the_browsers_name_above(panel):
    panel.show_state(NoTicket())
    assert not panel.pairing.isVisible()
    panel.show_pairing(pairing())
    assert panel.pairing.isVisible()
    assert panel.pairing.code == CODE
    assert "Chromium wants to follow the ticket in front. Type this code there:" in words_on(panel)
    digits = [label for label in panel.pairing.findChildren(QLabel) if label.property("type") == "digit"]
    assert [label.text() for label in digits] == list(CODE)
    assert {label.width() for label in digits} == {digits[0].width()}
    assert all(label.fontMetrics().height() > 1.5 * panel.fontMetrics().height() for label in digits)


@pytest.mark.promise("I4")
def test_that_a_screen_reader_says_the_digits_one_by_one(panel):
    panel.show_pairing(pairing())
    assert panel.pairing.accessibleName().endswith("4 8 1 9 0 2")


@pytest.mark.promise("U1")
def test_that_the_browsers_name_is_plain_text(panel):
    panel.show_pairing(pairing("<b>Chromium</b>"))
    assert "<b>Chromium</b> wants to follow" in words_on(panel)


def test_that_the_time_that_is_left_counts_down(qtbot, theme):
    now_s = [100.0]
    strip = PairingStrip(theme, now=lambda: now_s[0])
    qtbot.addWidget(strip)
    strip.show_pairing(Pairing(CODE, "Chromium", 220.0))
    assert "2:00 left" in words_on(strip)
    now_s[0] = 215.4
    strip._timer.timeout.emit()
    assert "0:05 left" in words_on(strip)
    now_s[0] = 300.0
    strip._timer.timeout.emit()
    assert "0:00 left" in words_on(strip)


@pytest.mark.promise("I4")
def test_that_it_is_cancelled_by_keyboard(panel, qtbot):
    panel.show_pairing(pairing())
    panel.pairing._cancel.setFocus()
    with qtbot.waitSignal(panel.pairing_cancelled):
        qtbot.keyClick(panel.pairing._cancel, Qt.Key.Key_Space)


@pytest.mark.promise("I3")
def test_that_a_code_takes_no_focus(panel):
    panel.show_state(ready("one"))
    card = panel.ready.replies[0]
    card.setFocus()
    panel.show_pairing(pairing())
    assert QApplication.focusWidget() is card


@pytest.mark.promise("S1")
def test_that_nothing_of_a_code_is_left_when_it_is_over(panel):
    shown = pairing()
    panel.show_pairing(shown)
    panel.show_pairing(None)
    assert not panel.pairing.isVisible()
    assert panel.pairing.code == ""
    assert CODE not in repr(shown)


# --- the footer and the cards


def test_that_the_footer_has_a_sign_with_the_names_of_the_linked_browsers(panel):
    panel.show_state(NoTicket(footer=Footer("acme", browsers=("Chromium", "Firefox"))))
    assert panel.status.link.isVisible()
    assert panel.status.link.accessibleName() == "Linked with Chromium, Firefox"
    assert "Linked with Chromium, Firefox" in panel.status.link.toolTip()
    panel.show_state(NoTicket(footer=Footer("acme")))
    assert not panel.status.link.isVisible()


@pytest.mark.parametrize(
    ("decided", "place", "said", "button"),
    [
        (Decided.USED, None, "Copied. Paste it into your reply.", "Insert again"),
        (Decided.USED, Place.UNDER_WAY, "Inserting …", "Inserting …"),
        (Decided.USED, Place.COMPOSER, "It is in your reply. Read it, then send.", "Insert again"),
        (Decided.EDITED, Place.COMPOSER, "Your version is in your reply. Read it, then send.", "Insert again"),
        (Decided.USED, Place.NOWHERE, "Not inserted: something else was in front.", "Insert again"),
    ],
)
def test_that_a_card_says_where_its_text_is(panel, decided, place, said, button):
    id_ = SuggestionId("one")
    places = {} if place is None else {id_: place}
    panel.show_state(ready("one", decided={id_: decided}, places=places, inserts=True))
    card = panel.ready.replies[0]
    assert said in words_on(card)
    assert card._use.text() == button


@pytest.mark.parametrize(
    ("inserts", "tip", "again"),
    [(True, "Put into your reply, where the caret is", "Insert again"), (False, "Copy to the clipboard", "Copy again")],
)
def test_that_use_says_what_it_would_do(panel, inserts, tip, again):
    panel.show_state(ready("one", inserts=inserts))
    assert tip in panel.ready.replies[0]._use.toolTip()
    panel.show_state(ready("one", inserts=inserts, decided={SuggestionId("one"): Decided.USED}))
    assert panel.ready.replies[0]._use.text() == again


@pytest.mark.promise("N6")
def test_that_a_reply_that_is_out_of_date_says_so_before_it_is_used(panel):
    state = ready("one", "two")
    panel.show_state(state)
    assert "Out of date" not in words_on(panel)
    panel.show_state(replace(state, outdated=frozenset({SuggestionId("one")})))
    assert "Out of date" in words_on(panel.ready.replies[0])
    assert "Out of date" not in words_on(panel.ready.replies[1])


def test_that_an_edit_that_was_stopped_is_given_back(panel, qtbot, heard):
    panel.show_state(ready("one"))
    card = panel.ready.replies[0]
    card.edit()
    card.editor.setPlainText("mine")
    card.use_edited()
    assert heard == [("edited", "one", "mine")]
    panel.setFocus()
    panel.keep_editing("one", "mine")
    assert (card.is_editing, card.draft) == (True, "mine")
    assert not card.editor.hasFocus()
    with qtbot.waitSignal(panel.keyboard_wanted, check_params_cb=bool):
        qtbot.mouseClick(card.editor.viewport(), Qt.MouseButton.LeftButton)
    assert card.editor.hasFocus()
    card.use_edited()
    assert heard[-1] == ("edited", "one", "mine")


# --- the window


@pytest.fixture(scope="module")
def one_shell(qapp, tmp_path_factory) -> Iterator[Shell]:
    """A shell takes long to make, so all tests here have the same."""
    made = Shell(qapp, SettingsFile(tmp_path_factory.mktemp("shell") / "settings.json"))
    made.show_state(NoTicket())
    yield made
    made.close()


@pytest.fixture
def shell(one_shell, monkeypatch) -> Iterator[Shell]:
    monkeypatch.setattr(type(one_shell.tray), "available", property(lambda _: True))
    one_shell.panel.set_collapsed(collapsed=False)
    yield one_shell
    one_shell.on_watch_changed = lambda: None


@pytest.mark.promise("I3")
def test_that_a_hidden_panel_comes_for_a_code_without_the_keyboard_and_goes_again(shell):
    shell.hide_panel()
    shell.show_pairing(pairing())
    assert shell.window.isVisible()
    assert not shell.window.takes_keyboard
    shell.show_pairing(pairing())
    shell.show_pairing(None)
    assert not shell.window.isVisible()


def test_that_a_collapsed_panel_opens_for_a_code_and_collapses_again(shell):
    shell.show_panel(with_keyboard=False)
    shell.panel.set_collapsed(collapsed=True)
    shell.panel.collapse_toggled.emit(True)
    shell.show_pairing(pairing())
    assert not shell.panel.is_collapsed
    shell.show_pairing(None)
    assert shell.panel.is_collapsed
    assert shell.settings.value.collapsed


def test_that_a_panel_that_the_agent_opened_meanwhile_stays(shell):
    shell.hide_panel()
    shell.show_pairing(pairing())
    shell.panel.set_collapsed(collapsed=True)
    shell.panel.collapse_toggled.emit(True)
    shell.show_pairing(None)
    assert shell.window.isVisible()


def test_that_the_keyboard_counts_as_the_panels_until_a_browser_can_have_noticed(shell, monkeypatch):
    now_s = [1_000.0]
    monkeypatch.setattr("desktop.shell.time.monotonic", lambda: now_s[0])
    monkeypatch.setattr(QApplication, "activeWindow", staticmethod(lambda: None))
    assert not shell.has_keyboard()
    shell._focus_moved(None)
    assert shell.has_keyboard()
    now_s[0] += GRACE_S
    assert not shell.has_keyboard()


def test_that_showing_hiding_and_pausing_are_told(shell):
    told = []
    shell.on_watch_changed = lambda: told.append(shell.is_seen())
    shell.show_panel(with_keyboard=False)
    shell.tray.pause_toggled.emit(True)
    shell.tray.pause_toggled.emit(False)
    shell.hide_panel()
    assert told == [True, False, True, False]


def test_that_a_pause_is_seen_in_the_panel_and_ended_there(shell):
    shell.show_panel(with_keyboard=False)
    shell.panel.pause.trigger()
    assert not shell.is_seen()
    assert "Paused: tickets that you open are not followed." in words_on(shell.panel)
    assert shell.tray._pause.isChecked()
    shell.panel.paused_bar.resume.click()
    assert shell.is_seen()
    assert "Paused" not in words_on(shell.panel)
    assert (shell.panel.pause.isChecked(), shell.tray._pause.isChecked()) == (False, False)
    shell.tray.pause_toggled.emit(True)
    assert shell.panel.pause.isChecked()
    shell.tray.pause_toggled.emit(False)
