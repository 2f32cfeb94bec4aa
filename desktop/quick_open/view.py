"""A small field over the panel: paste a ticket's address or number, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Label, column, restyle, row
from desktop.widgets.editor import LineField
from desktop.widgets.icon import Icon

LONGEST_INPUT = 2_000


class QuickOpenView(QFrame):
    """Lies over ``host`` while it is open. The presenter decides what an input means."""

    open_requested = Signal(str)
    """What was typed or pasted, without surrounding spaces."""
    closed = Signal()

    def __init__(self, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self.setProperty("surface", "overlay")
        self.setAccessibleName(tr("Open a ticket"))
        self.field = LineField(tr("Ticket address or number"), hint=tr("Paste a ticket address or number"))
        self.field.left.connect(self.close_overlay)
        self.field.setMaxLength(LONGEST_INPUT)
        self.field.returnPressed.connect(self._submit)
        self.field.textEdited.connect(lambda: self.show_error(""))
        self._hint_text = tr("For example 20418, or the address of the ticket's page.")
        self.hint = Label(self._hint_text, "small", wrap=True)
        line = row(spacing=8)
        line.addWidget(Icon(theme, "search", "muted", 18))
        line.addWidget(self.field, 1)
        foot = row(spacing=6)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        # A pixel brings its first line to the base line of the keys, whose words are smaller.
        self.hint.setContentsMargins(0, 1, 0, 0)
        foot.addWidget(self.hint, 1)
        foot.addWidget(Label("↵", "keycap"), 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(Label("Esc", "keycap"), 0, Qt.AlignmentFlag.AlignTop)
        layout = column(spacing=10, margins=(14, 14, 14, 12))
        layout.addLayout(line)
        layout.addLayout(foot)
        self.setLayout(layout)
        host.installEventFilter(self)
        self.hide()

    def show_open(self, text: str = "") -> None:
        """Open with ``text`` selected, and put the cursor there: the agent asked for it."""
        self.field.setText(text)
        self.field.selectAll()
        self.show_error("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_error(self, error: str) -> None:
        """Say why the input names no ticket; the field stays open to mend it."""
        self.hint.setText(error or self._hint_text)
        restyle(self.hint, "tone", "red" if error else "")
        restyle(self.field, "wrong", "true" if error else "false")
        self.field.setAccessibleDescription(self.hint.text())
        self._place()

    def close_overlay(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_overlay()
            event.accept()
            return
        super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _submit(self) -> None:
        text = self.field.text().strip()
        if text:
            self.open_requested.emit(text)
        else:
            self.show_error(tr("Paste or type something first."))

    def _place(self) -> None:
        host, layout = self.parentWidget(), self.layout()
        if host is not None and layout is not None:
            layout.activate()
            width_px = min(host.width() - 24, 480)
            self.setGeometry((host.width() - width_px) // 2, 52, width_px, layout.totalHeightForWidth(width_px))
