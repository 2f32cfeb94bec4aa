"""An agent who switches at random among ten tickets, with drafts and inserts under way (promise N5)."""

from __future__ import annotations

import asyncio
import random

import pytest

from assist.domain import Role
from desktop.link.presenter import Clocks, LinkPresenter
from desktop.panel.state import Ready
from desktop.using import Outlets, Use
from integrations.browser.messages import Away, Composer, Draft, Elsewhere, Front, Insert, Inserted
from integrations.browser.partner import Linked, Said
from tests.helpers.builders import a_message, a_reply, an_author
from tests.helpers.fakes import Table, run, table, until
from tests.helpers.links import Room, page

TICKETS = range(1, 11)


class Switching:
    """The browser inserts only where the page is still the one that was named, as the extension does, and late."""

    def __init__(self, at: Table, seed: int) -> None:
        self.at = at
        self.dice = random.Random(seed)
        self.room = Room()
        self.room.drafts = True
        self.clock_s = 0.0
        self.front: int | None = None
        self.sent: list[tuple[str, str]] = []
        self.inserted: list[tuple[str, str]] = []
        self.copied: list[str] = []
        self.painted: list[Ready] = []
        self.wrong: list[object] = []
        clocks = Clocks(lambda: self.clock_s, lambda: self.clock_s)
        self.link = LinkPresenter(at.session, at.desk, self.room.doors(), send=self.send, clocks=clocks)
        self.link.inserter._wait_s = 0.05
        self.using = Use(at.session, self, Outlets(self.copy, self.room.notices.append, lambda: None))
        at.has(*TICKETS)
        at.helpdesk.wait = at.engine.wait = self.slow
        at.session._show = self.show
        self.link.on_events(1, [Linked("00ff00ff00ff00ff", "Chromium")])

    # What `Use` needs of a link

    def reach(self, ref):
        return self.link.reach(ref)

    async def insert(self, target, text):
        return await self.link.inserter.insert(target, text)

    # The world

    async def slow(self, _what: object = None, _about: object = None) -> None:
        for _ in range(self.dice.randrange(6)):
            await asyncio.sleep(0)

    def copy(self, text: str) -> bool:
        self.copied.append(text)
        return True

    def show(self, state: object) -> None:
        if isinstance(state, Ready):
            self.painted.append(state)
            number = state.opened.ticket.ref.id
            ids = [*state.decided, *state.places, *state.outdated, *(reply.id for reply in state.help.replies)]
            if state.opened.ticket.ref != self.at.session.front or not all(
                id_.startswith((f"s{number}-", f"a{number}-")) for id_ in ids
            ):
                self.wrong.append(state)

    def send(self, _browser: int, message: object) -> bool:
        if isinstance(message, Insert):
            self.sent.append((message.url, message.text))
            self.at.tasks.spawn("browser", self.answer(message))
        return True

    async def answer(self, message: Insert) -> None:
        await self.slow()
        if self.dice.random() < 0.1:
            await asyncio.sleep(0.1)
        moved = self.front is None or page(self.front) != message.url
        if not moved:
            self.inserted.append((message.url, message.text))
        self.say(Inserted(message.id, not moved, "moved" if moved else ""))

    def say(self, message) -> None:
        self.link.on_events(1, [Said(message)])

    def switch(self) -> int:
        number = self.dice.choice([one for one in TICKETS if one != self.front])
        self.front = number
        self.say(Front(page(number), number, self.dice.random() < 0.9))
        return number

    def type(self, number: int) -> None:
        for one in (number, self.dice.choice(TICKETS)):
            self.say(Draft(one, page(one), f"Draft for {one}"))
        for one in TICKETS:
            if self.link.draft(self.at.ref(one)) not in ("", f"Draft for {one}"):
                self.wrong.append(("draft", one))
            if self.link.draft(self.at.ref(one)) and one != self.front:
                self.wrong.append(("draft of a ticket that left", one))

    async def use(self, number: int) -> None:
        id_ = f"s{number}-1"
        if self.dice.random() < 0.5:
            await self.using(id_, lambda: self.at.session.use(id_, how="key"))
        else:
            await self.using(id_, lambda: self.at.session.use_edited(id_, f"Mine for {number}."))

    async def stay(self, wanted) -> None:
        """Often wait until something has come to its end, and else go on in the midst of it."""
        if self.dice.random() < 0.4:
            await until(wanted)
        else:
            for _ in range(self.dice.randrange(12)):
                await self.slow()

    async def run(self, switches: int) -> int:
        number = 0
        for _ in range(switches):
            before, number = number, self.switch()
            self.clock_s += 0.5
            self.type(number)
            if before and self.dice.random() < 0.3:
                self.at.tasks.spawn("act", self.use(before))
            await self.stay(lambda number=number: self.at.session.suggestion(f"s{number}-1"))
            if self.dice.random() < 0.1:
                # By hand, so that panel and browser show different tickets.
                number = self.dice.choice(TICKETS)
                self.at.session.open(self.at.ref(number))
                await self.stay(lambda number=number: self.at.session.suggestion(f"s{number}-1"))
            if self.dice.random() < 0.6:
                self.at.tasks.spawn("act", self.use(number))
            if self.dice.random() < 0.1:
                self.say(self.dice.choice([Elsewhere(), Away(), Composer(number, present=False)]))
            if self.dice.random() < 0.1:
                anna = a_reply(id=1000 + self.dice.randrange(10**6), author=an_author(Role.AGENT, id=502, name="Anna"))
                self.at.helpdesk.messages[number] = [anna]
                self.at.has(number, messages=(a_message(), anna))
            await self.stay(lambda: "act" not in self.at.tasks.names())
        await self.at.settle()
        return number


@pytest.mark.promise("N5")
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_that_through_250_random_switches_each_ticket_gets_only_what_is_its_own(tmp_path, seed):
    """With those of the other seeds these are a thousand switches, with a draft in each."""
    with table(tmp_path) as at:
        agent = Switching(at, seed)
        last = run(agent.run(250))
        assert (agent.wrong, at.errors) == ([], [])
        assert at.session.front == at.ref(last)
        for url, text in (*agent.sent, *agent.inserted):
            number = url.rsplit("/", 1)[1]
            assert text in {f"Reply to {number}.", f"Mine for {number}."}
        assert len(agent.inserted) > 20
        assert len({state.opened.ticket.ref.id for state in agent.painted}) == 10
        decided = {event.suggestion_id for event in at.events() if event.__class__.__name__ == "Decision"}
        assert decided
        for event in at.events():
            assert event.suggestion_id[1:].startswith(f"{event.ref.id}-")
