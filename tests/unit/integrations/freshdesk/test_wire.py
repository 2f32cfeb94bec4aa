"""Freshdesk's answers, status by status and shape by shape."""

from __future__ import annotations

import pytest

from assist.errors import HelpdeskError, NotAllowed, NotThere, Retryable, SignInNeeded, UnexpectedReply
from integrations.freshdesk import raw, wire
from integrations.http import Response
from integrations.retry import Throttled
from tests.helpers.helpdesk import FRESHDESK, freshdesk_entry, query, reply

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


def refused(status, body="", **headers):
    with pytest.raises(HelpdeskError) as caught:
        wire.raise_for(reply(body, status, **headers))
    return type(caught.value), str(caught.value)


@pytest.mark.promise("N3")
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("invalid_credentials", "did not accept this key"),
        ("password_lockout", "locked this login"),
        ("password_expired", "has expired"),
        ("account_suspended", "is suspended"),
    ],
)
def test_that_each_reason_to_sign_in_again_has_its_own_sentence(status, code, words):
    error, sentence = refused(status, {"code": code, "message": "You have to be logged in"})
    assert (error, words in sentence) == (SignInNeeded, True)


@pytest.mark.parametrize(
    ("code", "words"),
    [("access_denied", "Your role"), ("require_feature", "plan"), ("inaccessible_field", "Your role"), ("", "or plan")],
)
def test_that_a_missing_right_is_told_from_a_missing_plan(code, words):
    error, sentence = refused(403, {"code": code, "message": "You are not authorized"} if code else "")
    assert (error, words in sentence) == (NotAllowed, True)


PAGE = "<!DOCTYPE html><html><head><title>Freshworks</title></head></html>"


@pytest.mark.parametrize("headers", [{"content_type": "text/html; charset=utf-8"}, {}])
def test_that_a_page_of_a_wrong_domain_asks_whether_the_domain_is_right(headers):
    assert refused(404, PAGE, **headers) == (NotThere, wire._A_PAGE)
    with pytest.raises(UnexpectedReply, match="Is the domain right") as caught:
        wire.read_me(reply(PAGE, 200, **headers))
    assert type(caught.value) is UnexpectedReply


@pytest.mark.parametrize("status", [301, 302, 307])
def test_that_a_redirect_of_a_wrong_domain_is_not_followed_and_asks_for_the_name(status):
    error, sentence = refused(status, "", location="https://www.freshworks.com/")
    assert (error, "Is the account's name right?" in sentence) == (UnexpectedReply, True)


def test_that_a_404_without_a_body_says_nothing_of_domains():
    assert refused(404) == (NotThere, "Freshdesk has no such thing, or it is hidden from you.")


def test_that_a_plan_of_no_calls_is_not_a_reason_to_wait():
    error, sentence = refused(429, {"message": "x"}, x_ratelimit_total="0", retry_after="60")
    assert (error, "plan" in sentence) == (NotAllowed, True)


@pytest.mark.parametrize("body", ["", {"message": "Rate limit exceeded"}, PAGE])
def test_that_a_429_asks_to_slow_down_whatever_its_body(body):
    with pytest.raises(Throttled) as caught:
        wire.raise_for(reply(body, 429, retry_after="37", x_ratelimit_total="400"))
    assert caught.value.retry_after_s == 37


@pytest.mark.parametrize(
    "body",
    [
        {"code": "access_denied", "message": "no"},
        {"description": "x", "errors": [{"field": "f", "message": "m", "code": "access_denied"}]},
        {"errors": [{"code": "access_denied"}]},
    ],
)
def test_that_codes_are_read_from_both_shapes(body):
    assert refused(401, body)[0] is NotAllowed


def test_that_entries_without_an_id_are_counted_in_the_log(caplog):
    caplog.set_level("INFO")
    page = wire.read_conversations(reply([freshdesk_entry(1), {"id": None, "body_text": "secret words"}, "x"]))
    assert [item.id for item in page.items] == [1]
    assert "2 of 3 entries of a list have no id" in caplog.text
    assert "secret words" not in caplog.text


@pytest.mark.parametrize(
    ("request_", "cost"),
    [
        (wire.ticket_request(FRESHDESK, 7), 3),
        (wire.standing_request(FRESHDESK, 7), 3),
        (wire.changed_request(FRESHDESK, None, 1), 5),
        (wire.requested_request(FRESHDESK, 20), 1),
        (wire.conversations_request(FRESHDESK, 7, 2), 1),
        (wire.removed_request(FRESHDESK, "spam", None, 1), 1),
    ],
)
def test_that_what_comes_along_is_counted_as_freshdesk_counts_it(request_, cost):
    assert request_.cost == cost


LISTS = [
    wire.conversations_request(FRESHDESK, 7, 1),
    wire.requested_request(FRESHDESK, 20),
    wire.ratings_request(FRESHDESK, 20),
    wire.all_ratings_request(FRESHDESK, None, 1),
    wire.changed_request(FRESHDESK, None, 1),
    wire.removed_request(FRESHDESK, "deleted", None, 1),
    wire.canned_responses_request(FRESHDESK, 1, 1),
    wire.categories_request(FRESHDESK, 1),
    wire.folders_request(FRESHDESK, 5, 1),
    wire.subfolders_request(FRESHDESK, 11, 1),
    wire.articles_request(FRESHDESK, 11, 1, language="pt-BR"),
]


def test_that_no_list_asks_for_more_than_a_hundred():
    assert all(1 <= int(query(request)["per_page"]) <= 100 for request in LISTS)


def test_that_no_list_of_tickets_ends_after_thirty_days_by_itself():
    asked = [query(request) for request in LISTS if "/api/v2/tickets?" in request.url]
    assert [one["updated_since"] for one in asked] == ["2015-01-01T00:00:00Z"] * 3


def test_that_a_language_stands_in_the_path_as_freshdesk_spells_it():
    assert "/articles/pt-BR?" in LISTS[-1].url
