from __future__ import annotations

import httpx
import pytest

from tests.helpers.demo_data import LONG, LONG_THREAD, NEW, OPEN, PENDING, SOLVED


@pytest.fixture
def page(server):
    with httpx.Client(base_url=server.zendesk_url, trust_env=False) as client:
        yield client


@pytest.fixture
def freshdesk_page(server):
    with httpx.Client(base_url=server.freshdesk_url, trust_env=False) as client:
        yield client


def test_that_the_root_leads_to_the_list(page, freshdesk_page):
    assert page.get("/").headers["location"] == "/agent/dashboard"
    assert freshdesk_page.get("/").headers["location"] == "/a/tickets"


@pytest.mark.parametrize("path", ["/agent/dashboard", f"/agent/tickets/{OPEN}", f"/a/tickets/{OPEN}", "/a/tickets"])
def test_that_each_face_has_its_own_addresses(page, freshdesk_page, path):
    statuses = (page.get(path).status_code, freshdesk_page.get(path).status_code)

    assert statuses == ((200, 404) if path.startswith("/agent") else (404, 200))


@pytest.mark.promise("U1")
@pytest.mark.parametrize("path", ["/agent/dashboard", "/demo/static/app.js", "/hc/en-gb/articles/return-an-item"])
def test_that_the_page_may_load_nothing_from_elsewhere(page, path):
    answer = page.get(path)
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'")
    assert "http" not in policy
    assert "unsafe" not in policy


@pytest.mark.promise("U1")
def test_that_a_message_reaches_the_page_without_script_style_or_image(page):
    message = page.get(f"/demo/api/tickets/{OPEN}").json()["messages"][0]

    assert message["html"] == "<div>Where is <b>it</b>?</div>"


@pytest.mark.parametrize(
    ("view", "numbers"),
    [
        ("unsolved", [NEW, OPEN, PENDING, LONG]),
        ("mine", [PENDING, LONG]),
        ("unassigned", [NEW]),
        ("pending", [PENDING]),
        ("solved", [SOLVED]),
    ],
)
def test_that_a_view_lists_its_tickets_last_changed_first(page, world, view, numbers):
    answer = page.get(f"/demo/api/tickets?view={view}").json()

    assert sorted(ticket["id"] for ticket in answer["tickets"]) == sorted(numbers)
    changed = [ticket["updatedAt"] for ticket in answer["tickets"]]
    assert changed == sorted(changed, reverse=True)
    assert answer["counts"] == {"unsolved": 4, "mine": 2, "unassigned": 1, "pending": 1, "solved": 1}


def test_that_the_words_are_those_of_the_face(page, freshdesk_page):
    def labels(client):
        return {
            row["id"]: row["statusLabel"] for row in client.get("/demo/api/tickets?view=unsolved").json()["tickets"]
        }

    assert labels(page)[NEW] == "New"
    assert labels(freshdesk_page)[NEW] == "Open"
    assert freshdesk_page.get("/demo/api/session").json()["sendLabel"] == "Send"
    assert page.get("/demo/api/session").json()["sendLabel"] == "Submit as {status}"


def test_that_opening_a_ticket_on_the_page_moves_it_to_the_top_of_the_recent_ones(page, zendesk, world):
    zendesk.get(f"/tickets/{OPEN}")

    page.post(f"/demo/api/tickets/{PENDING}/viewed", json={})

    tickets = zendesk.get("/tickets/recent").json()["tickets"]
    assert [ticket["id"] for ticket in tickets] == [PENDING, OPEN]


def test_that_a_reply_on_the_page_is_a_public_comment_on_both_faces(page, zendesk, freshdesk, clock):
    before = zendesk.get(f"/tickets/{OPEN}").json()["ticket"]["updated_at"]
    clock.advance(minutes=1)

    page.post(
        f"/demo/api/tickets/{OPEN}/reply", json={"html": "Hi<div>there</div>", "public": True, "status": "solved"}
    )

    comment = zendesk.get(f"/tickets/{OPEN}/comments?sort_order=desc").json()["comments"][0]
    conversation = freshdesk.get(f"/tickets/{OPEN}/conversations").json()[-1]
    ticket = zendesk.get(f"/tickets/{OPEN}").json()["ticket"]
    assert (comment["plain_body"], comment["public"]) == ("Hi\nthere", True)
    assert (conversation["body_text"], conversation["private"]) == ("Hi\nthere", False)
    assert (ticket["status"], ticket["updated_at"] > before) == ("solved", True)


def test_that_an_unchanged_ticket_is_not_sent_twice(page, world):
    version = page.get(f"/demo/api/tickets/{LONG}").json()["version"]
    path = f"/demo/api/tickets/{LONG}?version={version}"

    assert page.get(path).json() == {"version": version, "unchanged": True}
    world.customer_writes(LONG, "New.")
    assert len(page.get(path).json()["messages"]) == LONG_THREAD + 1


def test_that_a_customer_writes_back_in_his_language(page, world):
    page.post(f"/demo/api/tickets/{PENDING}/customer", json={})
    page.post(f"/demo/api/tickets/{OPEN}/customer", json={"text": "My own words."})

    assert world.tickets[PENDING].comments[-1].text.startswith("Guten Tag")
    assert world.tickets[PENDING].status == "open"
    assert world.tickets[OPEN].comments[-1].text == "My own words."


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/demo/api/tickets/{OPEN}/reply", {"html": "x"}, 422),
        (f"/demo/api/tickets/{OPEN}/reply", {"html": "x", "public": True, "status": "on fire"}, 422),
        ("/demo/api/tickets/9999/reply", {"html": "x", "public": True}, 404),
        ("/demo/api/tickets/9999/viewed", {}, 404),
    ],
)
def test_that_an_impossible_act_is_refused(page, path, body, status):
    assert page.post(path, json=body).status_code == status


def test_that_articles_are_shown_by_slug_or_by_id(page, freshdesk_page, world):
    article = next(one for one in world.articles if one.slug == "return-an-item")

    assert "About <b>return-an-item</b>" in page.get("/hc/en-gb/articles/return-an-item").text
    assert "Artikel zurück" in page.get(f"/hc/de/articles/{article.id}-artikel-zurueck").text
    assert "Return an item" in freshdesk_page.get(f"/support/solutions/articles/{article.id}").text
    assert page.get("/hc/en-gb/articles/nothing").status_code == 404


def test_that_what_the_page_asks_is_not_counted_as_api_requests(page, world):
    page.get("/demo/api/tickets")

    assert world.requests == []


@pytest.mark.parametrize(("face", "agent"), [("page", "maya"), ("freshdesk_page", "harriet")])
def test_that_a_reply_is_by_the_agent_that_kibitz_signs_in_as(request, world, face, agent):
    page = request.getfixturevalue(face)
    page.post(f"/demo/api/tickets/{OPEN}/reply", json={"html": "<p>Hi</p>", "public": True})

    assert world.people[world.tickets[OPEN].comments[-1].author_id].key == agent
