"""Better suggestions arrive while the agent is already doing something: nothing held may move."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from assist.domain import Band, Stage, SuggestionId
from desktop.panel.state import Decided
from tests.helpers.builders import a_suggestion, an_alert, an_article_hit
from tests.helpers.panel import ready, replies, words_on


def y_of(panel, card) -> int:
    return card.mapTo(panel, QPoint(0, 0)).y()


def settle(qtbot, panel) -> None:
    qtbot.waitUntil(lambda: not panel.ready._settle.isActive())
    QApplication.processEvents()


def test_that_a_reply_keeps_its_place_when_its_rank_changes(panel):
    panel.show_state(ready("a", "b", "c"))
    panel.show_state(ready("c", "new", "a"))
    assert panel.shown_replies() == ("a", "new", "c")


def test_that_the_refined_order_replaces_the_order_by_words_where_nothing_is_held(panel):
    panel.show_state(ready("a", "b", "c", help_={"stage": Stage.LEXICAL}))
    panel.show_state(ready("c", "new", "a"))
    assert panel.shown_replies() == ("c", "new", "a")


def test_that_a_reply_under_the_pointer_stays_until_the_pointer_leaves(panel, qtbot, point_at):
    panel.show_state(ready("a", "b", help_={"stage": Stage.LEXICAL}))
    point_at(panel.ready.replies[0])

    panel.show_state(ready("x", "y", "z"))

    assert panel.shown_replies() == ("a", "x", "y")
    card = panel.ready.replies[0]
    card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    card.released.emit()
    qtbot.waitUntil(lambda: panel.shown_replies() == ("z", "x", "y"))


def test_that_a_focused_reply_stays(panel):
    panel.show_state(ready("a", "b"))
    panel.ready.focus(panel.ready.replies[1])
    panel.show_state(ready("x", "y", "z"))
    assert panel.shown_replies() == ("x", "b", "y")
    assert panel.ready.current_card() is panel.ready.replies[1]


def test_that_a_selected_text_stays_selected(panel):
    panel.show_state(ready("a", "b"))
    text = panel.ready.replies[0].text
    cursor = text.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(5, QTextCursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)

    panel.show_state(ready("x", "a", "y"))
    panel.show_state(ready("x", "y", "z"))

    assert panel.shown_replies() == ("a", "x", "y")
    assert text.textCursor().selectedText() == "Hello"


def test_that_an_edit_in_progress_is_never_taken_away(panel):
    panel.show_state(ready("a", "b"))
    panel.ready.replies[0].edit()
    editor = panel.ready.replies[0].editor
    editor.setPlainText("half a sentence")

    panel.show_state(ready("x", "y", "z"))
    panel.show_state(ready("p", "q", "r", state_key="7/2"))

    assert panel.ready.replies[0].is_editing
    assert panel.ready.replies[0].id == "a"
    assert editor.toPlainText() == "half a sentence"
    assert QApplication.focusWidget() is editor


@pytest.mark.promise("N5")
def test_that_a_draft_never_lands_on_another_ticket_and_waits_on_its_own(panel):
    panel.show_state(ready("a", "b"))
    panel.ready.replies[0].edit()
    panel.ready.replies[0].editor.setPlainText("half a sentence")
    wanted = []
    panel.keyboard_wanted.connect(wanted.append)

    panel.show_state(ready("x", ticket=8))

    assert wanted == [False]
    assert "half a sentence" not in words_on(panel)
    assert not any(card.is_editing for card in panel.ready.replies)

    panel.show_state(ready("a", "b"))

    assert panel.ready.replies[0].is_editing
    assert panel.ready.replies[0].draft == "half a sentence"


@pytest.mark.promise("N5")
def test_that_nothing_of_the_last_ticket_stays_even_under_the_pointer(panel, point_at):
    panel.show_state(ready("a", "b", "c"))
    point_at(panel.ready.replies[0])
    panel.show_state(ready("x", ticket=8))
    assert panel.shown_replies() == ("x",)
    assert "Hello, this is a." not in words_on(panel)


def test_that_a_moved_on_conversation_replaces_what_is_only_pointed_at(panel, point_at):
    panel.show_state(ready("a", "b"))
    point_at(panel.ready.replies[0])
    panel.show_state(ready("x", "y", state_key="7/2"))
    assert panel.shown_replies() == ("x", "y")


def test_that_an_unchanged_text_is_not_laid_out_again(panel):
    panel.show_state(ready("a"))
    before = panel.ready.replies[0].text.document().revision()
    panel.show_state(ready("a", "b"))
    assert panel.ready.replies[0].text.document().revision() == before


@pytest.mark.parametrize("height_px", [420, 900, 1600])
def test_that_what_is_pointed_at_does_not_move_when_something_appears_above(panel, qtbot, point_at, height_px):
    panel.resize(QSize(392, height_px))
    panel.show_state(ready("a", "b"))
    QApplication.processEvents()
    card = panel.ready.replies[1]
    point_at(card)
    before = y_of(panel, card)

    alert = an_alert(band=Band.HIGH, advice="Offer to pause instead. " * 5)
    panel.show_state(ready("a", "b", help_={"alerts": (alert,)}))

    assert y_of(panel, card) == before
    QApplication.processEvents()
    assert y_of(panel, card) == before


@pytest.mark.parametrize("height_px", [420, 900, 1600])
def test_that_what_is_pointed_at_does_not_move_when_something_above_goes(panel, qtbot, point_at, height_px):
    panel.resize(QSize(392, height_px))
    alert = an_alert(band=Band.HIGH, advice="Offer to pause instead. " * 5)
    panel.show_state(ready("a", "b", help_={"alerts": (alert,)}))
    QApplication.processEvents()
    card = panel.ready.replies[0]
    point_at(card)
    before = y_of(panel, card)

    panel.show_state(ready("a", "b"))
    QApplication.processEvents()

    assert y_of(panel, card) == before


def test_that_a_longer_reply_above_does_not_push_the_focused_one(panel):
    panel.show_state(ready("a", "b"))
    QApplication.processEvents()
    panel.ready.focus(panel.ready.replies[1])
    QApplication.processEvents()
    before = y_of(panel, panel.ready.replies[1])
    longer = a_suggestion("word " * 120, id=SuggestionId("long"))

    panel.show_state(ready(help_={"replies": (longer, *replies("b"))}))
    QApplication.processEvents()

    assert panel.shown_replies() == ("long", "b")
    assert y_of(panel, panel.ready.replies[1]) == before


def test_that_a_new_ticket_starts_at_the_top(panel):
    panel.resize(QSize(392, 420))
    panel.show_state(ready("a", "b", "c"))
    QApplication.processEvents()
    panel.ready.verticalScrollBar().setValue(200)
    panel.show_state(ready("x", "y", "z", ticket=8))
    assert panel.ready.verticalScrollBar().value() == 0


def test_that_articles_keep_their_places_too(panel, point_at):
    def hits(*names):
        return tuple(an_article_hit(f"Passage {name}.", id=SuggestionId(name)) for name in names)

    panel.show_state(ready(help_={"articles": hits("a", "b")}))
    point_at(panel.ready.articles[0])
    panel.show_state(ready(help_={"articles": hits("x", "b")}))
    assert [card.id for card in panel.ready.articles[:3]] == ["a", "b", "x"]


def test_that_an_unfolded_text_stays_unfolded(panel):
    long = a_suggestion("word " * 200, id=SuggestionId("a"))
    panel.show_state(ready(help_={"replies": (long,)}))
    card = panel.ready.replies[0]
    QApplication.processEvents()
    assert card.text.is_cut
    card.toggle_fold()
    panel.show_state(ready(help_={"replies": (long, *replies("b"))}))
    assert not card.text.is_cut
    assert card._fold.text() == "Show less"


def test_that_a_decision_shows_at_once_even_on_a_held_card(panel, point_at):
    panel.show_state(ready("a", "b"))
    point_at(panel.ready.replies[0])
    panel.show_state(ready("a", "b", decided={SuggestionId("a"): Decided.USED}))
    assert "Copied. Paste it into your reply." in words_on(panel)
