"""Time and meters for tests of the budget: clocks that only tests move, and what a window held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from assist.domain import AccountId, HelpdeskKind
from assist.ports import Quota
from integrations.ledger import FILE_NAME, LedgerFile
from integrations.metering import NotYet, Outcome, Rules, Taken
from integrations.window import Ending, Moment, Purpose, Wish

T = TypeVar("T")

ACCOUNT = AccountId("zendesk:acme")
URGENT = Wish(1, urgent=True, purpose=Purpose.OPENING)
BACKGROUND = Wish(1, urgent=False, purpose=Purpose.SYNCING)
START_S = 1_800_000_000.0


@dataclass
class TwoClocks:
    """What `integrations.window.Moment` is made of; a test moves either."""

    wall_s: float = START_S
    steady_s: float = 50_000.0

    def __call__(self) -> Moment:
        return Moment(self.wall_s, self.steady_s)

    def pass_(self, seconds: float) -> None:
        self.wall_s += seconds
        self.steady_s += seconds


class ScaledTime:
    """Real time, faster: what takes a minute by this clock takes two seconds by ours.

    Several connections and the server may go by it, so that waits which the server measures are real waits.
    """

    def __init__(self, times: float = 30.0) -> None:
        self._times = times
        self._began_s = time.time()
        self._steady_s = time.monotonic()

    @property
    def at_s(self) -> float:
        return self._began_s + (time.monotonic() - self._steady_s) * self._times

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, UTC)

    def moment(self) -> Moment:
        return Moment(self.at_s, self.at_s)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)


@dataclass
class Desktop:
    """One process as far as the ledger can tell: it has the file open for itself."""

    file: LedgerFile
    rules: Rules
    account: AccountId = ACCOUNT

    def take(self, wish: Wish = URGENT) -> Taken | float:
        """Return what was taken, or for how long to wait."""
        try:
            return self.file.take(self.account, self.rules, wish)
        except NotYet as refusal:
            return refusal.verdict.wait_s

    def settle(self, taken: Taken, ending: Ending = Ending.ANSWERED, **more: object) -> None:
        self.file.settle(self.account, self.rules, taken, Outcome(ending, **more))  # type: ignore[arg-type]

    def send(self, wish: Wish = URGENT, ending: Ending = Ending.ANSWERED, **more: object) -> Taken:
        """Take and settle at once; there has to be room."""
        taken = self.take(wish)
        assert isinstance(taken, Taken)
        self.settle(taken, ending, **more)
        return taken


def desktops(
    folder: Path,
    clocks: TwoClocks,
    count: int = 2,
    *,
    kind: HelpdeskKind = HelpdeskKind.ZENDESK,
    share: Callable[[], float] = lambda: 0.1,
    account: AccountId = ACCOUNT,
) -> list[Desktop]:
    """Return as many desktops as would be processes of one machine."""
    rules = Rules(kind, share)
    return [Desktop(LedgerFile(folder / FILE_NAME, clocks, busy_s=0.05), rules, account) for _ in range(count)]


def told(limit: int | None, remaining: int | None = None) -> Quota:
    return Quota(limit, remaining, datetime.fromtimestamp(START_S, UTC))


def most_in_a_window(times_s: Sequence[float], window_s: float, costs: Sequence[int] | None = None) -> int:
    """Return the most that any window of ``window_s`` held, whenever it began."""
    seen = sorted(zip(times_s, costs or [1] * len(times_s), strict=True))
    most = used = first = 0
    for at_s, cost in seen:
        used += cost
        while seen[first][0] <= at_s - window_s:
            used -= seen[first][1]
            first += 1
        most = max(most, used)
    return most
