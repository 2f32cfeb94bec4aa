"""Days on which something breaks: the network, the credentials, the machine. Each test has an app of its own."""

from __future__ import annotations

import time

import pytest

from assist.domain import EventKind, HelpdeskKind, SentAs
from assist.store.database import open_database, problems
from tests.helpers.demo_data import freshdesk_client, zendesk_client
from tests.helpers.e2e import Desk, Kibitz, desk, soon

pytestmark = [pytest.mark.x11, pytest.mark.browser, pytest.mark.keyring_daemon, pytest.mark.slow]

A, B = "o-invoice-george", "o-double-charge-hannah"
WATCH_S = 5.0
"""How long requests are counted: five times the pace at which the demo helpdesk is asked."""


@pytest.mark.promise("N4")
def test_that_offline_a_ticket_seen_before_is_helped_and_another_comes_when_the_network_is_back(rested: Kibitz):
    with rested.running(), desk(rested) as at:
        known = {reply.text for reply in at.open(A)}
        at.world.faults.set({"offline": True})
        at.page.reload()
        at.page.wait_for_selector("#composer")
        if rested.kind is HelpdeskKind.FRESHDESK:
            assert rested.say("open", at.page.url) == 0
        assert at.use_first() in known
        [used] = at.log.decisions(at.ref(A), EventKind.USED)
        assert used.text in known

        at.page.goto(at.address(B))
        assert rested.say("open", at.page.url) == 0
        asked = len(at.asked())
        soon(lambda: len(at.asked()) > asked)
        at.station.set_clipboard("nothing yet")
        rested.take_keyboard()
        at.station.press("1")
        assert at.log.shown(at.ref(B)) == []

        at.world.faults.reset()
        replies = soon(lambda: at.log.replies(at.ref(B)))
        assert at.station.clipboard() == "nothing yet"
        assert at.use_first() in {reply.text for reply in replies}


@pytest.mark.promise("D1")
@pytest.mark.promise("I6")
@pytest.mark.parametrize("kind", [HelpdeskKind.FRESHDESK], indirect=True, ids=str, scope="module")
def test_that_a_kill_between_use_and_sending_costs_neither_the_log_nor_the_outcome(rested: Kibitz):
    with rested.running(), desk(rested) as at:
        at.open(A)
        at.use_first()
        [used] = soon(lambda: at.log.decisions(at.ref(A), EventKind.USED))
        before = [(row.seq, row.uuid) for row in at.log.rows()]
        at.paste()  # before the end: on X11 the clipboard ends with whoever filled it
        rested.close_log()
        rested.kill()
        sent = at.send()

        rested.start()
        [outcome] = soon(lambda: at.log.outcomes(at.ref(A)))
        assert (outcome.sent_as, outcome.suggestion_id) == (SentAs.AS_IS, used.suggestion_id)
        assert outcome.sent_text.split() == sent.split()
        after = [(row.seq, row.uuid) for row in at.log.rows()]
        assert after[: len(before)] == before
        assert len(at.log.decisions(at.ref(A), EventKind.USED)) == 1
        connection = open_database(rested.home / "data" / "kibitz.db", rested.key(), read_only=True)
        try:
            assert problems(connection) == []
        finally:
            connection.close()
        assert at.open(B)


@pytest.mark.promise("N3")
@pytest.mark.parametrize("kind", [HelpdeskKind.ZENDESK], indirect=True, ids=str, scope="module")
def test_that_a_refused_sign_in_stops_all_requests(rested: Kibitz):
    with rested.running(), desk(rested) as at:
        at.open(A)
        at.world.faults.set({"status": 401})
        refused = len(at.asked())
        soon(lambda: len(at.asked()) > refused)
        quiet_since(at)
        at.page.goto(at.address(B))
        at.page.wait_for_selector("#composer")
        before = len(at.asked())
        time.sleep(WATCH_S)  # a measurement: how much is asked in this time
        assert len(at.asked()) == before
        assert len(at.asked()) - refused < 15
        assert {seen.status for seen in at.asked()[refused:]} == {401}
        assert at.log.shown(at.ref(B)) == []


def quiet_since(at: Desk) -> None:
    """Wait until nothing has been asked for twice as long as the pace of the demo."""
    last = [len(at.asked()), time.monotonic()]

    def is_quiet() -> bool:
        if len(at.asked()) != last[0]:
            last[:] = [len(at.asked()), time.monotonic()]
        return time.monotonic() - last[1] > 2.0

    soon(is_quiet)


def served(at: Desk, key: str) -> str:
    """Return a ticket's conversation as the API gives it to Kibitz."""
    number, server = at.number(key), at.kibitz.server
    if at.kibitz.kind is HelpdeskKind.ZENDESK:
        with zendesk_client(server) as client:
            return client.get(f"/tickets/{number}/comments").text
    with freshdesk_client(server) as client:
        return client.get(f"/tickets/{number}?include=conversations").text


@pytest.mark.promise("U1")
def test_that_nothing_in_a_hostile_ticket_opens_a_connection(rested: Kibitz, trap):
    at_ticket = "o-injection-zoe"
    with rested.running(), desk(rested) as at:
        trap.bait(at.ticket(at_ticket))
        assert trap.address in served(at, at_ticket)
        replies = at.open(at_ticket)
        at.use_first()
        at.paste()
        at.send()
        soon(lambda: at.log.outcomes(at.ref(at_ticket)))
        assert rested.strangers() == []
        assert all(trap.address not in reply.text for reply in replies)
    assert trap.visits == []
