"""Fields, promised times, ratings, merges and brands of Zendesk, trap by trap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.domain import Csat, SlaMetric, SlaTarget
from assist.ports import EVERYTHING, SyncScope
from integrations import checkpoint
from integrations.zendesk import details, mapping, naming, parts, raw, scoping, wire
from integrations.zendesk.names import Names
from tests.helpers.helpdesk import NOW, ZENDESK, reply, stamp, zendesk_ticket, zendesk_user


def a_ticket(**more):
    found = raw.ticket(zendesk_ticket(7, **more))
    assert found is not None
    return found


def definitions(*fields):
    return naming.read_fields(reply({"ticket_fields": list(fields)}))[0]


FIELDS = definitions(
    {"id": 1, "type": "text", "title": "Order number"},
    {"id": 2, "type": "tagger", "title": "Reason", "custom_field_options": [{"name": "A::Broken", "value": "r_b"}]},
    {"id": 3, "type": "multiselect", "title": "Colours", "custom_field_options": [{"name": "Moss", "value": "c_m"}]},
    {"id": 4, "type": "checkbox", "title": "Urgent case"},
    {"id": 5, "type": "partialcreditcard", "title": "Card"},
    {"id": 6, "type": "lookup", "title": "Asset"},
    {"id": 7, "type": "a type of next year", "title": "Secret?"},
    {"id": 8, "type": "text", "title": "Old", "active": False},
    {"id": 9, "type": "text", "title": "Order number"},
)


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        ({1: " TT-1 "}, {"Order number": "TT-1"}),
        ({2: "r_b"}, {"Reason": "A::Broken"}),
        ({2: "r_new"}, {"Reason": "r_new"}),
        ({3: ["c_m", "c_x"]}, {"Colours": "Moss, c_x"}),
        ({4: True}, {"Urgent case": "yes"}),
        ({4: False}, {}),
        ({1: "TT-1", 9: "TT-2"}, {"Order number": "TT-1; TT-2"}),
        ({5: "XXXXXXXXXXXX4242", 6: "46406156941841", 7: "hush", 8: "x", 99: "nobody knows"}, {}),
        ({1: {"odd": 1}, 2: [], 3: [None]}, {}),
    ],
)
def test_that_fields_are_shown_by_their_names_and_secrets_never(held, shown):
    assert details.shown_fields(held, FIELDS) == shown


def test_that_both_names_of_the_custom_fields_are_read_and_empty_ones_are_not_kept():
    pairs = [{"id": 1, "value": "x"}, {"id": 2, "value": None}, {"id": 3, "value": []}, {"id": None, "value": "y"}]
    assert a_ticket(custom_fields=pairs).fields == {1: "x"}
    assert a_ticket(custom_fields=None, fields=pairs).fields == {1: "x"}


def test_that_promised_times_are_the_open_ones_the_next_first():
    late, soon = NOW + timedelta(hours=5), NOW - timedelta(minutes=1)
    found = a_ticket(
        slas={
            "policy_metrics": [
                {"metric": "agent_work_time", "stage": "active", "breach_at": stamp(late), "hours": 5},
                {"metric": "requester_wait_time", "stage": "paused", "breach_at": None, "days": 1},
                {"metric": "next_reply_time", "stage": "active", "breach_at": stamp(soon)},
                {"metric": "first_reply_time", "stage": "achieved", "breach_at": stamp(soon)},
                {"metric": "a metric of next year", "stage": "active", "breach_at": "rubbish"},
            ]
        }
    )
    assert details.targets(found.targets, NOW) == (
        SlaTarget(SlaMetric.NEXT_RESPONSE, soon, breached=True),
        SlaTarget(SlaMetric.RESOLUTION, late),
        SlaTarget(SlaMetric.RESOLUTION, None),
        SlaTarget(SlaMetric.OTHER, None),
    )


@pytest.mark.parametrize("slas", [None, {}, [], {"policy_metrics": None}, {"policy_metrics": [None, 7]}])
def test_that_an_account_without_promises_has_none(slas):
    assert a_ticket(slas=slas).targets == ()


def test_that_numbers_stand_beside_the_ticket_or_in_it():
    numbers = {
        "ticket_id": 7,
        "reopens": 2,
        "replies": 3,
        "reply_time_in_minutes": {"calendar": 125, "business": 60},
        "full_resolution_time_in_minutes": {"calendar": None, "business": None},
        "requester_wait_time_in_minutes": {"calendar": 40, "business": 0},
    }
    beside = parts.metric_sets([numbers, None, {"ticket_id": None}])[7]
    inside = mapping.ticket(ZENDESK, a_ticket(metric_set=numbers))
    assert beside == parts.RawMetrics(2, 3, 125, None, 40)
    assert inside.reopens == 2
    assert inside.metrics is not None
    assert (inside.metrics.first_response_minutes, inside.metrics.resolution_minutes) == (125, None)


SAID = 'This request was closed and merged into request #12 "Tent pole #7".'
DEUTSCH = 'Diese Anfrage wurde geschlossen und mit der Anfrage #12 "Zeltstange" zusammengeführt.'


@pytest.mark.parametrize(
    ("ticket", "said", "by_staff", "target"),
    [
        ({"status": "closed", "tags": ["closed_by_merge"]}, SAID, True, 12),
        ({"status": "closed", "tags": ["closed_by_merge"]}, SAID, False, 12),
        ({"status": "closed", "tags": ["closed_by_merge"]}, DEUTSCH, True, 12),
        ({"status": "closed", "tags": ["closed_by_merge"]}, "See the other one.", True, None),
        ({"status": "closed", "tags": ["closed_by_merge"]}, "Merged into request #7", True, None),
        ({"status": "closed"}, SAID, True, 12),
        ({"status": "closed"}, SAID, False, None),
        ({"status": "closed"}, DEUTSCH, True, None),
        ({"status": "closed"}, "Request #12 was closed and merged into this request.", True, None),
        ({"status": "open", "tags": ["closed_by_merge"]}, SAID, True, None),
        ({"status": "closed", "tags": ["closed_by_merge"]}, "", True, None),
    ],
)
def test_that_a_merge_is_told_by_its_tag_and_its_comment_and_never_by_a_customers_words(ticket, said, by_staff, target):
    assert details.merged_into(a_ticket(**ticket), said, by_staff=by_staff) == target


def survey(ticket_id, category, at=NOW, said="", **more):
    answers = [{"type": "rating_scale", "rating": 5, "rating_category": category, "updated_at": stamp(at)}]
    answers += [{"type": "open_ended", "value": said, "updated_at": stamp(at)}] if said else [{"type": "skipped"}]
    return {"id": "01J1WB51MG", "subject_zrns": [f"zen:ticket:{ticket_id}"], "answers": answers, **more}


def test_that_the_newest_survey_counts_and_a_neutral_one_is_no_rating():
    old, new = survey(7, "bad", NOW - timedelta(days=1), "Slow"), survey(7, "good", NOW, "Better")
    found = wire.read_surveys(reply({"survey_responses": [new, old, survey(8, "neutral"), {"answers": []}, None]}))
    assert details.rating(found, 7) == (Csat.GOOD, "Better")
    assert details.rating(found, 8) == (None, "")
    assert details.rating(found, 9) == (None, "")


@pytest.mark.parametrize(
    "zrns",
    [
        {"subject_zrns": ["zen:ticket:7"]},
        {"subject_zrns": None, "subjects": [{"type": "ticket", "id": "7", "zrn": "zen:ticket:7"}]},
        {"subject_zrns": ["zen:conversation:4295a81b", "zen:ticket:7"], "subjects": []},
    ],
)
def test_that_a_survey_belongs_to_the_ticket_that_either_list_names(zrns):
    [found] = wire.read_surveys(reply({"survey_responses": [survey(7, "good", **zrns)]}))
    assert found.ticket_ids == (7,)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Hello", "Hello"),
        (["channel:all", "Hello"], "Hello"),
        ([["channel:all", "Hello"], ["channel:chat", "Hi"]], "Hello"),
        (["channel:all"], ""),
        ([[]], ""),
        ([], ""),
        (None, ""),
        ({"channel:all": "Hello"}, ""),
    ],
)
def test_that_a_text_for_channels_is_read_in_each_form(value, text):
    assert parts.channel_text(value) == text


@pytest.mark.promise("U5")
@pytest.mark.parametrize(("mode", "offered"), [("false", False), (False, False), ("true", True), (None, True)])
def test_that_a_macro_which_writes_a_note_is_no_reply_to_offer(mode, offered):
    actions = [{"field": "comment_value", "value": "Between us"}, {"field": "comment_mode_is_public", "value": mode}]
    found = raw.macro({"id": 1, "title": "t", "actions": actions})
    assert found is not None
    assert (mapping.macro(ZENDESK, found) is not None) is offered


def test_that_a_ticket_says_what_it_holds_and_is_not_read():
    call = raw.comment({"id": 1, "type": "VoiceComment", "body": "Call from +44"})
    side = a_ticket(from_messaging_channel=True, via={"channel": "side_conversation"})
    assert call is not None
    assert details.left_out(side, [call], unreadable=2) == (
        "messaging conversation",
        "side conversation",
        "call recordings",
        "2 unreadable messages",
    )
    assert details.left_out(a_ticket(), [], unreadable=0) == ()


def test_that_a_help_center_belongs_to_the_brand_at_its_address():
    brands = naming.read_brands(
        reply(
            {
                "brands": [
                    {"id": 1, "name": "Acme", "brand_url": "https://help.acme.com", "subdomain": "ACME"},
                    {"id": 2, "name": "Other", "brand_url": "https://other.zendesk.com", "subdomain": "other"},
                ]
            }
        )
    )[0]
    assert scoping.brand_of(ZENDESK, brands) == 1
    assert scoping.brand_of(replace(ZENDESK, base_url="https://other.zendesk.com"), brands) == 2
    assert scoping.brand_of(ZENDESK, {}) is None


def test_that_a_ticket_has_its_brands_groups_and_people_by_name():
    names = Names(brands={5: parts.RawBrand(5, "Acme", "", "acme")}, groups={6: "Care"})
    users = raw.users([zendesk_user(30, "agent")])
    ticket = mapping.ticket(ZENDESK, a_ticket(brand_id=5, group_id=6, assignee_id=30), users=users, names=names)
    assert (ticket.brand, ticket.group, ticket.assignee_name) == ("Acme", "Care", "Person 30")
    assert (ticket.brand_id, ticket.group_id) == (5, 6)


@pytest.mark.parametrize(
    ("now", "months", "start"),
    [
        (NOW, 0, None),
        (NOW, 1, "2026-10-22"),
        (NOW, 11, "2025-12-22"),
        (NOW, 24, "2024-11-22"),
        (NOW.replace(month=3, day=31), 1, "2026-02-28"),
    ],
)
def test_that_a_number_of_months_is_a_day_in_the_calendar(now, months, start):
    found = scoping.months_before(now, months)
    assert (found.date().isoformat() if found else None) == start


def test_that_a_scope_is_known_by_what_it_chooses():
    one = SyncScope(brands=frozenset({2, 1}), months=3)
    assert scoping.key_of(EVERYTHING, "brands", "groups", "months") == ""
    assert scoping.key_of(one, "brands", "months") == scoping.key_of(replace(one), "brands", "months")
    assert scoping.key_of(one, "brands", "folders") != scoping.key_of(one, "brands", "months")


@given(st.sets(st.integers(-(2**63) + 1, 2**63 - 1), max_size=200))
@settings(max_examples=40)
def test_that_a_checkpoint_gives_every_id_back_however_many(ids):
    assert checkpoint.ids(checkpoint.load(checkpoint.dump(known=ids)).get("known")) == ids


def test_that_a_checkpoint_of_a_large_help_center_is_small():
    ids = {46_406_156_941_841 + 31 * number for number in range(50_000)}
    assert len(checkpoint.dump(known=ids)) < 200_000


@pytest.mark.parametrize("text", ["", "rubbish", "eJxj", "A" * 99])
def test_that_a_damaged_list_of_ids_is_empty(text):
    assert checkpoint.ids(text) == set()
