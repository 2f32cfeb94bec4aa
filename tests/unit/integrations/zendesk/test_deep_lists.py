"""Lists that are longer than Zendesk counts, stand still, end without a word or cannot be read in one language."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from assist.errors import Unreachable
from assist.ports import EVERYTHING, SyncScope
from integrations.zendesk import wire
from integrations.zendesk.solved import FULL_EVERY_S
from tests.helpers.helpdesk import (
    NOW,
    FakeTime,
    ScriptedSender,
    collect,
    keep,
    query,
    reply,
    run,
    stamp,
    zendesk,
    zendesk_comment,
    zendesk_comments,
    zendesk_ticket,
)

TOO_DEEP = reply({"errors": [{"code": "InvalidPaginationDepth", "title": "Pagination depth is too great"}]}, 400)
LAST = int(NOW.timestamp()) - 86_400


def an_article(id_, locale="en-gb", at=LAST, **more):
    changed = stamp(NOW - timedelta(seconds=int(NOW.timestamp()) - at))
    return {"id": id_, "title": f"A{id_}", "body": "<p>x</p>", "locale": locale, "updated_at": changed, **more}


def a_center(**answers):
    script = {
        "help_center/incremental/articles": reply({"articles": [an_article(1)], "end_time": LAST, "next_page": None}),
        "help_center/locales": reply({"locales": ["en-gb", "de"], "default_locale": "en-gb"}),
        "help_center/de/articles": reply({"articles": [], "meta": {"has_more": False}}),
    }
    return ScriptedSender({**script, **{name.replace("__", "/"): answer for name, answer in answers.items()}})


def articles(sender, checkpoint=None, time=None, scope=EVERYTHING):
    client = zendesk(sender, time or FakeTime())
    client.scope = scope
    return run(collect(client.articles(checkpoint)))


def ids(batches):
    return [item.id for batch in batches for item in batch.items]


def gone(batches):
    return {id_ for batch in batches for id_ in batch.gone}


def test_that_more_articles_of_one_second_than_fit_on_a_page_are_read_on_the_largest_page():
    def incremental(request):
        asked = query(request)
        size, start = int(asked["per_page"]), int(asked["start_time"])
        found = [an_article(number) for number in range(1, 251)] if start <= LAST else []
        more = "https://elsewhere.example.com/" if len(found) > size else None
        return reply({"articles": found[:size], "end_time": LAST if found else start, "next_page": more})

    batches = articles(a_center(help_center__incremental__articles=incremental))
    assert set(ids(batches)) == set(range(1, 251))
    assert batches[-1].done


def test_that_an_incremental_list_that_never_moves_on_ends_and_nothing_is_taken_for_gone():
    sender = a_center()
    first = articles(sender)
    stuck = reply({"articles": [an_article(2)], "end_time": LAST, "next_page": "https://elsewhere.example.com/"})
    sender.answers["help_center/incremental/articles"] = [stuck, stuck, stuck, stuck, reply({"articles": []})]
    time = FakeTime(NOW + timedelta(hours=25))
    batches = articles(sender, first[-1].checkpoint, time)
    assert batches[-1].done
    assert gone(batches) == set()


@pytest.mark.parametrize("end_time", [None, "soon", 0])
def test_that_an_export_that_says_neither_its_time_nor_its_end_is_read_twice_and_no_more(end_time):
    export = {"articles": [an_article(1)], "end_time": end_time, "next_page": "https://acme.zendesk.com/more"}
    sender = a_center(help_center__incremental__articles=reply(export))

    found = articles(sender)

    assert (set(ids(found)), gone(found)) == ({1}, set())
    exports = [request for request in sender.requests if "/incremental/articles" in request.url]
    starts = [query(request)["start_time"] for request in exports]
    assert list(dict.fromkeys(starts)) == ["0", str(LAST), str(LAST + 1)]


def test_that_a_cursor_that_comes_again_ends_the_list():
    page = {"articles": [an_article(2, "de")], "meta": {"has_more": True, "after_cursor": "same"}}
    sender = a_center(help_center__de__articles=reply(page))

    found = articles(sender)

    assert 2 in ids(found)
    assert len([request for request in sender.requests if "/de/articles" in request.url]) == 2


def test_that_a_language_is_listed_whole_by_cursor_and_afterwards_by_number_in_order():
    pages = {"": ([an_article(1, "de"), an_article(2, "de")], "c1"), "c1": ([an_article(3, "de")], "")}

    def listed(request):
        asked = query(request)
        if "page[size]" not in asked:
            return reply({"articles": [an_article(3, "de")], "next_page": None})
        found, after = pages[asked.get("page[after]", "")]
        return reply({"articles": found, "meta": {"has_more": bool(after), "after_cursor": after}, "links": {}})

    sender = a_center(help_center__de__articles=listed)
    batches = articles(sender)
    articles(sender, batches[-1].checkpoint)
    asked = sender.queries("help_center/de/articles")
    assert {1, 2, 3} <= set(ids(batches))
    assert [("page[after]" in one, one.get("sort_by")) for one in asked] == [
        (False, None),
        (True, None),
        (False, "updated_at"),
    ]


def test_that_a_help_center_without_cursors_is_listed_by_number():
    def listed(request):
        number = int(query(request).get("page", "1"))
        found = [an_article(10 * number, "de"), an_article(10 * number + 1, "de")]
        return reply({"articles": found, "next_page": "https://elsewhere.example.com/" if number < 3 else None})

    batches = articles(a_center(help_center__de__articles=listed))
    assert {10, 11, 20, 21, 30, 31} <= set(ids(batches))


@pytest.mark.parametrize("refusal", [TOO_DEEP, reply("", 403), reply("<html>", 200)], ids=["too deep", "403", "html"])
def test_that_a_language_that_cannot_be_read_to_its_end_loses_nothing(refusal):
    german = reply({"articles": [an_article(5, "de")], "meta": {"has_more": False}})
    sender = a_center(help_center__de__articles=german)
    mark = articles(sender)[-1].checkpoint
    sender.answers["help_center/de/articles"] = refusal
    time = FakeTime(NOW + timedelta(hours=25))
    next_day = articles(sender, mark, time)
    sender.answers["help_center/de/articles"] = reply({"articles": [], "meta": {"has_more": False}})
    time.at += timedelta(hours=25)
    day_after = articles(sender, next_day[-1].checkpoint, time)
    assert (gone(next_day), gone(day_after)) == (set(), {5})


def test_that_a_language_out_of_reach_stops_the_sync_there_and_it_goes_on_later():
    sender = a_center(help_center__de__articles=reply("", 502))
    kept = []

    async def sync():
        await keep(kept, zendesk(sender).articles())

    with pytest.raises(Unreachable):
        run(sync())
    sender.answers["help_center/de/articles"] = reply({"articles": [an_article(5, "de")], "meta": {"has_more": False}})
    rest = articles(sender, kept[-1].checkpoint)
    assert (ids(kept), ids(rest)) == ([1], [5])


def test_that_an_article_that_moves_out_of_the_scope_is_gone_in_the_next_run_in_every_language():
    def changed(section_id, at):
        articles = [an_article(1, at=at, section_id=section_id)]
        return reply({"articles": articles, "end_time": at, "next_page": None})

    german = {"articles": [an_article(1, "de", section_id=3)], "meta": {"has_more": False}}
    sender = a_center(help_center__incremental__articles=changed(3, LAST), help_center__de__articles=reply(german))
    scope = SyncScope(folders=frozenset({3}))
    first = articles(sender, scope=scope)
    sender.answers["help_center/incremental/articles"] = changed(4, LAST + 60)
    german["articles"][0]["section_id"] = 4
    sender.answers["help_center/de/articles"] = reply(german)
    second = articles(sender, first[-1].checkpoint, scope=scope)
    third = articles(sender, second[-1].checkpoint, scope=scope)
    assert (set(ids(first)), gone(first)) == ({1}, set())
    assert (set(ids(second)), gone(second), gone(third)) == (set(), {1}, set())


def a_macro(id_):
    return {"id": id_, "title": f"M{id_}", "active": True, "actions": [{"field": "comment_value", "value": "Hi"}]}


def test_that_macros_beyond_what_zendesk_counts_are_left_out_and_none_is_taken_for_gone():
    def listed(request):
        number = int(query(request)["page"])
        if number > wire.OFFSET_PAGES_AT_MOST:
            return TOO_DEEP
        return reply({"macros": [a_macro(number)], "next_page": "https://elsewhere.example.com/"})

    sender = ScriptedSender({"macros/active": reply({"macros": [a_macro(999)]})})
    mark = run(collect(zendesk(sender).macros()))[-1].checkpoint
    sender.answers["macros/active"] = listed
    batches = run(collect(zendesk(sender).macros(mark)))
    assert len(ids(batches)) == wire.OFFSET_PAGES_AT_MOST
    assert (gone(batches), batches[-1].done) == (set(), True)


# --- solved tickets


class Search:
    """Answers a search with tickets that changed a minute apart, newest first."""

    def __init__(self, count):
        self.tickets = {n: self.ticket(n) for n in range(1, count + 1)}
        self.sender = ScriptedSender({"search": self.answer})

    def ticket(self, n, **more):
        return zendesk_ticket(n, status="closed", updated_at=stamp(NOW - timedelta(minutes=20 + n)), **more)

    def answer(self, request):
        asked = query(request)
        words = dict(word.split("<=", 1) for word in asked["query"].split() if "updated<=" in word)
        since = [word.removeprefix("solved>=") for word in asked["query"].split() if "solved>=" in word]
        found = [one for one in self.tickets.values() if one["updated_at"] <= words.get("updated", "9")]
        found = [one for one in found if not since or one["updated_at"] >= since[0]]
        found.sort(key=lambda one: one["updated_at"], reverse=True)
        size, page = int(asked["per_page"]), int(asked["page"])
        for one in found:
            comments = zendesk_comments([zendesk_comment(1)])
            self.sender.answers.setdefault(f"tickets/{one['id']}/comments", comments)
        part = found[(page - 1) * size : page * size]
        return reply({"results": part, "next_page": "x" if len(found) > page * size else None})

    def read(self, checkpoint=None, time=None, *, scope=EVERYTHING, **how):
        self.sender.requests.clear()
        client = zendesk(self.sender, time or FakeTime())
        client.scope = scope
        return run(collect(client.solved_tickets(checkpoint, **how)))

    @property
    def conversations(self):
        return sum(path.endswith("/comments") for path in self.sender.paths)


def numbers(batches):
    return {item.ticket.ref.id for batch in batches for item in batch.items}


def test_that_once_a_week_all_tickets_are_met_again_and_no_conversation_is_read_twice():
    search, time = Search(150), FakeTime()
    mark = search.read(time=time)[-1].checkpoint
    assert search.conversations == 150
    del search.tickets[7]
    search.tickets[200] = search.ticket(3) | {"id": 200}
    time.at += timedelta(seconds=FULL_EVERY_S)
    weekly = search.read(mark, time)
    assert (gone(weekly), numbers(weekly), search.conversations) == ({7}, {200}, 1)
    assert search.sender.paths.count("search") == 2


def test_that_a_raised_limit_reads_what_is_older_and_a_lowered_one_gives_it_up():
    search = Search(90)
    few = search.read(limit=40)
    more = search.read(few[-1].checkpoint, limit=80)
    assert (numbers(more), search.conversations, gone(more)) == (set(range(41, 81)), 40, set())
    fewer = search.read(more[-1].checkpoint, limit=30)
    assert (numbers(fewer), search.conversations, gone(fewer)) == (set(), 0, set(range(31, 81)))


def test_that_a_walk_that_stopped_in_the_middle_of_a_weekly_one_takes_nothing_unseen_for_gone():
    search, time = Search(150), FakeTime()
    mark = search.read(time=time)[-1].checkpoint
    time.at += timedelta(seconds=FULL_EVERY_S)
    first, *_ = search.read(mark, time)
    rest = search.read(first.checkpoint, time)
    assert (first.gone, gone(rest), first.done) == ((), set(), False)


@pytest.mark.parametrize("left", [0, 40])
def test_that_a_search_which_suddenly_finds_less_than_half_is_not_believed(left):
    search, time = Search(100), FakeTime()
    mark = search.read(time=time)[-1].checkpoint
    everything = dict(search.tickets)
    search.tickets = {n: one for n, one in everything.items() if n <= left}
    time.at += timedelta(seconds=FULL_EVERY_S)
    doubted = search.read(mark, time)
    search.tickets = {n: one for n, one in everything.items() if n != 9}
    time.at += timedelta(seconds=FULL_EVERY_S)
    believed = search.read(doubted[-1].checkpoint, time)
    assert (gone(doubted), gone(believed), search.conversations) == (set(), {9}, 0)


def test_that_a_search_that_does_not_go_so_deep_is_asked_further_back_instead():
    search = Search(70)
    asked = itertools.count()
    answer = search.answer
    search.sender.answers["search"] = lambda request: TOO_DEEP if next(asked) == 1 else answer(request)
    batches = search.read()
    assert batches[-1].done
    assert len(numbers(batches)) >= 69


def test_that_what_came_by_a_merge_or_from_a_side_conversation_is_not_learned_from():
    search = Search(3)
    search.tickets[1]["tags"] = ["closed_by_merge"]
    search.tickets[2]["via"] = {"channel": "side_conversation"}
    assert numbers(search.read()) == {3}


def test_that_the_scope_is_asked_for_and_what_comes_all_the_same_is_left_out():
    search = Search(3)
    search.tickets[1] |= {"group_id": 5, "brand_id": 8}
    search.tickets[2] |= {"group_id": 6, "brand_id": 8}
    search.tickets[3] |= {"group_id": 6, "brand_id": 9}
    scope = SyncScope(groups=frozenset({6, 7}), brands=frozenset({8}), months=2)
    assert numbers(search.read(scope=scope)) == {2}
    [asked] = search.sender.queries("search")
    assert set(asked["query"].split()) == {
        "type:ticket",
        "status>=solved",
        "brand_id:8",
        "group_id:6",
        "group_id:7",
        "updated>=2026-09-22T00:00:00Z",
    }


def test_that_entries_without_an_id_are_counted_and_said(caplog):
    caplog.set_level("INFO", "integrations.zendesk.wire")
    macros = wire.read_macros(reply({"macros": [a_macro(1), {"title": "no id"}, None]}))
    comments = wire.read_comments(reply({"comments": [zendesk_comment(1), {"body": "secret"}]}))
    tickets = wire.read_tickets(reply({"tickets": [zendesk_ticket(1), {"id": "x"}]}))
    listed = wire.read_articles(reply({"articles": [an_article(1), {}]}))
    assert [page.left_out for page in (macros, comments, tickets, listed)] == [2, 1, 1, 1]
    assert "2 of 3 macros had no id and were left out" in caplog.text
    assert "secret" not in caplog.text
