"""What is said inside a session, and what is no message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.browser.frames import BadFrame
from integrations.browser.messages import (
    MAX_DRAFT_CHARACTERS,
    MAX_URL_CHARACTERS,
    Away,
    Composer,
    Draft,
    Elsewhere,
    Front,
    Insert,
    Inserted,
    Keys,
    LinkSettings,
    Submitted,
    Where,
    read,
    write,
)

URL = "https://acme.zendesk.com/agent/tickets/42"
SAID = [
    (Front(URL, 7, composer=True), {"t": "front", "url": URL, "tab": 7, "composer": True}),
    (Elsewhere(), {"t": "elsewhere"}),
    (Away(), {"t": "away"}),
    (Keys(), {"t": "keys"}),
    (Composer(7, present=False), {"t": "composer", "tab": 7, "present": False}),
    (Draft(7, URL, "Dear"), {"t": "draft", "tab": 7, "url": URL, "text": "Dear"}),
    (Submitted(0, URL), {"t": "submitted", "tab": 0, "url": URL}),
    (Inserted("a-1", ok=False, why="moved"), {"t": "inserted", "id": "a-1", "ok": False, "why": "moved"}),
]
TOLD = [
    (LinkSettings((URL,), drafts=True), {"t": "settings", "origins": [URL], "drafts": True}),
    (Insert("1", URL, "<p>a</p>", "a"), {"t": "insert", "id": "1", "url": URL, "html": "<p>a</p>", "text": "a"}),
    (Where(), {"t": "where"}),
]


@pytest.mark.parametrize(("message", "raw"), SAID, ids=lambda value: type(value).__name__)
def test_that_what_the_extension_says_is_read_as_the_protocol_has_it(message, raw):
    assert read(raw) == message
    assert read({**raw, "later": [1, {"a": 2}]}) == message
    assert write(message) == raw


@pytest.mark.parametrize(("message", "raw"), TOLD, ids=lambda value: type(value).__name__)
def test_that_what_the_app_says_is_written_as_the_protocol_has_it(message, raw):
    assert write(message) == raw


@pytest.mark.parametrize("raw", [{"t": "later"}, {"t": "settings", "origins": [], "drafts": 1}, {"t": "", "url": 5}])
def test_that_an_unknown_type_is_nothing(raw):
    assert read(raw) is None


@pytest.mark.parametrize(
    "change",
    [
        {"t": 5},
        {"t": None},
        {"url": ""},
        {"url": 5},
        {"url": "acme.zendesk.com/agent"},
        {"url": "file:///etc/passwd"},
        {"url": "javascript://x/%0aalert(1)"},
        {"url": URL + "?token=1"},
        {"url": URL + "#reply"},
        {"url": "https://me@acme.zendesk.com/"},
        {"url": "https://"},
        {"url": URL + "\n"},
        {"url": URL + " "},
        {"url": URL + "\ud800"},
        {"url": "https://аcme.zendesk.com/"},
        {"url": "https://acme.zendesk.com/" + "x" * MAX_URL_CHARACTERS},
        {"tab": -1},
        {"tab": 2**53},
        {"tab": 1.0},
        {"tab": True},
        {"tab": "7"},
        {"tab": None},
        {"composer": 1},
        {"composer": "yes"},
    ],
    ids=repr,
)
def test_that_a_wrong_field_is_a_bad_frame(change):
    with pytest.raises(BadFrame):
        read({"t": "front", "url": URL, "tab": 7, "composer": True, **change})


@pytest.mark.parametrize(("message", "raw"), SAID, ids=lambda value: type(value).__name__)
def test_that_a_missing_field_is_a_bad_frame(message, raw):
    for name in raw:
        with pytest.raises(BadFrame):
            read({key: value for key, value in raw.items() if key != name})


@pytest.mark.parametrize(
    "change", [{"id": ""}, {"id": "x" * 65}, {"id": "a b"}, {"why": "Moved"}, {"why": None}, {"ok": 0}]
)
def test_that_an_answer_has_a_known_shape(change):
    with pytest.raises(BadFrame):
        read({"t": "inserted", "id": "1", "ok": True, "why": "", **change})


def test_that_a_draft_is_at_most_twenty_thousand_characters():
    raw = {"t": "draft", "tab": 1, "url": URL, "text": "é" * MAX_DRAFT_CHARACTERS}
    assert read(raw) == Draft(1, URL, "é" * 20_000)
    with pytest.raises(BadFrame):
        read({**raw, "text": "é" * 20_001})


def test_that_a_pair_cut_in_half_by_the_limit_becomes_a_replacement_character():
    raw = {"t": "draft", "tab": 1, "url": URL, "text": "\ud83d\udc4b ok \ud83d"}
    assert read(raw) == Draft(1, URL, "👋 ok \ufffd")


def test_that_no_text_and_no_address_is_in_a_repr():
    messages = [Front(URL, 7, composer=True), Draft(7, URL, "Dear Anna"), Submitted(7, URL), TOLD[0][0], TOLD[1][0]]
    shown = " ".join(map(repr, messages))
    assert "acme" not in shown
    assert "Dear" not in shown
    assert "<p>" not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.sampled_from([URL, ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["url", "tab", "composer", "present", "text", "id", "ok", "why", "later"]


@pytest.mark.promise("S5")
@given(
    st.sampled_from([raw["t"] for _, raw in SAID]) | JSON, st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=9)
)
def test_that_any_object_is_a_message_or_nothing_or_refused(kind, fields):
    try:
        message = read({**fields, "t": kind})
    except BadFrame:
        return
    assert message is None or write(message)["t"] == kind
