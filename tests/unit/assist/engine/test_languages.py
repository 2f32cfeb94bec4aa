"""When the second encoder is asked, what it costs accounts that do not need it, and what happens without its files."""

from __future__ import annotations

import logging

import pytest

from assist.domain import AccountId, SourceKind
from assist.encoders.multilingual import load
from assist.engine.languages import SHIFT, SLOPE, OtherLanguages, SecondIndex
from assist.engine.protocol import Encoded
from assist.errors import ModelError
from assist.retrieve.dense import DenseIndex
from assist.store.records import Changes
from assist.store.store import Store
from resources import ROOT
from tests.helpers.builders import a_macro
from tests.helpers.encoders import HashingEncoder
from tests.helpers.store import opened, run

ACME = AccountId("zendesk:acme")


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield store


class Unreadable(HashingEncoder):
    def encode(self, texts):
        raise ModelError("a file is missing")


def put(store: Store, *macros: tuple[str, str], account: AccountId = ACME) -> Changes:
    """Put macros of (language, body); earlier ones that are not among them stay."""
    first = store.documents.counts(account).macros + 1
    rows = [a_macro(number, account, body=body) for number, (_, body) in enumerate(macros, first)]
    languages = {number: language for number, (language, _) in enumerate(macros, first)}
    return run(store.knowledge.put_macros(rows, languages=languages))


def all_steps(languages: OtherLanguages) -> list[Encoded]:
    made = []
    while languages.has_work:
        if (encoded := languages.step(lambda: None)) is not None:
            made.append(encoded)
    return made


def second() -> HashingEncoder:
    return HashingEncoder(256, name="second@1")


def test_that_an_english_account_with_english_tickets_costs_nothing(store):
    put(store, ("en", "Your parcel is on its way."), ("en-gb", "We refund you."))
    encoder = load(ROOT / "models")
    languages = OtherLanguages(encoder, store.reader)

    assert languages.encoder_for(ACME, "en") is None
    assert all_steps(languages) == []
    assert not encoder.is_loaded


def test_that_an_account_with_german_texts_gets_all_its_vectors_at_once(store):
    put(store, ("en", "Your parcel is on its way."), ("de", "Ihr Paket ist unterwegs."))
    languages = OtherLanguages(second(), store.reader)

    (made,) = all_steps(languages)

    assert (made.encoder, made.kind, len(made.ids), made.vectors.shape) == ("second@1", SourceKind.MACRO, 2, (2, 256))
    assert len(languages.index((ACME, SourceKind.MACRO))) == 2


def test_that_half_a_handful_of_mistaken_languages_among_hundreds_is_not_another_language(store):
    put(store, *[("en", f"We refund you, case {number}.") for number in range(200)], ("es", "OK no"))
    languages = OtherLanguages(second(), store.reader)

    assert all_steps(languages) == []


def test_that_a_text_without_a_language_is_read_for_it(store):
    put(store, ("", "Ihr Paket ist leider noch nicht bei uns angekommen, bitte warten Sie."))
    languages = OtherLanguages(second(), store.reader)

    assert len(all_steps(languages)) == 1


def test_that_the_first_german_ticket_of_an_english_account_brings_vectors_for_the_next(store):
    put(store, ("en", "Your parcel is on its way."))
    languages = OtherLanguages(second(), store.reader)
    all_steps(languages)

    assert languages.encoder_for(ACME, "de") is None
    assert languages.has_work
    all_steps(languages)
    assert languages.encoder_for(ACME, "de") is languages.encoder
    assert languages.encoder_for(ACME, "en") is None


def test_that_an_english_ticket_of_a_german_account_is_asked_of_it_too(store):
    put(store, ("de", "Ihr Paket ist unterwegs."), ("de", "Wir erstatten den Betrag."), ("en", "We refund you."))
    languages = OtherLanguages(second(), store.reader)
    all_steps(languages)

    assert languages.encoder_for(ACME, "en") is languages.encoder


def test_that_it_is_not_asked_before_most_vectors_are_made(store):
    put(store, *[("de", f"Wir erstatten den Betrag {number}.") for number in range(70)])
    languages = OtherLanguages(second(), store.reader)

    while len(languages.index((ACME, SourceKind.MACRO))) < 64:
        assert languages.encoder_for(ACME, "de") is None
        languages.step(lambda: None)
    assert languages.encoder_for(ACME, "de") is languages.encoder


def test_that_what_is_kept_in_the_store_is_not_made_again_and_tells_that_it_was_needed(store):
    put(store, ("en", "Your parcel is on its way."), ("en", "We refund you."))
    before = OtherLanguages(second(), store.reader)
    before.encoder_for(ACME, "fr")
    for made in all_steps(before):
        run(store.vectors.put(made.encoder, made.kind, made.ids, made.vectors.astype("float32")))

    after = OtherLanguages(second(), store.reader)

    assert all_steps(after) == []
    assert after.encoder_for(ACME, "fr") is after.encoder


def test_that_documents_that_come_and_go_are_followed(store):
    changes = put(store, ("de", "Ihr Paket ist unterwegs."))
    languages = OtherLanguages(second(), store.reader)
    all_steps(languages)
    new = put(store, ("de", "Wir erstatten den Betrag."))

    languages.take(ACME, SourceKind.MACRO, store.documents.by_id(SourceKind.MACRO, new.added), removed=changes.added)
    assert languages.missing_vectors == 1
    all_steps(languages)

    assert languages.index((ACME, SourceKind.MACRO)).ids.tolist() == list(new.added)


def test_that_accounts_are_apart(store):
    other = AccountId("zendesk:other")
    put(store, ("de", "Ihr Paket ist unterwegs."))
    put(store, ("en", "Your parcel is on its way."), account=other)
    languages = OtherLanguages(second(), store.reader)
    all_steps(languages)

    assert len(languages.index((ACME, SourceKind.MACRO))) == 1
    assert len(languages.index((other, SourceKind.MACRO))) == 0
    languages.forget(ACME)
    assert len(languages.index((ACME, SourceKind.MACRO))) == 0


@pytest.mark.logs("other languages are searched by words only: a file is missing")
def test_that_without_its_files_the_first_encoder_goes_on(store, caplog):
    put(store, ("de", "Ihr Paket ist unterwegs."))
    languages = OtherLanguages(Unreadable(256, name="second@1"), store.reader)

    assert all_steps(languages) == []
    assert languages.encoder_for(ACME, "de") is None
    assert [record.levelno for record in caplog.records if record.name == "assist.engine.languages"] == [
        logging.WARNING
    ]


def test_that_its_cosines_lie_where_those_of_the_first_encoder_lie():
    encoder = HashingEncoder(256)
    index, plain = SecondIndex(256), DenseIndex(256)
    for one in (index, plain):
        one.replace([4, 9], encoder.encode(["tent pole", "tent"]))
    query = encoder.encode(["tent pole"])[0]

    found = index.search(query, limit=2)

    assert found.ids.tolist() == [4, 9]
    expected = [SLOPE * cosine + SHIFT for cosine in plain.search(query, limit=2).scores.tolist()]
    assert found.scores.tolist() == pytest.approx(expected)
    assert index.cosines(query, [9, 4]) == pytest.approx(dict(zip([4, 9], expected, strict=True)), abs=1e-5)
