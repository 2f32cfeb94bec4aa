"""Who may send when: the meter that every request of an account passes, and how its word is waited for."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol, TypeVar

from assist.domain import HelpdeskKind
from assist.errors import NotAllowed, Retryable, UnexpectedReply, Unreachable
from assist.ports import Clock, Quota
from integrations.http import Response
from integrations.ratelimit import quota_in, raise_for_passing_fault, used_in, wait_sentence
from integrations.retry import RetryPolicy, Sleep, Throttled
from integrations.site import VENDORS
from integrations.window import (
    FLOORS,
    MOST_ENTRIES,
    NO_REQUESTS_HOLD_S,
    WINDOW_S,
    Allowance,
    Ending,
    Entry,
    Lane,
    Moment,
    Purpose,
    Verdict,
    Wish,
    judge,
    merged,
    per_minute,
)

T = TypeVar("T")

DEFAULT_SHARE = 0.10
URGENT_PATIENCE_S = 4.0
"""So long somebody who waits for a ticket waits for room in the window."""
LONGEST_NAP_S = 5.0
"""No longer sleep than this: others may have made room, and the machine may have slept."""

Now = Callable[[], Moment]
Share = Callable[[], float]


class NotYet(Exception):
    """The request may not be sent now. Never leaves `when_allowed`."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("not yet")
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that may be sent, until `Meter.settle` says what became of it."""

    id: int
    wish: Wish
    probing: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request.

    Attributes:
        cost: What the vendor says that it took, in requests; None where it does not say.
        quota: What the answer told of the account's own budget.
        asked_s: What the vendor asked to wait, where it did (`Ending.THROTTLED`).
    """

    ending: Ending
    cost: int | None = None
    quota: Quota | None = None
    asked_s: float | None = None


FAILED = Outcome(Ending.FAILED)
NEVER_SENT = Outcome(Ending.NOT_SENT)


def outcome_of(response: Response, seen_at: datetime) -> Outcome:
    """Return what an answer says about the budget."""
    cost, quota = used_in(response.headers), quota_in(response.headers, seen_at)
    try:
        raise_for_passing_fault(response, "")
    except Throttled as refusal:
        return Outcome(Ending.THROTTLED, cost, quota, refusal.retry_after_s)
    except Retryable:
        return Outcome(Ending.FAILED, cost, quota)
    except UnexpectedReply:
        pass
    return Outcome(Ending.ANSWERED, cost, quota)


class Meter(Protocol):
    """One account's budget of requests."""

    async def take(self, wish: Wish) -> Taken:
        """Take the cost out of the window.

        Raises:
            NotYet: There is no room now, or the vendor said to wait.
            NotAllowed: The account's plan allows no requests.
        """

    def settle(self, taken: Taken, outcome: Outcome) -> None:
        """Say what became of a request. Returns at once and never raises."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one account. ``share`` is asked anew for each request, so a change holds at once.

    ``exempt`` is for the demo helpdesk on this machine: counted, held back by a 429, but not limited.
    """

    kind: HelpdeskKind
    share: Share = lambda: DEFAULT_SHARE
    exempt: bool = False
    window_s: float = WINDOW_S
    policy: RetryPolicy = field(default_factory=RetryPolicy)

    def allowance(self, limit: int | None) -> Allowance:
        """Return what may be sent where the vendor told ``limit``."""
        polled = self.kind is HelpdeskKind.ZENDESK  # Freshdesk does not tell what an agent looks at
        return Allowance(limit, self.share(), FLOORS[self.kind], self.exempt, self.window_s, polled)

    def refuse_without_plan(self, limit: int | None, seen: Moment | None, now: Moment) -> None:
        """Raise `NotAllowed` while the vendor's word holds that the account may send nothing."""
        if limit == 0 and seen is not None and 0 <= seen.age_s(now) < NO_REQUESTS_HOLD_S:
            raise NotAllowed(
                f"This {VENDORS[self.kind]} plan allows other programs no requests (its limit is 0 a minute). "
                "An admin of the account can choose another plan."
            )


def system_now() -> Moment:
    """Return this moment by the machine's clocks. ``time.monotonic`` is the same for all processes of the machine."""
    return Moment(time.time(), time.monotonic())


def now_of(clock: Clock) -> Now:
    """Return moments of a clock that stands in for both, as tests have it."""

    def now() -> Moment:
        seconds = clock.now().timestamp()
        return Moment(seconds, seconds)

    return now


class LocalMeter:
    """The budget as this process alone knows it. What the vendor asks to wait is kept by `ratelimit.Budget`."""

    def __init__(self, rules: Rules, now: Now = system_now) -> None:
        self._rules = rules
        self._now = now
        self._ids = count(1)
        self._open: dict[Lane, dict[int, Entry]] = {lane: {} for lane in Lane}
        self._answered: dict[Lane, list[Entry]] = {lane: [] for lane in Lane}
        self._limits: dict[Lane, tuple[int, Moment]] = {}

    async def take(self, wish: Wish) -> Taken:
        now = self._now()
        limit, seen = self._limits.get(wish.lane) or self._limits.get(Lane.TICKETS) or (None, None)
        self._rules.refuse_without_plan(limit, seen, now)
        verdict = judge(wish, self._in_window(wish.lane, now), self._rules.allowance(limit), None, now)
        if verdict.wait_s > 0:
            raise NotYet(verdict)
        return self.note(wish)

    def note(self, wish: Wish) -> Taken:
        """Count a request that somebody else allowed."""
        taken = Taken(next(self._ids), wish)
        if not self._rules.exempt:
            self._open[wish.lane][taken.id] = Entry(self._now(), wish.cost, wish.urgent, open=True)
        return taken

    def settle(self, taken: Taken, outcome: Outcome) -> None:
        now, wish = self._now(), taken.wish
        was_open = self._open[wish.lane].pop(taken.id, None) is not None
        if was_open and outcome.ending is not Ending.NOT_SENT:
            cost = wish.cost if outcome.cost is None else outcome.cost
            self._answered[wish.lane].append(Entry(now, cost, wish.urgent, open=False))
        if outcome.quota is not None and outcome.quota.limit is not None:
            self._limits[wish.lane] = (per_minute(self._rules.kind, outcome.quota.limit), now)

    def _in_window(self, lane: Lane, now: Moment) -> list[Entry]:
        window_s = self._rules.window_s
        answered = [entry for entry in self._answered[lane] if entry.left_s(now, window_s)]
        self._answered[lane] = merged(answered) if len(answered) > MOST_ENTRIES else answered
        self._open[lane] = {id_: entry for id_, entry in self._open[lane].items() if entry.left_s(now, window_s)}
        return [*self._answered[lane], *self._open[lane].values()]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request waits. ``longest_hold_s`` is for a wait that the vendor asked for."""

    vendor: str
    sleep: Sleep
    longest_hold_s: float

    def check(self, verdict: Verdict, wish: Wish, waited_s: float) -> None:
        """Raise `Unreachable` for whoever cannot wait for ``verdict`` after ``waited_s``."""
        if verdict.held:
            if wish.optional:
                raise Unreachable(f"{self.vendor} asks to slow down")
            if waited_s + verdict.wait_s > self.longest_hold_s:
                raise Unreachable(wait_sentence(self.vendor, verdict.wait_s))
        elif wish.optional or (wish.urgent and waited_s + verdict.wait_s > URGENT_PATIENCE_S):
            raise Unreachable(used_up_sentence(self.vendor, verdict.wait_s))


async def when_allowed(attempt: Callable[[], Awaitable[T]], wish: Wish, patience: Patience) -> T:
    """Make ``attempt``, which takes from a meter, as soon as the meter allows it.

    Raises:
        Unreachable: That would take longer than ``wish`` can wait.
    """
    waited_s = {True: 0.0, False: 0.0}
    while True:
        try:
            return await attempt()
        except NotYet as refusal:
            verdict = refusal.verdict
        patience.check(verdict, wish, waited_s[verdict.held])
        nap_s = min(verdict.wait_s, LONGEST_NAP_S)
        waited_s[verdict.held] += nap_s
        await patience.sleep(nap_s)


def used_up_sentence(vendor: str, wait_s: float) -> str:
    """Say to an agent that our share of the account's requests is used, and when it goes on."""
    seconds = max(1, round(wait_s))
    return (
        f"Kibitz has used its share of the account's requests for this minute. It asks {vendor} again in {seconds} "
        f"second{'s' if seconds > 1 else ''}."
    )


_purpose: ContextVar[Purpose | None] = ContextVar("purpose", default=None)


@contextmanager
def spent_on(purpose: Purpose) -> Iterator[None]:
    """Count what is sent inside, child tasks included, as spent on ``purpose``."""
    token = _purpose.set(purpose)
    try:
        yield
    finally:
        _purpose.reset(token)


def purpose_or(usual: Purpose) -> Purpose:
    """Return what `spent_on` says, else ``usual``."""
    return _purpose.get() or usual
