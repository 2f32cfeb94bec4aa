"""What stands where there is nothing: a drawing, what it is, why, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.basics import Label, column
from desktop.widgets.icon import Icon


class EmptyState(QWidget):
    """``buttons`` is where buttons go, below the words."""

    def __init__(self, theme: Theme, drawing: str, title: str = "", text: str = "") -> None:
        super().__init__()
        self.title = Label(title, "title", wrap=True)
        self.text = Label(text, "muted", wrap=True)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.buttons: QVBoxLayout = column(spacing=8)
        layout = column(spacing=8, margins=(32, 24, 32, 24))
        layout.addStretch(2)
        layout.addWidget(Icon(theme, drawing, "illustration", QSize(160, 112)), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addSpacing(8)
        layout.addLayout(self.buttons)
        layout.addStretch(3)
        self.setLayout(layout)

    def put(self, title: str, text: str) -> None:
        self.title.setText(title)
        self.text.setText(text)
