"""Traps of Freshdesk's API that no other test springs; ``tests/contract/traps-freshdesk.md`` lists them all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from assist.domain import Channel, Role
from assist.errors import UnexpectedReply
from integrations.freshdesk import acting_wire, mapping, raw, raw_knowledge, wire
from integrations.reading import moment
from tests.helpers.helpdesk import (
    FRESHDESK,
    NOW,
    ScriptedSender,
    collect,
    freshdesk,
    freshdesk_entry,
    freshdesk_ticket,
    paged,
    query,
    reply,
    run,
    stamp,
)

NO_NAMES = raw.Names()


def an_account(**ticket):
    return {
        "tickets/7": reply(freshdesk_ticket(7, **ticket)),
        "tickets/7/conversations": paged([freshdesk_entry(1)]),
        "ticket_fields": reply([{"type": "default_agent", "choices": {"Maya": 30}}]),
        "tickets": reply([]),
        "surveys/satisfaction_ratings": reply([]),
        "solutions/categories": reply([]),
        "canned_response_folders": reply([]),
    }


def test_that_nothing_that_only_admins_may_read_is_needed_for_names():
    sender = ScriptedSender(an_account(responder_id=30))

    async def everything(client):
        opened = await client.open_ticket(7)
        await client.standing(7)
        await client.places()
        await collect(client.articles())
        await collect(client.solved_tickets())
        return opened.ticket.assignee_name

    assert run(everything(freshdesk(sender))) == "Maya"
    assert not {"agents", "groups", "products", "sla_policies", "roles"} & {path.split("/")[0] for path in sender.paths}


def test_that_a_refused_request_counts_and_is_not_repeated():
    sender = ScriptedSender({"tickets/7": reply({"description": "Validation failed", "errors": []}, 400)})
    with pytest.raises(UnexpectedReply):
        run(freshdesk(sender).standing(7))
    assert sender.paths == ["tickets/7"]


def test_that_no_page_of_a_conversation_behind_the_five_hundredth_is_asked_for():
    entries = [freshdesk_entry(n, at=NOW - timedelta(minutes=70_000 - n)) for n in range(60_000)]
    sender = ScriptedSender(an_account() | {"tickets/7/conversations": paged(entries)})
    opened = run(freshdesk(sender).open_ticket(7))
    assert max(int(asked["page"]) for asked in sender.queries("tickets/7/conversations")) == 500
    assert (opened.truncated, opened.messages[-1].id) == (True, 49_999)


def test_that_lists_bring_first_messages_only_on_demand_and_they_are_demanded():
    solved = freshdesk_ticket(8, status=4, updated_at=stamp(NOW - timedelta(hours=1)))
    sender = ScriptedSender(an_account() | {"tickets": reply([solved]), "tickets/8/conversations": reply([])})
    batches = run(collect(freshdesk(sender).solved_tickets()))
    assert [one.text for batch in batches for item in batch.items for one in item.messages] == ["It broke."]
    assert "description" in sender.queries("tickets")[0]["include"].split(",")


@pytest.mark.parametrize(
    ("number", "channel"),
    [
        (1, Channel.EMAIL),
        (2, Channel.WEB),
        (3, Channel.PHONE),
        (4, Channel.WEB),
        (5, Channel.SOCIAL),
        (6, Channel.SOCIAL),
        (7, Channel.CHAT),
        (8, Channel.CHAT),
        (9, Channel.WEB),
        (10, Channel.EMAIL),
        (11, Channel.WEB),
        (12, Channel.CHAT),
        (13, Channel.CHAT),
        (99, Channel.OTHER),
        (None, Channel.OTHER),
    ],
)
def test_that_sources_documented_or_not_have_a_channel(number, channel):
    found = raw.tickets([freshdesk_ticket(7, source=number)])[0]
    assert mapping.ticket(FRESHDESK, found, NO_NAMES).channel is channel


@pytest.mark.parametrize(
    ("number", "channel"),
    [
        (0, Channel.EMAIL),
        (2, Channel.OTHER),
        (5, Channel.SOCIAL),
        (6, Channel.WEB),
        (7, Channel.SOCIAL),
        (8, Channel.EMAIL),
        (9, Channel.PHONE),
        (11, Channel.OTHER),
        (None, Channel.OTHER),
    ],
)
def test_that_sources_of_entries_are_numbered_otherwise_than_those_of_tickets(number, channel):
    found = raw.conversations([freshdesk_entry(1, source=number)])[0]
    assert mapping.message(found, None, NO_NAMES).channel is channel


@pytest.mark.parametrize(
    ("number", "word"), [(1, "low"), (2, "normal"), (3, "high"), (4, "urgent"), (9, ""), (None, "")]
)
def test_that_priorities_are_words(number, word):
    found = raw.tickets([freshdesk_ticket(7, priority=number)])[0]
    assert mapping.ticket(FRESHDESK, found, NO_NAMES).priority == word


def test_that_categories_of_entries_are_not_believed_against_incoming_and_private():
    odd = freshdesk_entry(1, category=1, incoming=False, private=True, thread_id=9, delivery_details={})
    message = mapping.message(raw.conversations([odd])[0], None, NO_NAMES)
    assert (message.author.role, message.public) == (Role.AGENT, False)


@pytest.mark.parametrize("nothing", [None, []])
def test_that_recipients_may_be_null_or_empty(nothing):
    keys = ("to_emails", "cc_emails", "bcc_emails", "from_email")
    found = raw.conversations([freshdesk_entry(1, **dict.fromkeys(keys, nothing))])[0]
    assert mapping.message(found, None, NO_NAMES).text == "Body 1"
    keys = ("cc_emails", "fwd_emails", "reply_cc_emails", "ticket_cc_emails", "to_emails")
    assert raw.tickets([freshdesk_ticket(7, **dict.fromkeys(keys, nothing))])[0].id == 7


def test_that_times_are_in_utc_with_or_without_an_offset_and_impossible_ones_nothing():
    assert moment("2014-01-08T09:08:53+05:30").isoformat() == "2014-01-08T03:38:53+00:00"
    assert moment("2026-11-20T09:00:00Z").isoformat() == "2026-11-20T09:00:00+00:00"
    assert moment("2015-08-28T010:08:16Z") is None  # so it stands in the documentation


def test_that_articles_of_both_types_are_articles():
    found = raw_knowledge.articles([{"id": n, "type": n, "status": 2, "title": "T"} for n in (1, 2)])
    assert [(one.id, one.status) for one in found] == [(1, 2), (2, 2)]


def test_that_an_archived_ticket_opens_though_lists_and_search_do_not_hold_it():
    sender = ScriptedSender(
        {
            "tickets/archived/7": reply(freshdesk_ticket(7, status=5)),
            "tickets/archived/7/conversations": reply([freshdesk_entry(1)]),
        }
    )
    assert [one.id for one in run(freshdesk(sender).open_ticket(7)).messages] == [0, 1]


def test_that_search_results_come_inside_an_object_and_the_other_lists_do_not():
    assert [item.id for item in wire.read_search(reply({"total": 1, "results": [freshdesk_ticket(7)]})).items] == [7]
    with pytest.raises(UnexpectedReply, match="not a list"):
        wire.read_tickets(reply({"total": 1, "results": []}))


def an_act_ticket(**more):
    return acting_wire.read_ticket(reply(freshdesk_ticket(7, requester={"id": 20, "email": "a@example.com"}, **more)))


def test_that_a_reply_leaves_from_the_address_that_the_ticket_came_to():
    request = acting_wire.reply_request(FRESHDESK, an_act_ticket(support_email="outlet@acme.com"), "<p>Hi</p>")
    assert json.loads(request.body)["from_email"] == "outlet@acme.com"
    request = acting_wire.reply_request(FRESHDESK, an_act_ticket(support_email=None), "<p>Hi</p>")
    assert "from_email" not in json.loads(request.body)


def test_that_a_note_says_that_it_is_private_although_that_is_the_default():
    body = json.loads(acting_wire.note_request(FRESHDESK, 7, "<p>x</p>").body)
    assert (body["private"], body["notify_emails"]) == (True, [])


def test_that_whatever_is_asked_for_goes_to_the_accounts_own_host_over_https():
    requests = [wire.me_request(FRESHDESK), wire.ticket_request(FRESHDESK, 7), wire.settings_request(FRESHDESK)]
    assert {request.url.split("/api/v2/")[0] for request in requests} == {"https://acme.freshdesk.com"}
    assert query(requests[1]) == {"include": "requester,stats"}
