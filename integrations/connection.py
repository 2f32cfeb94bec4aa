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
from integrations.metering import (
    FAILED,
    NEVER_SENT,
    LocalMeter,
    Meter,
    Patience,
    Rules,
    now_of,
    outcome_of,
    purpose_or,
    system_now,
    when_allowed,
)
from integrations.politeness import pause_s
from integrations.ratelimit import Budget, wait_sentence
from integrations.retry import NotSent, RetryPolicy, Sleep, Throttled, retrying
from integrations.shapes import UNKNOWN
from integrations.site import Site
from integrations.window import Lane, Purpose, Wish

log = logging.getLogger(__name__)

T = TypeVar("T")
D = TypeVar("D")


class SystemClock:
    """The machine's clock, as `assist.ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a connection waits: handed in, so that tests take no time.

    Without a ``meter`` the connection counts for itself, by the same rules.
    """

    sleep: Sleep = asyncio.sleep
    clock: Clock = field(default_factory=SystemClock)
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    rng: random.Random = field(default_factory=random.Random)
    meter: Meter | None = None

    def meter_for(self, site: Site) -> Meter:
        """Return the meter to use: the one that was handed in, else one of this process alone."""
        now = system_now if isinstance(self.clock, SystemClock) else now_of(self.clock)
        return self.meter or LocalMeter(Rules(site.kind, exempt=site.is_demo, policy=self.policy), now)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a request is made. ``may_wait`` says whether it waits while the vendor asks to slow down."""

    purpose: Purpose = Purpose.OPENING
    urgent: bool = True
    may_wait: bool = True
    optional: bool = False
    checks_credentials: bool = False

    def wish(self, request: Request) -> Wish:
        lane = Lane.HELP_CENTER if "/help_center/" in request.url else Lane.TICKETS
        return Wish(request.cost, self.urgent, purpose_or(self.purpose), lane, self.optional)


_GLANCED = _Manner(may_wait=False, optional=True)
_POLLED = _Manner(Purpose.WATCHING, urgent=False, may_wait=False, optional=True)
_CHANGED = _Manner(Purpose.ACTING, may_wait=False)
_IN_BACKGROUND = _Manner(Purpose.SYNCING, urgent=False)
_SIGNING_IN = _Manner(Purpose.SIGNING_IN, checks_credentials=True)


class Authorizer(Protocol):
    """Knows the Authorization header of one account, and how to get another one."""

    revocable: bool
    """Whether the credentials are of Kibitz's own making, so that signing out may end them at the helpdesk."""

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """What was granted; None where nobody said, as with keys and tokens that somebody typed."""

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
    scopes: tuple[str, ...] | None = None

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
        self.is_reachable = True
        self._sender = sender
        self._waiting = waiting
        self._signed_out: str | None = None
        self.budget = Budget(
            site.vendor, sleep=waiting.sleep, clock=waiting.clock, policy=waiting.policy, rng=waiting.rng
        )
        self._meter = waiting.meter_for(site)

    async def call(self, request: Request, read: Callable[[Response], T], *, checks_credentials: bool = False) -> T:
        """Send until it is answered or patience ends, and return what ``read`` makes of the answer.

        Raises:
            SignInNeeded: The credentials were refused, now or before.
            Unreachable: No answer in the time that is allowed.
            HelpdeskError: Whatever else ``read`` finds.
        """
        manner = _SIGNING_IN if checks_credentials else _Manner()
        result = await self._call(request, read, self._waiting.policy, manner)
        if checks_credentials:
            self._signed_out = None
        return result

    async def glance(self, request: Request, read: Callable[[Response], T]) -> T:
        """As `call`, for what a ticket can be shown without: one retry, and no waiting for room in the budget.

        Freshdesk allows small plans 20 lists of tickets a minute; an open ticket must not wait for that.
        """
        return await self._call(request, read, replace(self._waiting.policy, attempts=2), _GLANCED)

    async def poll(self, request: Request, read: Callable[[Response], T]) -> T:
        """As `call`, for looking again and again: left out where background work has used its part of the budget."""
        return await self._call(request, read, replace(self._waiting.policy, attempts=2), _POLLED)

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
            return await self._call(request, reading, once, _CHANGED)
        except Unreachable as error:
            fault = error.__cause__
            told_to_wait = isinstance(fault, Throttled) and seen[-1:] in ([], [401], [429])
            if isinstance(fault, Retryable) and not isinstance(fault, NotSent) and not told_to_wait:
                raise Unanswered(str(error)) from fault
            raise

    async def _call(self, request: Request, read: Callable[[Response], T], policy: RetryPolicy, manner: _Manner) -> T:
        wish = manner.wish(request)
        patience_s = policy.longest_wait_s if manner.may_wait else 0.0
        patience = Patience(self.site.vendor, self._waiting.sleep, patience_s)

        async def once() -> T:
            if self._signed_out is not None and not manner.checks_credentials:
                raise SignInNeeded(self._signed_out)
            return await self.budget.run(lambda: self._once(request, read, wish), may_wait=manner.may_wait)

        async def attempt() -> T:
            return await when_allowed(once, wish, patience)

        try:
            result: T = await retrying(policy, self._waiting.sleep, self._waiting.rng)(attempt)
        except Retryable as error:
            self.is_reachable = isinstance(error, Throttled)
            raise Unreachable(self._gave_up(error)) from error
        self.is_reachable = True
        return result

    async def background(self, request: Request, read: Callable[[Response], T]) -> T:
        """As `call`, for work nobody waits for: slows down before the account's budget gets low."""
        if (wait_s := pause_s(self.budget.quota, self.clock.now())) > 0:
            await self._waiting.sleep(wait_s)
        return await self._call(request, read, self._waiting.policy, _IN_BACKGROUND)

    async def aclose(self) -> None:
        await self.authorizer.aclose()
        await self._sender.aclose()

    async def _once(self, request: Request, read: Callable[[Response], T], wish: Wish) -> T:
        """Send as whoever is signed in; when that is refused, once more with renewed credentials."""
        try:
            header = await _before_sending(self.authorizer.header())
            try:
                return await self._signed(request, read, header, wish)
            except SignInNeeded:
                fresh = await _before_sending(self.authorizer.renewed(header))
                if fresh is None:
                    raise
            return await self._signed(request, read, fresh, wish)
        except SignInNeeded as error:
            self._signed_out = str(error)
            raise

    async def _signed(self, request: Request, read: Callable[[Response], T], header: str, wish: Wish) -> T:
        response = await self._metered(replace(request, headers={**request.headers, "authorization": header}), wish)
        if wish.lane is Lane.TICKETS:  # the help center has a budget of its own
            self.budget.note(response.headers)
        try:
            return read(response)
        except UnexpectedReply:
            UNKNOWN.note(self.site.vendor, request, response, at=self.clock.now())
            raise

    async def _metered(self, signed: Request, wish: Wish) -> Response:
        """Send when the account's budget allows it, and say what became of it."""
        taken, outcome = await self._meter.take(wish), FAILED
        try:
            response = await self._sender.send(signed)
            now = self.clock.now()
            if "date" not in response.headers:  # Retry-After may be a date, which is counted from this
                response = replace(response, headers={**response.headers, "date": format_datetime(now, usegmt=True)})
            outcome = outcome_of(response, now)
        except NotSent:
            outcome = NEVER_SENT
            raise
        finally:
            self._meter.settle(taken, outcome)
        return response

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
