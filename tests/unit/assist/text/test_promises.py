from __future__ import annotations

import pytest

from assist.domain import Flag, FlagKind
from assist.text.promises import find_flags


def flagged(text: str, *, language: str = "en", facts: str = "") -> list[tuple[str, str]]:
    return [(flag.kind.value, text[flag.start : flag.end]) for flag in find_flags(text, language=language, facts=facts)]


@pytest.mark.parametrize(
    ("language", "text", "kinds"),
    [
        ("en", "I have refunded £49.90 to your card.", ["done", "amount"]),
        ("en", "It will arrive on Tuesday.", ["promise", "date"]),
        ("en", "I've sent a new pole.", ["done"]),
        ("en", "We will call you tomorrow.", ["promise", "date"]),
        ("en", "You'll get an e-mail by 3 March.", ["promise", "date"]),
        ("en", "Your refund has been issued.", ["done"]),
        ("de", "Ich habe Ihnen 49,90 € erstattet.", ["done"]),
        ("de", "Wir melden uns morgen bei Ihnen.", ["promise", "date"]),
        ("de", "Das Paket ist unterwegs und kommt am Freitag an.", ["done", "promise"]),
        ("fr", "Nous avons remboursé 49,90 €, vous recevrez un mail demain.", ["done", "amount", "promise", "date"]),
        ("fr", "Votre colis a été expédié, il arrivera jeudi prochain.", ["done", "promise"]),
        ("es", "Le hemos enviado otro palo y llegará el viernes.", ["done", "promise", "date"]),
        ("es", "Le llamaremos mañana.", ["promise", "date"]),
        ("pt", "Já enviámos outra vareta e chegará na sexta-feira.", ["done", "promise", "date"]),
        ("pt", "Vamos ligar amanhã.", ["promise", "date"]),
    ],
)
def test_that_days_sums_deeds_and_promises_are_flagged(language: str, text: str, kinds: list[str]) -> None:
    assert sorted(kind for kind, _ in flagged(text, language=language)) == sorted(kinds)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "You can return an unused item within 60 days. Please pack it well and keep the receipt."),
        ("en", "We are open Monday to Friday. Have you tried the repair sleeve in the peg bag?"),
        ("de", "Guten Morgen, bitte senden Sie uns ein Foto. Die Rückgabe ist innerhalb von 30 Tagen möglich."),
        ("fr", "Vous pouvez renvoyer un article sous 14 jours. Avez-vous une photo du défaut ?"),
        ("es", "Puede devolver un artículo en 30 días. Por la mañana atendemos antes."),
        ("pt", "Pode devolver um artigo em 30 dias. Tem uma fotografia do defeito?"),
    ],
)
def test_that_policy_and_questions_are_not_flagged(language: str, text: str) -> None:
    assert flagged(text, language=language) == []


def test_that_what_this_ticket_says_too_is_not_flagged() -> None:
    text = "I have refunded £49.90. It will arrive on Tuesday."

    assert flagged(text, facts="You wrote: I have refunded £49.90 on Monday.") == [
        ("promise", "will arrive"),
        ("date", "on Tuesday"),
    ]


def test_that_a_longer_sum_of_this_ticket_vouches_for_no_shorter_one() -> None:
    assert flagged("It costs £49.90.", facts="I paid £149.90") == [("amount", "£49.90")]


def test_that_open_slots_links_and_the_greeting_are_not_flagged() -> None:
    text = "Hi May 3,\n\nSee https://example.com/2026-03-04 by [date]."

    assert find_flags(text, language="en", facts="", since=text.index("\n\n")) == ()


def test_that_flags_count_characters_of_the_text() -> None:
    assert find_flags("🎒 We'll call.", language="en", facts="") == (Flag(FlagKind.PROMISE, 2, 12),)
