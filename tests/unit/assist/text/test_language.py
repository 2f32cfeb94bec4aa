from __future__ import annotations

import pytest

from assist.text.language import detect
from assist.text.spelling_profile import by_spelling, runs


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel? It should have come on Tuesday.", "en"),
        ("Wo bleibt mein Paket? Es hätte am Dienstag kommen sollen.", "de"),
        ("Où est mon colis ? Il devait arriver mardi.", "fr"),
        ("¿Dónde está mi paquete? Tenía que llegar el martes.", "es"),
    ],
)
def test_that_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert detect(text, hint="nl") == language


@pytest.mark.parametrize(("text", "hint", "language"), [("ok", "de-AT", "de"), ("👍👍", "", "en"), ("", "pt_BR", "pt")])
def test_that_a_text_too_short_to_tell_takes_the_profile_or_english(text: str, hint: str, language: str) -> None:
    assert detect(text, hint=hint) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("karte sperren", "de"),
        ("mobil bezahlen", "de"),
        ("carte volée que faire", "fr"),
        ("points expirés", "fr"),
        ("transferencia internacional no llega", "es"),
        ("pago con telefono", "es"),
        ("limite do cartao baixo", "pt"),
        ("refund please", "en"),
        ("waar is mijn pakket", "nl"),
        ("gdzie jest paczka", "pl"),
    ],
)
def test_that_a_few_words_tell_their_language(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("name", ["Lathe 3", "TT-204518", "Anna Berg"])
def test_that_a_name_does_not_outweigh_the_customers_profile(name: str) -> None:
    assert detect(name, hint="de") == "de"


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("Quick Frage zu Gear Swap\nKann ich das auf hold setzen, or do I have to cancel und dann neu anfangen?", "de"),
        ("Beim Bezahlen kommt: Your payment could not be processed.", "de"),
        ("Hallo, da steht immer\n“Your payment could not be processed. Please contact your bank.”\nWas tun?", "de"),
        ("Login geht nicht\nEs kommt: Error 403: You do not have permission to access this resource.", "de-AT"),
        ("App stürzt ab\nTypeError: Cannot read properties of undefined\nSeit gestern nach dem Update.", "de"),
        ("Zweite Person fürs Konto\nresi.haug@bergwacht.example.de", "de"),
        ("Wo ist mein order? tracking says delivered", "de"),
        ("Erreur de paiement : card declined, please try again later", "fr"),
        ("No puedo entrar en mi cuenta desde ayer\nSorry, something went wrong. Please try again later.", "es"),
        ("Inloggen lukt niet meer sinds gisteren\nSorry, something went wrong, please try again later.", "nl"),
    ],
)
def test_that_a_customer_who_quotes_english_keeps_the_own_language(text: str, profile: str) -> None:
    assert detect(text, hint=profile) == profile[:2]


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel? It should have come on Tuesday.",
        "Please send it to Matthias Krug, Sonnenallee 12, 12045 Berlin. Thank you for your help with this.",
        "Visible damage: refuse the parcel or have the driver note it. Keep box, padding and content for the claim.",
        "TypeError: Cannot read properties of undefined (reading 'map')",
    ],
)
@pytest.mark.parametrize("profile", ["de", "fr", "es", "nl"])
def test_that_a_customer_who_writes_english_is_not_taken_by_the_profile(text: str, profile: str) -> None:
    assert detect(text, hint=profile) == "en"


def test_that_runs_of_letters_know_the_edges_of_words() -> None:
    assert list(runs("Zu 2!")) == ["z", "u", " z", "zu", "u ", " zu", "zu ", " zu "]


def test_that_a_text_without_letters_has_no_lead() -> None:
    assert by_spelling("12 !") == ("en", 0.0)
