"""One journal row in full: what was suggested beside what became of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.i18n import tr
from desktop.journal.diff import diff_spans
from desktop.journal.model import cells, sent_word
from desktop.journal.state import JournalRow
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.prose import Prose

ALL_LINES = 100_000


class Detail(QScrollArea):
    ticket_open = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.row: JournalRow | None = None
        self._title = ClampLabel("", "title", lines=2)
        self._facts = Label("", "small", wrap=True)
        self._open = Button(theme, tr("Open the ticket"), kind="link", icon="open")
        self._open.clicked.connect(self._open_ticket)
        self._before_title = Label(tr("Suggested"), "section")
        self.before = Prose(theme, lines=ALL_LINES)
        self._after_title = Label("", "section")
        self.after = Prose(theme, lines=ALL_LINES)
        self._legend = Label(tr("Struck through: left out. Underlined: new."), "tiny", wrap=True)
        layout = column(spacing=8, margins=(0, 0, 8, 0))
        head = row()
        head.addWidget(self._open)
        head.addStretch(1)
        layout.addWidget(self._title)
        layout.addWidget(self._facts)
        layout.addLayout(head)
        self._card(layout, self._before_title, self.before)
        self._after_card = self._card(layout, self._after_title, self.after)
        layout.addWidget(self._legend)
        layout.addStretch(1)
        body = QWidget()
        body.setObjectName("body")
        body.setLayout(layout)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(300)

    def put(self, one: JournalRow) -> None:
        self.row = one
        words = cells(one)
        edits = tr("{n} characters edited", n=one.edit_distance) if one.edit_distance else ""
        self._title.put(words[3])
        self._facts.setText(" · ".join(part for part in (words[1], words[0], words[2], words[4], edits) if part))
        after = one.sent or one.used
        removed, added = diff_spans(one.suggested, after) if after else ((), ())
        suggested = one.suggested or tr("The words were deleted. Times and figures stay.")
        self.before.put(suggested, removed, name=tr("What was suggested"))
        self.after.put(after, added, name=tr("What became of it"))
        sent = sent_word(one.sent_as)
        self._after_title.setText(tr("Sent: {how}", how=sent.lower()) if one.sent else tr("Put on the clipboard"))
        self._after_card.setVisible(bool(after))
        self._legend.setVisible(bool(removed or added))

    def _card(self, layout: QVBoxLayout, title: Label, text: Prose) -> QWidget:
        inner = column(spacing=6, margins=(12, 10, 12, 12))
        inner.addWidget(title)
        inner.addWidget(text)
        card = boxed(inner, "card")
        layout.addWidget(card)
        return card

    def _open_ticket(self) -> None:
        if self.row is not None:
            self.ticket_open.emit(self.row.ref)
