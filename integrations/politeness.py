"""How often one desktop may ask, so that the whole team's budget lasts. Pure functions of the last answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from assist.ports import Quota
from integrations.window import SMALLEST_PLAN

LOW_SHARE = 0.10
SLOWEST_FACTOR = 12.0
COMFORTABLE_SHARE = 0.5
LONGEST_PAUSE_S = 10.0
BUDGET_PERIOD = timedelta(minutes=1)
POLLS_PART = 4
LONGEST_POLL_S = 60.0


def poll_delay_s(quota: Quota | None, base_s: float, *, low_share: float = LOW_SHARE) -> float:
    """Return the wait before the next poll.

    ``base_s`` while at least ``low_share`` of the account's budget is left or nothing is known of it; below
    that it grows as the rest shrinks, to at most twelve times ``base_s``.
    """
    share = remaining_share(quota)
    if share is None or share >= low_share:
        return base_s
    return base_s * min(SLOWEST_FACTOR, low_share / max(share, low_share / SLOWEST_FACTOR))


def least_delay_s(quota: Quota | None, share: float) -> float:
    """Return the wait that keeps polling within a quarter of what may be sent a minute.

    ``share`` in (0, 1] is our part of the account's limit; the smallest plan's where none is known. Reading and
    opening tickets need the rest.
    """
    limit = SMALLEST_PLAN if quota is None or quota.limit is None else quota.limit
    return min(LONGEST_POLL_S, BUDGET_PERIOD.total_seconds() * POLLS_PART / max(1.0, limit * share))


def pause_s(quota: Quota | None, now: datetime) -> float:
    """Return the wait between two requests of a background sync: 0 above half of the budget, 10 s at its end.

    What was seen more than a minute ago is of another minute's budget, and asks for no wait.
    """
    share = remaining_share(quota)
    if quota is None or share is None or now - quota.seen_at > BUDGET_PERIOD:
        return 0.0
    return LONGEST_PAUSE_S * max(0.0, 1.0 - share / COMFORTABLE_SHARE)


def remaining_share(quota: Quota | None) -> float | None:
    """Return what is left of the budget in [0, 1], or None where the vendor did not say both numbers.

    A limit of 0 (a plan without API calls) leaves nothing.
    """
    if quota is None or quota.limit is None or quota.remaining is None:
        return None
    return min(1.0, quota.remaining / quota.limit) if quota.limit > 0 else 0.0
