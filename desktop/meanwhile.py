"""What happened on a ticket since its help was made (promise N6). Times are the helpdesk's own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from assist.domain import Agent, Alert, AlertKind, Evidence, Help, Message, OpenTicket, Role
from assist.errors import HelpdeskError, NotThere
from desktop.desk import Seat
from desktop.i18n import tr
from desktop.standing import Changed, alert, change

T = TypeVar("T")

CHECK_S = 1.5
"""What an agent who presses "Use" waits at most for the helpdesk to say whether anything is new."""
COARSENESS = timedelta(seconds=1)
"""Helpdesks cut the times of messages to seconds; of one second, messages are told apart by their ids."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody else wrote publicly. ``message_ids`` are all that is new, the rest is about the newest of it."""

    message_ids: frozenset[int]
    name: str
    at: datetime
    by_colleague: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The helpdesk did not say in time whether anything is new."""


def moved_by(message: Message) -> Moved:
    return Moved(frozenset({message.id}), message.author.name, message.created_at, message.author.role is Role.AGENT)


def since(made_from: OpenTicket, messages: Sequence[Message], agent: Agent, *, told: Collection[int]) -> Moved | None:
    """Return what customers and colleagues of ``agent`` wrote that is neither in ``made_from`` nor in ``told``."""
    known = {message.id for message in made_from.messages} | set(told)
    news = [one for one in messages if one.id not in known and is_of_others(one, agent)]
    if not news:
        return None
    newest = max(news, key=lambda message: (message.author.role is Role.AGENT, message.created_at))
    return replace(moved_by(newest), message_ids=frozenset(message.id for message in news))


def is_of_others(message: Message, agent: Agent) -> bool:
    """Tell whether a message is one that ``agent`` should know of before answering."""
    return message.public and message.author.role is not Role.SYSTEM and message.author.id != agent.id


News = Moved | Changed | Unknown | None
"""None: nothing is new."""


async def look(
    made_from: OpenTicket, seat: Seat, *, told: Collection[int], told_fates: Collection[Changed] = ()
) -> News:
    """Ask the helpdesk once what is new since ``made_from`` was read; takes at most `CHECK_S`.

    What was written and how the ticket stands are asked side by side. A ticket that is over comes before messages,
    and those before one that was only given away.
    """
    newest = max((message.created_at for message in made_from.messages), default=made_from.ticket.created_at)
    written, standing = await asyncio.gather(
        _in_time(seat.helpdesk.replies_since(made_from.ticket.ref, newest - COARSENESS)),
        _in_time(seat.helpdesk.standing(made_from.ticket.ref.id)),
    )
    changed = None
    if not isinstance(standing, Unknown):
        changed = change(made_from.ticket, standing, seat.agent)
        changed = None if changed in told_fates else changed
    if changed is not None and changed.ends_it:
        return changed
    if isinstance(written, Unknown):
        return changed or written
    return since(made_from, written or (), seat.agent, told=told) or changed


async def _in_time(asking: Coroutine[Any, Any, T]) -> T | Unknown | None:
    """Return an answer that comes in time; None where the ticket is not there."""
    try:
        async with asyncio.timeout(CHECK_S):
            return await asking
    except NotThere:
        return None
    except (HelpdeskError, TimeoutError):
        return Unknown()


def age(moved: Moved, *, now: datetime, unseen_at: datetime | None) -> timedelta:
    """Return how long ago it was. A clock that differs from the helpdesk's cannot make it negative, nor longer than
    since ``unseen_at``, when it was not there yet.
    """
    longest = timedelta.max if unseen_at is None else max(timedelta(0), now - unseen_at)
    return min(max(timedelta(0), now - moved.at), longest)


def with_stale(help_: Help, moved: Moved | None, changed: Changed | None = None) -> Help:
    """Return ``help_`` with alerts that the ticket moved on, on top."""
    news = (*((alert(changed),) if changed else ()), *((_written(moved),) if moved else ()))
    known = {one.rule for one in help_.alerts if one.kind is AlertKind.STALE}
    fresh = tuple(one for one in news if one.rule not in known)
    return replace(help_, alerts=(*fresh, *help_.alerts)) if fresh else help_


def _written(moved: Moved) -> Alert:
    if moved.by_colleague:
        title = tr("{name} has answered meanwhile", name=moved.name)
        quote = tr("A colleague's public reply is newer than these suggestions.")
        rule = "colleague-answered"
    else:
        title = tr("{name} has written meanwhile", name=moved.name or tr("The customer"))
        quote = tr("A message is newer than these suggestions.")
        rule = "customer-wrote"
    advice = tr("Look at the ticket before you send anything.")
    return Alert(AlertKind.STALE, title, advice, (Evidence("", quote),), rule=rule)
