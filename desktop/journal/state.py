"""What the journal can show: one row for each suggestion that was on the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from assist.domain import SentAs, SourceKind, SuggestionId, TicketRef


class Happened(StrEnum):
    """What the agent did with a suggestion."""

    SHOWN = "shown"
    """Still open: nothing was decided yet."""
    USED = "used"
    EDITED = "edited"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class JournalRow:
    """``suggested`` is the text as it was shown; ``used`` what was put on the clipboard; ``sent`` what was
    really sent. The last two are empty where there was none. ``edit_distance`` is in characters.
    """

    suggestion_id: SuggestionId
    at: datetime
    ref: TicketRef
    list_name: str
    """``replies`` or ``articles``."""
    rank: int
    source_kind: SourceKind
    source_title: str = field(repr=False)
    happened: Happened
    suggested: str = field(repr=False)
    used: str = field(default="", repr=False)
    sent: str = field(default="", repr=False)
    reason: str = field(default="", repr=False)
    sent_as: SentAs | None = None
    edit_distance: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The log is being read."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows, newest first, and how many older ones there are beyond them.

    ``note`` says what an export did (``Saved 120 rows to …``).
    """

    rows: tuple[JournalRow, ...]
    note: str = ""
    older: int = 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The log cannot be read, and what to do."""

    title: str
    advice: str


JournalState = Reading | Rows | Unreadable
