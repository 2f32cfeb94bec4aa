"""What Kibitz can change in a helpdesk, and only when an agent asks for it (docs/adr/0018-acting.md). Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from assist.domain import TicketRef, TicketStatus


@dataclass(frozen=True, slots=True)
class RenderedMacro:
    """A macro with its placeholders filled by the helpdesk for one ticket; nothing was changed there.

    Attributes:
        text: What it would write, as plain text; empty when it writes nothing.
        html: The same as HTML, where the helpdesk tells it.
        public: Whether it would be a public reply; None where the macro does not say.
        status: The status that it would set.
        tags: All tags that the ticket would have; None where they stay.
        changes: Everything else, label to new value.
    """

    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    public: bool | None = None
    status: TicketStatus | None = None
    tags: tuple[str, ...] | None = None
    changes: Mapping[str, str] = field(default_factory=dict, repr=False)


class ActKind(StrEnum):
    REPLY = "public reply"
    NOTE = "internal note"
    STATUS = "status"
    TAGS = "tags"
    MACRO = "macro"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do. ``id`` is made once, by `uuid.uuid4().hex`, and makes doing it twice the same as once."""

    id: str
    ref: TicketRef
    kind: ActKind
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    status: TicketStatus | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    macro_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a preview. ``before`` is empty for something new."""

    what: str
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what performing ``act`` would change, as the helpdesk stood when ``stamp`` was read.

    Attributes:
        act: What was asked; a macro's text is filled in.
        public: True when a customer will see it.
        recipients: Who will be mailed, as far as the helpdesk tells.
        stamp: Opaque; `Actor.perform` refuses when the ticket has moved on since, and `Actor.find` looks after it.
        can_undo: Whether `Actor.undo` can take it back.
    """

    act: Act
    changes: tuple[Change, ...]
    public: bool
    recipients: tuple[str, ...] = field(default=(), repr=False)
    stamp: str = field(default="", repr=False)
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """An act that the helpdesk has carried out. ``undo`` is opaque to everybody but the same helpdesk's `Actor`.

    ``public`` is what became of a text; None where the helpdesk did not say. A helpdesk may make a note of what an
    agent without the right to answer publicly wrote.
    """

    act: Act
    at: datetime
    message_id: int | None = None
    undo: str = field(default="", repr=False)
    public: bool | None = None


class Actor(Protocol):
    """Changes tickets of one account, as the signed-in agent. Raises only ``assist.errors``."""

    statuses: tuple[TicketStatus, ...]
    """What a status may be set to. CLOSED is never among them: it cannot be taken back."""

    async def preview(self, act: Act) -> Preview:
        """Read the ticket and say what would change. Changes nothing.

        Raises `NotAllowed` for what cannot be done to this ticket, with a sentence for the agent.
        """

    async def perform(self, preview: Preview) -> Done:
        """Carry it out, in one request that is sent at most once.

        The text that is written is the one of ``preview.act``, which the agent may have edited.

        Raises:
            Moved: The ticket changed since the preview; nothing was changed.
            Unanswered: It may have been carried out: `find` tells.
            HelpdeskError: Anything else: nothing was changed.
        """

    async def find(self, preview: Preview) -> Done | None:
        """Look whether it was carried out already, after an answer that never came. Changes nothing."""

    async def undo(self, done: Done) -> None:
        """Take back what can be taken back.

        Raises `NotAllowed` where it cannot be, and `Moved` when the ticket changed since.
        """
