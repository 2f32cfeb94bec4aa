"""A label of at most so many lines, with an ellipsis where it is cut and the whole text in its tool tip."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy

from desktop.widgets.basics import Label, refit, reveal, set_tip

LONGEST_SHOWN = 600
"""Characters that are laid out at all: nobody can see more in a few lines."""
BREAK = "\u2028"
"""What a layout breaks a line at."""
LEAST_WIDTH_PX = 24
"""Asked for however long the text is: it takes the room that there is."""


class ClampLabel(Label):
    """Plain text, wrapped anywhere if need be, cut with … after ``lines`` lines.

    With ``keeps_lines`` a line of the text begins on a line of its own; blank ones are left out.
    """

    def __init__(
        self,
        text: str = "",
        type: str = "",  # noqa: A002  # the style sheet's word
        *,
        lines: int = 2,
        tone: str = "",
        keeps_lines: bool = False,
    ) -> None:
        super().__init__("", type, tone=tone)
        self._lines = lines
        self._keeps_lines = keeps_lines and lines > 1
        self._line_px = 0
        self._whole = ""
        self._tip = ""
        self._breaks: dict[int, tuple[list[str], bool]] = {}
        self._heights: dict[str, int] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(lines > 1)
        self.setSizePolicy(policy)
        self.put(text)

    def put(self, text: str) -> None:
        self._whole = self._on_lines(text[:LONGEST_SHOWN])
        reveal(self, visible=bool(text))
        if self._whole == self.text():
            return
        self._breaks.clear()
        self._heights.clear()
        super().setText(self._whole)
        refit(self)

    def _on_lines(self, text: str) -> str:
        if self._lines == 1:
            return text.replace("\n", " ")
        if not self._keeps_lines:
            return " ".join(text.split())
        return BREAK.join(filter(None, (" ".join(line.split()) for line in text.splitlines())))

    def hasHeightForWidth(self) -> bool:
        return self._lines > 1

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._breaks.clear()
            self._heights.clear()
            self._line_px = 0
        super().changeEvent(event)

    def heightForWidth(self, width: int) -> int:
        shown, _ = self._broken(max(1, width))
        return sum(map(self._height_of, shown)) or self._height_of("")

    def sizeHint(self) -> QSize:
        height = self._height_of(self._whole) if self._lines == 1 else self.heightForWidth(max(self.width(), 60))
        return QSize(LEAST_WIDTH_PX, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH_PX, self._height_of(self._whole if self._lines == 1 else ""))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._lines > 1:
            self.updateGeometry()

    def _height_of(self, line: str) -> int:
        """Return how high a line is: letters that the font lacks come from other fonts, many of them taller."""
        if not self._line_px:
            self._line_px = QFontMetrics(self.font()).lineSpacing()
        if line.isascii():
            return self._line_px
        if line not in self._heights:
            layout = QTextLayout(line, self.font())
            layout.beginLayout()
            laid_out = layout.createLine()
            layout.endLayout()
            self._heights[line] = max(self._line_px, math.ceil(laid_out.height()))
        return self._heights[line]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.setFont(self.font())
        direction = _direction(self._whole)
        painter.setLayoutDirection(direction)
        align = (
            Qt.AlignmentFlag.AlignRight if direction == Qt.LayoutDirection.RightToLeft else Qt.AlignmentFlag.AlignLeft
        )
        lines, cut = self._broken(self.width())
        box = self.rect()
        for line in lines:
            painter.drawText(box, int(align | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute), line)
            box.setTop(box.top() + self._height_of(line))
        self._tell(self._whole if cut else "")

    def _tell(self, tip: str) -> None:
        """Change the tool tip. Told when painted: a label that nobody sees needs none."""
        if tip != self._tip:
            self._tip = tip
            set_tip(self, tip)

    def _broken(self, width: int) -> tuple[list[str], bool]:
        """Return the lines to draw, and whether anything was cut."""
        if width not in self._breaks:
            self._breaks[width] = self._break_lines(width)
        return self._breaks[width]

    def _break_lines(self, width: int) -> tuple[list[str], bool]:
        metrics = QFontMetrics(self.font())
        if self._lines == 1:
            cut = metrics.horizontalAdvance(self._whole) > width
            return [metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, width)], cut
        layout = QTextLayout(self._whole, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        lines: list[str] = []
        cut = False
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, 0))
            start, length = line.textStart(), line.textLength()
            if len(lines) == self._lines - 1 and start + length < _utf16(self._whole):
                rest, more, _ = _slice_utf16(self._whole, start).partition(BREAK)
                lines.append(metrics.elidedText(f"{rest} …" if more else rest, Qt.TextElideMode.ElideRight, width))
                cut = True
                break
            lines.append(_slice_utf16(self._whole, start, length).strip())
        layout.endLayout()
        return lines, cut


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _slice_utf16(text: str, start: int, length: int | None = None) -> str:
    """Qt counts UTF-16 code units; an emoji is two."""
    raw = text.encode("utf-16-le")
    end = len(raw) if length is None else (start + length) * 2
    return raw[start * 2 : end].decode("utf-16-le", errors="replace")


def _direction(text: str) -> Qt.LayoutDirection:
    return Qt.LayoutDirection.RightToLeft if is_right_to_left(text) else Qt.LayoutDirection.LeftToRight


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left (the rule P2 of Unicode's UAX 9)."""
    import unicodedata

    for letter in text[:LONGEST_SHOWN]:
        kind = unicodedata.bidirectional(letter)
        if kind in {"R", "AL"}:
            return True
        if kind == "L":
            return False
    return False
