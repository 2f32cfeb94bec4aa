"""The accounts window: who is connected, what the admin offers, and the ways to sign in."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assist.domain import HelpdeskKind
from desktop.accounts.asked import AskedCard
from desktop.accounts.browser_pane import BrowserPane
from desktop.accounts.fields import Field
from desktop.accounts.form import AccountForm
from desktop.accounts.rows import KIND_NAMES, AccountRow, OfferRow
from desktop.accounts.state import AccountsState, Asked, Connected, Editing, LinksOpen, Offer, Saved, Signing, Trying
from desktop.i18n import tr
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, boxed, column, reveal, row, scrolling
from desktop.widgets.empty import EmptyState
from desktop.widgets.icon import Icon

__all__ = ["KIND_NAMES", "AccountRow", "AccountsView"]


class AccountsView(QWidget):
    """A window of its own, never modal. One way in, `show_state`; signals out."""

    test_requested = Signal(object)
    """The `Credentials` to try, and to keep when they are accepted."""
    browser_requested = Signal(object)
    """The `Offered` account to sign in to: offered, of a link, or typed into the form."""
    add_requested = Signal(str)
    """A `HelpdeskKind`: open the form."""
    cancel_requested = Signal()
    """Close the form, and give up a running test or sign-in."""
    sign_out_requested = Signal(str)
    sign_in_requested = Signal(str)
    """The `AccountId` whose credentials are needed again."""
    demo_requested = Signal()
    setup_requested = Signal()
    """Show an admin how to set up the sign-in for a team."""
    paste_requested = Signal()
    link_entered = Signal(str)
    file_requested = Signal()
    file_dropped = Signal(str)
    file_accepted = Signal()
    links_requested = Signal()
    """Change whether links open here."""
    links_accepted = Signal()
    dismissed = Signal()
    """The question from outside was answered with no, or read."""
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._rows: list[AccountRow] = []
        self._offer_rows: list[OfferRow] = []
        self._shown: tuple[Connected, ...] | None = None
        self._shown_offers: tuple[Offer, ...] = ()
        self._shown_signing: Signing | None = None
        self.asked: AskedCard | None = None
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Kibitz: accounts"))
        self.setAcceptDrops(True)
        self.form = AccountForm(theme)
        self.form.test_requested.connect(self.test_requested)
        self.form.browser_requested.connect(self.browser_requested)
        self.form.cancel_requested.connect(self.cancel_requested)
        self.pane = BrowserPane(theme)
        self.pane.cancel_requested.connect(self.cancel_requested)
        self.empty = self._build_empty()
        self.notice = self._build_notice()
        self._asked_place: QVBoxLayout = column()
        self._list: QVBoxLayout = column(spacing=8)
        self._offers: QVBoxLayout = column(spacing=8)
        self._offers_title = Label(tr("Offered by your admin"), "section")
        self._add_row = self._build_add_row()
        self.paste = Field(tr("Link from your admin"), tr("It begins with kibitz://connect?"))
        self._paste_box = self._build_paste()
        self._more_box = self._build_more()
        self._build()
        self.resize(540, 680)
        self.show_state(AccountsState())

    def show_state(self, state: AccountsState) -> None:
        if state.accounts != self._shown:
            self._fill_list(state.accounts)
        if state.offers != self._shown_offers:
            self._fill_offers(state.offers)
        self._show_asked(state.asked)
        is_busy = state.form is not None or state.signing is not None
        self.notice.setVisible(state.session_only)
        self._offers_title.setVisible(bool(state.offers) and not is_busy)
        for one in self._offer_rows:
            one.setVisible(not is_busy)
        is_bare = not (state.accounts or state.offers or is_busy or state.asked)
        self.empty.setVisible(is_bare)
        self._add_row.setVisible(not is_busy)
        self._more_box.setVisible(not is_busy)
        self._paste_box.setVisible(state.pasting and not is_busy)
        self.paste.show_error(state.paste_error)
        self._show_links(state.links)
        self._show_form(state)
        self._show_signing(state.signing)

    def start_form(
        self, kind: HelpdeskKind, site: str = "", *, portal: str = "", name: str = "", client: str = ""
    ) -> None:
        """Prepare the form for ``kind`` with what is known, and put the cursor into its first empty field."""
        self.form.start(kind, site, portal=portal, name=name, client=client)
        self._bring(self.form)

    def rows(self) -> tuple[AccountRow, ...]:
        return tuple(self._rows)

    def offer_rows(self) -> tuple[OfferRow, ...]:
        return tuple(self._offer_rows)

    def start_pasting(self) -> None:
        self.paste.edit.clear()
        self.paste.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.form.clear()
        self.closed.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.form.isVisible() or self.pane.isVisible() or self._paste_box.isVisible():
                self.cancel_requested.emit()
            elif self.asked is not None:
                self.dismissed.emit()
            else:
                self.close()
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take one file, or a link as text: what it says is shown, and nothing of it is used yet."""
        dropped = _dropped(event)
        if not dropped:
            return
        event.acceptProposedAction()
        if event.mimeData().hasUrls():
            self.file_dropped.emit(dropped)
        else:
            self.link_entered.emit(dropped)

    def _show_form(self, state: AccountsState) -> None:
        self.form.setVisible(state.form is not None and state.signing is None)
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

    def _show_signing(self, signing: Signing | None) -> None:
        self.pane.setVisible(signing is not None)
        if signing is None or signing == self._shown_signing:
            self._shown_signing = signing
            return
        self.pane.show_state(signing)
        if type(signing) is not type(self._shown_signing):
            self.pane.focus_first()
            self._bring(self.pane)
        self._shown_signing = signing

    def _show_asked(self, asked: Asked | None) -> None:
        if asked == (self.asked.asked if self.asked is not None else None):
            return
        if self.asked is not None:
            self._asked_place.removeWidget(self.asked)
            self.asked.hide()
            self.asked.deleteLater()
            self.asked = None
        if asked is None:
            return
        card = self.asked = AskedCard(self._theme, asked)
        card.offer_chosen.connect(self.browser_requested)
        card.file_accepted.connect(self.file_accepted)
        card.links_accepted.connect(self.links_accepted)
        card.dismissed.connect(self.dismissed)
        self._asked_place.addWidget(card)
        card.show()
        card.focus_first()
        self._bring(card)

    def _bring(self, widget: QWidget) -> None:
        """Scroll to ``widget`` once it is laid out."""
        QTimer.singleShot(0, widget, lambda: self._area.ensureWidgetVisible(widget))

    def _show_links(self, links: LinksOpen) -> None:
        here = links is LinksOpen.HERE
        self.links.put(tr("Links open in Kibitz: stop that") if here else tr("Let links open in Kibitz"))

    def _build(self) -> None:
        layout = column(spacing=14, margins=(24, 20, 24, 20))
        layout.addWidget(Label(tr("Accounts"), "display"))
        layout.addWidget(self.notice)
        layout.addLayout(self._asked_place)
        layout.addLayout(self._list)
        layout.addWidget(self._offers_title)
        layout.addLayout(self._offers)
        layout.addWidget(self.form)
        layout.addWidget(self.pane)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self._add_row)
        layout.addWidget(self._paste_box)
        layout.addWidget(self._more_box)
        layout.addStretch(1)
        body = QWidget()
        body.setObjectName("body")
        body.setLayout(layout)
        self._area = scrolling(body)
        outer = column(spacing=0)
        outer.addWidget(self._area)
        self.setLayout(outer)

    def _build_empty(self) -> EmptyState:
        empty = EmptyState(
            self._theme,
            "empty-connect",
            tr("No helpdesk is connected"),
            tr("Kibitz suggests from your own articles, macros and solved tickets, so it needs to read them."),
        )
        demo = Button(self._theme, tr("Look around with the demo shop"), kind="link")
        demo.clicked.connect(self.demo_requested)
        empty.buttons.addWidget(demo, 0, Qt.AlignmentFlag.AlignHCenter)
        return empty

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

    def _build_paste(self) -> QWidget:
        look = Button(self._theme, tr("Look at it"))
        look.setAccessibleName(tr("Look at the link"))
        look.clicked.connect(self._link_entered)
        self.paste.edit.returnPressed.connect(self._link_entered)
        layout = column(spacing=8)
        layout.addWidget(self.paste)
        layout.addWidget(look, 0, Qt.AlignmentFlag.AlignLeft)
        return boxed(layout)

    def _build_more(self) -> QWidget:
        self.links = Button(self._theme, "", kind="link", icon="link")
        layout = column(spacing=4)
        for button, signal in (
            (Button(self._theme, tr("Paste a link from your admin"), kind="link", icon="copy"), self.paste_requested),
            (Button(self._theme, tr("Open a settings file"), kind="link", icon="open"), self.file_requested),
            (self.links, self.links_requested),
            (Button(self._theme, tr("Set up sign-in for my team"), kind="link", icon="person"), self.setup_requested),
        ):
            button.clicked.connect(signal)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return boxed(layout)

    def _link_entered(self) -> None:
        self.link_entered.emit(self.paste.text)

    def _add(self, kind: HelpdeskKind) -> None:
        self.start_form(kind)
        self.add_requested.emit(kind.value)

    def _fill_list(self, accounts: tuple[Connected, ...]) -> None:
        for old in self._rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = [AccountRow(self._theme, account) for account in accounts]
        for one in self._rows:
            one.sign_out_requested.connect(self.sign_out_requested)
            one.sign_in_requested.connect(self.sign_in_requested)
            self._list.addWidget(one)
            one.show()
        self._shown = accounts

    def _fill_offers(self, offers: tuple[Offer, ...]) -> None:
        for old in self._offer_rows:
            self._offers.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._offer_rows = [OfferRow(self._theme, offer) for offer in offers]
        for one in self._offer_rows:
            one.chosen.connect(self.browser_requested)
            self._offers.addWidget(one)
            reveal(one, visible=True)
        self._shown_offers = offers


def _dropped(event: QDropEvent) -> str:
    """Return the one local file, or the text, that is dropped; empty for anything else."""
    data = event.mimeData()
    if data.hasUrls():
        urls = data.urls()
        return urls[0].toLocalFile() if len(urls) == 1 else ""
    return data.text().strip() if data.hasText() else ""
