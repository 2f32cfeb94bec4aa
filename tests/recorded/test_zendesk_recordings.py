"""Each recorded reply of Zendesk, read by the reader that would meet it, says what it said. New files must be added."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assist.domain import Channel, Csat, Role, TicketMetrics, TicketStatus
from assist.errors import HelpdeskError, NotThere, SignInNeeded, UnexpectedReply
from integrations.http import Response
from integrations.reading import facts, objects, text, whole
from integrations.zendesk import acting_wire, details, mapping, parts, raw, wire
from integrations.zendesk.names import NO_NAMES
from tests.helpers.helpdesk import ZENDESK, reply

Says = Callable[[Response], Any]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "recording" in metafunc.fixturenames:
        folder = Path(metafunc.config.getoption("--recorded")).resolve() / "zendesk"
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json"))
        missing = pytest.param("", marks=pytest.mark.skip("no recorded replies; name their folder with --recorded"))
        metafunc.parametrize("recording", names or [missing])


def body_of(response: Response) -> Any:
    return json.loads(response.body)


def ticket(response: Response) -> Any:
    found = mapping.ticket_of(ZENDESK, wire.read_ticket(response), NO_NAMES)
    return found.ref.id, found.status, found.priority, found.requester_id, found.csat, found.tags, found.channel


def tickets(response: Response) -> Any:
    page = wire.read_tickets(response)
    found = [mapping.ticket(ZENDESK, one) for one in page.tickets]
    return len(found), page.full, page.left_out, [(one.ref.id, one.status) for one in found[:4]]


def requests_as_tickets(response: Response) -> Any:
    return tickets(reply({"tickets": body_of(response)["requests"]}))


def messages(response: Response) -> Any:
    page = wire.read_comments(response)
    found = mapping.messages(page.comments, page.users, 377_922_500_012)
    return [(one.id, one.author.role, one.public, one.text) for one in found], page.next_cursor, page.left_out


def macros(response: Response) -> Any:
    page = wire.read_macros(response)
    offered = [one.title for found in page.macros if (one := mapping.macro(ZENDESK, found))]
    return len(page.macros), page.more, page.left_out, offered


def last_said(response: Response) -> Any:
    return wire.read_tickets(reply({"tickets": [], "last_audits": body_of(response)["audits"]})).said_last


def rated(response: Response) -> Any:
    found = objects(body_of(response)["satisfaction_ratings"])
    pairs = [(whole(one["ticket_id"]), details.CSAT.get(text(one["score"])), text(one["comment"])) for one in found]
    return len(pairs), pairs[:2]


def metrics(response: Response) -> Any:
    found = parts.metrics(body_of(response)["ticket_metric"])
    return details.metrics(found), found and found.reopens


def macro_changes(response: Response) -> Any:
    """What a macro would change of an open ticket without tags: a preview without a comment writes nothing."""
    before = acting_wire.read_ticket(reply({"ticket": {"id": 1, "status": "pending", "tags": [], "priority": "high"}}))
    found = acting_wire.rendered(acting_wire.read_macro(response, before), before)
    return found.text, found.public, found.status, found.tags, sorted(found.changes)


def organizations(response: Response) -> Any:
    return [
        (one.id, one.name, dict(one.fields)) for one in raw.organizations(body_of(response)["organizations"]).values()
    ]


def user(response: Response) -> Any:
    found = raw.user(body_of(response)["user"])
    return found and (found.id, found.name, found.role, found.locale, found.organization_id)


def agent(response: Response) -> Any:
    found = mapping.agent(wire.read_me(response))
    return found.id, found.name, found.is_admin


def refusal(response: Response) -> Any:
    with pytest.raises(HelpdeskError) as caught:
        wire.read_me(response)
    return type(caught.value), str(caught.value)


def refused(code: str) -> tuple[type[HelpdeskError], str]:
    return UnexpectedReply, f"Zendesk refused a request ({code})"


NOT_THERE = (NotThere, "Zendesk has no such thing, or it is not visible to you.")
SAID: dict[str, tuple[Says, Any]] = {
    "go/locales.json": (
        lambda response: raw.names(body_of(response)["locales"], key="locale"),
        {1: "en-US", 67: "ja", 9: "zh-tw"},
    ),
    "go/search_ticket.json": (tickets, (1, False, 0, [(4, TicketStatus.NEW)])),
    "go/sla_policies.json": (
        lambda response: set(raw.names(body_of(response)["sla_policies"], key="title").values()),
        {"Incidents"},
    ),
    "go/ticket_audits.json": (last_said, {666: "This is a new private comment"}),
    "go/ticket_comments.json": (
        messages,
        ([(id_, Role.CUSTOMER, True, "Mail to create fixture ticket for testing") for id_ in (2, 3)], "xxx", 0),
    ),
    "go/user_related.json": (
        lambda response: facts(body_of(response)["user_related"])["Requested tickets"],
        "10",
    ),
    "node/error_404_organization.json": (refusal, NOT_THERE),
    "node/error_404_unknown_subdomain.json": (refusal, NOT_THERE),
    "node/organizations_search.json": (
        organizations,
        [(19_442_893_058_196, "xTestx Organization node-zendesk", {})],
    ),
    "node/users_me_anonymous_wrong_token.json": (
        refusal,
        (SignInNeeded, "Zendesk does not know these credentials as an agent's."),
    ),
    "rb2015/error_400_object.json": (refusal, refused("400")),
    "rb2015/error_404_macro.json": (refusal, NOT_THERE),
    "rb2015/error_404_ticket.json": (refusal, NOT_THERE),
    "rb2015/error_406_comment_required.json": (refusal, refused("406 CommentRequired")),
    "rb2015/error_409_text.json": (refusal, refused("409")),
    "rb2015/error_422_base.json": (refusal, refused("422 RecordInvalid")),
    "rb2015/error_422_brand.json": (refusal, refused("422 RecordInvalid")),
    "rb2015/error_422_field.json": (refusal, refused("422 RecordInvalid")),
    "rb2015/macro_apply_changes_only.json": (macro_changes, ("", None, TicketStatus.SOLVED, None, [])),
    "rb2015/macro_apply_to_ticket.json": (
        macro_changes,
        ("", None, TicketStatus.SOLVED, None, ["Assignee id", "Group id", "Subject", "Type"]),
    ),
    "rb2015/macros_list.json": (
        macros,
        (4, False, 0, ["Close and redirect to topics", "Customer not responding", "Downgrade and inform"]),
    ),
    "rb2015/satisfaction_ratings_page.json": (rated, (65, [(35, Csat.GOOD, "Satisfaction!"), (93, Csat.OFFERED, "")])),
    "rb2015/satisfaction_ratings_received.json": (rated, (1, [(35, Csat.GOOD, "Satisfaction!")])),
    "rb2015/ticket_audits.json": (last_said, {1: "test"}),
    "rb2015/ticket_create_with_attachments.json": (
        ticket,
        (8865, TicketStatus.NEW, "normal", 20_014_192, None, ("awesome", "blossom"), Channel.API),
    ),
    "rb2015/ticket_metrics_of_ticket.json": (metrics, (TicketMetrics(2, None, 0, 555), 0)),
    "rb2015/tickets_recent.json": (
        tickets,
        (4, False, 0, [(1, TicketStatus.PENDING), *((id_, TicketStatus.NEW) for id_ in (8868, 8867, 8866))]),
    ),
    "rb2015/user_requests.json": (
        requests_as_tickets,
        (100, False, 0, [(id_, TicketStatus.CLOSED) for id_ in (2, 3, 4, 10)]),
    ),
    "rb2015/user_tickets_requested.json": (
        tickets,
        (100, True, 0, [(id_, TicketStatus.CLOSED) for id_ in (7, 13, 19, 25)]),
    ),
    "rb2015/users_include_roles.json": (user, (20_014_182, "Steven Davidovitz", "admin", "en-US", 20_012_227)),
    "rb2015/users_me.json": (agent, (20_014_182, "Steven Davidovitz", True)),
    "rb2015/visit_recent_ticket_show.json": (
        ticket,
        (1, TicketStatus.PENDING, "high", 20_014_182, None, (), Channel.WEB),
    ),
}
"""File, who reads it, what it says."""


@pytest.mark.promise("N2")
def test_that_each_recorded_reply_is_read_and_says_what_it_said(recorded_dir, recording):
    assert recording in SAID, "no reader is registered for this recording"
    says, expected = SAID[recording]
    answer = json.loads((recorded_dir / "zendesk" / recording).read_text(encoding="utf-8"))["response"]
    body = json.dumps(answer["body"]) if "body" in answer else answer.get("body_text") or ""
    assert says(Response(answer["status"], answer["headers"], body.encode())) == expected


def test_that_every_registered_recording_is_there(recorded_dir):
    there = {str(path.relative_to(recorded_dir / "zendesk")) for path in (recorded_dir / "zendesk").rglob("*.json")}
    assert SAID.keys() <= there
