"""Fills the store from a helpdesk: incrementally, resumably, one collection after the other.

A checkpoint is written after its batch is stored, so that an interruption reads a batch twice and loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar

from assist.domain import AccountId, Article, Macro, SolvedTicket, SourceKind
from assist.errors import NotAllowed
from assist.ingest import macro_language, past_replies, shop_words
from assist.ports import Batch, Clock, Helpdesk
from assist.store.records import Changes, Checkpoint
from assist.store.store import Store
from assist.text.passages import split_article

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_SOLVED_TICKETS = 2_000
"""Unless an admin asks for more."""


class CollectionName(StrEnum):
    """In the order in which they are read: what helps soonest comes first."""

    MACROS = "macros"
    ARTICLES = "articles"
    SOLVED_TICKETS = "solved tickets"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one collection has come. ``problem`` says why it is left out, ready to be shown."""

    collection: CollectionName
    read: int
    finished: bool
    problem: str = ""


class Synchroniser:
    """Syncs one account. Cancel the task that runs `run` to stop it; the next run resumes."""

    def __init__(
        self,
        helpdesk: Helpdesk,
        store: Store,
        clock: Clock,
        *,
        on_changes: Callable[[AccountId, SourceKind, Changes], None],
        on_progress: Callable[[Progress], None],
        most_solved: int = MAX_SOLVED_TICKETS,
        since: datetime | None = None,
    ) -> None:
        """``most_solved`` is how many solved tickets a first sync reads; those older than ``since`` are not kept."""
        self._most_solved = most_solved
        self._since = since
        self._helpdesk = helpdesk
        self._store = store
        self._clock = clock
        self._on_changes = on_changes
        self._on_progress = on_progress
        self._ordinary: frozenset[str] | None = None

    async def run(self) -> None:
        """Read what changed since the last run.

        Raises:
            HelpdeskError: What the helpdesk raised, except `NotAllowed`, which leaves its collection out.
            StoreError: If the store cannot be written.
        """
        steps: Mapping[CollectionName, Callable[[str | None], Awaitable[int]]] = {
            CollectionName.MACROS: self._macros,
            CollectionName.ARTICLES: self._articles,
            CollectionName.SOLVED_TICKETS: self._solved,
        }
        for name, step in steps.items():
            known = self._store.state.checkpoint(self._helpdesk.account, name.value)
            self._on_progress(Progress(name, 0, finished=False))
            try:
                read = await step(known.value if known is not None else None)
            except NotAllowed as error:
                log.info("%s: %s are not read: %s", self._helpdesk.account, name.value, type(error).__name__)
                self._on_progress(Progress(name, 0, finished=True, problem=str(error)))
            else:
                self._on_progress(Progress(name, read, finished=True))

    async def _macros(self, _: str | None) -> int:
        """Macros have no change feed: all are read, and those that are gone are dropped at the end."""
        seen: list[int] = []
        async for batch in self._helpdesk.macros():
            languages = await _aside(partial(_languages, batch.items))
            self._changed(SourceKind.MACRO, await self._store.knowledge.put_macros(batch.items, languages=languages))
            seen.extend(macro.id for macro in batch.items)
            await self._reached(CollectionName.MACROS, batch, len(seen))
        self._changed(
            SourceKind.MACRO, await self._store.knowledge.retain(SourceKind.MACRO, self._helpdesk.account, seen)
        )
        return len(seen)

    async def _articles(self, checkpoint: str | None) -> int:
        return await self._read(
            CollectionName.ARTICLES, SourceKind.ARTICLE, self._helpdesk.articles(checkpoint), self._put_articles
        )

    async def _solved(self, checkpoint: str | None) -> int:
        batches = self._helpdesk.solved_tickets(checkpoint, limit=self._most_solved)
        return await self._read(CollectionName.SOLVED_TICKETS, SourceKind.PAST_REPLY, batches, self._put_solved)

    async def _read(
        self,
        name: CollectionName,
        kind: SourceKind,
        batches: AsyncIterator[Batch[T]],
        put: Callable[[Sequence[T]], Awaitable[Changes]],
    ) -> int:
        read = 0
        async for batch in batches:
            self._changed(kind, await put(batch.items))
            if batch.gone:
                self._changed(kind, await self._store.knowledge.remove(kind, self._helpdesk.account, batch.gone))
            read += len(batch.items)
            await self._reached(name, batch, read)
        return read

    async def _put_articles(self, articles: Sequence[Article]) -> Changes:
        pairs = await _aside(lambda: [(a, () if a.draft else split_article(a)) for a in articles])
        return await self._store.knowledge.put_articles(pairs)

    async def _put_solved(self, solved: Sequence[SolvedTicket]) -> Changes:
        total = Changes()
        if self._ordinary is None:
            self._ordinary = await _aside(self._shop_words)
        for ticket in solved:
            if self._since is not None and ticket.ticket.updated_at < self._since:
                continue
            replies = await _aside(partial(past_replies, ticket, ordinary=self._ordinary))
            total += await self._store.knowledge.put_solved([(ticket, replies)])
        return total

    def _shop_words(self) -> frozenset[str]:
        """What the shop itself writes large, so that its products are not taken for people in replies."""
        kinds = (SourceKind.ARTICLE, SourceKind.MACRO)
        account = self._helpdesk.account
        documents = (document for kind in kinds for document in self._store.documents.iterate(kind, account=account))
        return shop_words(f"{document.title}\n{document.text}" for document in documents)

    def _changed(self, kind: SourceKind, changes: Changes) -> None:
        if changes.added or changes.removed:
            self._on_changes(self._helpdesk.account, kind, changes)

    async def _reached(self, name: CollectionName, batch: Batch[T], read: int) -> None:
        checkpoint = Checkpoint(batch.checkpoint, batch.done, self._clock.now())
        await self._store.state.put_checkpoint(self._helpdesk.account, name.value, checkpoint)
        self._on_progress(Progress(name, read, finished=False))


def _languages(macros: Sequence[Macro]) -> dict[int, str]:
    return {macro.id: macro_language(macro) for macro in macros}


async def _aside(work: Callable[[], T]) -> T:
    """Run ``work`` on a thread: splitting and masking take milliseconds that the window must not wait for."""
    return await asyncio.get_running_loop().run_in_executor(None, work)
