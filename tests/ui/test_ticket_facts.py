"""What the panel says of a ticket and its customer: promised times, fields, notes, other tickets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt

from assist.domain import SlaMetric, SlaTarget
from tests.helpers.builders import NOON, a_customer, a_ticket, an_open_ticket
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


def test_that_nested_options_and_tags_read_as_paths(panel):
    customer = a_customer(facts={"Segment": "Retail::Family", "Host": "2001:db8::1"}, tags=("vip", "area::north"))
    opened = an_open_ticket(ticket=a_ticket(fields={"Product": "Tents::Lathe::Lathe 2"}), customer=customer)
    panel.show_state(ready(opened=opened))
    panel.ready.customer_section.fold(folded=False)

    said = words_on(panel.ready.customer).split("\n")
    assert {"Retail › Family", "vip, area › north", "Tents › Lathe › Lathe 2", "2001:db8::1"} <= set(said)


def value_of(panel, value: str):
    panel.show_state(ready(opened=an_open_ticket(ticket=a_ticket(fields={"Address": value}))))
    panel.ready.customer_section.fold(folded=False)
    return next(shown for label, shown in panel.ready.customer._facts if label.text() == "Address")


def test_that_lines_of_a_field_stay_lines_and_what_is_cut_is_marked(panel):
    label = value_of(panel, "Flat 4,  Tanner's Row\n\nLeeds\r\nLS6 1HA")
    assert label._broken(300) == (["Flat 4, Tanner's Row", "Leeds", "LS6 1HA"], False)

    label = value_of(panel, "one\ntwo\nthree\nfour\nfive")
    assert label._broken(300) == (["one", "two", "three", "four …"], True)


def test_that_long_notes_are_folded_until_asked_for(panel, qtbot):
    customer = a_customer(notes="\n".join(f"Note {n}" for n in range(1, 31)))
    panel.show_state(ready(opened=an_open_ticket(customer=customer)))
    panel.ready.customer_section.fold(folded=False)
    notes = panel.ready.customer.notes
    qtbot.waitUntil(notes.more.isVisible)
    folded_px = notes.text.height()
    assert folded_px < notes.text.fontMetrics().lineSpacing() * 5

    qtbot.mouseClick(notes.more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: notes.text.height() > folded_px * 6)
    assert notes.more.text() == "Show less"

    qtbot.mouseClick(notes.more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: notes.text.height() == folded_px)


@pytest.mark.parametrize(("notes", "shows"), [("Prefers e-mail.", True), ("  ", False)])
def test_that_short_notes_need_no_folding_and_none_take_no_room(panel, notes, shows):
    panel.show_state(ready(opened=an_open_ticket(customer=a_customer(notes=notes))))
    panel.ready.customer_section.fold(folded=False)

    assert panel.ready.customer.notes.isVisible() == shows
    assert not panel.ready.customer.notes.more.isVisible()


@pytest.mark.parametrize(
    ("hours", "title"),
    [
        ((), "First contact"),
        ((-5,), "One earlier ticket"),
        ((-5, -1), "2 earlier tickets"),
        ((-5, 1), "2 other tickets"),
    ],
)
def test_that_only_tickets_older_than_the_open_one_are_called_earlier(panel, hours, title):
    history = tuple(a_ticket(n, created_at=NOON + timedelta(hours=at)) for n, at in enumerate(hours, 20))
    panel.show_state(ready(opened=an_open_ticket(ticket=a_ticket(created_at=NOON), history=history)))
    panel.ready.customer_section.fold(folded=False)

    assert panel.ready.customer._history_title.text() == title
