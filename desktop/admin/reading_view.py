"""The page about what is read: brands, groups, folders, months, how many solved tickets."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assist.domain import AccountId
from assist.ports import SyncScope
from desktop.admin.parts import CalmSpin, Done, PageBody, card, empty
from desktop.admin.state import Choice, Reading, ReadingPage
from desktop.i18n import tr, tr_n
from desktop.policy import LEAST_SOLVED, LONGEST_SCOPE_MONTHS, MOST_SOLVED
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, refit, reveal, row, scrolling
from desktop.widgets.check import WrappedCheck
from desktop.widgets.empty import EmptyState

MANY = 8
"""More choices than this scroll by themselves."""
MANY_HEIGHT_PX = 190


class ChoiceList(QWidget):
    """Check boxes of one kind. Nothing chosen stands for all."""

    changed = Signal()

    def __init__(self, title: str, all_read: str) -> None:
        super().__init__()
        self._all_read = all_read
        self._checks: dict[int, WrappedCheck] = {}
        self._said = Label("", "small", wrap=True)
        self._place: QVBoxLayout = column()
        layout = column(spacing=4)
        layout.addWidget(Label(title, "strong"))
        layout.addWidget(self._said)
        layout.addLayout(self._place)
        self.setLayout(layout)

    def put(self, choices: tuple[Choice, ...]) -> None:
        self._checks = {}
        listed = column(spacing=4)
        for choice in choices:
            check = WrappedCheck(choice.name or tr("Without a name ({id})", id=choice.id))
            check.set_checked(checked=choice.chosen)
            check.clicked.connect(self._changed)
            listed.addWidget(check)
            self._checks[choice.id] = check
        inside = QWidget()
        inside.setObjectName("body")
        inside.setLayout(listed)
        empty(self._place)
        if len(choices) > MANY:
            inside = scrolling(inside)
            inside.setFixedHeight(MANY_HEIGHT_PX)
        self._place.addWidget(inside)
        reveal(self, visible=bool(choices))
        self._say()

    @property
    def chosen(self) -> frozenset[int]:
        return frozenset(id_ for id_, check in self._checks.items() if check.box.isChecked())

    def _changed(self) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        number = len(self.chosen)
        self._said.setText(tr_n("{n} chosen", "{n} chosen", n=number) if number else self._all_read)


class ReadingCard(QWidget):
    """One account. What is chosen holds when "Use this" is pressed: it lets go of what is outside at once."""

    scope_chosen = Signal(str, object)
    """The account, and a `SyncScope`."""

    def __init__(self, theme: Theme, reading: Reading) -> None:
        super().__init__()
        self.reading = reading
        self.brands = ChoiceList(tr("Brands"), tr("None is chosen: all brands are read."))
        self.groups = ChoiceList(tr("Groups of solved tickets"), tr("None is chosen: all groups are read."))
        self.folders = ChoiceList(tr("Folders of articles"), tr("None is chosen: all folders are read."))
        self.months = CalmSpin(tr("Months of solved tickets"), 0, LONGEST_SCOPE_MONTHS)
        self.months.setSpecialValueText(tr("no bound"))
        self._what = Label("", "small", tone="amber", wrap=True)
        self.use = Button(theme, tr("Use this"), kind="primary")
        self.reset = Button(theme, tr("Reset"))
        self._build()
        for one, choices in self._lists():
            one.put(choices)
            one.changed.connect(self._say)
        with QSignalBlocker(self.months):
            self.months.setValue(reading.months)
        self.months.valueChanged.connect(self._say)
        self.use.clicked.connect(lambda: self.scope_chosen.emit(self.reading.account, self.scope))
        self.reset.clicked.connect(self._reset)
        self._say()

    @property
    def scope(self) -> SyncScope:
        """What is chosen now."""
        return SyncScope(self.brands.chosen, self.groups.chosen, self.folders.chosen, self.months.value())

    def _lists(self) -> tuple[tuple[ChoiceList, tuple[Choice, ...]], ...]:
        reading = self.reading
        return (self.brands, reading.brands), (self.groups, reading.groups), (self.folders, reading.folders)

    def _build(self) -> None:
        months = row(spacing=8)
        months.addWidget(Label(tr("Solved tickets of the last months"), "strong", wrap=True), 1)
        months.addWidget(self.months)
        buttons = row(spacing=8)
        buttons.addWidget(self.use)
        buttons.addWidget(self.reset)
        buttons.addStretch(1)
        self._buttons = QWidget()
        self._buttons.setLayout(buttons)
        loading = Label(tr("The helpdesk is asked what there is …"), "small")
        loading.setVisible(self.reading.is_loading)
        problem = Label(self.reading.problem, "small", tone="amber", wrap=True)
        problem.setVisible(bool(self.reading.problem))
        choosing = column(spacing=10)
        for one in (self.brands, self.groups, self.folders):
            choosing.addWidget(one)
        choosing.addLayout(months)
        chosen = QWidget()
        chosen.setLayout(choosing)
        chosen.setVisible(not self.reading.is_loading)
        outer = column()
        outer.addWidget(card(self.reading.name, problem, loading, chosen, self._what, self._buttons))
        self.setLayout(outer)

    def _reset(self) -> None:
        for one, choices in self._lists():
            one.put(choices)
        self.months.setValue(self.reading.months)
        self._say()

    def _say(self) -> None:
        """Say what a change would do, before it holds."""
        brands, groups, folders = (frozenset(c.id for c in cs if c.chosen) for _, cs in self._lists())
        before = SyncScope(brands, groups, folders, self.reading.months)
        changed = self.scope != before
        self._what.put(what_changes(before, self.scope) if changed else "")
        self._buttons.setVisible(changed)
        refit(self)


def what_changes(before: SyncScope, then: SyncScope) -> str:
    """Return what would happen with ``then``, in sentences."""
    again = tr("The helpdesk is read again from the start, within its share of requests.")
    if _leaves_out(before, then):
        return tr("What is outside is removed from this computer. {rest}", rest=again)
    return tr("More is read than before. {rest}", rest=again)


def _leaves_out(before: SyncScope, then: SyncScope) -> bool:
    """Tell whether something that is read now would not be; nothing chosen stands for all."""
    sets = (before.brands, then.brands), (before.groups, then.groups), (before.folders, then.folders)
    if any(wanted and not (read and read <= wanted) for read, wanted in sets):
        return True
    return bool(then.months) and (not before.months or then.months < before.months)


class ReadingView(PageBody):
    """One way in, `show_state`; signals out."""

    scope_chosen = Signal(str, object)
    solved_chosen = Signal(int)
    undo_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            tr("What is read"),
            tr("Kibitz suggests from what it has read. Macros are always read: they are what the agent may use."),
        )
        self._theme = theme
        self._shown: tuple[Reading, ...] | None = None
        self.done = Done(theme)
        self.done.undo_requested.connect(self.undo_requested)
        self.empty = EmptyState(
            theme, "empty-connect", tr("No helpdesk is connected"), tr("Connect one, then choose here what is read.")
        )
        self._cards: QVBoxLayout = column(spacing=14)
        self.cards: tuple[ReadingCard, ...] = ()
        self.solved = CalmSpin(tr("Solved tickets of each account"), LEAST_SOLVED, MOST_SOLVED, step=100)
        self.solved.setGroupSeparatorShown(True)
        self.solved.valueChanged.connect(self.solved_chosen)
        number = row(spacing=8)
        number.addWidget(Label(tr("Read at first, newest first"), "strong", wrap=True), 1)
        number.addWidget(self.solved)
        about = tr("More give better replies and take longer: each of them costs about one request.")
        self._solved_card = card(tr("Solved tickets of each account"), number, about=about)
        for part in (self.done, self.empty):
            self.body.addWidget(part)
        self.body.addLayout(self._cards)
        self.body.addWidget(self._solved_card)
        self.body.addStretch(1)

    def show_state(self, page: ReadingPage) -> None:
        self.done.put(page.changed, can_undo=True)
        reveal(self.empty, visible=not page.accounts)
        reveal(self._solved_card, visible=bool(page.accounts))
        with QSignalBlocker(self.solved):
            self.solved.setValue(page.solved_tickets)
        if page.accounts == self._shown:
            return
        self._shown = page.accounts
        empty(self._cards)
        self.cards = tuple(ReadingCard(self._theme, one) for one in page.accounts)
        for made in self.cards:
            made.scope_chosen.connect(self.scope_chosen)
            self._cards.addWidget(made)

    def card_of(self, account: AccountId) -> ReadingCard:
        """Return an account's card."""
        return next(one for one in self.cards if one.reading.account == account)
