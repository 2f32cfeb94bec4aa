"""Switching between tickets while answers are under way (promise N5)."""

from __future__ import annotations

import asyncio
import random

import pytest

from assist.domain import SuggestionId
from desktop.panel.state import Ready
from tests.helpers.builders import a_message
from tests.helpers.fakes import Table, run, table, until


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        yield laid


def ready_states(at: Table) -> list[Ready]:
    return [state for state in at.shown if isinstance(state, Ready)]


@pytest.mark.promise("N5")
def test_that_an_answer_for_the_ticket_before_changes_nothing(at):
    at.has(7, 8)

    async def scenario():
        gate = asyncio.Event()

        async def hold(_what, about):
            if about == 7:
                await gate.wait()

        at.helpdesk.wait = hold
        at.session.open(at.ref(7))
        await until(lambda: at.helpdesk.count("open_ticket"))
        at.session.open(at.ref(8))
        gate.set()
        await at.settle()

    run(scenario())
    assert {state.opened.ticket.ref.id for state in ready_states(at)} == {8}
    assert {event.ref.id for event in at.events()} == {8}


@pytest.mark.promise("N5")
def test_that_a_use_after_the_switch_hands_out_nothing(at):
    at.has(7, 8)
    run(at.open(7))
    run(at.open(8))
    assert run(at.session.use("s7-1", how="key")) is None
    assert run(at.session.use_edited("s7-1", "mine")) is None
    assert run(at.session.use_article("a7-1", how="open")) is None
    run(at.session.dismiss("s7-1", reason=""))
    assert at.store.log.standing(SuggestionId("s7-1")) is None


def is_own(state: Ready) -> bool:
    """Tell whether all that a state holds is of its own ticket."""
    number = state.opened.ticket.ref.id
    ids = [*state.decided, *(reply.id for reply in state.help.replies), *(hit.id for hit in state.help.articles)]
    return state.help.ref.id == number and all(id_.startswith((f"s{number}-", f"a{number}-")) for id_ in ids)


class Switching:
    """An agent who switches at random among ten tickets, before a helpdesk and an engine that take their time."""

    def __init__(self, at: Table, seed: int) -> None:
        self.at = at
        self.dice = random.Random(seed)
        self.painted: list[Ready] = []
        self.wrong: list[object] = []
        at.has(*range(1, 11))
        at.helpdesk.wait = at.engine.wait = self.slow
        at.session._show = self.show

    async def slow(self, _what: object = None, _about: object = None) -> None:
        for _ in range(self.dice.randrange(6)):
            await asyncio.sleep(0)

    def show(self, state: object) -> None:
        ref = state.opened.ticket.ref if isinstance(state, Ready) else getattr(state, "ref", None)
        if ref != self.at.session.front or (isinstance(state, Ready) and not is_own(state)):
            self.wrong.append(state)
        if isinstance(state, Ready):
            self.painted.append(state)

    async def use(self, ticket_id: int, wanted: set[str | None]) -> None:
        if (text := await self.at.session.use(f"s{ticket_id}-1", how="key")) not in wanted:
            self.wrong.append(text)

    async def run(self, switches: int) -> int:
        before = 0
        for _ in range(switches):
            ticket_id = self.dice.choice([number for number in range(1, 11) if number != before])
            self.at.session.open(self.at.ref(ticket_id))
            await self.use(before, {None})
            for _ in range(self.dice.randrange(8)):
                await self.slow()
            if self.dice.random() < 0.2:
                self.at.tasks.spawn("act", self.use(ticket_id, {None, f"Reply to {ticket_id}."}))
                await asyncio.sleep(0)
            if self.dice.random() < 0.1:
                self.at.has(ticket_id, messages=(a_message(f"News {self.dice.random()}"),))
            before = ticket_id
        await self.at.settle()
        return before


@pytest.mark.promise("N5")
@pytest.mark.parametrize("seed", range(4))
def test_that_through_250_random_switches_each_ticket_shows_only_what_is_its_own(at, seed):
    """With those of the other seeds these are a thousand switches."""
    agent = Switching(at, seed)
    last = run(agent.run(250))
    assert agent.wrong == []
    assert at.errors == []
    assert at.session.front == at.ref(last)
    assert agent.painted[-1].opened.ticket.ref.id == last
    assert len({state.opened.ticket.ref.id for state in agent.painted}) == 10
    assert "used" in at.kinds()
    for event in at.events():
        assert event.suggestion_id[1:].startswith(f"{event.ref.id}-")
