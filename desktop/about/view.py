"""The about window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.dock.beside import most_size
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, row
from desktop.widgets.icon import Icon

WIDTH_PX = 440


class AboutView(QWidget):
    def __init__(self, theme: Theme, version: str, data_folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("About Kibitz"))
        names = column(spacing=2)
        names.addWidget(Label("Kibitz", "display"))
        names.addWidget(Label(tr("Version {version}", version=version), "muted").selectable())
        head = row(spacing=14)
        head.addWidget(Icon(theme, "mark", "accent", 48))
        head.addLayout(names, 1)
        close = Button(theme, tr("Close"))
        close.clicked.connect(self.close)
        layout = column(spacing=12, margins=(24, 24, 24, 20))
        layout.addLayout(head)
        layout.addWidget(Label(tr("Looks over your shoulder, says the useful thing. You decide."), "strong", wrap=True))
        layout.addWidget(
            Label(
                tr(
                    "Kibitz talks to your helpdesk and to nobody else. What it reads is encrypted on this computer; "
                    "it sends nothing to customers and reports nothing home."
                ),
                "muted",
                wrap=True,
            )
        )
        layout.addWidget(Label(tr("Your data: {folder}", folder=data_folder), "small", wrap=True).selectable())
        layout.addWidget(Label(tr("Free software under the Apache License 2.0."), "small", wrap=True))
        layout.addStretch(1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setLayout(layout)
        width_px = min(WIDTH_PX, most_size(self).width())
        self.setFixedSize(width_px, layout.totalHeightForWidth(width_px))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)
