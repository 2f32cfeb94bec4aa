from __future__ import annotations

from dataclasses import replace

import pytest

from assist.domain import Csat, Role, SolvedTicket
from assist.ingest import MAX_REPLY_WORDS, macro_language, past_replies
from tests.helpers.builders import NOON, a_macro, a_message, a_reply, a_solved_ticket, a_ticket, an_author

ANSWER = "You can return the jacket within 60 days, and the label is free in the UK."
QUESTION = a_message("Can I return order TT-204518? It is too small.", id=1)


def solved(*messages: object, **fields: object) -> SolvedTicket:
    return a_solved_ticket(messages=messages, **fields)


def texts(ticket: SolvedTicket, **fields: str) -> list[str]:
    return [reply.reply_text for reply in past_replies(ticket, **fields)]


def test_that_a_reply_is_kept_with_what_was_asked_and_how_it_ended() -> None:
    ticket = a_ticket(8, subject="Return", csat=Csat.GOOD, reopens=0, url="https://acme.example.com/8", brand="Tarn")
    (reply,) = past_replies(solved(QUESTION, a_reply(ANSWER, id=2), ticket=ticket))

    assert (reply.ref.id, reply.message_id, reply.agent_id, reply.agent_name) == (8, 2, 501, "Maya Okafor")
    assert (reply.subject, reply.customer_text, reply.reply_text) == ("Return", QUESTION.text, ANSWER)
    assert (reply.language, reply.replied_at, reply.csat, reply.reopens) == ("en", NOON, Csat.GOOD, 0)
    assert (reply.url, reply.brand) == ("https://acme.example.com/8", "Tarn")


@pytest.mark.promise("U6", part="masking of what is learnt; no model is sent anything that could be read")
def test_that_a_reply_holds_nobodys_personal_data() -> None:
    answer = (
        "Hi Inês,\n\nthe parcel for Mrs Caldeira, TT-204518, went to ines@example.com and +44 1632 960411 "
        "on 3 March 2026. "
        "It will come back to us for free.\n\nKind regards,\nMaya"
    )
    (text,) = texts(solved(QUESTION, a_reply(answer, id=2)), customer_name="Inês Caldeira")

    assert text == (
        "the parcel for [name], [order number], went to [e-mail address] and [phone number] on [date]. "
        "It will come back to us for free."
    )


@pytest.mark.promise("U5")
def test_that_an_internal_note_is_never_a_reply_nor_a_question() -> None:
    note = a_reply(f"Secret: {ANSWER}", id=2, public=False)
    customers_note = a_message("secret question", id=3, public=False)
    (reply,) = past_replies(solved(QUESTION, note, customers_note, a_reply(ANSWER, id=4)))

    assert reply.message_id == 4
    assert "ecret" not in reply.reply_text + reply.customer_text
    assert texts(solved(QUESTION, note)) == []


def test_that_bots_and_customers_give_no_replies() -> None:
    bot = a_message(ANSWER, id=2, role=Role.SYSTEM)

    assert texts(solved(QUESTION, bot, a_message(ANSWER, id=3))) == []


def test_that_an_agent_who_writes_first_or_twice_answers_nobody() -> None:
    first, second = a_reply(ANSWER, id=1), a_reply(f"One more thing: {ANSWER}", id=3)

    assert texts(solved(first, QUESTION)) == []
    assert texts(solved(QUESTION, replace(first, id=2), second)) == [ANSWER]


def test_that_each_reply_belongs_to_the_questions_since_the_one_before() -> None:
    more = a_message("And the exchange?", id=4)
    other = a_reply("The exchange takes about five working days after it arrived here.", id=5)
    replies = past_replies(solved(QUESTION, a_message("Hello?", id=2), a_reply(ANSWER, id=3), more, other))

    assert [reply.customer_text for reply in replies] == [f"{QUESTION.text}\nHello?", "And the exchange?"]


@pytest.mark.parametrize("text", ["You're welcome!", "word " * (MAX_REPLY_WORDS + 1), "", "Hi Inês,\n\nDone, see you."])
def test_that_a_reply_of_courtesy_only_or_of_book_length_is_left_out(text: str) -> None:
    assert texts(solved(QUESTION, a_reply(text, id=2))) == []


def test_that_a_reply_of_nothing_but_its_own_tickets_data_is_left_out() -> None:
    orders = " and ".join(f"TT-20451{number}" for number in range(8))

    assert texts(solved(QUESTION, a_reply(f"These were all sent out to you today: {orders}.", id=2))) == []


def test_that_quoted_mail_and_the_agents_signature_are_no_part_of_a_reply() -> None:
    answer = f"{ANSWER}\n\nKind regards,\nMaya\nTarn & Tor\n\nOn 8 Apr 2026, Inês wrote:\n> my secret"

    assert texts(solved(QUESTION, a_reply(answer, id=2))) == [ANSWER]


def test_that_colleagues_and_copied_people_are_masked_too() -> None:
    copied = a_message("Hello from me too.", id=2, author=an_author(name="Gwen Pritchard", id=901))
    (text,) = texts(solved(QUESTION, copied, a_reply(f"As Gwen said to Maya: {ANSWER}", id=3)))

    assert text == f"As [name] said to [name]: {ANSWER}"


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("Hi {{ticket.requester.first_name}},\n\nhere is your return label for [order number].", "en"),
        ("Guten Tag {{ticket.requester.name}},\n\nanbei erhalten Sie Ihr Rücksendeetikett.", "de"),
    ],
)
def test_that_placeholders_do_not_confuse_a_macros_language(body: str, language: str) -> None:
    assert macro_language(a_macro(body=body)) == language


def test_that_a_name_on_a_line_of_its_own_ends_a_reply() -> None:
    assert texts(solved(QUESTION, a_reply(f"{ANSWER}\n\nMaya\nCustomer care", id=2))) == [ANSWER]
