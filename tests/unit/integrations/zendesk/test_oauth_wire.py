"""OAuth without a network: PKCE, addresses, answers of every shape, scopes, and what the keyring keeps."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.errors import HelpdeskError, Retryable, SignInNeeded, UnexpectedReply
from integrations.http import Response
from integrations.retry import Throttled
from integrations.site import OAuthGrant
from integrations.zendesk import oauth_wire as wire
from tests.helpers.helpdesk import NOW, ZENDESK, reply

ASKED = wire.Asked("kibitz_desktop", "http://127.0.0.1:28765/callback", ("read", "tickets:write"))
CANARY = "canary-7f3a9b-access"


def read(body, status=200, *, scopes=("read",)):
    response = body if isinstance(body, Response) else reply(body, status)
    return wire.read_grant(response, "kibitz_desktop", scopes=scopes, at=NOW)


def test_that_the_challenge_is_the_one_of_the_example_in_rfc_7636():
    challenge = wire.challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_that_a_verifier_has_the_alphabet_and_length_of_rfc_7636():
    for _ in range(100):
        assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", wire.new_verifier())


@given(st.from_regex(r"[A-Za-z0-9._~-]{43,128}", fullmatch=True))
def test_that_a_challenge_is_the_sha_256_of_the_verifier_without_padding(verifier):
    challenge = wire.challenge_of(verifier)
    assert len(challenge) == 43
    assert base64.urlsafe_b64decode(challenge + "=") == hashlib.sha256(verifier.encode()).digest()


def test_that_no_two_attempts_share_a_verifier_or_a_state():
    assert len({wire.new_verifier() for _ in range(200)}) == 200
    assert len({wire.new_state() for _ in range(200)}) == 200


@pytest.mark.promise("S4")
def test_that_the_address_asks_at_the_account_s_own_origin_and_holds_no_secret():
    url = urlsplit(wire.authorize_url(ZENDESK, ASKED, state="a state&=", challenge="c"))
    assert (url.scheme, url.netloc, url.path) == ("https", "acme.zendesk.com", "/oauth/authorizations/new")
    assert parse_qs(url.query) == {
        "response_type": ["code"],
        "client_id": ["kibitz_desktop"],
        "redirect_uri": ["http://127.0.0.1:28765/callback"],
        "scope": ["read tickets:write"],
        "state": ["a state&="],
        "code_challenge": ["c"],
        "code_challenge_method": ["S256"],
    }


@pytest.mark.promise("S4")
def test_that_code_and_tokens_go_into_the_body_and_only_to_the_account():
    grant = OAuthGrant("kibitz_desktop", "old", CANARY, None, ("read",))
    exchange = wire.exchange_request(ZENDESK, ASKED, code=CANARY, verifier="v")
    for request in (exchange, wire.refresh_request(ZENDESK, grant)):
        assert (request.method, request.url) == ("POST", "https://acme.zendesk.com/oauth/tokens")
        assert CANARY not in repr(request)
        assert CANARY.encode() in request.body
    sent = json.loads(exchange.body)
    assert sent["grant_type"] == "authorization_code"
    assert 300 <= sent["expires_in"] <= 172_800
    assert 604_800 <= sent["refresh_token_expires_in"] <= 7_776_000
    assert "client_secret" not in sent


def test_that_a_grant_says_when_it_ends_by_this_machine_s_clock_and_is_renewed_a_minute_before():
    found = read({"access_token": "a", "refresh_token": "r", "expires_in": 3600, "scope": "read"})
    assert found == OAuthGrant(
        "kibitz_desktop", "a", "r", NOW + timedelta(hours=1), ("read",), NOW + timedelta(minutes=59)
    )
    assert not wire.is_due(found, NOW + timedelta(minutes=58))
    assert wire.is_due(found, NOW + timedelta(minutes=59))


def test_that_a_very_short_life_still_leaves_most_of_it_to_work_in():
    found = read({"access_token": "a", "refresh_token": "r", "expires_in": 20})
    assert found.renew_at == NOW + timedelta(seconds=18)


@pytest.mark.promise("N7")
@pytest.mark.parametrize("life", [None, 0, -5, "soon", 1e9, True, 2**70, [3600]])
def test_that_a_life_nobody_can_use_means_that_a_refused_request_tells_the_end(life):
    found = read({"access_token": "a", "refresh_token": "r", "expires_in": life})
    assert (found.expires_at, found.renew_at) == (None, None)
    assert not wire.is_due(found, datetime.max.replace(tzinfo=UTC))


def test_that_an_answer_without_a_scope_granted_what_was_asked():
    assert read({"access_token": "a"}, scopes=("read", "tickets:write")).scopes == ("read", "tickets:write")
    assert read({"access_token": "a", "scope": "read,write"}).scopes == ("read", "write")


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, {"error": "invalid_grant", "error_description": CANARY}, wire.GrantRefused, "has ended"),
        (401, {"error": "invalid_grant"}, wire.GrantRefused, "has ended"),
        (400, {"error": "invalid_scope"}, SignInNeeded, "may not ask for these rights"),
        (401, {"error": "invalid_client"}, SignInNeeded, "kibitz_desktop"),
        (404, "<html>No help desk</html>", SignInNeeded, "no such Zendesk account"),
        (429, {"error": "x"}, Throttled, "slow down"),
        (503, "maintenance", Retryable, "fault"),
        (302, "", UnexpectedReply, "another address"),
        (418, {"error": CANARY}, UnexpectedReply, "418"),
        (200, "half a bod", UnexpectedReply, "not JSON"),
        (200, [], UnexpectedReply, "usable token"),
        (200, {"access_token": None}, UnexpectedReply, "usable token"),
        (200, {"access_token": "has\nbreak"}, UnexpectedReply, "usable token"),
        (200, {"access_token": "ü"}, UnexpectedReply, "usable token"),
        (200, {"access_token": "a", "refresh_token": "x" * 5_000}, UnexpectedReply, "usable token"),
    ],
)
def test_that_every_answer_of_the_token_endpoint_says_what_to_do(status, body, kind, said):
    with pytest.raises(kind) as found:
        read(body, status)
    assert said in str(found.value)
    assert CANARY not in str(found.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["access_token", "refresh_token", "expires_in", "scope", "token_type", "error"])


@given(st.integers(200, 599), st.dictionaries(FIELDS, JSON) | JSON)
def test_that_whatever_the_token_endpoint_answers_is_a_grant_or_an_error_that_has_a_name(status, body):
    try:
        found = read(body, status)
    except HelpdeskError:
        return
    assert found.access_token.isascii()
    assert all(isinstance(scope, str) for scope in found.scopes)


@pytest.mark.parametrize(
    ("asked", "granted", "lacking"),
    [
        (("read",), ("read",), ()),
        (("read", "tickets:write"), ("read", "write"), ()),
        (("read", "tickets:write"), ("read",), ("tickets:write",)),
        (("read", "tickets:write"), ("tickets:write",), ("read",)),
        (("read",), ("tickets:read",), ("read",)),
        (("tickets:read",), ("read",), ()),
    ],
)
def test_that_what_was_not_granted_is_known(asked, granted, lacking):
    assert wire.missing(asked, granted) == lacking


def test_that_a_missing_scope_is_named_with_what_to_do():
    with pytest.raises(SignInNeeded, match=r"did not grant tickets:write\. Ask your admin"):
        wire.check_scopes(("read", "tickets:write"), ("read",))


TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)
TIMES = st.none() | st.datetimes(timezones=st.just(UTC))


@given(st.builds(OAuthGrant, TOKENS, TOKENS, TOKENS, TIMES, st.lists(TOKENS, max_size=3).map(tuple), TIMES))
def test_that_a_kept_grant_is_read_back_as_it_was(grant):
    kept = wire.grant_text(grant)
    assert wire.is_grant(kept)
    assert wire.grant_in(kept) == grant


@pytest.mark.promise("S1")
@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_that_what_is_no_grant_is_refused_without_being_quoted(kept):
    with pytest.raises(ValueError, match=r"^the kept sign-in cannot be read$") as found:
        wire.grant_in(kept)
    assert found.value.__cause__ is None


@pytest.mark.promise("S1")
def test_that_a_grant_shows_no_token():
    shown = repr(OAuthGrant("kibitz_desktop", CANARY, CANARY, None, ()))
    assert "kibitz_desktop" in shown
    assert CANARY not in shown


@given(st.text(max_size=30))
def test_that_the_browser_s_error_is_never_shown_as_it_came(error):
    known = ("access_denied", "invalid_scope", "server_error", "temporarily_unavailable")

    said = {str(wire.refusal(one)) for one in (*known, "another")}

    assert len(said) == 4
    assert str(wire.refusal(error)) in said
