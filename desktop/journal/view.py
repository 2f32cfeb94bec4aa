"""The journal window: every suggestion, what the agent did with it, and what was sent."""

from __future__ import annotations

from typing import assert_never, cast

from PySide6.QtCore import QEvent, QItemSelection, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHelpEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from desktop.i18n import tr, tr_n
from desktop.journal.detail import Detail
from desktop.journal.model import ROW_ROLE, Index, JournalFilter, JournalModel
from desktop.journal.state import JournalRow, JournalState, Reading, Rows, Unreadable
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, row
from desktop.widgets.empty import EmptyState

WIDTHS_PX = (112, 84, 92, 220, 208, 126, 130)
SOURCE_COLUMN, HAPPENED_COLUMN = 3, 4
LEAST_SOURCE_PX, LEAST_HAPPENED_PX = 140, 120
SPARED_COLUMNS = (6, 2, 5, 0)
"""What a narrow table leaves out, in this order: beside it stands the same of the chosen row."""
SIZE = QSize(1340, 700)
LEAST_SIZE = QSize(340, 300)
NARROW_PX = 820
"""Below this width the chosen row stands under the table, and the buttons under the title."""


class _CutTips(QStyledItemDelegate):
    """Draws cells as Qt does, and has a tool tip only where the words are cut."""

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        if self.sizeHint(option, index).width() <= view.visualRect(index).width():
            QToolTip.hideText()
            return True
        return super().helpEvent(event, view, option, index)


class JournalView(QWidget):
    """A window of its own, never modal. One way in, `show_state`; signals out."""

    export_requested = Signal(str)
    """``jsonl`` or ``csv``."""
    ticket_open = Signal(object)
    """The `TicketRef` of a row."""
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Kibitz: journal"))
        self.model = JournalModel()
        self.filter = JournalFilter()
        self.filter.setSourceModel(self.model)
        self._older = 0
        self.count = Label("", "muted")
        self.note = Label("", "small", tone="accent", wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.search = self._build_search()
        self.exports = self._build_exports()
        self.table = self._build_table()
        self.detail = Detail(theme)
        self.detail.ticket_open.connect(self.ticket_open)
        self.empty = EmptyState(theme, "empty-journal")
        self.pages = QStackedWidget()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._head = row(spacing=10)
        self._build()
        self.setMinimumSize(LEAST_SIZE)
        self.resize(SIZE)
        self.show_state(Reading())

    def show_state(self, state: JournalState) -> None:
        match state:
            case Reading():
                self._show_words(tr("Reading the journal …"), tr("This takes a moment."))
            case Unreadable(title, advice):
                self._show_words(title, advice)
            case Rows(rows, note, older):
                self.note.put(note)
                self._older = older
                self._show_rows(rows)
            case _:
                assert_never(state)

    def shown_rows(self) -> list[JournalRow]:
        """Return the rows that the filter lets through, from top to bottom."""
        indexes = [self.filter.index(number, 0) for number in range(self.filter.rowCount())]
        return [cast("JournalRow", index.data(ROW_ROLE)) for index in indexes]

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        is_narrow = event.size().width() < NARROW_PX
        self._split.setOrientation(Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal)
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)
        self.search.setMinimumWidth(120 if is_narrow else 200)
        super().resizeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and watched is self.table.viewport():
            self._spare_columns(cast("QResizeEvent", event).size().width())
        return super().eventFilter(watched, event)

    def _spare_columns(self, width_px: int) -> None:
        """Leave columns out until the source has enough room."""
        needed_px = sum(WIDTHS_PX) - WIDTHS_PX[SOURCE_COLUMN] + LEAST_SOURCE_PX
        for number in SPARED_COLUMNS:
            self.table.setColumnHidden(number, needed_px > width_px)
            needed_px -= WIDTHS_PX[number] if needed_px > width_px else 0
        happened_px = WIDTHS_PX[HAPPENED_COLUMN] - max(0, needed_px - width_px)
        self.table.setColumnWidth(HAPPENED_COLUMN, max(happened_px, LEAST_HAPPENED_PX))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _show_words(self, title: str, text: str) -> None:
        self.empty.put(title, text)
        self.pages.setCurrentWidget(self.empty)
        self.count.setText("")
        self._enable(enabled=False)

    def _show_rows(self, rows: tuple[JournalRow, ...]) -> None:
        if not rows:
            self._show_words(
                tr("Nothing has been suggested yet"),
                tr("Open a ticket in your helpdesk. What Kibitz suggests, and what you do with it, is written here."),
            )
            return
        self._enable(enabled=True)
        self.model.put(rows)
        self.pages.setCurrentWidget(self._split)
        self._say_count()
        self.table.selectRow(0)

    def _enable(self, *, enabled: bool) -> None:
        for widget in (self.search, *self.exports):
            widget.setEnabled(enabled)

    def _build(self) -> None:
        title = row(spacing=10)
        title.addWidget(Label(tr("Journal"), "display"))
        title.addWidget(self.count, 0, Qt.AlignmentFlag.AlignBottom)
        title.addStretch(0)
        title.addWidget(self.note, 1)
        tools = row(spacing=10)
        tools.addWidget(self.search, 1)
        for button in self.exports:
            tools.addWidget(button)
        self._head.addLayout(title, 1)
        self._head.addLayout(tools)
        self._split.addWidget(self.table)
        self._split.addWidget(self.detail)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setHandleWidth(16)
        self._split.setChildrenCollapsible(False)
        self._split.setSizes([840, 360])
        self.pages.addWidget(self._split)
        self.pages.addWidget(self.empty)
        layout = column(spacing=14, margins=(20, 18, 20, 20))
        layout.addLayout(self._head)
        layout.addWidget(self.pages, 1)
        self.setLayout(layout)

    def _build_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setPlaceholderText(tr("Filter"))
        search.setAccessibleName(tr("Filter the journal"))
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._find)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(search.setFocus)
        return search

    def _build_exports(self) -> tuple[Button, ...]:
        buttons = []
        for name in ("jsonl", "csv"):
            button = Button(self._theme, name.upper(), icon="export")
            button.setAccessibleName(tr("Export as {format}", format=name.upper()))
            button.clicked.connect(lambda _=False, name=name: self.export_requested.emit(name))
            buttons.append(button)
        return tuple(buttons)

    def _build_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.filter)
        table.setAccessibleName(tr("Suggestions and what became of them"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setItemDelegate(_CutTips(table))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(36)
        header = table.horizontalHeader()
        header.setAccessibleName(tr("Column titles"))
        header.setHighlightSections(False)
        for number, width_px in enumerate(WIDTHS_PX):
            table.setColumnWidth(number, width_px)
        header.setSectionResizeMode(SOURCE_COLUMN, QHeaderView.ResizeMode.Stretch)
        table.viewport().installEventFilter(self)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        table.selectionModel().selectionChanged.connect(self._selected)
        return table

    def _find(self, text: str) -> None:
        self.filter.find(text)
        self._say_count()
        if not self.table.selectionModel().hasSelection() and self.filter.rowCount():
            self.table.selectRow(0)

    def _say_count(self) -> None:
        shown, known = self.filter.rowCount(), self.model.rowCount()
        if shown == known and self._older:
            numbers = {"n": self.locale().toString(known), "all": self.locale().toString(known + self._older)}
            self.count.setText(tr("the newest {n} of {all}; an export holds all", **numbers))
        elif shown == known:
            self.count.setText(tr_n("one suggestion", "{n} suggestions", n=known))
        else:
            self.count.setText(tr("{shown} of {known}", shown=shown, known=known))
        self.detail.setVisible(shown > 0)

    def _selected(self, chosen: QItemSelection) -> None:
        indexes = chosen.indexes()
        if indexes:
            self.detail.put(cast("JournalRow", indexes[0].data(ROW_ROLE)))
