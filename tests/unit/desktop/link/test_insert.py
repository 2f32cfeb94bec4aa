from __future__ import annotations

import asyncio

import pytest

from desktop.link.insert import Inserter
from desktop.link.state import Placed, Target
from integrations.browser.messages import Insert, Inserted
from tests.helpers.fakes import run, until
from tests.helpers.links import page


class Asked:
    """An inserter, and what it asked of browsers 1 and 2."""

    def __init__(self, wait_s: float = 20.0) -> None:
        self.sent: list[tuple[int, Insert]] = []
        self.takes = True
        self.inserter = Inserter(self._send, wait_s=wait_s)

    def _send(self, browser: int, message: Insert) -> bool:
        self.sent.append((browser, message))
        return self.takes

    async def start(self, *numbers: int) -> list[asyncio.Future[Placed]]:
        """Begin to insert into these tickets, of which the even ones are in browser 2."""
        found = []
        for number in numbers:
            target = Target(2 - number % 2, number, page(number))
            found.append(asyncio.ensure_future(self.inserter.insert(target, f"Reply to {number}.")))
            await until(lambda number=number: any(one.url == page(number) for _, one in self.sent))
        return found


@pytest.mark.parametrize(
    ("ok", "why", "placed"),
    [
        (True, "", Placed.INSERTED),
        (False, "moved", Placed.MOVED),
        (False, "no-composer", Placed.NO_COMPOSER),
        (False, "failed", Placed.FAILED),
        (False, "", Placed.FAILED),
    ],
)
def test_that_the_answer_says_what_became_of_it(ok, why, placed):
    async def scenario():
        asked = Asked()
        [work] = await asked.start(7)
        [(browser, message)] = asked.sent
        assert (browser, message.url, message.text, message.html) == (1, page(7), "Reply to 7.", "<p>Reply to 7.</p>")
        asked.inserter.answered(1, Inserted(message.id, ok, why))
        return await work

    assert run(scenario()) is placed


@pytest.mark.promise("N5")
def test_that_answers_are_told_apart_by_id_and_browser_in_any_order():
    async def scenario():
        asked = Asked()
        seven, eight = await asked.start(7, 8)
        ids = [message.id for _, message in asked.sent]
        assert len(set(ids)) == 2
        asked.inserter.answered(1, Inserted(ids[1], ok=True, why=""))
        asked.inserter.answered(1, Inserted("nobody", ok=True, why=""))
        asked.inserter.answered(2, Inserted(ids[1], ok=False, why="moved"))
        asked.inserter.answered(2, Inserted(ids[1], ok=True, why=""))
        asked.inserter.answered(1, Inserted(ids[0], ok=True, why=""))
        return await seven, await eight

    assert run(scenario()) == (Placed.INSERTED, Placed.MOVED)


@pytest.mark.promise("N5")
def test_that_an_answer_that_comes_late_counts_for_nothing_else():
    async def scenario():
        asked = Asked(wait_s=0.01)
        [late] = await asked.start(7)
        assert await late is Placed.LATE
        asked.inserter._wait_s = 20.0
        [next_one] = await asked.start(9)
        first, second = (message.id for _, message in asked.sent)
        asked.inserter.answered(1, Inserted(first, ok=True, why=""))
        await asyncio.sleep(0)
        assert not next_one.done()
        asked.inserter.answered(1, Inserted(second, ok=False, why="moved"))
        return await next_one

    assert run(scenario()) is Placed.MOVED


def test_that_a_lost_browser_answers_for_its_own_only():
    async def scenario():
        asked = Asked()
        seven, eight = await asked.start(7, 8)
        asked.inserter.lost(2)
        assert await eight is Placed.LOST
        assert not seven.done()
        asked.inserter.lost(1)
        return await seven

    assert run(scenario()) is Placed.LOST


def test_that_what_could_not_be_sent_is_not_waited_for():
    async def scenario():
        asked = Asked()
        asked.takes = False
        [work] = await asked.start(7)
        return await work

    assert run(scenario()) is Placed.LOST


@pytest.mark.promise("S3")
def test_that_neither_reply_nor_address_is_in_a_repr():
    async def scenario():
        asked = Asked()
        [work] = await asked.start(7)
        asked.inserter.lost(1)
        await work
        return repr(asked.sent)

    said = run(scenario())
    assert "Reply" not in said
    assert "acme" not in said
