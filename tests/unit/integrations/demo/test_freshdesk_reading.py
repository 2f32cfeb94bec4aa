"""What Kibitz reads from the demo's Freshdesk over real sockets, and what the server counts while it does."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from assist.domain import SlaMetric, TicketStatus, Visibility
from assist.errors import NotAllowed, NotThere
from assist.ports import SyncScope
from integrations.demo.data import load
from integrations.demo.faults import Limits
from integrations.demo.freshdesk.shapes import PRODUCT_ID
from integrations.demo.server import DEMO_ADMIN_FRESHDESK_KEY
from integrations.demo.world import FRESHDESK, World
from integrations.helpdesks import connect
from integrations.sender import HttpxSender
from integrations.site import ApiKey, demo_site
from tests.helpers.demo_data import LONG, NEW, OPEN, PENDING, SOLVED, HandClock
from tests.helpers.helpdesk import collect

DEMO = Path(__file__).resolve().parents[4] / "resources" / "demo"


@dataclass
class Clock:
    by_hand: HandClock

    def now(self):
        return self.by_hand()


@dataclass
class CostingSender:
    """Adds up what requests say that they cost."""

    inner: HttpxSender
    cost: int = 0

    async def send(self, request):
        self.cost += request.cost
        return await self.inner.send(request)

    async def aclose(self):
        await self.inner.aclose()


@pytest.fixture
def ask(server, clock):
    """Run a question against the demo's Freshdesk as the admin."""

    def run(question, *, scope=None, sender=None):
        async def answered():
            site = demo_site(FRESHDESK, server.freshdesk_port)

            async def no_wait(_seconds):
                await asyncio.sleep(0)

            sender_ = sender or HttpxSender(site.base_url)
            key = ApiKey(DEMO_ADMIN_FRESHDESK_KEY)
            helpdesk = connect(site, key, sender=sender_, sleep=no_wait, clock=Clock(clock))
            if scope is not None:
                helpdesk.scope = scope
            try:
                return await question(helpdesk)
            finally:
                await helpdesk.aclose()

        return asyncio.run(asyncio.wait_for(answered(), 30))

    return run


async def synced(helpdesk, marks=None):
    """Sync everything as the app does; return the last checkpoints and what came and went, by collection."""
    known = marks or {}
    batches = {
        "macros": await collect(helpdesk.macros()),
        "articles": await collect(helpdesk.articles(known.get("articles"))),
        "solved": await collect(helpdesk.solved_tickets(known.get("solved"))),
    }
    items = {name: [one for batch in found for one in batch.items] for name, found in batches.items()}
    gone = {name: sorted(id_ for batch in found for id_ in batch.gone) for name, found in batches.items()}
    return {name: found[-1].checkpoint for name, found in batches.items()}, items, gone


def asked(world, since=0, until=None):
    """Return how often which path was asked, ids left out."""
    paths = (seen.path.removeprefix("/api/v2/") for seen in world.requests[since:until])
    return Counter("/".join("#" if part.isdigit() else part for part in path.split("/")) for path in paths)


def test_that_a_second_sync_with_nothing_new_takes_a_handful_of_requests(server, clock, ask):
    world = World(load(DEMO), clock)
    server.show(world)

    async def three_times(helpdesk):
        marks, first, _ = await synced(helpdesk)
        counts = [len(world.requests)]
        for minutes in (15, 45):
            clock.advance(minutes=minutes)
            marks, again, _ = await synced(helpdesk, marks)
            assert len(again["articles"]) <= 1  # the newest one comes again with every walk
            assert again["solved"] == []
            counts.append(len(world.requests))
        return first, counts

    first, (whole, second, third) = ask(three_times)
    assert (len(first["articles"]) >= 60, whole > 200) == (True, True)
    assert asked(world, whole, second) == {
        "canned_response_folders": 1,
        "canned_response_folders/#/responses": 8,
        "solutions/categories": 1,
        "solutions/categories/#/folders": 4,
        "tickets": 1,
    }
    walk = asked(world, second, third)
    assert (walk["solutions/folders/#/articles"], walk["settings/helpdesk"], walk["tickets"]) == (16, 1, 3)


def test_that_what_requests_say_they_cost_is_what_the_server_counts(server, ask):
    sender = CostingSender(HttpxSender(server.freshdesk_url))

    async def everything(helpdesk):
        await helpdesk.open_ticket(OPEN)
        await helpdesk.standing(OPEN)
        await synced(helpdesk)
        return helpdesk.quota.limit - helpdesk.quota.remaining

    assert ask(everything, sender=sender) == sender.cost


def test_that_a_ticket_tells_its_fields_without_secrets_its_promises_and_its_product(world, ask):
    world.odds.outlet.add(SOLVED)
    world.odds.associated[OPEN] = 2
    solved, opened = ask(lambda helpdesk: both(helpdesk, SOLVED, OPEN))
    assert solved.ticket.fields == {"Order number": "TT-204518"}
    assert (solved.ticket.brand, solved.ticket.brand_id) == ("Tarn & Tor Outlet", PRODUCT_ID)
    assert (solved.ticket.metrics.first_response_minutes, solved.ticket.metrics.resolution_minutes) == (120, 120)
    assert solved.ticket.sla == ()
    assert [(one.metric, one.breached) for one in opened.ticket.sla] == [
        (SlaMetric.FIRST_RESPONSE, True),
        (SlaMetric.RESOLUTION, False),
    ]
    assert opened.left_out == ("the parent ticket",)


async def both(helpdesk, *numbers):
    return [await helpdesk.open_ticket(number) for number in numbers]


def test_that_a_merge_is_told_by_its_note(world, ask):
    world.merge(PENDING, OPEN)
    merged = ask(lambda helpdesk: helpdesk.open_ticket(PENDING))
    standing = ask(lambda helpdesk: helpdesk.standing(PENDING))
    assert (merged.ticket.merged_into, standing.merged_into) == (OPEN, OPEN)
    assert (standing.status, merged.messages[-1].public) == (TicketStatus.CLOSED, False)
    assert ask(lambda helpdesk: helpdesk.standing(OPEN)).merged_into is None


def test_that_a_mail_that_bounced_says_so(world, ask):
    world.odds.bounced.add(world.tickets[SOLVED].comments[1].id)
    assert [one.undelivered for one in ask(lambda helpdesk: helpdesk.open_ticket(SOLVED)).messages] == [False, True]


@pytest.mark.parametrize("way", ["delete", "spam"])
def test_that_a_ticket_taken_away_is_not_there_and_its_replies_go(world, clock, ask, way):
    marks, items, _ = ask(synced)
    assert [item.ticket.ref.id for item in items["solved"]] == [SOLVED]
    clock.advance(hours=2)
    if way == "delete":
        world.delete(SOLVED)
    else:
        world.tickets[SOLVED].spam = True
        world.tickets[SOLVED].updated_at = world.now()
    for question in ("open_ticket", "standing"):
        with pytest.raises(NotThere):
            ask(lambda helpdesk, name=question: getattr(helpdesk, name)(SOLVED))
    assert ask(lambda helpdesk: synced(helpdesk, marks))[2]["solved"] == [SOLVED]


def test_that_an_archived_ticket_is_read_where_it_is_kept(world, ask):
    world.archive(SOLVED)
    assert ask(lambda helpdesk: helpdesk.standing(SOLVED)).status is TicketStatus.SOLVED
    assert len(ask(lambda helpdesk: helpdesk.open_ticket(SOLVED)).messages) == 2


def test_that_folders_inside_of_folders_are_read_with_their_own_visibility(world, ask):
    flat = ask(synced)[1]["articles"]
    world.odds.nested.update(world.sections)
    places = ask(lambda helpdesk: helpdesk.places())
    nested = ask(synced)[1]["articles"]
    seen = {(one.id, one.locale, one.visibility) for one in nested}
    assert seen == {(one.id, one.locale, one.visibility) for one in flat}
    assert Visibility.AGENTS in {visibility for _, _, visibility in seen}
    assert any(place.name.count(" / ") == 2 for place in places.folders)


def test_that_a_sync_keeps_to_folders_and_groups_and_says_what_goes(world, ask):
    marks, everything, _ = ask(synced)
    places = ask(lambda helpdesk: helpdesk.places())
    wanted = next(place for place in places.folders if "agents" in place.name)
    group = world.tickets[SOLVED].group_id
    narrow = SyncScope(folders=frozenset({wanted.id}), groups=frozenset({group + 1}))
    marks, items, gone = ask(lambda helpdesk: synced(helpdesk, marks), scope=narrow)
    assert {one.visibility for one in items["articles"]} == {Visibility.AGENTS}
    published = {one.id for one in everything["articles"] if not one.draft}
    assert set(gone["articles"]) == published - {one.id for one in items["articles"]}
    assert (items["solved"], gone["solved"]) == ([], [SOLVED])
    assert group in {one.id for one in places.groups}
    assert [one.name for one in places.brands] == ["Tarn & Tor Outlet"]


def test_that_on_the_smallest_plan_tickets_open_after_the_lists_are_used_up(world, ask):
    world.limits = Limits(freshdesk=10_000, freshdesk_ticket_lists=3)

    async def opening(helpdesk):
        return [await helpdesk.open_ticket(LONG) for _ in range(5)]

    opened = ask(opening)
    assert [len(one.history) for one in opened] == [2, 2, 2, 0, 0]
    assert {len(one.messages) for one in opened} == {130}


def test_that_nothing_is_asked_twice_on_a_plan_without_requests(world, ask):
    world.limits = Limits(freshdesk=0)
    with pytest.raises(NotAllowed, match="plan"):
        ask(lambda helpdesk: helpdesk.me())
    assert len(world.requests) == 1


def test_that_tickets_are_listed_only_when_one_is_opened(world, ask):
    async def a_working_hour(helpdesk):
        await helpdesk.open_ticket(NEW)
        for _ in range(20):
            await helpdesk.recently_viewed()
            await helpdesk.standing(NEW)

    ask(a_working_hour)
    assert asked(world)["tickets"] == 1
