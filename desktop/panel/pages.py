"""What fills the panel when there is no ticket to help with."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from assist.domain import HelpdeskKind
from desktop.i18n import number, tr
from desktop.panel import words
from desktop.panel.state import Action, CollectionProgress, NoTicket, Offline, Syncing, Trouble
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, row
from desktop.widgets.empty import EmptyState
from desktop.widgets.icon import Icon

MOST_COLLECTIONS = 6
PATIENCE_MS = 4_000
"""What is under way for so long without a sign is said to be."""


class WelcomePage(EmptyState):
    connect_requested = Signal(str)
    demo_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "empty-connect",
            tr("Connect your helpdesk"),
            tr(
                "Kibitz reads your articles, macros and solved tickets, and suggests replies beside the ticket "
                "you have open. It never sends anything."
            ),
        )
        zendesk = Button(theme, tr("Connect Zendesk"), kind="primary")
        zendesk.clicked.connect(lambda: self.connect_requested.emit(HelpdeskKind.ZENDESK.value))
        freshdesk = Button(theme, tr("Connect Freshdesk"))
        freshdesk.clicked.connect(lambda: self.connect_requested.emit(HelpdeskKind.FRESHDESK.value))
        demo = Button(theme, tr("Look around with the demo shop"), kind="link")
        demo.clicked.connect(self.demo_requested)
        self.buttons.addWidget(zendesk)
        self.buttons.addWidget(freshdesk)
        self.buttons.addWidget(demo, 0, Qt.AlignmentFlag.AlignHCenter)


class NoTicketPage(EmptyState):
    quick_open_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "empty-ticket", tr("No ticket is open"))
        button = Button(theme, tr("Open a ticket by its number …"))
        button.clicked.connect(self.quick_open_requested)
        self.buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_state(self, state: NoTicket) -> None:
        place = state.helpdesk or tr("your helpdesk")
        if state.watches:
            text = tr("Open one in {place}. Help for it appears here by itself.", place=place)
        else:
            text = tr(
                "{place} does not tell which ticket you look at. Paste a ticket's address or number instead (Ctrl+K).",
                place=place,
            )
        self.put(tr("No ticket is open"), text)


class OfflinePage(EmptyState):
    retry = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "empty-offline", tr("The helpdesk cannot be reached"))
        button = Button(theme, tr("Try again"), kind="primary", icon="sync")
        button.clicked.connect(self.retry)
        self.buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_state(self, state: Offline) -> None:
        text = tr("This ticket has not been read before, so there is no copy of it here. Kibitz tries again by itself.")
        if state.age is not None:
            text += " " + tr("Articles and macros are kept from {when}.", when=words.ago(state.age))
        self.put(tr("The helpdesk cannot be reached"), text)


class TroublePage(EmptyState):
    action_requested = Signal(str)
    """The `Action` of the button."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "empty-trouble")
        self._state = Trouble("", "")
        self.button = Button(theme, tr("Try again"), kind="primary")
        self.button.clicked.connect(self._act)
        self.buttons.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_state(self, state: Trouble) -> None:
        if state == self._state:
            return
        self._state = state
        self.put(state.title, state.advice)
        self.button.setVisible(state.action is not Action.NONE)
        self.button.put(state.action_label or tr("Try again"))

    def _act(self) -> None:
        if self._state.action is Action.WHY:
            self.put(self._state.title, f"{self._state.advice}\n\n{self._state.why}")
            self.button.setVisible(False)
        else:
            self.action_requested.emit(self._state.action.value)


class SyncPage(EmptyState):
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "empty-sync", tr("Getting to know your helpdesk"))
        self.rows = [CollectionRow(theme) for _ in range(MOST_COLLECTIONS)]
        box = column(spacing=10)
        for one in self.rows:
            box.addWidget(one)
        self.buttons.addLayout(box)
        self._cancel = Button(theme, tr("Stop reading"), kind="quiet")
        self._cancel.clicked.connect(self.cancel_requested)
        self.buttons.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_state(self, state: Syncing) -> None:
        self.put(
            tr("Getting to know your helpdesk"),
            tr(
                "Kibitz reads {account} once. You can go on working; it resumes where it stopped.",
                account=state.account,
            ),
        )
        for widget, one in zip(self.rows, (*state.collections, *[None] * MOST_COLLECTIONS), strict=False):
            widget.setVisible(one is not None)
            if one is not None:
                widget.put(one)


class CollectionRow(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._icon = Icon(theme, "check", "accent_text", 14)
        self._label = Label("", "strong")
        self.count = Label("", "small")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._problem = Label("", "small", tone="amber", wrap=True)
        head = row(spacing=6)
        head.addWidget(self._icon)
        head.addWidget(self._label)
        head.addStretch(1)
        head.addWidget(self.count)
        layout = column(spacing=5)
        layout.addLayout(head)
        layout.addWidget(self._bar)
        layout.addWidget(self._problem)
        self.setLayout(layout)

    def put(self, progress: CollectionProgress) -> None:
        self._label.setText(progress.label)
        known = progress.total is not None
        self.count.setText("" if progress.problem else _counted(progress))
        self._icon.setVisible(progress.finished or bool(progress.problem))
        self._icon.put("warning" if progress.problem else "check", "amber" if progress.problem else "accent_text")
        self._bar.setRange(0, max(1, progress.total or 1))
        self._bar.setValue(self._bar.maximum() if progress.finished else min(progress.done, progress.total or 0))
        # Nobody knows how much there is: a bar would stand empty all the time.
        self._bar.setVisible(not progress.problem and (known or progress.finished))
        self._bar.setAccessibleName(progress.label)
        self._problem.put(progress.problem)


class LoadingPage(QWidget):
    """Grey shapes where replies will stand: no spinner, because it is over before it could turn.

    Where it is not, it says so in words.
    """

    def __init__(self, name: str, slow: str) -> None:
        super().__init__()
        self.slow = Label(slow, "muted", wrap=True)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self.slow.show)
        layout = column(spacing=10, margins=(16, 8, 16, 16))
        for widths in ((120, 300, 260, 180), (90, 280, 300), (140, 260, 220)):
            layout.addWidget(_skeleton(widths))
        layout.insertWidget(0, self.slow)
        layout.addStretch(1)
        self.setLayout(layout)
        self.setAccessibleName(name)

    def showEvent(self, event: QShowEvent) -> None:
        self.slow.hide()
        self._patience.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._patience.stop()
        super().hideEvent(event)


def _counted(progress: CollectionProgress) -> str:
    done = number(progress.done)
    if progress.total is not None:
        return tr("{done} of {total}", done=done, total=number(progress.total))
    return done if progress.finished else tr("{done} so far", done=done)


def _skeleton(widths: tuple[int, ...]) -> QFrame:
    lines: QVBoxLayout = column(spacing=9, margins=(14, 14, 14, 14))
    for place, width_px in enumerate(widths):
        line = QFrame()
        line.setProperty("surface", "well")
        line.setFixedHeight(14 if place == 0 else 10)
        line.setMaximumWidth(width_px)
        line.setMinimumWidth(40)
        lines.addWidget(line)
    return boxed(lines, "card")
