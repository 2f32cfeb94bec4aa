"""Keeps each account's knowledge up to date in the background, one account at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from assist.domain import AccountId, SourceKind
from assist.errors import HelpdeskError, SignInNeeded, StoreError
from assist.ports import EVERYTHING, Clock, SyncScope
from assist.store.records import Changes
from assist.store.store import Store
from assist.sync import MAX_SOLVED_TICKETS, CollectionName, Progress, Synchroniser
from desktop.desk import Seat
from desktop.i18n import tr
from desktop.panel.state import CollectionProgress
from desktop.tasks import TaskSet

log = logging.getLogger(__name__)

AGAIN_AFTER_S = 15 * 60.0
AFTER_TROUBLE_S = 60.0

_LABELS = {
    CollectionName.MACROS: "Macros",
    CollectionName.ARTICLES: "Articles",
    CollectionName.SOLVED_TICKETS: "Solved tickets",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What of an account is read: its scope, how many solved tickets at first, and none from before a time."""

    scope: SyncScope = EVERYTHING
    most_solved: int = MAX_SOLVED_TICKETS
    since: datetime | None = None


@dataclass(slots=True)
class SyncStatus:
    """How one run of an account's sync stands. Each run has its own: one that was cancelled may end after the next."""

    running: bool = False
    finished_at: datetime | None = None
    problem: str = ""
    progress: dict[CollectionName, Progress] = field(default_factory=dict)

    def collections(self) -> tuple[CollectionProgress, ...]:
        return tuple(
            CollectionProgress(
                tr(_LABELS[name]),
                done=progress.read,
                finished=progress.finished,
                problem=progress.problem,
            )
            for name in CollectionName
            if (progress := self.progress.get(name, Progress(name, 0, finished=False)))
        )


class Syncing:
    """Starts syncs, shows how they go, and repeats them."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        tasks: TaskSet,
        *,
        on_changes: Callable[[AccountId, SourceKind, Changes], None],
        on_status: Callable[[AccountId], None],
        on_sign_in_needed: Callable[[Seat], None],
        bounds: Callable[[AccountId], Bounds] = lambda _: Bounds(),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._on_changes = on_changes
        self._on_status = on_status
        self._on_sign_in_needed = on_sign_in_needed
        self._bounds = bounds
        self._sleep = sleep
        self._status: dict[AccountId, SyncStatus] = {}

    def status(self, account: AccountId) -> SyncStatus:
        return self._status.setdefault(account, SyncStatus(finished_at=self._last_finished(account)))

    def start(self, seat: Seat) -> None:
        """Sync ``seat`` now and every quarter of an hour; a sync that is under way begins anew where it was."""
        self._begin(seat.account)
        self._tasks.latest(f"sync {seat.account}", self._repeat(seat))

    def cancel(self, account: AccountId) -> None:
        """Stop until the next `start`; what was read is kept, and the checkpoint is where it was."""
        self._tasks.cancel(f"sync {account}")
        self.status(account).running = False
        self._on_status(account)

    def forget(self, account: AccountId) -> None:
        """Stop, and know nothing of the account any more."""
        self._tasks.cancel(f"sync {account}")
        self._status.pop(account, None)

    def _begin(self, account: AccountId) -> SyncStatus:
        status = self._status[account] = SyncStatus(running=True, finished_at=self.status(account).finished_at)
        return status

    async def _repeat(self, seat: Seat) -> None:
        while (again_after_s := await self._once(seat)) is not None:
            await self._sleep(again_after_s)

    async def _once(self, seat: Seat) -> float | None:
        """Sync once; return after how many seconds to do it again, None when the agent must sign in first."""
        status = self._begin(seat.account)
        self._on_status(seat.account)

        def progressed(progress: Progress) -> None:
            status.progress[progress.collection] = progress
            self._on_status(seat.account)

        bounds = self._bounds(seat.account)
        seat.helpdesk.scope = bounds.scope
        synchroniser = Synchroniser(
            seat.helpdesk,
            self._store,
            self._clock,
            on_changes=self._on_changes,
            on_progress=progressed,
            most_solved=bounds.most_solved,
            since=bounds.since,
        )
        try:
            await synchroniser.run()
            status.finished_at = self._clock.now()
            await asyncio.to_thread(self._store.search.warm)
        except SignInNeeded:
            self._on_sign_in_needed(seat)
            return None
        except HelpdeskError as error:
            log.info("sync of %s stopped: %s", seat.account, type(error).__name__)
            status.problem = str(error)
        except StoreError as error:
            self._tasks.report("sync", error)
            status.problem = str(error)
        finally:
            status.running = False
            self._on_status(seat.account)
        return AFTER_TROUBLE_S if status.problem else AGAIN_AFTER_S

    def _last_finished(self, account: AccountId) -> datetime | None:
        """Return when all was read that may be read; None while a first sync has not come to its last collection."""
        reached = [self._store.state.checkpoint(account, name.value) for name in CollectionName]
        known = [checkpoint for checkpoint in reached if checkpoint is not None]
        if reached[-1] is None or not all(checkpoint.done for checkpoint in known):
            return None
        return min(checkpoint.updated_at for checkpoint in known)
