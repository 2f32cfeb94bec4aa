"""Traps of Zendesk's API that belong nowhere else; tests/contract/traps-zendesk.md lists all of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.zendesk import naming, raw, wire
from tests.helpers.helpdesk import (
    NOW,
    ZENDESK,
    ScriptedSender,
    collect,
    query,
    reply,
    run,
    zendesk,
    zendesk_comment,
    zendesk_comments,
    zendesk_ticket,
    zendesk_user,
)


def an_account(comments=(), **answers):
    script = {
        "tickets/7": reply({"ticket": zendesk_ticket(7)}),
        "tickets/7/comments": zendesk_comments(comments, users=[zendesk_user(20)]),
        "users/20/tickets/requested": reply({"tickets": []}),
    }
    return ScriptedSender({**script, **{name.replace("__", "/"): answer for name, answer in answers.items()}})


def test_that_authors_who_did_not_come_along_are_asked_for_together_and_at_most_a_hundred():
    strangers = [zendesk_comment(n, 1_000 + n, at=NOW - timedelta(minutes=n)) for n in range(150)]
    known = {"users": [zendesk_user(1_000 + n, "agent") for n in range(100)]}
    sender = an_account(strangers, users__show_many=reply(known))
    opened = run(zendesk(sender).open_ticket(7))
    [asked] = sender.queries("users/show_many")
    assert len(asked["ids"].split(",")) == 100
    assert sum(message.author.name.startswith("Person") for message in opened.messages) == 100
    assert not any(path.startswith("users/1") for path in sender.paths)


def test_that_the_search_is_never_paged_by_cursor_nor_beyond_its_thousand():
    asked = [query(wire.solved_request(ZENDESK, wire.Wanted(), page=page)) for page in (1, 2)]
    assert not any(key.startswith("page[") for one in asked for key in one)
    assert [one["page"] for one in asked] == ["1", "2"]
    assert int(asked[0]["per_page"]) <= 100


@pytest.mark.promise("S4")
def test_that_an_attachment_is_its_name_and_its_address_is_never_kept_or_asked():
    stored = "https://files.elsewhere.example.com/token/secret/?name=a.jpg"
    attachments = [{"id": 1, "file_name": "a.jpg", "content_url": stored, "thumbnails": [{"content_url": stored}]}]
    sender = an_account([zendesk_comment(1, attachments=attachments)])
    opened = run(zendesk(sender).open_ticket(7))
    assert opened.messages[0].attachments == ("a.jpg",)
    assert "elsewhere" not in repr(opened) + opened.messages[0].html
    assert all(request.url.startswith("https://acme.zendesk.com/") for request in sender.requests)


def test_that_a_description_and_the_first_comment_are_the_same_message_once():
    opened = run(zendesk(an_account([zendesk_comment(1, plain_body="It broke.")])).open_ticket(7))
    assert [message.text for message in opened.messages] == ["It broke."]


def test_that_lists_of_the_help_center_are_asked_for_by_the_hundred_and_not_by_thirty():
    asked = [
        query(request)["per_page"]
        for request in (
            wire.articles_request(ZENDESK, 0),
            wire.locale_articles_request(ZENDESK, "de", 1),
            naming.sections_request(ZENDESK, 1),
        )
    ]
    assert asked == ["100"] * 3
    assert query(wire.all_locale_articles_request(ZENDESK, "de", ""))["page[size]"] == "100"


def test_that_a_page_of_the_help_center_without_a_next_link_leads_on_by_its_cursor_alone():
    meta = {"has_more": True, "after_cursor": "c2"}
    page = wire.read_articles(reply({"articles": [], "meta": meta, "links": {"first": "x", "last": "y"}}))
    last = wire.read_articles(reply({"articles": [], "meta": {"has_more": False, "after_cursor": "c2"}}))
    assert ((page.more, page.cursor), (last.more, last.cursor)) == ((True, "c2"), (False, ""))


def test_that_the_export_for_admins_is_never_asked_for():
    sender = an_account(search=reply({"results": [], "next_page": None}))
    run(collect(zendesk(sender).solved_tickets()))
    assert sender.paths == ["search"]


def test_that_keys_which_the_documentation_does_not_list_change_nothing():
    plain, odd = zendesk_ticket(7), zendesk_ticket(7, encoded_id="K2QX9P", support_type="agent", quantum={"spin": 1})
    assert raw.ticket(plain) == raw.ticket(odd)


def test_that_usage_stands_in_the_macro_itself_and_may_be_missing():
    page = wire.read_macros(reply({"macros": [{"id": 1, "usage_7d": 4}, {"id": 2}]}))
    assert [macro.usage for macro in page.macros] == [4, None]


def test_that_the_history_comes_from_a_list_and_no_ticket_of_it_is_read_by_id():
    history = reply({"tickets": [zendesk_ticket(5), zendesk_ticket(6)]})
    sender = an_account(users__20__tickets__requested=history)
    run(zendesk(sender).open_ticket(7))
    assert not {"tickets/5", "tickets/6"} & set(sender.paths)
    assert sender.queries("users/20/tickets/requested")[0]["sort_by"] == "created_at"
