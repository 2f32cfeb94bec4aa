"""When to try again, as data. Waiting is handed in; authentication is never retried.

Exponential back-off with full jitter above a floor of half the step, after
https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from assist.errors import Retryable

Sleep = Callable[[float], Awaitable[None]]


class Throttled(Retryable):
    """The server asked this account to slow down (429, or 503 with Retry-After).

    Everybody who uses the account waits for it, in `integrations.ratelimit.Budget`; a retry loop alone
    would ask again in parallel.
    """


class NotSent(Retryable):
    """No connection could be made, so the request never left this machine."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient a client is.

    Attributes:
        attempts: Tries in all, the first one included.
        first_delay_s: The step before the second try; it doubles each time.
        ceiling_s: No step is longer than this.
        throttle_floor_s: The least wait after a 429 that did not say how long.
        longest_wait_s: A server that asks for more than this is treated as unreachable at once.
    """

    attempts: int = 4
    first_delay_s: float = 0.5
    ceiling_s: float = 30.0
    throttle_floor_s: float = 10.0
    longest_wait_s: float = 120.0

    def backoff_s(self, attempt: int, rng: random.Random) -> float:
        """Return the wait after try number ``attempt`` (from 1): between half of the step and the step."""
        step_s = min(self.ceiling_s, self.first_delay_s * 2.0 ** min(attempt - 1, 30))
        return step_s * rng.uniform(0.5, 1.0)

    def least_throttle_s(self, asked_s: float | None, attempt: int) -> float:
        """Return the shortest that `throttle_s` can be, for those who wait for somebody else's refusal."""
        backoff_s = min(self.ceiling_s, self.first_delay_s * 2.0 ** min(attempt - 1, 30)) / 2
        return self.throttle_floor_s + backoff_s if asked_s is None else max(asked_s, backoff_s)

    def throttle_s(self, error: Retryable, attempt: int, rng: random.Random) -> float:
        """Return the wait after a throttled try: what the server asked, and never less than the back-off."""
        backoff_s = self.backoff_s(attempt, rng)
        if error.retry_after_s is None:
            return self.throttle_floor_s + backoff_s
        return max(error.retry_after_s, backoff_s)


def retrying(policy: RetryPolicy, sleep: Sleep, rng: random.Random) -> AsyncRetrying:
    """Return tenacity's loop for one call. It re-raises the last `Retryable` when patience ends."""

    def wait_s(state: RetryCallState) -> float:
        error = _error_of(state)
        if isinstance(error, Throttled):
            return 0.0  # the account's Budget does this waiting, once for everybody
        if error.retry_after_s is not None:
            return max(error.retry_after_s, policy.backoff_s(state.attempt_number, rng))
        return policy.backoff_s(state.attempt_number, rng)

    def stop(state: RetryCallState) -> bool:
        too_long = (_error_of(state).retry_after_s or 0.0) > policy.longest_wait_s
        return too_long or state.attempt_number >= policy.attempts

    return AsyncRetrying(sleep=sleep, wait=wait_s, stop=stop, retry=retry_if_exception_type(Retryable), reraise=True)


def _error_of(state: RetryCallState) -> Retryable:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, Retryable) else Retryable("")
