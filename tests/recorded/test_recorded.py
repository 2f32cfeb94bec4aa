"""Every recorded reply goes to the reader that would meet it; the important ones must say what they said."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from assist.domain import Channel, Csat, Role, TicketStatus, Visibility
from assist.errors import HelpdeskError, NotThere, SignInNeeded, UnexpectedReply
from integrations.freshdesk import mapping as fd_mapping
from integrations.freshdesk import raw as fd_raw
from integrations.freshdesk import raw_knowledge as fd_knowledge
from integrations.freshdesk import wire as fd
from integrations.http import Response
from integrations.ratelimit import quota_in
from integrations.zendesk import mapping as zd_mapping
from integrations.zendesk import wire as zd
from integrations.zendesk.names import NO_NAMES
from tests.helpers.helpdesk import FRESHDESK, NOW, ZENDESK

ZENDESK_READERS = (
    (r"/users/me(\.json)?$", zd.read_me),
    (r"/users/\d+\?include=roles$", zd.raise_for),
    (r"/tickets/recent$", zd.read_tickets),
    (r"/tickets/requested$", zd.read_tickets),
    (r"/v2/search\.json\?", zd.read_tickets),
    (r"/tickets/\d+/comments\.json$", zd.read_comments),
    (r"/(tickets/\d+/)?macros/\d+/apply$", zd.raise_for),
    (r"/macros$", zd.read_macros),
    (r"/tickets/\d+$", zd.read_ticket),
    (r"", zd.raise_for),
)
FRESHDESK_READERS = (
    (r"/agents/me$", fd.read_me),
    (r"/agents/(\d+|\[id\])$", fd.read_me),
    (r"/tickets/outbound_email$", fd.read_ticket),
    (r"/tickets/(archived/)?(\d+|\[id\])$", fd.read_ticket),
    (r"/v2/tickets(\?.*)?$", fd.read_tickets),
    (r"/search/tickets$", fd.read_search),
    (r"/conversations$", fd.read_conversations),
    (r"/contacts/\d+(/make_agent)?$", fd.read_contact),
    (r"/customers/1\.json$", fd.read_company),
    (r"/companies/(\d+|\[id\])$", fd.read_company),
    (r"/satisfaction_ratings$", fd.read_ratings),
    (r"/ticket_fields$", fd.read_names),
    (r"/canned_response_folders/\d+/responses$", fd.read_responses),
    (r"/canned_response_folders$", fd.read_response_folders),
    (r"/solutions/categories(/fr)?$", fd.read_categories),
    (r"/folders(/fr)?$", fd.read_folders),
    (r"/articles(/fr)?$", fd.read_articles),
    (r"", fd.raise_for),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "recording" in metafunc.fixturenames:
        folder = Path(metafunc.config.getoption("--recorded")).resolve()
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json"))
        missing = pytest.param("", marks=pytest.mark.skip("no recorded replies; name their folder with --recorded"))
        metafunc.parametrize("recording", names or [missing])


def load(folder: Path, name: str) -> tuple[str, Response]:
    """Return the address that was asked, and the answer."""
    exchange = json.loads((folder / name).read_text(encoding="utf-8"))
    answer: dict[str, Any] = exchange["response"]
    body = json.dumps(answer["body"]) if "body" in answer else answer.get("body_text") or ""
    return exchange["request"]["url"], Response(answer["status"], answer["headers"], body.encode())


def reader_of(vendor: str, url: str) -> Any:
    readers = ZENDESK_READERS if vendor == "zendesk" else FRESHDESK_READERS
    return next(read for pattern, read in readers if re.search(pattern, url))


@pytest.mark.promise("N2")
def test_that_no_recorded_reply_breaks_its_reader(recorded_dir, recording):
    url, response = load(recorded_dir, recording)
    read = reader_of(recording.split("/")[0], url)
    refused = "error_" in recording or "anonymous" in recording
    if refused:
        with pytest.raises(HelpdeskError):
            read(response)
        return
    found = read(response)
    items = getattr(found, "items", ())
    for item in items if isinstance(items, tuple) else ():
        if isinstance(item, fd_raw.RawTicket):
            fd_mapping.ticket(FRESHDESK, item, fd_raw.Names())
        if isinstance(item, fd_raw.RawConversation):
            fd_mapping.message(item, None, fd_raw.Names())
    if isinstance(found, zd.TicketPage):
        assert [zd_mapping.ticket(ZENDESK, ticket).ref.id for ticket in found.tickets] == [t.id for t in found.tickets]
        assert found.tickets


@pytest.mark.promise("N2")
def test_that_every_reader_survives_every_reply_of_its_vendor(recorded_dir, recording):
    vendor = recording.split("/")[0]
    _, response = load(recorded_dir, recording)
    for _, read in ZENDESK_READERS if vendor == "zendesk" else FRESHDESK_READERS:
        with contextlib.suppress(HelpdeskError):
            read(response)


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        ("zendesk/node/users_me_anonymous_wrong_token.json", SignInNeeded, "does not know these credentials"),
        ("zendesk/node/error_404_unknown_subdomain.json", NotThere, "no such thing"),
        ("zendesk/rb2015/error_404_ticket.json", NotThere, "no such thing"),
        ("zendesk/rb2015/error_400_object.json", UnexpectedReply, r"\(400\)"),
        ("zendesk/rb2015/error_406_comment_required.json", UnexpectedReply, r"\(406 CommentRequired\)"),
        ("zendesk/rb2015/error_409_text.json", UnexpectedReply, r"\(409\)"),
        ("zendesk/rb2015/error_422_field.json", UnexpectedReply, r"\(422 RecordInvalid\)"),
        ("freshdesk/docs-samples/error_400_validation.json", UnexpectedReply, r"\(400 missing_field\)"),
    ],
)
def test_that_recorded_refusals_say_what_to_do(recorded_dir, name, error, sentence):
    url, response = load(recorded_dir, name)
    with pytest.raises(error, match=sentence) as caught:
        reader_of(name.split("/")[0], url)(response)
    assert "abcdef@example.com" not in str(caught.value)


def test_that_recent_tickets_keep_the_order_of_viewing(recorded_dir):
    page = zd.read_tickets(load(recorded_dir, "zendesk/rb2015/tickets_recent.json")[1])
    assert [ticket.id for ticket in page.tickets] == [1, 8868, 8867, 8866]


def test_that_a_long_history_is_read_with_its_ratings(recorded_dir):
    page = zd.read_tickets(load(recorded_dir, "zendesk/rb2015/user_tickets_requested.json")[1])
    first = zd_mapping.ticket(ZENDESK, page.tickets[0])
    assert (len(page.tickets), page.full) == (100, True)
    assert (first.ref.id, first.status, first.channel, first.csat) == (
        7,
        TicketStatus.CLOSED,
        Channel.API,
        Csat.OFFERED,
    )
    assert first.created_at.isoformat() == "2007-09-08T20:19:04+00:00"


def test_that_a_ticket_of_2015_is_read(recorded_dir):
    reply = zd.read_ticket(load(recorded_dir, "zendesk/rb2015/visit_recent_ticket_show.json")[1])
    ticket = zd_mapping.ticket_of(ZENDESK, reply, NO_NAMES)
    assert (ticket.subject[:27], ticket.status, ticket.priority) == (
        "This is a sample ticket req",
        TicketStatus.PENDING,
        "high",
    )
    assert (ticket.requester_id, ticket.csat, ticket.reopens) == (20_014_182, None, None)


def test_that_comments_with_empty_html_and_plain_text_have_their_body(recorded_dir):
    page = zd.read_comments(load(recorded_dir, "zendesk/go/ticket_comments.json")[1])
    messages = zd_mapping.messages(page.comments, page.users, 377_922_500_012)
    assert [message.text for message in messages] == ["Mail to create fixture ticket for testing"] * 2
    assert (messages[0].author.role, page.next_cursor) == (Role.CUSTOMER, "xxx")


def test_that_three_of_four_recorded_macros_write_a_reply(recorded_dir):
    page = zd.read_macros(load(recorded_dir, "zendesk/rb2015/macros_list.json")[1])
    macros = [macro for raw in page.macros if (macro := zd_mapping.macro(ZENDESK, raw))]
    assert [macro.title for macro in macros] == [
        "Close and redirect to topics",
        "Customer not responding",
        "Downgrade and inform",
    ]
    assert macros[1].body.startswith("Hello  {{ticket.requester.name}}. Our agent {{current_user.name}}")


def test_that_the_recorded_agent_is_an_admin(recorded_dir):
    agent = zd_mapping.agent(zd.read_me(load(recorded_dir, "zendesk/rb2015/users_me.json")[1]))
    assert (agent.id, agent.name, agent.is_admin, agent.locale) == (20_014_182, "Steven Davidovitz", True, "en-US")


def test_that_the_older_spelling_of_the_budget_is_read(recorded_dir):
    quota = quota_in(load(recorded_dir, "zendesk/node/organizations_search.json")[1].headers, NOW)
    assert quota is not None
    assert (quota.limit, quota.remaining) == (700, 683)


def test_that_a_freshdesk_ticket_is_read_with_its_reopening_unset(recorded_dir):
    found = fd.read_ticket(load(recorded_dir, "freshdesk/pyfreshdesk/ticket_1.json")[1])
    ticket = fd_mapping.ticket(FRESHDESK, found, fd_raw.Names())
    assert (ticket.ref.id, ticket.status, ticket.priority, ticket.reopens) == (1, TicketStatus.OPEN, "low", 0)
    first = fd_mapping.first_message(found, None, fd_raw.Names())
    assert first.attachments == ("attachment.txt",)
    assert first.text == "This is a sample ticket, feel free to delete it."


def test_that_times_with_an_offset_become_utc(recorded_dir):
    page = fd.read_search(load(recorded_dir, "freshdesk/pyfreshdesk/search_tickets.json")[1])
    ticket = fd_mapping.ticket(FRESHDESK, page.items[0], fd_raw.Names())
    assert ticket.created_at.isoformat() == "2014-12-31T02:27:09+00:00"


def test_that_replies_notes_and_survey_feedback_are_told_apart(recorded_dir):
    def messages(name):
        page = fd.read_conversations(load(recorded_dir, f"freshdesk/{name}.json")[1])
        return [fd_mapping.message(item, None, fd_raw.Names()) for item in page.items]

    assert [(m.author.role, m.public) for m in messages("airbyte2023/conversations_ticket_22")] == [
        (Role.AGENT, True),
        (Role.AGENT, False),
    ]
    assert [(m.author.role, m.public, m.text) for m in messages("airbyte2023/conversation_from_survey")] == [
        (Role.CUSTOMER, True, "test")
    ]
    assert messages("docs-samples/conversations_list")[0].public is False


def test_that_recorded_status_choices_give_the_agents_names(recorded_dir):
    names = fd.read_names(load(recorded_dir, "freshdesk/airbyte2023/ticket_fields_status_source_type.json")[1])
    assert names.statuses == {2: "Open", 3: "Pending", 4: "Resolved", 5: "Closed"}


def test_that_recorded_ratings_are_good_and_belong_to_their_ticket(recorded_dir):
    ratings = fd.read_ratings(load(recorded_dir, "freshdesk/airbyte2023/satisfaction_ratings.json")[1])
    assert [(r.ticket_id, fd_mapping.csat(r.score), r.feedback) for r in ratings.items] == [(23, Csat.GOOD, "test")]


def test_that_companies_bring_signals_or_none(recorded_dir):
    def organization(name):
        return fd_mapping.organization(fd.read_company(load(recorded_dir, f"freshdesk/{name}.json")[1]))

    nova, abbott = organization("docs-samples/company_view"), organization("airbyte2023/company_all_null")
    assert nova.renewal_at is not None
    assert (nova.tier, nova.health, nova.renewal_at.year) == ("Premium", "Happy", 2020)
    assert (abbott.tier, abbott.health, abbott.renewal_at) == ("", "", None)


def test_that_recorded_drafts_are_drafts_and_french_ones_are_published(recorded_dir):
    folder = fd_knowledge.RawFolder(3, "Getting Started", 1, 0)

    def articles(name):
        page = fd.read_articles(load(recorded_dir, f"freshdesk/{name}.json")[1])
        return [fd_mapping.article(FRESHDESK, item, folder, item.language or "fr") for item in page.items]

    assert [(a.draft, a.locale) for a in articles("airbyte2023/solution_articles_draft")] == [(True, "en")] * 2
    french = articles("pyfreshdesk/solution_articles_fr")[0]
    assert (french.title, french.draft, french.visibility) == (
        "Modifier les détails du compte",
        False,
        Visibility.EVERYONE,
    )


def test_that_folders_of_selected_companies_are_restricted_and_unlabelled_ones_too(recorded_dir):
    def visibilities(name):
        page = fd.read_folders(load(recorded_dir, f"freshdesk/{name}.json")[1])
        return [fd_mapping.visibility(folder.visibility) for folder in page.items]

    assert visibilities("docs-samples/solution_folders_in_category") == [Visibility.RESTRICTED]
    assert visibilities("pyfreshdesk/solution_folders") == [Visibility.RESTRICTED]


def test_that_canned_responses_are_plain_text(recorded_dir):
    page = fd.read_responses(load(recorded_dir, "freshdesk/airbyte2023/canned_responses_in_folder.json")[1])
    macro = fd_mapping.macro(FRESHDESK, page.items[0])
    assert macro is not None
    assert (macro.title, macro.body) == ("Another canned response", "This is another sample canned response")


def test_that_the_documented_agent_is_read(recorded_dir):
    agent = fd_mapping.agent(fd.read_me(load(recorded_dir, "freshdesk/docs-samples/agents_me.json")[1]))
    assert (agent.id, agent.name, agent.email, agent.locale) == (432, "Clark Kent", "superman@freshdesk.com", "en")
