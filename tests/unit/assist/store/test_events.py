from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assist.domain import EventKind, SentAs
from assist.errors import StoreError
from assist.store.errors import Refused
from assist.store.events import EventFilter
from assist.store.store import Store
from tests.helpers.builders import NOON, a_decision, a_ref, a_shown, a_source, an_outcome
from tests.helpers.store import append, plan, run

DISMISSED, UNDISMISSED, USED = EventKind.DISMISSED, EventKind.UNDISMISSED, EventKind.USED


def kinds(store: Store, wanted: EventFilter | None = None) -> list[str]:
    return [logged.kind.value for logged in store.log.iterate(wanted)]


def raw(store: Store, sql: str) -> None:
    store.writer.submit(lambda connection: connection.execute(sql).fetchall()).result(timeout=10)


def test_that_events_are_read_back_as_they_were_written(store):
    events = (
        a_shown(text="Grüße 😀", features={"bm25": 3.5, "dense": -0.25}),
        a_decision(EventKind.EDITED, text="Grüße!", edit_distance=2, reason=""),
        an_outcome(sent_as=SentAs.EDITED, edit_distance=3, similarity=0.75),
        an_outcome(message_id=99, suggestion_id=None, edit_distance=None, sent_as=SentAs.SOMETHING_ELSE),
    )

    appended = run(store.log.append(*events))

    assert all(a.is_new for a in appended)
    assert tuple(logged.event for logged in store.log.iterate()) == events
    assert [logged.seq for logged in store.log.iterate()] == [1, 2, 3, 4]
    assert len({logged.uuid for logged in store.log.iterate()}) == 4


@pytest.mark.promise("D2")
def test_that_a_suggestion_is_shown_once_however_often_it_is_painted(store):
    (first,) = append(store, a_shown(rank=1))
    (again,) = append(store, a_shown(rank=2, at=NOON + timedelta(minutes=1)))

    assert (first.is_new, again.is_new) == (True, False)
    assert again.logged == first.logged
    assert kinds(store) == ["shown"]


@pytest.mark.promise("D2")
def test_that_an_outcome_is_logged_once_for_each_message(store):
    append(store, an_outcome())
    (again,) = append(store, an_outcome(similarity=0.1))
    append(store, an_outcome(message_id=72), an_outcome(ref=a_ref(8)))

    assert not again.is_new
    assert again.logged is not None
    assert again.logged.event == an_outcome()
    assert kinds(store) == ["outcome"] * 3


@pytest.mark.promise("D2")
def test_that_a_decision_that_is_taken_back_can_be_taken_again(store):
    append(store, a_shown())
    steps = [append(store, a_decision(kind))[0] for kind in (DISMISSED, UNDISMISSED, UNDISMISSED, USED, DISMISSED)]

    assert [step.is_new for step in steps] == [True, True, False, True, False]
    assert steps[2].logged is None
    assert steps[4].logged is not None
    assert steps[4].logged.kind is USED
    standing = store.log.standing(a_shown().suggestion_id)
    assert standing is not None
    assert standing.kind is USED


@pytest.mark.promise("D2")
def test_that_only_a_dismissal_can_be_taken_back(store):
    append(store, a_shown(), a_decision(USED))
    (undone,) = append(store, a_decision(UNDISMISSED))

    assert not undone.is_new
    assert kinds(store) == ["shown", "used"]


def test_that_a_decision_about_something_never_shown_is_refused_with_all_that_came_with_it(store):
    with pytest.raises(Refused, match="never shown"):
        append(store, a_shown("s1"), a_decision(USED, "s2"))

    assert kinds(store) == []


@pytest.mark.parametrize("kind", [EventKind.SHOWN, EventKind.OUTCOME])
def test_that_a_decision_cannot_pass_for_another_kind_of_event(store, kind):
    with pytest.raises(Refused, match="cannot be"):
        append(store, a_shown(), a_decision(kind))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET payload = '{}'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events",
        "UPDATE OR REPLACE events SET seq = seq + 1",
    ],
)
def test_that_no_statement_changes_or_removes_what_was_logged(store, sql):
    append(store, a_shown("s1"), a_shown("s2"))
    before = list(store.log.iterate())

    with pytest.raises(StoreError):
        raw(store, sql)

    assert list(store.log.iterate()) == before


@pytest.mark.promise("D2")
def test_that_the_database_itself_refuses_a_second_final(store):
    append(store, a_shown(), a_decision(USED))

    raw(
        store,
        "INSERT INTO events (uuid, at, kind, suggestion_id, account, ticket_id, payload)"
        " SELECT 'other', at, 'expired', suggestion_id, account, ticket_id, payload FROM events WHERE kind = 'used'",
    )

    assert kinds(store) == ["shown", "used"]


@pytest.mark.promise("R3")
def test_that_what_was_dismissed_on_a_ticket_is_known_by_its_source(store):
    append(
        store,
        a_shown("s1", source=a_source("macro:1")),
        a_shown("s2", source=a_source("macro:2")),
        a_shown("s3", source=a_source("reply:3:4")),
        a_shown("s4", source=a_source("macro:4"), ref=a_ref(8)),
        *(a_decision(DISMISSED, s) for s in ("s1", "s2")),
        a_decision(USED, "s3"),
        a_decision(DISMISSED, "s4", ref=a_ref(8)),
        a_decision(UNDISMISSED, "s2"),
    )

    assert store.log.dismissed_sources(a_ref()) == {"macro:1"}
    assert store.log.dismissed_sources(a_ref(8)) == {"macro:4"}
    assert store.log.dismissed_sources(a_ref(9)) == frozenset()


def test_that_open_suggestions_are_those_without_a_standing_decision(store):
    append(
        store,
        *(a_shown(f"s{n}") for n in range(1, 5)),
        a_shown("other", ref=a_ref(8)),
        a_decision(USED, "s1"),
        a_decision(DISMISSED, "s2"),
        a_decision(DISMISSED, "s3"),
        a_decision(UNDISMISSED, "s3"),
    )

    assert [e.suggestion_id for e in store.log.open_suggestions(a_ref())] == ["s3", "s4"]
    assert [e.suggestion_id for e in store.log.open_suggestions()] == ["s3", "s4", "other"]


def test_that_the_last_set_shown_is_in_the_order_of_the_screen(store):
    later = NOON + timedelta(minutes=3)
    append(
        store,
        a_shown("old"),
        a_shown("second", rank=2, at=later),
        a_shown("article", list_name="articles", at=later),
        a_shown("first", at=later),
    )

    assert [e.suggestion_id for e in store.log.last_shown(a_ref())] == ["article", "first", "second"]
    assert [e.suggestion_id for e in store.log.shown_on(a_ref(), before=later)] == ["old"]
    assert store.log.last_shown(a_ref(99)) == ()


def test_that_outcomes_are_read_for_one_ticket(store):
    append(store, an_outcome(), an_outcome(message_id=80), an_outcome(ref=a_ref(8)))

    assert [outcome.message_id for outcome in store.log.outcomes(a_ref())] == [71, 80]


def test_that_all_rows_about_a_suggestion_are_found(store):
    append(
        store, a_shown("s1"), a_shown("s2"), a_decision(DISMISSED, "s1"), an_outcome(), a_decision(UNDISMISSED, "s1")
    )

    found = store.log.about([a_shown("s1").suggestion_id])

    assert [logged.kind.value for logged in found] == ["shown", "dismissed", "outcome", "undismissed"]


def test_that_filters_narrow_by_time_ticket_account_and_kind(store):
    day = timedelta(days=1)
    append(
        store,
        a_shown("s1"),
        a_shown("s2", at=NOON + day),
        a_shown("s3", at=NOON + 2 * day, ref=a_ref(8)),
        a_shown("s4", ref=a_ref(7, "freshdesk:acme")),
        a_decision(USED, "s1", at=NOON + day),
    )

    def ids(**fields):
        return [logged.event.suggestion_id for logged in store.log.iterate(EventFilter(**fields))]

    assert ids(since=NOON + day, until=NOON + 2 * day) == ["s2", "s1"]
    assert ids(ref=a_ref(7)) == ["s1", "s2", "s1"]
    assert ids(account="freshdesk:acme") == ["s4"]
    assert ids(kinds=frozenset({USED})) == ["s1"]


def test_that_pages_join_to_the_whole_log_in_both_directions(store):
    append(store, *(a_shown(f"s{n}") for n in range(7)))

    back, before = [], None
    while page := store.log.page_back(EventFilter(), before_seq=before, limit=3):
        back += [logged.seq for logged in page]
        before = page[-1].seq

    assert back == [7, 6, 5, 4, 3, 2, 1]
    assert [logged.seq for logged in store.log.page(EventFilter(), after_seq=2, limit=3)] == [3, 4, 5]


def test_that_days_are_counted_in_the_zone_that_is_asked_for(store):
    append(
        store,
        a_shown("s1", at=datetime(2026, 10, 24, 21, 59, tzinfo=UTC)),
        a_shown("s2", at=datetime(2026, 10, 24, 22, 0, tzinfo=UTC)),
        a_shown("s3", at=datetime(2026, 10, 25, 22, 59, tzinfo=UTC)),
        a_shown("s4", at=datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
    )

    berlin = store.log.counts_by_day(ZoneInfo("Europe/Berlin"))

    assert berlin == {
        (date(2026, 10, 24), EventKind.SHOWN): 1,
        (date(2026, 10, 25), EventKind.SHOWN): 2,
        (date(2026, 10, 26), EventKind.SHOWN): 1,
    }
    assert store.log.counts_by_day(UTC) == {
        (date(2026, 10, 24), EventKind.SHOWN): 2,
        (date(2026, 10, 25), EventKind.SHOWN): 2,
    }


def test_that_events_of_one_batch_are_counted_one_by_one(store):
    for batch in range(3):
        append(store, *(a_shown(f"s{batch}-{n}") for n in range(10)))

    assert store.log.counts_by_day(UTC) == {(NOON.date(), EventKind.SHOWN): 30}


def test_that_what_stands_is_found_by_its_suggestion_without_reading_the_whole_log(store):
    of_one = plan(store, "SELECT * FROM standing WHERE suggestion_id = 's'")
    of_ticket = plan(
        store,
        "SELECT shown.source_key FROM events AS shown JOIN standing ON standing.suggestion_id = shown.suggestion_id"
        " AND standing.kind = 'dismissed' WHERE shown.account = 'a' AND shown.ticket_id = 7 AND shown.kind = 'shown'",
    )

    assert [step for step in (*of_one, *of_ticket) if step.startswith("SCAN")] == []
    assert "SEARCH final USING INDEX events_decisions (suggestion_id=?)" in of_one


def test_that_the_outcome_of_a_suggestion_is_found_without_reading_all_outcomes(store):
    query = "SELECT payload FROM events WHERE suggestion_id IN ('s1', 's2') AND kind = 'outcome'"

    assert plan(store, query) == ["SEARCH events USING INDEX events_outcomes_of_suggestion (suggestion_id=?)"]


def test_that_tickets_wait_from_the_first_suggestion_that_no_outcome_has_followed(store):
    def at(minutes: int) -> datetime:
        return NOON + timedelta(minutes=minutes)

    append(store, a_shown("old", ref=a_ref(1), at=at(-60)), a_shown("a", ref=a_ref(2), at=at(1)))
    append(store, an_outcome(ref=a_ref(2), message_id=5, at=at(2)), a_shown("b", ref=a_ref(2), at=at(3)))
    append(store, a_shown("c", ref=a_ref(2), at=at(4)), a_shown("d", ref=a_ref(3), at=at(5)))
    append(store, an_outcome(ref=a_ref(3), message_id=6, at=at(6)), a_shown("e", ref=a_ref(4), at=at(7)))

    assert store.log.waiting_since(NOON, limit=9) == ((a_ref(4), at(7)), (a_ref(2), at(3)))
    assert store.log.waiting_since(NOON, limit=1) == ((a_ref(4), at(7)),)
    assert store.log.count_shown() == 6
