"""From what a sync read to what is indexed. Pure: articles to passages, solved tickets to reusable replies."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from assist.domain import Macro, Message, Role, SolvedTicket
from assist.store.records import PastReply
from assist.text.courtesy import without_greeting
from assist.text.html import tidy, to_text
from assist.text.introductions import harvest
from assist.text.language import detect
from assist.text.mail import new_text
from assist.text.name_words import fold
from assist.text.personal import SLOT, mask

MIN_REPLY_WORDS = 8
"""Shorter replies ("You're welcome!") need no suggestion of their own; macros carry courtesy."""
MAX_REPLY_WORDS = 400
MAX_SIGNATURE_LINES = 5
MAX_SLOTS = 6
"""A reply with more gaps than this was about its own ticket only."""

_LARGE = re.compile(r"(?<=[\w,;] )[^\W\d_a-zà-öø-ÿ][^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class _People:
    """Whose names a ticket's replies may hold, and what is the shop's own."""

    names: frozenset[str]
    own: tuple[str, ...]
    ordinary: Container[str]


def past_replies(
    solved: SolvedTicket, *, customer_name: str = "", ordinary: Container[str] = frozenset()
) -> tuple[PastReply, ...]:
    """Return the reusable public replies of agents in ``solved``, oldest first.

    Their ``reply_text`` holds nobody's personal data: slots such as ``[order number]`` stand in its place. Their
    ``customer_text`` (what was asked) is searched, never shown. ``ordinary`` are words that the shop itself writes
    large (`shop_words`): its products, not people.
    """
    public = [message for message in solved.messages if message.public]
    people = _People(
        frozenset({message.author.name for message in public} | {customer_name} | _named_in(public)),
        own=(str(solved.ticket.ref.account).partition(":")[2],),
        ordinary=ordinary,
    )
    return tuple(
        reply
        for asked, answer in _exchanges(public)
        if (reply := _past_reply(solved, asked, answer, people)) is not None
    )


def shop_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words, folded, that a shop's own articles and macros write large within a sentence."""
    return frozenset(fold(word) for text in texts for word in _LARGE.findall(text))


def macro_language(macro: Macro) -> str:
    """Return the language of a macro's body, placeholders aside."""
    return detect(SLOT.sub(" ", _without_placeholders(macro.body)))


def _named_in(public: Iterable[Message]) -> set[str]:
    """Return who is greeted, introduced or signs anywhere in a conversation."""
    return {
        name
        for message in public
        for name in harvest(
            to_text(message.html) if message.html else message.text, signed=message.author.role is Role.CUSTOMER
        )
    }


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


def _past_reply(solved: SolvedTicket, asked: list[Message], answer: Message, people: _People) -> PastReply | None:
    own_text = without_greeting(_without_name_block(new_text(answer), answer.author.name))
    words = len(own_text.split())
    if not MIN_REPLY_WORDS <= words <= MAX_REPLY_WORDS:
        return None
    language = detect(own_text)
    masked = mask(own_text, names=people.names, own=people.own, ordinary=people.ordinary, language=language)
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
        language=language,
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
