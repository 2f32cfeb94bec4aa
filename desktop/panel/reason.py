"""Where the agent writes in words why a reply is dismissed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, refit, row
from desktop.widgets.editor import LineField

REASONS = ("Wrong topic", "Out of date", "Wrong tone", "Already answered")
LONGEST = 200


class ReasonRow(QWidget):
    """Hidden until it asks. Enter and the button give the reason, Esc leaves."""

    given = Signal(str)
    """The reason, which may be empty; nothing is hidden by that."""
    left = Signal()
    pressed = Signal()
    """The agent clicked into the field, so it is to have the keyboard."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.field = LineField(tr("Reason for dismissing"), hint=tr("Why is it not useful?"))
        self.field.setMaxLength(LONGEST)
        self.field.left.connect(self.left)
        self.field.pressed.connect(self.pressed)
        self.field.returnPressed.connect(self._give)
        dismiss = Button(theme, tr("Dismiss"))
        dismiss.clicked.connect(self._give)
        layout = row(spacing=6)
        layout.addWidget(self.field, 1)
        layout.addWidget(dismiss)
        self.setLayout(layout)
        self.hide()

    @property
    def is_asking(self) -> bool:
        return not self.isHidden()

    def ask(self) -> None:
        """Show an empty field; `go_in` moves the focus there."""
        self.field.clear()
        self.show()
        refit(self)

    def go_in(self) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give(self) -> None:
        self.given.emit(self.field.text().strip())
