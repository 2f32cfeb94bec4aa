"""Between the panel and the session: the agent's acts go to the log first, then to the browser or the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from assist.domain import TicketRef, Visibility
from assist.errors import KibitzError
from desktop.desk import Desk
from desktop.front import OPENED
from desktop.i18n import tr
from desktop.internal import Act, GateDoors, InternalGate
from desktop.panel.view import PanelView
from desktop.policy import InternalUse
from desktop.quick_open.view import QuickOpenView
from desktop.session import Session
from desktop.tasks import TaskSet
from desktop.using import Browsers, NoBrowsers, Outlets, Use

__all__ = ["Outlets", "PanelPresenter"]


class PanelPresenter:
    """Owns the conversation with one panel."""

    def __init__(
        self,
        view: PanelView,
        quick_open: QuickOpenView,
        *,
        session: Session,
        desk: Desk,
        tasks: TaskSet,
        outlets: Outlets,
        browsers: Browsers | None = None,
        internal: Callable[[], InternalUse] = lambda: InternalUse.WARN,
    ) -> None:
        self._view = view
        self._quick_open = quick_open
        self._session = session
        self._desk = desk
        self._tasks = tasks
        self._outlets = outlets
        self._using = Use(session, browsers or NoBrowsers(), outlets)
        self._gate = InternalGate(GateDoors(internal, view.ready.ask_internal, outlets.notice))
        view.ready.internal_answered.connect(self._gate.answered)
        view.use_requested.connect(lambda id_, how: self._gated(id_, lambda: self._use(id_, how)))
        view.edited.connect(self._edited)
        view.dismissed.connect(lambda id_, reason: self._run(session.dismiss(id_, reason=reason)))
        view.undo_dismiss.connect(lambda id_: self._run(session.undo_dismiss(id_)))
        view.source_open.connect(self._open_source)
        view.article_open.connect(lambda id_: self._run(self._open_article(id_)))
        view.article_copy_link.connect(lambda id_: self._gated(id_, lambda: self._copy_link(id_)))
        view.article_copy_passage.connect(lambda id_: self._gated(id_, lambda: self._copy_passage(id_)))
        view.ticket_open.connect(self.open_page)
        view.alert_dismissed.connect(session.quiet)
        view.retry.connect(session.reload)
        view.quick_open_requested.connect(self._ask_address)
        quick_open.open_requested.connect(self._open_typed)

    def open_address(self, address: str) -> bool:
        """Open the ticket that ``address`` names; say so and return False where it names none."""
        ref = self._desk.find(address)
        if ref is None:
            return False
        self._session.open(ref)
        return True

    def open_page(self, ref: TicketRef) -> None:
        """Open a ticket's page in the browser. Its address is made from the account, never taken from a text."""
        if (seat := self._desk.get(ref.account)) is not None:
            QDesktopServices.openUrl(QUrl(seat.helpdesk.ticket_url(ref.id)))

    def open_front(self) -> None:
        """Open the page of the ticket in front, e.g. because only the helpdesk itself can tell what it is."""
        if (front := self._session.front) is not None:
            self.open_page(front)

    def _ask_address(self) -> None:
        self._quick_open.show_open()

    def _open_typed(self, text: str) -> None:
        if self.open_address(text):
            self._quick_open.hide()
        elif not len(self._desk):
            self._quick_open.show_error(tr("Connect a helpdesk first."))
        else:
            self._quick_open.show_error(tr("This is not a ticket of a connected helpdesk."))

    def _gated(
        self, suggestion_id: str, act: Callable[[], Coroutine[Any, Any, None]], otherwise: Act = lambda: None
    ) -> None:
        """Ask first where not everyone may read it (promise U5)."""
        self._gate.pass_(suggestion_id, self._visibility(suggestion_id), lambda: self._run(act()), otherwise)

    def _visibility(self, suggestion_id: str) -> Visibility | None:
        """Return who may read all that a suggestion was made of, None where it is of another ticket."""
        if (hit := self._session.article(suggestion_id)) is not None:
            return hit.visibility
        reply = self._session.suggestion(suggestion_id)
        if reply is None:
            return None
        seen_by = (source.visibility for source in (reply.source, *reply.also))
        return next((one for one in seen_by if one is not Visibility.EVERYONE), Visibility.EVERYONE)

    def _edited(self, suggestion_id: str, text: str) -> None:
        self._gated(
            suggestion_id,
            lambda: self._use_edited(suggestion_id, text),
            otherwise=lambda: self._view.keep_editing(suggestion_id, text),
        )

    async def _use(self, suggestion_id: str, how: str) -> None:
        await self._using(suggestion_id, lambda: self._session.use(suggestion_id, how=how))

    async def _use_edited(self, suggestion_id: str, text: str) -> None:
        if not await self._using(suggestion_id, lambda: self._session.use_edited(suggestion_id, text)):
            self._view.keep_editing(suggestion_id, text)

    def _open_source(self, suggestion_id: str) -> None:
        reply = self._session.suggestion(suggestion_id)
        if reply is not None:
            _open_link(reply.source.url)

    async def _open_article(self, suggestion_id: str) -> None:
        hit = await self._session.use_article(suggestion_id, how=OPENED)
        if hit is not None:
            _open_link(hit.url)

    async def _copy_link(self, suggestion_id: str) -> None:
        hit = await self._session.use_article(suggestion_id, how="copy-link")
        if hit is not None and self._outlets.copy(hit.url):
            self._outlets.notice(tr("Link copied."))

    async def _copy_passage(self, suggestion_id: str) -> None:
        hit = await self._session.use_article(suggestion_id, how="copy-passage")
        if hit is not None and self._outlets.copy(hit.text):
            self._outlets.notice(tr("Passage copied."))
            self._outlets.used()

    def _run(self, act: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn("act", self._guarded(act))

    async def _guarded(self, act: Coroutine[Any, Any, None]) -> None:
        try:
            await act
        except KibitzError as error:
            # Nothing was logged, so nothing is copied either: the log must not lie.
            self._outlets.notice(str(error))


def _open_link(url: str) -> None:
    """Open an article's or ticket's page: only web addresses, whatever the helpdesk sent."""
    target = QUrl(url, QUrl.ParsingMode.StrictMode)
    if target.isValid() and target.scheme() in {"https", "http"}:
        QDesktopServices.openUrl(target)
