"""Domain values with defaults, so that a test names only what it is about and a new field breaks no test.

Every builder takes the fields of its dataclass as keywords. Where a value has a `TicketRef`, ``id`` and
``account`` are short for it. ``NOON`` is when everything happens unless a test says otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from assist.domain import (
    AccountId,
    Agent,
    Alert,
    AlertKind,
    Article,
    ArticleHit,
    Author,
    Band,
    ChurnSignal,
    Customer,
    Decision,
    EventKind,
    Evidence,
    Help,
    Macro,
    Message,
    Mood,
    OpenTicket,
    Organization,
    Outcome,
    Passage,
    Role,
    SentAs,
    Shown,
    SimilarTicket,
    SolvedTicket,
    Source,
    SourceKind,
    Stage,
    Suggestion,
    SuggestionId,
    Ticket,
    TicketRef,
    TicketStatus,
    Trigger,
)

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ACME = AccountId("zendesk:acme")


def a_ref(id: int = 7, account: str = ACME) -> TicketRef:
    return TicketRef(AccountId(account), id)


def an_agent(**fields: Any) -> Agent:
    return Agent(**{"id": 501, "name": "Maya Okafor", "email": "maya@acme.example.com", **fields})


def an_author(role: Role = Role.CUSTOMER, **fields: Any) -> Author:
    """Return the customer Inês Caldeira (id 900), the agent Maya Okafor (id 501) or a nameless system."""
    known = {
        Role.CUSTOMER: {"id": 900, "name": "Inês Caldeira"},
        Role.AGENT: {"id": 501, "name": "Maya Okafor"},
        Role.SYSTEM: {"id": None, "name": ""},
    }
    return Author(**{**known[role], "role": role, **fields})


def a_message(text: str = "My tent pole snapped on the second night.", **fields: Any) -> Message:
    """Return a public message of the customer; ``role=Role.AGENT`` makes it the agent's."""
    role = fields.pop("role", Role.CUSTOMER)
    defaults = {"id": 70, "author": an_author(role), "created_at": NOON, "public": True, "text": text}
    return Message(**{**defaults, **fields})


def a_reply(text: str = "Send us a photo and we will mend it for free.", **fields: Any) -> Message:
    return a_message(text, **{"id": 71, "role": Role.AGENT, **fields})


def an_organization(**fields: Any) -> Organization:
    return Organization(**{"id": 300, "name": "Fellside Scout District", **fields})


def a_customer(**fields: Any) -> Customer:
    defaults = {"id": 900, "name": "Inês Caldeira", "email": "ines.caldeira@example.com", "language": "en"}
    return Customer(**{**defaults, **fields})


def a_ticket(id: int = 7, account: str = ACME, **fields: Any) -> Ticket:
    defaults = {
        "ref": a_ref(id, account),
        "subject": "Tent pole snapped",
        "status": TicketStatus.OPEN,
        "created_at": NOON,
        "updated_at": NOON,
        "requester_id": 900,
    }
    return Ticket(**{**defaults, **fields})


def an_open_ticket(id: int = 7, account: str = ACME, **fields: Any) -> OpenTicket:
    """Return a ticket with one message of its customer and no history."""
    defaults = {
        "ticket": a_ticket(id, account),
        "messages": (a_message(),),
        "customer": a_customer(),
        "history": (),
        "fetched_at": NOON,
    }
    return OpenTicket(**{**defaults, **fields})


def a_solved_ticket(id: int = 8, account: str = ACME, **fields: Any) -> SolvedTicket:
    defaults = {
        "ticket": a_ticket(id, account, status=TicketStatus.SOLVED),
        "messages": (a_message(), a_reply()),
    }
    return SolvedTicket(**{**defaults, **fields})


def an_article(id: int = 5, account: str = ACME, **fields: Any) -> Article:
    defaults = {
        "account": AccountId(account),
        "id": id,
        "locale": "en-gb",
        "title": "Return an item",
        "html": "<p>You can return an unused item within 60 days.</p>",
        "url": f"https://acme.example.com/hc/articles/{id}",
        "updated_at": NOON,
    }
    return Article(**{**defaults, **fields})


def a_passage(text: str = "You can return an unused item within 60 days.", **fields: Any) -> Passage:
    defaults = {
        "article_id": 5,
        "locale": "en-gb",
        "ordinal": 0,
        "heading_path": ("Return an item",),
        "text": text,
    }
    return Passage(**{**defaults, **fields})


def a_macro(id: int = 12, account: str = ACME, **fields: Any) -> Macro:
    defaults = {
        "account": AccountId(account),
        "id": id,
        "title": "Returns::Send label (UK)",
        "body": "Hi {{ticket.requester.first_name}},\n\nhere is your return label.",
    }
    return Macro(**{**defaults, **fields})


def a_source(key: str = "macro:12", **fields: Any) -> Source:
    """Return a source whose kind follows from ``key`` (``macro:``, ``reply:`` or ``article:``)."""
    kinds = {"macro": SourceKind.MACRO, "reply": SourceKind.PAST_REPLY, "article": SourceKind.ARTICLE}
    defaults = {
        "kind": kinds.get(key.partition(":")[0], SourceKind.MACRO),
        "key": key,
        "title": "Send label (UK)",
    }
    return Source(**{**defaults, **fields})


def a_suggestion(text: str = "Here is your return label.", **fields: Any) -> Suggestion:
    defaults = {
        "id": SuggestionId("s1"),
        "ref": a_ref(),
        "text": text,
        "source": a_source(),
        "because": ("return label",),
        "confidence": 0.8,
    }
    return Suggestion(**{**defaults, **fields})


def an_article_hit(text: str = "You can return an unused item within 60 days.", **fields: Any) -> ArticleHit:
    """Return a hit on article 5 whose highlight is the whole text."""
    defaults = {
        "id": SuggestionId("a1"),
        "article_id": 5,
        "locale": "en-gb",
        "title": "Return an item",
        "url": "https://acme.example.com/hc/articles/5",
        "heading_path": ("Return an item",),
        "text": text,
        "highlight": (0, len(text)),
        "confidence": 0.7,
        "updated_at": NOON,
    }
    return ArticleHit(**{**defaults, **fields})


def a_similar_ticket(id: int = 8, account: str = ACME, **fields: Any) -> SimilarTicket:
    defaults = {
        "ref": a_ref(id, account),
        "subject": "Pole broke in the wind",
        "url": f"https://acme.example.com/agent/tickets/{id}",
        "solved_at": NOON,
        "solved_by": "Tom Lindqvist",
    }
    return SimilarTicket(**{**defaults, **fields})


def an_evidence(quote: str = "I will cancel my membership", **fields: Any) -> Evidence:
    return Evidence(**{"quote": quote, "meaning": "says that they will leave", "message_id": 70, **fields})


def an_alert(**fields: Any) -> Alert:
    defaults = {
        "kind": AlertKind.CHURN,
        "title": "May leave",
        "advice": "Offer to pause instead.",
        "evidence": (an_evidence(),),
    }
    return Alert(**{**defaults, **fields})


def a_trigger(**fields: Any) -> Trigger:
    defaults = {
        "name": "legal",
        "title": "Legal matter",
        "advice": "Hand over to the team lead.",
        "phrases": ("my lawyer", "small claims"),
    }
    return Trigger(**{**defaults, **fields})


def a_help(id: int = 7, account: str = ACME, **fields: Any) -> Help:
    """Return help for a calm English ticket: one reply, one article, nothing else."""
    defaults = {
        "ref": a_ref(id, account),
        "state_key": "m70",
        "stage": Stage.REFINED,
        "replies": (a_suggestion(ref=a_ref(id, account)),),
        "articles": (an_article_hit(),),
        "similar": (),
        "alerts": (),
        "churn": ChurnSignal(Band.UNKNOWN, ()),
        "mood": Mood.NEUTRAL,
        "language": "en",
    }
    return Help(**{**defaults, **fields})


def a_shown(suggestion_id: str = "s1", **fields: Any) -> Shown:
    defaults = {
        "suggestion_id": SuggestionId(suggestion_id),
        "ref": a_ref(),
        "list_name": "replies",
        "rank": 1,
        "source": a_source(),
        "text": "Here is your return label.",
        "confidence": 0.8,
        "features": {"bm25": 3.5},
        "versions": {"policy": "1"},
        "at": NOON,
    }
    return Shown(**{**defaults, **fields})


def a_decision(kind: EventKind = EventKind.USED, suggestion_id: str = "s1", **fields: Any) -> Decision:
    defaults = {
        "suggestion_id": SuggestionId(suggestion_id),
        "ref": a_ref(),
        "kind": kind,
        "at": NOON,
        "how": "click",
    }
    return Decision(**{**defaults, **fields})


def an_outcome(**fields: Any) -> Outcome:
    defaults = {
        "ref": a_ref(),
        "message_id": 71,
        "sent_as": SentAs.AS_IS,
        "suggestion_id": SuggestionId("s1"),
        "edit_distance": 0,
        "similarity": 1.0,
        "sent_text": "Here is your return label.",
        "at": NOON,
    }
    return Outcome(**{**defaults, **fields})
