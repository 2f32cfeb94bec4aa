"""The look right before an insert: whether somebody else wrote since the reply was made (promise N6)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from assist.domain import AlertKind, Role
from assist.errors import Unreachable
from tests.helpers.builders import NOON, a_message, a_reply, an_author
from tests.helpers.fakes import help_for, run, table
from tests.helpers.links import AgentsDesk, after_opening, page


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def desk(at):
    return AgentsDesk(at)


def colleague(text: str = "I am on it.", **fields):
    author = an_author(Role.AGENT, id=502, name="Anna")
    return a_reply(text, **{"id": 90, "author": author, "created_at": NOON + timedelta(seconds=60), **fields})


@pytest.mark.promise("N6")
def test_that_a_colleagues_answer_stops_the_first_use_and_not_the_second(at, desk):
    at.helpdesk.messages[7] = [colleague()]
    at.has(7, messages=(a_message(), colleague()))

    async def first():
        at.helpdesk.tickets[7] = replace(at.helpdesk.tickets[7], messages=(a_message(), colleague()))
        at.clock.advance(seconds=100)
        return await desk.use()

    at.has(7)
    assert after_opening(at, first) == [False]
    assert (desk.browsers.inserted, desk.clipboard, desk.used) == ([], [], 0)
    assert desk.notices == ["Anna answered 40 s ago. Look first."]
    assert "used" not in at.kinds()
    [alert] = [one for one in at.ready().help.alerts if one.kind is AlertKind.STALE]
    assert alert.title == "Anna has answered meanwhile"
    assert run(desk.use()) is True
    assert desk.browsers.inserted == [(page(7), "Reply to 7.")]


@pytest.mark.promise("N6")
def test_that_a_new_message_of_the_customer_stops_a_use_and_new_help_is_made(at, desk):
    news = a_message("It is solved, thank you!", id=91, created_at=NOON + timedelta(seconds=1))
    seen = []

    async def use():
        at.helpdesk.messages[7] = [news]
        at.has(7, messages=(a_message(), news))
        at.engine.answers[7] = [help_for(7, turn=2)]
        result = await desk.use()
        seen.append(at.ready())
        return result

    assert after_opening(at, use) == [False]
    assert desk.notices == ["Inês Caldeira wrote just now. Look first."]
    assert seen[0].outdated == {"s7-1"}
    assert [one.title for one in seen[0].help.alerts if one.kind is AlertKind.STALE] == [
        "Inês Caldeira has written meanwhile"
    ]
    now = at.ready()
    assert (now.help.state_key, now.help.replies[0].id) == ("7/2", "s7-2")
    assert not [one for one in now.help.alerts if one.kind is AlertKind.STALE]
    assert not {one.id for one in now.help.replies} & now.outdated


@pytest.mark.promise("N6")
def test_that_an_answer_that_the_watcher_saw_first_stops_the_use_as_well(at, desk):
    async def use():
        at.session.colleague_answered(at.ref(), colleague())
        assert at.ready().outdated == {"s7-1"}
        at.clock.advance(minutes=5)
        return await desk.use()

    assert after_opening(at, use) == [False]
    assert desk.notices == ["Anna answered 4 min ago. Look first."]
    assert desk.browsers.inserted == []


@pytest.mark.promise("N6")
def test_that_an_edit_of_a_reply_that_was_replaced_meanwhile_is_stopped_once_and_then_taken(at, desk):
    news = a_message("And the bag is torn, too.", id=92, created_at=NOON + timedelta(seconds=5))

    async def moved():
        at.helpdesk.messages[7] = [news]
        at.has(7, messages=(a_message(), news))
        at.engine.answers[7] = [help_for(7, turn=2)]
        at.session.reload()
        await at.settle()
        assert [one.id for one in at.ready().help.replies] == ["s7-2"]

    found = after_opening(at, moved, lambda: desk.use_edited("mine"), lambda: desk.use_edited("mine"))
    assert found[1:] == [False, True]
    assert desk.browsers.inserted == [(page(7), "mine")]


@pytest.mark.promise("N6")
@pytest.mark.parametrize(
    "message",
    [
        colleague(public=False),
        a_reply("My own.", id=93, created_at=NOON + timedelta(seconds=5)),
        a_message("Merged.", id=94, role=Role.SYSTEM, created_at=NOON + timedelta(seconds=5)),
        a_message(),
    ],
    ids=["a note", "the agent's own", "the system's", "known"],
)
def test_that_what_no_other_person_wrote_publicly_stops_nothing(at, desk, message):
    at.helpdesk.messages[7] = [message]
    assert after_opening(at, desk.use) == [True]
    assert desk.browsers.inserted


@pytest.mark.promise("N6")
@pytest.mark.promise("N4")
def test_that_a_helpdesk_that_does_not_answer_stops_nothing_and_that_is_said(at, desk):
    at.helpdesk.messages[7] = Unreachable("no answer")
    assert after_opening(at, desk.use) == [True]
    assert desk.browsers.inserted
    assert desk.notices == ["Inserted. It could not be checked whether somebody has answered meanwhile."]


@pytest.mark.promise("N6")
def test_that_a_helpdesk_that_takes_its_time_is_not_waited_for_long(at, desk, monkeypatch):
    monkeypatch.setattr("desktop.meanwhile.CHECK_S", 0.01)

    async def hold(what, _about):
        if what == "replies_since":
            await asyncio.Event().wait()

    at.helpdesk.wait = hold
    assert after_opening(at, desk.use) == [True]
    assert desk.browsers.inserted


@pytest.mark.promise("N7")
@pytest.mark.parametrize(
    ("off", "said"),
    [(timedelta(hours=-3), "just now"), (timedelta(0), "30 s ago"), (timedelta(hours=3), "50 s ago")],
)
def test_that_a_wrong_clock_tells_no_age_that_cannot_be(at, desk, off, said):
    """The ticket was read 50 s before; the answer is 30 s old by the helpdesk's clock, which differs by ``off``."""

    async def use():
        at.clock.advance(seconds=50)
        answer = colleague(created_at=at.clock.now() - timedelta(seconds=30) - off)
        at.helpdesk.messages[7] = [answer]
        at.has(7, messages=(a_message(created_at=NOON - timedelta(days=1)), answer))
        return await desk.use()

    at.has(7, messages=(a_message(created_at=NOON - timedelta(days=1)),))
    assert after_opening(at, use) == [False]
    assert desk.notices == [f"Anna answered {said}. Look first."]
