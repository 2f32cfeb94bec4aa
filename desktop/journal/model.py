"""The journal's rows as Qt wants them. All text is plain; times are shown where the user is."""

from __future__ import annotations

import html
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from assist.domain import SentAs
from desktop.i18n import tr, words_locale
from desktop.journal.state import Happened, JournalRow
from desktop.panel.words import source_sign

COLUMNS = ("Time", "Ticket", "Kind", "Source", "What happened", "What was sent", "Characters edited")
NUMBER_COLUMNS = {1, 6}
ROW_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


def happened_word(happened: Happened) -> str:
    return {
        Happened.SHOWN: tr("Shown"),
        Happened.USED: tr("Used"),
        Happened.EDITED: tr("Used, edited"),
        Happened.DISMISSED: tr("Dismissed"),
        Happened.EXPIRED: tr("Expired"),
    }[happened]


def sent_word(sent_as: SentAs | None) -> str:
    return {
        None: "",
        SentAs.AS_IS: tr("As suggested"),
        SentAs.EDITED: tr("Edited"),
        SentAs.SOMETHING_ELSE: tr("Something else"),
    }[sent_as]


def cells(row: JournalRow) -> tuple[str, ...]:
    """Return the words of ``row`` in the order of `COLUMNS`."""
    reason = f" ({row.reason})" if row.reason else ""
    moment = QDateTime.fromSecsSinceEpoch(int(row.at.timestamp()))
    return (
        words_locale().toString(moment, "d MMM HH:mm"),
        f"#{row.ref.id}",
        source_sign(row.source_kind).word,
        row.source_title.replace("::", " › ") if row.suggested else tr("Words deleted"),
        f"{happened_word(row.happened)}{reason}",
        sent_word(row.sent_as),
        str(row.edit_distance) if row.edit_distance is not None else "",
    )


class JournalModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[JournalRow, ...] = ()
        self._cells: list[tuple[str, ...] | None] = []

    def put(self, rows: tuple[JournalRow, ...]) -> None:
        self.beginResetModel()
        self._rows = rows
        self._cells = [None] * len(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default, never changed
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default, never changed
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        return tr(COLUMNS[section]) if role == Qt.ItemDataRole.DisplayRole else _aligned(section, role)

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == SORT_ROLE:
            return _sort_key(row, index.column(), self._words(index.row()))
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._words(index.row())[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{html.escape(self._words(index.row())[index.column()])}</qt>"
        return _aligned(index.column(), role)

    def _words(self, number: int) -> tuple[str, ...]:
        known = self._cells[number]
        if known is None:
            known = self._cells[number] = cells(self._rows[number])
        return known


def _aligned(column: int, role: int) -> Any:
    """Return that numbers and their titles stand at the right, so that their digits are beneath each other."""
    if role != Qt.ItemDataRole.TextAlignmentRole:
        return None
    side = Qt.AlignmentFlag.AlignRight if column in NUMBER_COLUMNS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class JournalFilter(QSortFilterProxyModel):
    """Keeps rows in which every typed word occurs, in any column or in the texts. Case does not matter."""

    def __init__(self) -> None:
        super().__init__()
        self._words: tuple[str, ...] = ()
        self.setSortRole(SORT_ROLE)

    def find(self, text: str) -> None:
        self.beginFilterChange()
        self._words = tuple(text.casefold().split())
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        if not self._words:
            return True
        index = self.sourceModel().index(source_row, 0, source_parent)
        row = cast("JournalRow", self.sourceModel().data(index, ROW_ROLE))
        text = " ".join((*cells(row), row.suggested, row.used, row.sent)).casefold()
        return all(word in text for word in self._words)


def _sort_key(row: JournalRow, column: int, words: tuple[str, ...]) -> int | str:
    if column == 0:
        return int(row.at.timestamp())
    if column == 1:
        return row.ref.id
    if column == len(COLUMNS) - 1:
        return -1 if row.edit_distance is None else row.edit_distance
    return words[column].casefold()
