"""What the knowledge tables hold beyond the domain's own values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assist.domain import AccountId, Agent, Csat, HelpdeskKind, Passage, SourceKind, TicketRef, Visibility


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of documents that an index must take in and leave out. The content behind an id never changes."""

    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.added + other.added, self.removed + other.removed)


@dataclass(frozen=True, slots=True)
class Document:
    """What an index needs of a passage (`SourceKind.ARTICLE`), a macro or a past reply.

    ``title`` is the heading path, the macro's title or the ticket's subject; ``text`` what is to be matched:
    the passage, the macro's body, or what the customer wrote before the reply. ``answer`` is the reply of a
    past reply, else empty. ``language`` is a locale or code as the source gave it, "" where unknown. ``mark``, in
    [0, 2**64), tells contents apart, also those of one id in two databases.
    """

    id: int
    kind: SourceKind
    account: AccountId
    title: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    answer: str = field(default="", repr=False)
    mark: int = 0


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with what its article says of itself."""

    id: int
    account: AccountId
    passage: Passage
    title: str
    url: str
    updated_at: datetime
    visibility: Visibility
    section: str = ""
    labels: tuple[str, ...] = ()
    votes: int = 0
    brand_id: int | None = None
    """None for all brands."""


@dataclass(frozen=True, slots=True)
class PastReply:
    """What an agent answered to a ticket that was solved; ``customer_text`` is the context before it."""

    ref: TicketRef
    message_id: int
    agent_id: int | None
    agent_name: str
    subject: str = field(repr=False)
    customer_text: str = field(repr=False)
    reply_text: str = field(repr=False)
    replied_at: datetime
    language: str = ""
    brand: str = ""
    csat: Csat | None = None
    reopens: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    articles: int
    passages: int
    macros: int
    solved_tickets: int
    past_replies: int


@dataclass(frozen=True, slots=True)
class Account:
    """A connected helpdesk. Its secrets are in the keyring, under its id.

    Attributes:
        name: What the admin calls it, such as "Sandbox"; often empty.
        portal: Freshdesk: the host of its own where tickets are shown too, or empty.
        client_id: Zendesk: the OAuth client that the agent signed in with, or empty.
    """

    id: AccountId
    kind: HelpdeskKind
    base_url: str
    display: str
    agent: Agent
    added_at: datetime
    name: str = ""
    portal: str = ""
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a collection has been synced; ``value`` is what the helpdesk's adapter gave, opaque."""

    value: str
    done: bool
    updated_at: datetime


TABLES: Mapping[SourceKind, str] = {
    SourceKind.ARTICLE: "passages",
    SourceKind.MACRO: "macros",
    SourceKind.PAST_REPLY: "past_replies",
}
"""Where the documents of a kind are."""
