"""What the sheet shows on which the agent decides about one act, and what is told of acts that ended elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from assist.acts import ActKind, Change
from assist.domain import TicketRef


class Phase(StrEnum):
    READING = "reading"
    """The helpdesk is asked what would change."""
    ASKING = "asking"
    SENDING = "sending"
    LOOKING = "looking"
    """It left and no answer came: the helpdesk is looked at."""
    DONE = "done"
    NOT_DONE = "not done"


class Way(StrEnum):
    """A button beside "Close" when something was not done."""

    NONE = ""
    TRY_AGAIN = "try again"
    SIGN_IN = "sign in"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One act before, while and after it is carried out.

    Attributes:
        text: What would be written; the agent may edit it while ``phase`` is ASKING.
        public: Whether a customer will see it.
        recipients: Who will be mailed.
        changes: What else changes.
        tags: The ticket's tags as they are, for an act that changes them.
        warnings: What the agent has to agree to before it can be sent.
        blocked: Why it may not be sent at all; usually empty.
        line: How it goes, or went.
        can_undo: Whether it can still be taken back.
    """

    ref: TicketRef
    kind: ActKind
    phase: Phase = Phase.READING
    text: str = field(default="", repr=False)
    public: bool = False
    recipients: tuple[str, ...] = field(default=(), repr=False)
    changes: tuple[Change, ...] = ()
    tags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    blocked: str = ""
    line: str = ""
    can_undo: bool = False
    way: Way = Way.NONE

    @property
    def writes(self) -> bool:
        """Whether a text belongs to it."""
        return self.kind in {ActKind.REPLY, ActKind.NOTE} or (self.kind is ActKind.MACRO and bool(self.text))


@dataclass(frozen=True, slots=True)
class Told:
    """What became of something while its sheet was not there: after a restart, or on another ticket.

    ``text`` is what was not sent and can be tried again; empty where it was sent.
    """

    id: str
    ref: TicketRef
    line: str
    done: bool
    text: str = field(default="", repr=False)
