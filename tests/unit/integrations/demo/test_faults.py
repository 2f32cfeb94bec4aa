from __future__ import annotations

import time

import httpx
import pytest

from integrations.demo.faults import Faults


def test_that_a_status_is_answered_as_often_as_asked(zendesk, world):
    world.faults.set({"status": 429, "retry_after": "7", "times": 2})

    answers = [zendesk.get("/tickets/recent") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"


def test_that_a_fault_without_a_number_holds_until_it_is_reset(zendesk, world):
    world.faults.set({"status": 503})
    assert [zendesk.get("/tickets/recent").status_code for _ in range(3)] == [503] * 3

    world.faults.reset()
    assert zendesk.get("/tickets/recent").status_code == 200


@pytest.mark.parametrize("fault", ["offline", "half_body"])
def test_that_the_connection_breaks(zendesk, world, fault):
    world.faults.set({fault: True, "times": 1})

    with pytest.raises(httpx.RemoteProtocolError):
        zendesk.get("/tickets/recent")

    assert zendesk.get("/tickets/recent").status_code == 200


def test_that_an_offline_request_is_counted_without_a_status(zendesk, world):
    world.faults.set({"offline": True})
    with pytest.raises(httpx.RemoteProtocolError):
        zendesk.get("/tickets/recent")

    assert [one.status for one in world.requests] == [0]


def test_that_bad_json_is_a_success_nobody_can_read(zendesk, world):
    world.faults.set({"bad_json": True})
    answer = zendesk.get("/tickets/recent")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()


def test_that_an_error_page_is_html(zendesk, world):
    world.faults.set({"html_error_page": True})
    answer = zendesk.get("/tickets/recent")

    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")


def test_that_odd_values_reach_tickets_on_both_faces(zendesk, freshdesk, world):
    world.faults.set({"odd_values": True})

    assert zendesk.get("/tickets/1004").json()["ticket"]["status"] == "on_the_moon"
    assert freshdesk.get("/tickets/1004").json()["status"] == 99
    assert "quantum_state" in freshdesk.get("/tickets").json()[0]


def test_that_a_fault_can_be_kept_to_one_face(zendesk, freshdesk, world):
    world.faults.set({"status": 500, "face": "freshdesk"})

    assert (zendesk.get("/tickets/recent").status_code, freshdesk.get("/agents/me").status_code) == (200, 500)


def test_that_latency_is_waited_for(zendesk, world):
    world.faults.set({"latency_ms": 150})
    start_s = time.monotonic()

    zendesk.get("/tickets/recent")

    assert time.monotonic() - start_s >= 0.15


def test_that_faults_are_set_and_reset_over_http(server, world):
    with httpx.Client(base_url=server.zendesk_url, trust_env=False) as client:
        answer = client.post("/demo/faults", json={"status": 500, "times": 3})
        assert (answer.json()["status"], world.faults.times) == (500, 3)

        client.request("DELETE", "/demo/faults", headers={"content-type": "application/json"})
        assert world.faults == Faults()


@pytest.mark.parametrize(
    "wishes", [{"statuss": 500}, {"status": "500"}, {"offline": 1}, {"times": 0}, {"latency_ms": -1}]
)
def test_that_a_fault_that_makes_no_sense_changes_nothing(server, world, wishes):
    answer = httpx.post(f"{server.zendesk_url}/demo/faults", json={"bad_json": True, **wishes}, trust_env=False)

    assert answer.status_code == 422
    assert world.faults == Faults()


def test_that_another_origin_cannot_post_a_form(server, world):
    answer = httpx.post(f"{server.zendesk_url}/demo/faults", data={"offline": "true"}, trust_env=False)

    assert answer.status_code == 415
    assert world.faults == Faults()
