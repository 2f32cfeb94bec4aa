"""Reading Freshdesk's collections: pages, resuming, what went, what is a draft."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from assist.domain import Role, Visibility
from assist.errors import NotAllowed, SignInNeeded
from assist.ports import EVERYTHING
from tests.helpers.helpdesk import (
    NOW,
    FakeTime,
    ScriptedSender,
    collect,
    freshdesk,
    freshdesk_entry,
    freshdesk_ticket,
    keep,
    paged,
    query,
    reply,
    run,
    stamp,
)


def an_article(id_, *, day=1, status=2, **more):
    return {
        "id": id_,
        "title": f"A{id_}",
        "description": "<p>x</p>",
        "status": status,
        "type": 1,
        "tags": None,
        "thumbs_up": 3,
        "thumbs_down": 1,
        "updated_at": f"2026-11-{day:02}T00:00:00Z",
        **more,
    }


class Solutions:
    """Two folders and one inside the first; German translations of the first folder."""

    def __init__(self):
        self.first = {"id": 11, "name": "Returns", "visibility": 1, "sub_folders_count": 1}
        self.folder = {11: [an_article(1), an_article(2)], 12: [an_article(3)], 13: [an_article(4)]}
        self.german = [an_article(1, title="A1 de")]
        self.sender = ScriptedSender(
            {
                "settings/helpdesk": reply({"primary_language": "en", "supported_languages": ["de"]}),
                "solutions/categories": reply([{"id": 5, "name": "General"}]),
                "solutions/categories/5/folders": self.folders,
                "solutions/folders/11/subfolders": reply([{"id": 13, "name": "Deep", "visibility": None}]),
                "solutions/folders/11/articles/de": lambda request: paged(self.german)(request),  # noqa: PLW0108 - the list may be replaced
            }
        )
        for id_ in self.folder:
            self.sender.answers[f"solutions/folders/{id_}/articles"] = self.listed(id_)

    def folders(self, request):
        return paged([self.first, {"id": 12, "name": "Team", "visibility": 3}])(request)

    def listed(self, id_):
        return lambda request: paged(self.folder[id_])(request)  # noqa: PLW0108 - the list may be replaced

    def read(self, checkpoint=None, *, after=timedelta(), scope=EVERYTHING):
        client = freshdesk(self.sender, FakeTime(NOW + after))
        client.scope = scope
        return run(collect(client.articles(checkpoint)))


def ids(batches):
    return [(article.id, article.locale) for batch in batches for article in batch.items]


def gone(batches):
    return [id_ for batch in batches for id_ in batch.gone]


def test_that_all_folders_also_inside_of_folders_are_read_in_all_languages():
    batches = Solutions().read()
    assert ids(batches) == [(1, "en"), (2, "en"), (1, "de"), (3, "en"), (4, "en")]
    assert batches[-1].done
    assert not any(batch.done for batch in batches[:-1])


@pytest.mark.parametrize(
    ("number", "visibility"),
    [
        (1, Visibility.EVERYONE),
        (2, Visibility.SIGNED_IN),
        (3, Visibility.AGENTS),
        (4, Visibility.RESTRICTED),
        (5, Visibility.RESTRICTED),
        (6, Visibility.RESTRICTED),
        (7, Visibility.RESTRICTED),
        (8, Visibility.RESTRICTED),
        (None, Visibility.RESTRICTED),
        ("x", Visibility.RESTRICTED),
    ],
)
def test_that_a_folders_visibility_is_its_articles(number, visibility):
    solutions = Solutions()
    solutions.first["visibility"] = number
    article = solutions.read()[0].items[0]
    assert (article.visibility, article.section, article.votes) == (visibility, "Returns", 2)


def test_that_drafts_are_marked_and_gone():
    solutions = Solutions()
    solutions.folder[12] = [an_article(3, status=1)]
    batches = solutions.read()
    assert {a.id: a.draft for batch in batches for a in batch.items} == {1: False, 2: False, 3: True, 4: False}
    assert gone(batches) == [3]


def test_that_a_second_run_gives_what_changed_and_what_went():
    solutions = Solutions()
    solutions.folder[12] = [an_article(3, day=5)]
    checkpoint = solutions.read()[-1].checkpoint
    solutions.folder[11] = [an_article(1, day=9)]
    batches = solutions.read(checkpoint)
    assert ids(batches) == [(1, "en"), (3, "en")]
    assert gone(batches) == [2]


def test_that_a_folder_closed_to_customers_sends_its_unchanged_articles_again():
    solutions = Solutions()
    solutions.folder[12] = [an_article(3, day=5)]
    checkpoint = solutions.read()[-1].checkpoint
    solutions.first["visibility"] = 3
    articles = [a for batch in solutions.read(checkpoint) for a in batch.items]
    assert [(a.id, a.visibility) for a in articles[:2]] == [(1, Visibility.AGENTS), (2, Visibility.AGENTS)]


def test_that_a_sync_that_stopped_anywhere_resumes_there_and_misses_nothing():
    solutions = Solutions()
    batches = solutions.read()
    for stop in range(1, len(batches)):
        rest = solutions.read(batches[stop - 1].checkpoint)
        assert ids(batches[:stop]) + ids(rest) == ids(batches)
        assert gone(rest) == []


def test_that_the_language_comes_from_the_hierarchy_where_the_settings_are_closed():
    solutions = Solutions()
    solutions.sender.answers["settings/helpdesk"] = reply({"code": "access_denied"}, 403)
    place = [{"level": 0, "type": "category", "data": {"id": 5, "name": "General", "language": "en"}}]
    solutions.folder = {11: [an_article(1, hierarchy=place)], 12: [], 13: []}
    assert ids(solutions.read()) == [(1, "en")]


def test_that_a_help_center_without_folders_ends_at_once():
    sender = ScriptedSender({"solutions/categories": reply([])})
    batches = run(collect(freshdesk(sender).articles()))
    assert [(batch.items, batch.done) for batch in batches] == [((), True)]


def responses(*titles):
    return [
        {
            "id": n,
            "title": title,
            "content": title,
            "content_html": f"<div>Hi {{{{ticket.requester.name}}}},</div><div>{title}</div>",
        }
        for n, title in enumerate(titles, 1)
    ]


def test_that_canned_responses_are_for_admins_only():
    sender = ScriptedSender({"canned_response_folders": reply({"code": "access_denied", "message": "no"}, 403)})
    with pytest.raises(NotAllowed):
        run(collect(freshdesk(sender).macros()))


def test_that_canned_responses_keep_their_lines_and_placeholders():
    sender = ScriptedSender(
        {
            "canned_response_folders": reply([{"id": 1, "name": "Personal", "personal": True}]),
            "canned_response_folders/1/responses": reply(responses("Sorry")),
        }
    )
    macro = run(collect(freshdesk(sender).macros()))[0].items[0]
    assert (macro.title, macro.body) == ("Sorry", "Hi {{ticket.requester.name}},\nSorry")


def test_that_a_canned_response_that_went_is_gone_and_an_interrupted_read_resumes():
    sender = ScriptedSender(
        {
            "canned_response_folders": reply([{"id": 2}, {"id": 1}]),
            "canned_response_folders/1/responses": reply(responses("a", "b")),
            "canned_response_folders/2/responses": reply([{"id": 9, "title": "c", "content": "c"}]),
        }
    )
    batches = run(collect(freshdesk(sender).macros()))
    assert [[m.id for m in batch.items] for batch in batches] == [[1, 2], [9]]
    resumed = run(collect(freshdesk(sender).macros(batches[0].checkpoint)))
    assert [[m.id for m in batch.items] for batch in resumed] == [[9]]
    sender.answers["canned_response_folders/1/responses"] = reply(responses("a"))
    assert run(collect(freshdesk(sender).macros(resumed[-1].checkpoint)))[-1].gone == (2,)


class Tickets:
    """A list of tickets by last change; every third one is still open."""

    def __init__(self, count):
        requester = {"id": 20, "name": "Ada"}
        self.tickets = [
            freshdesk_ticket(
                n, status=2 if n % 3 == 0 else 4, updated_at=stamp(NOW - timedelta(hours=n)), requester=requester
            )
            for n in range(1, count + 1)
        ]
        entries = [freshdesk_entry(1), freshdesk_entry(2, private=True)]
        self.sender = ScriptedSender({f"tickets/{n}/conversations": reply(entries) for n in range(1, 500)})
        self.sender.answers["tickets"] = self.listed

    def listed(self, request):
        since = datetime.fromisoformat(query(request)["updated_since"])
        found = [t for t in self.tickets if datetime.fromisoformat(t["updated_at"]) >= since]
        return paged(found)(request)

    def read(self, checkpoint=None, limit=2_000):
        return run(collect(freshdesk(self.sender).solved_tickets(checkpoint, limit=limit)))


def numbers(batches):
    return [item.ticket.ref.id for batch in batches for item in batch.items]


def test_that_resolved_and_closed_tickets_come_newest_first_with_public_messages():
    tickets = Tickets(70)
    batches = tickets.read()
    assert numbers(batches) == [n for n in range(1, 71) if n % 3]
    messages = batches[0].items[0].messages
    assert [(m.id, m.author.role) for m in messages] == [(0, Role.CUSTOMER), (1, Role.AGENT)]
    assert tickets.sender.queries("tickets")[0]["order_type"] == "desc"


def test_that_a_walk_stops_at_its_limit_and_resumes_in_the_middle():
    tickets = Tickets(90)
    batches = tickets.read(limit=30)
    assert (len(numbers(batches)), batches[-1].done) == (30, True)
    resumed = tickets.read(batches[0].checkpoint, limit=30)
    assert numbers(batches[:1]) + numbers(resumed) == numbers(batches)


def test_that_a_finished_walk_goes_on_with_what_changed_since():
    tickets = Tickets(40)
    checkpoint = tickets.read()[-1].checkpoint
    tickets.tickets.insert(0, freshdesk_ticket(41, status=5, updated_at=stamp(NOW)))
    assert numbers(tickets.read(checkpoint)) == [41]


@pytest.mark.promise("N3")
def test_that_a_401_in_the_middle_stops_and_the_checkpoint_before_it_resumes():
    tickets, kept = Tickets(70), []
    good = tickets.sender.answers["tickets/50/conversations"]
    tickets.sender.answers["tickets/50/conversations"] = reply("", 401)

    async def sync():
        await keep(kept, freshdesk(tickets.sender).solved_tickets())

    with pytest.raises(SignInNeeded):
        run(sync())
    assert len(kept) == 1
    tickets.sender.answers["tickets/50/conversations"] = good
    assert numbers(kept) + numbers(tickets.read(kept[-1].checkpoint)) == [n for n in range(1, 71) if n % 3]
