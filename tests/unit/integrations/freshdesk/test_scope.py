"""What a sync of Freshdesk reads when an admin limits it, what then goes, and what it costs to look again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.ports import EVERYTHING, SyncScope
from integrations.freshdesk.marks import packed, unpacked
from tests.helpers.helpdesk import (
    NOW,
    FakeTime,
    ScriptedSender,
    collect,
    freshdesk,
    freshdesk_entry,
    freshdesk_ticket,
    paged,
    query,
    reply,
    run,
    stamp,
)

HOUR = timedelta(hours=1)


def of(*names):
    return frozenset(names)


def an_article(id_, *, day=1, status=2, **more):
    times = {"updated_at": f"2026-11-{day:02}T00:00:00Z"}
    return {"id": id_, "title": f"A{id_}", "description": "<p>x</p>", "status": status} | times | more


class Solutions:
    """Folders of one category, each with its articles."""

    def __init__(self, folders):
        self.folders = {id_: {"id": id_, "name": f"Folder {id_}", "visibility": 1} for id_ in folders}
        self.held = {id_: list(articles) for id_, articles in folders.items()}
        self.sender = ScriptedSender(
            {
                "settings/helpdesk": reply({"primary_language": "en", "supported_languages": []}),
                "solutions/categories": reply([{"id": 5, "name": "General"}]),
                "solutions/categories/5/folders": self.listed,
            }
        )
        for id_ in folders:
            self.sender.answers[f"solutions/folders/{id_}/articles"] = self.articles(id_)

    def listed(self, request):
        counts = {id_: {"articles_count": len(held)} for id_, held in self.held.items()}
        return paged([folder | counts[id_] for id_, folder in self.folders.items() if id_ in self.held])(request)

    def articles(self, id_):
        return lambda request: paged(self.held.get(id_, []))(request)  # noqa: PLW0108 - what is held changes

    def read(self, checkpoint=None, *, after=timedelta(), scope=EVERYTHING):
        """Return the ids that came and those that went, the last checkpoint, and how much was asked."""
        before = len(self.sender.requests)
        client = freshdesk(self.sender, FakeTime(NOW + after))
        client.scope = scope
        batches = run(collect(client.articles(checkpoint)))
        came = [one.id for batch in batches for one in batch.items]
        gone = [id_ for batch in batches for id_ in batch.gone]
        return came, gone, batches[-1].checkpoint, len(self.sender.requests) - before


def test_that_only_wanted_folders_are_read():
    solutions = Solutions({11: [an_article(1)], 12: [an_article(2)], 13: [an_article(3)]})
    came, gone, _, _ = solutions.read(scope=SyncScope(folders=of(11, 13)))
    assert (came, gone) == ([1, 3], [])
    assert "solutions/folders/12/articles" not in solutions.sender.paths


def test_that_a_narrower_scope_reads_anew_and_tells_what_does_not_belong():
    solutions = Solutions({11: [an_article(1)], 12: [an_article(2)]})
    _, _, checkpoint, _ = solutions.read()
    came, gone, checkpoint, _ = solutions.read(checkpoint, scope=SyncScope(folders=of(11)))
    assert (came, gone) == ([1], [2])
    came, gone, _, _ = solutions.read(checkpoint)
    assert (came, gone) == ([1, 2], [])


def test_that_a_scope_that_changed_in_the_middle_of_a_walk_misses_nothing():
    solutions = Solutions({id_: [an_article(id_ * 10 + n) for n in range(60)] for id_ in (11, 12, 13)})

    first = run(collect(freshdesk(solutions.sender).articles()))[0]
    known = {article.id for article in first.items}
    came, gone, _, _ = solutions.read(first.checkpoint, scope=SyncScope(folders=of(13)))
    assert set(came) == {130 + n for n in range(60)}
    assert {id_ for id_ in known if id_ < 120} <= set(gone)


def test_that_an_article_of_another_product_stays_out_where_freshdesk_tells_its_product():
    solutions = Solutions({11: [an_article(1, product_id=60), an_article(2, product_id=61), an_article(3)]})
    _, _, checkpoint, _ = solutions.read()
    came, gone, _, _ = solutions.read(checkpoint, scope=SyncScope(brands=of(60)))
    assert (came, gone) == ([1, 3], [2])


def test_that_an_article_that_moved_to_another_folder_is_not_gone():
    solutions = Solutions({11: [an_article(1)], 12: [an_article(2)]})
    _, _, checkpoint, _ = solutions.read()
    solutions.held = {11: [], 12: [an_article(1), an_article(2)]}
    came, gone, checkpoint, _ = solutions.read(checkpoint)
    assert (came, gone) == ([1, 2], [])  # the newest one always comes again
    solutions.held = {11: [an_article(1)], 12: [an_article(2)]}
    assert solutions.read(checkpoint)[1] == []


def test_that_a_folder_that_was_deleted_takes_its_articles_along():
    solutions = Solutions({11: [an_article(1)], 12: [an_article(2), an_article(3)]})
    _, _, checkpoint, _ = solutions.read()
    del solutions.held[12]
    assert solutions.read(checkpoint)[1] == [2, 3]


def test_that_a_folder_deleted_while_a_walk_was_interrupted_leaves_nothing_behind():
    solutions = Solutions({11: [an_article(n) for n in range(1, 251)], 12: [an_article(900)]})

    checkpoint = run(collect(freshdesk(solutions.sender).articles()))[0].checkpoint
    del solutions.held[11]
    _, _, checkpoint, _ = solutions.read(checkpoint)
    solutions.held[12] = []
    assert solutions.read(checkpoint)[1] == [900]


def test_that_a_folder_interrupted_between_two_languages_keeps_what_was_read_of_it():
    solutions = Solutions({11: [an_article(n) for n in range(1, 151)]})
    solutions.sender.answers["settings/helpdesk"] = reply({"primary_language": "en", "supported_languages": ["de"]})
    solutions.sender.answers["solutions/folders/11/articles/de"] = paged([an_article(n) for n in range(1, 101)])
    batches = run(collect(freshdesk(solutions.sender).articles()))
    assert [len(batch.items) for batch in batches] == [100, 150, 0]
    _, gone, checkpoint, _ = solutions.read(batches[1].checkpoint)
    assert gone == []
    solutions.held[11] = []
    solutions.sender.answers["solutions/folders/11/articles/de"] = reply([])
    assert solutions.read(checkpoint)[1] == list(range(1, 151))


MANY = {id_: [an_article(id_ * 10)] for id_ in range(1, 41)}
"""Forty folders: a walk takes 40 requests, so it is made about every half hour."""


def test_that_looking_again_at_a_big_help_center_takes_a_handful_of_requests():
    solutions = Solutions(MANY)
    _, _, checkpoint, asked = solutions.read()
    assert asked == 43
    came, gone, _, asked = solutions.read(checkpoint, after=HOUR / 4)
    assert (came, gone, asked) == ([], [], 2)


def test_that_what_was_added_or_deleted_is_seen_at_the_next_look():
    solutions = Solutions(MANY)
    _, _, checkpoint, _ = solutions.read()
    solutions.held[3] = []
    solutions.held[4] = [*solutions.held[4], an_article(999)]
    came, gone, _, asked = solutions.read(checkpoint, after=HOUR / 4)
    assert (999 in came, gone, asked) == (True, [30], 4)


def test_that_what_was_reworded_is_seen_when_a_walk_is_due():
    solutions = Solutions(MANY)
    _, _, checkpoint, _ = solutions.read()
    solutions.held[3] = [an_article(30, day=9)]
    came, _, checkpoint, _ = solutions.read(checkpoint, after=HOUR / 4)
    assert 30 not in came
    assert 30 in solutions.read(checkpoint, after=HOUR * 0.6)[0]


def test_that_a_walk_that_takes_thousands_of_requests_is_made_twice_a_day():
    solutions = Solutions({11: [an_article(1)]})
    _, _, checkpoint, _ = solutions.read()
    checkpoint = json.dumps(json.loads(checkpoint) | {"reads": 5_000})
    assert solutions.read(checkpoint, after=11 * HOUR)[3] == 2
    assert solutions.read(checkpoint, after=12 * HOUR)[3] == 4


def test_that_where_listing_takes_many_requests_nothing_is_asked_at_once_again():
    solutions = Solutions({11: [an_article(1)]})
    solutions.sender.answers["solutions/categories"] = reply([{"id": id_} for id_ in range(5, 45)])
    _, _, checkpoint, asked = solutions.read()
    assert asked == 1 + 40 + 1 + 1
    assert [solutions.read(checkpoint, after=HOUR * n / 4)[3] for n in (1, 2, 3)] == [0, 0, 43]


def test_that_a_clock_that_was_set_back_does_not_put_a_walk_off():
    solutions = Solutions(MANY)
    _, _, checkpoint, asked = solutions.read(after=1000 * HOUR)
    assert solutions.read(checkpoint)[3] == asked


@given(st.sets(st.integers(0, 2**63 - 1), max_size=20))
@settings(max_examples=40)
def test_that_packed_ids_come_out_as_they_went_in(ids):
    assert unpacked(packed(ids)) == ids


@pytest.mark.parametrize("damaged", [None, True, "x", "1 2 x", [], {}])
def test_that_damaged_ids_are_none(damaged):
    assert unpacked(damaged) == set()


ONE_ENTRY = reply([freshdesk_entry(1)])


class Tickets:
    """Solved tickets by last change, one an hour; ``more`` says more of one."""

    def __init__(self, numbers):
        self.tickets = {n: freshdesk_ticket(n, status=4, updated_at=stamp(NOW - n * HOUR)) for n in numbers}
        self.removed = {"deleted": [], "spam": []}
        self.sender = ScriptedSender({f"tickets/{n}/conversations": ONE_ENTRY for n in (*numbers, *range(10))})
        self.sender.answers["tickets"] = self.listed
        self.sender.answers["surveys/satisfaction_ratings"] = reply([])

    def listed(self, request):
        asked = query(request)
        since = datetime.fromisoformat(asked["updated_since"])
        found = self.removed[asked["filter"]] if "filter" in asked else self.tickets.values()
        found = [one for one in found if datetime.fromisoformat(one["updated_at"]) >= since]
        return paged(sorted(found, key=lambda one: one["updated_at"], reverse=True))(request)

    def read(self, checkpoint=None, *, after=timedelta(), scope=EVERYTHING, limit=2_000):
        before = len(self.sender.requests)
        client = freshdesk(self.sender, FakeTime(NOW + after))
        client.scope = scope
        batches = run(collect(client.solved_tickets(checkpoint, limit=limit)))
        came = [item.ticket.ref.id for batch in batches for item in batch.items]
        gone = sorted(id_ for batch in batches for id_ in batch.gone)
        return came, gone, batches[-1].checkpoint, len(self.sender.requests) - before


def test_that_solved_tickets_of_other_groups_and_products_are_not_read():
    tickets = Tickets(range(1, 5))
    tickets.tickets[1] |= {"group_id": 50, "product_id": 60}
    tickets.tickets[2] |= {"group_id": 51, "product_id": 60}
    tickets.tickets[3] |= {"group_id": 50, "product_id": None}
    came, _, _, _ = tickets.read(scope=SyncScope(groups=of(50)))
    assert came == [1, 3]
    assert "tickets/2/conversations" not in tickets.sender.paths
    assert tickets.read(scope=SyncScope(groups=of(50), brands=of(60)))[0] == [1]


def test_that_months_bound_how_far_back_the_list_is_walked():
    tickets = Tickets([1, 24 * 50, 24 * 80])
    came, _, _, _ = tickets.read(scope=SyncScope(months=2))
    assert came == [1, 1_200]
    assert tickets.sender.queries("tickets")[0]["updated_since"] == "2026-09-22T15:00:00Z"


def test_that_a_ticket_that_is_too_old_now_is_gone():
    tickets = Tickets([1, 24 * 29])
    _, _, checkpoint, _ = tickets.read(scope=SyncScope(months=1))
    assert tickets.read(checkpoint, after=72 * HOUR, scope=SyncScope(months=1))[1] == [24 * 29]


def test_that_a_changed_scope_walks_anew_and_tells_which_tickets_do_not_belong():
    tickets = Tickets(range(1, 8))
    for n in (2, 5):
        tickets.tickets[n]["group_id"] = 50
    _, _, checkpoint, _ = tickets.read()
    came, gone, checkpoint, _ = tickets.read(checkpoint, scope=SyncScope(groups=of(50)))
    assert (came, gone) == ([2, 5], [1, 3, 4, 6, 7])
    came, gone, _, _ = tickets.read(checkpoint)
    assert (came, gone) == ([1, 2, 3, 4, 5, 6, 7], [])


def test_that_a_scope_that_changed_amid_a_first_walk_takes_back_what_was_handed_on():
    tickets = Tickets(range(1, 61))
    for n in range(40, 61):
        tickets.tickets[n]["group_id"] = 50
    first = run(collect(freshdesk(tickets.sender).solved_tickets()))[0]
    came, gone, _, _ = tickets.read(first.checkpoint, scope=SyncScope(groups=of(50)))
    assert (came, gone) == (list(range(40, 61)), list(range(1, 31)))


def test_that_a_ticket_that_moved_to_another_group_is_gone():
    tickets, care = Tickets(range(1, 4)), SyncScope(groups=of(50))
    for ticket in tickets.tickets.values():
        ticket["group_id"] = 50
    _, _, checkpoint, _ = tickets.read(scope=care)
    tickets.tickets[2] |= {"group_id": 51, "updated_at": stamp(NOW)}
    assert tickets.read(checkpoint, after=HOUR, scope=care)[:2] == ([], [2])


@pytest.mark.parametrize("kind", ["deleted", "spam"])
def test_that_deleted_tickets_and_spam_are_gone_within_an_hour(kind):
    tickets = Tickets(range(1, 4))
    _, _, checkpoint, _ = tickets.read()
    removed = tickets.tickets.pop(2) | {kind: True, "updated_at": stamp(NOW + HOUR / 2)}
    tickets.removed[kind].append(removed)
    assert tickets.read(checkpoint, after=HOUR)[1] == [2]


def test_that_deleted_tickets_are_asked_for_once_an_hour():
    tickets = Tickets(range(1, 4))
    _, _, checkpoint, _ = tickets.read()
    counts = []
    for quarter in range(1, 9):
        _, _, checkpoint, asked = tickets.read(checkpoint, after=quarter * HOUR / 4)
        counts.append(asked - 1)  # one for the ticket fields, which a new client reads
    assert counts == [1, 1, 1, 3, 1, 1, 1, 3]


def test_that_a_plan_without_a_list_of_deleted_tickets_syncs_all_the_same():
    tickets = Tickets(range(1, 4))
    _, _, checkpoint, _ = tickets.read()
    listed = tickets.listed
    tickets.sender.answers["tickets"] = lambda r: reply("", 400) if "filter" in query(r) else listed(r)
    tickets.tickets[9] = freshdesk_ticket(9, status=5, updated_at=stamp(NOW))
    assert tickets.read(checkpoint, after=2 * HOUR)[0] == [9]


def test_that_a_ticket_that_changed_a_moment_ago_is_read_once_more():
    tickets = Tickets([])
    tickets.tickets[1] = freshdesk_ticket(1, status=4, updated_at=stamp(NOW))
    _, _, checkpoint, _ = tickets.read()
    came, _, checkpoint, _ = tickets.read(checkpoint, after=HOUR / 4)
    assert came == [1]
    assert tickets.read(checkpoint, after=HOUR / 2)[0] == []


def test_that_a_walk_that_stopped_anywhere_resumes_there_and_misses_nothing():
    tickets = Tickets(range(1, 151))
    whole = run(collect(freshdesk(tickets.sender).solved_tickets()))
    assert len(whole) == 6
    for count in range(1, 6):
        batches = whole[:count]
        read = [item.ticket.ref.id for batch in batches for item in batch.items]
        assert read + tickets.read(batches[-1].checkpoint)[0] == list(range(1, 151))


def test_that_ratings_come_with_solved_tickets_in_one_request():
    tickets = Tickets(range(1, 4))
    rating = {"id": 1, "ticket_id": 2, "ratings": {"default_question": -103}, "created_at": "2026-11-21T00:00:00Z"}
    tickets.sender.answers["surveys/satisfaction_ratings"] = reply([rating])

    async def read():
        return [item.ticket async for batch in freshdesk(tickets.sender).solved_tickets() for item in batch.items]

    assert [ticket.csat and ticket.csat.value for ticket in run(read())] == [None, "bad", None]
    assert tickets.sender.paths.count("surveys/satisfaction_ratings") == 1


def test_that_the_list_is_asked_for_all_changes_a_hundred_at_a_time_and_says_its_cost():
    tickets = Tickets([1])
    tickets.read()
    asked = tickets.sender.queries("tickets")[0]
    assert (asked["updated_since"], asked["per_page"]) == ("2015-01-01T00:00:00Z", "100")
    assert [request.cost for request in tickets.sender.requests if "/tickets?" in request.url] == [5]


def test_that_no_page_behind_the_three_hundredth_is_asked_for():
    tickets = Tickets([1])
    busy = [freshdesk_ticket(1, updated_at=stamp(NOW - HOUR))]
    tickets.sender.answers["tickets"] = lambda _: reply(busy, link='<https://x>; rel="next"')
    tickets.read()
    assert [int(asked["page"]) for asked in tickets.sender.queries("tickets")] == list(range(1, 301))


def test_that_the_filter_api_with_its_ten_pages_is_not_used():
    tickets = Tickets(range(1, 312))
    assert len(tickets.read()[0]) == 311
    assert not any(path.startswith("search/") for path in tickets.sender.paths)
