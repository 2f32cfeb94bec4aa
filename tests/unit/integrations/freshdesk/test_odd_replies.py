"""Replies that are valid but for something odd anywhere: each is read or refused politely, and no entry is lost."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.errors import HelpdeskError, UnexpectedReply
from integrations.freshdesk import mapping, raw, raw_knowledge, wire
from integrations.http import Response
from integrations.reading import whole
from tests.helpers.helpdesk import (
    FRESHDESK,
    ScriptedSender,
    collect,
    freshdesk,
    freshdesk_entry,
    freshdesk_ticket,
    reply,
    run,
)

BROKEN_HTML = [
    "<div><p>unclosed <b>bold",
    "</div></div>text",
    "<div " + "a" * 500,
    "<!-- <script>",
    "<table><tr><td>" * 300,
    "<p>&#xD800;&#0;&nosuch;</p>",
    "<html xmlns:x='\ud800'>\ud83d</html>",
    "<![CDATA[ x",
    "\x01\x02<p>\x0b</p>",
    "<?xml version='1.0' encoding='utf-16'?><p>x</p>",
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**63 - 1, 2**63, -1, 0, 23, 99]),
    st.floats(),
    st.text(st.characters(categories=["Cs", "Lo", "So", "Cc", "Nd"]), max_size=6),
    st.sampled_from(BROKEN_HTML),
    st.sampled_from(["2026-13-45T99:99:99Z", "2015-08-28T010:08:16Z", "0000-00-00", "9" * 30]),
    st.sampled_from([[], {}, [[]], [None], {"": None}, {"\ud800": {"x": [1]}}, {"\ud83d": "x", "ok": "y"}]).map(
        copy.deepcopy
    ),
)

STATS = {"first_responded_at": "2026-11-20T10:00:00Z", "resolved_at": None, "reopened_at": None, "pending_since": None}
REQUESTER = {"id": 20, "name": "Ada", "email": "ada@example.com", "phone": 1234}
TICKET = freshdesk_ticket(
    7,
    requester=REQUESTER,
    stats=STATS,
    attachments=[{"name": "a.jpg"}],
    custom_fields={"cf_order": "TT-1", "cf_sizes": ["S"]},
    status=5,
    due_by="2026-11-23T09:00:00Z",
    association_type=1,
    conversations=[freshdesk_entry(1)],
)
ENTRY = freshdesk_entry(1, attachments=[{"name": "a"}], email_failure_count=1, from_email="A <a@example.com>")
CONTACT = {**REQUESTER, "custom_fields": {"cf_plan": "x"}, "tags": ["vip"], "created_at": "2024-02-01T08:00:00Z"}
COMPANY = {"id": 1, "name": "Nova", "health_score": "Happy", "renewal_date": "2026-12-31T00:00:00Z"}
RATING = {"id": 1, "ticket_id": 7, "ratings": {"default_question": 103}, "feedback": "x"}
FIELDS = [
    {"name": "status", "type": "default_status", "choices": {"2": ["Open"], "8": ["Own"]}},
    {"name": "agent", "type": "default_agent", "choices": {"M": 1}},
    {
        "name": "cf_order",
        "label": "Order",
        "type": "nested_field",
        "nested_ticket_fields": [{"name": "x", "label": "y"}],
    },
]
FOLDER = {"id": 11, "name": "Returns", "visibility": 1, "articles_count": 2, "sub_folders_count": 0}
PLACE = {"level": 0, "type": "category", "data": {"language": "en"}}
ARTICLE = {"id": 1, "title": "T", "description": "<p>x</p>", "status": 2, "hierarchy": [PLACE], "tags": ["x"]}
RESPONSE = {"id": 1, "title": "T", "content": "c", "content_html": "<p>{{ticket.id}}</p>"}
READERS = {
    wire.read_me: {"id": 1, "contact": {"name": "x", "email": "x@example.com"}},
    wire.read_ticket: TICKET,
    wire.read_standing: TICKET,
    wire.read_tickets: [TICKET, freshdesk_ticket(8)],
    wire.read_removed: [TICKET, freshdesk_ticket(8)],
    wire.read_search: {"total": 1, "results": [TICKET]},
    wire.read_conversations: [ENTRY, freshdesk_entry(2)],
    wire.read_contact: CONTACT,
    wire.read_company: COMPANY,
    wire.read_ratings: [RATING, {**RATING, "id": 2, "ratings": 3}],
    wire.read_names: FIELDS,
    wire.read_categories: [{"id": 5, "name": "General"}, {"id": 6, "name": "More"}],
    wire.read_folders: [FOLDER, {**FOLDER, "id": 12}],
    wire.read_articles: [ARTICLE, {**ARTICLE, "id": 2}],
    wire.read_response_folders: [{"id": 1, "name": "x", "responses_count": 1}],
    wire.read_responses: [RESPONSE, {**RESPONSE, "id": 2}],
    wire.read_languages: {"primary_language": "en", "supported_languages": ["de"]},
}


def test_that_every_reader_is_tried():
    assert {name for name in vars(wire) if name.startswith("read_")} == {read.__name__ for read in READERS}


def places(value, path=()):
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, item in inside for found in places(item, (*path, key))]


PLACES = {read: places(body) for read, body in READERS.items()}


@st.composite
def odd_bodies(draw, read):
    """Return the reader's body with one to four places replaced, removed or joined by keys that nobody knows."""
    body = copy.deepcopy(READERS[read])
    for path in draw(st.lists(st.sampled_from(PLACES[read]), min_size=1, max_size=4)):
        try:
            target = body
            for key in path[:-1]:
                target = target[key]
            match draw(st.sampled_from(["replace", "replace", "remove", "join"])):
                case "replace":
                    target[path[-1]] = draw(ODD)
                case "remove":
                    del target[path[-1]]
                case _:
                    target["quantum_state"] = draw(ODD)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return body


def storable(value):
    """Encode every text in a value, as the store will."""
    if isinstance(value, str):
        value.encode("utf-8")
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            storable(getattr(value, field.name))
    elif isinstance(value, Mapping):
        storable(tuple(value))
        storable(tuple(value.values()))
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            storable(item)


NAMES = raw.names(FIELDS)


ENTRIES = raw.conversations([ENTRY])
CLOSED = raw.tickets([TICKET])[0]
A_FOLDER = raw_knowledge.folders([FOLDER])[0]


def as_ticket(item):
    ticket = mapping.ticket(FRESHDESK, item, NAMES, merged_into=mapping.merged_into(item, ENTRIES))
    return ticket, mapping.first_message(item, item.requester, NAMES), mapping.left_out(item, ENTRIES)


def as_message(item):
    return mapping.message(item, None, NAMES), mapping.merged_into(CLOSED, [item]), mapping.left_out(CLOSED, [item])


DOMAIN = {
    raw.RawTicket: as_ticket,
    raw.RawConversation: as_message,
    raw.RawContact: lambda item: mapping.customer(item, None),
    raw.RawCompany: mapping.organization,
    raw.RawAgent: mapping.agent,
    raw.RawRating: lambda item: mapping.csat(item.score),
    raw.Names: lambda item: mapping.ticket(FRESHDESK, CLOSED, item),
    raw_knowledge.RawArticle: lambda item: mapping.article(FRESHDESK, item, A_FOLDER, "en"),
    raw_knowledge.RawResponse: lambda item: mapping.macro(FRESHDESK, item),
    raw_knowledge.RawFolder: lambda item: mapping.visibility(item.visibility),
}
"""What the domain makes of Freshdesk's values."""


def expected_ids(read, body):
    """Return the ids that a list of this body must give: all that can be read, of tickets those that live."""
    known = [item for item in body if isinstance(item, dict) and whole(item.get("id")) is not None]
    if read in (wire.read_tickets, wire.read_removed):
        known = [item for item in known if whole(item["id"]) > 0]
    if read is wire.read_tickets:
        known = [item for item in known if item.get("deleted") is not True and item.get("spam") is not True]
    return [whole(item["id"]) for item in known]


@pytest.mark.promise("N2")
@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@settings(max_examples=12)
@given(data=st.data())
def test_that_whatever_is_odd_is_read_or_refused_and_no_entry_is_lost(read, data):
    body = data.draw(odd_bodies(read))
    try:
        found = read(Response(200, {}, json.dumps(body).encode()))
    except HelpdeskError:
        return
    items = found.items if isinstance(found, wire.Page) else found if isinstance(found, tuple) else (found,)
    storable(items)
    storable([DOMAIN.get(type(item), str)(item) for item in items])
    if isinstance(found, wire.Page) and isinstance(body, list):
        assert [getattr(item, "id", item) for item in items] == expected_ids(read, body)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("depth", [300, 200_000])
def test_that_deep_nesting_is_passed_over_or_refused(read, depth):
    body = json.dumps(READERS[read]).encode()
    nested = b"[" * depth + b"]" * depth
    body = body[:-1] + (b', "deep": ' if body.startswith(b"{") else b", ") + nested + body[-1:]
    try:
        found = read(Response(200, {}, body))
    except UnexpectedReply:
        assert depth == 200_000
    else:
        assert depth == 300
        storable(found.items if isinstance(found, wire.Page) else found)


@pytest.mark.parametrize("html", BROKEN_HTML)
def test_that_broken_html_of_a_canned_response_gives_its_text_or_its_plain_words(html):
    found = raw_knowledge.responses([{"id": 1, "title": "T", "content": "plain words", "content_html": html}])[0]
    macro = mapping.macro(FRESHDESK, found)
    assert macro is not None
    storable(macro)


PATHS = {
    "tickets/7": TICKET,
    "tickets/7/conversations": [ENTRY],
    "ticket_fields": FIELDS,
    "contacts/20": CONTACT,
    "companies/40": COMPANY,
    "tickets": [freshdesk_ticket(8, status=4), freshdesk_ticket(9, status=5)],
    "tickets/8/conversations": [ENTRY],
    "tickets/9/conversations": [ENTRY],
    "surveys/satisfaction_ratings": [RATING],
    "settings/helpdesk": {"primary_language": "en", "supported_languages": ["de"]},
    "solutions/categories": [{"id": 5, "name": "General"}],
    "solutions/categories/5/folders": [FOLDER],
    "solutions/folders/11/articles": [ARTICLE],
    "solutions/folders/11/articles/de": [ARTICLE],
    "canned_response_folders": [{"id": 1, "responses_count": 1}],
    "canned_response_folders/1/responses": [RESPONSE],
}


@pytest.mark.promise("N2")
@settings(max_examples=30)
@given(path=st.sampled_from(sorted(PATHS)), odd=ODD, deep=st.integers(0, 2))
def test_that_an_account_with_one_odd_answer_opens_and_syncs_or_says_why_not(path, odd, deep):
    body = copy.deepcopy(PATHS[path])
    target = body[0] if isinstance(body, list) else body
    for key in sorted(target)[deep::3]:
        if key != "id":
            target[key] = odd
    sender = ScriptedSender({name: reply(body if name == path else answer) for name, answer in PATHS.items()})

    async def everything(client):
        return [
            await client.open_ticket(7),
            await client.standing(7),
            await client.places(),
            *await collect(client.articles()),
            *await collect(client.macros()),
            *await collect(client.solved_tickets()),
        ]

    try:
        storable(run(everything(freshdesk(sender))))
    except HelpdeskError as error:
        storable(str(error))
