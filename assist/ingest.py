"""From what a sync read to what is indexed. Pure: articles to passages, solved tickets to reusable replies."""

from __future__ import annotations

from collections.abc import Iterator

from assist.domain import Macro, Message, Role, SolvedTicket
from assist.store.records import PastReply
from assist.text.courtesy import without_greeting
from assist.text.html import tidy
from assist.text.language import detect
from assist.text.mail import new_text
from assist.text.personal import SLOT, mask

MIN_REPLY_WORDS = 8
"""Shorter replies ("You're welcome!") need no suggestion of their own; macros carry courtesy."""
MAX_REPLY_WORDS = 400
MAX_SIGNATURE_LINES = 5
MAX_SLOTS = 6
"""A reply with more gaps than this was about its own ticket only."""


def past_replies(solved: SolvedTicket, *, customer_name: str = "") -> tuple[PastReply, ...]:
    """Return the reusable public replies of agents in ``solved``, oldest first.

    Their ``reply_text`` holds nobody's personal data: slots such as ``[order number]`` stand in its place. Their
    ``customer_text`` (what was asked) is searched, never shown.
    """
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
    own_text = without_greeting(_without_name_block(new_text(answer), answer.author.name))
    words = len(own_text.split())
    if not MIN_REPLY_WORDS <= words <= MAX_REPLY_WORDS:
        return None
    masked = mask(own_text, names=names)
    if sum(masked.found.values()) > MAX_SLOTS:
        return None
    ticket = solved.ticket
    customer_text = "\n".join(new_text(message) for message in asked)
    return PastReply(
        ref=ticket.ref,
        message_id=answer.id,
        agent_id=answer.author.id,
        agent_name=answer.author.name,
        subject=tidy(ticket.subject),
        customer_text=customer_text,
        reply_text=masked.text,
        language=detect(own_text),
        replied_at=answer.created_at,
        brand=ticket.brand,
        csat=ticket.csat,
        reopens=ticket.reopens,
        url=ticket.url,
    )


def _without_name_block(text: str, agent_name: str) -> str:
    """Cut what follows the agent's name on a line of its own near the end: a signature without "Regards"."""
    lines = text.split("\n")
    for number in range(max(len(lines) - MAX_SIGNATURE_LINES, 1), len(lines)):
        line = lines[number].strip(" ,.-–—")
        if line and line in (agent_name, agent_name.split(" ", maxsplit=1)[0]):
            return "\n".join(lines[:number]).rstrip()
    return text


def _without_placeholders(body: str) -> str:
    return " ".join(piece.split("}}")[-1] for piece in body.split("{{"))
