"""What comes to the loopback port: the one answer, and everything else."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zendesk.callback import Code, Refused, Stray, read_callback

STATE = "right-state_0123456789"
PORT = 28_765


def got(target, *, method="GET", host=f"127.0.0.1:{PORT}"):
    return read_callback(method, target, host, port=PORT, state=STATE)


def answer(**fields):
    return f"/callback?{urlencode(fields)}"


def test_that_the_right_state_brings_the_code():
    assert got(answer(code="c0de", state=STATE)) == Code("c0de")
    assert got(answer(code="c0de", state=STATE), host=f"LOCALHOST:{PORT}") == Code("c0de")


def test_that_a_refusal_counts_more_than_a_code():
    assert got(answer(code="c0de", state=STATE, error="access_denied")) == Refused("access_denied")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (answer(code="c0de", state="wrong"), 400),
        (answer(code="c0de", state=""), 400),
        (answer(code="c0de"), 400),
        (answer(error="access_denied"), 400),
        (answer(state=STATE), 400),
        (answer(code="c0de", state=STATE) + "&code=other", 400),
        (answer(code="c0de", state=STATE) + f"&state={STATE}", 400),
        (answer(code="c0de", state=STATE) + "&x=1" * 40, 400),
        (answer(code="c0de", state=STATE).replace("/callback", "/other"), 404),
        ("/favicon.ico", 404),
        ("/", 404),
        ("http://[::1/callback", 400),
        ("/callback?state=%ff", 400),
    ],
)
def test_that_anything_else_is_a_stray(target, status):
    assert got(target) == Stray(status)


def test_that_only_a_get_for_this_very_port_counts():
    right = answer(code="c0de", state=STATE)
    assert got(right, method="POST") == Stray(405)
    for host in ("", "evil.example.com", f"evil.example.com:{PORT}", "127.0.0.1:1", "127.0.0.1"):
        assert got(right, host=host) == Stray(403)


@given(st.text(max_size=200))
def test_that_no_target_gets_through_without_the_state(target):
    assert STATE in target or isinstance(got(target), Stray)


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_that_a_code_comes_back_as_it_was_sent(code, state):
    found = read_callback("GET", answer(code=code, state=state), f"127.0.0.1:{PORT}", port=PORT, state=state)
    clean = code.encode("utf-8", "replace").decode() == code and state.encode("utf-8", "replace").decode() == state
    assert not clean or found == Code(code)


@pytest.mark.promise("S1")
def test_that_a_code_is_not_shown():
    assert "c0de" not in repr(Code("c0de"))
