"""Where Freshdesk shows an agent's API key, in three drawings of ours. They show places, not the vendor's design."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Label, column, row

_HEIGHT_PX = 104
_BAR_PX = 20
_SMALLEST_PX = 8
_LEAST_WIDTH_PX = 96


class _Drawing(QWidget):
    """One page of Freshdesk in outline; what to click is drawn in the accent colour."""

    def __init__(self, theme: Theme, step: int) -> None:
        super().__init__()
        self._theme = theme
        self._step = step
        self.setMinimumSize(_LEAST_WIDTH_PX, _HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(132, _HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        try:
            self._page(painter, frame)
            (self._picture, self._menu, self._profile)[self._step - 1](painter, frame)
        finally:
            # An error keeps the painter alive longer than the widget, and Qt does not survive that.
            painter.end()

    def _page(self, painter: QPainter, frame: QRectF) -> None:
        painter.setPen(QPen(self._theme.color("border_strong"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(frame, 6, 6)
        self._fill(painter, QRectF(frame.left() + 1, frame.top() + 1, frame.width() - 2, _BAR_PX), "sunken", 5)
        self._fill(painter, QRectF(frame.left() + 8, frame.top() + 8, frame.width() * 0.28, 5), "border_strong")
        self._avatar(painter, self._corner(frame), is_wanted=self._step == 1)

    def _picture(self, painter: QPainter, frame: QRectF) -> None:
        for number, share in enumerate((0.72, 0.55, 0.8, 0.46)):
            top = frame.top() + _BAR_PX + 14 + number * 16
            self._fill(painter, QRectF(frame.left() + 10, top, frame.width() * share, 5), "border")

    def _menu(self, painter: QPainter, frame: QRectF) -> None:
        width = min(frame.width() - 14, 118.0)
        box = QRectF(frame.right() - width - 6, frame.top() + _BAR_PX + 6, width, 70)
        painter.setPen(QPen(self._theme.color("border_strong"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(box, 5, 5)
        for top, share in ((box.top() + 9, 0.5), (box.bottom() - 13, 0.4)):
            self._fill(painter, QRectF(box.left() + 10, top, box.width() * share, 5), "border")
        self._wanted(painter, QRectF(box.left() + 4, box.top() + 22, box.width() - 8, 24), tr("Profile settings"))

    def _profile(self, painter: QPainter, frame: QRectF) -> None:
        split = frame.left() + frame.width() * 0.22
        for number in range(4):
            top = frame.top() + _BAR_PX + 12 + number * 17
            width = split - frame.left() - 16
            self._fill(painter, QRectF(frame.left() + 8, top, width * (0.6 if number % 2 else 1), 5), "border")
        card = QRectF(split, frame.top() + _BAR_PX + 8, frame.right() - split - 7, 66)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("canvas"))
        painter.drawRoundedRect(card, 5, 5)
        self._fill(painter, QRectF(card.left() + 8, card.top() + 9, card.width() * 0.6, 5), "border_strong")
        self._wanted(painter, QRectF(card.left() + 5, card.top() + 22, card.width() - 10, 24), tr("View API key"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("border_input"))
        for number in range(int((card.width() - 20) // 7)):
            painter.drawEllipse(QPointF(card.left() + 11 + number * 7, card.bottom() - 10), 1.8, 1.8)

    def _avatar(self, painter: QPainter, center: QPointF, *, is_wanted: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent_soft" if is_wanted else "border_strong"))
        painter.drawEllipse(center, 7, 7)
        if is_wanted:
            pixmap = self._theme.pixmap("person", "accent_text", 11, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(center.x() - 5.5, center.y() - 5.5), pixmap)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.drawEllipse(center, 12, 12)

    def _wanted(self, painter: QPainter, box: QRectF, text: str) -> None:
        painter.setPen(QPen(self._theme.color("accent"), 2))
        painter.setBrush(self._theme.color("accent_soft"))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        room = int(box.width() - 10)
        font = self._fitting(text, room)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)

    def _fitting(self, text: str, room: int) -> QFont:
        """Return a font in which ``text`` fits, down to what can still be read; it stands below in words as well."""
        font = self._theme.font("tiny")
        while QFontMetrics(font).horizontalAdvance(text) > room and font.pixelSize() > _SMALLEST_PX:
            font.setPixelSize(font.pixelSize() - 1)
        return font

    def _fill(self, painter: QPainter, box: QRectF, color: str, radius: float = 2.5) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(color))
        painter.drawRoundedRect(box, radius, radius)

    @staticmethod
    def _corner(frame: QRectF) -> QPointF:
        return QPointF(frame.right() - 16, frame.top() + 1 + _BAR_PX / 2 + 3)


class KeyPicture(QWidget):
    """The three drawings, each with its step in words: the words alone say it all."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.steps = (
            tr("1. In Freshdesk, click your profile picture at the top right."),
            tr("2. Choose Profile settings."),
            tr("3. Click View API key on the right, and copy the key."),
        )
        self.setAccessibleName(tr("Where to find your API key"))
        self.setAccessibleDescription(" ".join(self.steps))
        layout = row(spacing=10)
        for number, words in enumerate(self.steps, start=1):
            part = column(spacing=6)
            part.addWidget(_Drawing(theme, number))
            part.addWidget(Label(words, "small", wrap=True))
            part.addStretch(1)
            layout.addLayout(part, 1)
        self.setLayout(layout)
