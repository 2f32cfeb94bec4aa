"""Who leaves whom: sentences written for this test, which no model has learned from (promise R5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.context import build_context
from assist.domain import AccountId, Band, ChurnSignal, TicketRef
from assist.signals.churn import assess
from assist.signals.churn_model import churn_model
from assist.signals.companies import NAME, THEM, US, Companies
from assist.signals.leaving import read_concepts
from tests.helpers.builders import NOON, a_message, a_ticket, an_open_ticket

PAIRS = [
    ("I want to switch from Orbo to Talvi next month", "Orbo", "Talvi"),
    ("we are moving our lines from Orbo to Talvi", "Orbo", "Talvi"),
    ("I'm leaving orbo for talvi", "orbo", "talvi"),
    ("Finally quit Orbo and joined Talvi", "Orbo", "Talvi"),
    ("bye Orbo, hello Talvi", "Orbo", "Talvi"),
    ("I like Orbo, but I am going to Talvi", "Orbo", "Talvi"),
    ("Ich wechsle von Orbo zu Talvi", "Orbo", "Talvi"),
    ("Ich verlasse Orbo und gehe zu Talvi", "Orbo", "Talvi"),
    ("Je quitte Orbo pour Talvi", "Orbo", "Talvi"),
    ("Me cambio de Orbo a Talvi", "Orbo", "Talvi"),
    ("Vou mudar da Orbo para a Talvi", "Orbo", "Talvi"),
]
LEAVING = [
    "I am leaving Orbo",
    "please terminate my contract at the end of March",
    "I don't want Orbo anymore",
    "If Orbo doesn't fix this I'm leaving",
    "Thinking about leaving Orbo",
    "You were great all these years, but I'm leaving Orbo.",
    "Thanks for another outage, Orbo. I'm cancelling my contract.",
    "Ich möchte meinen Vertrag bei Orbo kündigen",
    "Je souhaite résilier mon contrat Orbo",
    "Quiero darme de baja de Orbo",
    "Quero cancelar o meu contrato com a Orbo",
]
STAYING = [
    "I'm not leaving Orbo",
    "I would never leave Orbo for Talvi",
    "Talvi is terrible, I'm staying with Orbo",
    "I want to leave Talvi, what does Orbo offer?",
    "When does the Orbo shop open on Sunday?",
    "Orbo is slow again today",
    "Great, another outage. My router loves me, Orbo.",
    "please cancel my appointment on Friday",
    "My brother is a customer of Talvi and happy there",
    "Ich bleibe bei Orbo",
    "Je reste chez Orbo",
    "Me quedo con Orbo",
    "Fico com a Orbo",
]


def score(text: str, target: str, *others: str) -> float:
    return churn_model().score(text, Companies((target,), others))


def cases() -> list[tuple[bool, float]]:
    pairs = [
        (label, score(text, us, them))
        for text, old, new in PAIRS
        for label, us, them in ((True, old, new), (False, new, old))
    ]
    others = [(label, score(text, "Orbo")) for label, texts in ((True, LEAVING), (False, STAYING)) for text in texts]
    return [*pairs, *others]


@pytest.mark.promise("R5")
def test_that_the_company_that_is_left_is_told_from_the_one_that_is_joined() -> None:
    right = [score(text, old, new) > score(text, new, old) for text, old, new in PAIRS]

    assert sum(right) == len(PAIRS), [pair for pair, fine in zip(PAIRS, right, strict=True) if not fine]


@pytest.mark.promise("R5")
def test_that_leaving_is_found_in_plain_sentences_of_five_languages() -> None:
    judged = cases()
    hit = sum(label and found > 0 for label, found in judged)
    f1 = 2 * hit / (sum(label for label, _ in judged) + sum(found > 0 for _, found in judged))

    assert f1 >= 0.85, [(text, round(score(text, "Orbo"), 2)) for text in (*LEAVING, *STAYING)]


def churn_at(account: str, text: str, *, brand: str = "") -> ChurnSignal:
    ticket = a_ticket(subject="", ref=TicketRef(AccountId(account), 9), brand=brand)
    opened = an_open_ticket(ticket=ticket, messages=(a_message(text, id=70),))
    return assess(build_context(opened), opened, now=NOON)


@pytest.mark.promise("R5")
def test_that_the_name_of_the_account_decides_who_is_left() -> None:
    text = "We have talked about it at length: I'm leaving Orbo for Talvi at the end of this month."

    assert churn_at("zendesk:orbo", text).band in {Band.RAISED, Band.HIGH}
    assert churn_at("zendesk:talvi", text).band is Band.LOW
    assert churn_at("freshdesk:holding", text, brand="Orbo").band in {Band.RAISED, Band.HIGH}


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    ("text", "joins"),
    [
        ("After nine years we leave Orbo for Talvi in the first week of the new quarter", "Talvi"),
        ("Nous quittons Orbo pour Talvi le mois prochain", "Talvi"),
        ("Vou deixar a Orbo pela Talvi no fim do mês", "Talvi"),
        ("Should I leave Orbo for Talvi?", None),
        ("I would never leave Orbo for Talvi", None),
        ("If I leave Orbo for Talvi, what about my number?", None),
        ("I left Orbo, but Talvi is no better", None),
        ("I like Orbo more than Talvi", None),
        ("Mudei para a Talvi, a Orbo que se amanhe", None),
        ("I am leaving Talvi: to Orbo I never went", None),
    ],
)
def test_that_a_sentence_is_read_as_joining_only_where_it_leads_from_another_company_to_us(
    text: str, joins: str | None
) -> None:
    model = churn_model()

    assert {name for name in ("Orbo", "Talvi") if model.joins_us(text, Companies((name,)))} == ({joins} - {None})


@pytest.mark.promise("R5")
@pytest.mark.parametrize("word", ["kündige", "cancelo", "encerro", "cancelei"])
def test_that_a_first_person_is_read_as_the_end_and_as_me(word: str) -> None:
    assert {concept for concept, _ in churn_model().reader.concepts.read([word])} == {"CANCEL", "I"}


@pytest.mark.promise("R5")
def test_that_a_learned_alarm_quotes_the_sentence_that_set_it_off() -> None:
    long = "The box came on Monday. The lamp is green. Bye Orbo, hello Talvi, I have ported my number. Kind regards."
    signal = churn_at("zendesk:orbo", long)

    assert signal.band in {Band.RAISED, Band.HIGH}
    assert signal.evidence[0].quote == "Bye Orbo, hello Talvi, I have ported my number."
    assert signal.evidence[0].message_id == 70
    assert signal.reasons == ("learned",)


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    ("leaving", "text"),
    [
        ("Talvi", "Ich kündige bei Talvi und gehe zu Orbo."),
        ("Talvi", "Je résilie mon forfait Talvi, je passe chez Orbo."),
        ("Talvi", "Me doy de baja de Talvi y me paso a Orbo."),
        ("Talvi", "Vou encerrar a minha conta na Talvi e mudo para a Orbo."),
    ],
)
def test_that_a_phrase_for_leaving_is_no_alarm_for_the_company_that_is_joined(leaving: str, text: str) -> None:
    assert churn_at("zendesk:orbo", text).band is Band.LOW
    assert churn_at(f"zendesk:{leaving.lower()}", text).band in {Band.RAISED, Band.HIGH}


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    "text",
    [
        "Ich möchte mein Abo künden.",
        "Wir haben uns gegen eine Verlängerung entschieden.",
        "Je me casse, vous venez de perdre un client.",
        "Merci de clôturer mon compte.",
        "Quiero darme de baja.",
        "Me cambio de compañía.",
        "Quero cancelar o meu plano.",
        "Vou-me embora, perderam um cliente.",
    ],
)
def test_that_leaving_is_told_where_no_company_is_named(text: str) -> None:
    assert churn_at("zendesk:orbo", text).band in {Band.RAISED, Band.HIGH}


@pytest.mark.promise("R5")
@pytest.mark.parametrize(
    "text",
    [
        "Mein Vermieter hat mir die Wohnung gekündigt.",
        "Ich möchte den Tarif wechseln.",
        "Bitte nehmen Sie die Kündigung zurück.",
        "Résiliez seulement l'option roaming.",
        "No quiero darme de baja.",
        "Quiero cancelar mi pedido.",
        "Cancelem a minha encomenda.",
        "Quero mudar de plano.",
    ],
)
def test_that_words_for_leaving_about_something_else_are_no_alarm(text: str) -> None:
    assert churn_at("zendesk:orbo", text).band is Band.LOW


def test_that_an_elided_word_is_a_word_of_its_own() -> None:
    said = [token.word for token in Companies(("Orbo",)).read("J'hésite, isn't it d'Orbo aujourd'hui")]

    assert said == ["j'", "hésite", ",", "isn't", "it", "d'", US, "aujourd'hui"]


def test_that_words_listed_under_two_meanings_stand_for_both() -> None:
    concepts = read_concepts(b'[concepts]\nLEAVE = ["me voy", "dejo"]\nI = ["me voy", "dejo"]')

    assert concepts.read(["hoy", "me", "voy", "dejo"]) == [("LEAVE", 1), ("I", 1), ("LEAVE", 3), ("I", 3)]


def test_that_a_word_stands_for_what_it_does_in_the_language_of_its_sentence() -> None:
    concepts = read_concepts(
        b'[concepts]\nNEG = ["no"]\nOR = ["o"]\n'
        b'[telling]\nes = ["el", "no"]\npt = ["meu", "no"]\n[own.pt]\nWITH = ["no"]\nNOTHING = ["o"]'
    )

    assert concepts.read(["el", "no", "o"]) == [("NEG", 1), ("OR", 2)]
    assert concepts.read(["meu", "no", "o"]) == [("WITH", 1)]
    assert concepts.read(["no", "o"]) == [("NEG", 0), ("OR", 1)]  # as many words tell of one as of the other


def test_that_longer_words_are_found_without_their_accents_and_short_ones_are_not() -> None:
    concepts = read_concepts(
        '[concepts]\nRIVAL = ["otra compañía"]\nCANCEL = ["anulación", "borré"]\nI = ["está"]'.encode()
    )

    assert concepts.read(["otra", "compania", "anulacion", "borre"]) == [("RIVAL", 0), ("CANCEL", 2), ("CANCEL", 3)]
    assert concepts.read(["esta", "está"]) == [("I", 1)]


def test_that_an_entry_without_accents_keeps_its_own_meaning() -> None:
    concepts = read_concepts('[concepts]\nLEAVE = ["quité"]\nSTAY = ["quite"]'.encode())

    assert concepts.read(["quite", "quité"]) == [("STAY", 0), ("LEAVE", 1)]


def test_that_a_text_in_a_language_that_was_not_learned_is_not_judged() -> None:
    text = "Dzień dobry, chciałbym zapytać, kiedy przyjdzie moja paczka, bo czekam już od tygodnia."

    assert churn_at("zendesk:orbo", text).band is Band.UNKNOWN


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("I left Tarn & Tor for Nordvik", {US, THEM}),
        ("@TarnAndTorHelp it's over", {US}),
        ("tarn and tor is fine", {US}),
        ("TarnTor's app", {US}),
        ("from Nordvik to you", {THEM}),
        ("ask @nordvik", {THEM}),
        ("Yes, on Monday", set()),
    ],
)
def test_that_companies_are_found_however_they_are_written(text: str, marks: set[str]) -> None:
    tokens = Companies(("Tarn & Tor",), ("Nordvik",)).read(text, ordinary=frozenset({"yes", "ask", "from", "left"}))

    assert {token.word for token in tokens} & {US, THEM, NAME} == marks


def test_that_the_name_itself_does_not_matter() -> None:
    assert score("I'm leaving Orbo for Talvi", "Orbo", "Talvi") == score("I'm leaving Zann for Quill", "Zann", "Quill")


@given(st.text(max_size=300), st.text(max_size=12))
def test_that_any_text_gets_a_finite_score(text: str, name: str) -> None:
    assert abs(churn_model().score(text, Companies((name,), ()))) < 1_000
