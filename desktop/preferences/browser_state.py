"""What the settings show of the browser link, and what they need of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Standing(StrEnum):
    """How a browser is set up."""

    READY = "ready"
    ABSENT = "absent"
    OUTDATED = "outdated"
    BLOCKED = "blocked"
    """It cannot start a program, whatever is installed."""


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """``key`` names it in signals. ``said`` explains the standing; ``step`` is what is left to do by hand, on ``page``.

    ``page`` is an address of the browser's own.
    """

    key: str
    name: str
    standing: Standing
    said: str = ""
    step: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class LinkedBrowser:
    """A browser whose extension is connected now. ``last_heard_s`` is how long ago it said something."""

    name: str
    last_heard_s: float


@dataclass(frozen=True, slots=True)
class Paired:
    """A browser whose key Kibitz keeps."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class LinkState:
    """The link as it is now. ``problem`` is one sentence to show as it is, usually empty; so is ``door_problem``,
    why the helpdesk's own apps cannot connect although they may."""

    linked: tuple[LinkedBrowser, ...] = ()
    paired: tuple[Paired, ...] = ()
    listening: bool = False
    problem: str = ""
    door_problem: str = ""


@dataclass(frozen=True, slots=True)
class BrowserPage:
    """All that the section shows. ``problem`` is why the last click did not do what it says."""

    browsers: tuple[FoundBrowser, ...] = ()
    link: LinkState = field(default_factory=LinkState)
    drafts: bool = False
    problem: str = ""
    door: bool = False


class LinkSource(Protocol):
    """The running link."""

    def link_state(self) -> LinkState: ...

    def forget(self, paired_id: str) -> None:
        """Forget the key of a browser, and end its connection."""


class NoLink:
    """A link that is not there: before it has started, or where it could not."""

    def link_state(self) -> LinkState:
        return LinkState()

    def forget(self, paired_id: str) -> None:
        """There is nothing to forget."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The browsers that are here, or why they cannot be told."""

    browsers: tuple[FoundBrowser, ...] = ()
    problem: str = ""


class BrowserSetup(Protocol):
    """What puts the link into browsers. `install` and `remove` return why it failed, or an empty text."""

    @property
    def extension_folder(self) -> str: ...

    def look(self) -> Looked: ...

    def install(self, key: str) -> str: ...

    def remove(self, key: str) -> str: ...
