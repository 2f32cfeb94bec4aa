from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.demo.build import build
from integrations.demo.data import load
from integrations.demo.ids import FIRST_ID
from integrations.demo.world import World
from tests.helpers.demo_data import LONG, NEW, NOW, OPEN, PENDING, SOLVED, HandClock, write_demo_folder


def test_that_tickets_are_numbered_by_age(world):
    assert [world.tickets[number].key for number in sorted(world.tickets)] == [
        "solved",
        "long",
        "pending",
        "open",
        "new",
    ]


def test_that_ids_are_large_and_the_same_in_every_run(tmp_path):
    data = load(write_demo_folder(tmp_path / "demo"))

    first, second = build(data, NOW), build(data, NOW + timedelta(days=3))

    assert list(first.people) == list(second.people)
    assert [one.id for one in first.tickets[LONG].comments] == [one.id for one in second.tickets[LONG].comments]
    assert all(FIRST_ID <= id_ < 2 * FIRST_ID for id_ in first.people)


def test_that_message_ids_grow_with_time(world):
    ids = [comment.id for comment in world.tickets[LONG].comments]

    assert ids == sorted(ids)
    assert world.customer_writes(LONG, "And?").id == ids[-1] + 1


def test_that_times_are_relative_to_the_start(world):
    ticket = world.tickets[SOLVED]

    assert ticket.created_at == NOW - timedelta(days=45)
    assert ticket.comments[1].created_at == NOW - timedelta(days=45) + timedelta(hours=2)


def test_that_time_passes_from_a_given_moment(tmp_path):
    world = World(load(write_demo_folder(tmp_path / "demo")), NOW)

    assert timedelta() <= world.now() - NOW < timedelta(seconds=30)


def test_that_a_customer_who_writes_reopens_a_solved_ticket(world, clock):
    clock.advance(minutes=5)

    comment = world.customer_writes(SOLVED, "It broke again.")

    ticket = world.tickets[SOLVED]
    assert (ticket.status, ticket.freshdesk_status, ticket.reopens, ticket.solved_at) == ("open", 2, 2, None)
    assert (ticket.updated_at, comment.created_at) == (NOW + timedelta(minutes=5), NOW + timedelta(minutes=5))
    assert world.is_unread(ticket)


def test_that_a_public_reply_takes_an_unassigned_ticket_and_a_note_does_not(world):
    world.agent_replies(NEW, "<p>looking</p>", public=False)
    assert world.tickets[NEW].assignee_id is None

    world.agent_replies(NEW, "<p>Hallo!</p>")
    assert world.tickets[NEW].assignee_id == world.agent.id


def test_that_an_agents_html_is_sanitised(world):
    comment = world.agent_replies(OPEN, "<p>Hi<script>x()</script><img src='https://spy.example.com/x'></p>")

    assert comment.html == "<p>Hi</p>"


def test_that_the_last_ticket_viewed_comes_first_and_only_once(world):
    for number in (OPEN, NEW, OPEN):
        world.viewed(number, world.agent)

    assert [ticket.number for ticket in world.recently_viewed(world.agent)] == [OPEN, NEW]


def test_that_opening_a_ticket_makes_it_read(world):
    assert world.is_unread(world.tickets[NEW])

    world.read(NEW, world.agent)

    assert not world.is_unread(world.tickets[NEW])


def test_that_a_deleted_ticket_is_not_among_the_recent_ones(world):
    world.viewed(OPEN, world.agent)
    world.delete(OPEN)

    assert world.recently_viewed(world.agent) == []


def test_that_a_merge_leaves_notes_on_both_tickets_and_closes_one(world):
    world.merge(PENDING, OPEN)

    assert world.tickets[PENDING].status == "closed"
    assert [world.tickets[number].comments[-1].public for number in (PENDING, OPEN)] == [False, False]


def test_that_an_unknown_status_is_refused(world):
    with pytest.raises(ValueError, match="on fire"):
        world.set_status(OPEN, "on fire")


def test_that_the_budget_of_a_minute_is_full_again_after_it(tmp_path):
    clock = HandClock()
    world = World(load(write_demo_folder(tmp_path / "demo")), clock)

    answers = [world.take_budget("x", limit=2)[0] for _ in range(3)]
    clock.advance(seconds=61)

    assert answers == [True, True, False]
    assert world.take_budget("x", limit=2) == (True, 1, 60)
