"""The question that stands before text which not every customer may read goes anywhere (promise U5)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from assist.domain import Visibility
from desktop.i18n import tr
from desktop.panel import words
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, refit, row
from desktop.widgets.icon import Icon


class InternalAsk(QWidget):
    """Hidden until it is asked. A key that fills a reply does not answer it: its own buttons do."""

    answered = Signal(bool)
    """Whether it is used all the same."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._said = Label("", wrap=True)
        self.yes = Button(theme, tr("Use it all the same"))
        self.yes.clicked.connect(lambda: self._answer(used=True))
        self.no = Button(theme, tr("Leave it"), kind="primary")
        self.no.clicked.connect(lambda: self._answer(used=False))
        said = row(spacing=8)
        said.addWidget(Icon(theme, "lock", "amber", 18), 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._said, 1)
        inner = column(spacing=8, margins=(10, 8, 10, 8))
        inner.addLayout(said)
        inner.addWidget(self.no, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self.yes, 0, Qt.AlignmentFlag.AlignLeft)
        outer = column(margins=(0, 4, 0, 4))
        outer.addWidget(boxed(inner, "amber"))
        self.setLayout(outer)
        self.hide()

    @property
    def is_asking(self) -> bool:
        return not self.isHidden()

    def ask(self, visibility: Visibility) -> None:
        """Say who may read it, and wait. The focus goes to "Leave it" if it is in this window."""
        self._said.setText(_sentence(visibility))
        self.setAccessibleName(self._said.text())
        self.show()
        refit(self)
        if self.window().isActiveWindow():
            self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """Take the question away without an answer."""
        self.hide()

    def event(self, event: QEvent) -> bool:
        """Claim Escape, which is the panel's shortcut otherwise."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._answer(used=False)
            return
        super().keyPressEvent(event)

    def _answer(self, *, used: bool) -> None:
        self.hide()
        self.answered.emit(used)


def _sentence(visibility: Visibility) -> str:
    sign = words.visibility_warning(visibility)
    who = sign.word if sign is not None else ""
    return tr("{who}. This customer may not be meant to read it.", who=who)
