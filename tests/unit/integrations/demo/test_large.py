"""The large demo account: made on the way, and yet one account whichever way it is walked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.demo.data import load
from integrations.demo.faults import Limits
from integrations.demo.large import LargeWorld, Size
from integrations.demo.server import DEMO_ADMIN_FRESHDESK_KEY, DEMO_ADMIN_OAUTH_TOKEN
from integrations.demo.shelf import Sought
from integrations.demo.shuffle import shuffled, unshuffled
from tests.helpers.demo_data import NOW, HandClock, freshdesk_client, write_demo_folder, zendesk_client

SIZE = Size(articles=800, tickets=1_500, unsolved=40, seed=7)
ENDLESS = Limits(*[10**6] * 6)


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    return load(write_demo_folder(tmp_path_factory.mktemp("large") / "demo"))


@pytest.fixture
def large(data):
    return LargeWorld(data, HandClock(), limits=ENDLESS, size=SIZE)


@pytest.fixture
def zendesk(running_server, large):
    running_server.show(large)
    with zendesk_client(running_server, DEMO_ADMIN_OAUTH_TOKEN) as client:
        yield client


@pytest.fixture
def freshdesk(running_server, large):
    running_server.show(large)
    with freshdesk_client(running_server, DEMO_ADMIN_FRESHDESK_KEY) as client:
        yield client


def cursor_walk(client: httpx.Client, path: str, key: str) -> list[int]:
    found, after = [], ""
    while True:
        answer = client.get(path, params={"page[size]": "100", **({"page[after]": after} if after else {})}).json()
        found += [item["id"] for item in answer[key]]
        if not answer["meta"]["has_more"]:
            return found
        after = answer["meta"]["after_cursor"]


def page_walk(client: httpx.Client, path: str, **query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    page = 1
    while True:
        answer = client.get(path, params={**query, "page": str(page), "per_page": "100"})
        found += answer.json()
        if 'rel="next"' not in answer.headers.get("link", ""):
            return found
        page += 1


def all_numbers(world: LargeWorld) -> list[int]:
    return [ticket.number for ticket in world.sought(Sought())[: SIZE.tickets]]


@given(length=st.integers(1, 700), data=st.data())
def test_that_the_two_orders_undo_each_other(length, data):
    index = data.draw(st.integers(0, length - 1))

    assert unshuffled(shuffled(index, length), length) == index
    assert 0 <= shuffled(index, length) < length


def test_that_an_account_of_half_a_million_tickets_is_made_from_a_seed_and_a_number_alone(data):
    size = Size()
    one, other = (LargeWorld(data, HandClock(), size=size) for _ in range(2))
    newest = one.sought(Sought(sort_by="updated_at", falling=True))[:50]

    assert (len(one.tickets), len(one.articles_in(None))) == (500_000, 50_000)
    for ticket in newest:
        same = other.tickets[ticket.number]
        assert (same.subject, same.comments, same.updated_at) == (ticket.subject, ticket.comments, ticket.updated_at)
    assert LargeWorld(data, HandClock(), size=Size(seed=2)).tickets[400_000].subject != one.tickets[400_000].subject


def test_that_all_times_lie_before_now_and_follow_each_other(large):
    for ticket in large.sought(Sought())[:200]:
        times = [ticket.created_at, *(comment.created_at for comment in ticket.comments), ticket.updated_at]
        assert times == sorted(times)
        assert ticket.updated_at < NOW - timedelta(seconds=59)


def test_that_creation_and_last_change_are_different_orders_of_the_same_tickets(large):
    created = all_numbers(large)
    changed = [ticket.number for ticket in large.sought(Sought(sort_by="updated_at"))[: SIZE.tickets]]

    assert created == sorted(created)
    assert changed != created
    assert sorted(changed) == created
    assert len(created) == SIZE.tickets
    assert created[-1] - created[0] > SIZE.tickets  # deleted tickets left gaps


def test_that_a_number_in_a_gap_is_not_there(large, zendesk):
    numbers = set(all_numbers(large))
    gap = next(number for number in range(min(numbers), max(numbers)) if number not in numbers)

    assert zendesk.get(f"tickets/{gap}").status_code == 404
    assert zendesk.get(f"tickets/{max(numbers)}").status_code == 200


def test_that_the_incremental_export_gives_every_ticket_once(large, zendesk):
    found, cursor = [], ""
    while True:
        query = {"cursor": cursor} if cursor else {"start_time": "0"}
        answer = zendesk.get("incremental/tickets/cursor", params={**query, "per_page": "400"}).json()
        found += [item["id"] for item in answer["tickets"]]
        if answer["end_of_stream"]:
            break
        cursor = answer["after_cursor"]

    assert sorted(found) == all_numbers(large)


def test_that_cursors_walk_all_tickets_and_all_articles_once(large, zendesk):
    assert cursor_walk(zendesk, "tickets", "tickets") == all_numbers(large)
    articles = cursor_walk(zendesk, "help_center/en-gb/articles", "articles")
    assert len(articles) == len(set(articles)) == SIZE.articles


def test_that_a_walk_back_by_search_finds_every_solved_ticket(large, zendesk):
    found: set[int] = set()
    until = "2026-12-31T00:00:00Z"
    while True:
        query = f"type:ticket status>=solved updated<={until}"
        asked = {"query": query, "sort_by": "updated_at", "sort_order": "desc"}
        results = zendesk.get("search", params=asked).json()["results"]
        assert [item["updated_at"] for item in results] == sorted((i["updated_at"] for i in results), reverse=True)
        fresh = {item["id"] for item in results} - found
        if not fresh:
            break
        found |= fresh
        until = results[-1]["updated_at"]

    assert sorted(found) == all_numbers(large)[: SIZE.tickets - SIZE.unsolved]


def test_that_a_search_by_creation_and_by_solving_counts_what_the_export_shows(large, zendesk):
    everything = large.sought(Sought())[: SIZE.tickets]
    first, last = everything[200].created_at, everything[290].created_at

    for field in ("created", "solved"):
        query = f"type:ticket {field}>={first:%Y-%m-%dT%H:%M:%SZ} {field}<={last:%Y-%m-%dT%H:%M:%SZ}"
        answer = zendesk.get("search", params={"query": query}).json()
        meant = [one.number for one in everything if first <= (getattr(one, f"{field}_at") or NOW) <= last]
        assert sorted(item["id"] for item in answer["results"]) == meant
        assert len(meant) > 20


def test_that_freshdesk_lists_every_ticket_once_last_changed_first(large, freshdesk):
    tickets = page_walk(freshdesk, "tickets", updated_since="2015-01-01T00:00:00Z", order_by="updated_at")

    assert sorted(one["id"] for one in tickets) == all_numbers(large)
    assert [one["updated_at"] for one in tickets] == sorted((one["updated_at"] for one in tickets), reverse=True)


def test_that_freshdesk_folders_hold_every_article_once_in_each_language(large, freshdesk):
    for language, expected in (("", SIZE.articles), ("/de", len(large.articles_in("de")))):
        found: list[int] = []
        counted = 0
        for category in page_walk(freshdesk, "solutions/categories"):
            for folder in page_walk(freshdesk, f"solutions/categories/{category['id']}/folders{language}"):
                articles = page_walk(freshdesk, f"solutions/folders/{folder['id']}/articles{language}")
                found += [one["id"] for one in articles]
                counted += folder["articles_count"]
        assert len(found) == len(set(found)) == counted == expected


def test_that_some_articles_are_drafts_internal_or_translated(large):
    articles = list(large.articles_in(None))

    assert {one.visibility for one in articles} == {"everyone", "signed-in", "agents"}
    assert 0 < sum(one.draft for one in articles) < len(articles) / 10
    german = large.articles_in("de")[5]
    assert {one.locale for one in large.translations(german.id)} == {"en-gb", "de"}
    assert len({one.title for one in articles}) > 0.9 * len(articles)


def test_that_a_changed_ticket_is_the_newest_and_stands_once_in_every_order(large, zendesk):
    number = all_numbers(large)[333]
    large.now.advance(minutes=5)
    large.customer_writes(number, "It happened again.")

    newest = large.sought(Sought(sort_by="updated_at", falling=True))[: SIZE.tickets]
    assert newest[0].number == number
    assert newest[0].comments[-1].text == "It happened again."
    assert sorted(one.number for one in newest) == all_numbers(large)
    since = int((NOW - timedelta(seconds=30)).timestamp())
    large.now.advance(minutes=5)
    answer = zendesk.get("incremental/tickets/cursor", params={"start_time": str(since)}).json()
    assert [one["id"] for one in answer["tickets"]] == [number]


def test_that_a_deleted_ticket_is_in_no_order_any_more(large):
    number = all_numbers(large)[77]
    large.delete(number)

    assert number not in large.tickets
    assert number not in all_numbers(large)
    assert number not in [one.number for one in large.sought(Sought(sort_by="updated_at"))[: SIZE.tickets]]
    assert len(large.tickets) == SIZE.tickets - 1


def test_that_a_changed_article_is_the_last_of_the_feed_and_a_removed_one_is_gone(large, zendesk):
    edited, removed = large.articles_in(None)[40], large.articles_in(None)[41]
    large.put_article(replace(edited, title="New words", updated_at=NOW))
    large.remove_article(removed.id)

    answer = zendesk.get("help_center/incremental/articles", params={"start_time": str(int(NOW.timestamp()))}).json()
    assert [(one["id"], one["title"]) for one in answer["articles"]] == [(edited.id, "New words")]
    listed = cursor_walk(zendesk, "help_center/en-gb/articles", "articles")
    assert len(listed) == len(set(listed)) == SIZE.articles - 1
    assert removed.id not in listed
    assert zendesk.get(f"help_center/articles/{removed.id}").status_code == 404
    assert zendesk.get(f"help_center/articles/{edited.id}").json()["article"]["title"] == "New words"


def test_that_a_customer_has_all_the_tickets_they_wrote(large, zendesk):
    ticket = large.tickets[all_numbers(large)[500]]
    answer = zendesk.get(f"users/{ticket.requester_id}/tickets/requested").json()

    own = [one.number for one in large.sought(Sought())[: SIZE.tickets] if one.requester_id == ticket.requester_id]
    assert [one["id"] for one in answer["tickets"]] == own
    assert ticket.number in own
    assert len(own) == 5


def test_that_nobody_real_is_in_the_prose(large):
    written = " ".join(comment.text for one in large.sought(Sought())[:300] for comment in one.comments)
    assert re.search(r"\S+@(?!example)", written) is None
    assert "{" not in written
