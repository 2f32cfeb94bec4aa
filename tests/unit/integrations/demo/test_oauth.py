"""The demo's OAuth keeps Zendesk's rules, so that what works with it is worth something."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from integrations.demo.oauth import DEMO_CLIENT_ID, DEMO_REDIRECTS, Client
from integrations.zendesk.oauth_wire import challenge_of
from tests.helpers.sign_in import decide

VERIFIER = "v" * 43
TOKENS = "/oauth/tokens"


def page_of(server, **more):
    query = {
        "response_type": "code",
        "client_id": DEMO_CLIENT_ID,
        "redirect_uri": DEMO_REDIRECTS[0],
        "scope": "read",
        "state": "s",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **more,
    }
    return f"{server.zendesk_url}/oauth/authorizations/new?{urlencode(query)}"


def answer_of(address):
    return {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def api(zendesk, server):
    """The face without credentials, from its root."""
    zendesk.headers.pop("Authorization")
    zendesk.base_url = server.zendesk_url
    return zendesk


@pytest.fixture
def exchange(api, server):
    """Sign in, and exchange the code with changed fields."""

    def go(page=None, **changes):
        fields = {
            "grant_type": "authorization_code",
            "code": answer_of(decide(page_of(server, **(page or {}))))["code"],
            "client_id": DEMO_CLIENT_ID,
            "redirect_uri": DEMO_REDIRECTS[0],
            "scope": "read",
            "code_verifier": VERIFIER,
            **changes,
        }
        return api.post(TOKENS, json=fields)

    return go


def refresh(api, token, **changes):
    return api.post(
        TOKENS, json={"grant_type": "refresh_token", "refresh_token": token, "client_id": DEMO_CLIENT_ID, **changes}
    )


def me(api, token):
    return api.get("/api/v2/users/me.json", headers={"Authorization": f"Bearer {token}"})


def test_that_a_token_acts_as_the_demo_s_agent(api, exchange):
    body = exchange().json()
    assert (body["token_type"], body["scope"], body["expires_in"]) == ("bearer", "read", 1_800)
    assert me(api, body["access_token"]).json()["user"]["name"] == "Maya Okafor"


def test_that_a_form_body_is_taken_as_well(api, server):
    code = answer_of(decide(page_of(server)))["code"]
    fields = {"grant_type": "authorization_code", "code": code, "client_id": DEMO_CLIENT_ID}
    answer = api.post(
        TOKENS, data={**fields, "redirect_uri": DEMO_REDIRECTS[0], "code_verifier": VERIFIER, "scope": "read"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code": "made up"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"redirect_uri": DEMO_REDIRECTS[1]}, 400, "invalid_grant"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"scope": "read write"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"expires_in": 299}, 400, "invalid_request"),
        ({"expires_in": 172_801}, 400, "invalid_request"),
        ({"refresh_token_expires_in": 604_799}, 400, "invalid_request"),
    ],
)
def test_that_an_exchange_that_is_not_right_gets_nothing(exchange, changes, status, error):
    answer = exchange(**changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "access_token" not in answer.text


def test_that_a_code_works_once_and_for_two_minutes(api, exchange, server, clock):
    code = answer_of(decide(page_of(server)))["code"]
    assert exchange(code=code).status_code == 200
    assert exchange(code=code).json()["error"] == "invalid_grant"
    late = answer_of(decide(page_of(server)))["code"]
    clock.advance(seconds=121)
    assert exchange(code=late).json()["error"] == "invalid_grant"


def test_that_renewing_ends_the_old_pair_at_once(api, exchange):
    old = exchange().json()
    new = refresh(api, old["refresh_token"]).json()
    assert me(api, old["access_token"]).status_code == 401
    assert me(api, old["access_token"]).json() == {"error": "Couldn't authenticate you"}
    assert me(api, new["access_token"]).status_code == 200
    assert refresh(api, old["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(api, new["refresh_token"], client_id="nobody").status_code == 401


def test_that_tokens_end_by_the_clock(api, exchange, clock):
    pair = exchange(expires_in=300, refresh_token_expires_in=604_800).json()
    clock.advance(seconds=299)
    assert me(api, pair["access_token"]).status_code == 200
    clock.advance(seconds=2)
    assert me(api, pair["access_token"]).status_code == 401
    clock.advance(days=7)
    assert refresh(api, pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_that_revoking_ends_both_tokens(api, exchange):
    pair = exchange().json()
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    assert api.delete("/api/v2/oauth/tokens/current", headers=headers).status_code == 204
    assert me(api, pair["access_token"]).status_code == 401
    assert refresh(api, pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert api.delete("/api/v2/oauth/tokens/current", headers=headers).status_code == 401


def test_that_a_token_for_reading_changes_nothing(api, exchange, world):
    headers = {"Authorization": f"Bearer {exchange().json()['access_token']}"}
    number = next(iter(world.tickets))
    answer = api.put(f"/api/v2/tickets/{number}", headers=headers, json={"ticket": {"status": "pending"}})
    assert (answer.status_code, answer.json()["error"]["title"]) == (403, "Forbidden")
    assert api.get(f"/api/v2/tickets/{number}", headers=headers).status_code == 200


def test_that_an_unknown_scope_is_dropped_without_a_word(exchange):
    assert exchange({"scope": "read knowledge:write"}).json()["scope"] == "read"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_that_a_page_without_pkce_sends_the_browser_back_with_an_error(server, changes, error):
    assert answer_of(decide(page_of(server, **changes))) == {"error": error, "state": "s"}


def test_that_a_scope_above_the_ceiling_is_refused(server, world):
    world.oauth.register(Client(DEMO_CLIENT_ID, DEMO_REDIRECTS, frozenset({"read"})))
    assert answer_of(decide(page_of(server, scope="read write")))["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "https://evil.example.com/"},
        {"redirect_uri": DEMO_REDIRECTS[0] + "/x"},
    ],
)
def test_that_nobody_is_redirected_to_an_address_that_is_not_registered(api, server, changes):
    answer = api.get(page_of(server, **changes))
    assert (answer.status_code, answer.headers.get("location")) == (400, None)
    assert "evil" not in answer.text


def test_that_what_a_link_says_stands_on_the_page_as_text_only(api, server, world):
    world.oauth.register(Client("<b>x</b>", DEMO_REDIRECTS))
    answer = api.get(page_of(server, client_id="<b>x</b>"))
    assert "&lt;b&gt;x&lt;/b&gt; asks for access" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_that_a_form_is_good_for_one_answer(api, server):
    form = api.get(page_of(server)).text.partition('name="form" value="')[2].partition('"')[0]
    fields = {"form": form, "decision": "deny"}
    assert answer_of(api.post("/oauth/authorizations", data=fields).headers["location"])["error"] == "access_denied"
    assert api.post("/oauth/authorizations", data={**fields, "decision": "allow"}).status_code == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_that_a_body_that_is_no_object_is_an_invalid_request(api, body):
    answer = api.post(TOKENS, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, json.loads(answer.text)["error"]) == (400, "invalid_request")
