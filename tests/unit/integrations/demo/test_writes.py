"""The demo helpdesk refuses and answers changes as the real ones do."""

from __future__ import annotations

import pytest

from tests.helpers.demo_data import OPEN


@pytest.fixture
def stamp(zendesk):
    return zendesk.get(f"/tickets/{OPEN}").json()["ticket"]["updated_at"]


def put(zendesk, **ticket):
    return zendesk.put(f"/tickets/{OPEN}", json={"ticket": ticket})


def test_that_a_safe_update_of_a_stale_ticket_is_a_conflict(zendesk, world, stamp, clock):
    clock.advance(seconds=5)
    world.customer_writes(OPEN, "One more thing.")
    answer = put(zendesk, status="pending", safe_update=True, updated_stamp=stamp)
    assert (answer.status_code, answer.json()["error"]) == (409, "UpdateConflict")
    assert world.tickets[OPEN].status == "open"


def test_that_an_update_answers_the_ticket_and_an_audit_of_what_was_done(zendesk, stamp):
    note = {"html_body": "<p>Called.</p>", "public": False}
    answer = put(zendesk, comment=note, status="pending", safe_update=True, updated_stamp=stamp).json()
    assert answer["ticket"]["status"] == "pending"
    kinds = [(event["type"], event.get("public"), event.get("value")) for event in answer["audit"]["events"]]
    assert kinds == [("Comment", False, None), ("Change", None, "pending")]


def test_that_a_comment_without_a_flag_is_as_public_as_the_ticket_began(zendesk, world):
    put(zendesk, comment={"html_body": "<p>Oops.</p>"})
    assert world.tickets[OPEN].comments[-1].public is True


def test_that_a_closed_ticket_is_final(zendesk, world):
    world.set_status(OPEN, "closed")
    answer = put(zendesk, status="open")
    assert answer.status_code == 422
    assert answer.json()["details"]["status"][0]["description"] == "closed prevents ticket update"


def test_that_unknown_keys_are_dropped_and_named_in_a_header_only(zendesk):
    answer = put(zendesk, status="pending", mood="good")
    assert answer.status_code == 200
    assert 'unpermitted_keys=>["ticket.mood"]' in answer.headers["x-zendesk-api-warn"]


def test_that_the_31st_update_of_a_ticket_in_ten_minutes_has_to_wait(zendesk, clock):
    statuses = [put(zendesk, priority="high").status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    clock.advance(seconds=601)
    assert put(zendesk, priority="high").status_code == 200


def test_that_tags_are_added_and_removed_one_by_one_and_replaced_by_post(zendesk, world):
    address, before = f"/tickets/{OPEN}/tags", world.tickets[OPEN].tags
    assert zendesk.put(address, json={"tags": ["late"]}).json()["tags"] == [*before, "late"]
    assert zendesk.request("DELETE", address, json={"tags": ["late"]}).json()["tags"] == list(before)
    assert zendesk.post(address, json={"tags": ["only"]}).json()["tags"] == ["only"]


def test_that_a_macro_is_tried_on_without_changing_anything(zendesk, world):
    macro, ticket = world.macros[0], world.tickets[OPEN]
    stood = ticket.version, ticket.tags
    result = zendesk.get(f"/tickets/{OPEN}/macros/{macro.id}/apply").json()["result"]["ticket"]
    assert set(macro.tags) <= set(result["tags"])
    assert "{{ticket.requester.first_name}}" not in result["comment"]["body"]
    assert (ticket.version, ticket.tags) == stood


@pytest.mark.parametrize(("verb", "path"), [("POST", "/reply"), ("POST", "/notes"), ("PUT", "")])
def test_that_freshdesk_changes_no_spam(freshdesk, world, verb, path):
    world.tickets[OPEN].spam = True
    answer = freshdesk.request(verb, f"/tickets/{OPEN}{path}", json={"body": "<p>x</p>"})
    assert answer.status_code == 405


def test_that_a_freshdesk_note_is_private_unless_told_otherwise(freshdesk, world):
    answer = freshdesk.post(f"/tickets/{OPEN}/notes", json={"body": "<p>Called.</p>"})
    assert (answer.status_code, answer.json()["private"]) == (201, True)
    assert world.tickets[OPEN].comments[-1].public is False


def test_that_freshdesk_refuses_a_key_that_it_does_not_know(freshdesk):
    answer = freshdesk.post(f"/tickets/{OPEN}/reply", json={"body": "<p>x</p>", "mood": "good"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_field")
