"""What reading a Zendesk account gives, trap by trap."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assist.domain import AccountId, Channel, Csat, Role, TicketRef, TicketStatus
from assist.errors import NotAllowed, NotThere, SignInNeeded, UnexpectedReply, Unreachable
from tests.helpers.helpdesk import (
    NOW,
    FakeTime,
    ScriptedSender,
    query,
    reply,
    run,
    zendesk,
    zendesk_comment,
    zendesk_comments,
    zendesk_ticket,
    zendesk_user,
)


def an_account(**answers: object) -> ScriptedSender:
    """A ticket 7 of customer 20, answered once by agent 30."""
    users = [zendesk_user(20), zendesk_user(30, "agent")]
    ticket = {
        "ticket": zendesk_ticket(7, assignee_id=30, organization_id=40, group_id=50),
        "users": users,
        "organizations": [{"id": 40, "name": "Scouts", "organization_fields": {"tier": "silver", "health": None}}],
        "groups": [{"id": 50, "name": "Care"}],
        "metric_sets": [{"id": 1, "ticket_id": 7, "reopens": 2}],
    }
    comments = [zendesk_comment(2, 30, at=NOW), zendesk_comment(1, 20, at=NOW - timedelta(hours=1))]
    script: dict[str, object] = {
        "tickets/7": reply(ticket),
        "tickets/7/comments": zendesk_comments(comments, users=users),
        "users/20/tickets/requested": reply({"tickets": [], "next_page": None, "count": 0}),
    }
    script.update({name.replace("__", "/"): answer for name, answer in answers.items()})
    return ScriptedSender(script)  # type: ignore[arg-type]  # a sender as far as clients go


@pytest.mark.promise("N3")
@pytest.mark.parametrize(
    "user",
    [
        {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"},
        {"name": "Anonymous user"},
        zendesk_user(20, "end-user"),
    ],
)
def test_that_an_anonymous_answer_with_status_200_is_no_sign_in(user):
    with pytest.raises(SignInNeeded):
        run(zendesk(ScriptedSender({"users/me": reply({"user": user})})).me())


def test_that_me_is_the_agent_and_the_csrf_token_is_dropped():
    sender = ScriptedSender({"users/me": reply({"user": zendesk_user(30, "admin", authenticity_token="CANARY")})})
    agent = run(zendesk(sender).me())
    assert (agent.id, agent.name, agent.email, agent.is_admin, agent.locale) == (
        30,
        "Person 30",
        "p30@example.com",
        True,
        "en-GB",
    )
    assert "CANARY" not in repr(agent)


def test_that_opening_a_ticket_reads_only_that_ticket_by_id():
    sender = an_account(
        users__20__tickets__requested=reply({"tickets": [zendesk_ticket(7), zendesk_ticket(5), zendesk_ticket(6)]})
    )
    opened = run(zendesk(sender).open_ticket(7))
    assert [ticket.ref.id for ticket in opened.history] == [6, 5]
    lists = ["guide/survey_responses", "users/20/tickets/requested"]
    assert sorted(sender.paths) == [lists[0], "tickets/7", "tickets/7/comments", lists[1]]


def test_that_an_open_ticket_has_its_people_places_and_numbers():
    opened = run(zendesk(an_account()).open_ticket(7))
    ticket, customer = opened.ticket, opened.customer
    assert (ticket.ref, ticket.status, ticket.channel) == (
        TicketRef(AccountId("zendesk:acme"), 7),
        TicketStatus.OPEN,
        Channel.EMAIL,
    )
    assert (ticket.assignee_name, ticket.group, ticket.reopens) == ("Person 30", "Care", 2)
    assert ticket.url == "https://acme.zendesk.com/agent/tickets/7"
    assert customer is not None
    assert (customer.id, customer.language, customer.email) == (20, "en-GB", "p20@example.com")
    assert (opened.truncated, opened.fetched_at) == (False, NOW)


def test_that_the_customers_organization_brings_its_tier():
    sender = an_account()
    users = [zendesk_user(20, organization_id=40)]
    organization = {
        "id": 40,
        "name": "Scouts",
        "organization_fields": {"tier": "silver", "health": "At risk", "renewal_date": "2026-12-24T00:00:00Z"},
    }
    sender.answers["tickets/7"] = reply({"ticket": zendesk_ticket(7), "users": users, "organizations": [organization]})
    sender.answers["tickets/7/comments"] = zendesk_comments([])
    customer = run(zendesk(sender).open_ticket(7)).customer
    assert customer is not None
    assert customer.organization is not None
    assert (customer.organization.tier, customer.organization.health) == ("silver", "At risk")
    assert customer.organization.renewal_at is not None
    assert customer.organization.renewal_at.isoformat() == "2026-12-24T00:00:00+00:00"


def test_that_messages_are_oldest_first_with_the_role_of_their_author():
    opened = run(zendesk(an_account()).open_ticket(7))
    assert [(m.id, m.author.role, m.public) for m in opened.messages] == [
        (1, Role.CUSTOMER, True),
        (2, Role.AGENT, True),
    ]


def test_that_an_author_nobody_knows_is_the_system_and_an_unknown_requester_the_customer():
    sender = an_account()
    comments = [zendesk_comment(1, 20), zendesk_comment(2, -1), zendesk_comment(3, 99)]
    sender.answers["tickets/7/comments"] = zendesk_comments(comments)
    sender.answers["tickets/7"] = reply({"ticket": zendesk_ticket(7)})
    messages = run(zendesk(sender).open_ticket(7)).messages
    assert [message.author.role for message in messages] == [Role.CUSTOMER, Role.SYSTEM, Role.SYSTEM]


@pytest.mark.promise("S3")
def test_that_the_customers_address_and_place_in_the_metadata_are_not_kept():
    opened = run(zendesk(an_account()).open_ticket(7))
    everything = repr(opened) + "".join(message.html + message.text for message in opened.messages)
    assert "203.0.113.9" not in everything
    assert "Kendal" not in everything


def test_that_nbsp_in_plain_text_is_a_space_and_an_empty_plain_text_falls_back_to_the_body():
    sender = an_account()
    comments = [
        zendesk_comment(1, plain_body="Hi&nbsp;there,\xa0you", at=NOW - timedelta(minutes=1)),
        zendesk_comment(2, plain_body="", body="Only **markdown**"),
    ]
    sender.answers["tickets/7/comments"] = zendesk_comments(comments)
    assert [m.text for m in run(zendesk(sender).open_ticket(7)).messages] == ["Hi there, you", "Only **markdown**"]


def test_that_a_note_whose_flag_is_missing_is_not_taken_for_public():
    sender = an_account()
    sender.answers["tickets/7/comments"] = zendesk_comments([zendesk_comment(1, public=None)])
    assert run(zendesk(sender).open_ticket(7)).messages[0].public is False


def test_that_reading_stops_on_has_more_although_a_next_link_remains():
    sender = an_account()
    run(zendesk(sender).open_ticket(7))
    assert sender.paths.count("tickets/7/comments") == 1


@pytest.mark.promise("S4")
def test_that_only_the_cursor_of_a_next_link_is_followed_and_never_its_host():
    sender = an_account()
    old = [zendesk_comment(1, at=NOW - timedelta(days=2))]
    sender.answers["tickets/7/comments"] = [
        zendesk_comments([zendesk_comment(2)], cursor="aXM="),
        zendesk_comments(old),
    ]
    opened = run(zendesk(sender).open_ticket(7))
    assert [message.id for message in opened.messages] == [1, 2]
    assert {request.url.split("/api/")[0] for request in sender.requests} == {"https://acme.zendesk.com"}
    assert sender.queries("tickets/7/comments")[1]["page[after]"] == "aXM="


def test_that_comments_are_asked_for_newest_first_a_hundred_at_a_time():
    sender = an_account()
    run(zendesk(sender).open_ticket(7))
    assert sender.queries("tickets/7/comments")[0] == {
        "page[size]": "100",
        "sort": "-created_at",
        "include": "users",
    }


def a_long_thread(request):
    """5,000 comments, newest first by cursor, oldest first when one is asked for."""
    asked = query(request)
    if asked["page[size]"] == "1":
        return zendesk_comments([zendesk_comment(1, at=NOW - timedelta(minutes=5_000))], cursor="2")
    start = int(asked.get("page[after]", "5000"))
    page = [zendesk_comment(n, at=NOW - timedelta(minutes=5_000 - n)) for n in range(start, start - 100, -1)]
    return zendesk_comments(page, cursor=str(start - 100) if start > 100 else "")


def test_that_a_long_ticket_gives_its_newest_300_comments_and_the_first():
    sender = an_account(tickets__7__comments=a_long_thread)
    opened = run(zendesk(sender).open_ticket(7))
    ids = [message.id for message in opened.messages]
    assert ids == [1, *range(4_701, 5_001)]
    assert opened.truncated is True
    assert sender.paths.count("tickets/7/comments") == 4


def test_that_the_description_stands_in_where_the_first_comment_cannot_be_read():
    def failing(request):
        return reply(None, 404) if query(request)["page[size]"] == "1" else a_long_thread(request)

    opened = run(zendesk(an_account(tickets__7__comments=failing)).open_ticket(7))
    assert (opened.messages[0].id, opened.messages[0].text) == (0, "It broke.")


def test_that_a_cursor_that_never_ends_does_not_loop():
    sender = an_account(tickets__7__comments=zendesk_comments([zendesk_comment(1)], cursor="same"))
    assert len(run(zendesk(sender).open_ticket(7)).messages) == 1
    assert sender.paths.count("tickets/7/comments") == 2


def test_that_a_deleted_ticket_is_not_there():
    sender = an_account(tickets__7=reply({"ticket": zendesk_ticket(7, status="deleted")}))
    with pytest.raises(NotThere):
        run(zendesk(sender).open_ticket(7))


def test_that_deleted_tickets_are_left_out_of_the_history():
    history = {"tickets": [zendesk_ticket(5, status="deleted"), zendesk_ticket(6, status="closed")]}
    opened = run(zendesk(an_account(users__20__tickets__requested=reply(history))).open_ticket(7))
    assert [(t.ref.id, t.status) for t in opened.history] == [(6, TicketStatus.CLOSED)]


def test_that_an_unknown_status_keeps_its_own_name():
    sender = an_account(tickets__7=reply({"ticket": zendesk_ticket(7, status="parked")}))
    ticket = run(zendesk(sender).open_ticket(7)).ticket
    assert (ticket.status, ticket.status_name) == (TicketStatus.OTHER, "parked")


def test_that_a_custom_status_has_its_category_and_its_name():
    statuses = {"custom_statuses": [{"id": 9, "agent_label": "Waiting for parts", "status_category": "hold"}]}
    sender = an_account(
        tickets__7=reply({"ticket": zendesk_ticket(7, status="hold", custom_status_id=9)}),
        custom_statuses=reply(statuses),
    )
    client = zendesk(sender)
    ticket = run(client.open_ticket(7)).ticket
    assert (ticket.status, ticket.status_name) == (TicketStatus.HOLD, "Waiting for parts")


def test_that_custom_statuses_that_may_not_be_read_are_asked_for_once():
    sender = an_account(tickets__7=reply({"ticket": zendesk_ticket(7, custom_status_id=9)}))
    client = zendesk(sender)

    async def twice():
        await client.open_ticket(7)
        return await client.open_ticket(7)

    assert run(twice()).ticket.status_name == ""
    assert sender.paths.count("custom_statuses") == 1


@pytest.mark.parametrize(
    ("rating", "csat", "comment"),
    [
        (None, None, ""),
        ({"score": "unoffered"}, None, ""),
        ({"score": "offered", "comment": None}, Csat.OFFERED, ""),
        ({"score": "good", "comment": "Thanks!"}, Csat.GOOD, "Thanks!"),
        ({"score": "badwithcomment", "comment": "Slow"}, Csat.BAD, "Slow"),
    ],
)
def test_that_a_rating_is_read_from_the_ticket(rating, csat, comment):
    sender = an_account(tickets__7=reply({"ticket": zendesk_ticket(7, satisfaction_rating=rating)}))
    ticket = run(zendesk(sender).open_ticket(7)).ticket
    assert (ticket.csat, ticket.csat_comment) == (csat, comment)


def test_that_a_ticket_of_nulls_is_shown():
    nulls = dict.fromkeys(zendesk_ticket(7))
    sender = ScriptedSender(
        {"tickets/7": reply({"ticket": {**nulls, "id": 7}}), "tickets/7/comments": zendesk_comments([])}
    )
    opened = run(zendesk(sender).open_ticket(7))
    assert (opened.ticket.subject, opened.ticket.status, opened.customer) == ("", TicketStatus.OTHER, None)


def test_that_a_requester_who_was_not_sideloaded_is_read():
    sender = an_account(
        tickets__7=reply({"ticket": zendesk_ticket(7)}),
        tickets__7__comments=zendesk_comments([]),
        users__show_many=reply(
            {"users": [zendesk_user(20, user_fields={"plan": "Trail Club", "orders": None, "vip": True})]}
        ),
    )
    customer = run(zendesk(sender).open_ticket(7)).customer
    assert customer is not None
    assert dict(customer.facts) == {"Plan": "Trail Club", "Vip": "yes"}


@pytest.mark.parametrize("status", [403, 404, 429, 502])
def test_that_a_ticket_is_shown_without_a_history_that_cannot_be_had(status):
    time = FakeTime()
    sender = an_account(users__20__tickets__requested=reply("", status, retry_after="60"))
    opened = run(zendesk(sender, time).open_ticket(7))
    assert (opened.history, len(opened.messages)) == ((), 2)
    assert sum(time.slept) < 61


@pytest.mark.promise("N3")
def test_that_a_401_from_any_part_of_a_ticket_asks_for_signing_in():
    with pytest.raises(SignInNeeded):
        run(zendesk(an_account(users__20__tickets__requested=reply("", 401))).open_ticket(7))


def test_that_two_failing_reads_raise_one_error_and_never_a_group():
    sender = an_account(tickets__7=reply("", 404), tickets__7__comments=reply("", 401))
    with pytest.raises((SignInNeeded, NotThere)):
        run(zendesk(sender).open_ticket(7))


@pytest.mark.promise("N2")
@pytest.mark.parametrize(
    "body", ["", "<html>maintenance</html>", '{"ticket": ', "[]", '{"ticket": null}', "[" * 100_000]
)
def test_that_a_body_in_no_known_shape_is_an_unexpected_reply(body):
    with pytest.raises(UnexpectedReply):
        run(zendesk(an_account(tickets__7=reply(body))).open_ticket(7))


def test_that_replies_since_a_time_are_read_back_to_it_and_no_further():
    sender = an_account(tickets__7__comments=a_long_thread)
    after = NOW - timedelta(minutes=150)
    messages = run(zendesk(sender).replies_since(TicketRef(AccountId("zendesk:acme"), 7), after))
    assert [message.id for message in messages] == list(range(4_851, 5_001))
    assert sender.paths == ["tickets/7/comments"] * 2


def test_that_replies_of_another_account_are_not_asked_for():
    sender = an_account()
    with pytest.raises(NotThere):
        run(zendesk(sender).replies_since(TicketRef(AccountId("zendesk:other"), 7), NOW))
    assert sender.requests == []


def recent(*ids):
    return reply({"tickets": [zendesk_ticket(id_) for id_ in ids], "next_page": None, "count": len(ids)})


def test_that_a_ticket_which_kibitz_read_itself_is_not_taken_for_viewed():
    sender = an_account()
    sender.answers["tickets/recent"] = [recent(5, 3), recent(7, 5, 3), recent(7, 5, 3)]
    client = zendesk(sender)

    async def scenario():
        first = await client.recently_viewed()
        await client.open_ticket(7)
        return first, await client.recently_viewed(), await client.recently_viewed()

    assert run(scenario()) == (5, 5, 5)


def test_that_a_ticket_which_kibitz_read_counts_when_the_agent_comes_back_to_it():
    sender = an_account()
    sender.answers["tickets/recent"] = [recent(5), recent(7, 5), recent(5, 7), recent(7, 5)]
    client = zendesk(sender)

    async def scenario():
        seen = [await client.recently_viewed()]
        await client.open_ticket(7)
        return [*seen, *[await client.recently_viewed() for _ in range(3)]]

    assert run(scenario()) == [5, 5, 5, 7]


@pytest.mark.promise("N6")
def test_that_seeing_how_a_ticket_stands_is_not_taken_for_a_view():
    sender = an_account(tickets__show_many=reply({"tickets": [zendesk_ticket(7)]}))
    sender.answers["tickets/recent"] = [recent(5, 3), recent(7, 5, 3)]
    client = zendesk(sender)

    async def scenario():
        first = await client.recently_viewed()
        await client.standing(7)
        return first, await client.recently_viewed()

    assert run(scenario()) == (5, 5)
    assert sender.queries("tickets/show_many")[0]["ids"] == "7"


@pytest.mark.promise("N6")
@pytest.mark.parametrize("tickets", [[], [zendesk_ticket(7, status="deleted")], [zendesk_ticket(8)]])
def test_that_a_ticket_which_the_list_leaves_out_or_calls_deleted_is_not_there(tickets):
    with pytest.raises(NotThere):
        run(zendesk(an_account(tickets__show_many=reply({"tickets": tickets}))).standing(7))


def test_that_the_offline_helpdesk_is_unreachable_after_bounded_patience():
    from assist.errors import Retryable

    time = FakeTime()
    sender = ScriptedSender({"users/me": Retryable("no route")})
    with pytest.raises(Unreachable, match="Zendesk cannot be reached: no route"):
        run(zendesk(sender, time).me())
    assert len(sender.requests) == 4
    assert 0 < sum(time.slept) < 5


def test_that_a_role_without_macros_is_told_apart_from_wrong_credentials():
    sender = ScriptedSender({"macros/active": reply({"error": {"title": "Forbidden", "message": "no"}}, 403)})

    async def read():
        async for _ in zendesk(sender).macros():
            pass

    with pytest.raises(NotAllowed):
        run(read())
