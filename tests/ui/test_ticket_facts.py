"""What the panel says of a ticket beside its customer: promised times, fields, and what was not read."""

from __future__ import annotations

from datetime import timedelta

from assist.domain import SlaMetric, SlaTarget
from tests.helpers.builders import NOON, a_ticket, an_open_ticket
from tests.helpers.panel import ready, words_on


def words_of(panel, **fields):
    left_out = fields.pop("left_out", ())
    panel.show_state(ready(opened=an_open_ticket(ticket=a_ticket(**fields), left_out=left_out), now=NOON))
    panel.ready.customer_section.fold(folded=False)
    return words_on(panel.ready.customer)


def test_that_promised_times_are_said_as_what_is_left_or_overdue(panel):
    sla = (
        SlaTarget(SlaMetric.NEXT_RESPONSE, NOON - timedelta(minutes=65), breached=True),
        SlaTarget(SlaMetric.RESOLUTION, NOON + timedelta(days=2)),
        SlaTarget(SlaMetric.FIRST_RESPONSE, None),
    )
    said = words_of(panel, sla=sla)
    assert "Promised" in said
    assert "Next reply: overdue by 1 h 5 min · Solution: in 2 days · First reply: paused" in said


def test_that_what_was_not_read_is_named_and_fields_follow(panel):
    said = words_of(panel, left_out=("messaging conversation", "call recordings"), fields={"Order number": "TT-1"})
    assert "messaging conversation, call recordings" in said
    assert ("Order number" in said, "TT-1" in said) == (True, True)


def test_that_a_ticket_without_any_of_it_says_nothing_of_it(panel):
    said = words_of(panel)
    assert "Promised" not in said
    assert "Not read" not in said
