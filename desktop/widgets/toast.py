"""A sentence at the bottom of a window that goes by itself; takes no focus and no clicks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.theme import Theme
from desktop.widgets.basics import Label, row
from desktop.widgets.icon import Icon

MARGIN_PX = 12
ABOVE_BOTTOM_PX = 44
SHOWN_MS = 3_500


class Toast(QFrame):
    """Lies over ``host``. The newest sentence replaces the one before."""

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setProperty("surface", "overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = Label("", "strong", wrap=True)
        layout = row(spacing=8, margins=(12, 10, 12, 10))
        layout.addWidget(Icon(theme, "info", "accent", 16), 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.setLayout(layout)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        host.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, sentence: str) -> None:
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        width = self._host.width() - 2 * MARGIN_PX
        layout = self.layout()
        wraps = layout is not None and layout.hasHeightForWidth()
        self.resize(width, layout.heightForWidth(width) if layout is not None and wraps else self.sizeHint().height())
        self.move(MARGIN_PX, self._host.height() - self.height() - ABOVE_BOTTOM_PX)
