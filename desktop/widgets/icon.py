"""Icons, pills and illustrations: drawn from ``resources/icons`` in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from desktop.theme import Theme
from desktop.widgets.basics import Label, restyle, reveal, row, set_tip


class Icon(QWidget):
    """A picture that means nothing alone: words stand beside it, so screen readers skip it."""

    def __init__(self, theme: Theme, name: str, tint: str = "muted", size: QSize | int = 16) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._tint = tint
        self._box = QSize(size, size) if isinstance(size, int) else size
        self.setFixedSize(self._box)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def put(self, name: str, tint: str) -> None:
        self._name = name
        self._tint = tint
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        pixmap = self._theme.pixmap(self._name, self._tint, self._box, self.devicePixelRatioF())
        painter.drawPixmap(QRect(0, 0, self._box.width(), self._box.height()), pixmap)


TONES = {"neutral": "muted", "accent": "accent_text", "amber": "amber", "red": "red", "green": "green"}


class Pill(QFrame):
    """An icon and a word on a soft ground; colour is never the only sign."""

    def __init__(self, theme: Theme, text: str = "", *, icon: str = "", tone: str = "neutral") -> None:
        super().__init__()
        self._icon = Icon(theme, icon or "info", TONES[tone], 14)
        self._label = Label(text)
        layout = row(spacing=4, margins=(7, 0, 8, 0))
        layout.addWidget(self._icon)
        layout.addWidget(self._label)
        self.setLayout(layout)
        self.setFixedHeight(21)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.put(text, icon=icon, tone=tone)

    @property
    def text(self) -> str:
        return self._label.text()

    def put(self, text: str, *, icon: str = "", tone: str = "neutral", tip: str = "") -> None:
        self._label.setText(text)
        reveal(self._icon, visible=bool(icon))
        if icon:
            self._icon.put(icon, TONES[tone])
        if self.property("pill") != tone:
            restyle(self, "pill", tone)
            self._label.style().unpolish(self._label)
            self._label.style().polish(self._label)
        self.setAccessibleName(text)
        set_tip(self, tip)
        reveal(self, visible=bool(text))


class Avatar(QWidget):
    """A person's initials in a soft circle."""

    def __init__(self, theme: Theme, size_px: int = 32) -> None:
        super().__init__()
        self._theme = theme
        self._initials = ""
        self.setFixedSize(size_px, size_px)
        theme.changed.connect(self.update)

    def put(self, name: str) -> None:
        words = [word for word in name.split() if word[:1].isalnum()]
        chosen = words[:1] + words[-1:] if len(words) > 1 else words
        self._initials = "".join(word[0].upper() for word in chosen)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent_soft"))
        painter.drawEllipse(self.rect())
        if not self._initials:
            pixmap = self._theme.pixmap("person", "accent_text", 18, self.devicePixelRatioF())
            painter.drawPixmap((self.width() - 18) // 2, (self.height() - 18) // 2, pixmap)
            return
        painter.setPen(self._theme.color("accent_text"))
        painter.setFont(self._theme.font("small", bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._initials)
