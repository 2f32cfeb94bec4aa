"""Reading Zendesk's collections: pages, resuming, what went, what is a draft."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from assist.domain import Visibility
from assist.errors import SignInNeeded
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
    zendesk_user,
)

T0 = 1_700_000_000


def an_article(id_, updated=T0, *, locale="en-gb", **more):
    at = stamp(NOW - timedelta(seconds=int(NOW.timestamp()) - updated))
    return {"id": id_, "title": f"A{id_}", "body": "<p>x</p>", "locale": locale, "updated_at": at, **more}


class HelpCenter:
    """Answers as Zendesk's help center: incremental by time, and a list for each other language."""

    def __init__(self, articles, german=(), page=2):
        self.articles, self.german, self.page = list(articles), list(german), page
        self.sender = ScriptedSender(
            {
                "help_center/incremental/articles": self.incremental,
                "help_center/de/articles": self.listed,
                "help_center/locales": reply({"locales": ["en-gb", "de"], "default_locale": "en-gb"}),
                "help_center/sections": reply({"sections": [{"id": 3, "name": "Returns"}], "next_page": None}),
                "help_center/user_segments": reply({"user_segments": [{"id": 9, "user_type": "staff"}]}),
            }
        )

    def time(self, article):
        from datetime import datetime

        return int(datetime.fromisoformat(article["updated_at"]).timestamp())

    def incremental(self, request):
        start = int(query(request)["start_time"])
        found = sorted((a for a in self.articles if self.time(a) >= start), key=self.time)
        page = found[: self.page]
        more = "https://elsewhere.example.com/next" if len(found) > len(page) else None
        end = self.time(page[-1]) if page else None
        return reply({"articles": page, "end_time": end, "next_page": more, "count": len(page)})

    def listed(self, request):
        """By number in the order asked for; by cursor in any order, as Zendesk does."""
        asked = query(request)
        if "page[size]" in asked:
            start = int(asked.get("page[after]", "0"))
            page, after = self.german[start : start + self.page], start + self.page
            meta = {"has_more": len(self.german) > after, "after_cursor": str(after), "before_cursor": "b"}
            return reply({"articles": page, "meta": meta, "links": {"next": "https://elsewhere.example.com/"}})
        number = int(asked["page"])
        found = sorted(self.german, key=self.time, reverse=True)
        page = found[(number - 1) * self.page : number * self.page]
        return reply({"articles": page, "next_page": "x" if len(found) > number * self.page else None})

    def read(self, checkpoint=None, time=None):
        return run(collect(zendesk(self.sender, time or FakeTime()).articles(checkpoint)))


def ids(batches):
    return [(article.id, article.locale) for batch in batches for article in batch.items]


def gone(batches):
    return [id_ for batch in batches for id_ in batch.gone]


def test_that_every_article_is_read_in_every_language():
    center = HelpCenter([an_article(1), an_article(2, T0 + 5), an_article(3, T0 + 9)], [an_article(2, locale="de")])
    batches = center.read()
    assert sorted(set(ids(batches))) == [(1, "en-gb"), (2, "de"), (2, "en-gb"), (3, "en-gb")]
    assert [batch.done for batch in batches][-1] is True
    assert not any(batch.done for batch in batches[:-1])


def test_that_sections_and_restrictions_come_with_an_article():
    center = HelpCenter([an_article(1, section_id=3, user_segment_id=9, vote_sum=-2, label_names=["r"])])
    article = center.read()[0].items[0]
    assert (article.section, article.visibility, article.votes, article.labels) == (
        "Returns",
        Visibility.AGENTS,
        -2,
        ("r",),
    )


def test_that_a_second_run_reads_only_what_changed():
    center = HelpCenter([an_article(1), an_article(2, T0 + 5)], [an_article(2, locale="de")])
    checkpoint = center.read()[-1].checkpoint
    center.articles[0] = an_article(1, T0 + 60)
    batches = center.read(checkpoint)
    assert (1, "en-gb") in ids(batches)
    assert (2, "de") not in ids(batches)
    assert center.sender.queries("help_center/incremental/articles")[-1]["start_time"] != "0"


def test_that_a_draft_is_marked_and_gone():
    batches = HelpCenter([an_article(1), an_article(2, T0 + 5, draft=True)]).read()
    drafts = {article.id: article.draft for batch in batches for article in batch.items}
    assert drafts == {1: False, 2: True}
    assert gone(batches) == [2]


def test_that_a_draft_with_a_published_translation_is_not_gone():
    center = HelpCenter([an_article(1, draft=True)], [an_article(1, locale="de")])
    assert gone(center.read()) == []


def test_that_a_source_that_became_a_draft_keeps_its_published_translation():
    center = HelpCenter([an_article(1), an_article(2)], [an_article(2, locale="de")])
    checkpoint = center.read()[-1].checkpoint
    center.articles[1] = an_article(2, T0 + 60, draft=True)
    batches = center.read(checkpoint)
    assert gone(batches) == []
    drafts = {(a.locale, a.draft) for batch in batches for a in batch.items if a.id == 2}
    assert drafts == {("en-gb", True)}


def test_that_the_help_centers_own_budget_does_not_hide_the_one_of_tickets():
    center = HelpCenter([an_article(1)])
    answers = {"x_rate_limit": "700", "x_rate_limit_remaining": "9"}
    center.sender.answers["users/me"] = reply({"user": zendesk_user(3, "agent")}, 200, **answers)
    full = {"x_rate_limit": "700", "x_rate_limit_remaining": "699"}
    center.sender.answers["help_center/sections"] = reply({"sections": []}, 200, **full)
    client = zendesk(center.sender)

    async def scenario():
        await client.me()
        await collect(client.articles())

    run(scenario())
    assert client.quota is not None
    assert client.quota.remaining == 9


def test_that_an_article_that_became_a_draft_is_gone_in_the_next_run():
    center = HelpCenter([an_article(1), an_article(2)])
    checkpoint = center.read()[-1].checkpoint
    center.articles[1] = an_article(2, T0 + 60, draft=True)
    assert gone(center.read(checkpoint)) == [2]


def test_that_a_deleted_article_is_found_within_a_day_without_sending_the_others_again():
    center, time = HelpCenter([an_article(1), an_article(2, T0 + 5), an_article(3, T0 + 9)]), FakeTime()
    checkpoint = center.read(time=time)[-1].checkpoint
    del center.articles[0]
    same_day = center.read(checkpoint, time)
    assert gone(same_day) == []
    time.at += timedelta(hours=25)
    next_day = center.read(same_day[-1].checkpoint, time)
    assert gone(next_day) == [1]
    assert ids(next_day) == []


def test_that_a_sync_that_stopped_anywhere_resumes_there_and_misses_nothing():
    whole = HelpCenter([an_article(n, T0 + n) for n in range(1, 8)], [an_article(n, locale="de") for n in (2, 3, 4)])
    batches = whole.read()
    for stop in range(1, len(batches)):
        rest = whole.read(batches[stop - 1].checkpoint)
        assert set(ids(batches[:stop])) | set(ids(rest)) == set(ids(batches))
        assert rest[-1].done


@pytest.mark.promise("N3")
def test_that_a_401_in_the_middle_stops_the_sync_and_the_last_checkpoint_resumes_it():
    center = HelpCenter([an_article(n, T0 + n) for n in range(1, 8)])
    answers = itertools.chain([True, True], itertools.repeat(False))
    center.sender.answers["help_center/incremental/articles"] = lambda request: (
        center.incremental(request) if next(answers) else reply("", 401)
    )
    kept = []

    async def sync():
        await keep(kept, zendesk(center.sender).articles())

    with pytest.raises(SignInNeeded):
        run(sync())
    asked = len(center.sender.requests)
    assert len(kept) == 2
    center.sender.answers["help_center/incremental/articles"] = center.incremental
    rest = center.read(kept[-1].checkpoint)
    assert {id_ for id_, _ in ids(kept) + ids(rest)} == set(range(1, 8))
    assert asked == 6


@pytest.mark.promise("N3")
def test_that_after_a_401_nothing_is_sent_until_the_credentials_were_checked():
    sender = ScriptedSender({"macros/active": reply("", 401), "users/me": reply({"user": zendesk_user(3, "agent")})})
    client = zendesk(sender)

    async def scenario():
        for _ in range(3):
            with pytest.raises(SignInNeeded):
                await collect(client.macros())
        before = len(sender.requests)
        await client.me()
        sender.answers["macros/active"] = reply({"macros": []})
        await collect(client.macros())
        return before, len(sender.requests)

    assert run(scenario()) == (1, 3)


@pytest.mark.parametrize("checkpoint", ["", "garbage", "[1]", '{"v":0}', '{"v":1,"start":"x","known":7}'])
def test_that_a_checkpoint_nobody_understands_means_reading_all(checkpoint):
    center = HelpCenter([an_article(1), an_article(2, T0 + 5)])
    assert set(ids(center.read(checkpoint))) == {(1, "en-gb"), (2, "en-gb")}


def a_macro(id_, value="Hi", **more):
    return {
        "id": id_,
        "title": f"M{id_}",
        "active": True,
        "actions": [{"field": "comment_value", "value": value}],
        **more,
    }


def test_that_macros_are_read_over_pages_without_following_the_link():
    pages = {"1": ([a_macro(1), a_macro(2, None)], "https://elsewhere.example.com/x?page=9"), "2": ([a_macro(3)], None)}
    sender = ScriptedSender(
        {
            "macros/active": lambda request: reply(
                dict(zip(("macros", "next_page"), pages[query(request)["page"]], strict=True))
            )
        }
    )
    batches = run(collect(zendesk(sender).macros()))
    assert [[macro.id for macro in batch.items] for batch in batches] == [[1], [3]]
    assert [request.url.split("/api")[0] for request in sender.requests] == ["https://acme.zendesk.com"] * 2


def test_that_a_macro_that_went_or_lost_its_reply_is_gone():
    sender = ScriptedSender({"macros/active": reply({"macros": [a_macro(1), a_macro(2), a_macro(3)]})})
    checkpoint = run(collect(zendesk(sender).macros()))[-1].checkpoint
    sender.answers["macros/active"] = reply({"macros": [a_macro(1), a_macro(2, "")]})
    assert run(collect(zendesk(sender).macros(checkpoint)))[-1].gone == (2, 3)


class Search:
    """Answers as Zendesk's search: newest change first, at most 1,000 results however far one pages."""

    def __init__(self, count, *, same_second=False):
        from datetime import datetime

        self.datetime = datetime
        step = timedelta(0) if same_second else timedelta(minutes=1)
        self.tickets = [
            zendesk_ticket(n, status="closed", updated_at=stamp(NOW - step * n), requester_id=20)
            for n in range(1, count + 1)
        ]
        comments = zendesk_comments(
            [zendesk_comment(3, 30), zendesk_comment(2, 30, public=False), zendesk_comment(1, 20)],
            users=[zendesk_user(20), zendesk_user(30, "agent")],
        )
        self.sender = ScriptedSender({f"tickets/{n}/comments": comments for n in range(1, count + 1)})
        self.sender.answers["search"] = self.answer

    def answer(self, request):
        asked = query(request)
        page, size = int(asked["page"]), int(asked["per_page"])
        if page * size > 1_000:
            return reply({"error": "invalid"}, 422)
        found = list(self.tickets)
        for word in asked["query"].split():
            for field, holds in (("updated<=", lambda t, v: t <= v), ("solved>=", lambda t, v: t >= v)):
                if word.startswith(field):
                    limit = self.datetime.fromisoformat(word.removeprefix(field))
                    found = [t for t in found if holds(self.datetime.fromisoformat(t["updated_at"]), limit)]
        part = found[(page - 1) * size : page * size]
        return reply({"results": part, "next_page": "x" if len(found) > page * size else None, "count": len(found)})

    def read(self, checkpoint=None, limit=2_000):
        return run(collect(zendesk(self.sender).solved_tickets(checkpoint, limit=limit)))


def numbers(batches):
    return [item.ticket.ref.id for batch in batches for item in batch.items]


def test_that_solved_tickets_come_newest_first_past_the_thousand_of_the_search():
    search = Search(1_200)
    found = numbers(search.read())
    assert found == list(range(1, 1_201))
    assert max(int(asked["page"]) for asked in search.sender.queries("search")) == 1


def test_that_tickets_changed_in_the_same_second_are_all_read_once():
    assert sorted(numbers(Search(95, same_second=True).read())) == list(range(1, 96))


def test_that_only_public_messages_of_a_solved_ticket_are_kept():
    solved = Search(1).read()[0].items[0]
    assert [message.id for message in solved.messages] == [1, 3]


def test_that_solved_tickets_stop_at_the_limit_also_over_a_restart():
    search = Search(200)
    first = search.read(limit=70)
    assert numbers(first) == list(range(1, 71))
    assert first[-1].done
    resumed = search.read(first[0].checkpoint, limit=70)
    assert numbers(first[:1] + resumed) == list(range(1, 71))


def test_that_a_finished_walk_goes_on_with_what_was_solved_since():
    search = Search(40)
    checkpoint = search.read()[-1].checkpoint
    search.tickets.insert(0, zendesk_ticket(41, status="solved", updated_at=stamp(NOW + timedelta(hours=1))))
    search.sender.answers["tickets/41/comments"] = zendesk_comments([])
    found = numbers(search.read(checkpoint))
    assert found[0] == 41
    assert len(found) < 15


def test_that_a_ticket_which_was_deleted_meanwhile_is_skipped():
    search = Search(5)
    search.sender.answers["tickets/3/comments"] = reply("", 404)
    assert numbers(search.read()) == [1, 2, 4, 5]


def test_that_a_sync_slows_down_before_the_accounts_budget_is_used_up():
    search, time = Search(30), FakeTime()
    comments = search.sender.answers["tickets/1/comments"]
    for n in range(1, 31):
        low = reply(comments.json(), 200, x_rate_limit="200", x_rate_limit_remaining="20")  # type: ignore[union-attr]  # recorded, so it is there
        search.sender.answers[f"tickets/{n}/comments"] = low
    run(collect(zendesk(search.sender, time).solved_tickets()))
    assert max(time.slept) == pytest.approx(8.0)
