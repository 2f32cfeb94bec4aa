"""Solved tickets like this one, a row each."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton

from assist.domain import SimilarTicket, TicketRef
from desktop.i18n import tr
from desktop.panel import words
from desktop.theme import Theme
from desktop.widgets.basics import column, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon

MOST_ROWS = 5


class LinkRow(QPushButton):
    """A whole row to press: an icon, a title, a second line, and an icon with a meaning at the end."""

    def __init__(self, theme: Theme, icon: str) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self._title = ClampLabel("", "", lines=1)
        self._detail = ClampLabel("", "tiny", lines=1)
        self._icon = Icon(theme, icon, "muted", 16)
        lines = column(spacing=0)
        lines.addWidget(self._title)
        lines.addWidget(self._detail)
        layout = row(spacing=10, margins=(9, 6, 7, 6))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(lines, 1)
        layout.addWidget(Icon(theme, "chevron-right", "faint", 14))
        self._row = layout
        self.setLayout(layout)

    def sizeHint(self) -> QSize:
        """A button reckons its size from its text; this one holds a layout."""
        return self._row.sizeHint()

    def put(self, title: str, detail: str) -> None:
        self._title.put(title)
        self._detail.put(detail)
        self.setAccessibleName(f"{title[:200]}. {detail[:200]}")


class SimilarTickets(QFrame):
    ticket_open = Signal(object)
    """The `TicketRef` of the ticket to open in the helpdesk."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._refs: list[TicketRef] = []
        self._rows = [LinkRow(theme, "ticket") for _ in range(MOST_ROWS)]
        self.setProperty("surface", "card")
        layout = column(spacing=0, margins=(3, 3, 3, 3))
        for number, one in enumerate(self._rows):
            one.clicked.connect(lambda _=False, number=number: self.ticket_open.emit(self._refs[number]))
            layout.addWidget(one)
        self.setLayout(layout)

    def put(self, similar: tuple[SimilarTicket, ...], *, now: datetime) -> None:
        shown = similar[:MOST_ROWS]
        self._refs = [one.ref for one in shown]
        for widget, ticket in zip(self._rows, (*shown, *[None] * MOST_ROWS), strict=False):
            widget.setVisible(ticket is not None)
            if ticket is not None:
                rated = words.csat_sign(ticket.csat)
                solved = tr("solved {when}", when=words.ago(now - ticket.solved_at))
                by = tr("by {agent}", agent=ticket.solved_by) if ticket.solved_by else ""
                parts = (" ".join(part for part in (solved, by) if part), rated.word if rated else "")
                widget.put(ticket.subject, " · ".join(part for part in parts if part))
