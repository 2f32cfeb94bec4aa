from __future__ import annotations

import httpx
import pytest

from integrations.demo.server import DEMO_ADMIN_FRESHDESK_KEY
from tests.helpers.demo_data import LONG, LONG_THREAD, NEW, OPEN, PENDING, SOLVED, freshdesk_client


@pytest.fixture
def admin(server):
    with freshdesk_client(server, DEMO_ADMIN_FRESHDESK_KEY) as client:
        yield client


def ids(answer):
    return [one["id"] for one in answer.json()]


def test_that_the_key_tells_who_it_is(freshdesk, world):
    me = freshdesk.get("/agents/me").json()

    assert (me["id"], me["contact"]["email"]) == (world.agent.id, world.agent.email)


@pytest.mark.parametrize("key", [None, "wrong"])
def test_that_without_a_good_key_nothing_is_answered(server, key):
    with freshdesk_client(server, key) as client:
        answer = client.get("/agents/me")

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_that_a_ticket_brings_what_was_asked_for_and_costs_it(freshdesk):
    answer = freshdesk.get(f"/tickets/{SOLVED}?include=conversations,requester,company,stats")
    ticket = answer.json()

    assert ticket["requester"]["name"] == "Inês Caldeira"
    assert ticket["company"]["name"] == "Fellside Scout District"
    assert ticket["stats"]["first_responded_at"] == "2026-09-18T14:00:00Z"
    assert [one["body_text"] for one in ticket["conversations"]] == ["Hi Inês,\n\na new one is on its way."]
    assert "The pole of my Lathe 2" in ticket["description_text"]
    assert ticket["custom_fields"]["cf_order_number"] == "TT-204518"
    assert answer.headers["x-ratelimit-used-currentrequest"] == "5"


@pytest.mark.parametrize(("number", "status"), [(SOLVED, 4), (LONG, 2), (PENDING, 3), (OPEN, 2), (NEW, 2)])
def test_that_statuses_are_freshdesks_codes(freshdesk, number, status):
    assert freshdesk.get(f"/tickets/{number}").json()["status"] == status


def test_that_only_the_first_ten_conversations_come_along(freshdesk):
    included = freshdesk.get(f"/tickets/{LONG}?include=conversations").json()["conversations"]

    assert [one["body_text"] for one in included] == [f"Message {index}." for index in range(1, 11)]


def test_that_conversations_come_oldest_first_with_a_link_while_there_is_more(freshdesk):
    texts, url = [], f"/tickets/{LONG}/conversations"
    while url:
        answer = freshdesk.get(url)
        texts += [one["body_text"] for one in answer.json()]
        url = answer.links.get("next", {}).get("url")

    assert texts == [f"Message {index}." for index in range(1, LONG_THREAD)]


def test_that_notes_replies_and_mail_are_told_apart(freshdesk):
    note, mail = freshdesk.get(f"/tickets/{OPEN}/conversations").json()

    assert (note["private"], note["incoming"], note["source"], note["category"]) == (True, False, 2, 2)
    assert (mail["private"], mail["incoming"], mail["source"], mail["category"]) == (False, True, 0, 1)
    assert mail["body"].startswith('<div style="font-family:')


def test_that_a_list_holds_the_last_thirty_days_unless_told_otherwise(freshdesk):
    assert ids(freshdesk.get("/tickets")) == [NEW, OPEN, PENDING, LONG]
    assert ids(freshdesk.get("/tickets?updated_since=2015-01-01T00:00:00Z")) == [NEW, OPEN, PENDING, LONG, SOLVED]


def test_that_a_list_can_be_narrowed_and_sorted(freshdesk, world):
    klara = world.tickets[NEW].requester_id

    assert ids(freshdesk.get(f"/tickets?requester_id={klara}")) == [NEW, PENDING]
    assert ids(freshdesk.get("/tickets?filter=new_and_my_open")) == [NEW, LONG]
    assert ids(freshdesk.get("/tickets?order_by=updated_at&order_type=asc")) == [LONG, PENDING, OPEN, NEW]


def test_that_lists_are_described_only_on_demand(freshdesk):
    plain = freshdesk.get("/tickets").json()[0]
    described = freshdesk.get("/tickets?include=description").json()[0]

    assert "description_text" not in plain
    assert described["description_text"] == "Hallo?"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"status:4"', [SOLVED]),
        ('"status:4 OR status:3"', [PENDING, SOLVED]),
        ('"(status:2 OR status:3) AND priority:3"', [OPEN]),
        ('"agent_id:null"', [NEW]),
        ("\"tag:'warranty'\"", [SOLVED]),
        ("\"created_at:>'2026-10-20'\"", [NEW, OPEN, PENDING]),
        ('"priority:>3"', [OPEN]),
        ('"priority:>2"', [OPEN, SOLVED]),
    ],
)
def test_that_search_finds(freshdesk, query, found):
    answer = freshdesk.get("/search/tickets", params={"query": query}).json()

    assert [ticket["id"] for ticket in answer["results"]] == found
    assert answer["total"] == len(found)


@pytest.mark.parametrize(
    "query", ["status:2", '"status:2', '"(status:2"', '"requester:3"', '"status:soon"', '"just words"', '""']
)
def test_that_a_query_that_is_none_is_refused(freshdesk, query):
    answer = freshdesk.get("/search/tickets", params={"query": query})

    assert (answer.status_code, answer.json()["description"]) == (400, "Validation failed")


def test_that_the_eleventh_page_of_a_search_is_refused(freshdesk):
    assert freshdesk.get("/search/tickets", params={"query": '"status:2"', "page": 11}).status_code == 400


def test_that_canned_responses_are_for_admins_only(freshdesk, admin):
    refused = freshdesk.get("/canned_response_folders")
    folders = admin.get("/canned_response_folders").json()

    assert (refused.status_code, refused.json()["code"]) == (403, "access_denied")
    assert [(folder["name"], folder["responses_count"]) for folder in folders] == [("Returns", 1), ("General", 1)]


def test_that_canned_responses_spell_placeholders_freshdesks_way(admin):
    folder = admin.get("/canned_response_folders").json()[0]

    response = admin.get(f"/canned_response_folders/{folder['id']}/responses").json()[0]

    assert response["title"] == "Send label"
    assert response["content"].startswith("Hi {{ticket.requester.firstname}},")
    assert "{{ticket.agent.signature}}" in response["content"]


def test_that_folders_carry_the_visibility_of_their_articles(freshdesk):
    found = {}
    for category in freshdesk.get("/solutions/categories").json():
        for folder in freshdesk.get(f"/solutions/categories/{category['id']}/folders").json():
            for article in freshdesk.get(f"/solutions/folders/{folder['id']}/articles").json():
                found[article["title"]] = (folder["visibility"], article["status"])

    assert found == {"Return an item": (1, 2), "Refund limits": (3, 2), "New boots": (1, 1)}


def test_that_a_translation_is_read_by_its_language(freshdesk):
    article = freshdesk.get("/search/solutions?term=sixty").json()[-1]

    german = freshdesk.get(f"/solutions/articles/{article['id']}/de").json()

    assert (article["title"], german["title"]) == ("Return an item", "Artikel zurück")
    assert freshdesk.get(f"/solutions/articles/{article['id']}/fr").status_code == 404


def test_that_company_and_contact_carry_what_churn_needs(freshdesk, world):
    ines = world.people[world.tickets[OPEN].requester_id]

    contact = freshdesk.get(f"/contacts/{ines.id}").json()
    company = freshdesk.get(f"/companies/{ines.organization_id}").json()

    assert (contact["csat_rating"], contact["custom_fields"]["plan"], contact["tags"]) == (103, "Trail Club", ["vip"])
    assert (company["health_score"], company["account_tier"]) == ("At risk", "silver")
    assert contact["org_contact_id"] > 2**53


def test_that_ticket_fields_have_three_shapes_of_choices(freshdesk, world):
    choices = {field["name"]: field["choices"] for field in freshdesk.get("/ticket_fields").json()}

    assert choices["ticket_type"][0] == "Question"
    assert choices["agent"]["Maya Okafor"] == world.agent.id
    assert choices["status"]["4"][0] == "Resolved"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/tickets?per_page=101", "per_page"),
        ("/tickets?include=moon", "include"),
        ("/tickets?order_by=moon", "order_by"),
    ],
)
def test_that_a_complaint_names_the_field(freshdesk, path, field):
    answer = freshdesk.get(path)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_that_an_unknown_ticket_is_404_without_a_body(freshdesk):
    answer = freshdesk.get("/tickets/9999")

    assert (answer.status_code, answer.content) == (404, b"")


def test_that_a_reply_is_public_and_a_note_private_unless_told_otherwise(freshdesk, world):
    reply = freshdesk.post(f"/tickets/{OPEN}/reply", json={"body": "<div>Soon.</div>"})
    note = freshdesk.post(f"/tickets/{OPEN}/notes", json={"body": "<div>Hm.</div>"})

    assert (reply.status_code, note.status_code) == (201, 201)
    assert [comment.public for comment in world.tickets[OPEN].comments[-2:]] == [True, False]


def test_that_a_reply_needs_a_body(freshdesk):
    answer = freshdesk.post(f"/tickets/{OPEN}/reply", json={})

    assert answer.json()["errors"][0]["code"] == "missing_field"


def test_that_a_status_of_freshdesk_shows_on_the_other_face(freshdesk, zendesk):
    freshdesk.put(f"/tickets/{OPEN}", json={"status": 6})

    assert zendesk.get(f"/tickets/{OPEN}").json()["ticket"]["status"] == "pending"
    assert freshdesk.get(f"/tickets/{OPEN}").json()["status"] == 6


def test_that_lists_have_a_budget_of_their_own(freshdesk, world):
    world.limits.freshdesk_ticket_lists = 1

    answers = [freshdesk.get("/tickets").status_code for _ in range(2)]

    assert answers == [200, 429]
    assert freshdesk.get("/agents/me").status_code == 200


def test_that_a_ticket_has_the_same_number_on_both_faces(freshdesk, zendesk):
    subject = zendesk.get(f"/tickets/{PENDING}").json()["ticket"]["subject"]

    assert freshdesk.get(f"/tickets/{PENDING}").json()["subject"] == subject


def test_that_the_face_of_one_port_does_not_answer_for_the_other(server):
    assert httpx.get(f"{server.freshdesk_url}/api/v2/users/me", trust_env=False).status_code == 404
    assert httpx.get(f"{server.zendesk_url}/api/v2/agents/me", trust_env=False).status_code == 404


def test_that_an_archived_ticket_has_an_address_of_its_own(freshdesk, world):
    world.archive(SOLVED)

    assert freshdesk.get(f"/tickets/{SOLVED}").status_code == 404
    assert freshdesk.get(f"/tickets/archived/{SOLVED}").json()["subject"] == "pole snapped"
    assert len(freshdesk.get(f"/tickets/archived/{SOLVED}/conversations").json()) == 1
    assert freshdesk.get("/search/tickets", params={"query": '"status:4"'}).json()["total"] == 0
