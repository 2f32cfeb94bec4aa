from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QScrollBar, QWidget

from assist.domain import HelpdeskKind
from desktop.about.view import AboutView
from desktop.accounts.state import AccountsState, Editing
from desktop.accounts.view import AccountsView
from desktop.journal.state import Rows
from desktop.journal.view import JournalView
from desktop.panel.state import Action, NoAccount, NoTicket, Offline, Syncing, Trouble
from desktop.quick_open.view import QuickOpenView
from desktop.samples import CONNECTED, JOURNAL, READY, SYNCING, german

STATES = [
    READY,
    german(),
    SYNCING,
    NoAccount(),
    NoTicket(),
    Offline(),
    Syncing("acme", ()),
    Trouble("Sign in again", "The token expired.", Action.SIGN_IN, "Sign in"),
]


def nameless(window: QWidget) -> list[str]:
    """Return the controls that a person can reach with the keyboard and a screen reader cannot name."""
    found = []
    for child in window.findChildren(QWidget):
        reachable = child.focusPolicy() & Qt.FocusPolicy.TabFocus or isinstance(child, QAbstractScrollArea)
        if not reachable or isinstance(child, QScrollBar | QScrollArea) or not child.isVisibleTo(window):
            continue
        spoken = QAccessible.queryAccessibleInterface(child).text(QAccessible.Text.Name)
        if not (child.accessibleName() or spoken).strip():
            found.append(f"{type(child).__name__} in {type(child.parent()).__name__}")
    return found


@pytest.mark.promise("I4", part="not every act is tried by keyboard, and at 200% only the dock")
@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
def test_that_every_control_of_the_panel_has_a_name(panel, state):
    panel.show_state(state)
    assert nameless(panel) == []


@pytest.mark.promise("I4")
def test_that_every_control_of_the_other_windows_has_a_name(theme, show, panel):
    accounts = show(AccountsView(theme))
    accounts.show_state(AccountsState(CONNECTED, Editing()))
    accounts.start_form(HelpdeskKind.FRESHDESK)
    journal = show(JournalView(theme))
    journal.show_state(Rows(JOURNAL))
    quick_open = QuickOpenView(theme, panel)
    quick_open.show_open()
    about = show(AboutView(theme, "1", "/data"))
    assert [nameless(window) for window in (accounts, journal, quick_open, about)] == [[], [], [], []]


@pytest.mark.promise("I4")
def test_that_tab_reaches_every_button_of_a_reply_in_reading_order(panel, qtbot):
    panel.show_state(READY)
    card = panel.ready.replies[0]
    panel.ready.focus(card)
    names = []
    for _ in range(5):
        qtbot.keyClick(panel.window().focusWidget(), Qt.Key.Key_Tab)
        names.append(panel.window().focusWidget().accessibleName())
    assert names == [
        "Open the source of this reply",
        "Show all",
        "Use reply 1",
        "Edit reply 1",
        "Dismiss reply 1",
    ]


@pytest.mark.promise("I4")
def test_that_a_card_says_what_it_is_and_what_it_holds(panel):
    panel.show_state(READY)
    assert panel.ready.replies[0].accessibleName() == "Reply 1, Strong match"
    assert panel.ready.replies[0].accessibleDescription().startswith("Hi Inês,")
    assert panel.ready.articles[0].accessibleName() == "Article 1: What our warranty covers"


@pytest.mark.promise("I4")
def test_that_a_folded_section_says_so(panel):
    panel.show_state(READY)
    head = panel.ready.article_section.head
    assert head.accessibleName() == "Articles  3, unfolded"
    head.click()
    assert head.accessibleName() == "Articles  3, folded"
    assert not panel.ready.articles[0].isVisible()
