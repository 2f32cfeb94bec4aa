"""The accounts window: who is connected, and a form that tries credentials before they are kept."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from assist.domain import HelpdeskKind
from desktop.accounts.form import AccountForm
from desktop.accounts.state import AccountsState, Connected, Editing, Saved, Trying
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, restyle, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.empty import EmptyState
from desktop.widgets.icon import Icon

KIND_NAMES = {HelpdeskKind.ZENDESK: "Zendesk", HelpdeskKind.FRESHDESK: "Freshdesk"}


class AccountRow(QWidget):
    sign_out_requested = Signal(str)
    sign_in_requested = Signal(str)

    def __init__(self, theme: Theme, account: Connected) -> None:
        super().__init__()
        self.account = account
        names = column(spacing=1)
        names.addWidget(ClampLabel(account.site, "strong", lines=1))
        acts_as = tr("{helpdesk} · signed in as {agent}", helpdesk=KIND_NAMES[account.kind], agent=account.agent_name)
        names.addWidget(ClampLabel(acts_as if account.agent_name else KIND_NAMES[account.kind], "small", lines=1))
        if account.problem:
            names.addWidget(Label(account.problem, "small", tone="amber", wrap=True))
        icon = Icon(theme, "warning" if account.problem else "check", "amber" if account.problem else "accent_text", 18)
        inner = row(spacing=12, margins=(14, 10, 10, 10))
        inner.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        inner.addLayout(names, 1)
        if account.problem:
            sign_in = Button(theme, tr("Sign in"), kind="primary")
            sign_in.setAccessibleName(tr("Sign in to {site}", site=account.site))
            sign_in.clicked.connect(lambda: self.sign_in_requested.emit(account.account))
            inner.addWidget(sign_in)
        self.sign_out = Button(theme, tr("Sign out"), kind="quiet", icon="sign-out")
        self.sign_out.setAccessibleName(tr("Sign out of {site}", site=account.site))
        self.sign_out.clicked.connect(lambda: self.sign_out_requested.emit(account.account))
        inner.addWidget(self.sign_out)
        outer = column()
        outer.addWidget(boxed(inner, "card"))
        self.setLayout(outer)


class AccountsView(QWidget):
    """A window of its own, never modal. One way in, `show_state`; signals out."""

    test_requested = Signal(object)
    """The `Credentials` to try, and to keep when they are accepted."""
    add_requested = Signal(str)
    """A `HelpdeskKind`: open the form."""
    cancel_requested = Signal()
    """Close the form, and give up a running test."""
    sign_out_requested = Signal(str)
    sign_in_requested = Signal(str)
    """The `AccountId` whose credentials are to be typed again."""
    demo_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._rows: list[AccountRow] = []
        self._shown: tuple[Connected, ...] | None = None
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Kibitz: accounts"))
        self.form = AccountForm(theme)
        self.form.test_requested.connect(self.test_requested)
        self.form.cancel_requested.connect(self.cancel_requested)
        self.empty = EmptyState(
            theme,
            "empty-connect",
            tr("No helpdesk is connected"),
            tr("Kibitz suggests from your own articles, macros and solved tickets, so it needs to read them."),
        )
        demo = Button(theme, tr("Look around with the demo shop"), kind="link")
        demo.clicked.connect(self.demo_requested)
        self.empty.buttons.addWidget(demo, 0, Qt.AlignmentFlag.AlignHCenter)
        self.notice = self._build_notice()
        self._list: QVBoxLayout = column(spacing=8)
        self._add_row = self._build_add_row()
        self._build()
        self.resize(520, 640)
        self.show_state(AccountsState())

    def show_state(self, state: AccountsState) -> None:
        if state.accounts != self._shown:
            self._fill_list(state.accounts)
        self.notice.setVisible(state.session_only)
        self.empty.setVisible(not state.accounts and state.form is None)
        self._add_row.setVisible(state.form is None)
        self.form.setVisible(state.form is not None)
        match state.form:
            case None:
                self.form.clear()
            case Editing(errors):
                self.form.show_editing(errors)
            case Trying(site):
                self.form.show_testing(site)
            case Saved(site, agent_name):
                self.form.show_saved(site, agent_name)
            case _:
                assert_never(state.form)

    def start_form(self, kind: HelpdeskKind, site: str = "") -> None:
        """Prepare the form for ``kind`` and put the cursor into its first empty field."""
        self.form.start(kind, site)

    def rows(self) -> tuple[AccountRow, ...]:
        return tuple(self._rows)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.form.clear()
        self.closed.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.form.isVisible():
                self.cancel_requested.emit()
            else:
                self.close()
            return
        super().keyPressEvent(event)

    def _build(self) -> None:
        layout = column(spacing=14, margins=(24, 20, 24, 20))
        layout.addWidget(Label(tr("Accounts"), "display"))
        layout.addWidget(self.notice)
        layout.addLayout(self._list)
        layout.addWidget(self.form)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self._add_row)
        layout.addStretch(1)
        body = QWidget()
        body.setObjectName("body")
        body.setLayout(layout)
        area = QScrollArea()
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = column(spacing=0)
        outer.addWidget(area)
        self.setLayout(outer)

    def _build_notice(self) -> QWidget:
        text = Label(
            tr(
                "No system keyring was found. Kibitz never writes a token to a plain file, so you stay signed in "
                "for this session only."
            ),
            "",
            wrap=True,
        )
        layout = row(spacing=10, margins=(12, 10, 12, 10))
        layout.addWidget(Icon(self._theme, "key", "amber", 18), 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(text, 1)
        return boxed(layout, "amber")

    def _build_add_row(self) -> QWidget:
        layout = row(spacing=8)
        for kind in HelpdeskKind:
            button = Button(self._theme, tr("Connect {helpdesk}", helpdesk=KIND_NAMES[kind]), icon="plus")
            button.clicked.connect(lambda _=False, kind=kind: self._add(kind))
            layout.addWidget(button)
        layout.addStretch(1)
        return boxed(layout)

    def _add(self, kind: HelpdeskKind) -> None:
        self.start_form(kind)
        self.add_requested.emit(kind.value)

    def _fill_list(self, accounts: tuple[Connected, ...]) -> None:
        for old in self._rows:
            self._list.removeWidget(old)
            old.deleteLater()
        self._rows = [AccountRow(self._theme, account) for account in accounts]
        for one in self._rows:
            one.sign_out_requested.connect(self.sign_out_requested)
            one.sign_in_requested.connect(self.sign_in_requested)
            self._list.addWidget(one)
            one.show()
        self._shown = accounts
        restyle(self, "count", len(accounts))
