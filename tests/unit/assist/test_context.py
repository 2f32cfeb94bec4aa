from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from assist.context import EARLIER_WEIGHT, MAX_DENSE_WORDS, SUBJECT_WEIGHT, build_context
from assist.domain import Role
from tests.helpers.builders import NOON, a_customer, a_message, a_reply, a_ticket, an_open_ticket
from tests.helpers.demo_tickets import demo_tickets

ASKED = a_message("The zip of my Rill jacket is stuck halfway since Sunday.", id=1)
ANSWERED = a_reply("Please send a photo.", id=2, created_at=NOON + timedelta(hours=1))
ASKED_AGAIN = a_message("Here is the photo, and what does the repair cost?", id=3, created_at=NOON + timedelta(hours=2))
THREAD = an_open_ticket(ticket=a_ticket(subject="Re: [Ticket 7] Zip stuck"), messages=(ASKED, ANSWERED, ASKED_AGAIN))


def test_that_the_subject_weighs_most_and_settled_turns_least() -> None:
    words = build_context(THREAD).words

    assert words["zip"] == SUBJECT_WEIGHT
    assert words["repair"] == 1.0
    assert words["sunday"] == EARLIER_WEIGHT
    assert "send" not in words


def test_that_mail_prefixes_are_no_part_of_the_subject() -> None:
    assert build_context(THREAD).subject == "Zip stuck"


def test_that_what_matters_is_what_was_said_since_the_last_public_reply() -> None:
    context = build_context(THREAD)

    assert context.customer_turn == "Here is the photo, and what does the repair cost?"
    assert [turn.message_id for turn in context.customer_turns] == [1, 3]


def test_that_a_short_turn_is_read_with_the_one_before() -> None:
    short = replace(THREAD, messages=(ASKED, ANSWERED, a_message("yes please", id=3)))

    assert build_context(short).customer_turn == f"yes please\n{ASKED.text}"


def test_that_pleasantries_and_greetings_do_not_count() -> None:
    polite = a_message("Hi Maya,\n\nThanks so much!\nHow do I wash the Cairn down jacket at home?\nMany thanks")

    assert (
        build_context(an_open_ticket(messages=(polite,))).customer_turn
        == "How do I wash the Cairn down jacket at home?"
    )


def test_that_an_internal_note_and_a_bot_end_no_turn() -> None:
    note = a_message("cancel chargeback lawyer", id=4, role=Role.AGENT, public=False)
    bot = a_message("Choose an option", id=5, role=Role.SYSTEM)
    context = build_context(replace(THREAD, messages=(*THREAD.messages, note, bot)))

    assert context.customer_turn == ASKED_AGAIN.text
    assert "lawyer" not in context.words
    assert context.waiting_since == ASKED_AGAIN.created_at


def test_that_a_note_between_two_questions_does_not_part_them() -> None:
    note = a_message("internal", id=2, role=Role.AGENT, public=False)
    second = a_message("Also, is the Rill jacket machine washable at thirty degrees?", id=3)

    assert (
        build_context(replace(THREAD, messages=(ASKED, note, second))).customer_turn == f"{ASKED.text}\n{second.text}"
    )


@pytest.mark.parametrize(
    ("messages", "since"),
    [
        ((ASKED,), ASKED.created_at),
        ((ASKED, ANSWERED), None),
        (
            (ASKED, ANSWERED, ASKED_AGAIN, replace(ASKED, id=4, created_at=NOON + timedelta(hours=5))),
            ASKED_AGAIN.created_at,
        ),
        ((), None),
    ],
)
def test_that_waiting_starts_with_the_first_unanswered_message(messages: tuple, since: object) -> None:
    assert build_context(replace(THREAD, messages=messages)).waiting_since == since


def test_that_where_an_agent_wrote_last_the_last_question_still_counts() -> None:
    context = build_context(replace(THREAD, messages=(ASKED, ANSWERED)))

    assert context.customer_turn == ASKED.text


@pytest.mark.promise("N6")
def test_that_the_state_changes_with_the_public_conversation_and_the_subject_only() -> None:
    key = build_context(THREAD).state_key
    note = a_message("note", id=9, public=False, role=Role.AGENT)
    reply = a_reply("Sent.", id=10)

    assert build_context(replace(THREAD, messages=(*THREAD.messages, note))).state_key == key
    assert build_context(replace(THREAD, fetched_at=NOON + timedelta(days=1), history=(a_ticket(9),))).state_key == key
    assert build_context(replace(THREAD, messages=(*THREAD.messages, reply))).state_key != key
    assert build_context(replace(THREAD, messages=THREAD.messages[:2])).state_key != key
    assert build_context(replace(THREAD, messages=(*THREAD.messages[:2], replace(reply, id=11)))).state_key != key
    assert build_context(replace(THREAD, ticket=replace(THREAD.ticket, subject="Other"))).state_key != key
    assert build_context(replace(THREAD, ticket=a_ticket(8, subject=THREAD.ticket.subject))).state_key != key


def test_that_this_tickets_own_values_are_at_hand() -> None:
    note = a_message("internal TT-999999", id=4, public=False, role=Role.AGENT)
    opened = an_open_ticket(messages=(a_message("TT-204518 and TT-204519 please"), note), customer=a_customer())

    values = build_context(opened).own_values

    assert values["order number"] == ("TT-204518", "TT-204519")
    assert values["ticket number"] == ("7",)
    assert values["e-mail address"] == ("ines.caldeira@example.com",)


def test_that_a_ticket_without_a_customer_or_messages_has_a_context() -> None:
    context = build_context(an_open_ticket(messages=(), customer=None))

    assert (context.customer_turn, context.customer_name, context.turns) == ("", "", ())
    assert "e-mail address" not in context.own_values


def test_that_the_language_is_the_texts_and_else_the_profiles() -> None:
    german = a_message("Wo bleibt denn mein Paket, es sollte gestern ankommen?")

    assert build_context(an_open_ticket(ticket=a_ticket(subject=""), messages=(german,))).language == "de"
    empty = an_open_ticket(ticket=a_ticket(subject=""), messages=(), customer=a_customer(language="de"))
    assert build_context(empty).language == "de"


def test_that_agents_are_named_once_each() -> None:
    assert build_context(replace(THREAD, messages=(*THREAD.messages, ANSWERED))).agent_names == ("Maya Okafor",)


def test_that_the_query_is_bounded() -> None:
    long = an_open_ticket(messages=(a_message("word " * 5_000),))

    assert len(build_context(long).query.split()) <= MAX_DENSE_WORDS


@pytest.mark.promise("I1", part="the steps one by one; not a whole ticket in the running app under a watchdog")
def test_that_ten_thousand_messages_and_five_megabytes_cost_little() -> None:
    messages = tuple(
        a_message(f"Message {number} with a few words about a zip.", id=number, created_at=NOON)
        for number in range(10_000)
    )
    huge = a_message("", id=10_001, html="<p>word word word</p>" * 250_000)
    opened = an_open_ticket(messages=(*messages, huge))
    began = time.process_time()

    context = build_context(opened)

    assert time.process_time() - began < 20.0
    assert len(context.turns) <= 61
    assert context.turns[0].message_id == 0
    assert context.turns[-1].message_id == 10_001


@pytest.mark.parametrize(
    ("words", "closing"),
    [
        ("Thank you, you're a star!", True),
        ("Danke, passt.", True),
        ("Thanks, but where is the second one?", False),
        ("Thank you. It still leaks.", False),
        ("The zip is stuck.", False),
    ],
)
def test_that_only_a_thank_you_that_asks_nothing_closes_a_conversation(words: str, closing: bool) -> None:
    answered = replace(THREAD, messages=(ASKED, ANSWERED, a_message(words, id=3)))

    assert build_context(answered).is_closing is closing
    assert not build_context(replace(THREAD, messages=(a_message(words, id=3),))).is_closing


@pytest.mark.parametrize("key", ["o-mixed-jule", "s2-org-sven-zugang"])
def test_that_german_between_english_words_and_addresses_is_german(key):
    assert build_context(demo_tickets()[key].opened).language == "de"
