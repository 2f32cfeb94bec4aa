"""Each recorded reply of Freshdesk's, by name: what its reader makes of it, or why nothing reads it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assist.domain import Channel, Csat, Role, SlaMetric, SlaTarget, TicketMetrics, TicketStatus, Visibility
from assist.errors import HelpdeskError
from integrations.freshdesk import mapping, raw, wire
from integrations.http import Response
from tests.helpers.helpdesk import FRESHDESK

NO_NAMES = raw.Names()
Expected = tuple[Callable[[Response], Any], Callable[[Any], Any], Any]


def of_ticket(*names: str) -> Callable[[Any], Any]:
    """Return what the domain says of a ticket, by attribute."""
    return lambda found: tuple(getattr(mapping.ticket(FRESHDESK, found, NO_NAMES), name) for name in names)


def of_tickets(*names: str) -> Callable[[Any], Any]:
    return lambda page: [of_ticket(*names)(item) for item in page.items]


def of_messages(page: Any) -> Any:
    messages = mapping.messages(page.items, None, NO_NAMES)
    return [(one.author.role, one.public, one.text, one.channel, one.undelivered) for one in messages]


def of_articles(page: Any) -> Any:
    return [(one.id, one.title, one.status, one.language, one.votes) for one in page.items]


def of_folders(page: Any) -> Any:
    return [(one.id, one.name, mapping.visibility(one.visibility), one.sub_folders) for one in page.items]


def of_ratings(page: Any) -> Any:
    rated = mapping.latest_ratings(page.items)
    return {id_: (mapping.csat(one.score), one.feedback) for id_, one in rated.items()}


def of_organization(found: Any) -> Any:
    one = mapping.organization(found)
    return one.id, one.name, one.tier, one.health, one.renewal_at and one.renewal_at.year


def of_agent(found: Any) -> Any:
    one = mapping.agent(found)
    return one.id, one.name, one.email, one.locale


def of_contact(found: Any) -> Any:
    one = mapping.customer(found, None)
    return one.id, one.name, one.email, one.language, one.facts


def of_macros(page: Any) -> Any:
    macros = [mapping.macro(FRESHDESK, item) for item in page.items]
    return [(one.id, one.title, one.body) for one in macros if one is not None]


def named(page: Any) -> Any:
    return [(one.id, one.name) for one in page.items]


def _in_list(read: Callable[[Response], Any]) -> Callable[[Response], Any]:
    """Read one thing as the list that Kibitz asks for would hold it."""
    return lambda response: read(Response(200, {}, b"[" + response.body + b"]"))


def _first_of(read: Callable[[Response], Any], key: str = "") -> Callable[[Response], Any]:
    """Read the first thing of a list that Kibitz asks for one by one only."""

    def first(response: Response) -> Any:
        body = response.json()
        return read(Response(200, {}, json.dumps((body[key] if key else body)[0]).encode()))

    return first


def _of_event(read: Callable[[Response], Any], what: str, *, in_list: bool = True) -> Callable[[Response], Any]:
    """Read what an event of an app inside Freshdesk carries: wider objects than the API's."""

    def inner(response: Response) -> Any:
        found = response.json()["data"][what]
        return read(Response(200, {}, json.dumps([found] if in_list else found).encode()))

    return inner


AGENT_432 = (432, "Clark Kent", "superman@freshdesk.com", "en")
TWO_RATINGS = {432: (Csat.GOOD, "Thank you for the quick action")}
RACHEL = (1, "Rachel", "rachel@freshdesk.com", "en", {})
NOVA = ("Super Nova", "Premium", "Happy", 2020)
NOTE_AND_REPLY = [
    (Role.AGENT, False, "This is a private note", Channel.OTHER, False),
    (Role.AGENT, True, "This is a reply", Channel.EMAIL, False),
]
SAMPLE = "This is a sample ticket"

READ: dict[str, Expected] = {
    "airbyte2023/canned_response_folders": (
        wire.read_response_folders,
        lambda page: [(one.id, one.responses) for one in page.items],
        [(67000078780, 1), (67000174510, 1)],
    ),
    "airbyte2023/canned_responses_in_folder": (
        wire.read_responses,
        of_macros,
        [(67000143821, "Another canned response", "This is another sample canned response")],
    ),
    "airbyte2023/company_all_null": (wire.read_company, of_organization, (67000893975, "Abbott Group", "", "", None)),
    "airbyte2023/contacts": (
        _first_of(wire.read_contact),
        of_contact,
        (67038833123, "Emily Garcia", "emily.garcia@freshdesk.com", "en", {}),
    ),
    "airbyte2023/conversation_from_survey": (
        wire.read_conversations,
        of_messages,
        [(Role.CUSTOMER, True, "test", Channel.WEB, False)],
    ),
    "airbyte2023/conversations_ticket_22": (
        wire.read_conversations,
        of_messages,
        [
            (Role.AGENT, True, "Hi Jessica Rangel,  Test reply", Channel.EMAIL, True),
            (Role.AGENT, False, "Test note", Channel.OTHER, False),
        ],
    ),
    "airbyte2023/satisfaction_ratings": (wire.read_ratings, of_ratings, {23: (Csat.GOOD, "test")}),
    "airbyte2023/solution_articles_draft": (
        wire.read_articles,
        lambda page: [(one.title, one.status) for one in page.items],
        [("Tracking your order", 1), ("Service related announcements", 1)],
    ),
    "airbyte2023/ticket_fields_status_source_type": (
        wire.read_names,
        lambda names: (names.statuses, names.labels["ticket_type"], names.secret),
        ({2: "Open", 3: "Pending", 4: "Resolved", 5: "Closed"}, "Type", frozenset()),
    ),
    "airbyte2023/tickets_with_requester_stats": (
        wire.read_tickets,
        lambda page: [
            (item.id, item.requester.name, [(one.metric, one.breached) for one in mapping.sla(item)])
            for item in page.items
        ],
        [
            (18, "Matt Rogers", [(SlaMetric.FIRST_RESPONSE, True), (SlaMetric.RESOLUTION, True)]),
            (19, "Sarah James", [(SlaMetric.FIRST_RESPONSE, True), (SlaMetric.RESOLUTION, True)]),
            (22, "Jessica Rangel", [(SlaMetric.RESOLUTION, False)]),
        ],
    ),
    "docs-samples/agent_view": (wire.read_me, of_agent, AGENT_432),
    "docs-samples/agents_me": (wire.read_me, of_agent, AGENT_432),
    "docs-samples/associated_tickets": (
        _first_of(wire.read_ticket, "tickets"),
        of_ticket("subject", "status", "fields"),
        ("Website unresponsive", TicketStatus.PENDING, {"Type": "L2 - Analysis"}),
    ),
    "docs-samples/canned_response_folders": (
        wire.read_response_folders,
        lambda page: [(one.id, one.responses) for one in page.items],
        [(1, 3)],
    ),
    "docs-samples/canned_response_view": (
        _in_list(wire.read_responses),
        lambda page: [(id_, body.splitlines()[-1]) for id_, _, body in of_macros(page)],
        [(82000005490, "{{ticket.agent.name}}")],
    ),
    "docs-samples/company_view": (wire.read_company, of_organization, (8, *NOVA)),
    "docs-samples/conversation_update": (
        _in_list(wire.read_conversations),
        of_messages,
        [(Role.AGENT, True, "Can you provide some screenshots?", Channel.OTHER, False)],
    ),
    "docs-samples/conversations_list": (
        wire.read_conversations,
        of_messages,
        [(Role.AGENT, False, "Please reply as soon as possible.", Channel.OTHER, False)],
    ),
    "docs-samples/note_create": (
        _in_list(wire.read_conversations),
        of_messages,
        [(Role.AGENT, True, "Hi tom, Still Angry", Channel.OTHER, False)],
    ),
    "docs-samples/reply_create": (
        _in_list(wire.read_conversations),
        of_messages,
        [(Role.AGENT, True, "We are working on this issue. Will keep you posted.", Channel.OTHER, False)],
    ),
    "docs-samples/satisfaction_ratings_all": (wire.read_ratings, of_ratings, TWO_RATINGS),
    "docs-samples/solution_article_view": (
        _in_list(wire.read_articles),
        of_articles,
        [(2, "sample article", 2, "en", 0)],
    ),
    "docs-samples/solution_categories": (
        wire.read_categories,
        named,
        [(1, "Default Category"), (2, "General"), (3, "sample category")],
    ),
    "docs-samples/solution_folder_articles": (
        wire.read_articles,
        of_articles,
        [(1, "article", 1, "en", 0), (2, "sample article", 2, "en", 0)],
    ),
    "docs-samples/solution_folders_in_category": (
        wire.read_folders,
        of_folders,
        [(4, "sample folder", Visibility.RESTRICTED, 3)],
    ),
    "docs-samples/ticket_archived": (
        wire.read_ticket,
        of_ticket("status", "fields", "requester_id"),
        (TicketStatus.CLOSED, {"Category": "Primary"}, 1),
    ),
    "docs-samples/ticket_satisfaction_ratings": (wire.read_ratings, of_ratings, TWO_RATINGS),
    "docs-samples/ticket_summary": (
        _in_list(wire.read_conversations),
        of_messages,
        [(Role.AGENT, False, "Test summary", Channel.OTHER, False)],
    ),
    "docs-samples/ticket_view": (
        wire.read_ticket,
        of_ticket("status", "priority", "fields", "metrics"),
        (TicketStatus.OPEN, "low", {"Category": "Primary"}, None),
    ),
    "freshworks-events/onCannedResponseCreate": (
        _of_event(wire.read_responses, "canned_response"),
        of_macros,
        [(99, "Network resoution type1", "adsfadsfadsf")],
    ),
    "freshworks-events/onCannedResponseUpdate": (
        _of_event(wire.read_responses, "canned_response"),
        of_macros,
        [(99, "Network Issue Resolution", "Hey, follow these steps to resolve!")],
    ),
    "freshworks-events/onConversationCreate": (
        _of_event(wire.read_conversations, "conversation"),
        of_messages,
        [(Role.AGENT, False, "Hi tom, Still Angry", Channel.OTHER, False)],
    ),
    "freshworks-events/onConversationDelete": (
        _of_event(wire.read_conversations, "conversation"),
        of_messages,
        [(Role.AGENT, False, "", Channel.OTHER, False)],
    ),
    "freshworks-events/onConversationUpdate": (
        _of_event(wire.read_conversations, "conversation"),
        of_messages,
        [(Role.AGENT, False, " Hello, how can we assist you today?", Channel.OTHER, False)],
    ),
    "freshworks-events/onTicketCreate": (
        _of_event(wire.read_ticket, "ticket", in_list=False),
        of_ticket("subject", "channel", "assignee_id", "fields", "reopens"),
        ("Support Needed...", Channel.PHONE, 48, {}, None),
    ),
    "freshworks-events/onTicketUpdate": (
        _of_event(wire.read_removed, "ticket"),
        lambda page: page.items,
        (205,),
    ),
    "pyfreshdesk/agent_1": (wire.read_me, of_agent, (1, "Rachel", "rachel@freshdesk.com", "en")),
    "pyfreshdesk/agents": (_first_of(wire.read_me), of_agent, (1, "Support", "abc@xyz.com", "en")),
    "pyfreshdesk/all_tickets": (
        wire.read_tickets,
        of_tickets("subject", "tags", "fields"),
        [(SAMPLE, ("mytag",), {"Type": "Question"})],
    ),
    "pyfreshdesk/companies": (_first_of(wire.read_company), of_organization, (1, *NOVA)),
    "pyfreshdesk/company": (wire.read_company, of_organization, (1, *NOVA)),
    "pyfreshdesk/contact": (wire.read_contact, of_contact, RACHEL),
    "pyfreshdesk/contact_1_agent": (wire.read_contact, of_contact, RACHEL),
    "pyfreshdesk/contacts": (_first_of(wire.read_contact), of_contact, RACHEL),
    "pyfreshdesk/conversations": (wire.read_conversations, of_messages, NOTE_AND_REPLY),
    "pyfreshdesk/customer": (wire.read_company, of_organization, (1, "ACME Corp.", "", "", None)),
    "pyfreshdesk/note_1": (_in_list(wire.read_conversations), of_messages, NOTE_AND_REPLY[:1]),
    "pyfreshdesk/outbound_email_1": (
        wire.read_ticket,
        of_ticket("subject", "assignee_id", "fields"),
        ("This is a sample outbound email", 6010396333, {"Type": "Question"}),
    ),
    "pyfreshdesk/reply_1": (_in_list(wire.read_conversations), of_messages, NOTE_AND_REPLY[1:]),
    "pyfreshdesk/search_companies": (
        _first_of(wire.read_company, "results"),
        of_organization,
        (11, "Lex Corp", "", "", None),
    ),
    "pyfreshdesk/search_contacts": (_first_of(wire.read_contact, "results"), of_contact, RACHEL),
    "pyfreshdesk/search_tickets": (
        wire.read_search,
        lambda page: [
            (item.subject, [(one.metric, one.due_at.isoformat()) for one in mapping.sla(item)])
            for item in page.items[:1]
        ],
        [
            (
                SAMPLE,
                [
                    (SlaMetric.FIRST_RESPONSE, "2015-01-01T02:27:09+00:00"),
                    (SlaMetric.RESOLUTION, "2015-01-05T02:27:09+00:00"),
                ],
            )
        ],
    ),
    "pyfreshdesk/solution_articles": (
        wire.read_articles,
        lambda page: of_articles(page)[0],
        (4, "Changing account details", 2, "", 0),
    ),
    "pyfreshdesk/solution_articles_fr": (
        wire.read_articles,
        lambda page: of_articles(page)[0],
        (4, "Modifier les détails du compte", 2, "", 0),
    ),
    "pyfreshdesk/solution_categories": (wire.read_categories, named, [(2, "General Category")]),
    "pyfreshdesk/solution_categories_fr": (wire.read_categories, named, [(2, "Catégorie générale")]),
    "pyfreshdesk/solution_folders": (
        wire.read_folders,
        of_folders,
        [(3, "Getting Started", Visibility.RESTRICTED, 0)],
    ),
    "pyfreshdesk/solution_folders_fr": (wire.read_folders, of_folders, [(3, "Commencer", Visibility.RESTRICTED, 0)]),
    "pyfreshdesk/ticket_1": (
        wire.read_ticket,
        of_ticket("metrics", "reopens", "sla"),
        (
            TicketMetrics(first_response_minutes=2_147_987, resolution_minutes=2_200_979),
            0,
            (SlaTarget(SlaMetric.RESOLUTION, datetime(2016, 5, 18, 23, 36, 4, tzinfo=UTC), breached=True),),
        ),
    ),
    "pyfreshdesk/ticket_1_updated": (
        wire.read_ticket,
        of_ticket("status", "priority", "tags"),
        (TicketStatus.SOLVED, "high", ("hello", "world")),
    ),
}
"""File to its reader, what is looked at, and what that must be."""

PASSED_OVER = {
    "airbyte2023/sla_policy_default": "policies are for admins; every ticket carries the times that follow from them",
    "airbyte2023/surveys": "what a rating means is the same in all surveys",
    "docs-samples/canned_response_folder_items": "titles alone; the same folder's full responses are read instead",
    "docs-samples/error_400_validation": "a refusal: tests/recorded/test_recorded.py says which",
    "pyfreshdesk/group_1": "groups are for admins; their names come with the ticket fields",
    "pyfreshdesk/groups": "groups are for admins; their names come with the ticket fields",
}
"""File to why no reader of Kibitz meets it. All readers survive it all the same."""

READERS = [read for name, read in vars(wire).items() if name.startswith("read_")]


def load(folder: Path, name: str) -> Response:
    answer = json.loads((folder / "freshdesk" / f"{name}.json").read_text(encoding="utf-8"))["response"]
    body = json.dumps(answer["body"]) if "body" in answer else answer.get("body_text") or ""
    return Response(answer["status"], answer["headers"], body.encode())


def test_that_every_recorded_file_is_read_or_said_to_be_passed_over(recorded_dir):
    folder = recorded_dir / "freshdesk"
    recorded = {str(path.relative_to(folder)).removesuffix(".json") for path in folder.rglob("*.json")}
    assert recorded == {*READ, *PASSED_OVER}
    assert not {*READ} & {*PASSED_OVER}


@pytest.mark.parametrize("name", READ)
def test_that_a_recorded_reply_says_what_it_said(recorded_dir, name):
    read, look, expected = READ[name]
    assert look(read(load(recorded_dir, name))) == expected


@pytest.mark.promise("N2")
@pytest.mark.parametrize("name", PASSED_OVER)
def test_that_readers_survive_what_they_would_never_meet(recorded_dir, name):
    for read in READERS:
        with contextlib.suppress(HelpdeskError):
            read(load(recorded_dir, name))
