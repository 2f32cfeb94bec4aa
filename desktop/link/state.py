"""What the rest of the shell sees of the browser link: closed unions of values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class NotPaired:
    """No browser has ever been linked."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A browser asks to be linked. ``name`` is what it calls itself. ``until_s`` is by the link's monotonic clock."""

    code: str = field(repr=False)
    name: str
    until_s: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """Browsers of these names are paired, and none is connected now."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """Browsers of these names are connected now."""

    names: tuple[str, ...]


LinkState: TypeAlias = NotPaired | Pairing | Waiting | Linked


@dataclass(frozen=True, slots=True)
class Browser:
    """One paired browser. ``id`` is the link's own, no secret."""

    id: str
    name: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Target:
    """The reply editor of the page in front: which connection, which tab, and the page's address as it was told."""

    browser: int
    tab: int
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoComposer:
    """The ticket is in front of the browser, and its page has no reply editor now."""


Reach: TypeAlias = Target | NoComposer | None
"""None: no browser is linked, or another page or program is in front."""


class Placed(StrEnum):
    """What became of an insert."""

    INSERTED = "inserted"
    MOVED = "moved"
    """Another ticket was in front by then."""
    NO_COMPOSER = "no-composer"
    FAILED = "failed"
    LATE = "late"
    """No answer in time; it may be inserted all the same."""
    LOST = "lost"
    """The link ended."""
