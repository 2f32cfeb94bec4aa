"""The main job, from a ticket on the page to what was sent, in a real X server, browser and keyring."""

from __future__ import annotations

import pytest

from assist.domain import EventKind, SentAs
from tests.helpers.e2e import Desk, soon

pytestmark = [pytest.mark.x11, pytest.mark.browser, pytest.mark.keyring_daemon, pytest.mark.slow]

ADDED = "Right away: "
ADDED_CHARACTERS = len("Rightaway:")
"""White space does not count."""
TO_FIRST_CARD = ("Down", "Up", "Up", "Up", "Up")
"""From wherever the panel's own focus was left."""
TO_THE_BODY = ("ctrl+Home", "Down", "Down")
"""From anywhere to the line after the greeting and an empty line."""


def outcome(desk: Desk, key: str):
    """Return the one outcome of a ticket, and check that it names a reply that had been shown there."""
    [found] = soon(lambda: desk.log.outcomes(desk.ref(key)))
    assert found.suggestion_id in {shown.suggestion_id for shown in desk.log.shown(desk.ref(key))}
    return found


@pytest.mark.parametrize(
    ("key", "wanted", "customer"),
    [
        ("o-pole-snapped-ines", ("Snapped tent pole", "Warranty: what is covered"), "Hi Inês,"),
        ("o-cancel-club-zoe", ("Cancel Trail Club",), "Hi Zoe,"),
        ("o-sohle-heinz", ("Trail-Trial: Schuhe 30 Tage",), "Heinz Oberle"),
    ],
)
def test_that_an_opened_ticket_gets_its_article_and_replies_to_its_customer(shift: Desk, key, wanted, customer):
    replies = shift.open(key)
    soon(lambda: any(title.startswith(wanted) for title in shift.articles(key)))
    assert all(customer in reply.text.partition("\n")[0] for reply in replies)
    assert [reply.rank for reply in replies] == list(range(1, len(replies) + 1))


def test_that_a_reply_used_pasted_and_sent_is_logged_as_is(shift: Desk):
    key = "o-invoice-george"
    replies = shift.open(key)
    copied = shift.use_first()
    [used] = shift.log.decisions(shift.ref(key), EventKind.USED)
    assert (used.text, used.edit_distance, used.how) == (copied, 0, "key")
    assert (copied, used.suggestion_id) == (replies[0].text, replies[0].suggestion_id)

    shift.paste()
    sent = shift.send()

    found = outcome(shift, key)
    assert (found.sent_as, found.edit_distance, found.similarity) == (SentAs.AS_IS, 0, 1.0)
    assert found.suggestion_id == used.suggestion_id
    assert found.sent_text.split() == sent.split() == copied.split()
    assert found.message_id


def test_that_a_reply_edited_in_place_is_copied_as_edited_and_its_distance_logged(shift: Desk):
    key = "o-double-charge-hannah"
    shift.open(key)
    shift.station.set_clipboard("nothing yet")
    shift.kibitz.take_keyboard()
    shift.station.press(*TO_FIRST_CARD, "e", *TO_THE_BODY)
    shift.station.x.type(ADDED)
    shift.station.press("ctrl+Return")
    copied = soon(shift.station.clipboard, lambda text: text != "nothing yet")
    [edited] = shift.log.decisions(shift.ref(key), EventKind.EDITED)
    assert (edited.text, edited.edit_distance) == (copied, ADDED_CHARACTERS)
    assert ADDED in copied

    shift.paste()
    shift.send()

    found = outcome(shift, key)
    assert (found.sent_as, found.edit_distance) == (SentAs.EDITED, ADDED_CHARACTERS)
    assert found.suggestion_id == edited.suggestion_id


@pytest.mark.promise("D3")
def test_that_a_reply_edited_on_the_page_has_the_distance_of_what_was_sent(shift: Desk):
    key = "o-wash-ruth"
    shift.open(key)
    shift.use_first()
    shift.paste()
    shift.station.press(*TO_THE_BODY)
    shift.station.x.type(ADDED)
    soon(shift.composed, lambda text: ADDED in text)
    shift.send()

    found = outcome(shift, key)
    assert (found.sent_as, found.edit_distance) == (SentAs.EDITED, ADDED_CHARACTERS)
    [used] = shift.log.decisions(shift.ref(key), EventKind.USED)
    assert (used.suggestion_id, used.edit_distance) == (found.suggestion_id, 0)


@pytest.mark.promise("D3")
def test_that_another_greeting_and_signature_on_the_page_are_no_edit(shift: Desk):
    key = "o-nosubject-aisha"
    shift.open(key)
    shift.use_first()
    shift.paste()
    shift.station.press("ctrl+End", "Return", "Return")
    shift.station.x.type("Best wishes,\nMaya Okafor\nTarn and Tor customer care")
    soon(shift.composed, lambda text: text.endswith("customer care"))
    shift.send()

    found = outcome(shift, key)
    assert (found.sent_as, found.edit_distance) == (SentAs.AS_IS, 0)


@pytest.mark.promise("R3")
def test_that_a_dismissed_reply_is_not_offered_again_until_that_is_undone(shift: Desk):
    key = "o-sarcasm-peter"
    ref = shift.ref(key)
    before = {reply.suggestion_id: reply for reply in shift.open(key)}
    shift.kibitz.take_keyboard()
    shift.station.press(*TO_FIRST_CARD, "d")
    [dismissed] = soon(lambda: shift.log.decisions(ref, EventKind.DISMISSED))
    source = before[dismissed.suggestion_id].source.key

    later = renewed(shift, key)
    assert source not in {reply.source.key for reply in later}
    assert not shift.log.decisions(ref, EventKind.UNDISMISSED)


def renewed(desk: Desk, key: str):
    """Go to another ticket and back, after the customer has written again, and return the replies to that."""
    known = {reply.suggestion_id for reply in desk.log.shown(desk.ref(key))}
    desk.open("o-giftcard-zoe")
    desk.world.customer_writes(desk.number(key), "Does your answer still hold? My head torch still does not charge.")

    def fresh():
        return [reply for reply in desk.log.replies(desk.ref(key)) if reply.suggestion_id not in known]

    desk.look_at(key)
    return soon(fresh)


def test_that_an_undone_dismissal_is_offered_again(shift: Desk):
    key = "o-privacy-klara"
    ref = shift.ref(key)
    [only] = shift.open(key)
    shift.kibitz.take_keyboard()
    shift.station.press(*TO_FIRST_CARD, "d")
    soon(lambda: shift.log.decisions(ref, EventKind.DISMISSED))
    shift.station.press("z")
    [undone] = soon(lambda: shift.log.decisions(ref, EventKind.UNDISMISSED))
    assert undone.suggestion_id == only.suggestion_id
    shift.station.press("1")
    [used] = soon(lambda: shift.log.decisions(ref, EventKind.USED))
    assert used.suggestion_id == only.suggestion_id


@pytest.mark.promise("I3")
def test_that_a_reason_is_typed_where_it_was_asked_for_and_the_strip_leaves_the_keys_to_the_page(shift: Desk):
    key = "o-sohle-heinz"
    ref, panel = shift.ref(key), shift.kibitz.window
    shift.open(key)
    shift.focus_composer()
    whole_px = shift.station.x.geometry(panel())[2]
    assert shift.kibitz.say("keys") == 0
    soon(shift.station.x.focused, lambda focused: focused == panel())
    shift.station.press(*TO_FIRST_CARD, "shift+d", "Up", "Return")
    shift.station.x.type("names the wrong sole 2")
    shift.station.press("Return")
    [dismissed] = soon(lambda: shift.log.decisions(ref, EventKind.DISMISSED))
    assert dismissed.reason == "names the wrong sole 2"

    shift.station.press("Escape")
    soon(lambda: shift.station.x.geometry(panel())[2], lambda width_px: width_px < whole_px)
    soon(shift.station.x.focused, lambda focused: focused not in {0, panel()})
    shift.station.x.type("1 2 d")
    soon(shift.composed, lambda text: text == "1 2 d")
    assert len(shift.log.decisions(ref)) == 1

    assert shift.kibitz.say("open", shift.page.url) == 0
    soon(lambda: shift.station.x.geometry(panel())[2], lambda width_px: width_px == whole_px)
    assert shift.kibitz.say("keys") == 0
    soon(shift.station.x.focused, lambda focused: focused == panel())
    assert shift.kibitz.say("keys") == 0
    soon(shift.station.x.focused, lambda focused: focused not in {0, panel()})


@pytest.mark.promise("D2")
def test_that_what_was_shown_expires_when_something_else_is_sent(shift: Desk):
    key = "o-mahnung-matthias"
    ref = shift.ref(key)
    shift.open(key)
    shift.focus_composer()
    shift.station.x.type("Guten Tag, ich rufe Sie gleich an.")
    soon(shift.composed, lambda text: text.endswith("an."))
    shift.send()

    found = outcome(shift, key)
    assert found.sent_as is SentAs.SOMETHING_ELSE
    assert found.sent_text == "Guten Tag, ich rufe Sie gleich an."
    before = {shown.suggestion_id for shown in shift.log.shown(ref) if shown.at < found.at}
    expired = [decision.suggestion_id for decision in shift.log.decisions(ref, EventKind.EXPIRED)]
    assert sorted(expired) == sorted(before)


@pytest.mark.promise("N5")
def test_that_of_two_tickets_in_quick_succession_only_the_second_is_helped(shift: Desk):
    first, second = "o-nordvik-aisha", "o-leaving-petra"
    shift.world.faults.set({"latency_ms": 1_200})
    try:
        shift.look_at(first)
        soon(lambda: any(f"/tickets/{shift.number(first)}" in seen.path for seen in shift.asked()))
        replies = shift.open(second)
    finally:
        shift.world.faults.reset()
    copied = shift.use_first()
    [used] = shift.log.decisions(shift.ref(second), EventKind.USED)
    assert used.text == copied  # with its slots filled by the helpdesk, where it had any
    assert used.suggestion_id in {reply.suggestion_id for reply in replies}
    assert shift.log.shown(shift.ref(first)) == []
    assert shift.log.decisions(shift.ref(first)) == []


@pytest.mark.promise("I3")
def test_that_keys_typed_on_the_page_stay_there_while_the_panel_changes(shift: Desk):
    key = "o-injury-liam"
    number = shift.number(key)
    shift.open(key)
    shift.focus_composer()
    typed = ""
    for turn in range(3):
        shift.world.customer_writes(number, f"It still hurts, message {turn}. Is the Ember stove safe?")
        known = len(shift.log.shown(shift.ref(key)))
        typed += "1 2 3 e d j k u "
        shift.station.x.type("1 2 3 e d j k u ")
        soon(lambda known=known: len(shift.log.shown(shift.ref(key))) > known)
        shift.station.x.type("z ")
        typed += "z "
    soon(shift.composed, lambda text: text.split() == typed.split())
    assert shift.log.decisions(shift.ref(key)) == []
    assert shift.station.x.focused() != shift.kibitz.window()


@pytest.mark.promise("U7")
def test_that_kibitz_only_reads_from_the_helpdesk(shift: Desk):
    """The last test of the day: everything above has been asked for by then."""
    assert {seen.method for seen in shift.asked()} == {"GET"}
    assert len(shift.asked()) > 20


@pytest.mark.promise("U1")
def test_that_the_page_and_the_app_spoke_with_this_machine_only(shift: Desk):
    assert shift.foreign == []
    assert shift.kibitz.strangers() == []


@pytest.mark.promise("S3")
def test_that_the_log_file_of_the_day_holds_no_trouble_and_no_customers_words(shift: Desk):
    written = shift.kibitz.written_log()
    assert shift.kibitz.errors() == ""
    assert [line for line in written.splitlines() if " ERROR " in line or " WARNING " in line] == []
    for key in ("o-invoice-george", "o-sarcasm-peter", "o-mahnung-matthias"):
        customer = shift.world.people[shift.ticket(key).requester_id]
        for secret in (customer.name, customer.email, shift.ticket(key).subject):
            assert secret not in written
