from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from assist.acts import Act, ActKind, Preview
from assist.domain import Author, EventKind, Role, SourceKind
from assist.errors import StoreError
from assist.ingest import past_replies
from assist.ports import SyncScope
from assist.store.forgetting import Forgetting, Holdings, KnownCustomer
from tests.helpers.builders import (
    ACME,
    NOON,
    a_customer,
    a_decision,
    a_message,
    a_ref,
    a_reply,
    a_shown,
    a_solved_ticket,
    a_source,
    a_ticket,
    an_author,
    an_open_ticket,
    an_outcome,
)
from tests.helpers.store import append, plain_bytes_of, plan, run

INES = KnownCustomer(ACME, 900, "Inês Caldeira", "ines.caldeira@example.com")
LONG_AGO = NOON - timedelta(days=400)
INES_WRITES = an_author(Role.CUSTOMER)
OLGA = an_author(Role.CUSTOMER, id=901, name="Olga Novak")
CANARIES = (
    b"quittenbrot",
    b"Z\xc3\xa4hlwerk",
    b"ines.caldeira@example.com",
    b"Caldeira",
    b"paraquedas",
    b"wiedergutmachen",
)
"""Words of Inês' tickets: in a solved ticket, its reply, an opened ticket, the log, a note."""


@pytest.fixture
def forgetting(store):
    return Forgetting(store.writer, store.reader)


def solved(number: int, question: str, answer: str, *, by: Author = INES_WRITES, **ticket):
    last = question.rsplit(maxsplit=1)[-1]
    return a_solved_ticket(
        ticket=a_ticket(number, **{"subject": f"About {last}", "requester_id": by.id, **ticket}),
        messages=(a_message(question, author=by), a_reply(answer, id=number * 10 + 1)),
    )


def put(store, *tickets):
    return run(store.knowledge.put_solved([(ticket, past_replies(ticket)) for ticket in tickets]))


def lived_in(store) -> None:
    """Two customers: everything that Kibitz keeps of them in a day's work."""
    mine = solved(8, "My tent is quittenbrot", "Please send the tent to us, the Zählwerk too, and we mend it for free.")
    hers = solved(
        9, "Where is my blauregen", "Your parcel left us on Monday and will be there within three days.", by=OLGA
    )
    added = put(store, mine, hers).added
    run(store.vectors.put("hash", SourceKind.PAST_REPLY, list(added), np.eye(2, 8, dtype=np.float32)))
    run(store.tickets.put(an_open_ticket(messages=(a_message("My paraquedas, says ines.caldeira@example.com"),))))
    olga = a_customer(id=901, name="Olga Novak", email="olga@example.org")
    hers_open = an_open_ticket(
        10, ticket=a_ticket(10, requester_id=901), messages=(a_message("Hello", author=OLGA),), customer=olga
    )
    run(store.tickets.put(hers_open))
    append(
        store,
        a_shown("s1", ref=a_ref(7), text="Hi Inês Caldeira, we will wiedergutmachen."),
        a_decision(
            EventKind.EDITED, suggestion_id="s1", ref=a_ref(7), text="We will wiedergutmachen it.", edit_distance=4
        ),
        an_outcome(suggestion_id="s1", ref=a_ref(7), sent_text="We will wiedergutmachen it, Inês.", edit_distance=4),
        a_shown(
            "s2",
            ref=a_ref(10),
            text="Hi Olga, send the Zählwerk.",
            source=a_source("reply:8:81", title="Maya on “quittenbrot”"),
        ),
        a_decision(suggestion_id="s2", ref=a_ref(10), text="Hi Olga, send the Zählwerk."),
        a_shown("s3", ref=a_ref(10), text="Hi Olga Novak, your parcel is on its way.", source=a_source("macro:3")),
    )


@pytest.mark.promise("D7")
def test_that_no_byte_of_a_deleted_customer_is_left_in_any_page_of_the_store(store, path, forgetting):
    lived_in(store)
    before = plain_bytes_of(path)
    assert [canary for canary in CANARIES if canary not in before] == []

    forgotten = run(forgetting.forget_customer(INES))
    assert run(forgetting.wipe())

    after = plain_bytes_of(path)
    assert [canary for canary in CANARIES if canary.lower() in after.lower()] == []
    assert b"CREATE TABLE events" in after
    assert forgotten.holdings == Holdings(solved=1, replies=1, opened=1, log_texts=5)


@pytest.mark.promise("D7")
def test_that_no_copy_is_left_where_pages_were_split_and_filled_anew(store, path, forgetting):
    chance = random.Random(3)
    for step in range(12):
        tickets = []
        for number in chance.sample(range(1, 400), 30):
            by = INES_WRITES if number % 5 == 0 else OLGA
            said = ("quittenbrot " if by is INES_WRITES else "nothing at all ") * chance.choice((1, 3, 20, 90, 400))
            tickets.append(solved(number, said, f"Thank you, we have noted that {step} times by now.", by=by))
        put(store, *tickets)
    assert b"quittenbrot" in plain_bytes_of(path)

    run(forgetting.forget_customer(INES))
    run(forgetting.wipe())

    assert plain_bytes_of(path).count(b"quittenbrot") == 0


@pytest.mark.promise("D7")
def test_that_other_customers_keep_their_texts_and_their_names(store, path, forgetting):
    lived_in(store)
    run(forgetting.forget_customer(INES))
    run(forgetting.wipe())

    assert store.documents.counts(ACME).solved_tickets == 1
    assert store.search.search(SourceKind.PAST_REPLY, "blauregen", ACME, limit=5) != ()
    assert store.search.search(SourceKind.PAST_REPLY, "quittenbrot", ACME, limit=5) == ()
    assert [one.ticket.ref.id for one in store.tickets.recent(ACME)] == [10]
    assert [shown.text for shown in store.log.shown_on(a_ref(10))] == ["", "Hi Olga Novak, your parcel is on its way."]
    assert b"Olga Novak" in plain_bytes_of(path)
    assert store.vectors.count("hash", SourceKind.PAST_REPLY) == 1


@pytest.mark.promise("D7")
def test_that_the_log_loses_words_and_keeps_every_row_and_figure(store, forgetting):
    lived_in(store)
    before = list(store.log.iterate())

    run(forgetting.forget_customer(INES))

    def wordless(one):
        event = one.event
        for name in ("text", "sent_text", "reason"):
            event = replace(event, **{name: ""}) if hasattr(event, name) else event
        source = getattr(event, "source", None)
        return replace(one, event=event if source is None else replace(event, source=replace(source, title="", url="")))

    after = list(store.log.iterate())
    assert [wordless(one) for one in after] == [wordless(one) for one in before]
    assert [one.event.text for one in after if one.event.suggestion_id == "s3"] == [
        "Hi Olga Novak, your parcel is on its way."
    ]


@pytest.mark.promise("D7")
def test_that_a_sync_does_not_bring_a_deleted_customer_back(store, forgetting):
    lived_in(store)
    run(forgetting.forget_customer(INES))

    put(store, solved(8, "My tent is quittenbrot", "Please send the tent to us and we will mend it for free."))
    run(store.tickets.put(an_open_ticket()))

    assert store.documents.counts(ACME).solved_tickets == 1
    assert store.tickets.get(a_ref(7), now=NOON) is None


@pytest.mark.promise("D7")
def test_that_tickets_where_the_customer_only_wrote_or_is_quoted_go_too(store, forgetting):
    answer = "Thank you both, we will look into the matter of the club today."
    address = "Please ask Ines.Caldeira@Example.com"
    joined = solved(20, "A question of a club", answer, by=OLGA)
    joined = replace(joined, messages=(*joined.messages, a_message("Me too", id=5)))
    quoted = solved(21, address, answer, by=OLGA)
    namesake = solved(22, "Is 900 the price", answer, by=OLGA)
    put(store, joined, quoted, namesake)

    run(forgetting.forget_customer(INES))

    assert [one.ticket.ref.id for one in store.documents.solved_tickets()] == [22]


@pytest.mark.promise("D7")
def test_that_whoever_has_a_longer_address_keeps_what_is_theirs(store, forgetting):
    answer = "Thank you both, we will look into the matter of the club today."
    short = KnownCustomer(ACME, 950, "A. Meier", "a.meier@example.com")
    longer = ("anna.meier@example.com", "a.a.meier@example.com", "x+a.meier@example.com", "a.meier@example.community")
    put(store, *(solved(30 + n, f"Please write to {one}", answer, by=OLGA) for n, one in enumerate(longer)))
    put(store, solved(40, "Please write to\n<A.Meier@example.com>.", answer, by=OLGA))
    append(
        store,
        a_shown("s1", ref=a_ref(10), text="Anna.Meier@example.com has it"),
        a_shown("s2", ref=a_ref(11), text="Write to:\na.meier@example.com"),
    )

    assert run(forgetting.forget_customer(short)).holdings == Holdings(solved=1, replies=1, log_texts=1)

    assert sorted(one.ticket.ref.id for one in store.documents.solved_tickets()) == [30, 31, 32, 33]
    assert [shown.text for shown in store.log.shown_on(a_ref(10))] == ["Anna.Meier@example.com has it"]
    assert [shown.text for shown in store.log.shown_on(a_ref(11))] == [""]


@pytest.mark.promise("D7")
def test_that_a_part_of_an_address_is_never_taken_for_a_customers_own(store, forgetting):
    put(store, solved(30, "Please write to olga@club.example.com", "Thank you, we shall do that today.", by=OLGA))

    assert forgetting.find(ACME, "@club.example.com") == ()
    (known,) = forgetting.find(ACME, "olga@club.example.com")
    assert (known.email, known.only_wrote_it) == ("olga@club.example.com", True)
    (named,) = forgetting.find(ACME, OLGA.name)
    assert (named.id, named.only_wrote_it) == (known.id, False)


@pytest.mark.promise("D7")
def test_that_an_address_goes_from_fields_and_copies_of_other_peoples_tickets(store, path, forgetting):
    address = INES.email
    olga = a_customer(id=901, name="Olga Novak", email="olga@example.org")
    ticket = a_ticket(10, requester_id=901, fields={"Contact": address})
    run(store.tickets.put(an_open_ticket(10, ticket=ticket, messages=(), customer=olga)))
    act = Act(uuid.uuid4().hex, a_ref(11), ActKind.REPLY, text="Hello")
    run(store.acts.plan(Preview(act, (), public=True, recipients=("Olga", f"Inês <{address}>")), NOON))

    assert run(forgetting.forget_customer(INES)).holdings == Holdings(opened=1, acts=1)
    run(forgetting.wipe())

    assert plain_bytes_of(path).count(address.encode()) == 0


@pytest.mark.promise("D7")
def test_that_a_log_is_cleared_of_a_ticket_that_left_the_cache_long_ago(store, forgetting):
    run(store.tickets.put(an_open_ticket()))
    append(store, a_shown("s1", ref=a_ref(7), text="Hi Inês"))
    run(store.tickets.forget(a_ref(7)))

    assert run(forgetting.forget_customer(replace(INES, email=""))).holdings.log_texts == 1
    assert [shown.text for shown in store.log.shown_on(a_ref(7))] == [""]


@pytest.mark.promise("D7")
def test_that_what_is_deleted_is_what_was_counted_before(store, forgetting):
    lived_in(store)

    assert forgetting.holdings(INES) == run(forgetting.forget_customer(INES)).holdings
    assert not forgetting.holdings(INES)


@pytest.mark.parametrize("who", ["900", "inês", "CALDEIRA", "ines.caldeira@example.com", " Ines.Caldeira@example.com "])
def test_that_a_customer_is_found_by_id_name_or_address(store, forgetting, who):
    lived_in(store)

    assert forgetting.find(ACME, who)[0].id == 900


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("ines caldeira", "Inês Caldeira"),
        ("INES", "Ine\u0302s Caldeira"),
        ("Inês", "Ines Caldeira"),
        ("zielinski", "Tomasz Zieliński"),
        ("Ozgur Yildiz", "Özgür Yıldız"),
        ('the "fox"', 'Zoë the "Fox"'),
    ],
)
def test_that_accents_do_not_hide_a_customer(store, forgetting, who, name):
    by = an_author(Role.CUSTOMER, id=902, name=name)
    put(store, solved(8, "My tent is quittenbrot", "Please send the tent to us and we will mend it for free.", by=by))
    run(store.tickets.put(an_open_ticket(messages=(), customer=a_customer(id=903, name=name))))

    assert [(one.id, one.name) for one in forgetting.find(ACME, who)] == [(902, name), (903, name)]


@pytest.mark.parametrize("who", ["", "  ", "90", "Maya Okafor", "%", "_", "9" * 400, "\u0302"])
def test_that_nobody_is_found_by_less_than_that(store, forgetting, who):
    lived_in(store)

    assert forgetting.find(ACME, who) == ()


@pytest.mark.promise("D7")
def test_that_the_end_of_retention_takes_old_texts_of_all_kinds(store, path, forgetting):
    put(
        store,
        solved(
            8,
            "My tent is quittenbrot",
            "Please send the Zählwerk to us and we will mend it for free.",
            updated_at=LONG_AGO,
        ),
        solved(9, "Where is my blauregen", "Your parcel left us on Monday and will be there within three days."),
    )
    run(store.tickets.put(an_open_ticket(messages=(a_message("paraquedas"),), fetched_at=LONG_AGO)))
    append(store, a_shown("s1", text="wiedergutmachen", at=LONG_AGO), a_shown("s2", text="Hello", at=NOON))

    forgotten = run(forgetting.forget_older(NOON - timedelta(days=365)))
    run(forgetting.wipe())

    assert forgotten.holdings == Holdings(solved=1, replies=1, opened=1, log_texts=1)
    after = plain_bytes_of(path).lower()
    assert [canary for canary in CANARIES if canary.lower() in after and canary != b"Caldeira"] == []
    assert b"blauregen" in after
    assert {ACME} == set(forgotten.changes)


@pytest.mark.promise("U4")
def test_that_a_narrower_scope_takes_what_is_outside_of_it_at_once(store, forgetting):
    words = "Please send the tent to us and we will mend it for free."
    put(
        store,
        solved(1, "My tent", words, group_id=5, brand_id=1),
        solved(2, "My tent", words, group_id=6, brand_id=1),
        solved(3, "My tent", words, group_id=5, brand_id=2),
        solved(4, "My tent", words),
        solved(5, "My tent", words, group_id=5, brand_id=1, updated_at=LONG_AGO),
    )
    scope = SyncScope(brands=frozenset({1}), groups=frozenset({5}))

    run(forgetting.forget_outside(ACME, scope, since=NOON - timedelta(days=30)))

    assert [one.ticket.ref.id for one in store.documents.solved_tickets()] == [1]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM events",
        "UPDATE events SET payload = json_replace(payload, '$.confidence', 1)",
        "UPDATE events SET payload = json_replace(payload, '$.text', 'never said')",
        "UPDATE events SET at = '2020-01-01T00:00:00.000000+00:00'",
        "UPDATE events SET source_key = 'macro:1'",
        "INSERT OR REPLACE INTO events SELECT * FROM events",
    ],
)
def test_that_even_a_retention_run_may_only_take_words_from_the_log(store, sql):
    append(store, a_shown("s1"), a_decision(suggestion_id="s1"))
    before = list(store.log.iterate())

    def attempt(connection):
        connection.execute("INSERT INTO retention_run VALUES ('now')")
        connection.execute(sql)

    with pytest.raises(StoreError):
        store.writer.submit(attempt).result(timeout=10)

    assert list(store.log.iterate()) == before
    assert store.reader.one("SELECT COUNT(*) FROM retention_run") == (0,)


@pytest.mark.promise("D7")
def test_that_what_happens_later_on_a_deleted_customers_ticket_is_logged_without_words(store, forgetting):
    lived_in(store)
    run(forgetting.forget_customer(INES))
    run(store.tickets.put(an_open_ticket(12)))

    append(store, an_outcome(ref=a_ref(7), message_id=99, sent_text="Dear Inês"), a_shown("s9", ref=a_ref(12)))
    append(store, a_decision(EventKind.DISMISSED, suggestion_id="s9", ref=a_ref(12), reason="Not for Inês"))

    later = [one.event for one in store.log.iterate()][-3:]
    assert [getattr(one, "text", getattr(one, "sent_text", None)) for one in later] == ["", "", ""]
    assert later[1].source.title == later[2].reason == ""


def test_that_what_is_too_old_is_found_without_reading_a_ticket(store):
    of_account = plan(store, "SELECT id FROM solved_tickets WHERE account = 'a' AND (updated_at < '2020')")
    of_all = plan(store, "SELECT account, id FROM solved_tickets WHERE updated_at < '2020'")

    by_time = "solved_tickets USING COVERING INDEX solved_tickets_by_time"
    assert of_account == [f"SEARCH {by_time} (account=? AND updated_at<?)"]
    assert of_all == [f"SCAN {by_time}"]
