from __future__ import annotations

import asyncio

import pytest

from assist.domain import SourceKind
from assist.errors import NotAllowed, SignInNeeded, StoreError, Unreachable
from assist.ports import Batch
from assist.sync import CollectionName
from desktop.syncing import AFTER_TROUBLE_S, AGAIN_AFTER_S, Syncing
from tests.helpers.builders import a_macro, a_solved_ticket, an_article
from tests.helpers.fakes import Table, run, table, until


class Background:
    """A background sync that waits for the test between two runs."""

    def __init__(self, at: Table) -> None:
        self.at = at
        self.changes: list[SourceKind] = []
        self.statuses = 0
        self.sign_ins: list[object] = []
        self.naps: list[float] = []
        self._turn = asyncio.Event()
        self.syncing = self.made()

    def made(self) -> Syncing:
        return Syncing(
            self.at.store,
            self.at.clock,
            self.at.tasks,
            on_changes=lambda _account, kind, _changes: self.changes.append(kind),
            on_status=self._status_changed,
            on_sign_in_needed=self.sign_ins.append,
            sleep=self._nap,
        )

    def _status_changed(self, _account: object) -> None:
        self.statuses += 1

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        self._turn.clear()
        await self._turn.wait()

    async def one_run(self) -> None:
        before = len(self.naps)
        self.syncing.start(self.at.seat)
        await until(lambda: len(self.naps) > before or len(self.at.tasks) == 0)

    async def next_run(self) -> None:
        before = len(self.naps)
        self._turn.set()
        await until(lambda: len(self.naps) > before or len(self.at.tasks) == 0)

    @property
    def status(self):
        return self.syncing.status(self.at.helpdesk.account)


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        yield laid


@pytest.fixture
def background(at):
    helpdesk = at.helpdesk
    helpdesk.collections["macros"] = [Batch((a_macro(),), "m1", done=True)]
    helpdesk.collections["articles"] = [
        Batch((an_article(1), an_article(2)), "a1", done=False),
        Batch((an_article(3),), "a2", done=True),
    ]
    helpdesk.collections["solved_tickets"] = [Batch((a_solved_ticket(),), "s1", done=True)]
    return Background(at)


def with_end(scenario, at):
    """Run a scenario and end its tasks, as the app does."""

    async def whole():
        try:
            return await scenario()
        finally:
            await at.tasks.close()

    return run(whole())


def labels(background) -> list[tuple[str, int, bool, str]]:
    return [(one.label, one.done, one.finished, one.problem) for one in background.status.collections()]


def test_that_a_sync_reads_all_and_says_how_far_it_is(at, background):
    with_end(background.one_run, at)
    assert labels(background) == [
        ("Macros", 1, True, ""),
        ("Articles", 3, True, ""),
        ("Solved tickets", 1, True, ""),
    ]
    assert (background.status.running, background.status.problem) == (False, "")
    assert background.status.finished_at == at.clock.now()
    assert background.naps == [AGAIN_AFTER_S]
    assert background.statuses > 5
    assert set(background.changes) == set(SourceKind)


def test_that_the_status_of_the_last_sync_is_known_after_a_restart(at, background):
    with_end(background.one_run, at)
    later = background.made()
    assert later.status(at.helpdesk.account).finished_at == at.clock.now()


def test_that_before_the_first_complete_sync_there_is_no_age(at, background):
    at.helpdesk.collections["solved_tickets"] = [Unreachable("no answer")]
    with_end(background.one_run, at)
    assert background.status.finished_at is None
    assert background.made().status(at.helpdesk.account).finished_at is None


def test_that_an_account_that_may_not_read_macros_has_an_age_after_a_restart(at, background):
    at.helpdesk.collections["macros"] = [NotAllowed("only admins may read canned responses")]
    with_end(background.one_run, at)
    assert background.made().status(at.helpdesk.account).finished_at == at.clock.now()


@pytest.mark.promise("N2")
def test_that_a_broken_sync_is_tried_again_soon_and_goes_on_where_it_was(at, background):
    batches = at.helpdesk.collections["articles"]
    at.helpdesk.collections["articles"] = [batches[0], Unreachable("no answer")]

    async def scenario():
        await background.one_run()
        assert background.naps == [AFTER_TROUBLE_S]
        assert background.status.problem == "no answer"
        at.helpdesk.collections["articles"] = batches
        at.helpdesk.asked.clear()
        await background.next_run()

    with_end(scenario, at)
    assert ("articles", "a1") in at.helpdesk.asked
    assert ("articles", None) not in at.helpdesk.asked
    assert (background.naps, background.status.problem) == ([AFTER_TROUBLE_S, AGAIN_AFTER_S], "")


def test_that_a_collection_the_role_may_not_read_is_left_out_and_said(at, background):
    at.helpdesk.collections["macros"] = [NotAllowed("only admins may read canned responses")]
    with_end(background.one_run, at)
    assert labels(background)[0] == ("Macros", 0, True, "only admins may read canned responses")
    assert background.status.problem == ""
    assert labels(background)[1][1] == 3


def test_that_a_cancelled_sync_keeps_what_it_read_and_resumes_there(at, background):
    async def scenario():
        gate = asyncio.Event()

        async def hold_second(what, _about):
            if what == "articles" and at.helpdesk.count("articles") == 2:
                await gate.wait()

        at.helpdesk.wait = hold_second
        background.syncing.start(at.seat)
        await until(lambda: at.helpdesk.count("articles") == 2)
        background.syncing.cancel(at.helpdesk.account)
        await at.settle()
        assert not background.status.running
        checkpoint = at.store.state.checkpoint(at.helpdesk.account, CollectionName.ARTICLES.value)
        assert (checkpoint.value, checkpoint.done) == ("a1", False)

        gate.set()
        at.helpdesk.asked.clear()
        await background.one_run()

    with_end(scenario, at)
    assert ("articles", "a1") in at.helpdesk.asked
    assert background.status.finished_at == at.clock.now()


def test_that_starting_again_during_a_sync_leaves_one_running(at, background):
    async def scenario():
        background.syncing.start(at.seat)
        background.syncing.start(at.seat)
        await until(lambda: background.naps)
        assert len(at.tasks) == 1

    with_end(scenario, at)
    assert background.status.finished_at is not None


@pytest.mark.promise("N3")
def test_that_a_refused_sign_in_ends_the_sync_and_is_said_once(at, background):
    at.helpdesk.collections["articles"] = [SignInNeeded("signed out")]
    with_end(background.one_run, at)
    assert background.sign_ins == [at.seat]
    assert background.naps == []
    assert not background.status.running


def test_that_a_sync_which_ends_slowly_does_not_say_that_the_next_one_has_ended(at, background):
    async def scenario():
        asked, gate = [], asyncio.Event()

        async def slow_to_end(what, _about):
            if what != "articles":
                return
            asked.append(what)
            try:
                await asyncio.Event().wait()
            finally:
                await gate.wait()  # as a connection that is closed properly

        at.helpdesk.wait = slow_to_end
        background.syncing.start(at.seat)
        await until(lambda: asked)
        background.syncing.start(at.seat)
        await until(lambda: len(asked) == 2)
        before = len(at.tasks)
        gate.set()
        await until(lambda: len(at.tasks) < before)
        assert background.status.running
        await at.tasks.close()

    run(scenario())


@pytest.mark.promise("D4")
def test_that_a_full_disk_is_said_and_the_sync_tried_again(at, background, monkeypatch):
    real, failures = type(at.store.knowledge).put_macros, [StoreError("the disk is full")]

    async def put_macros(self, *macros, **more):
        if failures:
            raise failures.pop()
        return await real(self, *macros, **more)

    monkeypatch.setattr(type(at.store.knowledge), "put_macros", put_macros)

    async def scenario():
        await background.one_run()
        assert (background.status.problem, background.naps) == ("the disk is full", [AFTER_TROUBLE_S])
        await background.next_run()
        await at.tasks.close()

    run(scenario())
    assert [str(error) for _, error in at.errors] == ["the disk is full"]
    assert (background.status.problem, background.naps) == ("", [AFTER_TROUBLE_S, AGAIN_AFTER_S])


def test_that_a_forgotten_account_has_never_been_synced(at, background):
    async def scenario():
        await background.one_run()
        assert background.status.finished_at is not None
        await at.store.knowledge.forget_account(at.helpdesk.account)
        background.syncing.forget(at.helpdesk.account)
        await at.settle()

    run(scenario())
    assert (background.status.running, background.status.finished_at) == (False, None)


def test_that_plain_search_knows_the_new_words_before_the_first_question(at, background, monkeypatch):
    warmed = []
    monkeypatch.setattr(type(at.store.search), "warm", lambda _self: warmed.append(background.status.finished_at))

    async def scenario():
        await background.one_run()
        await at.tasks.close()

    run(scenario())
    assert warmed == [at.clock.now()]
