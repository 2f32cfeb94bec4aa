"""From a ticket as it was read to what matters for finding help. Pure; a few milliseconds.

What matters now is what the customer wrote since the last public reply of an agent; the subject and the turns
before count less, pleasantries not at all.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from assist.domain import OpenTicket, Role, TicketRef
from assist.text.courtesy import without_greeting
from assist.text.html import tidy
from assist.text.language import detect
from assist.text.mail import new_text
from assist.text.personal import order_numbers, return_numbers

SUBJECT_WEIGHT = 1.2
EARLIER_WEIGHT = 0.35
"""Weight of a word of the customer's earlier turns; what was settled there should not lead."""
SHORT_TURN_WORDS = 5
"""A shorter turn ("yes please", "any news?") is read together with the turn before it."""
MAX_CLOSING_WORDS = 16
"""A longer thank-you usually holds a question too."""
MAX_DENSE_WORDS = 170
MAX_TURNS = 60

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_TICKET_NOISE = re.compile(r"^(?:(?:re|aw|fw|fwd|wg|sv|antw)\s*:\s*|\[[^\]]{1,40}\]\s*)+", re.IGNORECASE)
_COURTESY_LINE = re.compile(
    r"^(?:thanks?|thank you|many thanks|cheers|kind regards|best|hope (?:you|this)|i hope|sorry to bother|good morning|"
    r"vielen dank|danke|ich hoffe|merci|gracias|obrigad[oa])\b[^?\n]{0,60}[.!,]?$",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\b(?:thanks?|thank you|thx|cheers|ta|brilliant|perfect|danke?|dankesch[oö]n|merci|gracias|"
    r"obrigad[oa]s?|valeu|grazie|bedankt)\b",
    re.IGNORECASE,
)
_OPEN_POINT = re.compile(
    r"\?|\b(?:but|still|not|never|however|also|please|when|how|where|could|can you|"
    r"aber|noch|nicht|nie|auch|bitte|wann|wie|wo|mais|encore|pero|aún|mas|ainda)\b|n['’]t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as the conversation sees it: clean text, who, when."""

    message_id: int
    author_name: str = field(repr=False)
    role: Role
    public: bool
    at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of ``assist`` knows of the open ticket.

    ``words`` are query words with weights > 0; ``query`` is the text for the encoder; ``waiting_since`` is when
    the customer began to wait for an answer, None if an agent wrote last. ``own_values`` fill slots.
    """

    ref: TicketRef
    state_key: str
    subject: str = field(repr=False)
    turns: tuple[Turn, ...]
    customer_turn: str = field(repr=False)
    words: Counter[str] = field(repr=False)
    query: str = field(repr=False)
    language: str
    customer_name: str = field(repr=False)
    agent_names: tuple[str, ...]
    waiting_since: datetime | None
    own_values: Mapping[str, tuple[str, ...]] = field(repr=False)
    brand_id: int | None = None

    @property
    def is_closing(self) -> bool:
        """Whether the customer's latest words are a thank-you to an agent's answer that asks nothing more."""
        latest, earlier = split_turns(self.turns)
        answered = any(turn.public and turn.role is Role.AGENT for turn in self.turns)
        text = "\n".join(turn.text for turn in latest) if _customer_spoke_last(self.turns) else ""
        return (
            answered
            and bool(earlier)
            and len(_WORD.findall(text)) <= MAX_CLOSING_WORDS
            and _THANKS.search(text) is not None
            and _OPEN_POINT.search(text) is None
        )

    @property
    def customer_turns(self) -> tuple[Turn, ...]:
        return tuple(turn for turn in self.turns if turn.role is Role.CUSTOMER and turn.public)


def build_context(opened: OpenTicket) -> Context:
    """Return the context of ``opened``; only the newest ``MAX_TURNS`` messages are read closely."""
    opened = closely_read(opened)
    turns = tuple(
        Turn(m.id, m.author.name, m.author.role, m.public, m.created_at, new_text(m)) for m in opened.messages
    )
    subject = _TICKET_NOISE.sub("", tidy(opened.ticket.subject))[:300]
    latest, earlier = split_turns(turns)
    turn_text = "\n".join(_plain(turn.text) for turn in latest)
    if len(_WORD.findall(turn_text)) < SHORT_TURN_WORDS and earlier:
        turn_text = f"{turn_text}\n{_plain(earlier[-1].text)}"
    customer = opened.customer
    return Context(
        ref=opened.ticket.ref,
        state_key=_state_key(opened),
        subject=subject,
        turns=turns,
        customer_turn=turn_text.strip(),
        words=_words(subject, turn_text, earlier),
        query=" ".join(f"{subject}\n{turn_text}".split()[:MAX_DENSE_WORDS]),
        language=detect(f"{subject}\n{turn_text}", hint=customer.language if customer else ""),
        customer_name=customer.name if customer else "",
        agent_names=tuple(
            dict.fromkeys(turn.author_name for turn in turns if turn.role is Role.AGENT and turn.author_name)
        ),
        waiting_since=latest[0].at if latest and _customer_spoke_last(turns) else None,
        own_values=_own_values(opened, subject, turns),
        brand_id=opened.ticket.brand_id,
    )


def split_turns(turns: Sequence[Turn]) -> tuple[list[Turn], list[Turn]]:
    """Return the customer's turns since the last public agent reply, and those before.

    Where an agent wrote last, the customer's last turn counts as the latest: the agent may still be at it.
    """
    latest: list[Turn] = []
    earlier: list[Turn] = []
    for turn in turns:
        if not turn.public:
            continue
        if turn.role is Role.CUSTOMER:
            latest.append(turn)
        elif turn.role is Role.AGENT:
            earlier, latest = [*earlier, *latest], []
    if not latest and earlier:
        earlier, latest = earlier[:-1], earlier[-1:]
    return latest, earlier


def _customer_spoke_last(turns: Sequence[Turn]) -> bool:
    people = [turn.role for turn in turns if turn.public and turn.role is not Role.SYSTEM]
    return bool(people) and people[-1] is Role.CUSTOMER


def _plain(text: str) -> str:
    lines = without_greeting(text).split("\n") if text else []
    return "\n".join(line for line in lines if line.strip() and not _COURTESY_LINE.match(line.strip()))


def _words(subject: str, turn_text: str, earlier: Sequence[Turn]) -> Counter[str]:
    weights: Counter[str] = Counter()
    for text, weight in (
        *((_plain(turn.text), EARLIER_WEIGHT) for turn in earlier[-3:]),
        (turn_text, 1.0),
        (subject, SUBJECT_WEIGHT),
    ):
        for word in set(_WORD.findall(text.lower())):
            weights[word] = max(weights[word], weight)  # type: ignore[assignment]  # Counter is typed for int
    return weights


def closely_read(opened: OpenTicket) -> OpenTicket:
    """Return ``opened`` with only what is looked at: the first message, the newest, each text once.

    A long ticket is a megabyte; this much of it crosses to the engine in a blink.
    """
    messages = (*opened.messages[:1], *opened.messages[1:][-MAX_TURNS:])
    return replace(opened, messages=tuple(replace(m, text="") if m.html else m for m in messages))


def _state_key(opened: OpenTicket) -> str:
    """Changes when the subject or the public conversation does, so that suggestions belong to one state of it."""
    public = [str(message.id) for message in opened.messages if message.public]
    text = "\n".join((str(opened.ticket.ref), opened.ticket.subject, *public[-3:]))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _own_values(opened: OpenTicket, subject: str, turns: Sequence[Turn]) -> dict[str, tuple[str, ...]]:
    text = "\n".join((subject, *(turn.text for turn in turns if turn.public)))
    values = {
        "order number": tuple(order_numbers(text)),
        "return number": tuple(return_numbers(text)),
        "ticket number": (str(opened.ticket.ref.id),),
    }
    if opened.customer is not None:
        values["e-mail address"] = (opened.customer.email,)
    return values
