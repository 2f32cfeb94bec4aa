"""What the browsers say, turned into what the session does; and what the rest of the shell may know of the link."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never
from urllib.parse import urlsplit

from assist.domain import TicketRef
from desktop.desk import Desk
from desktop.i18n import tr
from desktop.link.fronts import Fronts, Page
from desktop.link.insert import Inserter
from desktop.link.state import NoComposer, Pairing, Reach, Target
from integrations.browser.messages import (
    Away,
    Composer,
    Draft,
    Elsewhere,
    FromApp,
    FromExtension,
    Front,
    Inserted,
    Keys,
    LinkSettings,
    Submitted,
    Where,
)
from integrations.browser.partner import Closed, CodeShown, Event, Linked, PairingEnded, Said

log = logging.getLogger(__name__)

MOST_FOLLOWED = 100
FOLLOWED_WITHIN_S = 10.0
"""Whoever goes through more tickets than that in so short a time is followed again when they stay."""
SLEPT_S = 10.0
"""Ticks come every second; a gap as long as this means that the machine slept."""


class Follows(Protocol):
    """The part of `desktop.session.Session` that is used here."""

    @property
    def front(self) -> TicketRef | None: ...

    def open(self, ref: TicketRef, *, sparing: bool = False) -> None: ...
    def close(self) -> None: ...
    def refresh(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LinkDoors:
    """What the link needs of the windows and the core. All are called on the event loop's thread."""

    is_wanted: Callable[[], bool]
    """Whether the panel can be seen and following is not paused."""
    has_keyboard: Callable[[], bool]
    """Whether a window of Kibitz has the keyboard, so that the browser rightly says that it is not in front."""
    take_keyboard: Callable[[], None]
    """The agent asked for the panel's keys from the browser."""
    drafts: Callable[[], bool]
    show_pairing: Callable[[Pairing | None], None]
    notice: Callable[[str], None]
    submitted: Callable[[TicketRef], None]
    changed: Callable[[], None]
    """A browser was linked or is gone."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Both in seconds. One stands still while the machine sleeps, the other does not."""

    steady: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


class LinkPresenter:
    """Belongs to the event loop's thread. ``send`` says whether a message went to a connection."""

    def __init__(
        self, session: Follows, desk: Desk, doors: LinkDoors, *, send: Callable[[int, FromApp], bool], clocks: Clocks
    ) -> None:
        self._session = session
        self._desk = desk
        self._doors = doors
        self._send = send
        self._clocks = clocks
        self._fronts = Fronts()
        self._linked: set[int] = set()
        self._told: LinkSettings | None = None
        self._pairing: Pairing | None = None
        self._opened: TicketRef | None = None
        """The ticket that was opened last because it was in front of a browser."""
        self._late = False
        self._followed: deque[float] = deque(maxlen=MOST_FOLLOWED)
        self._ticked = (clocks.steady(), clocks.wall())
        self.inserter = Inserter(send)

    @property
    def pairing(self) -> Pairing | None:
        return self._pairing

    def settings(self) -> LinkSettings:
        """Return what browsers are told: whose pages to tell of, and whether to tell what is typed."""
        pages = [urlsplit(seat.helpdesk.ticket_url(1)) for seat in self._desk]
        origins = dict.fromkeys(f"{page.scheme}://{page.netloc}" for page in pages)
        return LinkSettings(tuple(origins), self._doors.drafts())

    def reach(self, ref: TicketRef) -> Reach:
        """Return where a reply to ``ref`` could be inserted now."""
        page = self._fronts.page
        if page is None or page.ref != ref or (self._fronts.is_away and not self._doors.has_keyboard()):
            return None
        return Target(page.browser, page.tab, page.url) if page.composer else NoComposer()

    def draft(self, ref: TicketRef) -> str:
        """Return what was typed so far, if ``ref`` is in front and drafts are allowed; never kept anywhere else."""
        return self._fronts.draft(ref) if self._doors.drafts() else ""

    # --- what happens

    def on_events(self, number: int, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case CodeShown(code, name, until_s):
                    self._show_pairing(Pairing(code, name, until_s))
                case PairingEnded(ok, why):
                    self._end_pairing(ok=ok, why=why)
                case Linked():
                    self._arrived(number)
                case Said(message):
                    self._hear(number, message)
                case Closed():
                    self._left(number)
                case _:
                    assert_never(event)

    def tick(self) -> None:
        """Once a second: settings that changed, a machine that woke up, a ticket that is still to be opened."""
        steady, wall = self._clocks.steady(), self._clocks.wall()
        before_steady, before_wall = self._ticked
        self._ticked = steady, wall
        if steady - before_steady > SLEPT_S or wall - before_wall > SLEPT_S:
            self._ask_where()
        self.settings_changed()
        if self._late:
            self.follow()

    def desk_changed(self) -> None:
        """An account came or went: its pages are, or are no longer, tickets."""
        self.settings_changed()
        self._ask_where()

    def settings_changed(self) -> None:
        now = self.settings()
        if not now.drafts:
            self._fronts.forget_draft()
        if now == self._told or not self._linked:
            return
        self._told = now
        for number in tuple(self._linked):
            self._send(number, now)

    def follow(self) -> None:
        """Let the session show what is in front, if anybody can see it."""
        page = self._fronts.page
        self._late = page is not None and not self._may_follow()
        if page is None or self._late:
            return
        if page.ref is not None:
            if page.ref != self._session.front:
                self._followed.append(self._clocks.steady())
            self._opened = page.ref
            self._session.open(page.ref, sparing=True)
        elif self._session.front is not None and self._session.front == self._opened:
            # A ticket that the agent opened by hand stays.
            self._session.close()

    def watch_changed(self) -> None:
        """The panel was shown or hidden, or following was paused or not any more."""
        if self._late:
            self.follow()

    def _may_follow(self) -> bool:
        if not self._doors.is_wanted():
            return False
        full = len(self._followed) == MOST_FOLLOWED
        return not full or self._clocks.steady() - self._followed[0] > FOLLOWED_WITHIN_S

    def _hear(self, number: int, message: FromExtension) -> None:
        before = self._inserts()
        self._take(number, message)
        if self._inserts() != before:
            self._session.refresh()

    def _inserts(self) -> bool:
        front = self._session.front
        return front is not None and isinstance(self.reach(front), Target)

    def _take(self, number: int, message: FromExtension) -> None:
        match message:
            case Front(url, tab, composer):
                self._front(Page(number, tab, url, composer, self._ticket_at(url)))
            case Elsewhere():
                self._fronts.elsewhere(number)
            case Away():
                self._fronts.away(number)
            case Composer(tab, present):
                self._fronts.composer(number, tab, present=present)
            case Keys():
                self._keys(number)
            case Draft():
                self._typed(number, message)
            case Submitted(_, url):
                self._submitted(url)
            case Inserted():
                self.inserter.answered(number, message)
            case _:
                assert_never(message)

    def _keys(self, number: int) -> None:
        # A shortcut is the browser's own: a helpdesk's app, which has a number below 0, has none.
        if number >= 0:
            self._doors.take_keyboard()

    def _typed(self, number: int, draft: Draft) -> None:
        if self._doors.drafts():
            self._fronts.typed((number, draft.tab, draft.url), draft.text)

    def _submitted(self, url: str) -> None:
        if (ref := self._ticket_at(url)) is not None:
            self._doors.submitted(ref)

    def _front(self, page: Page) -> None:
        if page.ref is None and not self._is_own(page.url):
            # Another company's helpdesk, or the vendor's own site: nothing of ours is in front.
            self._fronts.elsewhere(page.browser)
            return
        self._fronts.front(page)
        self.follow()

    def _ticket_at(self, url: str) -> TicketRef | None:
        return self._desk.find(url) if "://" in url else None

    def _is_own(self, url: str) -> bool:
        page = urlsplit(url)
        return f"{page.scheme}://{page.netloc}" in self.settings().origins

    # --- connections

    def _arrived(self, number: int) -> None:
        self._linked.add(number)
        self._told = self.settings()
        self._send(number, Where())
        self._doors.changed()

    def _left(self, number: int) -> None:
        self.inserter.lost(number)
        self._fronts.gone(number)
        if number in self._linked:
            self._linked.discard(number)
            self._doors.changed()

    def _ask_where(self) -> None:
        for number in tuple(self._linked):
            self._send(number, Where())

    # --- pairing

    def _show_pairing(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self._doors.show_pairing(pairing)

    def _end_pairing(self, *, ok: bool, why: str) -> None:
        name = self._pairing.name if self._pairing is not None else ""
        self._pairing = None
        self._doors.show_pairing(None)
        if ok:
            self._doors.notice(tr("Linked with {browser}.", browser=name))
        elif why == "code":
            self._doors.notice(tr("That was another code. Start again in the extension."))
        elif why == "late":
            self._doors.notice(tr("The code has expired. Start again in the extension."))
