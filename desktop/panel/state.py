"""Everything that the panel can show: a closed union of values, matched exhaustively by the view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from assist.domain import Alert, Help, OpenTicket, SuggestionId, TicketRef, TicketStatus


class Decided(StrEnum):
    """What became of a suggestion that is, or was, on the screen."""

    USED = "used"
    EDITED = "edited"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    OPENED = "opened"
    """An article that was looked at in the browser; nothing was copied."""


class Place(StrEnum):
    """Where the text of a used reply is. One that is not named was copied."""

    UNDER_WAY = "under way"
    """The browser was asked to insert it and has not answered yet."""
    COMPOSER = "composer"
    NOWHERE = "nowhere"
    SENT = "sent"
    """Kibitz itself sent it, because the agent asked for that."""


class Engine(StrEnum):
    STARTING = "starting"
    LEARNING = "learning"
    """It answers, and reads or learns from what came; answers get better with that."""
    READY = "ready"
    DOWN = "down"
    """Plain word search answers meanwhile."""


class Action(StrEnum):
    """What the one button of a `Trouble` asks for."""

    NONE = ""
    RETRY = "retry"
    SIGN_IN = "sign-in"
    OPEN_ACCOUNTS = "open-accounts"
    OPEN_JOURNAL = "open-journal"
    OPEN_DATA_FOLDER = "open-data-folder"
    OPEN_HELPDESK = "open-helpdesk"
    SAVE_REPORT = "save-report"
    WHY = "why"
    """Shows `Trouble.why`; nobody but the panel hears of it."""


@dataclass(frozen=True, slots=True)
class Footer:
    """The line at the bottom. ``synced_age`` is None before the first complete sync."""

    account: str = ""
    synced_age: timedelta | None = None
    offline: bool = False
    syncing: bool = False
    engine: Engine = Engine.READY
    session_only: bool = False
    """No system keyring: nothing is remembered after quitting."""
    browsers: tuple[str, ...] = ()
    """The browsers that are linked now, by name."""


@dataclass(frozen=True, slots=True)
class CollectionProgress:
    """``label`` is what is read (``Articles``). ``total`` is None where the helpdesk does not tell."""

    label: str
    done: int
    total: int | None = None
    finished: bool = False
    problem: str = ""
    """Why this collection is left out (a role that may not read it), to be shown as is."""


@dataclass(frozen=True, slots=True)
class Starting:
    """Nothing is known yet, not even whether an account is connected: the first seconds."""

    footer: Footer = Footer()


@dataclass(frozen=True, slots=True)
class NoAccount:
    """Nothing is connected yet."""

    footer: Footer = Footer()


@dataclass(frozen=True, slots=True)
class Syncing:
    """The first sync: there is nothing to suggest from yet."""

    account: str
    collections: tuple[CollectionProgress, ...]
    footer: Footer = Footer()


@dataclass(frozen=True, slots=True)
class NoTicket:
    """Connected, and no ticket is open. ``watches`` says whether Kibitz notices an opened ticket by itself."""

    watches: bool = True
    helpdesk: str = ""
    footer: Footer = Footer()


@dataclass(frozen=True, slots=True)
class Loading:
    """A ticket was opened; nothing of it is known yet but, perhaps, its subject."""

    ref: TicketRef
    subject: str = field(default="", repr=False)
    footer: Footer = Footer()


@dataclass(frozen=True, slots=True)
class Ready:
    """A ticket and what helps with it. ``now`` is what ages are reckoned from.

    ``offline_age`` says how old the ticket's data is when it could not be read again, else None, and
    ``offline_because`` why, where it is not that the helpdesk cannot be reached.
    A suggestion in ``decided`` shows what became of it; one that is DISMISSED offers an undo once and goes.
    ``quiet_alerts`` are the keys (`alert_key`) that the agent has dismissed on this ticket or was told today, and
    ``told_alerts`` the latter: one line that can be opened.
    ``places`` says where used replies were put, ``outdated`` which were made before somebody else wrote, and
    ``inserts`` whether a reply that is used goes into the browser's editor now, and not to the clipboard.
    """

    opened: OpenTicket
    help: Help
    now: datetime
    offline_age: timedelta | None = None
    offline_because: str = ""
    decided: Mapping[SuggestionId, Decided] = field(default_factory=dict)
    quiet_alerts: frozenset[str] = frozenset()
    told_alerts: frozenset[str] = frozenset()
    places: Mapping[SuggestionId, Place] = field(default_factory=dict)
    outdated: frozenset[SuggestionId] = frozenset()
    inserts: bool = False
    shares_internal: bool = True
    """Whether what not everyone may read can be used, after a question; otherwise it can only be read."""
    acting: tuple[TicketStatus, ...] = ()
    """What the agent may set a status to from here; empty where Kibitz may change nothing."""
    footer: Footer = Footer()


@dataclass(frozen=True, slots=True)
class Offline:
    """The helpdesk cannot be reached, and this ticket is not in the cache. ``age`` is the cache's, if any."""

    ref: TicketRef | None = None
    age: timedelta | None = None
    footer: Footer = Footer()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something an agent or admin has to know about, and the one thing to do about it; see `desktop.troubles`."""

    title: str
    advice: str
    action: Action = Action.NONE
    action_label: str = ""
    footer: Footer = Footer()
    why: str = ""
    """What the helpdesk gave as its reason, in Kibitz's words."""


PanelState: TypeAlias = Starting | NoAccount | Syncing | NoTicket | Loading | Ready | Offline | Trouble


def alert_key(alert: Alert) -> str:
    """Return what names ``alert`` on its ticket: its rule, or its kind where no rule fired."""
    return alert.rule or alert.kind.value


class MenuAction(StrEnum):
    """What the panel's menu asks for."""

    JOURNAL = "journal"
    ACCOUNTS = "accounts"
    ADMIN = "admin"
    SYNC = "sync"
    SETTINGS = "settings"
    ABOUT = "about"
    QUIT = "quit"
