"""What grows with the years: the log of an agent who opens 60 tickets a day, and the solved tickets of an account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from assist.domain import AccountId, EventKind, SolvedTicket, SuggestionId, TicketRef
from assist.journal import Journal
from assist.ports import SyncScope
from assist.store.database import StoreKey
from assist.store.events import Event, EventFilter
from assist.store.forgetting import Forgetting
from assist.store.knowledge import put_solved
from assist.store.records import PastReply
from assist.store.store import Store, open_store
from tests.bench.corpus import Shop
from tests.bench.stores import CHUNK, pages
from tests.bench.table import Table, load, median
from tests.helpers.builders import NOON, a_decision, a_ref, a_shown, an_outcome

A_TICKET = 8
"""Suggestions that an agent is shown on one ticket: three replies, four articles, an alert."""
A_DAY = 480
NEWEST = 5_000
"""As many as the journal's window holds."""
TIMES = 30
GROUPS = 5


@dataclass(frozen=True)
class Years:
    """Milliseconds of each thing that is done, by its name; in ``once``, what can be done once only."""

    shown: int
    solved: int
    store_mb: float
    repeated: dict[str, list[float]] = field(default_factory=dict)
    once: dict[str, float] = field(default_factory=dict)


def measure(folder: Path, *, shown: int, solved: int, key: StoreKey, shop: Shop) -> Years:
    """Fill a log with ``shown`` suggestions and an account with ``solved`` tickets, and ask what the app asks."""
    path = folder / f"years-{shown}-{solved}.db"
    path.unlink(missing_ok=True)
    store = open_store(path, key)
    try:
        return asyncio.run(_measured(store, path, shown, solved, shop))
    finally:
        store.close()
        path.unlink(missing_ok=True)


async def _measured(store: Store, path: Path, shown: int, solved: int, shop: Shop) -> Years:
    await _fill_log(store, shown, [reply.reply_text for _, replies in _solved(shop, 200) for reply in replies])
    account = next(ticket.ticket.ref.account for ticket, _ in _solved(shop, 1))
    await _fill_account(store, shop, solved)
    years = Years(shown, solved, sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*")) / 1e6)
    await _ask_the_log(store, years)
    await _forget(store, years, account)
    return years


async def _ask_the_log(store: Store, years: Years) -> None:
    log, journal, newest = store.log, Journal(store.log), years.shown // A_TICKET
    tickets = [a_ref(1 + newest * at // TIMES) for at in range(TIMES)]
    years.repeated["a ticket is opened: what was dismissed on it"] = [
        _took(lambda ref=ref: log.dismissed_sources(ref)) for ref in tickets
    ]
    years.repeated["what was shown on it"] = [_took(lambda ref=ref: log.shown_on(ref)) for ref in tickets]
    undecided = [_name(at * A_TICKET + 1) for at in range(TIMES)]
    years.repeated["a decision is written"] = [
        await _took_until(
            lambda id_=id_: log.append(a_decision(EventKind.DISMISSED, suggestion_id=id_, ref=a_ref(1), at=NOON))
        )
        for id_ in undecided
    ]
    years.repeated["the start: which tickets wait for an outcome"] = [
        _took(lambda: log.waiting_since(NOON - timedelta(days=2), limit=30)) for _ in range(5)
    ]
    years.repeated[f"the journal opens: its newest {NEWEST:,}"] = [
        _took(lambda: journal.newest(limit=NEWEST)) for _ in range(3)
    ]
    years.repeated["the journal says how many there are"] = [_took(journal.count) for _ in range(5)]
    years.once["the journal is exported whole"] = _took(lambda: sum(1 for _ in journal.all(EventFilter())))


async def _forget(store: Store, years: Years, account: AccountId) -> None:
    forgetting = Forgetting(store.writer, store.reader)
    middle = NOON - timedelta(days=years.shown / A_DAY / 2)
    years.once["what is too old is deleted: words of half of the log"] = await _took_until(
        lambda: forgetting.forget_older(middle)
    )
    years.repeated["a day later: there is nothing more to delete"] = [
        await _took_until(lambda: forgetting.forget_older(middle)) for _ in range(3)
    ]
    scope = SyncScope(groups=frozenset(range(1, GROUPS)))
    years.once["a scope leaves out one group of five: its tickets are deleted"] = await _took_until(
        lambda: forgetting.forget_outside(account, scope, since=None)
    )
    years.repeated["the next start: nothing is outside of the scope"] = [
        await _took_until(lambda: forgetting.forget_outside(account, scope, since=None)) for _ in range(3)
    ]
    years.once["the file is written anew, without what was deleted"] = await _took_until(forgetting.wipe)


async def _fill_log(store: Store, shown: int, texts: Sequence[str]) -> None:
    def events() -> Iterator[Event]:
        for at in range(shown):
            ref, when = a_ref(1 + at // A_TICKET), NOON - timedelta(days=(shown - at) / A_DAY)
            yield a_shown(_name(at), ref=ref, at=when, text=texts[at % len(texts)])
            if at % A_TICKET == A_TICKET - 1:
                yield from _decided(at, ref, when + timedelta(seconds=30), texts[at % len(texts)])

    for batch in pages(events(), CHUNK):
        await store.log.append(*batch)


def _decided(at: int, ref: TicketRef, when: datetime, text: str) -> Iterator[Event]:
    """Of each ticket's suggestions the last is decided, and every second ticket is answered."""
    used = at % (2 * A_TICKET) == A_TICKET - 1
    yield a_decision(EventKind.USED if used else EventKind.DISMISSED, suggestion_id=_name(at), ref=ref, at=when)
    if used:
        yield an_outcome(ref=ref, message_id=at, suggestion_id=_name(at), sent_text=text, at=when)


async def _fill_account(store: Store, shop: Shop, count: int) -> None:
    for page in pages(_solved(shop, count), CHUNK):
        await store.writer.run(lambda connection, page=page: put_solved(connection, page))


def _solved(shop: Shop, count: int) -> Iterator[tuple[SolvedTicket, tuple[PastReply, ...]]]:
    """Yield solved tickets in one of five groups each, changed just now: none of them is too old."""
    for number, (solved, learned) in enumerate(shop.solved(count)):
        ticket = replace(solved.ticket, group_id=number % GROUPS, updated_at=NOON)
        yield replace(solved, ticket=ticket), learned


def _name(number: int) -> SuggestionId:
    return SuggestionId(f"s{number}")


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


async def _took_until(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return 1e3 * (time.perf_counter() - began)


def table(measured: Sequence[Years]) -> Table:
    """Return a row for each thing that is done, a column for each size of the log."""
    names = [*measured[0].repeated, *measured[0].once]
    rows: list[tuple[object, ...]] = [
        (name, *(median(one.repeated[name]) if name in one.repeated else one.once[name] for one in measured))
        for name in names
    ]
    rows.append(("the database, MB", *(one.store_mb for one in measured)))
    return Table(
        "After years of use, ms",
        ("what is done", *(f"{one.shown:,} shown" for one in measured)),
        rows,
        f"An agent who opens 60 tickets a day sees {A_DAY} suggestions; beside them {measured[0].solved:,} solved "
        f"tickets are kept. Medians, where a thing can be done again. Measured on {load()}.",
    )
