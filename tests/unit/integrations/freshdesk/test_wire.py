"""Freshdesk's answers, status by status and shape by shape."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.errors import HelpdeskError, NotAllowed, NotThere, Retryable, SignInNeeded, UnexpectedReply
from integrations.freshdesk import mapping, raw, wire
from integrations.http import Response
from integrations.retry import Throttled
from tests.helpers.helpdesk import FRESHDESK, freshdesk_entry, freshdesk_ticket, reply

EXPECTED = {
    200: None,
    201: None,
    204: UnexpectedReply,
    301: UnexpectedReply,
    302: UnexpectedReply,
    400: UnexpectedReply,
    401: SignInNeeded,
    403: NotAllowed,
    404: NotThere,
    405: NotThere,
    406: UnexpectedReply,
    409: UnexpectedReply,
    415: UnexpectedReply,
    429: Throttled,
    500: Retryable,
    502: Retryable,
    503: Retryable,
    504: Retryable,
}


@pytest.mark.parametrize(("status", "error"), EXPECTED.items())
@pytest.mark.parametrize("body", [b"", b"text", b"<html></html>", b"{}", b"[]", b'{"errors": [null]}'])
def test_that_each_status_says_what_to_do_whatever_its_body(status, error, body):
    if error is None:
        assert wire.raise_for(Response(status, {}, body)) is None
        return
    with pytest.raises(error) as caught:
        wire.raise_for(Response(status, {}, body))
    assert type(caught.value) is error


def test_that_a_refusal_names_the_code_but_never_quotes_the_message():
    body = {
        "description": "Validation failed",
        "errors": [{"field": "x", "message": "secret text", "code": "invalid_value"}],
    }
    with pytest.raises(UnexpectedReply) as caught:
        wire.raise_for(reply(body, 400))
    assert str(caught.value) == "Freshdesk refused a request (400 invalid_value)"


@pytest.mark.parametrize(
    ("link", "more"),
    [
        ('<https://acme.freshdesk.com/api/v2/tickets?page=2>; rel="next"', True),
        ('<https://acme.freshdesk.com/api/v2/tickets?page=2>;rel="next"', True),
        ("<https://x?page=1>; rel=prev, <https://x?page=3>; REL=next", True),
        ('<https://x?page=1>; rel="prev"', False),
        ("", False),
    ],
)
def test_that_a_link_header_says_only_whether_more_follows(link, more):
    assert wire.read_tickets(reply([], 200, link=link)).more is more


def test_that_the_three_shapes_of_choices_are_read():
    names = raw.names(
        [
            {"type": "default_ticket_type", "choices": ["Question"]},
            {"type": "default_agent", "choices": {"Maya": 3, "Broken": None}},
            {
                "type": "default_status",
                "choices": {"2": ["Open", "Being Processed"], "9": [], "x": ["y"], "7": "Third"},
            },
        ]
    )
    assert (names.agents, names.statuses, names.groups) == ({3: "Maya"}, {2: "Open", 7: "Third"}, {})


JUNK = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8) | st.builds(list) | st.builds(dict)
)
READERS = {
    wire.read_me: {"id": 1, "contact": {"name": "x"}},
    wire.read_ticket: freshdesk_ticket(
        7, requester={"id": 20}, stats={"reopened_at": None}, attachments=[{"name": "a"}]
    ),
    wire.read_tickets: [freshdesk_ticket(7)],
    wire.read_search: {"total": 1, "results": [freshdesk_ticket(7)]},
    wire.read_conversations: [freshdesk_entry(1, attachments=[{"name": "a"}])],
    wire.read_contact: {"id": 1, "custom_fields": {"cf_plan": "x"}},
    wire.read_company: {"id": 1, "renewal_date": "2026-12-31T00:00:00Z"},
    wire.read_ratings: [{"id": 1, "ticket_id": 2, "ratings": {"default_question": 103}}],
    wire.read_names: [
        {"type": "default_status", "choices": {"2": ["Open"]}},
        {"type": "default_agent", "choices": {"M": 1}},
    ],
    wire.read_folders: [{"id": 1, "visibility": 1}],
    wire.read_articles: [{"id": 1, "status": 2, "hierarchy": [{"data": {"language": "en"}}], "tags": ["x"]}],
    wire.read_responses: [{"id": 1, "content_html": "<p>x</p>"}],
    wire.read_languages: {"primary_language": "en", "supported_languages": ["de"]},
}


def places(value, path=()):
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, item in inside for found in places(item, (*path, key))]


@pytest.mark.promise("N2")
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_that_any_null_or_strange_value_anywhere_is_read_or_refused_politely(read, data):
    body = copy.deepcopy(READERS[read])
    for path in data.draw(st.lists(st.sampled_from(places(READERS[read])), min_size=1, max_size=3)):
        try:
            target = body
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = data.draw(JUNK)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    try:
        found = read(Response(200, {}, json.dumps(body).encode()))
    except HelpdeskError:
        return
    if isinstance(found, raw.RawTicket):
        mapping.ticket(FRESHDESK, found, raw.Names())
        mapping.first_message(found, found.requester, raw.Names())
    if read is wire.read_conversations:
        mapping.messages(found.items, None, raw.Names())
