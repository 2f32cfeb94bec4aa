"""What happened on a ticket since its help was made (promise N6). Times are the helpdesk's own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assist.domain import Agent, Alert, AlertKind, Evidence, Help, Message, OpenTicket, Role
from assist.errors import HelpdeskError
from desktop.desk import Seat
from desktop.i18n import tr

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


async def look(made_from: OpenTicket, seat: Seat, *, told: Collection[int]) -> Moved | Unknown | None:
    """Ask the helpdesk once what is new since ``made_from`` was read; takes at most `CHECK_S`."""
    newest = max((message.created_at for message in made_from.messages), default=made_from.ticket.created_at)
    try:
        async with asyncio.timeout(CHECK_S):
            messages = await seat.helpdesk.replies_since(made_from.ticket.ref, newest - COARSENESS)
    except (HelpdeskError, TimeoutError):
        return Unknown()
    return since(made_from, messages, seat.agent, told=told)


def age(moved: Moved, *, now: datetime, unseen_at: datetime | None) -> timedelta:
    """Return how long ago it was. A clock that differs from the helpdesk's cannot make it negative, nor longer than
    since ``unseen_at``, when it was not there yet.
    """
    longest = timedelta.max if unseen_at is None else max(timedelta(0), now - unseen_at)
    return min(max(timedelta(0), now - moved.at), longest)


def with_stale(help_: Help, moved: Moved | None) -> Help:
    """Return ``help_`` with an alert that the ticket moved on, on top."""
    if moved is None or any(alert.kind is AlertKind.STALE for alert in help_.alerts):
        return help_
    if moved.by_colleague:
        title = tr("{name} has answered meanwhile", name=moved.name)
        quote = tr("A colleague's public reply is newer than these suggestions.")
        rule = "colleague-answered"
    else:
        title = tr("{name} has written meanwhile", name=moved.name or tr("The customer"))
        quote = tr("A message is newer than these suggestions.")
        rule = "customer-wrote"
    alert = Alert(
        AlertKind.STALE, title, tr("Look at the ticket before you send anything."), (Evidence("", quote),), rule=rule
    )
    return replace(help_, alerts=(alert, *help_.alerts))
