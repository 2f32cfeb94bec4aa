from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea

from assist.domain import Flag, FlagKind, SuggestionId
from desktop.panel.state import Decided
from tests.helpers.builders import a_source
from tests.helpers.panel import ready, replies, words_on

A = SuggestionId("a")
B = SuggestionId("b")


def key(qtbot, panel, name, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or panel, name, modifiers)


@pytest.mark.promise("I4")
@pytest.mark.parametrize(("pressed", "used"), [("1", "a"), ("2", "b"), ("3", "c")])
def test_that_a_number_uses_the_reply_with_that_number(panel, qtbot, heard, pressed, used):
    panel.show_state(ready("a", "b", "c"))
    panel.setFocus()
    key(qtbot, panel, pressed)
    assert heard == [("use_requested", used, "key")]


def test_that_a_number_without_a_reply_does_nothing(panel, qtbot, heard):
    panel.show_state(ready("a"))
    panel.setFocus()
    key(qtbot, panel, "2")
    assert heard == []


def test_that_the_button_uses_and_says_that_it_was_clicked(panel, qtbot, heard):
    panel.show_state(ready("a", "b"))
    qtbot.mouseClick(panel.ready.replies[1]._use, Qt.MouseButton.LeftButton)
    assert heard == [("use_requested", "b", "click")]


@pytest.mark.promise("D1")
def test_that_nothing_is_said_to_be_copied_before_the_state_says_so(panel, qtbot):
    panel.show_state(ready("a"))
    panel.ready.replies[0].use("click")
    assert "Copied" not in words_on(panel)

    panel.show_state(ready("a", decided={A: Decided.USED}))

    assert "Copied. Paste it into your reply." in words_on(panel)
    assert panel.ready.replies[0]._use.text() == "Copy again"


@pytest.mark.promise("I4")
def test_that_arrows_and_letters_move_between_cards_and_act_on_them(panel, qtbot, heard):
    panel.show_state(ready("a", "b"))
    panel.setFocus()
    key(qtbot, panel, Qt.Key.Key_Down)
    assert panel.ready.current_card() is panel.ready.replies[0]
    key(qtbot, panel, Qt.Key.Key_J)
    assert panel.ready.current_card() is panel.ready.replies[1]
    key(qtbot, panel, Qt.Key.Key_D)
    key(qtbot, panel, Qt.Key.Key_K)
    key(qtbot, panel, Qt.Key.Key_Return)
    key(qtbot, panel, Qt.Key.Key_U)
    for _ in range(2):
        key(qtbot, panel, Qt.Key.Key_Down)
    assert panel.ready.current_card() is panel.ready.articles[0]
    key(qtbot, panel, Qt.Key.Key_O)
    key(qtbot, panel, Qt.Key.Key_C)
    key(qtbot, panel, Qt.Key.Key_P)
    assert heard == [
        ("dismissed", "b", ""),
        ("use_requested", "a", "key"),
        ("use_requested", "a", "key"),
        ("article_open", "a1"),
        ("article_copy_link", "a1"),
        ("article_copy_passage", "a1"),
    ]


def test_that_enter_on_a_focused_button_presses_that_button(panel, qtbot, heard):
    panel.show_state(ready("a"))
    panel.ready.replies[0]._dismiss.setFocus()
    key(qtbot, panel, Qt.Key.Key_Return)
    assert heard == [("dismissed", "a", "")]


def test_that_ctrl_k_asks_for_quick_open_and_escape_collapses(panel, qtbot, heard):
    panel.show_state(ready("a"))
    panel.setFocus()
    key(qtbot, panel, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    key(qtbot, panel, Qt.Key.Key_Escape)
    assert heard == [("quick_open_requested",), ("collapse_toggled", True)]


def test_that_f6_goes_from_section_to_section_and_round(panel, qtbot):
    panel.show_state(ready("a"))
    panel.bar.quick_open.setFocus()
    seen = []
    for _ in range(4):
        key(qtbot, panel, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget().accessibleName().partition(",")[0])
    assert seen == ["Suggested replies  1", "Articles  1", "Customer", "Open a ticket by its address or number"]


def test_that_the_overview_of_keys_opens_and_any_key_closes_it(panel, qtbot, heard):
    panel.show_state(ready("a"))
    panel.setFocus()
    key(qtbot, panel, "?")
    assert panel.overlay.isVisible()
    assert "Use the reply with this number" in words_on(panel)
    key(qtbot, panel, Qt.Key.Key_X)
    assert not panel.overlay.isVisible()
    assert heard == []


@pytest.mark.parametrize("pressed", ["1", Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return])
def test_that_a_key_that_takes_the_overview_away_does_nothing_else_and_the_card_has_the_focus_again(
    panel, qtbot, heard, pressed
):
    panel.show_state(ready("a", "b"))
    panel.ready.replies[0].setFocus()
    key(qtbot, panel, "?")
    key(qtbot, panel, Qt.Key.Key_Shift)
    assert panel.overlay.isVisible()
    key(qtbot, panel, pressed)
    assert not panel.overlay.isVisible()
    assert QApplication.focusWidget() is panel.ready.replies[0]
    assert not panel.is_collapsed
    assert heard == []


def test_that_a_click_anywhere_takes_the_overview_away_and_does_nothing_else(panel, qtbot, heard):
    panel.show_state(ready("a"))
    use = panel.ready.replies[0]._use
    for spot in (use.mapTo(panel, use.rect().center()), panel.rect().center(), QPoint(60, 90), QPoint(2, 2)):
        panel.show_shortcuts()
        qtbot.mouseClick(panel.childAt(spot), Qt.MouseButton.LeftButton)
        assert not panel.overlay.isVisible()
    assert heard == []


@pytest.mark.promise("I4")
def test_that_a_low_panel_shows_the_whole_overview_by_scrolling(panel, qtbot):
    panel.show_state(ready("a"))
    panel.setFixedHeight(420)
    panel.show_shortcuts()
    sheet, bar = panel.overlay.sheet, panel.overlay.findChild(QScrollArea).verticalScrollBar()
    assert panel.rect().contains(sheet.geometry())
    assert bar.maximum() > 0
    key(qtbot, panel, Qt.Key.Key_PageDown)
    assert panel.overlay.isVisible()
    assert bar.value() == bar.maximum()
    panel.setFixedHeight(900)
    assert bar.maximum() == 0


# Editing in place


def test_that_an_edited_reply_is_used_with_ctrl_enter(panel, qtbot, heard):
    panel.show_state(ready("a"))
    panel.ready.move_focus(1)
    key(qtbot, panel, Qt.Key.Key_E)
    card = panel.ready.replies[0]
    assert card.is_editing
    assert card.editor.toPlainText() == "Hello, this is a."
    card.editor.setPlainText("Hello Inês")
    qtbot.keyClick(card.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard == [("edited", "a", "Hello Inês")]
    assert not card.is_editing


def test_that_letters_and_numbers_typed_into_the_editor_are_text(panel, qtbot, heard):
    panel.show_state(ready("a", "b"))
    panel.ready.replies[0].edit()
    qtbot.keyClicks(panel.ready.replies[0].editor, "1dzk ")
    assert heard == []
    assert panel.ready.replies[0].editor.toPlainText() == "1dzk Hello, this is a."


def test_that_escape_leaves_the_editor_and_only_then_collapses(panel, qtbot, heard):
    panel.show_state(ready("a"))
    panel.ready.replies[0].edit()
    key(qtbot, panel, Qt.Key.Key_Escape)
    assert not panel.ready.replies[0].is_editing
    assert heard == []
    assert panel.ready.current_card() is panel.ready.replies[0]


@pytest.mark.promise("I3")
def test_that_the_window_is_asked_to_take_keys_only_while_a_reply_is_edited(panel, qtbot):
    wanted = []
    panel.keyboard_wanted.connect(wanted.append)
    panel.show_state(ready("a"))
    panel.show_state(ready("b", state_key="7/2"))
    assert wanted == []
    panel.ready.replies[0].edit()
    panel.ready.replies[0].cancel_edit()
    assert wanted == [True, False]


@pytest.mark.promise("I3")
def test_that_showing_a_state_moves_no_focus(panel, qtbot):
    panel.show_state(ready("a"))
    panel.bar.menu_button.setFocus()
    panel.show_state(ready("b", state_key="7/2"))
    panel.show_state(ready("c", ticket=8))
    assert QApplication.focusWidget() is panel.bar.menu_button


# Dismissing and undoing


def test_that_a_dismissed_reply_leaves_an_undo_in_its_place(panel, qtbot, heard):
    panel.show_state(ready("a", "b"))
    qtbot.mouseClick(panel.ready.replies[0]._dismiss, Qt.MouseButton.LeftButton)
    assert heard == [("dismissed", "a", "")]

    panel.show_state(ready("a", "b", decided={A: Decided.DISMISSED}))

    assert "Dismissed: Send label (UK)" in words_on(panel)
    assert panel.shown_replies() == ("b",)
    panel.setFocus()
    key(qtbot, panel, Qt.Key.Key_Z)
    assert heard[-1] == ("undo_dismiss", "a")

    panel.show_state(ready("a", "b"))

    assert panel.shown_replies() == ("a", "b")
    assert "Dismissed" not in words_on(panel)


@pytest.mark.promise("R3")
def test_that_the_undo_goes_after_its_time_and_the_reply_does_not_come_back(panel, qtbot):
    panel.ready.replies[0]._undo_timer.setInterval(20)
    panel.show_state(ready("a", "b"))
    panel.show_state(ready("a", "b", decided={A: Decided.DISMISSED}))
    assert panel.ready.replies[0].offers_undo

    qtbot.waitUntil(lambda: "Dismissed" not in words_on(panel))

    panel.show_state(ready("a", "b", decided={A: Decided.DISMISSED}))
    assert panel.shown_replies() == ("b",)
    assert "Hello, this is a." not in words_on(panel)


def test_that_the_undo_goes_with_the_next_act(panel, qtbot, heard):
    panel.show_state(ready("a", "b"))
    panel.show_state(ready("a", "b", decided={A: Decided.DISMISSED}))
    panel.ready.replies[1].use("click")
    assert "Dismissed" not in words_on(panel)
    assert heard == [("use_requested", "b", "click")]


def test_that_a_reply_the_presenter_no_longer_lists_can_still_be_undone(panel):
    panel.show_state(ready("a", "b"))
    panel.show_state(ready("b", decided={A: Decided.DISMISSED}))
    assert panel.ready.replies[0].offers_undo
    assert panel.shown_replies() == ("b",)


def test_that_a_ticket_opened_again_offers_no_old_undo(panel):
    panel.show_state(ready("a", "b", decided={A: Decided.DISMISSED}))
    assert panel.shown_replies() == ("b",)
    assert "Dismissed" not in words_on(panel)


def menu_of(panel) -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard")
def test_that_a_reason_can_be_given_and_goes_along(panel, qtbot, heard):
    panel.show_state(ready("a"))
    panel.ready.move_focus(1)
    key(qtbot, panel, Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    menu = menu_of(panel)
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Wrong topic",
        "Out of date",
        "Wrong tone",
        "Already answered",
        "Other…",
    ]
    menu.actions()[1].trigger()
    menu.close()
    assert heard == [("dismissed", "a", "Out of date")]


def test_that_another_reason_can_be_typed(panel, qtbot, heard):
    panel.show_state(ready("a"))
    card = panel.ready.replies[0]
    with qtbot.waitSignal(panel.keyboard_wanted, check_params_cb=bool):
        card.ask_reason()
    assert card.reason.field.hasFocus()
    qtbot.keyClicks(card.reason.field, "  names a product we dropped ")
    with qtbot.waitSignal(panel.keyboard_wanted, check_params_cb=lambda wanted: not wanted):
        qtbot.keyClick(card.reason.field, Qt.Key.Key_Return)
    assert heard == [("dismissed", "a", "names a product we dropped")]
    assert not card.asks_reason


def test_that_a_reason_that_is_being_typed_stays_whatever_arrives(panel, qtbot, heard):
    panel.show_state(ready("a"))
    card = panel.ready.replies[0]
    card.ask_reason()
    qtbot.keyClicks(card.reason.field, "names a product")
    panel.show_state(ready("a"))
    panel.show_state(ready("b", "c", "d", state_key="newer"))
    assert (card.id, card.reason.field.text(), card.reason.field.hasFocus()) == ("a", "names a product", True)
    qtbot.keyClick(card.reason.field, Qt.Key.Key_Return)
    assert heard == [("dismissed", "a", "names a product")]


def test_that_escape_leaves_the_reason_and_not_the_panel(panel, qtbot, heard):
    panel.show_state(ready("a"))
    card = panel.ready.replies[0]
    card.ask_reason()
    with qtbot.waitSignal(panel.keyboard_wanted, check_params_cb=lambda wanted: not wanted):
        qtbot.keyClick(card.reason.field, Qt.Key.Key_Escape)
    assert not card.asks_reason
    assert card.hasFocus()
    assert heard == []


@pytest.mark.parametrize("decided", [Decided.EXPIRED, Decided.USED])
def test_that_no_reason_is_asked_for_any_more_once_the_reply_is_decided(panel, qtbot, decided):
    panel.show_state(ready("a"))
    card = panel.ready.replies[0]
    card.ask_reason()
    with qtbot.waitSignal(panel.keyboard_wanted, check_params_cb=lambda wanted: not wanted):
        panel.show_state(ready("a", decided={"a": decided}))
    assert not card.asks_reason


def test_that_the_reason_asked_for_on_one_ticket_is_not_asked_for_on_another(panel, qtbot):
    panel.show_state(ready("a"))
    card = panel.ready.replies[0]
    card.ask_reason()
    with qtbot.waitSignal(panel.keyboard_wanted, check_params_cb=lambda wanted: not wanted):
        panel.show_state(ready("b", ticket=8, state_key="8/1"))
    assert not card.asks_reason


def test_that_a_click_into_the_reason_wants_the_keyboard_again(panel, qtbot):
    panel.show_state(ready("a"))
    card = panel.ready.replies[0]
    card.ask_reason()
    with qtbot.waitSignal(panel.keyboard_wanted, check_params_cb=bool):
        qtbot.mouseClick(card.reason.field, Qt.MouseButton.LeftButton)


def test_that_what_to_check_is_seen_while_a_reply_is_edited_and_moves_with_its_words(panel, qtbot):
    text = "Hello, a refund of 40 EUR is on its way."
    flag = Flag(FlagKind.AMOUNT, text.index("40"), text.index(" is"))
    made = replace(replies("a")[0], text=text, flags=(flag,))
    panel.show_state(ready(help_={"replies": (made,)}))
    card = panel.ready.replies[0]
    card.edit()
    assert "Check: amount" in words_on(panel)

    def marked() -> list[str]:
        return [one.cursor.selectedText() for one in card.editor.extraSelections()]

    assert marked() == ["40 EUR"]
    qtbot.keyClicks(card.editor, "Dear Ada! ")
    assert (card.draft[:10], marked()) == ("Dear Ada! ", ["40 EUR"])
    card.open_editor("Something else")
    assert marked() == []


def test_that_a_dismissed_reply_is_named_by_its_title_and_keeps_the_focus_ring(panel, qtbot):
    panel.show_state(ready(help_={"replies": replies("a", source=a_source(title="Return an item"))}))
    panel.ready.move_focus(1)
    panel.show_state(
        ready(help_={"replies": replies("a", source=a_source(title="Return an item"))}, decided={A: Decided.DISMISSED})
    )
    card = panel.ready.replies[0]
    assert "Dismissed: Return an item" in words_on(card)
    assert (card.hasFocus(), card.property("current"), card.property("surface")) == (True, "true", "strip")


@pytest.mark.promise("I4")
def test_that_the_arrows_go_on_from_the_heading_that_has_the_focus(panel, qtbot):
    panel.show_state(ready("a", "b"))
    for pressed, wanted in ((Qt.Key.Key_Up, panel.ready.replies[1]), (Qt.Key.Key_Down, panel.ready.articles[0])):
        panel.ready.focus(panel.ready.article_section.head)
        key(qtbot, panel, pressed)
        assert panel.ready.current_card() is wanted


@pytest.mark.promise("I3")
def test_that_no_key_acts_on_what_the_strip_hides(panel, qtbot, heard):
    panel.show_state(ready("a", "b"))
    panel.ready.move_focus(1)
    panel.collapse(collapsed=True)
    del heard[:]
    panel.setFocus()
    for name in ("1", "2", "U", "D", "E", "O", "J", "Z", "?", "Escape"):
        key(qtbot, panel, getattr(Qt.Key, f"Key_{'Question' if name == '?' else name}"))
    assert heard == []
    assert not panel.overlay.isVisible()
    assert not panel.ready.replies[0].is_editing
