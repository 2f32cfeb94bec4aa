"""What a Freshdesk ticket tells beyond its conversation: fields, promises, times, merges, what is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assist.domain import SlaMetric, SlaTarget, TicketMetrics, TicketStatus
from assist.errors import NotAllowed, NotThere
from assist.ports import Named
from tests.helpers.helpdesk import (
    NOW,
    FakeTime,
    ScriptedSender,
    freshdesk,
    freshdesk_entry,
    freshdesk_ticket,
    paged,
    query,
    reply,
    run,
)

FIELDS = [
    {"id": 1, "name": "ticket_type", "label": "Kind", "type": "default_ticket_type", "choices": ["Refund"]},
    {"id": 2, "name": "status", "type": "default_status", "choices": {"8": ["With the workshop", "In repair"]}},
    {"id": 3, "name": "group", "type": "default_group", "choices": {"Care": 50, "Bikes": 51}},
    {"id": 4, "name": "product", "type": "default_product", "choices": {"Outlet": 60}},
    {"id": 5, "name": "cf_order", "label": "Order number", "type": "custom_text"},
    {"id": 6, "name": "cf_card", "label": "Card", "type": "encrypted_text"},
    {"id": 7, "name": "cf_vault", "label": "Vault", "type": "secure_text"},
    {
        "id": 8,
        "name": "cf_country",
        "label": "Country",
        "type": "nested_field",
        "nested_ticket_fields": [{"name": "cf_town", "label": "Town", "level": 2}],
    },
    {"id": 9, "name": "cf_order_old", "label": "Order number", "type": "custom_text"},
]
DUE = {
    "fr_due_by": "2026-11-21T09:00:00Z",
    "nr_due_by": "2026-11-22T09:00:00Z",
    "due_by": "2026-11-23T09:00:00Z",
    "fr_escalated": False,
    "nr_escalated": False,
    "is_escalated": False,
}
FIRST, NEXT, LAST = (
    SlaTarget(metric, datetime(2026, 11, day, 9, tzinfo=UTC))
    for metric, day in ((SlaMetric.FIRST_RESPONSE, 21), (SlaMetric.NEXT_RESPONSE, 22), (SlaMetric.RESOLUTION, 23))
)


def an_account(ticket, *entries, **answers):
    script = {
        "tickets/7": reply(freshdesk_ticket(7, **ticket)),
        "tickets/7/conversations": paged(list(entries)),
        "ticket_fields": reply(FIELDS),
        "tickets": reply([]),
        "surveys/satisfaction_ratings": reply([]),
    }
    return ScriptedSender(script | answers)


def opened(ticket, *entries, **answers):
    return run(freshdesk(an_account(ticket, *entries, **answers)).open_ticket(7))


def test_that_custom_fields_have_the_labels_that_agents_read():
    fields = {
        "cf_order": "TT-1",
        "cf_order_old": "TT-0",
        "cf_town": "Kendal",
        "cf_country": None,
        "cf_sizes": ["S", "M"],
        "cf_gift": True,
        "cf_weight_kg": 2.5,
        "cf_empty": " ",
    }
    assert opened({"type": "Refund", "custom_fields": fields}).ticket.fields == {
        "Kind": "Refund",
        "Order number": "TT-1",
        "Order number (cf_order_old)": "TT-0",
        "Town": "Kendal",
        "Sizes": "S, M",
        "Gift": "yes",
        "Weight kg": "2.5",
    }


def test_that_secret_fields_are_left_out_by_their_type_and_by_their_name():
    secrets = ("cf_card", "cf_vault", "cf_password", "cf_pin", "cf_card_number", "cf_iban", "cf_cvv")
    fields = dict.fromkeys(secrets, "hunter2") | {"cf_opinion": "good"}
    assert opened({"custom_fields": fields}).ticket.fields == {"Opinion": "good"}


def test_that_fields_have_names_of_their_own_where_labels_may_not_be_read():
    fields = {"cf_order_number": "TT-1", "cf_password": "hunter2"}
    closed = {"ticket_fields": reply({"code": "access_denied"}, 403)}
    assert opened({"custom_fields": fields}, **closed).ticket.fields == {"Order number": "TT-1"}


def test_that_group_and_product_come_with_their_ids():
    ticket = opened({"group_id": 51, "product_id": 60}).ticket
    assert (ticket.group_id, ticket.group, ticket.brand_id, ticket.brand) == (51, "Bikes", 60, "Outlet")


@pytest.mark.parametrize(
    ("more", "targets"),
    [
        ({}, (FIRST, NEXT, LAST)),
        ({"stats": {"first_responded_at": "2026-11-20T10:00:00Z"}}, (NEXT, LAST)),
        ({"status": 4}, ()),
        ({"status": 5, "is_escalated": True}, (SlaTarget(SlaMetric.RESOLUTION, LAST.due_at, breached=True),)),
        ({"nr_due_by": None, "due_by": None}, (FIRST,)),
        (
            {"fr_escalated": True, "fr_due_by": None, "nr_due_by": None},
            (SlaTarget(SlaMetric.FIRST_RESPONSE, None, breached=True), LAST),
        ),
        (dict.fromkeys(DUE), ()),
    ],
)
def test_that_promises_still_to_keep_and_those_broken_are_told(more, targets):
    assert opened(DUE | more).ticket.sla == targets


@pytest.mark.parametrize(
    "more", [{"status": 3}, {"status": 6}, {"status": 7}, {"stats": {"pending_since": "2026-11-20"}}]
)
def test_that_the_clock_of_promises_stands_still_while_a_ticket_is_pending(more):
    assert [target.due_at for target in opened(DUE | more).ticket.sla] == [None, None, None]


@pytest.mark.parametrize(
    ("stats", "metrics"),
    [
        (None, None),
        ({}, TicketMetrics()),
        (
            {"first_responded_at": "2026-11-20T09:30:59Z", "resolved_at": "2026-11-21T09:00:00Z"},
            TicketMetrics(first_response_minutes=30, resolution_minutes=24 * 60),
        ),
        ({"closed_at": "2026-11-20T10:00:00Z"}, TicketMetrics(resolution_minutes=60)),
        ({"first_responded_at": "2020-10-22T02:37:13Z"}, TicketMetrics()),
    ],
)
def test_that_statistics_become_minutes_and_impossible_ones_nothing(stats, metrics):
    assert opened({"stats": stats}).ticket.metrics == metrics


def a_merge_note(words="This ticket is closed and merged into ticket 12", **more):
    return freshdesk_entry(5, body=f"<div>{words}</div>", body_text=words, private=True, source=2, **more)


@pytest.mark.parametrize(
    ("status", "entry", "into"),
    [
        (5, a_merge_note(), 12),
        (4, a_merge_note("This ticket is closed and merged into ticket #99"), 99),
        (
            5,
            freshdesk_entry(
                5, body_text="", body='<p>This ticket is closed and merged into ticket <a href="12">12</a>'
            ),
            12,
        ),
        (2, a_merge_note(), None),
        (5, a_merge_note(incoming=True), None),
        (5, a_merge_note("This ticket is closed and merged into ticket 7"), None),
        (5, a_merge_note("Ticket with ID 12 is merged into this ticket."), None),
        (5, freshdesk_entry(5), None),
    ],
)
def test_that_the_note_of_a_merge_tells_into_which_ticket(status, entry, into):
    assert opened({"status": status}, entry).ticket.merged_into == into


def test_that_a_merge_note_stays_a_private_note():
    assert opened({"status": 5}, a_merge_note()).messages[1].public is False


@pytest.mark.parametrize(
    ("number", "named"),
    [
        (None, ()),
        (1, ("child tickets",)),
        (2, ("the parent ticket",)),
        (3, ("tickets that it tracks",)),
        (4, ("the ticket that tracks it",)),
        (9, ()),
    ],
)
def test_that_associated_tickets_are_left_out_by_name(number, named):
    assert opened({"association_type": number}).left_out == named


@pytest.mark.parametrize("words", ["View the message on Twitter", "View the tweet on Twitter"])
def test_that_tweets_without_their_words_are_left_out_by_name(words):
    tweet = freshdesk_entry(5, source=5, incoming=True, body=f"<div>{words}</div>", body_text="")
    assert opened({}, tweet).left_out == ("posts on Twitter, whose words Freshdesk does not hand on",)


def test_that_a_person_who_writes_about_twitter_is_read():
    mail = freshdesk_entry(5, incoming=True, body_text="View the tweet on Twitter")
    assert opened({}, mail).left_out == ()


@pytest.mark.parametrize(("count", "undelivered"), [(None, False), (0, False), (1, True), (3, True)])
def test_that_a_mail_that_bounced_says_so(count, undelivered):
    assert opened({}, freshdesk_entry(5, email_failure_count=count)).messages[1].undelivered is undelivered


def test_that_sentiment_scores_are_not_read():
    plain = opened({})
    assert opened({"sentiment_score": 3, "initial_sentiment_score": 90}) == plain


def test_that_the_standing_is_one_request_and_tells_times_and_merges():
    stats = {"first_responded_at": "2026-11-20T09:30:00Z"}
    found = freshdesk_ticket(7, status=5, stats=stats, conversations=[a_merge_note()], responder_id=30)
    sender = ScriptedSender({"tickets/7": reply(found)})
    ticket = run(freshdesk(sender).standing(7))
    assert (ticket.status, ticket.merged_into, ticket.assignee_id) == (TicketStatus.CLOSED, 12, 30)
    assert ticket.metrics == TicketMetrics(first_response_minutes=30)
    assert [query(request)["include"] for request in sender.requests] == ["conversations,stats"]


def test_that_the_standing_has_the_names_that_were_read_before():
    sender = an_account({"status": 8, "group_id": 50})

    async def twice():
        client = freshdesk(sender)
        before = await client.standing(7)
        await client.open_ticket(7)
        return before, await client.standing(7)

    before, after = run(twice())
    assert [(one.status_name, one.group) for one in (before, after)] == [("8", ""), ("With the workshop", "Care")]


@pytest.mark.parametrize(
    "gone", [reply("", 404), reply(freshdesk_ticket(7, deleted=True)), reply(freshdesk_ticket(7, spam=True))]
)
def test_that_a_deleted_ticket_has_no_standing(gone):
    with pytest.raises(NotThere):
        run(freshdesk(ScriptedSender({"tickets/7": gone})).standing(7))


def test_that_an_archived_ticket_still_has_a_standing():
    archived = reply(freshdesk_ticket(7, status=5, archived=True))
    assert run(freshdesk(ScriptedSender({"tickets/archived/7": archived})).standing(7)).status is TicketStatus.CLOSED


def test_that_freshdesk_cannot_render_a_macro():
    sender = ScriptedSender()
    assert run(freshdesk(sender).rendered_macro(7, 1)) is None
    assert sender.requests == []


def test_that_an_unreadable_archived_conversation_counts_as_left_out():
    sender = ScriptedSender({"tickets/archived/7": reply(freshdesk_ticket(7, status=5))})
    assert run(freshdesk(sender).open_ticket(7)).truncated is True


def test_that_places_are_products_groups_and_folders_with_their_category():
    sender = ScriptedSender(
        {
            "ticket_fields": reply(FIELDS),
            "solutions/categories": reply([{"id": 5, "name": "Shop"}, {"id": 6, "name": None}]),
            "solutions/categories/5/folders": reply([{"id": 11, "name": "Returns", "sub_folders_count": 1}]),
            "solutions/categories/6/folders": reply("", 404),
            "solutions/folders/11/subfolders": reply([{"id": 12, "name": "Team"}]),
        }
    )
    places = run(freshdesk(sender).places())
    assert places.brands == (Named(60, "Outlet"),)
    assert places.groups == (Named(51, "Bikes"), Named(50, "Care"))
    assert places.folders == (Named(11, "Shop / Returns"), Named(12, "Shop / Returns / Team"))


def test_that_places_without_rights_to_the_solutions_are_not_allowed():
    sender = ScriptedSender({"solutions/categories": reply({"code": "require_feature"}, 403)})
    with pytest.raises(NotAllowed, match="plan"):
        run(freshdesk(sender).places())


def test_that_names_are_read_again_after_hours():
    sender, time = an_account({}), FakeTime()

    async def scenario():
        client = freshdesk(sender, time)
        await client.open_ticket(7)
        time.at = NOW + timedelta(hours=5)
        await client.open_ticket(7)
        time.at = NOW + timedelta(hours=7)
        await client.open_ticket(7)

    run(scenario())
    assert sender.paths.count("ticket_fields") == 2


def test_that_requests_say_what_freshdesk_takes_for_them():
    sender = an_account({}, freshdesk_entry(1))

    async def scenario():
        client = freshdesk(sender)
        await client.open_ticket(7)
        await client.standing(7)

    run(scenario())
    costs = {(path, request.cost) for path, request in zip(sender.paths, sender.requests, strict=True)}
    assert costs >= {("tickets/7", 3), ("tickets/7/conversations", 1), ("tickets", 1), ("ticket_fields", 1)}
