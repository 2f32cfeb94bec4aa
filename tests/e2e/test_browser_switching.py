"""Hundreds of switches between ten tickets in a real browser, with the real app beside it (promise N5).

Tickets are switched by the page's own router, as fast as the browser goes, with pauses; "Use" is pressed in the panel
at random moments, as a screen reader presses it. What was inserted where is noted by the page itself. ``--switches``
says how many; a thousand without a browser are in tests/unit/desktop/link/test_switching.py, always.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from assist.domain import EventKind
from tests.helpers.e2e import soon
from tests.helpers.linked import Linked

pytestmark = [pytest.mark.x11, pytest.mark.browser, pytest.mark.keyring_daemon, pytest.mark.slow]

TICKETS = (
    "o-invoice-george",
    "o-cancel-club-zoe",
    "o-wash-ruth",
    "o-pole-snapped-ines",
    "o-injury-liam",
    "o-double-charge-hannah",
    "o-sarcasm-peter",
    "o-privacy-klara",
    "o-furious-marcus",
    "o-bereaved-gwen",
)
"""No two of one customer."""
NOTE_PASTES = """(() => {
    globalThis.pasted = [];
    document.addEventListener("paste", ({ target, clipboardData }) => {
        const ticket = target.closest(".ticket").dataset.ticketId;
        pasted.push([Number(location.pathname.split("/").pop()), Number(ticket), clipboardData.getData("text/plain")]);
    }, true);
})()"""


class Hasty:
    """An agent who goes through the tickets, writes a little, and uses replies at any moment."""

    def __init__(self, linked: Linked, seed: int) -> None:
        self.linked = linked
        self.dice = random.Random(seed)
        self.tab: Any = linked.open(TICKETS[0])
        self.tab.run(NOTE_PASTES)
        self.now = TICKETS[0]
        self.button = linked.button()
        self.wrong: list[object] = []

    def begin_drafts(self) -> None:
        for key in TICKETS:
            self.linked.step(self.tab, key)
            self.tab.click("#composer")
            self.tab.type(draft(key))

    def switch(self) -> None:
        self.now = self.dice.choice([key for key in TICKETS if key != self.now])
        self.linked.push(self.tab, json.dumps(self.linked.path(self.now)))

    def use(self) -> None:
        """Press the first card's "Use", if it is there at this moment."""
        if self.linked.reader.is_showing(self.button):
            self.linked.reader.press(self.button)

    def use_and_see(self) -> None:
        """Stay until the reply is in the editor, or until it was said why it is not."""
        known = len(self.pasted())
        self.linked.reader.announced()
        self.use()
        soon(lambda: len(self.pasted()) > known or self.linked.reader.announced())

    def write(self) -> None:
        self.tab.run("document.querySelector('#composer')?.focus()")
        self.tab.type("x")

    def stay(self) -> None:
        """Wait until the panel helps with this ticket, and look whom it names."""
        self.linked.drawn(self.tab, self.now)
        self.linked.shows(self.now)
        texts = soon(self.linked.texts, lambda texts: any(text.startswith("Reply 1, ") for text in texts))
        names = {self.customer(key) for key in TICKETS} & set(texts)
        if names != {self.customer(self.now)}:
            self.wrong.append((self.now, names))

    def customer(self, key: str) -> str:
        return self.linked.world.people[self.linked.ticket(key).requester_id].name

    def run(self, switches: int) -> None:
        for _ in range(switches):
            self.switch()
            chance = self.dice.random()
            if chance < 0.02:
                self.stay()
                self.use_and_see()
            elif chance < 0.03:
                self.stay()
                self.use()
            elif chance < 0.1:
                self.use()
            elif chance < 0.15:
                self.write()

    def pasted(self) -> list[tuple[int, int, str]]:
        return [(page, ticket, text) for page, ticket, text in self.tab.run("pasted")]


def texts(linked: Linked, key: str) -> set[str]:
    """Return what was shown for a ticket, and what was used there: the helpdesk may have filled slots of it."""
    return {one.text for one in (*linked.log.shown(linked.ref(key)), *linked.used(key, EventKind.USED))}


def draft(key: str) -> str:
    return f"Draft for {key}."


@pytest.mark.promise("N5")
@pytest.mark.parametrize("linked", ["chromium-zendesk"], indirect=True, scope="module")
def test_that_through_hundreds_of_real_switches_each_ticket_gets_only_what_is_its_own(linked: Linked, pytestconfig):
    agent = Hasty(linked, seed=4)
    agent.begin_drafts()
    agent.run(pytestconfig.getoption("--switches"))
    agent.stay()

    assert agent.wrong == []
    made = {linked.number(key): texts(linked, key) for key in TICKETS}
    pasted = agent.pasted()
    assert len(pasted) >= 3
    assert {ticket for _, ticket, _ in pasted} <= set(made)
    assert [one for one in pasted if one[0] != one[1] or one[2] not in made[one[1]]] == []
    for key in TICKETS:
        others = set().union(*(made[linked.number(other)] for other in TICKETS if other != key))
        assert made[linked.number(key)] & others == set()
        shown = {one.suggestion_id for one in linked.log.shown(linked.ref(key))}
        assert {used.suggestion_id for used in linked.used(key, EventKind.USED)} <= shown
        linked.step(agent.tab, key)
        written = linked.composed(agent.tab)
        assert [other for other in TICKETS if draft(other) in written] == [key]
