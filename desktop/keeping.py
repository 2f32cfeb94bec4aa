"""What is kept of customers, and for how long: deleting one, the end of retention, and a narrower scope.

Whatever goes from the store goes from the engine too: its process ends and its kept index with it, and it reads anew
what is left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from assist.domain import AccountId, SourceKind
from assist.engine.client import EngineClient
from assist.ports import Clock
from assist.store.forgetting import Forgetting, Forgotten, Holdings, KnownCustomer
from assist.store.records import Changes
from assist.store.store import Store
from desktop.policy import Policy

log = logging.getLogger(__name__)

DAY_S = 24 * 60 * 60.0
WIPE_TRIES = 5
DAYS_A_MONTH = 30.5


class Keeping:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        store: Store,
        engine: EngineClient,
        clock: Clock,
        policy: Callable[[], Policy],
        *,
        on_changes: Callable[[AccountId, SourceKind, Changes], None],
        forget_memory: Callable[[AccountId, int | None], None],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``forget_memory`` is told what the windows and readers must drop: an account, and a customer or all of it."""
        self._path = store.path
        self._accounts = store.state.accounts
        self._forgetting = Forgetting(store.writer, store.reader)
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._on_changes = on_changes
        self._forget_memory = forget_memory
        self._sleep = sleep
        self._one_at_a_time = asyncio.Lock()

    async def find(self, account: AccountId, who: str) -> tuple[KnownCustomer, ...]:
        """Return customers by id, or by a part of their name or address."""
        return await asyncio.to_thread(self._forgetting.find, account, who)

    async def holdings(self, customer: KnownCustomer) -> Holdings:
        """Return what `forget` would delete."""
        return await asyncio.to_thread(self._forgetting.holdings, customer)

    async def forget(self, customer: KnownCustomer) -> Holdings:
        """Delete a customer's texts from the store, the engine, the kept index and memory; return what went."""
        self._forget_memory(customer.account, customer.id)
        async with self._one_at_a_time:
            forgotten = await self._engine.while_down(lambda: self._gone(self._forgetting.forget_customer(customer)))
        log.info("a customer was deleted: %s", forgotten.holdings)
        return forgotten.holdings

    async def retain(self) -> Holdings:
        """Delete what is older than the policy keeps, and what is outside of the scopes; return what went."""
        policy, now = self._policy(), self._clock.now()
        total = Holdings()
        async with self._one_at_a_time:
            if policy.retention_days and (oldest := await self._old(now - timedelta(days=policy.retention_days))):
                total = oldest
        for account in self._accounts():
            await self.narrow(account.id)
        return total

    async def narrow(self, account: AccountId) -> None:
        """Delete at once what an account's sync is not to read any more; the helpdesk's answer comes later."""
        scope = self._policy().scope(account)
        since = since_of(scope.months, self._clock.now())
        forgotten = await self._forgetting.forget_outside(account, scope, since=since)
        self._tell(forgotten)

    def since(self, account: AccountId) -> datetime | None:
        """Return before which time nothing of an account is kept, None for no bound."""
        policy, now = self._policy(), self._clock.now()
        months = since_of(policy.scope(account).months, now)
        days = now - timedelta(days=policy.retention_days) if policy.retention_days else None
        return max((one for one in (months, days) if one is not None), default=None)

    async def run(self) -> None:
        """Keep to the policy, at the start and once a day; first end what a crash broke off."""
        if self._forgetting.is_unwiped:
            async with self._one_at_a_time:
                await self._engine.while_down(self._wiped)
        while True:
            await self.retain()
            await self._sleep(DAY_S)

    def set_aside(self) -> tuple[Path, ...]:
        """Return the databases that could not be opened and were put aside: what they hold is not deleted."""
        return tuple(sorted(self._path.parent.glob(f"{self._path.name}.damaged-*")))

    def delete_set_aside(self) -> None:
        """Delete them. Raises OSError."""
        for path in self.set_aside():
            path.unlink(missing_ok=True)

    async def _old(self, than: datetime) -> Holdings:
        """Look first: to stop the engine for nothing would be a pity every day."""
        forgotten = await self._forgetting.forget_older(than)
        if not forgotten.holdings:
            return forgotten.holdings
        for account in self._accounts():
            self._forget_memory(account.id, None)
        await self._engine.while_down(lambda: self._gone(_done(forgotten)))
        log.info("what was too old was deleted: %s", forgotten.holdings)
        return forgotten.holdings

    async def _gone(self, work: Awaitable[Forgotten]) -> Forgotten:
        forgotten = await work
        await self._wiped()
        return forgotten

    async def _wiped(self) -> None:
        for _ in range(WIPE_TRIES):
            if await self._forgetting.wipe():
                return
        log.warning("what was deleted is still in the write-ahead log, because the store is being read")

    def _tell(self, forgotten: Forgotten) -> None:
        for account, changes in forgotten.changes.items():
            self._on_changes(account, SourceKind.PAST_REPLY, changes)


def since_of(months: int, now: datetime) -> datetime | None:
    """Return when ``months`` ago was, None for 0."""
    return now - timedelta(days=DAYS_A_MONTH * months) if months else None


async def _done(forgotten: Forgotten) -> Forgotten:
    return forgotten
