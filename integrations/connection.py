"""One account's way out: credentials, the shared budget, retries. Every client calls through it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Protocol, TypeVar

from assist.errors import (
    HelpdeskError,
    NotAllowed,
    NotThere,
    Retryable,
    SignInNeeded,
    Unanswered,
    UnexpectedReply,
    Unreachable,
)
from assist.ports import EVERYTHING, Clock
from integrations.http import Request, Response, Sender
from integrations.politeness import pause_s
from integrations.ratelimit import Budget, wait_sentence
from integrations.retry import NotSent, RetryPolicy, Sleep, Throttled, retrying
from integrations.site import Site

log = logging.getLogger(__name__)

T = TypeVar("T")
D = TypeVar("D")


class SystemClock:
    """The machine's clock, as `assist.ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a connection waits: handed in, so that tests take no time."""

    sleep: Sleep = asyncio.sleep
    clock: Clock = field(default_factory=SystemClock)
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    rng: random.Random = field(default_factory=random.Random)


class Authorizer(Protocol):
    """Knows the Authorization header of one account, and how to get another one."""

    revocable: bool
    """Whether the credentials are of Kibitz's own making, so that signing out may end them at the helpdesk."""

    async def header(self) -> str:
        """Return the header to use now; one that is known to have expired is renewed first.

        Raises:
            SignInNeeded: There is none to be had.
            NotSent: It could not be renewed for now, so the request that needs it cannot leave.
        """

    async def renewed(self, refused: str) -> str | None:
        """Return another header after ``refused`` was not accepted, or None where there is none. Raises as `header`."""

    async def aclose(self) -> None:
        """Let a renewal that has begun come to its end: its answer is lost otherwise."""


class FixedAuthorizer:
    """Credentials that stay as they are: keys and tokens that somebody typed."""

    revocable = False

    def __init__(self, header: str) -> None:
        self._header = header

    async def header(self) -> str:
        return self._header

    async def renewed(self, refused: str) -> str | None:
        return None

    async def aclose(self) -> None:
        """Nothing is under way."""


class Connection:
    """Sends requests of one account. What was refused is renewed once, where that can be; then it is the end:
    nothing more is sent, except to check the credentials.

    That keeps a wrong key from being tried hundreds of times by a sync, which locks accounts.
    """

    def __init__(self, site: Site, authorizer: Authorizer, sender: Sender, waiting: Waiting) -> None:
        self.site = site
        self.clock = waiting.clock
        self.scope = EVERYTHING
        self.authorizer = authorizer
        self._sender = sender
        self._waiting = waiting
        self._signed_out: str | None = None
        self.budget = Budget(
            site.vendor, sleep=waiting.sleep, clock=waiting.clock, policy=waiting.policy, rng=waiting.rng
        )

    async def call(self, request: Request, read: Callable[[Response], T], *, checks_credentials: bool = False) -> T:
        """Send until it is answered or patience ends, and return what ``read`` makes of the answer.

        Raises:
            SignInNeeded: The credentials were refused, now or before.
            Unreachable: No answer in the time that is allowed.
            HelpdeskError: Whatever else ``read`` finds.
        """
        result = await self._call(request, read, self._waiting.policy, checks_credentials=checks_credentials)
        if checks_credentials:
            self._signed_out = None
        return result

    async def glance(self, request: Request, read: Callable[[Response], T]) -> T:
        """As `call`, for what a ticket can be shown without: one retry, and no waiting while throttled.

        Freshdesk allows small plans 20 lists of tickets a minute; an open ticket must not wait for that.
        """
        return await self._call(request, read, replace(self._waiting.policy, attempts=2), may_wait=False)

    async def change(self, request: Request, read: Callable[[Response], T]) -> T:
        """As `call`, for what changes something: sent once, now or not at all.

        Raises:
            Unanswered: It left, and nothing came back that says what became of it.
            HelpdeskError: Anything else: it was not carried out.
        """
        seen: list[int] = []

        def reading(response: Response) -> T:
            seen.append(response.status)
            try:
                return read(response)
            except UnexpectedReply as error:
                if 200 <= response.status <= 299:
                    raise Unanswered(str(error)) from error
                raise

        once = replace(self._waiting.policy, attempts=1)
        try:
            return await self._call(request, reading, once, may_wait=False)
        except Unreachable as error:
            fault = error.__cause__
            told_to_wait = isinstance(fault, Throttled) and seen[-1:] in ([], [401], [429])
            if isinstance(fault, Retryable) and not isinstance(fault, NotSent) and not told_to_wait:
                raise Unanswered(str(error)) from fault
            raise

    async def _call(
        self,
        request: Request,
        read: Callable[[Response], T],
        policy: RetryPolicy,
        *,
        may_wait: bool = True,
        checks_credentials: bool = False,
    ) -> T:
        async def attempt() -> T:
            if self._signed_out is not None and not checks_credentials:
                raise SignInNeeded(self._signed_out)
            return await self.budget.run(lambda: self._once(request, read), may_wait=may_wait)

        try:
            result: T = await retrying(policy, self._waiting.sleep, self._waiting.rng)(attempt)
        except Retryable as error:
            raise Unreachable(self._gave_up(error)) from error
        return result

    async def background(self, request: Request, read: Callable[[Response], T]) -> T:
        """As `call`, for work nobody waits for: slows down before the account's budget gets low."""
        if (wait_s := pause_s(self.budget.quota, self.clock.now())) > 0:
            await self._waiting.sleep(wait_s)
        return await self.call(request, read)

    async def aclose(self) -> None:
        await self.authorizer.aclose()
        await self._sender.aclose()

    async def _once(self, request: Request, read: Callable[[Response], T]) -> T:
        """Send as whoever is signed in; when that is refused, once more with renewed credentials."""
        try:
            header = await _before_sending(self.authorizer.header())
            try:
                return await self._signed(request, read, header)
            except SignInNeeded:
                fresh = await _before_sending(self.authorizer.renewed(header))
                if fresh is None:
                    raise
            return await self._signed(request, read, fresh)
        except SignInNeeded as error:
            self._signed_out = str(error)
            raise

    async def _signed(self, request: Request, read: Callable[[Response], T], header: str) -> T:
        signed = replace(request, headers={**request.headers, "authorization": header})
        response = await self._sender.send(signed)
        if "date" not in response.headers:  # Retry-After may be a date, which is counted from this
            now = format_datetime(self.clock.now(), usegmt=True)
            response = replace(response, headers={**response.headers, "date": now})
        if "/help_center/" not in request.url:  # the help center has a budget of its own
            self.budget.note(response.headers)
        return read(response)

    def _gave_up(self, error: Retryable) -> str:
        if (error.retry_after_s or 0.0) > self._waiting.policy.longest_wait_s:
            return wait_sentence(self.site.vendor, error.retry_after_s or 0.0)
        return f"{self.site.vendor} cannot be reached: {error}"


async def _before_sending(work: Coroutine[Any, Any, T]) -> T:
    """Let what fails before a request leaves be told from what fails after."""
    try:
        return await work
    except Throttled:
        raise
    except Retryable as error:
        raise NotSent(str(error), retry_after_s=error.retry_after_s) from error


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines side by side and return their results in order; the first error ends all of them.

    Of several errors the one that asks for signing in goes first: it explains the others.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(item) for item in work]
    except BaseExceptionGroup as failed:
        raise _most_telling(failed.exceptions) from None
    return [task.result() for task in tasks]


async def both(first: Coroutine[Any, Any, T], second: Coroutine[Any, Any, D]) -> tuple[T, D]:
    """Run two coroutines side by side; errors as in `together`."""
    try:
        async with asyncio.TaskGroup() as group:
            one, other = group.create_task(first), group.create_task(second)
    except BaseExceptionGroup as failed:
        raise _most_telling(failed.exceptions) from None
    return one.result(), other.result()


def _most_telling(errors: Sequence[BaseException]) -> BaseException:
    flat: list[BaseException] = []
    for error in errors:
        flat.extend(error.exceptions if isinstance(error, BaseExceptionGroup) else (error,))
    return min(flat, key=lambda error: (isinstance(error, HelpdeskError), not isinstance(error, SignInNeeded)))


async def or_else(default: D, work: Coroutine[Any, Any, D], *, what: str) -> D:
    """Return the result of something a ticket can be shown without, or ``default`` where it cannot be had."""
    try:
        return await work
    except (NotAllowed, NotThere, UnexpectedReply, Unreachable) as error:
        log.info("shown without %s: %s", what, type(error).__name__)
        return default
