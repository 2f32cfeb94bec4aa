from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication

from desktop.quick_open.view import QuickOpenView
from desktop.widgets.basics import Label
from tests.helpers.panel import ready


@pytest.fixture
def quick_open(theme, panel) -> QuickOpenView:
    panel.show_state(ready("a"))
    return QuickOpenView(theme, panel)


@pytest.fixture
def asked(quick_open) -> list[str]:
    found: list[str] = []
    quick_open.open_requested.connect(found.append)
    return found


@pytest.mark.promise("I3")
def test_that_it_is_closed_and_takes_no_focus_until_it_is_asked_for(quick_open, panel):
    assert not quick_open.isVisible()
    quick_open.show_open()
    assert QApplication.focusWidget() is quick_open.field


def test_that_enter_reports_what_was_pasted_and_uses_no_reply(quick_open, asked, heard, qtbot):
    quick_open.show_open()
    qtbot.keyClicks(quick_open.field, " https://acme.zendesk.com/agent/tickets/12 ")
    qtbot.keyClick(quick_open.field, Qt.Key.Key_Return)
    assert asked == ["https://acme.zendesk.com/agent/tickets/12"]
    assert heard == []


def test_that_a_number_typed_into_it_is_no_shortcut(quick_open, asked, heard, qtbot):
    quick_open.show_open()
    qtbot.keyClicks(quick_open.field, "123")
    assert quick_open.field.text() == "123"
    assert heard == []


def test_that_an_empty_field_says_what_is_missing(quick_open, asked, qtbot):
    quick_open.show_open()
    qtbot.keyClick(quick_open.field, Qt.Key.Key_Return)
    assert asked == []
    assert quick_open.hint.text() == "Paste or type something first."


def test_that_an_error_stays_until_something_else_is_typed(quick_open, qtbot):
    quick_open.show_open("x")
    quick_open.show_error("No ticket has this number.")
    assert quick_open.hint.text() == "No ticket has this number."
    qtbot.keyClicks(quick_open.field, "7")
    assert quick_open.hint.text() == "For example 20418, or the address of the ticket's page."


def test_that_escape_closes_it_and_not_the_panel(quick_open, heard, qtbot):
    closed = []
    quick_open.closed.connect(lambda: closed.append(True))
    quick_open.show_open()
    qtbot.keyClick(quick_open.field, Qt.Key.Key_Escape)
    assert closed == [True]
    assert not quick_open.isVisible()
    assert heard == []


def test_that_it_stays_inside_a_narrow_panel(quick_open, panel):
    quick_open.show_open()
    panel.resize(QSize(340, 700))
    QApplication.processEvents()
    assert panel.rect().contains(quick_open.geometry())


@pytest.mark.parametrize(
    "error", ["", "No ticket has this number.", "This is not a ticket of a connected helpdesk. " * 3]
)
def test_that_the_keys_stand_beside_the_first_line_of_the_hint_and_nothing_is_left_empty(quick_open, error):
    quick_open.show_open()
    quick_open.show_error(error)
    QApplication.processEvents()
    keys = [one for one in quick_open.findChildren(Label) if one.text() in {"↵", "Esc"}]
    hint = quick_open.hint
    base_line = hint.y() + hint.contentsRect().top() + hint.fontMetrics().ascent()
    of_keys = [one.y() + (one.height() - one.fontMetrics().height()) / 2 + one.fontMetrics().ascent() for one in keys]
    assert of_keys == pytest.approx([base_line] * 2, abs=1)
    assert hint.alignment() & Qt.AlignmentFlag.AlignTop
    assert hint.height() == max(hint.heightForWidth(hint.width()), *(one.height() for one in keys))
