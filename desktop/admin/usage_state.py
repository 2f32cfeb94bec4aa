"""What the page about requests shows: how much of each account's budget was used, and for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from assist.domain import AccountId, HelpdeskKind

BARS = 60
"""The last hour, minute by minute."""


class Spent(StrEnum):
    """What requests were for."""

    OPENING = "opening"
    WATCHING = "watching"
    SYNCING = "syncing"
    ACTING = "acting"
    SIGNING_IN = "signing_in"


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget of an account, in requests a minute.

    Attributes:
        ours: How many Kibitz may send.
        minute: How many it sent in the last minute.
        limit: What the vendor allows the whole account, or None while it has not said.
        remaining: What the account had left, by all who use it, ``seen_ago`` ago; None where it did not say.
        is_least: ``ours`` is more than the share, because less could not open a ticket.
    """

    ours: int
    minute: int
    limit: int | None = None
    remaining: int | None = None
    seen_ago: timedelta | None = None
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """What one account was asked, in requests as the vendor counts them.

    Attributes:
        budget: For tickets and all that is not the help center.
        help_center: Zendesk's help center has a budget of its own; None where it was not asked.
        bars: Minute by minute over the last hour, `BARS` of them, the present minute last.
        spent: The last day, by what it was for.
        waits: How often in the last day the vendor asked to wait.
        is_demo: Nobody pays for it, so it is counted and not limited.
    """

    account: AccountId
    kind: HelpdeskKind
    name: str
    budget: Budget
    help_center: Budget | None = None
    hour: int = 0
    day: int = 0
    week: int = 0
    bars: tuple[int, ...] = (0,) * BARS
    spent: Mapping[Spent, int] = field(default_factory=dict)
    waits: int = 0
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class UsageState:
    """``share`` is the admin's choice in [0.01, 1]; ``problem`` says why nothing can be shown, usually empty."""

    share: float
    accounts: tuple[AccountUsage, ...] = ()
    problem: str = ""
