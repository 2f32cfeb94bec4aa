"""What is kept of an answer that nobody has seen: its form, and nothing that anybody wrote."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import integrations
from integrations.http import Request, Response
from integrations.shapes import KEPT, UnknownShapes, path_template, skeleton
from integrations.words import SCHEMA

TICKET = "https://acme.zendesk.com/api/v2/tickets/4711/comments.json?page[size]=100&sort=-created_at"
AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    return Response(status, headers, json.dumps(body).encode(), TICKET)


def test_that_names_of_a_schema_stay_and_values_become_their_kinds():
    ticket = {
        "id": 46406156941841,
        "subject": "My card 4111 was charged",
        "created_at": "2026-05-06T07:46:23Z",
        "url": "https://acme.zendesk.com/x",
        "priority": None,
        "tags": ["vip", "ypsilon"],
        "quantum_state": {"spin": 0.5},
    }
    assert skeleton({"ticket": ticket}) == {
        "ticket": {
            "id": "whole number of ≤16 digits",
            "subject": "text of ≤32",
            "created_at": "time",
            "url": "address",
            "priority": "null",
            "tags": ["list of ≤2", "text of ≤4", "text of ≤8"],
            "quantum_state": {"?≤4": "number"},
        }
    }


def test_that_an_object_keyed_by_what_people_wrote_keeps_no_key():
    assert skeleton({"choices": {"maya okafor": 1, "maya": 2, "Refund of 12 £": 3}}) == {
        "choices": {
            "?≤16": "whole number of ≤1 digits",
            "?≤4": "whole number of ≤1 digits",
        }
        | {"…": "≤4 names"}
    }


def test_that_an_address_keeps_the_words_of_the_api_alone():
    assert path_template(TICKET) == "/api/v2/tickets/{id}/comments?page[size]&sort"
    odd = "https://acme.zendesk.com/api/v2/search.json?query=requester:maya@example.com&maya=1"
    assert path_template(odd) == "/api/v2/search?query&?"
    assert path_template("https://x.example/api/v2/users/maya okafor") == "/api/v2/users/{…}"


def test_that_the_same_shape_is_kept_once_and_counted():
    shapes = UnknownShapes()
    for subject in ("one", "two", "six"):
        shapes.note("Zendesk", Request("GET", TICKET), answer({"id": 7, "subject": subject}, **{"x-y": "1"}), at=AT)

    assert shapes.as_json() == [
        {
            "vendor": "Zendesk",
            "request": "GET /api/v2/tickets/{id}/comments?page[size]&sort",
            "status": 200,
            "headers": [],
            "body": {"id": "whole number of ≤1 digits", "subject": "text of ≤4"},
            "last seen": "2026-11-02T12:00Z",
            "times": 3,
        }
    ]


def test_that_a_value_outside_a_closed_set_is_counted_by_its_kind():
    shapes = UnknownShapes()
    for value in ("on_the_moon", "on_the_sun", 99):
        shapes.note_value("Zendesk", "ticket status", value)

    assert shapes.as_json() == [
        {"vendor": "Zendesk", "unknown value of": "ticket status", "value": "text of ≤16", "times": 2},
        {"vendor": "Zendesk", "unknown value of": "ticket status", "value": "whole number of ≤2 digits", "times": 1},
    ]


def test_that_only_the_last_shapes_are_kept():
    shapes = UnknownShapes()
    for status in range(200, 200 + KEPT + 20):
        shapes.note("Zendesk", Request("GET", TICKET), answer([], status), at=AT)

    assert [one["status"] for one in shapes.as_json()] == list(range(220, 200 + KEPT + 20))


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"", "nothing, 0 bytes"),
        (b"<html>Dear Mr Ypsilon</html>", "HTML, ≤32 bytes"),
        (b"Dear Mr Ypsilon", "neither JSON nor HTML, ≤16 bytes"),
        (b"\xff\xfe", "neither JSON nor HTML, ≤2 bytes"),
        (b"[" * 100_000, "neither JSON nor HTML, ≤131072 bytes"),
    ],
)
def test_that_a_body_that_is_no_json_is_told_by_its_kind(body, kept):
    shapes = UnknownShapes()
    shapes.note("Zendesk", Request("GET", TICKET), Response(200, {}, body), at=AT)

    assert shapes.as_json()[0]["body"] == kept


CANARY = "Ypsilon"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=6),
    max_leaves=20,
)
texts_with_canary = st.builds(lambda before, after: before + CANARY + after, st.text(max_size=8), st.text(max_size=8))


@pytest.mark.promise("S3")
@given(value=json_values, secret=texts_with_canary, schema=st.sampled_from(sorted(SCHEMA)))
def test_that_no_value_and_no_key_of_a_person_is_ever_kept(value, secret, schema):
    body = {"id": 1, "status": "open", schema: [value, secret, {secret: value}], secret: {secret: secret}}
    shapes = UnknownShapes()
    request = Request("GET", f"https://acme.example/api/v2/tickets/{secret}?{secret}={secret}")
    shapes.note("Zendesk", request, Response(418, {secret: secret}, json.dumps(body).encode()), at=AT)
    shapes.note("Zendesk", request, Response(418, {}, f"<p>{secret}".encode("utf-8", "replace")), at=AT)

    assert CANARY not in json.dumps(shapes.as_json(), ensure_ascii=False)


def test_that_every_key_that_is_read_from_a_helpdesk_is_a_known_word():
    folder = Path(integrations.__file__).parent
    keys: set[str] = set()
    for path in [*folder.glob("zendesk/raw*.py"), *folder.glob("freshdesk/raw*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                keys |= {
                    one.value for one in node.args[:1] if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }

    assert len(keys) > 100
    assert keys - SCHEMA == set()
