from __future__ import annotations

import pytest

from assist.context import build_context
from assist.domain import SourceKind
from assist.rank.courtesies import courtesy_reply, occasion
from tests.helpers.builders import a_customer, a_message, a_reply, a_ticket, an_open_ticket

ASKED = {
    "en": ("My lamp broke, what now?", "The new lamp is on its way to you."),
    "de": ("Meine Lampe ist kaputt, was nun?", "Die neue Lampe ist schon zu Ihnen unterwegs."),
    "fr": ("Ma lampe est cassée, que faire ?", "La nouvelle lampe est en route vers vous."),
    "es": ("Se me rompió la lámpara, ¿qué hago?", "La lámpara nueva ya está en camino."),
    "pt": ("O meu candeeiro avariou, o que faço?", "O candeeiro novo já vai a caminho."),
}


def context_of(last: str, *, answer: str = "", language: str = "en"):
    question, reply = ASKED[language]
    messages = (a_message(question), a_reply(answer or reply, id=71), a_message(last, id=72))
    customer = a_customer(name="Inês Caldeira", language=language)
    return build_context(
        an_open_ticket(ticket=a_ticket(subject=ASKED[language][0]), messages=messages, customer=customer)
    )


@pytest.mark.parametrize(
    ("last", "language", "key", "beginning"),
    [
        ("Thank you so much!", "en", "courtesy:thanks:en", "Hi Inês,\n\nYou're welcome!"),
        ("Vielen Dank für Ihre schnelle Hilfe!", "de", "courtesy:thanks:de", "Guten Tag Inês Caldeira,\n\ngern"),
        ("Merci beaucoup pour votre aide !", "fr", "courtesy:thanks:fr", "Bonjour Inês,\n\nAvec plaisir !"),
        ("¡Muchas gracias por la ayuda!", "es", "courtesy:thanks:es", "Hola, Inês:\n\n¡De nada!"),
        ("Muito obrigada pela ajuda!", "pt", "courtesy:thanks:pt", "Olá, Inês,\n\nDe nada!"),
        ("ok", "en", "courtesy:noted:en", "Hi Inês,\n\nGood, then that is settled."),
        ("Alles klar 👍", "de", "courtesy:noted:de", "Guten Tag Inês Caldeira,\n\ngut, dann"),
        ("au revoir", "fr", "courtesy:goodbye:fr", "Bonjour Inês,\n\nMerci de votre message"),
        ("até logo", "pt", "courtesy:goodbye:pt", "Olá, Inês,\n\nObrigado pelo contacto"),
    ],
)
def test_that_thanks_consent_and_farewell_get_one_formula_in_the_customers_language(last, language, key, beginning):
    reply = courtesy_reply(context_of(last, language=language), dismissed=frozenset())

    assert reply is not None
    assert (reply.candidate.source.kind, reply.candidate.source.key) == (SourceKind.MACRO, key)
    assert reply.candidate.text.startswith(beginning)
    assert reply.because[0].endswith("asks nothing")


@pytest.mark.parametrize(
    "last",
    [
        "Thanks, but when will it come?",
        "ok, and what about the second lamp?",
        "ok?",
        "The lamp is still dark.",
        "",
        "Right, the wrong one came, good luck with the next day",
    ],
)
def test_that_nothing_is_offered_where_something_is_open(last):
    assert occasion(context_of(last)) is None


def test_that_consent_to_an_agents_question_is_no_occasion():
    assert occasion(context_of("ok", answer="Shall I cancel the order?")) is None
    assert occasion(context_of("ok")) is not None


def test_that_nothing_is_offered_before_anybody_answered():
    alone = build_context(an_open_ticket(messages=(a_message("ok"),)))

    assert occasion(alone) is None


def test_that_a_dismissed_formula_is_not_offered_again():
    context = context_of("Thank you!")

    assert courtesy_reply(context, dismissed=frozenset({"courtesy:thanks:en"})) is None
