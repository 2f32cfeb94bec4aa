"""Replies of Zendesk that are valid but for something odd anywhere: read or refused politely, and no entry is lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.errors import HelpdeskError
from integrations.http import Response
from integrations.reading import whole
from integrations.zendesk import acting_wire, details, mapping, naming, parts, raw, scoping, wire
from integrations.zendesk.names import NO_NAMES, Names
from tests.helpers.helpdesk import (
    NOW,
    ZENDESK,
    ScriptedSender,
    collect,
    run,
    zendesk,
    zendesk_comment,
    zendesk_ticket,
    zendesk_user,
)

BROKEN_HTML = ["<div><p>unclosed <b>bold", "</div>text", "<!-- <script>", "<p>&#xD800;&#0;</p>", "<table><tr>" * 40]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([2**46, 2**63 - 1, 2**63, 2**70, -1, 0, 0.5, float("nan"), float("inf")]),
    st.text(st.characters(categories=["Cs", "Lo", "So", "Cc", "Nd"]), max_size=6),
    st.sampled_from([*BROKEN_HTML, "a word of next year", "2026-13-45T99:99:99Z", "0000-00-00", "9" * 30]),
    st.sampled_from([[], {}, [[]], [None], {"": None}, {"\ud800": {"x": [1]}}]).map(copy.deepcopy),
    st.integers(20, 200).map(lambda depth: json.loads("[" * depth + "]" * depth)),
)

METRICS = {"ticket_id": 7, "reopens": 1, "replies": 2, "reply_time_in_minutes": {"calendar": 5, "business": 5}}
TARGET = {"metric": "first_reply_time", "stage": "active", "breach_at": "2026-11-23T09:00:00Z"}
TICKET = zendesk_ticket(
    7,
    brand_id=3,
    group_id=50,
    custom_status_id=9,
    custom_fields=[{"id": 1, "value": "TT-1"}, {"id": 2, "value": ["a"]}],
    slas={"policy_metrics": [TARGET]},
    metric_set=METRICS,
    satisfaction_rating={"score": "good", "comment": "x"},
    tags=["closed_by_merge"],
    from_messaging_channel=True,
)
COMMENT = zendesk_comment(1, attachments=[{"file_name": "a.jpg"}], type="VoiceComment")
ARTICLE = {
    "id": 1,
    "title": "t",
    "body": "<p>x</p>",
    "locale": "de",
    "updated_at": "2026-11-01T00:00:00Z",
    "section_id": 3,
    "user_segment_ids": [1],
    "label_names": ["x"],
}
MACRO = {
    "id": 1,
    "title": "T",
    "active": True,
    "actions": [{"field": "comment_value", "value": ["channel:all", "Hi"]}, {"field": "current_tags", "value": "a"}],
}
ANSWER = {"type": "rating_scale", "rating_category": "good", "updated_at": "2026-11-01T00:00:00Z"}
SURVEY = {"subject_zrns": ["zen:ticket:7"], "subjects": [{"zrn": "zen:ticket:7"}], "answers": [ANSWER]}
FIELD = {"id": 1, "type": "tagger", "title": "F", "custom_field_options": [{"name": "A", "value": "a"}]}
BRAND = {"id": 3, "name": "Acme", "brand_url": "https://acme.zendesk.com", "subdomain": "acme"}
AUDIT = {"ticket_id": 7, "events": [{"type": "Comment", "body": "merged into request #12"}]}
PREVIEW = {**TICKET, "comment": {"body": "x", "html_body": "<p>x</p>", "public": True, "scoped_body": [["a", "b"]]}}


def others(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """An entry between two that stay as they are."""
    return [{**entry, "id": 2**46}, entry, {**entry, "id": 2**46 + 1}]


LISTS: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "tickets": (wire.read_tickets, "tickets", TICKET),
    "results": (wire.read_tickets, "results", {**TICKET, "result_type": "ticket"}),
    "comments": (wire.read_comments, "comments", COMMENT),
    "articles": (wire.read_articles, "articles", ARTICLE),
    "macros": (wire.read_macros, "macros", MACRO),
    "users": (wire.read_users, "users", zendesk_user(1)),
    "groups": (naming.read_groups, "groups", {"id": 1, "name": "g"}),
    "brands": (naming.read_brands, "brands", BRAND),
    "fields": (naming.read_fields, "ticket_fields", FIELD),
    "sections": (naming.read_sections, "sections", {"id": 1, "name": "s"}),
    "segments": (naming.read_segments, "user_segments", {"id": 1, "user_type": "staff"}),
    "statuses": (naming.read_statuses, "custom_statuses", {"id": 1, "agent_label": "x"}),
}
WHOLE: dict[str, tuple[Any, dict[str, Any]]] = {
    "ticket": (
        wire.read_ticket,
        {
            "ticket": TICKET,
            "users": [zendesk_user(20)],
            "organizations": [{"id": 4, "name": "o", "organization_fields": {"tier": "gold"}}],
            "groups": [{"id": 50, "name": "g"}],
            "metric_sets": [METRICS],
        },
    ),
    "standing": (wire.read_tickets, {"tickets": [TICKET], "last_audits": [AUDIT], "groups": [{"id": 1}]}),
    "me": (wire.read_me, {"user": zendesk_user(1, "agent")}),
    "surveys": (wire.read_surveys, {"survey_responses": [SURVEY, SURVEY]}),
    "locales": (naming.read_locales, {"locales": ["en-gb", "de"], "default_locale": "en-gb"}),
    "act ticket": (acting_wire.read_ticket, {"ticket": TICKET, "users": [zendesk_user(20)]}),
    "changed": (acting_wire.read_change, {"ticket": TICKET, "audit": {"events": [{"type": "Comment", "id": 1}]}}),
    "tags": (acting_wire.read_tags, {"tags": ["a"]}),
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, item in inside for found in places(item, (*path, key))]


def spoil(draw: Any, body: Any, within: tuple[Any, ...] = ()) -> Any:
    """Put odd values and unknown keys into up to three places below ``within``."""
    spoilt = copy.deepcopy(body)
    inside = [path for path in places(body) if path[: len(within)] == within]
    for path in draw(st.lists(st.sampled_from(inside), min_size=1, max_size=3)):
        try:
            target = spoilt
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = draw(ODD)
            target["a key nobody knows"] = draw(ODD)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return spoilt


def sent(body: Any) -> Response:
    return Response(200, {}, json.dumps(body).encode())


NAMES = Names(fields=naming.read_fields(sent({"ticket_fields": [FIELD]}))[0], brands=parts.brands([BRAND]))


def use(found: Any) -> None:
    """Make of a reader's result all that Kibitz makes of it."""
    match found:
        case wire.TicketReply():
            mapping.ticket_of(ZENDESK, found, NAMES, now=NOW)
            details.left_out(found.ticket, (), unreadable=0)
            use_each(found.users.values(), lambda user: mapping.customer(user, found.organizations))
        case acting_wire.ActTicket():
            acting_wire.rendered(acting_wire.read_macro(sent({"result": {"ticket": PREVIEW}}), found), found)
        case raw.RawUser():
            mapping.agent(found)
        case tuple():
            details.rating([one for one in found if isinstance(one, parts.RawSurvey)], 7)
        case _:
            use_list(found)


def use_list(found: Any) -> None:
    match found:
        case wire.TicketPage():
            use_each(found.tickets, lambda one: mapping.ticket(ZENDESK, one, users=found.users, names=NAMES))
            said = found.said_last
            use_each(found.tickets, lambda one: details.merged_into(one, said.get(one.id, ""), by_staff=True))
        case wire.CommentPage():
            mapping.messages(found.comments, found.users, 20)
        case wire.ArticlePage():
            use_each(found.articles, lambda one: mapping.article(ZENDESK, one, {}, {}))
        case wire.MacroPage():
            use_each(found.macros, lambda one: mapping.macro(ZENDESK, one))


def use_each(items: Iterable[Any], make: Callable[[Any], object]) -> None:
    for item in items:
        make(item)


def kept_ids(found: Any) -> list[int]:
    match found:
        case wire.TicketPage():
            return [one.id for one in found.tickets] + list(found.deleted)
        case wire.CommentPage():
            return [one.id for one in found.comments]
        case wire.ArticlePage():
            return [one.id for one in found.articles]
        case wire.MacroPage():
            return [one.id for one in found.macros]
        case (dict() as named, bool()):
            return list(named)
        case dict():
            return list(found)
    raise AssertionError(found)


@pytest.mark.promise("N2")
@pytest.mark.parametrize("what", LISTS)
@settings(max_examples=15)
@given(data=st.data())
def test_that_an_odd_entry_of_a_list_takes_no_other_with_it_and_is_kept_while_it_has_an_id(what, data):
    read, key, entry = LISTS[what]
    body = spoil(data.draw, {key: others(entry), "next_page": None}, (key, 1))
    found = read(sent(body))
    use(found)
    ids = [id_ for one in body[key] if isinstance(one, dict) and (id_ := whole(one.get("id"))) is not None]
    if what == "results":
        ids = [whole(one["id"]) for one in body[key] if isinstance(one, dict) and _is_shown(one)]
    if what in ("tickets", "results"):
        ids = [id_ for id_ in ids if id_ is not None and id_ > 0]
    assert set(kept_ids(found)) == set(ids)
    if hasattr(found, "left_out") and what != "results":
        assert found.left_out == len([one for one in body[key] if what != "tickets" or isinstance(one, dict)]) - len(
            ids
        )


def _is_shown(one: dict[str, Any]) -> bool:
    return one.get("result_type", "ticket") == "ticket" and whole(one.get("id")) is not None


@pytest.mark.promise("N2")
@pytest.mark.parametrize("what", WHOLE)
@settings(max_examples=15)
@given(data=st.data())
def test_that_whatever_is_odd_in_a_reply_is_read_or_refused_politely(what, data):
    read, body = WHOLE[what]
    try:
        found = read(sent(spoil(data.draw, body)))
    except HelpdeskError:
        return
    use(found)


@pytest.mark.promise("N2")
@settings(max_examples=15)
@given(data=st.data())
def test_that_an_odd_preview_of_a_macro_is_read_or_refused_politely(data):
    ticket = acting_wire.read_ticket(sent({"ticket": TICKET}))
    try:
        change = acting_wire.read_macro(sent(spoil(data.draw, {"result": {"ticket": PREVIEW}})), ticket)
    except HelpdeskError:
        return
    assert isinstance(acting_wire.rendered(change, ticket).text, str)


def an_account(answers: dict[str, Any]) -> ScriptedSender:
    return ScriptedSender({path: sent(body) for path, body in answers.items()})


OPENED = {
    "tickets/7": WHOLE["ticket"][1],
    "tickets/7/comments": {"comments": others(COMMENT), "users": [zendesk_user(20)], "meta": {"has_more": False}},
    "users/20/tickets/requested": {"tickets": [zendesk_ticket(6)]},
    "users/show_many": {"users": [zendesk_user(20)]},
    "custom_statuses": {"custom_statuses": [{"id": 9, "agent_label": "Parts"}]},
    "brands": {"brands": [BRAND]},
    "ticket_fields": {"ticket_fields": [FIELD]},
    "groups": {"groups": [{"id": 50, "name": "g"}]},
    "guide/survey_responses": {"survey_responses": [SURVEY]},
    "search": {"results": [zendesk_ticket(7, status="closed")], "next_page": None},
    "help_center/incremental/articles": {"articles": others(ARTICLE), "end_time": 1, "next_page": None},
    "help_center/locales": {"locales": ["en-gb"], "default_locale": "en-gb"},
    "help_center/sections": {"sections": [{"id": 3, "name": "s"}]},
    "help_center/user_segments": {"user_segments": [{"id": 1, "user_type": "staff"}]},
    "tickets/show_many": {"tickets": [TICKET], "users": [], "last_audits": [AUDIT]},
}


async def everything(sender: ScriptedSender) -> None:
    """Do all that reads with one client; each refusal must be an error that has a name."""
    client = zendesk(sender)
    for asking in (client.open_ticket, client.standing):
        with suppress(HelpdeskError):
            await asking(7)
    for reading in (client.places, lambda: collect(client.articles()), lambda: collect(client.solved_tickets())):
        with suppress(HelpdeskError):
            await reading()


@pytest.mark.promise("N2")
@settings(max_examples=20)
@given(data=st.data())
def test_that_an_account_that_answers_oddly_somewhere_raises_nothing_without_a_name(data):
    odd = data.draw(st.sampled_from(sorted(OPENED)))
    run(everything(an_account({**OPENED, odd: spoil(data.draw, OPENED[odd])})))


@pytest.mark.promise("N2")
def test_that_the_account_of_these_tests_is_read_whole_when_nothing_is_odd():
    async def read():
        client = zendesk(an_account(OPENED))
        articles = await collect(client.articles())
        return await client.open_ticket(7), await client.standing(7), sum(len(batch.items) for batch in articles)

    opened, standing, articles = run(read())
    assert (len(opened.messages), opened.ticket.brand, dict(opened.ticket.fields), articles) == (
        3,
        "Acme",
        {"F": "TT-1"},
        3,
    )
    assert (opened.ticket.status_name, standing.csat, scoping.key_of(zendesk(an_account({})).scope)) == (
        "Parts",
        "good",
        "",
    )
    assert mapping.ticket_of(ZENDESK, wire.read_ticket(sent(WHOLE["ticket"][1])), NO_NAMES).brand == ""
