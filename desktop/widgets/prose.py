"""Running text to read and select: plain, with spans painted. Never parsed, never loads anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QTextEdit

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import refit
from desktop.widgets.popup import pop_up_at

BLANK_LINE_PX = 8.0
LONGEST_FOLDED = 1_600
LONGEST_OPEN = 40_000
"""Characters laid out when unfolded; a longer text goes on in the editor."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) painted as ``look``: ``marker``, ``slot``, ``added``, ``removed`` or ``flag``.

    A flag is underlined, not coloured, so that no mark is told by its colour alone.
    """

    start: int
    end: int
    look: str


class Prose(QTextEdit):
    """Plain text as high as it needs to be, folded to ``lines`` lines until unfolded."""

    folded_changed = Signal()

    def __init__(self, theme: Theme, *, lines: int = 7) -> None:
        super().__init__()
        self._ground = "surface"
        self._theme = theme
        self._lines = lines
        self._text = ""
        self._spans: tuple[Span, ...] = ()
        self._folded = True
        self._was_cut = False
        self._heights: dict[int, tuple[int, bool]] = {}
        self.setProperty("kind", "prose")
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        theme.changed.connect(self._fill)

    @property
    def is_cut(self) -> bool:
        """Whether some of the text is folded away."""
        return self._was_cut

    @property
    def is_folded(self) -> bool:
        return self._folded

    def has_selection(self) -> bool:
        return self.textCursor().hasSelection()

    def put(self, text: str, spans: Sequence[Span] = (), *, name: str = "") -> None:
        """Show ``text``. The same text again changes nothing, so that a selection stays."""
        if name:
            self.setAccessibleName(name)
        if text == self._text and tuple(spans) == self._spans:
            return
        self._text = text
        self._spans = tuple(spans)
        self._folded = True
        self._fill()

    def set_lines(self, lines: int, *, ground: str = "surface") -> None:
        """Fold to ``lines`` lines from now on, and fade into the colour ``ground`` where cut."""
        if (lines, ground) != (self._lines, self._ground):
            self._lines = lines
            self._ground = ground
            self._fit()

    def fold(self, *, folded: bool) -> None:
        self._folded = folded
        self._fill()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing, ever (promise U1)."""
        return None

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy: Ctrl+C goes to the window that has the keyboard, which need not be the panel."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(tr("Copy"), self.copy)
        copy.setEnabled(self.has_selection())
        menu.addAction(tr("Select all"), self.selectAll)
        pop_up_at(menu, self, event.pos())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._tell_when_cut()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 16)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._measured(width)[0]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_cut:
            return
        painter = QPainter(self.viewport())
        line_px = self.fontMetrics().lineSpacing()
        box = self.viewport().rect()
        box.setTop(box.bottom() - int(line_px * 1.4))
        fade = QLinearGradient(box.topLeft(), box.bottomLeft())
        solid = self._theme.color(self._ground)
        clear = self._theme.color(self._ground)
        clear.setAlpha(0)
        fade.setColorAt(0, clear)
        fade.setColorAt(1, solid)
        painter.fillRect(box, fade)

    def _fill(self) -> None:
        limit = LONGEST_FOLDED if self._folded else LONGEST_OPEN
        shown = self._text[:limit]
        self.setPlainText(shown + (" …" if len(self._text) > limit and not self._folded else ""))
        self._narrow_blank_lines()
        cursor = QTextCursor(self.document())
        for span in self._spans:
            if span.start < len(shown):
                select(cursor, shown, span)
                cursor.setCharFormat(look_of(self._theme, span.look))
        self._fit()

    def _fit(self) -> None:
        """The text, the width or the number of lines is another: be measured anew."""
        self._heights.clear()
        self._tell_when_cut()
        refit(self)
        self.viewport().update()

    def _tell_when_cut(self) -> None:
        cut = self._measured(max(1, self.width()))[1]
        if cut != self._was_cut:
            self._was_cut = cut
            self.folded_changed.emit()

    def _measured(self, width_px: int) -> tuple[int, bool]:
        """Return how high this has to be at ``width_px``, and whether text is folded away then."""
        if width_px not in self._heights:
            self._set_text_width(max(1, width_px))
            whole_px = self.document().size().height()
            folded_px = self._folded_px() if self._folded else whole_px
            longer = self._folded and len(self._text) > LONGEST_FOLDED
            cut = longer or whole_px > folded_px + self.fontMetrics().lineSpacing() * 1.2
            self._heights[width_px] = (math.ceil(folded_px if cut else whole_px), cut)
            self._set_text_width(max(1, self.viewport().width()))
        return self._heights[width_px]

    def _set_text_width(self, width_px: int) -> None:
        """Break lines for this width. Qt breaks them all again even when it is the width that they have."""
        if self.document().textWidth() != width_px:
            self.document().setTextWidth(width_px)

    def _narrow_blank_lines(self) -> None:
        """Set blank lines half as high: a gap between paragraphs, not a line of nothing."""
        block = self.document().begin()
        while block.isValid():
            if block.length() <= 1:
                form = block.blockFormat()
                form.setLineHeight(BLANK_LINE_PX, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
                QTextCursor(block).setBlockFormat(form)
            block = block.next()

    def _folded_px(self) -> float:
        """Return the height of the first lines that have words; blank ones come free."""
        left = self._lines
        block = self.document().begin()
        height_px = 0.0
        while block.isValid() and left > 0:
            layout = block.layout()
            top_px = self.document().documentLayout().blockBoundingRect(block).top()
            take = min(left, layout.lineCount()) if block.length() > 1 else 0
            if take:
                last = layout.lineAt(take - 1)
                height_px = top_px + last.y() + last.height()
            left -= take
            block = block.next()
        return height_px


def look_of(theme: Theme, look: str) -> QTextCharFormat:
    """Return how a `Span` of this look is painted."""
    form = QTextCharFormat()
    if look == "flag":
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
        form.setUnderlineColor(theme.color("amber"))
        return form
    form.setBackground(theme.color(look))
    form.setForeground(theme.color(f"on_{look}"))
    form.setFontStrikeOut(look == "removed")
    form.setFontUnderline(look == "added")
    return form


def select(cursor: QTextCursor, text: str, span: Span) -> None:
    """Let ``cursor`` select ``span`` of a document that holds ``text``."""
    cursor.setPosition(_units(text, span.start))
    cursor.setPosition(_units(text, min(span.end, len(text))), QTextCursor.MoveMode.KeepAnchor)


def _units(text: str, position: int) -> int:
    """Return ``position`` in UTF-16 code units, which is what QTextCursor counts."""
    return len(text[:position].encode("utf-16-le")) // 2
