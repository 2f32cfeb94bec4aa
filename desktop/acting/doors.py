"""What acting needs of the panel and of the shell."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from assist.domain import Source, SuggestionId, TicketRef
from desktop.acting.state import Sheet
from desktop.panel.acting import ActingPage
from desktop.panel.acting_strip import ActingStrip
from desktop.policy import InternalUse


class View(Protocol):
    """The part of the panel that is used here."""

    acting: ActingPage
    told: ActingStrip

    def show_sheet(self, sheet: Sheet | None) -> None: ...


@dataclass(frozen=True, slots=True)
class ActingDoors:
    """What acting needs of the shell. All are called on the event loop's thread."""

    allowed: Callable[[], bool]
    internal: Callable[[], InternalUse]
    copy: Callable[[str], bool]
    notice: Callable[[str], None]
    sent: Callable[[TicketRef], None]
    """A public reply was sent: its outcome can be looked for."""
    sign_in: Callable[[], None]
    news: Callable[[str], Coroutine[Any, Any, str]]
    """Says what happened on the ticket since a suggestion was made, in a sentence; empty for nothing."""
    source: Callable[[SuggestionId], Source | None]
    """Returns what a suggestion of an earlier run was made from, where the log knows it."""
