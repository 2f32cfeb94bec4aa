import logging
from datetime import timedelta

import pytest

from assist.store.cache import put_ticket
from tests.helpers.builders import ACME, NOON, a_message, a_ref, an_open_ticket
from tests.helpers.store import opened, run


def test_that_a_ticket_comes_back_whole_with_its_age(store):
    ticket = an_open_ticket(messages=(a_message("Где моя палатка? 🏕"), a_message("", html="<p>x</p>", id=71)))

    run(store.tickets.put(ticket))
    cached = store.tickets.get(a_ref(), now=NOON + timedelta(minutes=5))

    assert cached is not None
    assert cached.open_ticket == ticket
    assert cached.age == timedelta(minutes=5)


def test_that_a_ticket_of_another_account_is_not_found(store):
    run(store.tickets.put(an_open_ticket()))

    assert store.tickets.get(a_ref(account="freshdesk:acme"), now=NOON) is None


def test_that_an_older_read_does_not_replace_a_newer_one(store):
    run(store.tickets.put(an_open_ticket(truncated=True)))
    run(store.tickets.put(an_open_ticket(fetched_at=NOON - timedelta(seconds=1))))

    cached = store.tickets.get(a_ref(), now=NOON)

    assert cached is not None
    assert cached.open_ticket.truncated


def test_that_an_age_is_never_negative(store):
    run(store.tickets.put(an_open_ticket()))

    cached = store.tickets.get(a_ref(), now=NOON - timedelta(hours=1))

    assert cached is not None
    assert cached.age == timedelta(0)


@pytest.mark.logs("a cached ticket has an unknown format")
def test_that_an_unreadable_ticket_counts_as_not_kept(store, caplog):
    run(store.tickets.put(an_open_ticket()))
    store.writer.submit(lambda c: c.execute("UPDATE tickets_cache SET content = 'secret words'").fetchall()).result(10)

    with caplog.at_level(logging.WARNING):
        assert store.tickets.get(a_ref(), now=NOON) is None

    assert "secret" not in caplog.text
    assert store.tickets.recent(ACME) == []


def test_that_only_the_newest_tickets_of_an_account_are_kept(store):
    def fill(connection):
        for n in range(6):
            put_ticket(connection, an_open_ticket(n, fetched_at=NOON + timedelta(seconds=n)), kept=3)
        put_ticket(connection, an_open_ticket(1, account="freshdesk:acme"), kept=3)

    store.writer.submit(fill).result(timeout=10)

    assert [t.ticket.ref.id for t in store.tickets.recent(ACME)] == [5, 4, 3]
    assert store.tickets.get(a_ref(1, "freshdesk:acme"), now=NOON) is not None


def test_that_a_forgotten_ticket_is_gone_after_a_restart(path):
    with opened(path) as store:
        run(store.tickets.put(an_open_ticket()))
        run(store.tickets.forget(a_ref()))
    with opened(path) as store:
        assert store.tickets.get(a_ref(), now=NOON) is None
