"""Zendesk's answers, status by status and shape by shape."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.domain import Visibility
from assist.errors import HelpdeskError, NotAllowed, NotThere, Retryable, SignInNeeded, UnexpectedReply
from integrations.http import Response
from integrations.retry import Throttled
from integrations.zendesk import mapping, naming, raw, wire
from integrations.zendesk.names import NO_NAMES
from tests.helpers.helpdesk import ZENDESK, reply, zendesk_comment, zendesk_ticket, zendesk_user

EXPECTED = {
    200: None,
    201: None,
    204: UnexpectedReply,
    301: UnexpectedReply,
    302: UnexpectedReply,
    304: UnexpectedReply,
    400: UnexpectedReply,
    401: SignInNeeded,
    403: NotAllowed,
    404: NotThere,
    406: UnexpectedReply,
    408: Retryable,
    409: UnexpectedReply,
    410: NotThere,
    418: UnexpectedReply,
    422: UnexpectedReply,
    429: Throttled,
    500: Retryable,
    502: Retryable,
    503: Retryable,
    504: Retryable,
    529: Retryable,
}


@pytest.mark.parametrize(("status", "error"), EXPECTED.items())
@pytest.mark.parametrize("body", [b"", b"plain text", b"<html></html>", b"{}", b"[]", b'{"error": null}'])
def test_that_each_status_says_what_to_do_whatever_its_body(status, error, body):
    if error is None:
        assert wire.raise_for(Response(status, {}, body)) is None
        return
    with pytest.raises(error) as caught:
        wire.raise_for(Response(status, {}, body))
    assert type(caught.value) is error


@given(st.integers(202, 999))
def test_that_no_other_status_is_taken_for_a_success(status):
    with pytest.raises(HelpdeskError):
        wire.raise_for(Response(status, {}, b"{}"))


def test_that_a_503_with_a_wait_counts_as_throttled():
    with pytest.raises(Throttled) as caught:
        wire.raise_for(Response(503, {"retry-after": "7"}, b""))
    assert caught.value.retry_after_s == 7.0


def test_that_an_endpoint_outside_the_plan_is_not_a_missing_thing():
    with pytest.raises(NotAllowed, match="plan"):
        wire.raise_for(reply({"error": "InvalidEndpoint", "description": "Not found"}, 404))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"title": "Invalid attribute", "message": "secret text"}}, ""),
        ({"error": "TooManyValues", "description": "secret text", "max_count": 100}, "TooManyValues"),
        (
            {"errors": [{"code": "InvalidPaginationDepth", "title": "t", "detail": "secret text"}]},
            "InvalidPaginationDepth",
        ),
        ({"error": "the customer wrote secret text"}, ""),
    ],
)
def test_that_a_refusal_names_the_code_but_never_quotes_a_sentence(body, code):
    with pytest.raises(UnexpectedReply) as caught:
        wire.raise_for(reply(body, 422))
    assert str(caught.value) == f"Zendesk refused a request ({f'422 {code}'.strip()})"


def test_that_a_search_keeps_only_tickets():
    results = [{"id": 1, "result_type": "user"}, zendesk_ticket(2, result_type="ticket"), None, 3]
    assert [t.id for t in wire.read_tickets(reply({"results": results})).tickets] == [2]


@pytest.mark.parametrize("meta", [{"has_more": False, "after_cursor": "x"}, {"has_more": None}, {}, None])
def test_that_a_page_without_more_has_no_cursor(meta):
    page = wire.read_comments(reply({"comments": [], "meta": meta, "links": {"next": "https://x"}}))
    assert page.next_cursor is None


@pytest.mark.parametrize(
    ("value", "comment"),
    [
        ("Hello {{ticket.requester.name}}", "Hello {{ticket.requester.name}}"),
        (["channel:all", "Hello"], "Hello"),
        (["channel:all"], ""),
        ([], ""),
        (None, ""),
    ],
)
def test_that_a_macros_comment_is_a_text_or_a_channel_and_a_text(value, comment):
    found = raw.macro({"id": 1, "title": "t", "actions": [{"field": "comment_value", "value": value}]})
    assert found is not None
    assert found.comment == comment


def test_that_a_macro_which_only_changes_fields_is_no_reply():
    found = raw.macro({"id": 1, "title": "Take it!", "actions": [{"field": "status", "value": "pending"}]})
    assert found is not None
    assert mapping.macro(ZENDESK, found) is None


def test_that_a_macro_in_html_becomes_text_and_keeps_its_tags_and_usage():
    actions = [
        {"field": "comment_value_html", "value": "<p>Hi {{ticket.requester.first_name}},</p><p>Bye</p>"},
        {"field": "current_tags", "value": "returns label"},
    ]
    found = raw.macro({"id": 1, "title": "T", "usage_7d": 23, "actions": actions})
    assert found is not None
    macro = mapping.macro(ZENDESK, found)
    assert macro is not None
    assert (macro.body, macro.tags, macro.usage) == (
        "Hi {{ticket.requester.first_name}},\n\nBye",
        ("returns", "label"),
        23,
    )


SEGMENTS = raw.segments(
    [
        {"id": 1, "user_type": "signed_in_users", "tags": []},
        {"id": 2, "user_type": "staff"},
        {"id": 3, "user_type": "signed_in_users", "tags": ["vip"]},
        {"id": 4, "user_type": "something new"},
    ]
)


@pytest.mark.parametrize(
    ("keys", "visibility"),
    [
        ({}, Visibility.EVERYONE),
        ({"user_segment_id": None, "user_segment_ids": None}, Visibility.EVERYONE),
        ({"user_segment_id": None, "user_segment_ids": []}, Visibility.EVERYONE),
        ({"user_segment_id": 1}, Visibility.SIGNED_IN),
        ({"user_segment_id": 1, "user_segment_ids": [1]}, Visibility.SIGNED_IN),
        ({"user_segment_ids": [2]}, Visibility.AGENTS),
        ({"user_segment_id": 3}, Visibility.RESTRICTED),
        ({"user_segment_id": 4}, Visibility.RESTRICTED),
        ({"user_segment_id": 99}, Visibility.RESTRICTED),
        ({"user_segment_ids": [1, 2]}, Visibility.RESTRICTED),
        ({"user_segment_id": "abc"}, Visibility.RESTRICTED),
        ({"user_segment_ids": True}, Visibility.RESTRICTED),
        ({"user_segment_ids": [{}]}, Visibility.RESTRICTED),
    ],
)
def test_that_an_article_is_for_everyone_only_without_any_segment(keys, visibility):
    found = raw.article({"id": 1, "title": "t", **keys})
    assert found is not None
    assert mapping.visibility(found.segment_ids, SEGMENTS) is visibility


@pytest.mark.promise("U1")
def test_that_an_articles_address_is_a_web_address_or_nothing():
    found = raw.article({"id": 1, "title": "t", "html_url": "javascript:alert(1)"})
    assert found is not None
    assert mapping.article(ZENDESK, found, {}, {}).url == ""


JUNK = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=8)
    | st.builds(list)
    | st.builds(dict)
    | st.builds(lambda: [None])
)
READERS = {
    wire.read_ticket: {
        "ticket": zendesk_ticket(7),
        "users": [zendesk_user(20)],
        "metric_sets": [{"ticket_id": 7, "reopens": 1}],
    },
    wire.read_tickets: {"tickets": [zendesk_ticket(7)], "next_page": None},
    wire.read_comments: {"comments": [zendesk_comment(1)], "users": [zendesk_user(20)], "meta": {"has_more": True}},
    wire.read_me: {"user": zendesk_user(1, "agent")},
    wire.read_articles: {
        "articles": [{"id": 1, "title": "t", "user_segment_ids": [1], "label_names": ["x"]}],
        "end_time": 5,
    },
    wire.read_macros: {"macros": [{"id": 1, "actions": [{"field": "comment_value", "value": ["channel:all", "x"]}]}]},
    naming.read_sections: {"sections": [{"id": 1, "name": "n"}], "meta": {"has_more": False}},
    naming.read_segments: {"user_segments": [{"id": 1, "user_type": "staff"}]},
    naming.read_locales: {"locales": ["en-us"], "default_locale": "en-us"},
    naming.read_statuses: {"custom_statuses": [{"id": 1, "agent_label": "x"}]},
}


def places(value, path=()):
    """Return the path of every value inside a JSON document."""
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
            target["a key nobody knows"] = data.draw(JUNK)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    try:
        found = read(Response(200, {}, json.dumps(body).encode()))
    except HelpdeskError:
        return
    if isinstance(found, wire.TicketReply):
        mapping.ticket_of(ZENDESK, found, NO_NAMES)
    if isinstance(found, wire.CommentPage):
        mapping.messages(found.comments, found.users, 20)
