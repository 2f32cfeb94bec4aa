"""A labelled line to type into."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.widgets.basics import Label, column, restyle, row


class Field(QWidget):
    """A labelled line with a hint below, which turns into the error when there is one."""

    def __init__(self, label: str, hint: str = "", *, suffix: str = "", secret: bool = False) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setAccessibleName(label)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        caption = Label(label, "strong")
        caption.setBuddy(self.edit)
        self._hint_text = hint
        self._hint = Label(hint, "small", wrap=True)
        line = row(spacing=8)
        line.addWidget(self.edit, 1)
        self._suffix = Label("", "muted")
        self._suffix.put(suffix)
        line.addWidget(self._suffix)
        layout = column(spacing=4)
        layout.addWidget(caption)
        layout.addLayout(line)
        layout.addWidget(self._hint)
        self.setLayout(layout)
        self.caption = caption

    @property
    def text(self) -> str:
        return self.edit.text().strip()

    @property
    def error(self) -> str:
        return self._hint.text() if self.edit.property("wrong") == "true" else ""

    def put(self, *, label: str, hint: str, suffix: str = "") -> None:
        self.caption.setText(label)
        self.edit.setAccessibleName(label)
        self._hint_text = hint
        self._suffix.put(suffix)
        self.show_error("")

    def show_error(self, error: str) -> None:
        self._hint.put(error or self._hint_text)
        restyle(self._hint, "tone", "red" if error else "")
        restyle(self.edit, "wrong", "true" if error else "false")
        self.edit.setAccessibleDescription(error or self._hint_text)
