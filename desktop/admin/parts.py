"""What the admin's pages are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLayout, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, refit, reveal, row
from desktop.widgets.icon import Icon


class PageBody(QScrollArea):
    """A page that scrolls. ``body`` is where its parts go, below its title and what it is about."""

    def __init__(self, title: str, about: str) -> None:
        super().__init__()
        self.body: QVBoxLayout = column(spacing=14, margins=(24, 20, 24, 20))
        self.body.addWidget(Label(title, "display", wrap=True))
        self.body.addWidget(Label(about, "muted", wrap=True))
        inside = QWidget()
        inside.setObjectName("body")
        inside.setLayout(self.body)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


class CalmSpin(QSpinBox):
    """A number that the wheel changes only while it has the keyboard: scrolling past it changes nothing."""

    def __init__(self, name: str, least: int, most: int, *, step: int = 1) -> None:
        super().__init__()
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.lineEdit().setTextMargins(6, 0, 6, 0)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Confirm(QWidget):
    """Asks in place before something that cannot be taken back. Esc is no."""

    answered = Signal(bool)

    def __init__(self, theme: Theme, yes: str) -> None:
        super().__init__()
        self._said = Label("", wrap=True)
        self.yes = Button(theme, yes)
        self.yes.clicked.connect(lambda: self._answer(agreed=True))
        self.no = Button(theme, tr("Cancel"), kind="primary")
        self.no.clicked.connect(lambda: self._answer(agreed=False))
        said = row(spacing=8)
        said.addWidget(Icon(theme, "warning", "amber", 18), 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._said, 1)
        buttons = row(spacing=8)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        buttons.addStretch(1)
        inner = column(spacing=10, margins=(12, 10, 12, 10))
        inner.addLayout(said)
        inner.addLayout(buttons)
        outer = column()
        outer.addWidget(boxed(inner, "amber"))
        self.setLayout(outer)
        self.hide()

    @property
    def is_asking(self) -> bool:
        return not self.isHidden()

    def ask(self, said: str) -> None:
        """Show the question; the focus goes to "Cancel" the first time."""
        fresh = not self.is_asking
        self._said.setText(said)
        self.setAccessibleName(said)
        reveal(self, visible=True)
        if fresh:
            refit(self)
            if self.window().isActiveWindow():
                self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._answer(agreed=False)
            return
        super().keyPressEvent(event)

    def _answer(self, *, agreed: bool) -> None:
        self.hide()
        self.answered.emit(agreed)


class Done(QWidget):
    """Says what was done, with a way back where there is one."""

    undo_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._said = Label("", wrap=True)
        self.undo = Button(theme, tr("Undo"), kind="link", icon="undo")
        self.undo.clicked.connect(self.undo_requested)
        inner = row(spacing=8, margins=(12, 8, 12, 8))
        inner.addWidget(Icon(theme, "check", "accent_text", 18), 0, Qt.AlignmentFlag.AlignTop)
        inner.addWidget(self._said, 1)
        inner.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignTop)
        outer = column()
        outer.addWidget(boxed(inner, "card"))
        self.setLayout(outer)
        self.hide()

    def put(self, said: str, *, can_undo: bool) -> None:
        self._said.setText(said)
        self.setAccessibleName(said)
        self.undo.setVisible(can_undo)
        reveal(self, visible=bool(said))


def card(title: str, *parts: QWidget | QLayout, about: str = "") -> QWidget:
    """Return a card with a title, what it is about, and its parts below each other."""
    inner = column(spacing=10, margins=(16, 14, 16, 14))
    inner.addWidget(Label(title, "title", wrap=True))
    if about:
        inner.addWidget(Label(about, "small", wrap=True))
    for part in parts:
        if isinstance(part, QLayout):
            inner.addLayout(part)
        else:
            inner.addWidget(part)
    return boxed(inner, "card")


def empty(layout: QVBoxLayout) -> None:
    """Take everything out of ``layout``."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
