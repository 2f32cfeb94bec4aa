"""A heading with a count, a body that folds, and a line that says why the body is empty."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, refit, reveal, row
from desktop.widgets.icon import Icon


class Section(QWidget):
    """``body`` is where a section's widgets go. ``put`` hides all of it when there is nothing to say."""

    def __init__(self, theme: Theme, title: str, *, folded: bool = False) -> None:
        super().__init__()
        self._title = title
        self._count = 0
        self._counted = True
        self._folded = folded
        self._fold = Button(theme, title, kind="fold", icon="chevron-right" if folded else "chevron-down")
        self._fold.clicked.connect(lambda: self.fold(folded=not self._folded))
        head = row(spacing=4)
        head.addWidget(self._fold)
        head.addStretch(1)
        self._why_icon = Icon(theme, "info", "faint", 16)
        self._why = Label("", "small", wrap=True)
        why = row(spacing=8, margins=(8, 0, 8, 4))
        why.addWidget(self._why_icon, 0, Qt.AlignmentFlag.AlignTop)
        why.addWidget(self._why, 1)
        self._why_row = QWidget()
        self._why_row.setLayout(why)
        self.body: QVBoxLayout = column(spacing=8)
        self._body = QWidget()
        self._body.setLayout(self.body)
        layout = column(spacing=6)
        layout.addLayout(head)
        layout.addWidget(self._why_row)
        layout.addWidget(self._body)
        self.setLayout(layout)
        self.setAccessibleName(title)
        self._show()

    @property
    def head(self) -> Button:
        return self._fold

    @property
    def is_folded(self) -> bool:
        return self._folded

    @property
    def why(self) -> str:
        return self._why.text() if not self._why_row.isHidden() else ""

    def put(self, count: int, *, why_empty: str = "", counted: bool = True) -> None:
        """Say how many things the body holds; ``counted`` says whether the number is worth showing."""
        self._count = count
        self._counted = counted
        self._why.setText("" if count else why_empty)
        reveal(self, visible=bool(count or why_empty))
        self._show()

    def fold(self, *, folded: bool) -> None:
        self._folded = folded
        self._fold.put_icon("chevron-right" if folded else "chevron-down")
        self._show()

    def _show(self) -> None:
        self._fold.setText(f"{self._title}  {self._count}" if self._count and self._counted else self._title)
        state = tr("folded") if self._folded else tr("unfolded")
        self._fold.setAccessibleName(f"{self._fold.text()}, {state}")
        self._why_row.setVisible(bool(self._why.text()) and not self._folded)
        self._body.setVisible(bool(self._count) and not self._folded)
        refit(self)
