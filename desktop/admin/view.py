"""The admin window: a list of pages on the left, one of them on the right. Changes hold at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QButtonGroup, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.admin.data_view import DataView
from desktop.admin.file_view import FileView
from desktop.admin.parts import PageBody, card, empty
from desktop.admin.reading_view import ReadingView
from desktop.admin.replies_view import RepliesView
from desktop.admin.state import AccountLine, AdminState, Page
from desktop.admin.usage_view import UsagePage
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, reveal, row, scrolling
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.empty import EmptyState
from desktop.widgets.icon import Icon

NAV_WIDTH_PX = 176
LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 620, 420
WIDTH_PX, HEIGHT_PX = 820, 660


class AccountsPage(PageBody):
    manage_requested = Signal()
    setup_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            tr("Accounts"), tr("Who is signed in on this computer. Agents sign in themselves; no secret is shared.")
        )
        self._theme = theme
        self._shown: tuple[AccountLine, ...] | None = None
        self.empty = EmptyState(
            theme, "empty-connect", tr("No helpdesk is connected"), tr("Connect one, or set up the sign-in for a team.")
        )
        self._list: QVBoxLayout = column(spacing=8)
        self.manage = Button(theme, tr("Sign in or out …"), kind="primary")
        self.manage.clicked.connect(self.manage_requested)
        self.setup = Button(theme, tr("Set up the sign-in for a team …"))
        self.setup.clicked.connect(self.setup_requested)
        self.body.addWidget(self.empty)
        self.body.addLayout(self._list)
        for button in (self.manage, self.setup):
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def show_state(self, accounts: tuple[AccountLine, ...]) -> None:
        reveal(self.empty, visible=not accounts)
        if accounts == self._shown:
            return
        self._shown = accounts
        empty(self._list)
        for one in accounts:
            self._list.addWidget(self._row(one))

    def _row(self, one: AccountLine) -> QWidget:
        names = column(spacing=2)
        names.addWidget(ClampLabel(one.name, "strong", lines=1))
        signed_in = tr("signed in as {agent}", agent=one.agent) if one.agent else ""
        facts = " · ".join(part for part in (one.helpdesk, signed_in, one.synced) if part)
        names.addWidget(ClampLabel(facts, "small", lines=2))
        if one.problem:
            names.addWidget(Label(one.problem, "small", tone="amber", wrap=True))
        icon = ("warning", "amber") if one.problem else ("check", "accent_text")
        inner = row(spacing=12, margins=(14, 10, 14, 10))
        inner.addWidget(Icon(self._theme, *icon, 18), 0, Qt.AlignmentFlag.AlignTop)
        inner.addLayout(names, 1)
        return boxed(inner, "card")


class DiagnosticsPage(PageBody):
    save_requested = Signal()
    log_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            tr("Diagnostics"), tr("For when something does not work. Nothing leaves this computer by itself.")
        )
        self.save = Button(theme, tr("Save a report …"), kind="primary", icon="export")
        self.save.clicked.connect(self.save_requested)
        self.folder = Button(theme, tr("Open the folder of logs"), icon="open")
        self.folder.clicked.connect(self.log_requested)
        report = tr(
            "Versions, settings, how far each account was read, shapes of answers that Kibitz could not read, and the "
            "end of the log. No text of a customer, no name, no address, no token. Look through it before you send it."
        )
        check = tr("On a computer without a screen, or for many computers, this says how everything stands:")
        self.body.addWidget(card(tr("Report"), _left(self.save), about=report))
        self.body.addWidget(
            card(tr("Logs"), _left(self.folder), about=tr("They hold no text of a customer and no token."))
        )
        self.body.addWidget(
            card(tr("On the command line"), Label("kibitz admin check", "strong").selectable(), about=check)
        )
        self.body.addStretch(1)


class NavButton(QPushButton):
    def __init__(self, text: str) -> None:
        super().__init__(text.replace("&", "&&"))
        self.setProperty("kind", "nav")
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setAutoDefault(False)


class AdminView(QWidget):
    """A window of its own, never modal. One way in, `show_state`; the pages' signals out.

    The page about requests is `UsagePage`, which has a presenter of its own.
    """

    page_chosen = Signal(str)
    """A `Page`."""
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Kibitz: admin"))
        self.accounts = AccountsPage(theme)
        self.reading = ReadingView(theme)
        self.usage = UsagePage(theme)
        requests = PageBody(tr("Requests"), tr("How many of each account's requests Kibitz uses, and for what."))
        requests.body.addWidget(self.usage)
        self.replies = RepliesView(theme)
        self.data = DataView(theme)
        self.file = FileView(theme)
        self.diagnostics = DiagnosticsPage(theme)
        self._pages: dict[Page, tuple[str, QWidget]] = {
            Page.ACCOUNTS: (tr("Accounts"), self.accounts),
            Page.READING: (tr("What is read"), self.reading),
            Page.REQUESTS: (tr("Requests"), requests),
            Page.REPLIES: (tr("Replies"), self.replies),
            Page.DATA: (tr("Data"), self.data),
            Page.FILE: (tr("Settings file"), self.file),
            Page.DIAGNOSTICS: (tr("Diagnostics"), self.diagnostics),
        }
        self._nav: dict[Page, NavButton] = {}
        self._stack = QStackedWidget()
        self._build()
        self.setMinimumSize(LEAST_WIDTH_PX, LEAST_HEIGHT_PX)
        self.resize(WIDTH_PX, HEIGHT_PX)

    def show_state(self, state: AdminState) -> None:
        nav = self._nav[state.page]
        nav.setChecked(True)
        if QApplication.focusWidget() in self._nav.values():
            nav.setFocus(Qt.FocusReason.OtherFocusReason)
        self._stack.setCurrentWidget(self._pages[state.page][1])
        self.accounts.show_state(state.accounts)
        self.reading.show_state(state.reading)
        self.replies.show_state(state.replies)
        self.data.show_state(state.data)
        self.file.show_state(state.file)

    @property
    def page(self) -> Page:
        """Which page can be seen."""
        return next(page for page, (_, widget) in self._pages.items() if widget is self._stack.currentWidget())

    def nav(self, page: Page) -> NavButton:
        return self._nav[page]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close()
            case Qt.Key.Key_PageDown:
                self._step(1)
            case Qt.Key.Key_PageUp:
                self._step(-1)
            case _:
                super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        pages = list(self._pages)
        self.page_chosen.emit(pages[(pages.index(self.page) + by) % len(pages)].value)

    def _build(self) -> None:
        group = QButtonGroup(self)
        names = column(spacing=2, margins=(12, 20, 8, 12))
        for page, (title, widget) in self._pages.items():
            button = NavButton(title)
            button.clicked.connect(lambda _=False, page=page: self.page_chosen.emit(page.value))
            group.addButton(button)
            names.addWidget(button)
            self._nav[page] = button
            self._stack.addWidget(widget)
            widget.setAccessibleName(title)
        names.addStretch(1)
        left = boxed(names, "plain")
        left.setFixedWidth(NAV_WIDTH_PX)
        whole = row(spacing=0)
        whole.addWidget(left)
        # On a screen with less room beside the panel, a page is moved sideways rather than cut.
        self._stack.setMinimumWidth(LEAST_WIDTH_PX - NAV_WIDTH_PX)
        right = scrolling(self._stack)
        right.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        whole.addWidget(right, 1)
        self.setLayout(whole)


def _left(button: Button) -> QVBoxLayout:
    layout = column()
    layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    return layout
