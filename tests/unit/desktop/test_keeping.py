"""What an admin lets go: customers, what is too old, what is outside of a scope."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from assist.engine.client import EngineClient
from assist.engine.protocol import Start
from assist.ingest import past_replies
from assist.ports import SyncScope
from assist.store.database import index_path
from assist.store.forgetting import Holdings
from desktop.keeping import Keeping
from desktop.policy import Policy
from resources import ROOT
from tests.helpers.builders import ACME, a_shown, a_solved_ticket, a_ticket, an_open_ticket
from tests.helpers.fakes import HandClock, run, until
from tests.helpers.store import KEY, append, opened, plain_bytes_of


class Kept:
    """A store with an engine that was never started, and a clock that the test moves."""

    def __init__(self, store) -> None:
        self.store = store
        self.clock = HandClock()
        self.policy = Policy()
        self.changes: list[tuple[str, tuple[int, ...]]] = []
        self.memory: list[tuple[str, int | None]] = []
        self.naps: list[float] = []
        start = Start(store.path, KEY, ROOT / "models", ROOT / "triggers.toml")
        self.keeping = Keeping(
            store,
            EngineClient(start, keep_vectors=lambda _: asyncio.sleep(0)),
            self.clock,
            lambda: self.policy,
            on_changes=lambda account, _, changes: self.changes.append((account, changes.removed)),
            forget_memory=lambda *what: self.memory.append(what),
            sleep=self._nap,
        )

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.Event().wait()

    def put(self, *tickets):
        return run(self.store.knowledge.put_solved([(one, past_replies(one)) for one in tickets]))


@pytest.fixture
def kept(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield Kept(store)


@pytest.mark.promise("D7")
def test_that_a_deleted_customer_is_in_no_file_and_no_memory(kept):
    run(kept.store.tickets.put(an_open_ticket()))
    append(kept.store, a_shown(text="Hi Inês Caldeira"))
    index_path(kept.store.path).write_bytes(b"an index that was kept")
    (customer,) = run(kept.keeping.find(ACME, "caldeira"))
    wanted = run(kept.keeping.holdings(customer))

    assert run(kept.keeping.forget(customer)) == wanted == Holdings(opened=1, log_texts=1)

    assert b"Caldeira" not in plain_bytes_of(kept.store.path)
    assert not index_path(kept.store.path).exists()
    assert kept.memory == [(ACME, 900)]


@pytest.mark.promise("D7")
def test_that_retention_runs_at_the_start_and_once_a_day(kept):
    kept.policy = Policy(retention_days=30)
    append(kept.store, a_shown("s1", text="old words", at=kept.clock.now() - timedelta(days=29)))
    texts = lambda: [one.event.text for one in kept.store.log.iterate()]  # noqa: E731  # looked at twice

    async def scenario():
        for days in (0, 2):
            kept.clock.advance(days=days)
            running = asyncio.ensure_future(kept.keeping.run())
            await until(lambda: kept.naps)
            kept.naps.clear()
            running.cancel()
            seen.append(texts())

    seen: list[list[str]] = []
    run(scenario())

    assert seen == [["old words"], [""]]


def test_that_nothing_is_touched_where_all_is_kept(kept):
    append(kept.store, a_shown("s1", text="old words", at=kept.clock.now() - timedelta(days=4_000)))

    assert run(kept.keeping.retain()) == Holdings()
    assert [one.event.text for one in kept.store.log.iterate()] == ["old words"]


def test_that_a_narrower_scope_tells_the_engine_what_went(kept):
    added = kept.put(
        a_solved_ticket(8, ticket=a_ticket(8, group_id=5)),
        a_solved_ticket(9, ticket=a_ticket(9, group_id=6)),
    ).added
    kept.policy = Policy(scopes={ACME: SyncScope(groups=frozenset({5}))})

    run(kept.keeping.narrow(ACME))

    assert kept.changes == [(ACME, (added[1],))]


@pytest.mark.parametrize(
    ("policy", "days"),
    [
        (Policy(), None),
        (Policy(retention_days=10), 10),
        (Policy(scopes={ACME: SyncScope(months=2)}), 61),
        (Policy(retention_days=10, scopes={ACME: SyncScope(months=2)}), 10),
        (Policy(retention_days=100, scopes={ACME: SyncScope(months=2)}), 61),
    ],
)
def test_that_a_sync_keeps_nothing_that_would_be_deleted_at_once(kept, policy, days):
    kept.policy = policy

    assert kept.keeping.since(ACME) == (None if days is None else kept.clock.now() - timedelta(days=days))


@pytest.mark.promise("D7")
def test_that_databases_which_were_set_aside_are_named_and_can_be_deleted(kept):
    aside = [kept.store.path.with_name(f"kibitz.db.damaged-20261101T120000.000000Z{end}") for end in ("", "-wal")]
    for path in aside:
        path.write_bytes(b"x")

    assert list(kept.keeping.set_aside()) == aside

    kept.keeping.delete_set_aside()

    assert kept.keeping.set_aside() == ()
    assert kept.store.path.exists()


@pytest.mark.promise("D7")
def test_that_a_deletion_which_a_crash_broke_off_is_ended_at_the_next_start(kept):
    run(kept.store.tickets.put(an_open_ticket()))
    append(kept.store, a_shown(text="Hi Inês Caldeira"))
    (customer,) = run(kept.keeping.find(ACME, "900"))
    run(kept.keeping._forgetting.forget_customer(customer))  # and nothing after it
    assert b"Caldeira" in plain_bytes_of(kept.store.path)

    async def scenario():
        running = asyncio.ensure_future(kept.keeping.run())
        await until(lambda: kept.naps)
        running.cancel()

    run(scenario())

    assert b"Caldeira" not in plain_bytes_of(kept.store.path)
    assert not kept.keeping._forgetting.is_unwiped
