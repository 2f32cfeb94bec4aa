from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.retrieve.lexical import LexicalDocument, LexicalIndex, analyzer, field_language


def index_of(*documents: LexicalDocument) -> LexicalIndex:
    index = LexicalIndex()
    index.replace(documents)
    return index


def a_document(doc_id: int, body: str, title: str = "", language: str = "en") -> LexicalDocument:
    return LexicalDocument(doc_id, title, body, language)


def found(index: LexicalIndex, words: str | Counter[str], limit: int = 10) -> list[int]:
    return index.search(words, limit=limit).ids.tolist()


SHOP = (
    a_document(1, "You can cancel your membership at any time.", "Cancel Trail Club"),
    a_document(2, "The carrier brings parcels in two days.", "Delivery times"),
    a_document(3, "Order TT-204518 was a Lathe 2 tent in moss.", "An order"),
    a_document(4, "Sie können die Mitgliedschaft jederzeit kündigen.", "Trail Club kündigen", "de"),
    a_document(5, "Rücksendungen sind innerhalb von 60 Tagen möglich.", "Artikel zurücksenden", "de-DE"),
)


@pytest.mark.parametrize(
    ("language", "word", "other"),
    [
        ("en", "cancelling", "cancelled"),
        ("de", "Rücksendungen", "Rücksendung"),
        ("fr", "remboursements", "remboursement"),
        ("es", "devoluciones", "devolución"),
        ("pt", "devoluções", "devolução"),
        ("nl", "tenten", "tent"),
        ("it", "resi", "reso"),
    ],
)
def test_that_forms_of_a_word_are_one_word_in_each_language(language, word, other):
    assert analyzer(language).analyze(word) == analyzer(language).analyze(other) != []
    assert found(index_of(a_document(1, other, language=language)), word) == [1]


def test_that_a_german_question_finds_german_text_by_its_stem():
    index = index_of(*SHOP)

    assert found(index, "Wie kündige ich meine Mitgliedschaften?") == [4]
    assert found(index, "rucksendung") == [5]


def test_that_an_english_question_is_not_lost_among_german_texts():
    assert found(index_of(*SHOP), "cancelling my memberships") == [1]


@pytest.mark.parametrize(
    ("tag", "short"), [("de-AT", "de"), ("en_GB", "en"), ("PT-br", "pt"), ("ja", "xx"), ("", "xx")]
)
def test_which_fields_hold_a_language(tag, short):
    assert field_language(tag) == short


def test_that_languages_without_a_stemmer_are_found_by_the_word_without_accents():
    index = index_of(a_document(1, "Zwrot pieniędzy za buty", language="pl"))

    assert found(index, "pieniedzy") == [1]


@pytest.mark.parametrize("question", ["the of and", "how do I", "wie ist das", ""])
def test_that_stop_words_find_nothing(question):
    assert found(index_of(*SHOP), question) == []


@pytest.mark.parametrize("code", ["TT-204518", "tt-204518", "204518"])
def test_that_a_product_code_finds_its_document_first(code):
    assert found(index_of(*SHOP), code)[0] == 3


@pytest.mark.parametrize(
    "words",
    [
        'cancel" OR *',
        "cancel AND (",
        "body_en:cancel",
        "cancel^99999 ~2",
        "[cancel TO",
        "\\cancel\\",
        "cancel's -membership",
    ],
)
def test_that_syntax_characters_are_just_characters(words):
    assert 1 in found(index_of(*SHOP), words)


@settings(max_examples=60, deadline=None)
@given(words=st.text(max_size=60))
def test_that_no_question_at_all_is_refused(words):
    assert set(found(_SHOP_INDEX, words)) <= {1, 2, 3, 4, 5}


_SHOP_INDEX = index_of(*SHOP)


def test_that_a_document_that_comes_again_replaces_itself():
    index = index_of(*SHOP)

    index.replace([a_document(2, "Gas travels by road only.", "Gas")])

    assert len(index) == 5
    assert found(index, "carrier parcels") == []
    assert found(index, "gas") == [2]


def test_that_removed_documents_are_gone_and_unknown_ones_do_not_matter():
    index = index_of(*SHOP)

    index.replace([], remove=[1, 777])

    assert len(index) == 4
    assert found(index, "cancel membership") == []


def test_that_a_title_counts_more_than_the_same_word_in_the_text():
    index = index_of(a_document(1, "invoice other", "Parcels"), a_document(2, "parcels other", "Invoice"))

    assert found(index, "invoice") == [2, 1]
    assert found(index, "parcels") == [1, 2]


def test_that_weights_of_words_decide():
    index = index_of(a_document(1, "tent"), a_document(2, "boot"))

    assert found(index, Counter({"tent": 1, "boot": 3})) == [2, 1]
    assert found(index, Counter({"tent": 3, "boot": 1})) == [1, 2]


def test_that_the_limit_holds():
    index = index_of(*(a_document(number, "tent") for number in range(1, 8)))

    assert len(found(index, "tent", limit=3)) == 3
    assert found(index, "tent", limit=0) == []


def test_that_a_rare_word_tells_more_than_a_common_one_and_a_stop_word_nothing():
    index = index_of(*(a_document(n, "tent pole" if n == 1 else "tent peg") for n in range(1, 9)))

    rarity = index.rarity(["tent", "pole", "kayak", "the"])

    assert "the" not in rarity
    assert rarity["tent"] < rarity["pole"] < rarity["kayak"] == 1.0


def test_that_an_empty_index_finds_nothing_and_knows_nothing():
    assert found(LexicalIndex(), "tent") == []
    assert LexicalIndex().rarity(["tent"]) == {}
