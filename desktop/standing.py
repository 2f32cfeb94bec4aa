"""Whether a ticket still stands as it did when its help was made: merged, deleted, closed, given away (promise N6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assist.domain import Agent, Alert, AlertKind, Evidence, Ticket, TicketStatus
from desktop.i18n import tr


class Fate(StrEnum):
    MERGED = "merged"
    DELETED = "deleted"
    CLOSED = "closed"
    REASSIGNED = "reassigned"


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a ticket. ``to`` is the ticket that it was merged into, or the name of who has it now."""

    fate: Fate
    to: str = ""

    @property
    def ends_it(self) -> bool:
        """Whether nothing can be answered there any more, so that no help for it is any good."""
        return self.fate is not Fate.REASSIGNED


def change(before: Ticket, now: Ticket | None, agent: Agent) -> Changed | None:
    """Return what happened to a ticket since ``before``; ``now`` is None for one that is gone.

    Taking it oneself is no news, nor is laying it back for nobody in particular.
    """
    if now is None:
        return Changed(Fate.DELETED)
    if now.merged_into is not None and now.merged_into != before.merged_into:
        return Changed(Fate.MERGED, f"#{now.merged_into}")
    if now.status is TicketStatus.CLOSED and before.status is not TicketStatus.CLOSED:
        return Changed(Fate.CLOSED)
    if now.assignee_id == agent.id:
        return None
    if now.assignee_id is not None and now.assignee_id != before.assignee_id:
        return Changed(Fate.REASSIGNED, now.assignee_name)
    if now.group_id is not None and before.group_id is not None and now.group_id != before.group_id:
        return Changed(Fate.REASSIGNED, now.group)
    return None


def sentence(changed: Changed) -> str:
    """Say what happened, for a title or a notice."""
    match changed.fate:
        case Fate.DELETED:
            return tr("This ticket was deleted meanwhile")
        case Fate.MERGED:
            return tr("This ticket was merged into {number} meanwhile", number=changed.to)
        case Fate.CLOSED:
            return tr("This ticket was closed for good meanwhile")
        case Fate.REASSIGNED:
            return tr("This ticket was given to {name} meanwhile", name=changed.to or tr("somebody else"))


def notice(changed: Changed) -> str:
    """Return what an agent is told who is about to answer all the same."""
    return tr("{what}. Look first.", what=sentence(changed))


def alert(changed: Changed) -> Alert:
    quote = tr("These suggestions were made before that.")
    advice = tr("Look at the ticket before you send anything.")
    if changed.fate is Fate.MERGED:
        advice = tr("Answer in {number} instead.", number=changed.to)
    return Alert(
        AlertKind.STALE, sentence(changed), advice, (Evidence("", quote),), rule=f"ticket-{changed.fate.value}"
    )
