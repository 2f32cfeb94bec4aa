"""Who asks: facts of the helpdesk, the organisation, notes, and other tickets."""

from __future__ import annotations

import re
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from assist.domain import Customer, OpenTicket, SlaMetric, SlaTarget, Ticket, TicketRef
from desktop.i18n import tr, tr_n
from desktop.panel import words
from desktop.panel.similar import LinkRow
from desktop.panel.state import Ready
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, reveal
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.prose import Prose

MOST_FACTS = 12
MOST_VALUE_LINES = 4
FOLDED_NOTES_LINES = 4
FEW_TICKETS = 4
MOST_TICKETS = 20

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T|\Z)")


class CustomerCard(QFrame):
    ticket_open = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._theme = theme
        self._refs: list[TicketRef] = []
        self._history: tuple[Ticket, ...] = ()
        self._all_tickets = False
        self._facts = [(ClampLabel("", "small", lines=1), FactValue()) for _ in range(MOST_FACTS)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setContentsMargins(12, 10, 12, 4)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 92)
        for number, (label, value) in enumerate(self._facts):
            grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, number, 1)
        self.notes = Notes(theme)
        self._history_title = Label("", "section")
        self._history_title.setContentsMargins(12, 6, 12, 0)
        self._rows: list[LinkRow] = []
        self._history_box = column(spacing=0, margins=(3, 0, 3, 0))
        self._more = Button(theme, tr("Show all"), kind="link")
        self._more.clicked.connect(self._toggle_tickets)
        layout = column(spacing=4, margins=(0, 0, 0, 8))
        layout.addLayout(grid)
        layout.addWidget(self.notes)
        layout.addWidget(self._history_title)
        layout.addLayout(self._history_box)
        more = column(margins=(12, 0, 12, 0))
        more.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(more)
        self.setLayout(layout)

    def put(self, state: Ready) -> None:
        customer = state.opened.customer
        of_customer = customer_facts(customer, now=state.now) if customer is not None else ()
        facts = (*ticket_warnings(state.opened, now=state.now), *of_customer, *state.opened.ticket.fields.items())
        for (label, value), fact in zip(self._facts, (*facts, *[None] * MOST_FACTS), strict=False):
            label.put(fact[0] if fact else "")
            value.put(fact[1] if fact else "")
        self.notes.put(customer.notes.strip() if customer is not None else "")
        if state.opened.history != self._history:
            self._all_tickets = False
        self._history = state.opened.history
        self._history_title.put(history_title(state.opened))
        self._show_history(state.now)
        self._now = state.now

    def _show_history(self, now: datetime) -> None:
        shown = self._history[: MOST_TICKETS if self._all_tickets else FEW_TICKETS]
        while len(self._rows) < len(shown):
            self._add_row()
        self._refs = [ticket.ref for ticket in shown]
        for widget, ticket in zip(self._rows, (*shown, *[None] * MOST_TICKETS), strict=False):
            reveal(widget, visible=ticket is not None)
            if ticket is not None:
                widget.put(ticket.subject, history_line(ticket, now=now))
        n = len(self._history)
        self._more.setVisible(n > FEW_TICKETS)
        self._more.put(tr("Show less") if self._all_tickets else tr("Show all"))

    def _add_row(self) -> None:
        number = len(self._rows)
        widget = LinkRow(self._theme, "ticket")
        widget.clicked.connect(lambda: self.ticket_open.emit(self._refs[number]))
        self._rows.append(widget)
        self._history_box.addWidget(widget)

    def _toggle_tickets(self) -> None:
        self._all_tickets = not self._all_tickets
        self._show_history(self._now)


class Notes(QWidget):
    """What was written down about the customer: the first lines, and all of it when asked for."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.text = Prose(theme, lines=FOLDED_NOTES_LINES)
        self.text.folded_changed.connect(self._show_fold)
        self.more = Button(theme, tr("Show all"), kind="link")
        self.more.clicked.connect(self._toggle)
        layout = column(spacing=2, margins=(12, 6, 12, 0))
        layout.addWidget(Label(tr("Notes"), "section"))
        layout.addWidget(self.text)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.setLayout(layout)

    def put(self, text: str) -> None:
        self.text.put(text, name=tr("Notes about the customer"))
        self._show_fold()
        reveal(self, visible=bool(text))

    def _toggle(self) -> None:
        self.text.fold(folded=not self.text.is_folded)
        self._show_fold()

    def _show_fold(self) -> None:
        self.more.setVisible(self.text.is_cut or not self.text.is_folded)
        self.more.put(tr("Show all") if self.text.is_folded else tr("Show less"))
        name = tr("Show all of the notes") if self.text.is_folded else tr("Show less of the notes")
        self.more.setAccessibleName(name)


class FactValue(ClampLabel):
    """A value of a few lines, broken anywhere, with Copy in its context menu."""

    def __init__(self) -> None:
        super().__init__("", "", lines=MOST_VALUE_LINES, keeps_lines=True)
        self._text = ""
        copy = QAction(tr("Copy"), self)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def put(self, text: str) -> None:
        self._text = text
        super().put(words.path(text))


def ticket_warnings(opened: OpenTicket, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return label and value of what was promised, and of what the ticket holds that Kibitz has not read."""
    promised = (_promise(target, now) for target in opened.ticket.sla)
    not_read = (tr(name) for name in opened.left_out)
    facts = ((tr("Promised"), " · ".join(promised)), (tr("Not read"), ", ".join(not_read)))
    return tuple((label, value) for label, value in facts if value)


def _promise(target: SlaTarget, now: datetime) -> str:
    metric = {
        SlaMetric.FIRST_RESPONSE: tr("First reply"),
        SlaMetric.NEXT_RESPONSE: tr("Next reply"),
        SlaMetric.RESOLUTION: tr("Solution"),
        SlaMetric.OTHER: tr("Another time"),
    }[target.metric]
    if target.due_at is None:
        return tr("{metric}: paused", metric=metric)
    if target.due_at <= now:
        return tr("{metric}: overdue by {age}", metric=metric, age=words.age(now - target.due_at))
    return tr("{metric}: in {age}", metric=metric, age=words.age(target.due_at - now))


def customer_facts(customer: Customer, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return label and value of what is worth showing, the helpdesk's own facts after ours."""
    facts: list[tuple[str, str]] = []
    if customer.email:
        facts.append((tr("E-mail"), customer.email))
    if customer.phone:
        facts.append((tr("Phone"), customer.phone))
    if customer.organization is not None:
        organization = customer.organization
        about = (organization.name, organization.tier, organization.health)
        facts.append((tr("Organisation"), " · ".join(part for part in about if part)))
        if organization.renewal_at is not None:
            facts.append((tr("Renews"), words.day(organization.renewal_at)))
    if customer.created_at is not None:
        facts.append((tr("Customer for"), words.age(now - customer.created_at)))
    if customer.language:
        facts.append((tr("Language"), words.language_word(customer.language)))
    facts += [(label, _as_day(value)) for label, value in customer.facts.items() if value]
    if customer.tags:
        facts.append((tr("Tags"), ", ".join(map(words.path, customer.tags))))
    return tuple(facts[:MOST_FACTS])


def history_title(opened: OpenTicket) -> str:
    """Return what the list of the customer's other tickets is; earlier ones are older than this one."""
    n = len(opened.history)
    if not n:
        return tr("First contact")
    if any(ticket.created_at > opened.ticket.created_at for ticket in opened.history):
        return tr_n("One other ticket", "{n} other tickets", n=n)
    return tr_n("One earlier ticket", "{n} earlier tickets", n=n)


def history_line(ticket: Ticket, *, now: datetime) -> str:
    rated = words.csat_sign(ticket.csat)
    parts = (
        words.status_sign(ticket.status, ticket.status_name).word,
        words.ago(now - ticket.created_at),
        rated.word if rated is not None else "",
        tr_n("reopened once", "reopened {n} times", n=ticket.reopens) if ticket.reopens else "",
    )
    return " · ".join(part for part in parts if part)


def _as_day(value: str) -> str:
    """Helpdesks hold dates as ISO 8601 text; a person reads a day."""
    try:
        return words.day(datetime.fromisoformat(value)) if _ISO_DATE.match(value) else value
    except ValueError:
        return value
