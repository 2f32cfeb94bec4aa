"""What reading a Freshdesk account gives, trap by trap."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assist.domain import AccountId, Channel, Csat, Role, TicketRef, TicketStatus
from assist.errors import NotAllowed, NotThere, SignInNeeded, UnexpectedReply
from tests.helpers.helpdesk import (
    FRESHDESK,
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

REQUESTER = {"id": 20, "name": "Ada", "email": "ada@example.com", "mobile": None, "phone": None}
FIELDS = [
    {"id": 1, "name": "ticket_type", "type": "default_ticket_type", "choices": ["Question", "Refund"]},
    {"id": 2, "name": "source", "type": "default_source", "choices": {"Email": 1, "Portal": 2}},
    {
        "id": 3,
        "name": "status",
        "type": "default_status",
        "choices": {"2": ["Open", "Being Processed"], "8": ["With the workshop", "In repair"], "6": ["Waiting", "W"]},
    },
    {"id": 4, "name": "agent", "type": "default_agent", "choices": {"Maya Okafor": 30}},
    {"id": 5, "name": "group", "type": "default_group", "choices": {"Care": 50}},
    {"id": 6, "name": "product", "type": "default_product", "choices": {"Tarn": 60}},
]


def an_account(**answers: object) -> ScriptedSender:
    """A ticket 7 of contact 20 with one agent's reply."""
    script: dict[str, object] = {
        "tickets/7": reply(freshdesk_ticket(7, requester=REQUESTER, stats={"reopened_at": None})),
        "tickets/7/conversations": paged([freshdesk_entry(1)]),
        "ticket_fields": reply(FIELDS),
        "contacts/20": reply({**REQUESTER, "language": "de", "company_id": 40, "created_at": "2024-02-01T08:00:00Z"}),
        "companies/40": reply(
            {
                "id": 40,
                "name": "Super Nova",
                "health_score": "At risk",
                "account_tier": "Premium",
                "renewal_date": "2026-12-31T00:00:00Z",
            }
        ),
        "tickets": reply([]),
        "surveys/satisfaction_ratings": reply([]),
    }
    script.update({name.replace("__", "/"): answer for name, answer in answers.items()})
    return ScriptedSender(script)  # type: ignore[arg-type]  # a sender as far as clients go


def test_that_me_is_read_from_the_one_agent_endpoint_open_to_agents():
    sender = ScriptedSender(
        {"agents/me": reply({"id": 432, "contact": {"name": "Clark", "email": "c@example.com", "language": "en"}})}
    )
    agent = run(freshdesk(sender).me())
    assert (agent.id, agent.name, agent.email, agent.locale) == (432, "Clark", "c@example.com", "en")


@pytest.mark.promise("N3")
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"code": "invalid_credentials", "message": "You have to be logged in"}, SignInNeeded),
        (401, "", SignInNeeded),
        (401, {"code": "access_denied"}, NotAllowed),
        (403, {"code": "access_denied", "message": "no"}, NotAllowed),
        (403, {"code": "password_lockout"}, SignInNeeded),
        (
            403,
            {"description": "x", "errors": [{"field": "f", "message": "m", "code": "account_suspended"}]},
            SignInNeeded,
        ),
        (403, "", NotAllowed),
        (403, "<html>", NotAllowed),
    ],
)
def test_that_wrong_keys_and_missing_rights_are_told_apart(status, body, error):
    with pytest.raises(error) as caught:
        run(freshdesk(ScriptedSender({"agents/me": reply(body, status)})).me())
    assert type(caught.value) is error


def test_that_the_description_is_the_first_message_and_comes_before_the_conversation():
    opened = run(freshdesk(an_account()).open_ticket(7))
    assert [(m.id, m.text, m.author.role, m.author.name) for m in opened.messages] == [
        (0, "It broke.", Role.CUSTOMER, "Ada"),
        (1, "Body 1", Role.AGENT, "Maya Okafor"),
    ]


def test_that_the_first_message_of_an_outbound_mail_is_the_agents():
    ticket = freshdesk_ticket(7, source=10, responder_id=30, requester=REQUESTER)
    first = run(freshdesk(an_account(tickets__7=reply(ticket))).open_ticket(7)).messages[0]
    assert (first.author.role, first.author.name) == (Role.AGENT, "Maya Okafor")


def test_that_conversations_tell_customers_agents_automations_and_notes_apart():
    entries = [
        freshdesk_entry(1, incoming=True, user_id=20),
        freshdesk_entry(2, incoming=True, user_id=21, from_email='"Bo B" <bo@example.com>'),
        freshdesk_entry(3, private=True, source=2),
        freshdesk_entry(4, automation_id=5),
        freshdesk_entry(5, auto_response=True),
        freshdesk_entry(6, private=None),
        freshdesk_entry(7, user_id=99, from_email="Help <help@acme.com>"),
    ]
    messages = run(freshdesk(an_account(tickets__7__conversations=paged(entries))).open_ticket(7)).messages[1:]
    assert [(m.author.role, m.author.name, m.public) for m in messages] == [
        (Role.CUSTOMER, "Ada", True),
        (Role.CUSTOMER, "Bo B", True),
        (Role.AGENT, "Maya Okafor", False),
        (Role.SYSTEM, "", True),
        (Role.SYSTEM, "", True),
        (Role.AGENT, "Maya Okafor", False),
        (Role.AGENT, "Help", True),
    ]


def test_that_contact_and_company_bring_language_tier_health_and_renewal():
    customer = run(freshdesk(an_account()).open_ticket(7)).customer
    assert customer is not None
    assert (customer.name, customer.language) == ("Ada", "de")
    assert customer.organization is not None
    assert (customer.organization.tier, customer.organization.health) == ("Premium", "At risk")
    assert customer.organization.renewal_at is not None
    assert customer.organization.renewal_at.year == 2026


def test_that_a_company_of_nulls_is_an_organization_without_signals():
    nulls = {"id": 40, "name": "Abbott", "health_score": None, "account_tier": None, "renewal_date": None}
    customer = run(freshdesk(an_account(companies__40=reply(nulls))).open_ticket(7)).customer
    assert customer is not None
    assert customer.organization is not None
    assert (customer.organization.tier, customer.organization.health, customer.organization.renewal_at) == (
        "",
        "",
        None,
    )


def test_that_the_ticket_itself_tells_of_a_requester_who_is_no_contact():
    customer = run(freshdesk(an_account(contacts__20=reply("", 404))).open_ticket(7)).customer
    assert customer is not None
    assert (customer.id, customer.email) == (20, "ada@example.com")


def test_that_the_history_asks_for_more_than_the_last_thirty_days():
    sender = an_account(tickets=reply([freshdesk_ticket(5), freshdesk_ticket(7), freshdesk_ticket(6, spam=True)]))
    opened = run(freshdesk(sender).open_ticket(7))
    assert [ticket.ref.id for ticket in opened.history] == [5]
    assert sender.queries("tickets")[0]["updated_since"] == "2015-01-01T00:00:00Z"
    assert sender.queries("tickets")[0]["requester_id"] == "20"


@pytest.mark.parametrize(
    ("score", "csat"),
    [
        ({"default_question": 103}, Csat.GOOD),
        ({"default_question": 101}, Csat.GOOD),
        ({"default_question": 100}, None),
        ({"default_question": -103}, Csat.BAD),
        ({"question_2": -103}, None),
        (1, Csat.GOOD),
        (2, None),
        (3, Csat.BAD),
        (None, None),
    ],
)
def test_that_ratings_of_both_kinds_are_read(score, csat):
    rating = {"id": 1, "ticket_id": 7, "ratings": score, "feedback": "meh", "created_at": "2026-11-21T00:00:00Z"}
    sender = an_account(surveys__satisfaction_ratings=reply([rating]))
    assert run(freshdesk(sender).open_ticket(7)).ticket.csat is csat


def test_that_the_latest_rating_of_a_ticket_counts_also_in_the_history():
    ratings = [
        {"id": 2, "ticket_id": 5, "ratings": {"default_question": -103}, "created_at": "2026-11-21T00:00:00Z"},
        {"id": 1, "ticket_id": 5, "ratings": {"default_question": 103}, "created_at": "2026-11-01T00:00:00Z"},
    ]
    sender = an_account(tickets=reply([freshdesk_ticket(5)]), surveys__satisfaction_ratings=reply(ratings))
    assert run(freshdesk(sender).open_ticket(7)).history[0].csat is Csat.BAD


@pytest.mark.parametrize(
    ("number", "status", "name"),
    [
        (2, TicketStatus.OPEN, ""),
        (3, TicketStatus.PENDING, ""),
        (4, TicketStatus.SOLVED, ""),
        (5, TicketStatus.CLOSED, ""),
        (6, TicketStatus.PENDING, "Waiting"),
        (7, TicketStatus.HOLD, "Waiting on Third Party"),
        (8, TicketStatus.OTHER, "With the workshop"),
        (23, TicketStatus.OTHER, "23"),
        (None, TicketStatus.OTHER, ""),
    ],
)
def test_that_statuses_are_named_by_the_ticket_fields(number, status, name):
    ticket = run(freshdesk(an_account(tickets__7=reply(freshdesk_ticket(7, status=number)))).open_ticket(7)).ticket
    assert (ticket.status, ticket.status_name) == (status, name)


def test_that_ids_become_names_through_the_ticket_fields_which_are_read_once():
    sender = an_account(tickets__7=reply(freshdesk_ticket(7, responder_id=30, group_id=50, product_id=60, source=13)))
    client = freshdesk(sender)

    async def twice():
        await client.open_ticket(7)
        return (await client.open_ticket(7)).ticket

    ticket = run(twice())
    assert (ticket.assignee_name, ticket.group, ticket.brand, ticket.channel) == (
        "Maya Okafor",
        "Care",
        "Tarn",
        Channel.CHAT,
    )
    assert sender.paths.count("ticket_fields") == 1


def test_that_a_ticket_is_shown_where_the_fields_may_not_be_read():
    sender = an_account(ticket_fields=reply({"code": "access_denied"}, 403))
    assert run(freshdesk(sender).open_ticket(7)).messages[1].author.role is Role.AGENT


@pytest.mark.parametrize(("at", "reopens"), [(None, 0), ("2026-11-20T10:00:00Z", 1)])
def test_that_a_time_of_reopening_counts_as_one_reopening(at, reopens):
    sender = an_account(tickets__7=reply(freshdesk_ticket(7, stats={"reopened_at": at})))
    assert run(freshdesk(sender).open_ticket(7)).ticket.reopens == reopens


def test_that_reopenings_are_unknown_without_statistics():
    assert run(freshdesk(an_account(tickets__7=reply(freshdesk_ticket(7)))).open_ticket(7)).ticket.reopens is None


def test_that_an_archived_ticket_is_read_from_the_archive():
    sender = an_account(
        tickets__7=reply("", 404),
        tickets__7__conversations=reply("", 404),
        tickets__archived__7=reply(freshdesk_ticket(7, status=5, archived=True)),
        tickets__archived__7__conversations=paged([freshdesk_entry(1)]),
    )
    opened = run(freshdesk(sender).open_ticket(7))
    assert (opened.ticket.status, [m.id for m in opened.messages]) == (TicketStatus.CLOSED, [0, 1])


def test_that_an_archived_ticket_without_a_readable_conversation_shows_its_description():
    sender = an_account(
        tickets__7=reply("", 404),
        tickets__7__conversations=reply("", 404),
        tickets__archived__7=reply(freshdesk_ticket(7)),
    )
    assert [m.text for m in run(freshdesk(sender).open_ticket(7)).messages] == ["It broke."]


@pytest.mark.parametrize(
    "answers",
    [
        {"tickets__7": reply(freshdesk_ticket(7, deleted=True))},
        {"tickets__7": reply(freshdesk_ticket(7, spam=True))},
        {"tickets__7": reply("", 405)},
        {"tickets__7": reply("", 404), "tickets__archived__7": reply("", 404)},
    ],
)
def test_that_deleted_spam_and_missing_tickets_are_not_there(answers):
    with pytest.raises(NotThere):
        run(freshdesk(an_account(**answers)).open_ticket(7))


def thread(count):
    return [freshdesk_entry(n, at=NOW - timedelta(minutes=20_000 - n)) for n in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 300])
def test_that_up_to_300_entries_are_all_read(count):
    opened = run(freshdesk(an_account(tickets__7__conversations=paged(thread(count)))).open_ticket(7))
    assert ([m.id for m in opened.messages], opened.truncated) == (list(range(count + 1)), False)


@pytest.mark.parametrize("count", [301, 350, 400, 401, 799, 800, 801, 2_345, 10_000])
def test_that_of_a_long_thread_the_newest_300_are_found_without_reading_all(count):
    sender = an_account(tickets__7__conversations=paged(thread(count)))
    opened = run(freshdesk(sender).open_ticket(7))
    assert [m.id for m in opened.messages] == [0, *range(count - 299, count + 1)]
    assert opened.truncated is True
    assert sender.paths.count("tickets/7/conversations") <= 20


def test_that_a_link_to_a_page_behind_the_end_does_no_harm():
    entries = paged(thread(300))

    def lying(request):
        found = entries(request)
        return reply(found.json(), 200, link="<https://x>; rel=next") if found.json() else reply("", 404)

    opened = run(freshdesk(an_account(tickets__7__conversations=lying)).open_ticket(7))
    assert [m.id for m in opened.messages] == list(range(301))


@pytest.mark.promise("S4")
def test_that_the_host_of_a_link_header_is_never_followed():
    sender = an_account(tickets__7__conversations=paged(thread(250)))
    run(freshdesk(sender).open_ticket(7))
    assert {request.url.split("/api/")[0] for request in sender.requests} == {"https://acme.freshdesk.com"}


def test_that_new_replies_cost_one_request_after_the_thread_was_read():
    entries = thread(250)
    sender = an_account(tickets__7__conversations=paged(entries))
    client = freshdesk(sender)

    async def scenario():
        await client.open_ticket(7)
        before = len(sender.requests)
        entries.append(freshdesk_entry(900, at=NOW, private=True))
        after = NOW - timedelta(minutes=20_000 - 249)
        found = await client.replies_since(TicketRef(FRESHDESK.account, 7), after)
        return [(m.id, m.public) for m in found], len(sender.requests) - before

    assert run(scenario()) == ([(250, True), (900, False)], 1)


def test_that_new_replies_over_a_page_boundary_are_all_found():
    entries = thread(95)
    sender = an_account(tickets__7__conversations=paged(entries))
    client = freshdesk(sender)

    async def scenario():
        await client.open_ticket(7)
        entries.extend(freshdesk_entry(1_000 + n, at=NOW + timedelta(seconds=n)) for n in range(120))
        ref = TicketRef(FRESHDESK.account, 7)
        return [len(await client.replies_since(ref, NOW - timedelta(seconds=1))) for _ in range(2)]

    assert run(scenario()) == [120, 120]


def test_that_replies_of_another_account_are_not_asked_for():
    with pytest.raises(NotThere):
        run(freshdesk(an_account()).replies_since(TicketRef(AccountId("freshdesk:x"), 7), NOW))


def test_that_nobody_can_tell_the_ticket_viewed_last():
    sender = ScriptedSender()
    assert run(freshdesk(sender).recently_viewed()) is None
    assert sender.requests == []


@pytest.mark.promise("N1")
def test_that_an_open_ticket_does_not_wait_for_the_limit_on_lists():
    time = FakeTime()
    sender = an_account(tickets=reply({"message": "Rate limit exceeded"}, 429, retry_after="60"))
    opened = run(freshdesk(sender, time).open_ticket(7))
    assert (opened.history, len(opened.messages), sum(time.slept)) == ((), 2, 0)


@pytest.mark.promise("N2")
@pytest.mark.parametrize("body", ["", "<html>", "[1", "[]", '{"id": null}', '"x"'])
def test_that_a_body_in_no_known_shape_is_an_unexpected_reply(body):
    with pytest.raises(UnexpectedReply):
        run(freshdesk(an_account(tickets__7=reply(body))).open_ticket(7))


def test_that_numbers_beyond_javascript_and_phones_as_numbers_are_kept():
    contact = {"id": 20, "name": "Ada", "mobile": 1234, "phone": None, "org_contact_id": 1_503_123_456_789_012_345}
    opened = run(freshdesk(an_account(contacts__20=reply(contact))).open_ticket(7))
    assert opened.customer is not None
    assert opened.customer.phone == "1234"


def test_that_attachments_are_names_and_their_signed_addresses_are_not_kept():
    attachment = {"id": 1, "name": "tent.jpg", "attachment_url": "https://s3.example.com/SIGNED"}
    entries = [freshdesk_entry(1, attachments=[attachment])]
    opened = run(freshdesk(an_account(tickets__7__conversations=paged(entries))).open_ticket(7))
    assert opened.messages[1].attachments == ("tent.jpg",)
    assert "SIGNED" not in "".join(str(getattr(opened.messages[1], name)) for name in opened.messages[1].__slots__)


def test_that_conversations_are_asked_for_a_hundred_at_a_time():
    sender = an_account()
    run(freshdesk(sender).open_ticket(7))
    assert query(next(r for r in sender.requests if "conversations" in r.url)) == {"page": "1", "per_page": "100"}
