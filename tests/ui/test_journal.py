from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QLocale, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QToolTip

from assist.domain import SentAs, SourceKind, SuggestionId
from desktop.journal.model import COLUMNS, JournalModel
from desktop.journal.state import Happened, JournalRow, Reading, Rows, Unreadable
from desktop.journal.view import JournalView
from tests.helpers.builders import NOON, a_ref
from tests.helpers.panel import words_on


def a_row(number: int = 1, **fields) -> JournalRow:
    defaults = {
        "suggestion_id": SuggestionId(f"s{number}"),
        "at": NOON - timedelta(hours=number),
        "ref": a_ref(100 + number),
        "list_name": "replies",
        "rank": 1,
        "source_kind": SourceKind.MACRO,
        "source_title": "Returns::Send label",
        "happened": Happened.USED,
        "suggested": "Here is your label.",
    }
    return JournalRow(**{**defaults, **fields})


@pytest.fixture
def journal(theme, show) -> JournalView:
    return show(JournalView(theme))


def table_words(journal) -> list[list[str]]:
    model = journal.filter
    return [[model.index(row, column).data() for column in range(len(COLUMNS))] for row in range(model.rowCount())]


def test_that_the_model_keeps_the_rules_of_qt(qtmodeltester, qapp):
    model = JournalModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.put((a_row(1), a_row(2)))
    model.put(())
    qtmodeltester.check(model, force_py=True)
    assert tester.model() is model


def test_that_a_row_says_what_was_suggested_what_happened_and_what_was_sent(journal):
    journal.show_state(Rows((a_row(1, happened=Happened.EDITED, sent_as=SentAs.EDITED, edit_distance=12),)))
    (row,) = table_words(journal)
    assert row[1:] == ["#101", "Macro", "Returns › Send label", "Used, edited", "Edited", "12"]


def test_that_a_reason_stands_beside_a_dismissal(journal):
    journal.show_state(Rows((a_row(happened=Happened.DISMISSED, reason="Out of date"),)))
    assert table_words(journal)[0][4:] == ["Dismissed (Out of date)", "", ""]


def test_that_the_newest_row_stands_first_and_a_column_can_be_sorted_by_its_value(journal):
    rows = (a_row(2, edit_distance=9), a_row(1, edit_distance=100), a_row(3))
    journal.show_state(Rows(rows))
    assert [row.suggestion_id for row in journal.shown_rows()] == ["s1", "s2", "s3"]
    journal.table.sortByColumn(len(COLUMNS) - 1, Qt.SortOrder.AscendingOrder)
    assert [row.edit_distance for row in journal.shown_rows()] == [None, 9, 100]


def test_that_the_filter_finds_words_in_columns_and_texts_in_any_case(journal, qtbot):
    journal.show_state(Rows((a_row(1), a_row(2, suggested="Your TENT pole"), a_row(3, happened=Happened.DISMISSED))))
    qtbot.keyClicks(journal.search, "tent macro")
    assert [row.suggestion_id for row in journal.shown_rows()] == ["s2"]
    assert journal.count.text() == "1 of 3"
    journal.search.clear()
    assert journal.count.text() == "3 suggestions"


def test_that_the_detail_shows_what_was_left_out_and_what_is_new(journal, theme):
    row = a_row(suggested="We send it today.", sent="We send it on Friday.", sent_as=SentAs.EDITED)
    journal.show_state(Rows((row,)))
    assert journal.detail.before.toPlainText() == "We send it today."
    assert journal.detail.after.toPlainText() == "We send it on Friday."
    cursor = journal.detail.before.textCursor()
    cursor.setPosition(13)
    assert cursor.charFormat().fontStrikeOut()
    cursor.setPosition(3)
    assert not cursor.charFormat().fontStrikeOut()
    assert "Sent: edited" in words_on(journal)


def test_that_a_row_without_an_outcome_shows_only_the_suggestion(journal):
    journal.show_state(Rows((a_row(happened=Happened.SHOWN),)))
    assert journal.detail.before.isVisible()
    assert not journal.detail.after.isVisible()


@pytest.mark.promise("U1")
def test_that_markup_in_a_row_is_shown_as_it_is(journal):
    evil = '<img src=x onerror="alert(1)">'
    journal.show_state(Rows((a_row(source_title=evil, suggested=evil, sent=evil),)))
    assert table_words(journal)[0][3] == evil
    assert journal.detail.before.toPlainText() == evil


@pytest.mark.promise("I7")
def test_that_an_empty_journal_says_how_it_fills(journal):
    journal.show_state(Rows(()))
    assert "Nothing has been suggested yet" in words_on(journal)
    assert not journal.exports[0].isEnabled()


def test_that_an_unreadable_log_says_what_to_do(journal):
    journal.show_state(Unreadable("The journal cannot be read", "Free some disk space."))
    assert "Free some disk space." in words_on(journal)
    journal.show_state(Reading())
    assert "Free some disk space." not in words_on(journal)


def test_that_both_exports_are_reported_and_the_result_is_told(journal, qtbot):
    asked = []
    journal.export_requested.connect(asked.append)
    journal.show_state(Rows((a_row(),)))
    for button in journal.exports:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == ["jsonl", "csv"]
    journal.show_state(Rows((a_row(),), note="Saved 1 row."))
    assert "Saved 1 row." in words_on(journal)


def test_that_the_ticket_of_a_row_can_be_opened(journal, qtbot):
    asked = []
    journal.ticket_open.connect(asked.append)
    journal.show_state(Rows((a_row(4),)))
    qtbot.mouseClick(journal.detail._open, Qt.MouseButton.LeftButton)
    assert asked == [a_ref(104)]


@pytest.mark.promise("I1")
def test_that_twenty_thousand_rows_are_shown_and_filtered(journal, qtbot):
    journal.show_state(Rows(tuple(a_row(number) for number in range(20_000))))
    assert journal.filter.rowCount() == 20_000
    journal.search.setText("#10142")
    assert [row.ref.id for row in journal.shown_rows()] == [10_142]


@pytest.mark.promise("D7")
def test_that_a_row_whose_words_were_deleted_says_so_and_keeps_its_figures(journal):
    gone = a_row(suggested="", source_title="", happened=Happened.EDITED, sent_as=SentAs.EDITED, edit_distance=12)
    journal.show_state(Rows((gone,)))
    journal.table.selectRow(0)

    assert table_words(journal)[0][3:] == ["Words deleted", "Used, edited", "Edited", "12"]
    assert "The words were deleted. Times and figures stay." in words_on(journal)


def test_that_it_says_how_many_older_rows_only_an_export_holds(journal):
    journal.setLocale(QLocale(QLocale.Language.German))
    journal.show_state(Rows((a_row(1), a_row(2)), older=95_000))
    assert journal.count.text() == "the newest 2 of 95.002; an export holds all"
    journal.search.setText("#101")
    assert journal.count.text() == "1 of 2"
    journal.search.setText("")
    journal.show_state(Rows((a_row(1), a_row(2))))
    assert journal.count.text() == "2 suggestions"


@pytest.mark.parametrize(
    ("width_px", "left_out"),
    [
        (1400, set()),
        (960, {"Kind", "What was sent", "Characters edited"}),
        (380, {"Time", "Kind", "What was sent", "Characters edited"}),
    ],
)
def test_that_a_narrow_journal_leaves_columns_out_rather_than_cut_them(theme, show, width_px, left_out):
    view = show(JournalView(theme), QSize(width_px, 600))
    view.show_state(Rows((a_row(1),)))
    hidden = {name for number, name in enumerate(COLUMNS) if view.table.isColumnHidden(number)}
    assert hidden == left_out
    assert view.width() == width_px
    assert not view.table.horizontalScrollBar().isVisible()


def test_that_the_chosen_row_stands_under_the_table_where_there_is_no_room_beside_it(theme, show):
    view = show(JournalView(theme), QSize(960, 600))
    view.show_state(Rows((a_row(1),)))
    assert view.detail.geometry().left() > view.table.geometry().right()
    view.resize(600, 600)
    assert view.detail.geometry().top() > view.table.geometry().bottom()


@pytest.mark.parametrize(
    ("name", "side"), [("Ticket", "right"), ("Characters edited", "right"), ("Source", "left"), ("Time", "left")]
)
def test_that_numbers_stand_at_the_right_and_each_title_stands_where_its_cells_do(theme, show, name, side):
    view = show(JournalView(theme), QSize(1400, 600))
    view.show_state(Rows((a_row(1, source_title="Stitching", edit_distance=12), a_row(2, edit_distance=7))))
    view.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    view.table.clearSelection()
    column = COLUMNS.index(name)
    left, width = view.table.columnViewportPosition(column), view.table.columnWidth(column)
    title, cells = (
        ink(part.grab(QRect(left, 0, width, 34)).toImage())
        for part in (view.table.horizontalHeader().viewport(), view.table.viewport())
    )
    edge = max if side == "right" else min
    assert edge(cells) == pytest.approx(edge(title), abs=2)
    assert (min(cells) > 12) is (side == "right")


def ink(image: QImage) -> set[int]:
    """Return the columns of ``image`` in which something is written."""
    return {x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).lightness() < 128}


@pytest.mark.parametrize(
    ("reason", "cut"), [("Already answered", False), ("It was for the tent of another year", True)]
)
def test_that_only_a_cell_that_is_cut_has_a_tool_tip_with_all_of_it(theme, show, reason, cut):
    view = show(JournalView(theme), QSize(1400, 600))
    view.show_state(Rows((a_row(happened=Happened.DISMISSED, reason=reason),)))
    QToolTip.hideText()
    index = view.filter.index(0, COLUMNS.index("What happened"))
    spot = view.table.visualRect(index).center()
    QApplication.sendEvent(view.table.viewport(), QHelpEvent(QEvent.Type.ToolTip, spot, view.mapToGlobal(spot)))
    assert QToolTip.text() == (f"<qt>Dismissed ({reason})</qt>" if cut else "")


def test_that_a_tool_tip_shows_what_a_colleague_wrote_as_it_is():
    model = JournalModel()
    model.put((a_row(source_title="<b>Tents</b>"),))
    tip = model.index(0, COLUMNS.index("Source")).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<qt>&lt;b&gt;Tents&lt;/b&gt;</qt>"
