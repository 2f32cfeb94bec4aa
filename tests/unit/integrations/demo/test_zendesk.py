from __future__ import annotations

import httpx
import pytest

from integrations.demo.server import DEMO_ADMIN_OAUTH_TOKEN, DEMO_EMAIL, DEMO_OAUTH_TOKEN, DEMO_ZENDESK_TOKEN
from integrations.demo.zendesk.shapes import SYSTEM_USER_ID
from tests.helpers.demo_data import LONG, LONG_THREAD, NEW, OPEN, PENDING, SOLVED, zendesk_client


@pytest.fixture
def admin(server):
    with zendesk_client(server, DEMO_ADMIN_OAUTH_TOKEN) as client:
        yield client


def recent(client):
    return [ticket["id"] for ticket in client.get("/tickets/recent").json()["tickets"]]


# Who asks


def test_that_nobody_is_told_that_he_is_anonymous(server):
    with zendesk_client(server, None) as client:
        answer = client.get("/users/me.json")

    assert answer.status_code == 200
    assert (answer.json()["user"]["id"], answer.json()["user"]["name"]) == (None, "Anonymous user")


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        ((f"{DEMO_EMAIL}/token", DEMO_ZENDESK_TOKEN), 200),
        ((f"{DEMO_EMAIL}/token", "wrong"), 401),
        (("stranger@example.com/token", DEMO_ZENDESK_TOKEN), 401),
        ((DEMO_EMAIL, DEMO_ZENDESK_TOKEN), 401),
    ],
)
def test_that_a_token_is_good_with_an_agents_address_only(server, credentials, status):
    answer = httpx.get(f"{server.zendesk_url}/api/v2/users/me", auth=credentials, trust_env=False)

    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {"error": "Couldn't authenticate you"}


def test_that_a_bearer_token_signs_its_agent_in(zendesk, world):
    user = zendesk.get("/users/me").json()["user"]

    assert (user["id"], user["email"], user["role"]) == (world.agent.id, DEMO_EMAIL, "agent")


@pytest.mark.parametrize("path", ["/tickets/1001", "/tickets/recent", "/macros/active", "/search?query=a"])
def test_that_everything_else_wants_credentials(server, path):
    with zendesk_client(server, None) as client:
        assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/incremental/tickets/cursor?start_time=0", "/satisfaction_ratings"])
def test_that_some_lists_are_for_admins(zendesk, admin, path):
    refused = zendesk.get(path)

    assert (refused.status_code, refused.json()["error"]["title"]) == (403, "Forbidden")
    assert admin.get(path).status_code == 200


# Tickets


def test_that_a_ticket_brings_what_was_asked_for(zendesk):
    answer = zendesk.get(f"/tickets/{SOLVED}?include=users,groups,organizations,metric_sets,comment_count").json()

    assert answer["ticket"]["satisfaction_rating"] == {
        "score": "good",
        "id": answer["ticket"]["satisfaction_rating"]["id"],
        "comment": "Lovely.",
        "reason": "No reason provided",
        "reason_id": 0,
    }
    assert [user["name"] for user in answer["users"]] == ["Inês Caldeira", "Maya Okafor"]
    assert answer["organizations"][0]["organization_fields"]["health"] == "At risk"
    assert (answer["metric_sets"][0]["reopens"], answer["metric_sets"][0]["replies"]) == (1, 1)
    assert answer["ticket"]["comment_count"] == 2


def test_that_the_usual_nulls_are_null(zendesk):
    ticket = zendesk.get(f"/tickets/{NEW}").json()["ticket"]

    assert {
        ticket[key] for key in ("priority", "assignee_id", "organization_id", "recipient", "external_id", "type")
    } == {None}


def test_that_reading_a_ticket_counts_as_viewing_it(zendesk):
    for number in (OPEN, NEW):
        zendesk.get(f"/tickets/{number}")

    assert recent(zendesk) == [NEW, OPEN]


def test_that_reading_many_or_comments_does_not_count_as_viewing(zendesk):
    zendesk.get(f"/tickets/show_many?ids={OPEN},{NEW}")
    zendesk.get(f"/tickets/{PENDING}/comments")

    assert recent(zendesk) == []


def test_that_comments_come_newest_first_in_pages_without_gaps(zendesk):
    ids, url = [], f"/tickets/{LONG}/comments?page[size]=50&sort=-created_at&include=users"
    while True:
        answer = zendesk.get(url).json()
        ids += [comment["id"] for comment in answer["comments"]]
        if not answer["meta"]["has_more"]:
            break
        url = answer["links"]["next"]

    assert len(ids) == LONG_THREAD
    assert ids == sorted(ids, reverse=True)
    assert answer["links"]["next"] is not None, "the real one keeps it on the last page"


def test_that_a_comment_written_meanwhile_shifts_no_page(zendesk, world):
    first = zendesk.get(f"/tickets/{LONG}/comments?page[size]=100&sort=-created_at").json()
    world.customer_writes(LONG, "One more thing.")

    second = zendesk.get(first["links"]["next"]).json()

    assert len({comment["id"] for comment in first["comments"] + second["comments"]}) == LONG_THREAD


def test_that_offset_pages_say_how_many_there_are(zendesk):
    answer = zendesk.get(f"/tickets/{LONG}/comments?per_page=100&page=2").json()

    assert (len(answer["comments"]), answer["count"], answer["next_page"]) == (30, LONG_THREAD, None)
    assert "page=1" in answer["previous_page"]


def test_that_notes_html_copies_and_attachments_are_in_the_comments(zendesk):
    opened = zendesk.get(f"/tickets/{OPEN}/comments").json()["comments"]
    solved = zendesk.get(f"/tickets/{SOLVED}/comments").json()["comments"]

    assert [comment["public"] for comment in opened] == [True, False, True]
    assert "spy.example.com" in opened[0]["html_body"], "the reader has to cope with what customers send"
    assert solved[0]["attachments"][0]["file_name"] == "IMG_2231.jpg"
    assert solved[1]["body"] == "Hi Inês,\n\na new one is on its way."


def test_that_a_bot_is_a_user_whom_nobody_can_read(zendesk, world):
    answer = zendesk.get(f"/tickets/{NEW}/comments?include=users").json()

    assert answer["comments"][1]["author_id"] == SYSTEM_USER_ID
    assert [user["name"] for user in answer["users"]] == ["Klara Vogel"]
    assert zendesk.get(f"/users/{world.bot_id}").status_code == 404


def test_that_an_unknown_ticket_is_not_found(zendesk):
    answer = zendesk.get("/tickets/9999")

    assert (answer.status_code, answer.json()) == (404, {"error": "RecordNotFound", "description": "Not found"})


def test_that_more_than_a_hundred_ids_are_refused(zendesk):
    answer = zendesk.get("/tickets/show_many?ids=" + ",".join(map(str, range(1, 102))))

    assert (answer.status_code, answer.json()["error"]) == (400, "TooManyValues")


def test_that_the_history_of_a_requester_is_sorted_as_asked(zendesk, world):
    ines = world.tickets[OPEN].requester_id

    answer = zendesk.get(f"/users/{ines}/tickets/requested?page[size]=10&sort=-updated_at").json()

    assert [ticket["id"] for ticket in answer["tickets"]] == [OPEN, LONG, SOLVED]


def test_that_the_id_of_a_status_is_explained(zendesk):
    statuses = {one["id"]: one["agent_label"] for one in zendesk.get("/custom_statuses").json()["custom_statuses"]}

    assert statuses[zendesk.get(f"/tickets/{PENDING}").json()["ticket"]["custom_status_id"]] == "Pending"


# Writing


def test_that_a_reply_is_public_only_where_it_says_so(zendesk, world):
    body = {"ticket": {"comment": {"html_body": "<p>Only us</p>", "public": False}, "status": "pending"}}

    answer = zendesk.put(f"/tickets/{OPEN}", json=body).json()

    assert (answer["ticket"]["status"], answer["audit"]["events"][0]["public"]) == ("pending", False)
    assert world.tickets[OPEN].comments[-1].public is False


def test_that_a_stale_stamp_is_a_conflict(zendesk, world, clock):
    stamp = zendesk.get(f"/tickets/{OPEN}").json()["ticket"]["updated_at"]
    clock.advance(seconds=2)
    world.customer_writes(OPEN, "Hello?")

    body = {"ticket": {"comment": {"body": "x", "public": True}, "safe_update": True, "updated_stamp": stamp}}
    answer = zendesk.put(f"/tickets/{OPEN}", json=body)

    assert (answer.status_code, answer.json()["error"]) == (409, "UpdateConflict")
    assert world.tickets[OPEN].comments[-1].text == "Hello?"


@pytest.mark.parametrize(
    ("ticket", "status", "error"),
    [
        ({"comment": {"body": " ", "public": True}}, 406, "CommentRequired"),
        ({"status": "on fire"}, 422, "RecordInvalid"),
    ],
)
def test_that_an_impossible_update_is_refused(zendesk, ticket, status, error):
    answer = zendesk.put(f"/tickets/{OPEN}", json={"ticket": ticket})

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_that_a_closed_ticket_stays_as_it_is(zendesk, world):
    world.set_status(OPEN, "closed")

    answer = zendesk.put(f"/tickets/{OPEN}", json={"ticket": {"status": "open"}})

    assert answer.status_code == 422
    assert answer.json()["details"] == {"status": [{"description": "closed prevents ticket update"}]}


# Search


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type:ticket status:solved", [SOLVED]),
        ("status<solved", [NEW, OPEN, PENDING, LONG]),
        ("status:open status:pending", [OPEN, PENDING, LONG]),
        ("requester:klara@example.de", [NEW, PENDING]),
        ("tags:warranty", [SOLVED]),
        ("created>2026-10-20", [NEW, OPEN, PENDING]),
        ("priority>normal", [OPEN]),
        ("-status:open snapped", [SOLVED]),
        ('"new one is on"', [SOLVED]),
        ("assignee:none", [NEW]),
    ],
)
def test_that_search_finds(zendesk, query, found):
    answer = zendesk.get("/search", params={"query": query}).json()

    assert [ticket["id"] for ticket in answer["results"]] == found
    assert answer["count"] == len(found)


def test_that_search_has_no_cursors_and_no_end_of_depth(zendesk):
    assert zendesk.get("/search?query=a&page[size]=10").status_code == 400
    assert zendesk.get("/search?query=a&per_page=100&page=11").status_code == 422


def test_that_an_export_goes_through_all_pages(zendesk):
    query = {"query": "type:ticket", "filter[type]": "ticket", "page[size]": "2"}
    first = zendesk.get("/search/export", params=query).json()
    second = zendesk.get(first["links"]["next"]).json()

    assert [ticket["id"] for ticket in first["results"] + second["results"]] == [NEW, OPEN, PENDING, LONG]
    assert "count" not in first


def test_that_the_incremental_export_resumes_at_its_cursor(admin):
    first = admin.get("/incremental/tickets/cursor?start_time=0&per_page=3").json()
    second = admin.get(f"/incremental/tickets/cursor?cursor={first['after_cursor']}&per_page=3").json()

    assert (len(first["tickets"]), first["end_of_stream"]) == (3, False)
    assert (len(second["tickets"]), second["end_of_stream"]) == (2, True)


# Knowledge


def test_that_macros_are_sorted_by_use_and_keep_their_placeholders(zendesk):
    macros = zendesk.get("/macros/active?sort_by=usage_7d&sort_order=desc").json()["macros"]

    assert [macro["title"] for macro in macros] == ["Hello", "Returns::Send label"]
    assert macros[1]["actions"][0]["field"] == "comment_value"
    assert macros[1]["actions"][0]["value"].startswith("Hi {{ticket.requester.first_name}},")


def test_that_agents_get_drafts_and_restricted_articles_too(zendesk):
    articles = zendesk.get("/help_center/incremental/articles?start_time=0").json()["articles"]

    by_title = {article["title"]: article for article in articles}
    assert set(by_title) == {"Return an item", "New boots", "Refund limits"}
    assert by_title["New boots"]["draft"] is True
    assert by_title["Return an item"]["user_segment_id"] is None
    assert by_title["Refund limits"]["user_segment_id"] is not None


def test_that_only_what_changed_since_is_listed_again(zendesk, clock):
    since = int(clock().timestamp()) - 5 * 86_400

    articles = zendesk.get(f"/help_center/incremental/articles?start_time={since}").json()["articles"]

    assert [article["title"] for article in articles] == ["New boots"]


def test_that_a_translation_has_the_id_of_its_original(zendesk):
    german = zendesk.get("/help_center/de/articles").json()["articles"]
    english = zendesk.get("/help_center/en-gb/articles").json()["articles"]

    assert [article["title"] for article in german] == ["Artikel zurück"]
    assert german[0]["id"] in {article["id"] for article in english if article["title"] == "Return an item"}


def test_that_article_search_marks_what_it_found(zendesk):
    results = zendesk.get("/help_center/articles/search?query=sixty").json()["results"]

    assert "<em>sixty</em>" in results[0]["snippet"]


# Limits


def test_that_every_answer_tells_the_budget(zendesk):
    headers = zendesk.get("/tickets/9999").headers

    assert (headers["x-rate-limit"], headers["x-rate-limit-remaining"]) == ("700", "699")
    assert headers["ratelimit-reset"] == "60"


def test_that_the_budget_is_refused_when_used_up_and_comes_back(zendesk, world, clock):
    world.limits.zendesk = 2
    answers = [zendesk.get("/tickets/recent") for _ in range(3)]
    clock.advance(seconds=60)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "60"
    assert zendesk.get("/tickets/recent").status_code == 200


def test_that_requests_are_counted_by_path(zendesk, world):
    zendesk.get(f"/tickets/{OPEN}.json?include=users")
    zendesk.get("/nowhere")

    seen = [(one.face, one.method, one.path, one.status) for one in world.requests]
    assert seen == [
        ("zendesk", "GET", f"/api/v2/tickets/{OPEN}.json", 200),
        ("zendesk", "GET", "/api/v2/nowhere", 404),
    ]


def test_that_nothing_of_another_host_is_answered(server):
    answer = httpx.get(
        f"{server.zendesk_url}/api/v2/users/me",
        headers={"Host": "evil.example.com", "Authorization": f"Bearer {DEMO_OAUTH_TOKEN}"},
        trust_env=False,
    )

    assert answer.status_code == 400
