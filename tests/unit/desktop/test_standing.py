"""A ticket that was merged, deleted, closed or given away: said and marked before a reply can go anywhere."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from assist.domain import AlertKind, TicketStatus
from assist.errors import NotThere, Unreachable
from desktop.outcomes import MOST_SPARED, OutcomeWatcher, Sight
from desktop.standing import Changed, Fate, change
from tests.helpers.builders import a_message, a_reply, an_agent, an_open_ticket
from tests.helpers.fakes import help_for, run, table, until
from tests.helpers.links import AgentsDesk, after_opening, page

MERGED = {"status": TicketStatus.CLOSED, "merged_into": 12}
CLOSED = {"status": TicketStatus.CLOSED}
GIVEN = {"assignee_id": 502, "assignee_name": "Anna"}


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def desk(at):
    return AgentsDesk(at)


def stands(at, ticket_id=7, **changes):
    """Let a ticket stand differently from now on, also for whoever reads it whole."""
    opened = at.helpdesk.tickets[ticket_id]
    now = replace(opened.ticket, **changes)
    at.helpdesk.standings[ticket_id] = now
    at.helpdesk.tickets[ticket_id] = replace(opened, ticket=now)


def stale(at):
    return [alert.title for alert in at.ready().help.alerts if alert.kind is AlertKind.STALE]


@pytest.mark.promise("N6")
@pytest.mark.parametrize("linked", [True, False], ids=["into the browser", "to the clipboard"])
@pytest.mark.parametrize(
    ("changes", "title"),
    [
        (MERGED, "This ticket was merged into #12 meanwhile"),
        (CLOSED, "This ticket was closed for good meanwhile"),
        (GIVEN, "This ticket was given to Anna meanwhile"),
    ],
    ids=["merged", "closed", "given away"],
)
def test_that_a_ticket_that_changed_hands_or_ended_stops_the_first_use_and_not_the_second(
    at, desk, changes, title, linked
):
    if not linked:
        desk.browsers.front = None

    async def use():
        stands(at, **changes)
        return await desk.use()

    assert after_opening(at, use) == [False]
    assert (desk.browsers.inserted, desk.clipboard, desk.used) == ([], [], 0)
    assert desk.notices == [f"{title}. Look first."]
    assert "used" not in at.kinds()
    assert stale(at) == [title]
    assert run(desk.use()) is True
    assert (desk.browsers.inserted, desk.clipboard) == (
        ([(page(7), "Reply to 7.")], []) if linked else ([], ["Reply to 7."])
    )


@pytest.mark.promise("N6")
@pytest.mark.parametrize("linked", [True, False], ids=["into the browser", "to the clipboard"])
def test_that_a_deleted_ticket_leaves_no_reply_to_use(at, desk, linked):
    if not linked:
        desk.browsers.front = None

    async def use():
        at.helpdesk.standings[7] = at.helpdesk.tickets[7] = NotThere("gone")
        at.helpdesk.messages[7] = NotThere("gone")
        return await desk.use()

    assert after_opening(at, use) == [False]
    assert (desk.browsers.inserted, desk.clipboard) == ([], [])
    assert desk.notices == ["This ticket was deleted meanwhile. Look first."]
    assert type(at.shown[-1]).__name__ != "Ready"


@pytest.mark.promise("N6")
def test_that_the_replies_of_a_merged_ticket_stay_marked_after_it_was_read_again(at, desk):
    async def news():
        stands(at, **MERGED)
        at.engine.answers[7] = [help_for(7, turn=2)]
        at.session.stands(at.ref(), at.helpdesk.standings[7])
        marked = at.ready().outdated
        await at.settle()
        return marked

    [marked] = after_opening(at, news)
    assert (marked, at.ready().outdated) == ({"s7-1"}, {"s7-1", "s7-2"})
    assert stale(at) == ["This ticket was merged into #12 meanwhile"]


@pytest.mark.promise("N6")
def test_that_of_a_ticket_that_was_given_away_only_what_was_made_before_is_marked(at, desk):
    async def news():
        stands(at, **GIVEN)
        at.engine.answers[7] = [help_for(7, turn=2)]
        at.session.stands(at.ref(), at.helpdesk.standings[7])
        marked = at.ready().outdated
        await at.settle()
        return marked

    assert after_opening(at, news) == [{"s7-1"}]
    assert at.ready().outdated == {"s7-1"}


@pytest.mark.promise("N6")
def test_that_news_which_is_known_stops_a_copy_without_another_request(at, desk):
    desk.browsers.front = None

    async def use():
        stands(at, **GIVEN)
        at.session.stands(at.ref(), at.helpdesk.standings[7])
        asked = at.helpdesk.count("standing")
        used = await desk.use()
        return used, at.helpdesk.count("standing") - asked

    assert after_opening(at, use) == [(False, 0)]
    assert desk.clipboard == []


@pytest.mark.promise("N6")
def test_that_a_standing_that_cannot_be_had_stops_nothing(at, desk):
    async def use():
        at.helpdesk.standings[7] = Unreachable("no answer")
        return await desk.use()

    assert after_opening(at, use) == [True]
    assert desk.browsers.inserted == [(page(7), "Reply to 7.")]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, {"assignee_id": 501}),
        ({"assignee_id": 502}, {"assignee_id": None}),
        ({"assignee_id": 502}, {"assignee_id": 502}),
        ({"group_id": 1}, {"group_id": None}),
        ({"group_id": None}, {"group_id": 1}),
        ({"group_id": 1, "assignee_id": 3}, {"group_id": 2, "assignee_id": 501}),
        ({"status": TicketStatus.OPEN}, {"status": TicketStatus.SOLVED}),
        (MERGED, MERGED),
    ],
)
def test_that_what_the_agent_does_or_nobody_cares_for_is_no_news(before, now):
    ticket = an_open_ticket().ticket
    assert change(replace(ticket, **before), replace(ticket, **{**before, **now}), an_agent(id=501)) is None


def test_that_another_group_is_news_by_its_name():
    ticket = an_open_ticket().ticket
    before, now = replace(ticket, group_id=1), replace(ticket, group_id=2, group="Billing")
    assert change(before, now, an_agent(id=501)) == Changed(Fate.REASSIGNED, "Billing")


# --- the watcher


class Watch:
    """A watcher around the table whose pauses end when a test says so."""

    def __init__(self, at):
        self.naps, self.seen = 0, []
        self.watcher = OutcomeWatcher(
            at.desk,
            at.store,
            at.clock,
            Sight(
                colleague_answered=lambda *_: None,
                decided=lambda *_: None,
                conversation_moved=lambda ref: self.seen.append(("moved", ref.id)),
                sign_in_needed=lambda *_: None,
                stands=lambda ref, now: self.seen.append((ref.id, now.status if now else None)),
            ),
            delay_s=lambda _: 15.0,
            sleep=self._nap,
        )

    async def _nap(self, _seconds):
        self.naps += 1
        await asyncio.Event().wait()

    async def looks(self, count):
        task = asyncio.ensure_future(self.watcher.run())
        try:
            for number in range(1, count + 1):
                await until(lambda at_least=number: self.naps >= at_least)
                if number < count:
                    self.watcher.hurry()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def watching(at, *, front=7):
    watch = Watch(at)
    for ticket_id in (8, 7):
        watch.watcher.in_front(at.ref(ticket_id))
        watch.watcher.has_read(an_open_ticket(ticket_id, messages=(a_message(),)))
    watch.watcher.in_front(at.ref(front))
    return watch


@pytest.mark.promise("N6")
def test_that_every_look_says_how_the_ticket_in_front_stands_and_no_other(at):
    watch = watching(at)
    stands(at, **MERGED)
    run(watch.looks(1))
    assert watch.seen == [(7, TicketStatus.CLOSED)]


@pytest.mark.promise("N6")
def test_that_a_ticket_which_went_is_reported_once_and_watched_no_more(at):
    watch = watching(at)
    at.helpdesk.standings[7] = NotThere("gone")
    run(watch.looks(2))
    assert watch.seen == [(7, None)]


def test_that_an_unchanged_ticket_costs_one_request_a_look_and_is_read_whole_now_and_then(at):
    watch = watching(at)
    looks = 2 * (MOST_SPARED + 2)
    run(watch.looks(looks))
    read = [about for what, about in at.helpdesk.asked if what == "replies_since" and about == 7]
    assert at.helpdesk.count("standing") == looks
    assert len(read) == 1 + (looks - 1) // (MOST_SPARED + 1)


def test_that_a_message_is_met_in_the_look_after_the_ticket_changed(at):
    watch = watching(at)

    async def scenario():
        await watch.looks(2)
        at.helpdesk.messages[7] = [a_reply("Done.", id=95, created_at=at.helpdesk.tickets[7].ticket.updated_at)]
        stands(at, updated_at=at.helpdesk.tickets[7].ticket.updated_at.replace(year=2030))
        watch.naps = 0
        await watch.looks(1)

    run(scenario())
    assert ("moved", 7) in watch.seen
