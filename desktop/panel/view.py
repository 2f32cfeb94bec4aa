"""The panel: draws a `PanelState`, reports what the agent did, decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from assist.domain import SuggestionId
from desktop.acting.state import Sheet
from desktop.i18n import tr
from desktop.link.state import Pairing
from desktop.panel import words
from desktop.panel.acting import ActingPage
from desktop.panel.acting_strip import ActingStrip
from desktop.panel.header import TicketHeader, TitleBar
from desktop.panel.keys import PanelKeys
from desktop.panel.link_hint import LinkHint
from desktop.panel.notice import NoticeStrip
from desktop.panel.pages import LoadingPage, NoTicketPage, OfflinePage, SyncPage, TroublePage, WelcomePage
from desktop.panel.pairing import PairingStrip
from desktop.panel.parts import OfflineBar, PausedBar, build_menu
from desktop.panel.ready import ReadyPage
from desktop.panel.shortcuts import ShortcutOverlay
from desktop.panel.state import (
    Action,
    Decided,
    Loading,
    NoAccount,
    NoTicket,
    Offline,
    PanelState,
    Ready,
    Starting,
    Syncing,
    Trouble,
)
from desktop.panel.status import StatusLine
from desktop.panel.strip import WIDTH_PX as STRIP_WIDTH_PX
from desktop.panel.strip import Strip
from desktop.theme import Theme
from desktop.widgets.basics import column, divider, reveal, row

WIDTH_PX = 392
LEAST_WIDTH_PX = 332


class PanelView(QWidget):
    """One way in, `show_state`; signals out. Takes no focus by itself."""

    use_requested = Signal(str, str)
    """Suggestion id, and how: ``click`` or ``key``."""
    edited = Signal(str, str)
    """Suggestion id, and the text as the agent changed it."""
    dismissed = Signal(str, str)
    """Suggestion id, and the reason, which may be empty."""
    undo_dismiss = Signal(str)
    send_asked = Signal(str)
    """The id of the suggestion that is to be sent from here."""
    act_asked = Signal(object, object)
    """An `ActKind`, and a `TicketStatus` or None."""
    source_open = Signal(str)
    article_open = Signal(str)
    article_copy_link = Signal(str)
    article_copy_passage = Signal(str)
    ticket_open = Signal(object)
    """The `TicketRef` of a similar or earlier ticket."""
    alert_dismissed = Signal(str)
    """The alert's `alert_key`."""
    retry = Signal()
    action_requested = Signal(str)
    """The `Action` of a `Trouble`'s button, also when it is RETRY."""
    connect_requested = Signal(str)
    """A `HelpdeskKind`."""
    demo_requested = Signal()
    cancel_sync = Signal()
    quick_open_requested = Signal()
    collapse_toggled = Signal(bool)
    pause_toggled = Signal(bool)
    menu_requested = Signal(str)
    """A `MenuAction`."""
    link_setup_requested = Signal()
    link_declined = Signal()
    """The agent answered what `offer_link` asked."""
    pairing_cancelled = Signal()
    keyboard_wanted = Signal(bool)
    """True when the agent began to edit in place, so the window has to accept keys; False when that ended."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state: PanelState = Starting()
        self._collapsed = False
        self._offers_link = False
        self._sheet: Sheet | None = None
        self.setObjectName("panel")
        self.setProperty("edge", "right")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Kibitz")
        self.setAccessibleName(tr("Kibitz panel"))
        with theme.building():
            self._build()
            self.overlay = ShortcutOverlay(theme, self)
        self._connect()
        self._keys = PanelKeys(self)
        self.show_state(self._state)

    # In

    @property
    def state(self) -> PanelState:
        return self._state

    @property
    def is_collapsed(self) -> bool:
        return self._collapsed

    def show_state(self, state: PanelState) -> None:
        self._state = state
        self._show_page(state)
        self.status.put(state)
        self._show_link_hint(state)
        self.strip.show_state(state, replies=len(self.shown_replies()))

    def show_pairing(self, pairing: Pairing | None) -> None:
        """Show the code that a browser waits for; None takes it away."""
        self.pairing.show_pairing(pairing)
        self._show_link_hint(self._state)

    def show_sheet(self, sheet: Sheet | None) -> None:
        """Show what is to be changed on a ticket while that ticket is in front; None goes back to the cards."""
        focused = QApplication.focusWidget()
        had_focus = focused is not None and (self.acting.isAncestorOf(focused) or self.ready.isAncestorOf(focused))
        before, self._sheet = self._sheet, sheet
        if sheet is not None:
            self.acting.show_state(sheet)
        self._show_page(self._state)
        new = sheet is not None and (before is None or before.ref != sheet.ref or before.phase is not sheet.phase)
        if new and self.pages.currentWidget() is self.acting and had_focus:
            self.acting.go_in()
        elif sheet is None and before is not None:
            self.keyboard_wanted.emit(False)  # noqa: FBT003  # a signal's only value
            if had_focus and isinstance(self._state, Ready):
                self.ready.move_focus(1)

    def show_paused(self, *, paused: bool) -> None:
        """Say that following is paused, with a way to go on; or stop saying it."""
        self.pause.setChecked(paused)
        reveal(self.paused_bar, visible=paused)

    def keep_editing(self, suggestion_id: str, text: str) -> None:
        """Go on editing a reply: what the agent had written was not used after all."""
        self.ready.keep_editing(suggestion_id, text)

    def shown_replies(self) -> tuple[SuggestionId, ...]:
        """Return the ids of the replies on the screen, from top to bottom, undo strips left out."""
        return tuple(
            card.id
            for card in self.ready.replies
            if card.id is not None and card.isVisibleTo(self.ready) and card.decided is not Decided.DISMISSED
        )

    def set_collapsed(self, *, collapsed: bool) -> None:
        """Show the strip or the whole panel. Says nothing: `collapse_toggled` is for what the agent does."""
        self._collapsed = collapsed
        self._full.setVisible(not collapsed)
        self.strip.setVisible(collapsed)

    def offer_link(self, *, offered: bool) -> None:
        """Say what the browser link would add whenever nothing is in the way, or stop saying it."""
        self._offers_link = offered
        self._show_link_hint(self._state)

    def set_edge(self, edge: str) -> None:
        """Draw the border for a panel docked at the ``left`` or ``right`` edge of the screen."""
        self.setProperty("edge", edge)
        self.style().unpolish(self)
        self.style().polish(self)

    def sizeHint(self) -> QSize:
        return QSize(STRIP_WIDTH_PX if self._collapsed else WIDTH_PX, 900)

    def minimumSizeHint(self) -> QSize:
        return QSize(STRIP_WIDTH_PX if self._collapsed else LEAST_WIDTH_PX, 320)

    # How it is built

    def _build(self) -> None:
        theme = self._theme
        self.pause = QAction(tr("Pause"), self, checkable=True)
        self.menu = build_menu(self, self.menu_requested.emit, self.show_shortcuts, self.pause)
        self.bar = TitleBar(theme, self.menu)
        self.pairing = PairingStrip(theme)
        self.header = TicketHeader(theme)
        self.notice = NoticeStrip(theme)
        self.link_hint = LinkHint(theme)
        self.offline_bar = OfflineBar(theme)
        self.paused_bar = PausedBar(theme)
        self.ready = ReadyPage(theme)
        self.acting = ActingPage(theme)
        self.told = ActingStrip(theme)
        self.loading = LoadingPage(
            tr("Reading the ticket …"),
            tr("The helpdesk has not answered yet. Kibitz goes on trying and shows help as soon as it does."),
        )
        self.starting = LoadingPage(
            tr("Kibitz is starting …"), tr("Still starting. This takes a moment longer than usual.")
        )
        self.welcome = WelcomePage(theme)
        self.sync = SyncPage(theme)
        self.no_ticket = NoTicketPage(theme)
        self.offline = OfflinePage(theme)
        self.trouble = TroublePage(theme)
        self.pages = QStackedWidget()
        for page in (
            self.ready,
            self.acting,
            self.loading,
            self.starting,
            self.welcome,
            self.sync,
            self.no_ticket,
            self.offline,
            self.trouble,
        ):
            self.pages.addWidget(page)
        self.status = StatusLine(theme)
        self.strip = Strip(theme)
        self._full = self._build_full()
        layout = row(spacing=0)
        layout.addWidget(self._full)
        layout.addWidget(self.strip)
        self.setLayout(layout)
        self.strip.hide()

    def _build_full(self) -> QWidget:
        full = QWidget()
        layout: QVBoxLayout = column(spacing=0)
        layout.addWidget(self.pairing)
        layout.addWidget(self.bar)
        layout.addWidget(self.notice)
        layout.addWidget(self.paused_bar)
        layout.addWidget(self.link_hint)
        layout.addWidget(self.told)
        layout.addWidget(self.header)
        layout.addWidget(self.offline_bar)
        layout.addWidget(self.pages, 1)
        layout.addWidget(divider())
        layout.addWidget(self.status)
        full.setLayout(layout)
        return full

    def _connect(self) -> None:
        self.bar.quick_open_requested.connect(self.quick_open_requested)
        self.bar.collapse_requested.connect(lambda: self.collapse(collapsed=True))
        self.pairing.cancel_requested.connect(self.pairing_cancelled)
        self.pause.triggered.connect(self.pause_toggled)
        self.paused_bar.resume_requested.connect(lambda: self.pause_toggled.emit(False))  # noqa: FBT003  # a signal's only value
        self.strip.expand_requested.connect(lambda: self.collapse(collapsed=False))
        self.welcome.connect_requested.connect(self.connect_requested)
        self.welcome.demo_requested.connect(self.demo_requested)
        self.sync.cancel_requested.connect(self.cancel_sync)
        self.no_ticket.quick_open_requested.connect(self.quick_open_requested)
        self.offline.retry.connect(self.retry)
        self.link_hint.setup_requested.connect(self.link_setup_requested)
        self.link_hint.declined.connect(self.link_declined)
        self.trouble.action_requested.connect(self._trouble_action)
        self.ready.alerts.dismissed.connect(self.alert_dismissed)
        self.ready.similar.ticket_open.connect(self.ticket_open)
        self.ready.customer.ticket_open.connect(self.ticket_open)
        self.ready.editing_changed.connect(self.keyboard_wanted)
        self.header.act_requested.connect(self.act_asked)
        self.acting.pressed.connect(lambda: self.keyboard_wanted.emit(True))  # noqa: FBT003  # a signal's only value
        for reply in self.ready.replies:
            reply.use_requested.connect(self._after_undo(self.use_requested.emit))
            reply.edited.connect(self._after_undo(self.edited.emit))
            reply.dismissed.connect(self._after_undo(self.dismissed.emit))
            reply.undo_requested.connect(self.undo_dismiss)
            reply.send_requested.connect(self.send_asked)
            reply.source_requested.connect(self.source_open)
        for article in self.ready.articles:
            article.open_requested.connect(self.article_open)
            article.copy_link_requested.connect(self.article_copy_link)
            article.copy_passage_requested.connect(self.article_copy_passage)

    def _after_undo(self, emit: Callable[[str, str], None]) -> Callable[[str, str], None]:
        """Return ``emit``, preceded by taking away the undo of an earlier dismissal."""

        def act(suggestion_id: str, text: str) -> None:
            self.ready.end_undo_of_others(but=suggestion_id)
            emit(suggestion_id, text)

        return act

    # What it shows

    def show_shortcuts(self) -> None:
        self.overlay.show_overlay()

    def _show_page(self, state: PanelState) -> None:
        reveal(self.header, visible=isinstance(state, Ready | Loading))
        offline = isinstance(state, Ready) and state.offline_age is not None
        reveal(self.offline_bar, visible=offline)
        match state:
            case Ready():
                self._show_ready(state)
            case Starting():
                self.pages.setCurrentWidget(self.starting)
            case Loading():
                self.header.put_loading(state.subject, state.ref.id)
                self.pages.setCurrentWidget(self.loading)
            case NoAccount():
                self.pages.setCurrentWidget(self.welcome)
            case Syncing():
                self.sync.show_state(state)
                self.pages.setCurrentWidget(self.sync)
            case NoTicket():
                self.no_ticket.show_state(state)
                self.pages.setCurrentWidget(self.no_ticket)
            case Offline():
                self.offline.show_state(state)
                self.pages.setCurrentWidget(self.offline)
            case Trouble():
                self.trouble.show_state(state)
                self.pages.setCurrentWidget(self.trouble)
            case _:
                assert_never(state)

    def _show_link_hint(self, state: PanelState) -> None:
        # Who is pairing needs no offer to pair.
        wanted = self._offers_link and self.pairing.isHidden()
        reveal(self.link_hint, visible=wanted and isinstance(state, NoTicket | Ready))

    def _show_ready(self, state: Ready) -> None:
        self.header.put(state)
        if state.offline_age is not None:
            copy = tr("This copy of the ticket is {age} old.", age=words.age(state.offline_age))
            self.offline_bar.text.setText(f"{state.offline_because or tr('Offline.')} {copy}")
        self.ready.show_ready(state)
        acts = self._sheet is not None and self._sheet.ref == state.help.ref
        self.pages.setCurrentWidget(self.acting if acts else self.ready)

    def _trouble_action(self, action: str) -> None:
        if action == Action.RETRY.value:
            self.retry.emit()
        self.action_requested.emit(action)

    def collapse(self, *, collapsed: bool) -> None:
        """Collapse or expand as the agent asked."""
        self.set_collapsed(collapsed=collapsed)
        self.collapse_toggled.emit(collapsed)
