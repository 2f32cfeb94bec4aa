"""The top of the panel: the bar with its buttons, and the ticket that is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from assist.domain import OpenTicket, TicketStatus
from desktop.i18n import tr
from desktop.panel import words
from desktop.panel.acting_menu import acting_menu, fill_acting_menu
from desktop.panel.state import Ready
from desktop.theme import Theme
from desktop.widgets.basics import Button, IconButton, Label, column, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Avatar, Icon, Pill
from desktop.widgets.popup import place_at


class TitleBar(QWidget):
    quick_open_requested = Signal()
    collapse_requested = Signal()

    def __init__(self, theme: Theme, menu: QMenu) -> None:
        super().__init__()
        self._mark = Icon(theme, "mark", "accent", 22)
        self.quick_open = Button(theme, tr("Open a ticket"), kind="field", icon="search")
        self.quick_open.setAccessibleName(tr("Open a ticket by its address or number"))
        self.quick_open.clicked.connect(self.quick_open_requested)
        key = Label("Ctrl K", "keycap")
        inner = row(margins=(0, 0, 6, 0))
        inner.addStretch(1)
        inner.addWidget(key, 0, Qt.AlignmentFlag.AlignVCenter)
        self.quick_open.setLayout(inner)
        self.collapse = IconButton(theme, "collapse", tr("Collapse to a strip"))
        self.collapse.clicked.connect(self.collapse_requested)
        self.menu_button = IconButton(theme, "menu", tr("Menu"))
        self.menu_button.setMenu(menu)
        place_at(menu, self.menu_button)
        self.menu_button.setPopupMode(self.menu_button.ToolButtonPopupMode.InstantPopup)
        layout = row(spacing=6, margins=(12, 10, 8, 8))
        layout.addWidget(self._mark)
        layout.addSpacing(2)
        layout.addWidget(self.quick_open, 1)
        layout.addWidget(self.collapse)
        layout.addWidget(self.menu_button)
        self.setLayout(layout)


class TicketHeader(QWidget):
    """Subject, requester, channel, waiting time, mood and where it goes."""

    act_requested = Signal(object, object)
    """An `ActKind`, and a `TicketStatus` or None."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.subject = ClampLabel("", "title", lines=2)
        self._avatar = Avatar(theme, 32)
        self.requester = ClampLabel("", "strong", lines=1)
        self._channel_icon = Icon(theme, "mail", "muted", 14)
        self.meta = ClampLabel("", "small", lines=1)
        self.mood = Pill(theme)
        self.trend = Label("", "small")
        self.status = Pill(theme)
        meta = row(spacing=5)
        meta.addWidget(self._channel_icon)
        meta.addWidget(self.meta, 1)
        names = column(spacing=1)
        names.addWidget(self.requester)
        names.addLayout(meta)
        person = row(spacing=10)
        person.addWidget(self._avatar)
        person.addLayout(names, 1)
        feeling = column(spacing=2)
        feeling.addWidget(self.mood)
        feeling.addWidget(self.trend, 0, Qt.AlignmentFlag.AlignRight)
        person.addLayout(feeling)
        self._menu = acting_menu(self)
        self._statuses: tuple[TicketStatus, ...] = ()
        self.change = IconButton(theme, "pencil", tr("Change this ticket"), size_px=16)
        self.change.setMenu(self._menu)
        place_at(self._menu, self.change)
        self.change.setPopupMode(self.change.ToolButtonPopupMode.InstantPopup)
        self.change.hide()
        first = row(spacing=6)
        first.addWidget(self.subject, 1)
        first.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        layout = column(spacing=10, margins=(16, 6, 16, 12))
        layout.addLayout(first)
        layout.addLayout(person)
        self.setLayout(layout)
        self._person = (self._avatar, self._channel_icon)

    def put(self, state: Ready) -> None:
        opened = state.opened
        self.subject.put(opened.ticket.subject or tr("(no subject)"))
        name = requester_name(opened)
        self._avatar.put(name)
        self.requester.put(name or tr("Unknown requester"))
        channel = words.channel_sign(opened.ticket.channel)
        self._channel_icon.put(channel.icon, "muted")
        self.meta.put(" · ".join((channel.word, waiting_words(state), f"#{opened.ticket.ref.id}")))
        mood = words.mood_sign(state.help.mood)
        self.mood.put(mood.word, icon=mood.icon, tone=mood.tone, tip=words.mood_tip(state.help.mood_trend))
        self.trend.put(words.trend_word(state.help.mood_trend))
        for widget in self._person:
            widget.show()
        self._offer(state.acting)

    def _offer(self, statuses: tuple[TicketStatus, ...]) -> None:
        """Offer to change the ticket, where that is allowed."""
        self.change.setVisible(bool(statuses))
        if statuses and statuses != self._statuses:
            fill_acting_menu(self._menu, statuses, self.act_requested.emit)
        self._statuses = statuses

    def put_loading(self, subject: str, ticket_id: int) -> None:
        self.subject.put(subject or tr("Ticket #{id}", id=ticket_id))
        self.requester.put(tr("Reading the ticket …"))
        self.meta.put("")
        self.mood.put("")
        self.trend.put("")
        for widget in self._person:
            widget.hide()
        self._offer(())


def requester_name(opened: OpenTicket) -> str:
    return opened.customer.name or opened.customer.email if opened.customer is not None else ""


def waiting_words(state: Ready) -> str:
    since = words.waiting_since(state.opened)
    if since is None:
        return tr("answered")
    return tr("waiting {age}", age=words.age(state.now - since))
