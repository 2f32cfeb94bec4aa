"""Every status and body that either helpdesk is known to refuse with, and the one thing to do about each.

What a body says is never shown or logged: the words of a refusal may quote what somebody wrote. Only Freshdesk's and
Zendesk's codes, which are words of a schema, tell some refusals apart.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from assist.errors import HelpdeskError, Moved, NotAllowed, NotThere, Retryable, SignInNeeded, UnexpectedReply
from integrations.freshdesk import acting_wire as freshdesk_acting
from integrations.freshdesk import wire as freshdesk
from integrations.http import Response
from integrations.retry import Throttled
from integrations.zendesk import acting_wire as zendesk_acting
from integrations.zendesk import wire as zendesk

SAID = "Dear Mr Ypsilon, my card 4111"
"""Stands where a helpdesk may quote what somebody wrote."""

BAD_GATEWAY = "<!DOCTYPE html><html><head><title>502</title></head><body>nginx</body></html>"
HTML = {"content-type": "text/html; charset=utf-8"}


def answer(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Response:
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return Response(status, headers or {"content-type": "application/json"}, text.encode(), "https://x.example/api/v2")


ZENDESK = {
    "wrong credentials": (answer(401, {"error": "Couldn't authenticate you"}), SignInNeeded),
    "401 with nothing": (answer(401), SignInNeeded),
    "401 as text": (answer(401, "HTTP Basic: Access denied."), SignInNeeded),
    "ended token": (answer(401, {"error": "invalid_token", "error_description": SAID}), SignInNeeded),
    "role": (answer(403, {"error": {"title": "Forbidden", "message": SAID}}), NotAllowed),
    "403 as a string": (answer(403, {"error": "Forbidden"}), NotAllowed),
    "403 with nothing": (answer(403), NotAllowed),
    "403 as a list": (answer(403, {"errors": [{"code": "Forbidden", "title": SAID}]}), NotAllowed),
    "no such ticket": (answer(404, {"error": "RecordNotFound", "description": "Not found"}), NotThere),
    "404 with nothing": (answer(404), NotThere),
    "unknown subdomain": (answer(404, "<html>No help desk at x</html>", HTML), NotThere),
    "not on this plan": (answer(404, {"error": "InvalidEndpoint", "description": "Not found"}), NotAllowed),
    "410": (answer(410, {"error": "Gone"}), NotThere),
    "invalid attribute": (answer(400, {"error": {"title": "Invalid attribute", "message": SAID}}), UnexpectedReply),
    "too many values": (
        answer(400, {"error": "TooManyValues", "description": SAID, "max_count": 100}),
        UnexpectedReply,
    ),
    "too deep": (answer(400, {"errors": [{"code": "InvalidPaginationDepth", "title": "Too deep"}]}), HelpdeskError),
    "invalid cursor": (answer(400, {"errors": [{"code": "InvalidCursor", "title": SAID}]}), UnexpectedReply),
    "search depth": (answer(422, {"error": "invalid", "description": SAID}), UnexpectedReply),
    "422 as a map": (
        answer(422, {"error": "RecordInvalid", "details": {"base": [{"description": SAID}]}}),
        UnexpectedReply,
    ),
    "throttled in words": (answer(429, "Number of allowed API requests per minute exceeded"), Throttled),
    "throttled with a list": (answer(429, {"errors": [{"code": "TooManyRequests"}]}, {"retry-after": "41"}), Throttled),
    "throttled by date": (answer(429, None, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), Throttled),
    "throttled by nonsense": (answer(429, None, {"retry-after": "soon"}), Throttled),
    "maintenance": (answer(503, "<html>maintenance</html>", {**HTML, "retry-after": "60"}), Throttled),
    "overload": (answer(503, {"error": "ServiceUnavailable"}), Retryable),
    "500": (answer(500, {"error": "InternalError", "description": SAID}), Retryable),
    "502 as a page": (answer(502, BAD_GATEWAY, HTML), Retryable),
    "504 with nothing": (answer(504), Retryable),
    "408": (answer(408), Retryable),
    "sent elsewhere": (answer(302, None, {"location": "https://y.example"}), UnexpectedReply),
    "teapot": (answer(418, SAID), UnexpectedReply),
}
ZENDESK_CHANGES = {
    "stale stamp": (answer(409, {"error": "UpdateConflict", "description": SAID}), Moved),
    "409 as text": (answer(409, "Requester creation collision - please try again"), Moved),
    "comment required": (answer(406, {"error": "CommentRequired", "description": SAID}), NotAllowed),
    "closed ticket": (
        answer(
            422, {"error": "RecordInvalid", "details": {"status": [{"description": "closed prevents ticket update"}]}}
        ),
        NotAllowed,
    ),
    "blank value": (
        answer(422, {"error": "RecordInvalid", "details": {"base": [{"description": SAID, "error": "BlankValue"}]}}),
        NotAllowed,
    ),
    "422 of an unknown field": (answer(422, {"details": {"x_7": "odd"}}), NotAllowed),
    "422 as text": (answer(422, "no"), NotAllowed),
    "no right to write": (answer(403, {"error": {"title": "Forbidden", "message": SAID}}), NotAllowed),
    "no such ticket": (answer(404, {"error": "RecordNotFound"}), NotThere),
    "throttled": (answer(429, None, {"retry-after": "3"}), Throttled),
    "500": (answer(500), Retryable),
}


def freshdesk_error(code: str, *, listed: bool = False) -> dict[str, Any]:
    one = {"field": "name", "message": SAID, "code": code}
    return {"description": "Validation failed", "errors": [one]} if listed else {"code": code, "message": SAID}


SIGN_IN_CODES = ("invalid_credentials", "account_suspended", "password_lockout", "password_expired")
RIGHTS_CODES = ("access_denied", "require_feature", "inaccessible_field")
VALIDATION_CODES = (
    *("missing_field", "invalid_value", "duplicate_value", "datatype_mismatch", "invalid_field", "readonly_field"),
    *("inconsistent_state", "max_agents_reached", "no_content_required", "incompatible_field"),
)

FRESHDESK: dict[str, tuple[Response, type[HelpdeskError]]] = {
    **{f"401 {code}": (answer(401, freshdesk_error(code)), SignInNeeded) for code in SIGN_IN_CODES},
    **{f"403 {code}": (answer(403, freshdesk_error(code)), SignInNeeded) for code in SIGN_IN_CODES},
    **{f"403 {code} listed": (answer(403, freshdesk_error(code, listed=True)), SignInNeeded) for code in SIGN_IN_CODES},
    **{f"403 {code}": (answer(403, freshdesk_error(code)), NotAllowed) for code in RIGHTS_CODES},
    **{f"401 {code}": (answer(401, freshdesk_error(code)), NotAllowed) for code in RIGHTS_CODES},
    **{f"400 {code}": (answer(400, freshdesk_error(code, listed=True)), UnexpectedReply) for code in VALIDATION_CODES},
    "401 with nothing": (answer(401), SignInNeeded),
    "403 with nothing": (answer(403), NotAllowed),
    "403 of an unknown code": (answer(403, freshdesk_error("new_reason")), NotAllowed),
    "403 by ssl_required": (answer(403, freshdesk_error("ssl_required")), NotAllowed),
    "no such ticket": (answer(404), NotThere),
    "404 with a body": (answer(404, {"message": "nothing"}), NotThere),
    "wrong domain": (answer(404, "<html>There is no helpdesk here</html>", HTML), NotThere),
    "deleted or spam": (answer(405, {"message": "PUT method is not allowed. It should be one of: GET"}), NotThere),
    "invalid json": (answer(400, {"code": "invalid_json", "message": SAID}), UnexpectedReply),
    "406": (answer(406), UnexpectedReply),
    "409": (answer(409, {"message": SAID}), UnexpectedReply),
    "415": (answer(415, {"code": "invalid_content_type", "message": SAID}), UnexpectedReply),
    "throttled": (answer(429, {"message": "Rate limit exceeded"}, {"retry-after": "12"}), Throttled),
    "throttled with nothing": (answer(429), Throttled),
    "free plan": (answer(429, None, {"x-ratelimit-total": "0", "retry-after": "60"}), NotAllowed),
    "500": (answer(500, {"code": "internal_error", "message": SAID}), Retryable),
    "502 as a page": (answer(502, BAD_GATEWAY, HTML), Retryable),
    "503": (answer(503), Retryable),
    "503 with a time": (answer(503, None, {"retry-after": "5"}), Throttled),
    "sent to log in": (answer(302, None, {"location": "https://x.example/login"}), UnexpectedReply),
}
FRESHDESK_CHANGES = {
    "validation": (answer(400, freshdesk_error("missing_field", listed=True)), NotAllowed),
    "readonly field": (answer(400, freshdesk_error("readonly_field", listed=True)), NotAllowed),
    "inconsistent state": (answer(409, freshdesk_error("inconsistent_state")), Moved),
    "deleted or spam": (answer(405), NotThere),
    "no right to write": (answer(403, freshdesk_error("access_denied")), NotAllowed),
    "ended key": (answer(401, freshdesk_error("invalid_credentials")), SignInNeeded),
    "throttled": (answer(429, None, {"retry-after": "3"}), Throttled),
    "500": (answer(500), Retryable),
}
ALL = [
    pytest.param(raise_for, *case, id=f"{name}: {what}")
    for name, raise_for, cases in (
        ("Zendesk", zendesk.raise_for, ZENDESK),
        ("Zendesk change", zendesk_acting.raise_for_change, ZENDESK_CHANGES),
        ("Freshdesk", freshdesk.raise_for, FRESHDESK),
        ("Freshdesk change", freshdesk_acting.raise_for_change, FRESHDESK_CHANGES),
    )
    for what, case in cases.items()
]


@pytest.mark.promise("S3")
@pytest.mark.parametrize(("raise_for", "response", "kind"), ALL)
def test_that_each_refusal_is_of_one_kind_and_quotes_nobody(raise_for, response, kind):
    with pytest.raises(HelpdeskError) as caught:
        raise_for(response)

    assert isinstance(caught.value, kind)
    if kind is Retryable:
        assert not isinstance(caught.value, Throttled)
    assert str(caught.value)
    assert "Ypsilon" not in str(caught.value)
    assert "4111" not in repr(caught.value)


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "", '"text"', "[1, 2]", "{", "null", '{"tickets": 7}'])
@pytest.mark.parametrize("read", [zendesk.read_tickets, zendesk.read_comments, freshdesk.read_ticket])
def test_that_a_success_that_is_not_what_was_asked_for_is_an_unexpected_reply(read, body):
    with pytest.raises(UnexpectedReply):
        read(answer(200, body))
