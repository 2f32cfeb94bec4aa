"""Small charts of requests, painted in the theme's colours; the same is said in words beside them."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import Theme

HEIGHT_PX = 64
LEAST_WIDTH_PX = 180
GAP_PX = 1.0
FAR_ABOVE = 3
"""A cap so many times as high as the highest bar is left out, or the bars could not be told apart."""


class MinuteBars(QWidget):
    """A bar for each minute, the present one last, and a line at what may be used in a minute."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bars: tuple[int, ...] = ()
        self._cap = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def put(self, bars: tuple[int, ...], cap: int, words: str) -> None:
        """Show ``bars``; ``cap`` is 0 where nothing limits. ``words`` are for who cannot see them."""
        self._bars, self._cap = bars, cap
        self.setAccessibleName(words)
        self.update()

    @property
    def top(self) -> int:
        """Return the number at the upper edge."""
        most = max(self._bars, default=0)
        return max(most, self._cap) if self.shows_cap else max(most, 1)

    @property
    def shows_cap(self) -> bool:
        return 0 < self._cap <= FAR_ABOVE * max(1, *self._bars, 0)

    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH_PX, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        self._paint_bars(painter, area)
        painter.setPen(QPen(self._theme.color("border_strong"), 1))
        painter.drawLine(QLineF(area.bottomLeft(), area.bottomRight()))
        if self.shows_cap:
            y = area.bottom() - area.height() * self._cap / self.top
            pen = QPen(self._theme.color("muted"), 1, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
        painter.end()

    def _paint_bars(self, painter: QPainter, area: QRectF) -> None:
        step_px = area.width() / max(1, len(self._bars))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        for index, count in enumerate(self._bars):
            if count:
                height_px = max(2.0, area.height() * count / self.top)
                left_px = area.left() + index * step_px
                painter.drawRect(QRectF(left_px, area.bottom() - height_px, max(1.0, step_px - GAP_PX), height_px))


class PartBar(QWidget):
    """A part of a whole as a thin bar. The number stands beside it, so screen readers skip it."""

    THICK_PX = 6

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._part = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.THICK_PX)
        theme.changed.connect(self.update)

    def put(self, part: float) -> None:
        """Show ``part`` in [0, 1]."""
        self._part = min(1.0, max(0.0, part))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, self.THICK_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(32, self.THICK_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        round_px = self.THICK_PX / 2
        painter.setBrush(self._theme.color("sunken"))
        painter.drawRoundedRect(whole, round_px, round_px)
        if self._part > 0:
            painter.setBrush(self._theme.color("accent"))
            width_px = max(float(self.THICK_PX), whole.width() * self._part)
            painter.drawRoundedRect(QRectF(0, 0, width_px, whole.height()), round_px, round_px)
        painter.end()
