from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from assist.errors import NotThere, Unreachable
from desktop.desk import Seat
from desktop.reading import SPARED_FOR, TicketReader
from tests.helpers.builders import an_agent
from tests.helpers.fakes import FakeHelpdesk, run, table, until


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def reader(at):
    return TicketReader(at.desk, at.store, at.clock, at.tasks)


def kept(at, number: int = 7) -> bool:
    return at.store.tickets.get(at.ref(number), now=at.clock.now()) is not None


async def held(at, gate: asyncio.Event):
    """Let the helpdesk answer only when the gate is open."""

    async def wait(_what, _about):
        await gate.wait()

    at.helpdesk.wait = wait


def test_that_what_was_read_is_returned_and_kept(at, reader):
    async def scenario():
        opened = await reader.read(at.seat, at.ref())
        await at.settle()
        return opened

    assert run(scenario()).ticket.ref == at.ref()
    assert kept(at)


@pytest.mark.parametrize(("age", "requests"), [(SPARED_FOR - timedelta(milliseconds=1), 1), (SPARED_FOR, 2)])
def test_that_a_young_copy_spares_a_request(at, reader, age, requests):
    async def scenario():
        await reader.read(at.seat, at.ref(), sparing=True)
        at.clock.value += age
        await reader.read(at.seat, at.ref(), sparing=True)
        await at.settle()

    run(scenario())
    assert at.helpdesk.count("open_ticket") == requests


def test_that_who_is_not_sparing_always_asks(at, reader):
    async def scenario():
        await reader.read(at.seat, at.ref(), sparing=True)
        await reader.read(at.seat, at.ref())
        await at.settle()

    run(scenario())
    assert at.helpdesk.count("open_ticket") == 2


@pytest.mark.promise("N7")
def test_that_a_clock_that_was_set_back_spares_nothing(at, reader):
    async def scenario():
        await reader.read(at.seat, at.ref(), sparing=True)
        at.clock.advance(hours=-3)
        await reader.read(at.seat, at.ref(), sparing=True)
        await at.settle()

    run(scenario())
    assert at.helpdesk.count("open_ticket") == 2


def test_that_a_reading_that_nobody_waits_for_goes_on_and_serves_who_comes_back(at, reader):
    async def scenario():
        gate = asyncio.Event()
        await held(at, gate)
        first = asyncio.ensure_future(reader.read(at.seat, at.ref(), sparing=True))
        await until(lambda: at.helpdesk.count("open_ticket"))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        second = asyncio.ensure_future(reader.read(at.seat, at.ref(), sparing=True))
        await asyncio.sleep(0)
        gate.set()
        opened = await second
        await at.settle()
        return opened

    assert run(scenario()).ticket.ref == at.ref()
    assert at.helpdesk.count("open_ticket") == 1
    assert kept(at)


@pytest.mark.promise("N1")
def test_that_a_failure_is_spared_as_well(at, reader):
    at.helpdesk.tickets[7] = Unreachable("no answer")

    async def scenario():
        for _ in range(3):
            with pytest.raises(Unreachable):
                await reader.read(at.seat, at.ref(), sparing=True)
        await at.settle()

    run(scenario())
    assert at.helpdesk.count("open_ticket") == 1


def test_that_an_unexpected_error_leaves_nobody_waiting(at, reader):
    at.helpdesk.tickets[7] = ZeroDivisionError("a bug")

    async def scenario():
        with pytest.raises(asyncio.CancelledError):
            await reader.read(at.seat, at.ref())
        await at.settle()

    run(scenario())
    assert [str(error) for _, error in at.errors] == ["a bug"]


@pytest.mark.promise("N3")
def test_that_a_new_seat_is_asked_itself(at, reader):
    async def scenario():
        await reader.read(at.seat, at.ref(), sparing=True)
        fresh = FakeHelpdesk()
        fresh.tickets[7] = NotThere("not for you")
        with pytest.raises(NotThere):
            await reader.read(Seat(fresh, an_agent(), "acme"), at.ref(), sparing=True)
        await at.settle()

    run(scenario())


@pytest.mark.promise("D7")
def test_that_nothing_is_kept_of_an_account_that_has_left(at, reader):
    async def scenario():
        gate = asyncio.Event()
        await held(at, gate)
        reading = asyncio.ensure_future(reader.read(at.seat, at.ref()))
        await until(lambda: at.helpdesk.count("open_ticket"))
        at.desk.remove(at.helpdesk.account)
        reader.forget(at.helpdesk.account)
        gate.set()
        await reading
        await at.settle()

    run(scenario())
    assert not kept(at)
    assert reader._readings == {}
