"""What was used, out of the ledger: counted by minutes for a day, then by hours for a week."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assist.domain import AccountId
from integrations.window import WINDOW_S, Entry, Lane, Moment, Purpose, Wish

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
WEEK_S = 7 * DAY_S
BARS = 60


@dataclass(frozen=True, slots=True)
class LaneUsage:
    """One budget of an account. ``limit`` is of a minute and None while the vendor has not said it.

    ``minute`` is what was used in the last 60 seconds; ``remaining`` is what the account had left at ``seen_at``.
    """

    lane: Lane
    minute: int
    limit: int | None = None
    remaining: int | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What one account was asked, in requests as the vendor counts them.

    Attributes:
        bars: Minute by minute over the last hour, `BARS` of them, the present one last.
        purposes: The last day, by what it was for.
        waits: How often in the last day the vendor asked to wait.
    """

    account: AccountId
    lanes: tuple[LaneUsage, ...]
    hour: int
    day: int
    week: int
    bars: tuple[int, ...]
    purposes: Mapping[Purpose, int] = field(default_factory=dict)
    waits: int = 0


def count_request(
    db: sqlite3.Connection, account: AccountId, wish: Wish, *, cost: int, waits: int, wall_s: float
) -> None:
    """Add one request to its minute."""
    row = (account, _floor(wall_s, MINUTE_S), wish.purpose, wish.lane, cost, waits)
    db.execute(
        "INSERT INTO minutes VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET cost = cost + excluded.cost, waits = waits + excluded.waits",
        row,
    )


def fold_old(db: sqlite3.Connection, wall_s: float) -> None:
    """Turn minutes that are a day old into hours, and forget hours that are a week old.

    What lies ahead was counted by a clock that has been set back since, and would never be old.
    """
    day_ago = _floor(wall_s, MINUTE_S) - DAY_S
    db.execute(
        "INSERT INTO hours SELECT account, at_s / :hour * :hour AS of, purpose, lane, sum(cost), sum(waits)"
        " FROM minutes WHERE at_s < :old GROUP BY account, of, purpose, lane ON CONFLICT DO UPDATE"
        " SET cost = cost + excluded.cost, waits = waits + excluded.waits",
        {"hour": HOUR_S, "old": day_ago},
    )
    db.execute("DELETE FROM minutes WHERE at_s < ?", (day_ago,))
    db.execute("DELETE FROM hours WHERE at_s < ?", (_floor(wall_s, HOUR_S) - WEEK_S,))
    db.execute("DELETE FROM minutes WHERE at_s > ?", (wall_s + HOUR_S,))
    db.execute("DELETE FROM hours WHERE at_s > ?", (wall_s + HOUR_S,))


def read_usage(db: sqlite3.Connection, now: Moment) -> tuple[Usage, ...]:
    """Return what was used by each account that was asked something within a week."""
    names = db.execute("SELECT account FROM minutes UNION SELECT account FROM hours ORDER BY 1")
    return tuple(_usage_of(db, AccountId(name), now) for (name,) in names.fetchall())


def _usage_of(db: sqlite3.Connection, account: AccountId, now: Moment) -> Usage:
    minute = _floor(now.wall_s, MINUTE_S)
    rows = db.execute("SELECT at_s, purpose, cost, waits FROM minutes WHERE account = ?", (account,)).fetchall()
    bars, purposes = [0] * BARS, dict.fromkeys(Purpose, 0)
    for at_s, purpose, cost, _ in rows:
        index = BARS - 1 - (minute - at_s) // MINUTE_S
        if 0 <= index < BARS:
            bars[index] += cost
        if purpose in purposes:
            purposes[Purpose(purpose)] += cost
    day = sum(row[2] for row in rows)
    older = db.execute("SELECT coalesce(sum(cost), 0) FROM hours WHERE account = ?", (account,)).fetchone()[0]
    return Usage(
        account=account,
        lanes=_lanes_of(db, account, now),
        hour=sum(bars),
        day=day,
        week=day + older,
        bars=tuple(bars),
        purposes={purpose: cost for purpose, cost in purposes.items() if cost},
        waits=sum(row[3] for row in rows),
    )


def _lanes_of(db: sqlite3.Connection, account: AccountId, now: Moment) -> tuple[LaneUsage, ...]:
    """Return the budgets that were used; the tickets' one is always there, and first."""
    used = dict.fromkeys(Lane, 0)
    for lane, wall_s, steady_s, cost, is_open in db.execute(
        "SELECT lane, wall_s, steady_s, cost, open FROM takes WHERE account = ?", (account,)
    ):
        if Entry(Moment(wall_s, steady_s), cost, urgent=True, open=bool(is_open)).left_s(now, WINDOW_S):
            used[Lane(lane)] += cost
    this_minute = (account, _floor(now.wall_s, MINUTE_S))
    # What is not limited (the demo) is not in the window, only counted.
    for lane, cost in db.execute(
        "SELECT lane, sum(cost) FROM minutes WHERE account = ? AND at_s = ? GROUP BY lane", this_minute
    ):
        used[Lane(lane)] = max(used[Lane(lane)], cost)
    told = {
        row[0]: LaneUsage(Lane(row[0]), used[Lane(row[0])], row[1], row[2], datetime.fromtimestamp(row[3], UTC))
        for row in db.execute("SELECT lane, per_minute, remaining, wall_s FROM limits WHERE account = ?", (account,))
    }
    known = (told.get(lane) or LaneUsage(lane, used[lane]) for lane in Lane)
    return tuple(one for one in known if one.lane is Lane.TICKETS or one.minute or one.limit is not None)


def _floor(wall_s: float, step_s: int) -> int:
    return int(wall_s) // step_s * step_s
