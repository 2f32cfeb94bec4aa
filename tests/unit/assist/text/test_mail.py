from __future__ import annotations

import pytest

from assist.text.mail import MAX_TEXT_CHARS, new_text, without_signature
from tests.helpers.builders import a_message
from tests.helpers.demo_tickets import demo_tickets


def said(key: str, number: int) -> str:
    return new_text(demo_tickets()[key].opened.messages[number])


@pytest.mark.parametrize(
    ("quoted", "new"),
    [
        ("Yes please.\n\nOn 8 Apr 2026, Tarn & Tor wrote:\n> Shall we?\n> Maya", "Yes please."),
        ("Gern.\n\nAm 30. Juni 2026 schrieb Tarn & Tor:\n> Passt das?", "Gern."),
        ("Works.\n\n> Is it fine now?", "Works."),
        ("> Which size?\nM\n> Which colour?\nred", "M\nred"),
    ],
)
def test_that_quoted_mail_is_cut(quoted: str, new: str) -> None:
    assert new_text(a_message(quoted)) == new


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It broke.\n\nKind regards,\nGwen Pritchard (Mrs)", "It broke."),
        ("Es ist kaputt.\n\nMit freundlichen Grüßen\nKlara Vogel\nFreiburg im Breisgau", "Es ist kaputt."),
        ("aye thats the one\n\nSent from my iPhone", "aye thats the one"),
        ("Ich zahle nichts.\n\nVon meinem iPhone gesendet", "Ich zahle nichts."),
        ("Hello\n--\nLucy Grantham · The Hill Post", "Hello"),
        ("Pay up.\n\nThis e-mail is confidential and may be legally privileged. Do not read it.", "Pay up."),
        ("Thanks\nBut where is it?", "Thanks\nBut where is it?"),
        ("Account > Membership > Cancel does nothing.", "Account > Membership > Cancel does nothing."),
    ],
)
def test_that_signatures_device_lines_and_disclaimers_are_cut_and_questions_are_not(text: str, kept: str) -> None:
    assert new_text(a_message(text)) == kept


def test_that_a_message_of_nothing_but_a_quote_or_signature_is_kept_whole() -> None:
    assert new_text(a_message("> only quoted")) == "> only quoted"
    assert new_text(a_message("Sent from my iPhone")) == "Sent from my iPhone"


@pytest.mark.parametrize(
    ("key", "number", "last_words"),
    [
        ("s1-wismo-tomasz", 2, "Thanks for 7,90"),
        ("s1-wismo-matthias", 2, "NICHTS gehört."),
        ("s1-wismo-callum", 0, "whats going on"),
        ("o-mahnung-matthias", 0, "übernehmen natürlich Sie.\n\nM. Lenz"),
        ("o-bereaved-gwen", 0, "I do not always notice it."),
        ("o-sohle-heinz", 0, "Seite 211 vor, lobend."),
        ("o-bulk-sven", 0, "Vorstand tagt in vierzehn Tagen."),
    ],
)
def test_that_real_looking_mails_end_where_the_customer_ended(key: str, number: int, last_words: str) -> None:
    assert said(key, number).endswith(last_words)


def test_that_html_mail_loses_its_quote_and_its_hidden_instructions() -> None:
    text = said("o-injection-zoe", 0)

    assert text.startswith("hiya, got this from one of those coupon sites")
    assert "DealBadger" not in text
    assert "SYSTEM NOTE" not in text


def test_that_a_solicitors_disclaimer_is_not_what_he_said() -> None:
    text = said("o-legal-haines", 0)

    assert "I shall issue proceedings in the County Court" in text
    assert "CONFIDENTIALITY" not in text


def test_that_no_demo_customer_is_left_with_quoted_lines_or_an_empty_text() -> None:
    for demo in demo_tickets().values():
        for message in demo.opened.messages:
            text = new_text(message)
            assert text or not (message.text.strip() or message.html.strip()), demo.key
            assert not any(line.startswith(">") for line in text.split("\n")), demo.key


def test_that_only_the_beginning_of_a_log_file_is_read() -> None:
    assert len(new_text(a_message("line of a log\n" * 100_000))) <= MAX_TEXT_CHARS


def test_that_a_signature_alone_can_be_cut() -> None:
    assert without_signature("See you.\nCheers,\nZoe") == "See you."
