from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress

import pytest

from assist.domain import HelpdeskKind
from assist.errors import SignInNeeded, Unreachable
from assist.ports import Quota
from desktop.desk import Desk, Seat
from desktop.following import Follower
from desktop.wiring import POLL_S, follow_delay_s
from tests.helpers.builders import NOON, an_agent
from tests.helpers.fakes import FakeHelpdesk, run, until


class Following:
    """A follower that waits for the test between two polls."""

    def __init__(self) -> None:
        self.zendesk = FakeHelpdesk()
        self.freshdesk = FakeHelpdesk("freshdesk:acme", HelpdeskKind.FRESHDESK)
        self.desk = Desk()
        for helpdesk in (self.zendesk, self.freshdesk):
            self.desk.add(Seat(helpdesk, an_agent(), "acme"))
        self.visible = True
        self.opened: list[int] = []
        self.sign_ins: list[str] = []
        self.naps: list[float] = []
        self.looks = 0
        self._turn = asyncio.Event()
        self.follower = Follower(
            self.desk,
            opened=lambda ref: self.opened.append(ref.id),
            on_sign_in_needed=lambda seat: self.sign_ins.append(seat.account),
            is_wanted=lambda: self.visible,
            delay_s=follow_delay_s,
            looked=self._looked,
            sleep=self._nap,
        )

    def _looked(self) -> None:
        self.looks += 1

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        self._turn.clear()
        await self._turn.wait()

    @asynccontextmanager
    async def running(self):
        task = asyncio.ensure_future(self.follower.run())
        try:
            await until(lambda: self.naps or task.done())
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def poll(self) -> None:
        before = len(self.naps)
        self._turn.set()
        await until(lambda: len(self.naps) > before)


@pytest.fixture
def it():
    return Following()


def test_that_a_ticket_is_opened_when_the_agent_comes_to_it_and_not_while_they_stay(it):
    async def scenario():
        it.zendesk.viewed = 7
        async with it.running():
            await it.poll()
            it.zendesk.viewed = 8
            await it.poll()
            await it.poll()
            it.zendesk.viewed = 7
            await it.poll()

    run(scenario())
    assert it.opened == [7, 8, 7]


def test_that_a_helpdesk_which_cannot_tell_opens_nothing(it):
    async def scenario():
        async with it.running():
            await it.poll()

    run(scenario())
    assert it.opened == []
    assert it.freshdesk.count("recently_viewed") == 2


def test_that_nothing_is_asked_while_the_panel_cannot_be_seen(it):
    async def scenario():
        it.visible = False
        async with it.running():
            await it.poll()
            assert it.zendesk.asked == []
            it.visible = True
            it.zendesk.viewed = 7
            await it.poll()

    run(scenario())
    assert it.opened == [7]


@pytest.mark.promise("N1")
@pytest.mark.parametrize(("remaining", "factor"), [(700, 1.0), (70, 1.0), (35, 2.0), (0, 12.0)])
def test_that_the_pause_grows_as_the_budget_shrinks(it, remaining, factor):
    async def scenario():
        it.zendesk.quota = Quota(700, remaining, NOON)
        async with it.running():
            pass

    run(scenario())
    assert it.naps == [POLL_S * factor]


@pytest.mark.promise("N2")
def test_that_a_helpdesk_out_of_reach_is_asked_again_and_the_other_goes_on(it):
    async def scenario():
        it.zendesk.viewed = Unreachable("no answer")
        it.freshdesk.viewed = 3
        async with it.running():
            it.zendesk.viewed = 7
            await it.poll()

    run(scenario())
    assert it.opened == [3, 7]


def test_that_a_helpdesk_out_of_reach_is_logged_once_until_it_has_answered(it, caplog):
    caplog.set_level(logging.INFO)

    async def scenario():
        it.zendesk.viewed = Unreachable("no answer")
        async with it.running():
            await it.poll()
            await it.poll()
            it.zendesk.viewed = 7
            await it.poll()
            it.zendesk.viewed = Unreachable("no answer")
            await it.poll()

    run(scenario())
    assert [record.message for record in caplog.records] == ["zendesk:acme cannot be followed: Unreachable"] * 2
    assert it.looks == 5


@pytest.mark.promise("N3")
def test_that_a_refused_sign_in_is_said_once_and_not_tried_until_there_is_a_new_one(it):
    async def scenario():
        it.zendesk.viewed = SignInNeeded("signed out")
        async with it.running():
            await it.poll()
            await it.poll()
            assert it.zendesk.count("recently_viewed") == 1
            assert it.sign_ins == ["zendesk:acme"]
            it.zendesk.viewed = 7
            it.follower.signed_in(it.zendesk.account)
            await it.poll()

    run(scenario())
    assert it.opened == [7]


def test_that_after_signing_out_and_in_the_ticket_viewed_last_is_opened_again(it):
    async def scenario():
        it.zendesk.viewed = 7
        async with it.running():
            await it.poll()
            it.follower.forget(it.zendesk.account)
            await it.poll()

    run(scenario())
    assert it.opened == [7, 7]
