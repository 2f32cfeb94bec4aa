"""The page about data: how long texts are kept, and deleting a customer."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from assist.store.forgetting import Holdings
from desktop.admin.parts import CalmSpin, Confirm, Done, PageBody, card, empty
from desktop.admin.state import DataPage, Found
from desktop.i18n import tr, tr_n
from desktop.policy import LONGEST_RETENTION_DAYS
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, reveal, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.editor import LineField
from desktop.widgets.icon import Icon


class FoundRow(QWidget):
    delete_requested = Signal(object)

    def __init__(self, theme: Theme, found: Found) -> None:
        super().__init__()
        self.found = found
        customer = found.customer
        names = column(spacing=1)
        names.addWidget(ClampLabel(customer.name or tr("Without a name"), "strong", lines=1))
        facts = (customer.email, found.account_name, tr("id {id}", id=customer.id))
        names.addWidget(ClampLabel(" · ".join(fact for fact in facts if fact), "small", lines=2))
        if found.holdings is not None:
            names.addWidget(Label(held_line(found.holdings), "small", wrap=True))
        self.delete = Button(theme, tr("Delete …"))
        self.delete.setAccessibleName(tr("Delete {name}", name=customer.name or customer.id))
        self.delete.clicked.connect(lambda: self.delete_requested.emit(found))
        layout = row(spacing=10)
        layout.addWidget(Icon(theme, "person", "muted", 18), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(names, 1)
        layout.addWidget(self.delete, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)


class DataView(PageBody):
    """One way in, `show_state`; signals out."""

    days_chosen = Signal(int)
    """Already agreed to where it deletes something."""
    search_requested = Signal(str)
    """Empty where what was found is to be cleared."""
    delete_requested = Signal(object)
    """The `Found` customer to ask about."""
    delete_answered = Signal(bool)
    set_aside_requested = Signal()
    """Delete the databases that were set aside."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            tr("Data"),
            tr("What Kibitz keeps of customers is encrypted on this computer. What the helpdesk holds stays as it is."),
        )
        self._theme = theme
        self._held_days = 0
        self._shown: tuple[Found, ...] | None = None
        self._asking: Found | None = None
        self.rows: tuple[FoundRow, ...] = ()
        self.days = CalmSpin(tr("Days that texts of customers are kept"), 0, LONGEST_RETENTION_DAYS)
        self.days.setSpecialValueText(tr("for ever"))
        self.days.valueChanged.connect(self._days_wanted)
        self.confirm_days = Confirm(theme, tr("Delete what is older"))
        self.confirm_days.answered.connect(self._days_answered)
        self.who = LineField(tr("Customer to look for"), hint=tr("E-mail address, name or id"))
        self.who.setMaxLength(200)
        self.who.returnPressed.connect(self._search)
        self.search = Button(theme, tr("Search"), icon="search")
        self.search.clicked.connect(self._search)
        self._nobody = Label("", "small", wrap=True)
        self._found: QVBoxLayout = column(spacing=12)
        self.confirm = Confirm(theme, tr("Delete for good"))
        self.confirm.answered.connect(self.delete_answered)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy_said = Label("", "small", wrap=True)
        self._problem = Label("", "small", tone="amber", wrap=True)
        self.done = Done(theme)
        self.aside = Button(theme, tr("Delete them"))
        self.aside.clicked.connect(self.set_aside_requested)
        self._aside_said = Label("", "small", wrap=True)
        self._to_question = QTimer(self, singleShot=True)
        self._to_question.timeout.connect(lambda: self.ensureWidgetVisible(self.confirm, 0, 24))
        self._build()

    def show_state(self, page: DataPage) -> None:
        self._held_days = page.retention_days
        if not self.confirm_days.is_asking:
            with QSignalBlocker(self.days):
                self.days.setValue(page.retention_days)
        self._show_found(page)
        self._show_question(page)
        busy = page.is_searching or page.is_deleting
        reveal(self._busy, visible=busy)
        doing = tr("Deleting … The engine starts anew meanwhile.") if page.is_deleting else tr("Looking …")
        self._busy_said.put(doing if busy else "")
        self.search.setEnabled(not busy)
        self._problem.put(page.problem)
        self.done.put(page.done, can_undo=False)
        reveal(self._aside, visible=bool(page.set_aside))
        names = ", ".join(page.set_aside)
        self._aside_said.put(tr("They could not be opened, so nothing can be deleted in them: {names}", names=names))

    def _build(self) -> None:
        days = row(spacing=8)
        days.addWidget(Label(tr("Days that texts of customers are kept"), "strong", wrap=True), 1)
        days.addWidget(self.days)
        kept = tr(
            "Older solved tickets, opened tickets and words in the journal are deleted once a day. Its figures stay."
        )
        self.body.addWidget(card(tr("Retention"), days, self.confirm_days, about=kept))
        search = row(spacing=8)
        search.addWidget(self.who, 1)
        search.addWidget(self.search)
        about = tr(
            "Deletes their tickets, replies learned from them and words in the journal, and the customer is not read "
            "again. A name that others wrote in their own tickets stays."
        )
        parts = (search, self._nobody, self._found, self.confirm, self._busy, self._busy_said, self._problem, self.done)
        self.body.addWidget(card(tr("Delete a customer"), *parts, about=about))
        self._aside = card(tr("Databases that were set aside"), self._aside_said, self.aside)
        self.body.addWidget(self._aside)
        self.body.addStretch(1)

    def _show_found(self, page: DataPage) -> None:
        nobody = page.found == () and not page.is_searching and not page.done
        self._nobody.put(tr("Nothing is kept of anybody of that name, address or id.") if nobody else "")
        found = page.found or ()
        if found != self._shown:
            self._shown = found
            empty(self._found)
            self.rows = tuple(FoundRow(self._theme, one) for one in found)
            for made in self.rows:
                made.delete_requested.connect(self.delete_requested)
                self._found.addWidget(made)
        for made in self.rows:
            made.delete.setEnabled(page.asking is None and not (page.is_deleting or page.is_searching))

    def _show_question(self, page: DataPage) -> None:
        if page.asking is None:
            self.confirm.hide()
        elif page.asking != self._asking:
            name = page.asking.customer.name or str(page.asking.customer.id)
            held = held_line(page.asking.holdings or Holdings())
            self._to_question.start(0)
            self.confirm.ask(
                tr("Delete all that is kept of {name}? {held} This cannot be undone.", name=name, held=held)
            )
        self._asking = page.asking

    def _search(self) -> None:
        self.search_requested.emit(self.who.text().strip())

    def _days_wanted(self, days: int) -> None:
        shorter = days and (not self._held_days or days < self._held_days)
        if shorter:
            said = tr("Texts of customers that are older than {n} days are deleted now. This cannot be undone.", n=days)
            self.confirm_days.ask(said)
        else:
            self.confirm_days.hide()
            self.days_chosen.emit(days)

    def _days_answered(self, agreed: bool) -> None:  # noqa: FBT001  # a Qt slot's signature
        if agreed:
            self.days_chosen.emit(self.days.value())
        else:
            with QSignalBlocker(self.days):
                self.days.setValue(self._held_days)


def held_line(held: Holdings) -> str:
    """Return what is kept, in one sentence."""
    parts = [
        tr_n("{n} solved ticket", "{n} solved tickets", n=held.solved) if held.solved else "",
        tr_n("{n} learned reply", "{n} learned replies", n=held.replies) if held.replies else "",
        tr_n("{n} opened ticket", "{n} opened tickets", n=held.opened) if held.opened else "",
        tr_n("{n} text in the journal", "{n} texts in the journal", n=held.log_texts) if held.log_texts else "",
        tr_n("{n} act", "{n} acts", n=held.acts) if held.acts else "",
    ]
    return tr("Kept: {what}.", what=", ".join(part for part in parts if part) or tr("nothing"))
