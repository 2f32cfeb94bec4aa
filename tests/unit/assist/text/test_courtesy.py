from __future__ import annotations

import pytest

from assist.text.courtesy import first_name, greeting, without_greeting


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hi Maya,\n\nWhere is it?", "Where is it?"),
        ("Dear Sir or Madam,\n\nI am sorry.", "I am sorry."),
        ("Sehr geehrte Damen und Herren,\n\nich bitte um Auskunft.", "ich bitte um Auskunft."),
        ("Guten Tag Frau Vogel,\nalles klar.", "alles klar."),
        ("Hi Inês, it left today.", "It left today."),
        ("Bonjour Marie,\nvoici.", "voici."),
        ("Hidden zips leak.", "Hidden zips leak."),
        ("wheres my tent", "wheres my tent"),
        ("Hello", "Hello"),
        ("Hi there,", "Hi there,"),
    ],
)
def test_that_a_greeting_is_taken_off_and_nothing_else(text: str, rest: str) -> None:
    assert without_greeting(text) == rest


@pytest.mark.parametrize(
    ("language", "name", "hello"),
    [
        ("en", "Inês Caldeira", "Hi Inês,"),
        ("de", "Klara Vogel", "Guten Tag Klara Vogel,"),
        ("fr", "Marie Curie", "Bonjour Marie,"),
        ("en", "", "Hello,"),
        ("en", "someone@example.com", "Hello,"),
        ("xx", "Ada Lovelace", "Hi Ada,"),
    ],
)
def test_that_a_greeting_fits_language_and_name(language: str, name: str, hello: str) -> None:
    assert greeting(language, name) == hello


def test_that_an_address_or_number_is_no_first_name() -> None:
    assert [first_name(name) for name in ("Ruth Adeyemi", "x@example.com", "+44 1632", "")] == ["Ruth", "", "", ""]
