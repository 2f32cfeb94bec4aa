"""What "Use" does: into the browser's editor where one is linked and shows this ticket, else to the clipboard.

The log comes first (promise D1), and before it a look whether the ticket has moved on (N6). Nothing is ever sent (U7).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from assist.domain import TicketRef
from desktop import standing
from desktop.i18n import tr
from desktop.link.state import NoComposer, Placed, Reach, Target
from desktop.meanwhile import Moved, Unknown
from desktop.panel import words
from desktop.panel.state import Place
from desktop.session import Session
from desktop.standing import Changed


class Browsers(Protocol):
    """The part of the browser link that is used here."""

    def reach(self, ref: TicketRef) -> Reach: ...

    async def insert(self, target: Target, text: str) -> Placed: ...


class NoBrowsers:
    """Nothing is linked: everything goes to the clipboard."""

    def reach(self, ref: TicketRef) -> Reach:
        return None

    async def insert(self, target: Target, text: str) -> Placed:
        return Placed.LOST


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where acts lead outside the panel. ``copy`` says whether the clipboard took the text."""

    copy: Callable[[str], bool]
    notice: Callable[[str], None]
    used: Callable[[], None]
    """A text is where it can be sent from: an outcome may follow soon."""


Take = Callable[[], Awaitable[str | None]]
"""Logs the use and returns the text, or None if the reply is not of the ticket in front."""


class Use:
    """Carries out one use at a time for each reply."""

    def __init__(self, session: Session, browsers: Browsers, outlets: Outlets) -> None:
        self._session = session
        self._browsers = browsers
        self._outlets = outlets
        self._under_way: set[str] = set()

    async def __call__(self, suggestion_id: str, take: Take) -> bool:
        """Use a reply; False when that was stopped, because the ticket moved on: nothing is logged or put anywhere."""
        if suggestion_id in self._under_way:
            return True
        self._under_way.add(suggestion_id)
        try:
            return await self._use(suggestion_id, take)
        finally:
            self._under_way.discard(suggestion_id)

    async def _use(self, suggestion_id: str, take: Take) -> bool:
        ref = self._session.front
        reach = self._browsers.reach(ref) if ref is not None else None
        if ref is None or self._session.suggestion(suggestion_id) is None:
            self._copied(await take(), "")
            return True
        self._session.put_place(ref, suggestion_id, Place.UNDER_WAY)
        try:
            news = await self._session.news_for(suggestion_id)
        finally:
            self._session.put_place(ref, suggestion_id, None)
        if isinstance(news, Moved):
            age = self._session.age_of(news)
            self._outlets.notice(words.moved_line(news.name, age, by_colleague=news.by_colleague))
            return False
        if isinstance(news, Changed):
            self._outlets.notice(standing.notice(news))
            return False
        if reach is None:
            self._copied(await take(), "")
            return True
        if isinstance(reach, NoComposer):
            self._copied(await take(), tr("There is no reply editor on this page, so the reply was copied."))
            return True
        await self._insert(suggestion_id, ref, reach, take, unknown=isinstance(news, Unknown))
        return True

    async def _insert(self, suggestion_id: str, ref: TicketRef, target: Target, take: Take, *, unknown: bool) -> None:
        placed, text = Placed.MOVED, None
        self._session.put_place(ref, suggestion_id, Place.UNDER_WAY)
        try:
            text = await take()
            if text is not None:
                placed = await self._inserted(ref, target, text)
        finally:
            self._session.put_place(ref, suggestion_id, _PLACES.get(placed))
        match placed:
            case Placed.INSERTED:
                if unknown:
                    self._outlets.notice(_unchecked())
                self._outlets.used()
            case Placed.MOVED:
                self._outlets.notice(tr("Another ticket or page is in front now, so nothing was inserted."))
            case _:
                self._copied(text, _why_copied(placed))

    async def _inserted(self, ref: TicketRef, target: Target, text: str) -> Placed:
        """Insert, unless what is in front has changed between the click and now."""
        if self._session.front != ref:
            return Placed.MOVED
        now = self._browsers.reach(ref)
        if isinstance(now, NoComposer):
            return Placed.NO_COMPOSER
        return await self._browsers.insert(target, text) if now == target else Placed.MOVED

    def _copied(self, text: str | None, why: str) -> None:
        """Copy. That it worked is said by the card itself, unless something else was to be expected."""
        if text is None:
            self._outlets.notice(tr("Another ticket is in front now, so nothing was copied."))
            return
        if not self._outlets.copy(text):
            self._outlets.notice(tr("The clipboard did not take the text. Please try again."))
        elif why:
            self._outlets.notice(why)
        self._outlets.used()


_PLACES = {Placed.INSERTED: Place.COMPOSER, Placed.MOVED: Place.NOWHERE}


def _unchecked() -> str:
    return tr("Inserted. It could not be checked whether somebody has answered meanwhile.")


def _why_copied(placed: Placed) -> str:
    match placed:
        case Placed.NO_COMPOSER:
            return tr("There is no reply editor on this page, so the reply was copied.")
        case Placed.LATE:
            return tr("The browser did not answer in time. The reply was copied: look whether it is there already.")
        case Placed.LOST:
            return tr("The link to the browser ended, so the reply was copied.")
        case _:
            return tr("The browser could not insert the reply, so it was copied.")
