"""HTTP of the loopback door without a socket: who is answered, and what any bytes do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.browser.door import MAX_BODY_BYTES, PATHS, REFUSAL, Call, Exchange, is_app_origin
from tests.helpers.door import FRESHWORKS, ZENDESK, preflight, read_answer, request

pytestmark = pytest.mark.promise("S5")

PORT = 47_811


def asked(data: bytes, **more: object) -> Call | bytes | None:
    return Exchange(PORT, **more).receive(data)


def test_that_a_post_of_json_from_an_app_frame_is_a_call():
    assert asked(request("/open", {"a": 1}, port=PORT)) == Call("/open", ZENDESK, {"a": 1})


@pytest.mark.parametrize("origin", [ZENDESK, "https://p21-7.apps.zdusercontent.com", FRESHWORKS])
def test_that_the_origins_of_both_vendors_apps_are_known(origin):
    assert is_app_origin(origin)
    assert isinstance(asked(request("/wait", port=PORT, origin=origin)), Call)


FOREIGN = [
    "https://evil.example",
    "null",
    "",
    "http://1234567.apps.zdusercontent.com",
    "https://1234567.apps.zdusercontent.com:8443",
    "https://1234567.apps.zdusercontent.com.evil.example",
    "https://evil.example/.apps.zdusercontent.com",
    "https://a.b.apps.zdusercontent.com",
    "https://apps.zdusercontent.com",
    "https://xapps.zdusercontent.com",
    "https://1234567.apps-zdusercontent.com",
    "HTTPS://1234567.APPS.ZDUSERCONTENT.COM",
    "https://acme.zendesk.com",
    "https://acme.freshdesk.com",
    "https://evil.cloudfront.net",
    "https://d3h0owdjgzys62.cloudfront.net.evil.example",
    "https://d3h0owdjgzys62xcloudfront.net",
    "http://127.0.0.1:47811",
    f"{ZENDESK}, https://evil.example",
    f"{ZENDESK}/",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_that_a_page_of_any_other_origin_gets_a_refusal_without_a_body(origin):
    assert asked(request("/open", port=PORT, origin=origin)) == REFUSAL
    assert asked(preflight("/open", port=PORT, origin=origin)) == REFUSAL
    assert read_answer(REFUSAL).body == b""


def test_that_an_origin_is_allowed_by_an_admin_only_as_it_is_spelled():
    own = "https://apps.acme.example"
    assert isinstance(asked(request("/open", port=PORT, origin=own), more_origins={own}), Call)
    assert asked(request("/open", port=PORT, origin="https://apps.acme.example.evil"), more_origins={own}) == REFUSAL


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": None},
        {"host": "kibitz.evil.example:47811"},
        {"host": "127.0.0.1"},
        {"host": "127.0.0.1:80"},
        {"host": "localhost.evil.example:47811"},
        {"method": "GET", "raw": "", "content_length": None},
        {"method": "PUT"},
        {"method": "CONNECT"},
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "application/json; boundary=x"},
        {"content_type": None},
        {"content_length": None},
        {"content_length": str(MAX_BODY_BYTES + 1)},
        {"content_length": "9" * 20},
        {"content_length": None, "transfer_encoding": "chunked"},
        {"content_length": "0", "raw": ""},
    ],
    ids=str,
)
def test_that_what_no_app_frame_sends_is_refused_without_a_body(changes):
    assert asked(request("/open", port=PORT, **changes)) == REFUSAL


@pytest.mark.parametrize("path", ["/", "/openx", "/open/", "/open?x=1", "http://127.0.0.1:47811/open", "/OPEN", "*"])
def test_that_other_paths_are_refused(path):
    assert asked(request(path, port=PORT)) == REFUSAL


def test_that_a_header_that_is_there_twice_is_refused():
    for name in ("Origin", "Host", "Content-Type"):
        twice = request("/open", port=PORT).replace(b"\r\n\r\n", f"\r\n{name}: {ZENDESK}\r\n\r\n".encode(), 1)
        assert asked(twice) == REFUSAL


def test_that_both_names_of_this_computer_will_do():
    assert isinstance(asked(request("/open", port=PORT, host="localhost:47811")), Call)


def test_that_a_preflight_allows_json_by_post_to_that_origin_alone():
    found = read_answer(asked(preflight("/send", port=PORT)) or b"")
    assert found.status == 204
    assert found.headers["access-control-allow-origin"] == ZENDESK
    assert found.headers["access-control-allow-methods"] == "POST"
    assert found.headers["access-control-allow-headers"] == "Content-Type"
    assert found.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in found.headers
    assert "access-control-allow-private-network" not in found.headers


def test_that_private_network_access_is_allowed_only_where_it_is_asked_for():
    answer = asked(preflight("/send", port=PORT, access_control_request_private_network="true"))
    assert read_answer(answer or b"").headers["access-control-allow-private-network"] == "true"
    other = preflight("/send", port=PORT, access_control_request_private_network="true", origin="https://evil.example")
    assert asked(other) == REFUSAL


def test_that_a_preflight_for_another_verb_is_refused():
    assert asked(preflight("/send", port=PORT, access_control_request_method="DELETE")) == REFUSAL


def test_that_a_body_that_is_no_object_is_told_so():
    for raw in ("[]", "7", "{", "\ud800".encode("utf-8", "replace").decode(), '{"a": NaN}'):
        found = read_answer(asked(request("/open", port=PORT, raw=raw)) or b"")
        assert (found.status, found.body) == (400, b"")


def test_that_an_answer_carries_json_for_that_origin_and_is_kept_by_nobody():
    exchange = Exchange(PORT)
    exchange.receive(request("/open", port=PORT))
    found = read_answer(exchange.answer(200, {"session": "ab"}))
    assert (found.status, found.json) == (200, {"session": "ab"})
    assert found.headers["access-control-allow-origin"] == ZENDESK
    assert found.headers["cache-control"] == "no-store"


@given(st.lists(st.integers(1, 400), max_size=8))
def test_that_a_request_is_the_same_call_in_whatever_pieces_it_comes(cuts):
    whole, exchange = request("/send", {"session": "0", "frame": {"t": "ä"}}, port=PORT), Exchange(PORT)
    found = None
    for cut in [*cuts, len(whole)]:
        piece, whole = whole[:cut], whole[cut:]
        if found is None and piece:
            found = exchange.receive(piece)
    assert found == Call("/send", ZENDESK, {"session": "0", "frame": {"t": "ä"}})


def test_that_half_a_request_is_waited_for():
    whole = request("/send", {"session": "0"}, port=PORT)
    for length in (1, 20, len(whole) - 1):
        assert asked(whole[:length]) is None


LINES = st.lists(
    st.sampled_from(
        [
            b"POST /open HTTP/1.1",
            b"OPTIONS /open HTTP/1.1",
            b"GET / HTTP/1.0",
            b"Host: 127.0.0.1:47811",
            b"Origin: " + ZENDESK.encode(),
            b"Origin: https://evil.example",
            b"Content-Type: application/json",
            b"Content-Length: 2",
            b"Content-Length: -1",
            b"Transfer-Encoding: chunked",
            b"Access-Control-Request-Method: POST",
            b"",
            b"{}",
        ]
    )
    | st.binary(max_size=20),
    max_size=9,
).map(b"\r\n".join)


@pytest.mark.promise("S5")
@given(st.lists(st.binary(max_size=200) | LINES, max_size=5))
def test_that_any_bytes_are_a_call_of_an_app_frame_or_refused_or_waited_for(chunks):
    exchange, found = Exchange(PORT), None
    for chunk in chunks:
        if found is None and chunk:
            found = exchange.receive(chunk)
    if isinstance(found, Call):
        assert is_app_origin(found.origin)
        assert found.path in PATHS
    elif found is not None:
        assert read_answer(found).body == b""
        assert read_answer(found).status in (403, 400, 204)
