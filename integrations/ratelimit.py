"""What a helpdesk says about its rate limit, and one gate per account that obeys it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from assist.errors import HelpdeskError, Retryable, UnexpectedReply, Unreachable
from assist.ports import Clock, Quota
from integrations.http import Response
from integrations.retry import RetryPolicy, Sleep, Throttled
from integrations.window import LONGEST_HOLD_S

T = TypeVar("T")

# Support answers with both spellings today, recordings before 2024 with the third; Freshdesk has its own.
_LIMIT = ("x-rate-limit", "ratelimit-limit", "rate-limit", "x-ratelimit-total", "x-ratelimit-limit")
_REMAINING = (
    "x-rate-limit-remaining",
    "ratelimit-remaining",
    "rate-limit-remaining",
    "x-ratelimit-remaining",
)
_USED = ("x-ratelimit-used-currentrequest",)
_LARGEST_COST = 1_000
_SECONDS = re.compile(r"\s*(\d+)(?:\.\d*)?\s*", re.ASCII)

PARALLEL_REQUESTS = 4


def quota_in(headers: Mapping[str, str], seen_at: datetime) -> Quota | None:
    """Read the account's budget from lower-case response headers, or None where none is told."""
    limit, remaining = _first_number(headers, _LIMIT), _first_number(headers, _REMAINING)
    return None if limit is None and remaining is None else Quota(limit, remaining, seen_at)


def used_in(headers: Mapping[str, str]) -> int | None:
    """Read what the vendor took for this request, in requests; None where it is not told or cannot be true."""
    used = _first_number(headers, _USED)
    return used if used is not None and used <= _LARGEST_COST else None


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After: seconds, or a date counted from the answer's own Date header.

    None where it is missing, negative, or cannot be read; 0 where the date has passed.
    """
    value = headers.get("retry-after", "")
    if found := _SECONDS.fullmatch(value):
        return float(found[1])
    until, now = _http_date(value), _http_date(headers.get("date", ""))
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())


def raise_for_passing_fault(response: Response, vendor: str) -> None:
    """Raise for what every vendor means the same way by: slow down, a fault of the server, a redirect.

    Raises:
        Throttled: 429, or 503 with Retry-After.
        Retryable: 408 and all other 5xx.
        UnexpectedReply: 3xx, which is never followed.
    """
    status, wait_s = response.status, retry_after_s(response.headers)
    if status == 429 or (status == 503 and "retry-after" in response.headers):
        raise Throttled(f"{vendor} asks to slow down ({status})", retry_after_s=wait_s)
    if status == 408 or 500 <= status <= 599:
        raise Retryable(f"{vendor} has a fault ({status})", retry_after_s=wait_s)
    if 300 <= status <= 399:
        raise UnexpectedReply(f"{vendor} sends to another address ({status}). Is the account's name right?")


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _first_number(headers: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    for name in names:
        if found := _SECONDS.fullmatch(headers.get(name, "")):
            return int(found[1][:18])
    return None


@dataclass(eq=False, slots=True)
class _Hold:
    """The account must not send before ``until``; then one call probes and the others await its ``probe``."""

    since: datetime
    until: datetime
    count: int
    probe: asyncio.Future[Throttled | None] | None = None

    def remaining_s(self, now: datetime) -> float:
        if now < self.since:  # the clock was set back: the wait cannot be measured any more
            return 0.0
        return max(0.0, (self.until - now).total_seconds())


class Budget:
    """The gate that every request of one account passes.

    After a 429 nothing is sent until the wait is over; then exactly one call probes. Its success opens the
    gate; another 429 is shared by all who waited, so that ten waiting calls do not mean ten retries.
    """

    def __init__(self, vendor: str, *, sleep: Sleep, clock: Clock, policy: RetryPolicy, rng: random.Random) -> None:
        self.quota: Quota | None = None
        self._vendor = vendor
        self._sleep = sleep
        self._clock = clock
        self._policy = policy
        self._rng = rng
        self._slots = asyncio.Semaphore(PARALLEL_REQUESTS)
        self._hold: _Hold | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer said of the budget; one that says nothing changes nothing."""
        self.quota = quota_in(headers, self._clock.now()) or self.quota

    async def run(self, attempt: Callable[[], Awaitable[T]], *, may_wait: bool = True) -> T:
        """Make one attempt when the account may send; where ``may_wait`` is False, now or not at all.

        Raises:
            Throttled: This attempt, or the probe it waited for, was told to slow down.
            Unreachable: The wait that the server asks for is longer than anybody's patience.
        """
        async with self._turn(may_wait=may_wait) as probing:
            try:
                result = await attempt()
            except Throttled as error:
                self._close(error, probing)
                raise
            except Retryable:
                self._finish(probing, lifted=False)
                raise
            except HelpdeskError:
                self._finish(probing, lifted=True)
                raise
            except BaseException:
                self._finish(probing, lifted=False)
                raise
            self._finish(probing, lifted=True)
            return result

    @asynccontextmanager
    async def _turn(self, *, may_wait: bool) -> AsyncIterator[_Hold | None]:
        """Yield when the account may send: the hold to probe (it needs no slot), or None with a slot taken."""
        while True:
            hold = await self._admit(may_wait=may_wait)
            if hold is not None:
                yield hold
                return
            async with self._slots:
                if self._hold is None:
                    yield None
                    return

    async def _admit(self, *, may_wait: bool) -> _Hold | None:
        """Wait for the gate. Returns the hold that the caller must probe, or None when the gate is open."""
        while (hold := self._hold) is not None:
            if not may_wait and hold.remaining_s(self._clock.now()) > 0:
                raise Unreachable(f"{self._vendor} asks to slow down")
            if hold.probe is None:
                return await self._become_probe(hold)
            error = await asyncio.shield(hold.probe)
            if error is not None:
                raise Throttled(str(error), retry_after_s=error.retry_after_s)
        return None

    async def _become_probe(self, hold: _Hold) -> _Hold:
        remaining_s = hold.remaining_s(self._clock.now())
        if remaining_s > self._policy.longest_wait_s:
            raise Unreachable(wait_sentence(self._vendor, remaining_s))
        hold.probe = asyncio.get_running_loop().create_future()
        try:
            await self._sleep(remaining_s)
        except BaseException:
            self._finish(hold, lifted=False)
            raise
        return hold

    def _close(self, error: Throttled, probing: _Hold | None) -> None:
        hold, now = self._hold, self._clock.now()
        count = hold.count + 1 if hold is not None and hold is probing else 1
        wait_s = min(self._policy.throttle_s(error, count, self._rng), LONGEST_HOLD_S)
        until = now + timedelta(seconds=wait_s)
        if hold is not None and hold is not probing:  # an answer that was on its way when the gate closed
            hold.until = max(hold.until, until)
            return
        self._hold = _Hold(since=now, until=until, count=count)
        if probing is not None and probing.probe is not None:
            probing.probe.set_result(error)

    def _finish(self, probing: _Hold | None, *, lifted: bool) -> None:
        if probing is None or probing.probe is None:
            return
        probe, probing.probe = probing.probe, None
        if lifted and self._hold is probing:
            self._hold = None
        probe.set_result(None)


def wait_sentence(vendor: str, seconds: float) -> str:
    """Say to an agent how long a vendor asks to wait."""
    minutes = max(1, round(min(seconds, 86_400.0) / 60))
    return f"{vendor} asks to wait {minutes} minute{'s' if minutes > 1 else ''} before the next request"
