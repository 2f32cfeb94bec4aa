"""What the admin window shows. Each page has a value of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from assist.domain import AccountId
from assist.store.forgetting import Holdings, KnownCustomer
from desktop.policy import InternalUse


class Page(StrEnum):
    """In the order of the list on the left."""

    ACCOUNTS = "accounts"
    READING = "reading"
    REQUESTS = "requests"
    REPLIES = "replies"
    DATA = "data"
    FILE = "file"
    DIAGNOSTICS = "diagnostics"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """``synced`` says when it was read last, ready to be shown; ``problem`` is usually empty."""

    account: AccountId
    name: str
    helpdesk: str
    agent: str = ""
    synced: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something of the helpdesk that can be read or left out."""

    id: int
    name: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of one account. Where nothing of a kind is chosen, all of it is read.

    ``is_loading`` while the helpdesk is asked what there is; ``problem`` says why it did not tell.
    """

    account: AccountId
    name: str
    brands: tuple[Choice, ...] = ()
    groups: tuple[Choice, ...] = ()
    folders: tuple[Choice, ...] = ()
    months: int = 0
    is_loading: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReadingPage:
    accounts: tuple[Reading, ...] = ()
    solved_tickets: int = 2_000
    changed: str = ""
    """What was changed last and can be undone, in a sentence."""


@dataclass(frozen=True, slots=True)
class RepliesPage:
    internal: InternalUse = InternalUse.WARN
    acting: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A customer who can be deleted. ``account_name`` is what the helpdesk is called.

    ``holdings`` is None until it was counted, which is done before it is asked about.
    """

    customer: KnownCustomer
    account_name: str
    holdings: Holdings | None = None


@dataclass(frozen=True, slots=True)
class DataPage:
    """``asking`` is who is about to be deleted; ``found`` is None before a search."""

    retention_days: int = 0
    found: tuple[Found, ...] | None = None
    asking: Found | None = None
    is_searching: bool = False
    is_deleting: bool = False
    done: str = ""
    problem: str = ""
    set_aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilePage:
    """``changes`` are sentences about a file that is about to be imported, None where none is."""

    name: str = ""
    changes: tuple[str, ...] | None = None
    problems: tuple[str, ...] = ()
    error: str = ""
    done: str = ""
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class AdminState:
    page: Page = Page.ACCOUNTS
    accounts: tuple[AccountLine, ...] = ()
    reading: ReadingPage = field(default_factory=ReadingPage)
    replies: RepliesPage = field(default_factory=RepliesPage)
    data: DataPage = field(default_factory=DataPage)
    file: FilePage = field(default_factory=FilePage)
