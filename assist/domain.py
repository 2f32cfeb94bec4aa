"""The one vocabulary. Frozen values only: vendors' words stop at ``integrations/*/mapping.py``.

Times are aware datetimes in UTC. Ids of helpdesk objects are 64-bit integers. Text that a customer, an
article or a model wrote is untrusted wherever it appears here: show it as plain text, or sanitise it first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", str)
"""One helpdesk account of this agent, e.g. ``zendesk:acme``. Every stored row belongs to one."""

SuggestionId = NewType("SuggestionId", str)
"""Same ticket state, same source, same text: same id, so showing it again is no new event."""


class HelpdeskKind(StrEnum):
    ZENDESK = "zendesk"
    FRESHDESK = "freshdesk"


@dataclass(frozen=True, slots=True)
class TicketRef:
    """Which ticket, at which account."""

    account: AccountId
    id: int

    def __str__(self) -> str:
        return f"{self.account}#{self.id}"


class Role(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"
    """Bots, automations, and authors who cannot be told."""


class TicketStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"
    OTHER = "other"
    """A custom status; its own name is in ``Ticket.status_name``."""


class Channel(StrEnum):
    EMAIL = "email"
    WEB = "web"
    CHAT = "chat"
    PHONE = "phone"
    SOCIAL = "social"
    API = "api"
    OTHER = "other"


class Visibility(StrEnum):
    """Who may read an article. Only EVERYONE may go into a public reply without a warning."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed-in"
    RESTRICTED = "restricted"
    """Some customers or segments only."""
    AGENTS = "agents"


class Csat(StrEnum):
    GOOD = "good"
    BAD = "bad"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Agent:
    """The person who uses Kibitz, or a colleague. ``id`` is the helpdesk's."""

    id: int
    name: str
    email: str = ""
    is_admin: bool = False
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    id: int | None
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation, as the helpdesk holds it.

    ``html`` may be empty where only text is known, and the other way round. ``public`` is False for an
    internal note. Attachments are names only. ``undelivered`` says that the helpdesk could not deliver it.
    """

    id: int
    author: Author
    created_at: datetime
    public: bool
    html: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    channel: Channel = Channel.OTHER
    attachments: tuple[str, ...] = field(default=(), repr=False)
    undelivered: bool = False


@dataclass(frozen=True, slots=True)
class Organization:
    id: int
    name: str
    tier: str = ""
    health: str = ""
    renewal_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """The requester. ``facts`` are helpdesk fields worth showing, label to value (plan, orders, …)."""

    id: int
    name: str = field(repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    language: str = ""
    created_at: datetime | None = None
    organization: Organization | None = None
    tags: tuple[str, ...] = ()
    notes: str = field(default="", repr=False)
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class TicketMetrics:
    """What the helpdesk counted of a ticket, in minutes of the calendar; None where it does not tell."""

    first_response_minutes: int | None = None
    resolution_minutes: int | None = None
    requester_wait_minutes: int | None = None
    agent_replies: int | None = None


class SlaMetric(StrEnum):
    FIRST_RESPONSE = "first response"
    NEXT_RESPONSE = "next response"
    RESOLUTION = "resolution"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SlaTarget:
    """One time by which something was promised. ``due_at`` is None while the clock is paused."""

    metric: SlaMetric
    due_at: datetime | None
    breached: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the helpdesk says of a ticket, apart from its conversation.

    ``fields`` are the helpdesk's own ticket fields that hold something, label to value as an agent reads it.
    ``merged_into`` is the ticket that this one was merged into, where that can be told.
    """

    ref: TicketRef
    subject: str = field(repr=False)
    status: TicketStatus
    created_at: datetime
    updated_at: datetime
    requester_id: int | None
    status_name: str = ""
    priority: str = ""
    channel: Channel = Channel.OTHER
    assignee_id: int | None = None
    assignee_name: str = ""
    group: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    csat: Csat | None = None
    csat_comment: str = field(default="", repr=False)
    reopens: int | None = None
    """None where the helpdesk does not tell."""
    group_id: int | None = None
    brand_id: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    metrics: TicketMetrics | None = None
    sla: tuple[SlaTarget, ...] = ()
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Everything that was read for the ticket in front of the agent.

    ``messages`` are oldest first; ``truncated`` says that older ones were left out. ``history`` are the
    requester's other tickets, newest first, without their conversations. ``left_out`` names what the ticket
    holds and Kibitz does not read, such as side conversations.
    """

    ticket: Ticket
    messages: tuple[Message, ...]
    customer: Customer | None
    history: tuple[Ticket, ...]
    fetched_at: datetime
    truncated: bool = False
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    account: AccountId
    id: int
    locale: str
    title: str
    html: str = field(repr=False)
    url: str
    updated_at: datetime
    section: str = ""
    labels: tuple[str, ...] = ()
    draft: bool = False
    visibility: Visibility = Visibility.EVERYONE
    votes: int = 0
    brand_id: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article that can be shown alone. ``heading_path`` starts with the article's title."""

    article_id: int
    locale: str
    ordinal: int
    heading_path: tuple[str, ...]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro or canned response, placeholders not yet rendered. ``body`` is plain text."""

    account: AccountId
    id: int
    title: str
    body: str = field(repr=False)
    tags: tuple[str, ...] = ()
    usage: int | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SolvedTicket:
    """A finished ticket with its public conversation, to learn replies from."""

    ticket: Ticket
    messages: tuple[Message, ...]


class SourceKind(StrEnum):
    MACRO = "macro"
    PAST_REPLY = "past reply"
    ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a suggestion came from, so that an agent can judge it."""

    kind: SourceKind
    key: str
    """Stable within its account: ``macro:12``, ``reply:7:99``, ``article:5:en-gb``."""
    title: str = field(repr=False)
    url: str = ""
    date: datetime | None = None
    visibility: Visibility = Visibility.EVERYONE


class FlagKind(StrEnum):
    """What a reply says that was true of another ticket."""

    DATE = "date"
    AMOUNT = "amount"
    DONE = "done"
    """A deed: "I have refunded"."""
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class Flag:
    """Characters [start, end) of a suggestion's text that come from another ticket: to be checked before sending."""

    kind: FlagKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reply to start from. ``confidence`` is in [0, 1]; ``open_slots`` are ``[brackets]`` left to fill."""

    id: SuggestionId
    ref: TicketRef
    text: str = field(repr=False)
    source: Source
    because: tuple[str, ...]
    confidence: float
    open_slots: tuple[str, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)
    also: tuple[Source, ...] = ()
    """Sources of near-duplicates that were merged into this one."""
    flags: tuple[Flag, ...] = ()
    """In order, without overlaps; empty where all that the text says is this ticket's or a cited source's."""


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """A passage that may answer. ``highlight`` is the [start, end) of the sentence that matters in ``text``."""

    id: SuggestionId
    article_id: int
    locale: str
    title: str
    url: str
    heading_path: tuple[str, ...]
    text: str = field(repr=False)
    highlight: tuple[int, int]
    confidence: float
    updated_at: datetime
    visibility: Visibility = Visibility.EVERYONE
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    ref: TicketRef
    subject: str = field(repr=False)
    url: str
    solved_at: datetime
    solved_by: str
    csat: Csat | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The customer's own words (``quote``) or a fact of the history (``quote`` empty), and what it means."""

    quote: str = field(repr=False)
    meaning: str
    message_id: int | None = None


class Band(StrEnum):
    """How strong a signal is. Never shown as a bare number."""

    UNKNOWN = "not enough known"
    LOW = "low"
    RAISED = "raised"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class ChurnSignal:
    """``reasons`` name what was found, heaviest first: cues of churn.toml, ``learned``, ``history``."""

    band: Band
    evidence: tuple[Evidence, ...]
    reasons: tuple[str, ...] = ()


class Mood(StrEnum):
    ANGRY = "angry"
    UNHAPPY = "unhappy"
    NEUTRAL = "neutral"
    CONTENT = "content"
    HAPPY = "happy"


class Trend(StrEnum):
    """Where a customer's mood goes over the conversation."""

    UNKNOWN = "unknown"
    """Fewer than two messages."""
    FALLING = "falling"
    STEADY = "steady"
    RISING = "rising"


class AlertKind(StrEnum):
    CHURN = "churn"
    ESCALATION = "escalation"
    ANGER = "anger"
    URGENCY = "urgency"
    STALE = "stale"
    """A colleague answered, or the ticket changed under the suggestions."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that the agent should know before answering. ``rule`` names the trigger that fired."""

    kind: AlertKind
    title: str
    advice: str
    evidence: tuple[Evidence, ...]
    band: Band = Band.RAISED
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule of the default trigger file or the admin's: phrases that keep a topic with humans."""

    name: str
    title: str
    advice: str
    phrases: tuple[str, ...]
    unless: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kind: AlertKind = AlertKind.ESCALATION
    band: Band = Band.RAISED


class Stage(StrEnum):
    """How far an answer has come. REFINED replaces LEXICAL in place; PLAIN means that the engine is down."""

    PLAIN = "plain"
    LEXICAL = "lexical"
    REFINED = "refined"


@dataclass(frozen=True, slots=True)
class Help:
    """What the panel shows for a ticket. ``why_empty`` says why there are no replies or articles.

    ``state_key`` changes when the conversation moves on, and is part of every suggestion's id.
    """

    ref: TicketRef
    state_key: str
    stage: Stage
    replies: tuple[Suggestion, ...]
    articles: tuple[ArticleHit, ...]
    similar: tuple[SimilarTicket, ...]
    alerts: tuple[Alert, ...]
    churn: ChurnSignal
    mood: Mood
    language: str
    why_no_replies: str = ""
    why_no_articles: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    mood_trend: Trend = Trend.UNKNOWN
    early: bool = False
    """Knowledge was still being read or learned: asked again after that, the same ticket may get better help."""


class EventKind(StrEnum):
    SHOWN = "shown"
    USED = "used"
    EDITED = "edited"
    DISMISSED = "dismissed"
    UNDISMISSED = "undismissed"
    EXPIRED = "expired"
    OUTCOME = "outcome"


FINAL_KINDS = frozenset({EventKind.USED, EventKind.EDITED, EventKind.DISMISSED, EventKind.EXPIRED})
"""At most one of these stands for each suggestion (promise D2); UNDISMISSED takes a dismissal back."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion was on the agent's screen. ``rank`` counts from 1 within its ``list_name``."""

    suggestion_id: SuggestionId
    ref: TicketRef
    list_name: str
    """``replies`` or ``articles``."""
    rank: int
    source: Source
    text: str = field(repr=False)
    confidence: float
    features: Mapping[str, float]
    versions: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What the agent did. ``text`` is what was put on the clipboard (USED, EDITED), else empty."""

    suggestion_id: SuggestionId
    ref: TicketRef
    kind: EventKind
    at: datetime
    text: str = field(default="", repr=False)
    edit_distance: int | None = None
    """Characters inserted, deleted or replaced between suggestion and ``text``; None where no text."""
    reason: str = ""
    how: str = ""
    """``click``, ``key``, ``copy-link``, ``answered`` …"""


class SentAs(StrEnum):
    AS_IS = "as is"
    EDITED = "edited"
    SOMETHING_ELSE = "something else"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was really sent, compared with the nearest suggestion shown before it.

    ``edit_distance`` is in characters after greeting, signature and white space are set aside; 0 when only
    those differ. ``similarity`` is in [0, 1].
    """

    ref: TicketRef
    message_id: int
    sent_as: SentAs
    suggestion_id: SuggestionId | None
    edit_distance: int | None
    similarity: float
    sent_text: str = field(repr=False)
    at: datetime
