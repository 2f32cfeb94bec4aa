"""One budget for an account, whoever uses it: the real demo helpdesk counts, over real sockets."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from assist.domain import HelpdeskKind
from assist.errors import Unreachable
from assist.ports import Helpdesk
from integrations.demo.faults import Limits
from integrations.demo.server import DemoServer
from integrations.demo.world import DEMO_ADMIN_FRESHDESK_KEY, DEMO_EMAIL, DEMO_ZENDESK_TOKEN, World
from integrations.helpdesks import connect
from integrations.ledger import Ledger
from integrations.metering import LocalMeter, Outcome, Rules, Share, Taken
from integrations.site import ApiKey, ApiToken, demo_site
from integrations.window import Lane, Purpose, Wish
from tests.helpers.budget import ScaledTime, most_in_a_window
from tests.helpers.children import child, eventually
from tests.helpers.demo_data import OPEN, small_world
from tests.helpers.helpdesk import run

Z, F = HelpdeskKind.ZENDESK, HelpdeskKind.FRESHDESK
CAP = 20
WINDOW_S = 1.0


class Counts:
    """What the server took from each budget, and when: ``(time, cost)`` by the budget's name."""

    def __init__(self, world: World) -> None:
        self.taken: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._world = world
        self._take = world.take_budget
        world.take_budget = self.take  # type: ignore[method-assign]  # the server's own figure, written down

    def take(self, name: str, *, limit: int, cost: int = 1) -> tuple[bool, int, int]:
        self.taken[name].append((self._world.now().timestamp(), cost))
        return self._take(name, limit=limit, cost=cost)

    def used(self, name: str) -> int:
        return sum(cost for _, cost in self.taken[name])

    def most(self, name: str) -> int:
        """Return the most that any window held."""
        times_s, costs = zip(*self.taken[name], strict=True)
        return most_in_a_window(times_s, WINDOW_S, costs)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with DemoServer(small_world(tmp_path_factory.mktemp("first"))) as server:
        yield server


def show(server: DemoServer, folder, now: Any, **limits: int) -> World:
    world = small_world(folder, clock=now, limits=Limits(**limits))
    server.show(world)
    return world


@pytest.mark.slow
@pytest.mark.promise("N1")
def test_that_two_processes_together_stay_within_the_share_also_when_one_is_killed(running, tmp_path):
    """A tenth of 200 requests, in windows of a second: each of the two alone would send more."""
    world = show(running, tmp_path, lambda: datetime.now(UTC), zendesk=200, freshdesk=200)
    world.take_budget = _never_empty(world)  # type: ignore[method-assign]  # a full minute's budget is not what is tried here
    counts = Counts(world)
    arguments = [str(running.zendesk_port), str(running.freshdesk_port), str(tmp_path / "run"), str(WINDOW_S)]
    with (
        child("tests.helpers.budget_child", *arguments, folder=tmp_path) as first,
        child("tests.helpers.budget_child", *arguments, folder=tmp_path) as second,
    ):
        assert (first.answer(), second.answer()) == ("working", "working")
        eventually(lambda: min(counts.used("zendesk"), counts.used("freshdesk")), lambda used: used >= 3 * CAP)
        first.process.kill()
        before = {name: counts.used(name) for name in ("zendesk", "freshdesk")}
        eventually(lambda: min(counts.used(name) - was for name, was in before.items()), lambda used: used >= CAP)
    for name in ("zendesk", "zendesk help center", "freshdesk"):
        assert counts.most(name) <= CAP
    assert {seen.status for seen in world.requests} <= {200, 404}


def _never_empty(world: World) -> Any:
    take = world.take_budget

    def taken(name: str, *, limit: int, cost: int = 1) -> tuple[bool, int, int]:
        _, _, resets_s = take(name, limit=limit, cost=cost)
        return True, limit - cost, resets_s

    return taken


class Two:
    """Two desktops as two processes would be: each with the ledger open for itself."""

    def __init__(self, server: DemoServer, kind: HelpdeskKind, folder, time: ScaledTime, share: Share) -> None:
        port = server.zendesk_port if kind is Z else server.freshdesk_port
        credentials = ApiToken(DEMO_EMAIL, DEMO_ZENDESK_TOKEN) if kind is Z else ApiKey(DEMO_ADMIN_FRESHDESK_KEY)
        site = demo_site(kind, port)
        self.ledgers = [Ledger(folder / "run", time.moment) for _ in range(2)]
        self.desktops: list[Helpdesk] = [
            connect(
                site,
                credentials,
                sleep=time.sleep,
                clock=time,
                meter=ledger.meter(site.account, Rules(kind, share)),
            )
            for ledger in self.ledgers
        ]

    async def other_knows_of_a_wait(self) -> None:
        """Return when the second desktop finds in the ledger that the vendor asked to wait."""
        while not any(usage.waits for usage in await self.ledgers[1].usage() or ()):  # noqa: ASYNC110 - another process's file
            await asyncio.sleep(0.001)

    async def __aenter__(self) -> list[Helpdesk]:
        return self.desktops

    async def __aexit__(self, *_: object) -> None:
        for helpdesk in self.desktops:
            await helpdesk.aclose()
        for ledger in self.ledgers:
            await ledger.aclose()


def two(server: DemoServer, kind: HelpdeskKind, folder, time: ScaledTime, *, share: float = 0.5) -> Two:
    return Two(server, kind, folder, time, lambda: share)


@pytest.mark.promise("N1")
@pytest.mark.parametrize(
    ("kind", "retry_after", "least_s"),
    [
        (Z, "12", 12.0),
        (F, "0", 0.25),
        (Z, "DATE", 12.0),
        (F, None, 10.25),
        (Z, "-5", 10.25),
        (F, "soon", 10.25),
        (Z, "", 10.25),
    ],
    ids=["seconds", "zero", "date", "missing", "negative", "nonsense", "empty"],
)
def test_that_a_storm_of_429_brings_one_probe_at_a_time_from_both_desktops_together(
    running, tmp_path, kind, retry_after, least_s
):
    time = ScaledTime()
    world = show(running, tmp_path, time.now)
    if retry_after == "DATE":
        retry_after = format_datetime(datetime.now(UTC) + timedelta(seconds=14), usegmt=True)
    world.faults.set({"status": 429, "retry_after": retry_after, "times": 2})

    async def scenario() -> list[Any]:
        pair = two(running, kind, tmp_path, time)
        async with pair as (first, second):
            alone = asyncio.create_task(first.me())
            await pair.other_knows_of_a_wait()
            return await asyncio.gather(alone, *(desktop.me() for desktop in (first, second) * 8))

    agents = run(scenario())
    assert len({agent.id for agent in agents}) == 1
    statuses = [seen.status for seen in world.requests]
    assert statuses == [429] * 2 + [200] * 17
    refused = [seen.time for seen in world.requests[:3]]
    assert min((after - before).total_seconds() for before, after in pairwise(refused)) >= least_s


@pytest.mark.promise("N1")
@pytest.mark.parametrize(("kind", "retry_after"), [(Z, "86400"), (F, "9" * 30)])
def test_that_a_huge_wait_is_said_on_both_desktops_and_asked_by_none(running, tmp_path, kind, retry_after):
    time = ScaledTime()
    world = show(running, tmp_path, time.now)
    world.faults.set({"status": 429, "retry_after": retry_after, "times": 1})

    async def scenario() -> list[BaseException]:
        pair = two(running, kind, tmp_path, time)
        async with pair as (first, second):
            said = await asyncio.gather(first.me(), return_exceptions=True)
            await pair.other_knows_of_a_wait()
            return said + await asyncio.gather(*(one.me() for one in (first, second) * 4), return_exceptions=True)

    said = run(scenario())
    assert [type(error) for error in said] == [Unreachable] * 9
    assert all("asks to wait" in str(error) for error in said)
    assert len(world.requests) == 1


@pytest.mark.promise("N1")
@pytest.mark.parametrize("kind", [Z, F])
def test_that_a_ticket_opens_on_one_desktop_while_the_other_syncs_all_it_may(running, tmp_path, kind):
    time = ScaledTime(times=4.0)
    world = show(running, tmp_path, time.now, zendesk=120, freshdesk=160)
    counts = Counts(world)

    async def sync(helpdesk: Helpdesk) -> None:
        while True:
            async for _ in helpdesk.articles():
                pass
            async for _ in helpdesk.solved_tickets():
                pass

    async def scenario() -> tuple[int, int, Any]:
        async with two(running, kind, tmp_path, time, share=0.1) as (first, second):
            syncing = asyncio.create_task(sync(first))
            used = -1
            while counts.used(kind.value) != used:
                used = counts.used(kind.value)
                await time.sleep(1.0)
            opened = await second.open_ticket(OPEN)
            syncing.cancel()
            await asyncio.gather(syncing, return_exceptions=True)
            return used, counts.used(kind.value), opened

    used, in_all, opened = run(scenario())
    cap = {Z: 12, F: 16}[kind]
    assert used <= cap // 2
    assert in_all <= cap
    assert opened.ticket.ref.id == OPEN
    assert opened.messages


@pytest.mark.promise("N1")
def test_that_an_agent_is_told_in_a_sentence_when_the_share_is_used_and_nothing_is_sent(running, tmp_path):
    time = ScaledTime()
    world = show(running, tmp_path, time.now, zendesk=200)

    async def scenario() -> str:
        pair = two(running, Z, tmp_path, time, share=0.1)
        async with pair as (first, second):
            await first.me()
            meter = pair.ledgers[0].meter(first.account, Rules(Z))
            while_full = Wish(19, urgent=True, purpose=Purpose.OPENING, lane=Lane.TICKETS)
            await meter.take(while_full)
            with pytest.raises(Unreachable) as refusal:
                await second.open_ticket(OPEN)
            return str(refusal.value)

    said = run(scenario())
    assert said.startswith("Kibitz has used its share of the account's requests for this minute.")
    assert len(world.requests) == 1


class Compared(LocalMeter):
    """A meter that remembers the guess before sending and the server's word after it."""

    def __init__(self) -> None:
        super().__init__(Rules(F, exempt=True))
        self.guessed: list[int] = []
        self.told: list[int | None] = []

    def settle(self, taken: Taken, outcome: Outcome) -> None:
        self.guessed.append(taken.wish.cost)
        self.told.append(outcome.cost)
        super().settle(taken, outcome)


@pytest.mark.promise("N1")
def test_that_freshdesks_charge_for_what_is_included_is_known_before_it_is_sent(running, tmp_path):
    world = show(running, tmp_path, lambda: datetime.now(UTC))
    counts, meter = Counts(world), Compared()

    async def scenario() -> None:
        site = demo_site(F, running.freshdesk_port)
        helpdesk = connect(site, ApiKey(DEMO_ADMIN_FRESHDESK_KEY), meter=meter)
        await helpdesk.open_ticket(OPEN)
        for batches in (helpdesk.articles(), helpdesk.macros(), helpdesk.solved_tickets()):
            async for _ in batches:
                pass
        await helpdesk.aclose()

    run(scenario())
    assert max(meter.guessed) >= 3
    assert meter.guessed == meter.told
    assert sum(meter.guessed) == counts.used("freshdesk")


@pytest.mark.promise("N1")
def test_that_the_ledger_holds_what_the_server_counted(running, tmp_path):
    time = ScaledTime()
    counts = Counts(show(running, tmp_path, time.now, freshdesk=700))

    async def scenario() -> int:
        pair = two(running, F, tmp_path, time)
        async with pair as (first, second):
            await first.open_ticket(OPEN)
            await second.me()
            await pair.ledgers[0].usage()
            [usage] = await pair.ledgers[1].usage() or ()
            return usage.day

    assert run(scenario()) == counts.used("freshdesk")
