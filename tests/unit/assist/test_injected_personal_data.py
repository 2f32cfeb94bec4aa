"""Other customers' data, put into replies in many shapes: what survives in the reply that may be suggested."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.ingest import past_replies
from assist.text.personal import mask
from tests.helpers.demo_store import demo_articles, demo_macros
from tests.helpers.injections import KINDS, injection, injections

CORPUS = 2_200
HELD_OUT = 1
MIN_RECALL = 0.99
MIN_RECALL_OF_A_KIND = 0.97
GUESSED = "third name"
"""Told by cues, lists and shapes alone; every other kind has a form of its own or is known from the ticket."""

ORDINARY = [
    "You can return an unused item within 14 days, and we refund you within 24 hours of its arrival.",
    "Order now and it leaves our warehouse the same day. Standard delivery is £4.95, free over £50.",
    "We are open Monday to Friday, 9:00-17:30, and on Saturdays from 10 am to 2 pm.",
    "See https://acme.example.com/hc/en-gb/articles/360012345678-Return-an-item for the steps.",
    "The Lathe 3 weighs 2.1 kg, the Lumen 400 gives 400 lumens for 6 hours, and both come with a 5-year warranty.",
    "Please update the app to version 4.12.1, restart your phone and try again. Error 50012 means that it was offline.",
    "Pay with PayPal, Visa or Klarna; Royal Mail and Parcelforce deliver to England, Wales and Scotland.",
    "Wash it at 30 °C, up to 1,000 times, and spin at no more than 800 rpm. Sizes run from 36 to 47.",
    "Dear customer, thank you for your patience. Hello all, thanks again, and welcome back!",
    "Black Friday offers end soon. The Trail Club discount is 10%, and Customer Care decides about more.",
    "Write to returns@acme.example.com or use the form under Account > Orders > Return an item.",
    "The mast is 120 x 45 cm; the 10,000 mAh power bank charges an iPhone 15 Pro twice.",
    "Bitte senden Sie die Ware innerhalb von 30 Tagen zurück; die Erstattung dauert 5 bis 7 Werktage.",
    "Wir sind von Montag bis Freitag von 9 bis 17 Uhr erreichbar. Der Versand kostet 4,95 €.",
    "Sehr geehrte Damen und Herren, vielen Dank für Ihre Geduld. Das Zelt wiegt 2,1 kg und hat 3 Jahre Garantie.",
    "Ein Mindestbestellwert von 50 € gilt nicht für Kunden im Ausland; mit Karte oder Rechnung zahlen Sie bequem.",
    "Vous disposez de 14 jours pour renvoyer un article. La livraison coûte 4,95 € et prend 2 à 4 jours ouvrés.",
    "Nous sommes ouverts du lundi au vendredi de 9h à 17h30. Merci à tous pour votre patience.",
    "Tiene 30 días para devolver un artículo. El envío cuesta 4,95 € y tarda de 2 a 4 días laborables.",
    "Atendemos de lunes a viernes, de 9:00 a 17:30. Estimado cliente, gracias por su paciencia.",
    "Tem 30 dias para devolver um artigo. O envio custa 4,95 € e demora 2 a 4 dias úteis.",
    "Estamos abertos de segunda a sexta, das 9h00 às 17h30. Obrigado a todos pela paciência.",
]
"""Nothing here is anybody's own."""


@pytest.mark.slow
@pytest.mark.promise("U4", part="names of third persons that no cue, list or shape tells may survive in a past reply")
def test_that_injected_personal_data_hardly_ever_survives_in_held_out_replies() -> None:
    kept, all_of = Counter[str](), Counter[str]()
    for injected in injections(CORPUS, half=HELD_OUT, seed=20261123):
        (reply,) = past_replies(injected.solved)
        all_of[injected.kind] += 1
        kept[injected.kind] += bool(injected.survivors(reply.reply_text))

    assert 1 - kept.total() / all_of.total() >= MIN_RECALL, kept
    assert not {kind for kind in KINDS if 1 - kept[kind] / all_of[kind] < MIN_RECALL_OF_A_KIND}, kept


@pytest.mark.promise("U4")
@given(st.sampled_from([kind for kind in KINDS if kind != GUESSED]), st.integers(0, 2**32), st.sampled_from((0, 1)))
def test_that_nothing_with_a_form_of_its_own_survives_in_a_past_reply(kind: str, seed: int, half: int) -> None:
    injected = injection(kind, half=half, chance=random.Random(seed))

    (reply,) = past_replies(injected.solved)

    assert injected.survivors(reply.reply_text) == []


@pytest.mark.parametrize("text", ORDINARY)
def test_that_what_is_nobodys_own_stays(text: str) -> None:
    assert mask(text, names=["Robin Oakley", "Maya Okafor"], own=("acme",)).text == text


def test_that_articles_and_macros_of_a_shop_lose_few_words_to_the_search_for_people() -> None:
    texts = [*(macro.body for macro in demo_macros() if "{{" not in macro.body), *(a.title for a in demo_articles())]
    masked = [mask(text, names=()).found.get("name", 0) for text in texts]

    assert sum(masked) <= len(texts) * 0.03, [text for text, count in zip(texts, masked, strict=True) if count]
