"""From what a sync read to what is indexed. Pure: articles to passages, solved tickets to reusable replies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from assist.domain import AccountId, Csat, Macro, Message, Role, SolvedTicket
from assist.text.courtesy import without_greeting
from assist.text.html import tidy
from assist.text.language import detect
from assist.text.mail import new_text
from assist.text.personal import SLOT, mask

MIN_REPLY_WORDS = 8
"""Shorter replies ("You're welcome!") need no suggestion of their own; macros carry courtesy."""
MAX_REPLY_WORDS = 400
MAX_SLOTS = 6
"""A reply with more gaps than this was about its own ticket only."""


@dataclass(frozen=True, slots=True)
class PastReply:
    """What an agent once answered. ``reply_text`` holds nobody's personal data: slots stand in their place.

    ``customer_text`` is what was asked (subject, and the customer's words before the reply); it is searched, never shown.
    """

    account: AccountId
    ticket_id: int
    message_id: int
    agent_id: int
    agent_name: str
    subject: str = field(repr=False)
    customer_text: str = field(repr=False)
    reply_text: str = field(repr=False)
    language: str
    replied_at: datetime
    brand: str = ""
    csat: Csat | None = None
    reopens: int | None = None
    ticket_url: str = ""


def past_replies(solved: SolvedTicket, *, customer_name: str = "") -> tuple[PastReply, ...]:
    """Return the reusable public replies of agents in ``solved``, oldest first."""
    public = [message for message in solved.messages if message.public]
    names = {message.author.name for message in public} | {customer_name}
    return tuple(
        reply
        for asked, answer in _exchanges(public)
        if (reply := _past_reply(solved, asked, answer, names=names)) is not None
    )


def macro_language(macro: Macro) -> str:
    """Return the language of a macro's body, placeholders aside."""
    return detect(SLOT.sub(" ", _without_placeholders(macro.body)))


def _exchanges(public: list[Message]) -> Iterator[tuple[list[Message], Message]]:
    """Yield each agent's reply with the customer messages since the reply before it."""
    asked: list[Message] = []
    for message in public:
        if message.author.role is Role.CUSTOMER:
            asked.append(message)
        elif message.author.role is Role.AGENT:
            if asked:
                yield asked, message
            asked = []


def _past_reply(solved: SolvedTicket, asked: list[Message], answer: Message, *, names: set[str]) -> PastReply | None:
    own_text = without_greeting(new_text(answer))
    words = len(own_text.split())
    if not MIN_REPLY_WORDS <= words <= MAX_REPLY_WORDS:
        return None
    masked = mask(own_text, names=names)
    if sum(masked.found.values()) > MAX_SLOTS:
        return None
    ticket = solved.ticket
    customer_text = "\n".join(new_text(message) for message in asked)
    return PastReply(
        account=ticket.ref.account,
        ticket_id=ticket.ref.id,
        message_id=answer.id,
        agent_id=answer.author.id or 0,
        agent_name=answer.author.name,
        subject=tidy(ticket.subject),
        customer_text=customer_text,
        reply_text=masked.text,
        language=detect(own_text),
        replied_at=answer.created_at,
        brand=ticket.brand,
        csat=ticket.csat,
        reopens=ticket.reopens,
        ticket_url=ticket.url,
    )


def _without_placeholders(body: str) -> str:
    return " ".join(piece.split("}}")[-1] for piece in body.split("{{"))
