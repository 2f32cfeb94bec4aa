import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assist.domain import AccountId, SourceKind
from assist.store import search as search_module
from assist.store.store import Store
from tests.helpers.builders import ACME, a_macro, a_passage, a_solved_ticket, an_article
from tests.helpers.store import a_past_reply, run

ARTICLE, MACRO, PAST_REPLY = SourceKind.ARTICLE, SourceKind.MACRO, SourceKind.PAST_REPLY
OTHER = AccountId("freshdesk:acme")


def put(store: Store, *texts: str, account: str = ACME) -> None:
    items = [
        (an_article(n, account), [a_passage(text, article_id=n, heading_path=("Help",))])
        for n, text in enumerate(texts, start=1)
    ]
    run(store.knowledge.put_articles(items))


def found(store: Store, text: str, *, kind: SourceKind = ARTICLE, account: str = ACME, limit: int = 50) -> list[int]:
    return [hit.doc_id for hit in store.search.search(kind, text, AccountId(account), limit=limit)]


def completed(store: Store, typed: str, *, limit: int = 20) -> list[int]:
    return [hit.doc_id for hit in store.search.complete(ARTICLE, typed, ACME, limit=limit)]


def test_that_the_document_with_more_of_the_rare_words_comes_first(store):
    put(store, "the tent has a pole", "the pole of the tent snapped", "the boots are wet")

    assert found(store, "Please, my pole snapped!") == [2, 1]


def test_that_scores_fall_from_hit_to_hit(store):
    put(store, "tent pole snapped", "tent pole", "tent")

    scores = [hit.score for hit in store.search.search(ARTICLE, "tent pole snapped", ACME)]

    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[2] > 0


def test_that_accents_and_case_do_not_matter(store):
    put(store, "Größe ändern", "Café in Kendal")

    assert found(store, "GROSSE GRÖẞE ANDERN") == [1]
    assert found(store, "cafe") == [2]


def test_that_common_words_are_looked_up_only_when_there_is_nothing_else(store, monkeypatch):
    monkeypatch.setattr(search_module, "COMMON_FLOOR", 2)
    put(store, "the tent", "the boots", "the stove", "the Lathe")

    assert found(store, "the lathe") == [4]
    assert found(store, "the") == [1, 2, 3, 4]


def test_that_only_the_rarest_words_of_a_long_text_count(store):
    common = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
    put(store, *(" ".join(common) for _ in range(3)), "unicorn")

    assert found(store, " ".join([*common, "unicorn"])) == [4, 1, 2, 3]
    assert store.search._rarest(ARTICLE, " ".join([*common, "unicorn"])) == [
        *("unicorn", "alpha", "beta", "delta", "epsilon", "eta", "gamma", "theta"),
    ]


def test_that_the_number_of_documents_to_score_is_bounded(store, monkeypatch):
    monkeypatch.setattr(search_module, "MOST_POSTINGS", 3)
    put(store, "one two", "two three", "two three")

    assert store.search._rarest(ARTICLE, "one two three") == ["one", "three"]


def test_that_another_account_is_never_searched(store):
    put(store, "tent pole")
    put(store, "tent pole", account=OTHER)

    assert found(store, "tent pole") == [1]
    assert found(store, "tent pole", account=OTHER) == [2]
    assert found(store, "tent pole", account="zendesk:nobody") == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "tent AND",
        'NEAR("tent")',
        "text:tent OR *",
        "(tent",
        "-tent ^pole",
        "tent*",
        "{a b}: c",
        "\0tent",
        "' OR 1=1 --",
    ],
)
def test_that_no_text_is_read_as_query_syntax(store, text):
    put(store, "tent pole")

    assert found(store, text) in ([], [1])
    assert completed(store, text) in ([], [1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(text=st.text(max_size=60))
def test_that_any_text_can_be_searched_for(store, text):
    put(store, "tent pole")

    assert set(found(store, text)) <= {1}
    assert set(completed(store, text)) <= {1}


def test_that_a_text_without_words_finds_nothing(store):
    put(store, "tent pole")

    assert found(store, " ?! 😀 ") == []
    assert completed(store, "") == []


def test_that_macros_and_past_replies_are_searched_apart(store):
    run(store.knowledge.put_macros([a_macro(title="Tents::Pole", body="We mend it."), a_macro(13, title="Boots")]))
    run(store.knowledge.put_solved([(a_solved_ticket(), [a_past_reply(customer_text="the pole of my tent")])]))

    assert found(store, "pole", kind=MACRO) == [1]
    assert found(store, "pole", kind=PAST_REPLY) == [1]
    assert found(store, "boots", kind=MACRO) == [2]
    assert found(store, "pole", kind=ARTICLE) == []


def test_that_a_removed_document_is_found_no_more(store):
    put(store, "tent pole")
    run(store.knowledge.remove(ARTICLE, ACME, [1]))

    assert found(store, "tent pole") == []


def test_that_a_search_box_completes_the_last_word(store):
    put(store, "return label for the tent", "return policy", "tents return")

    assert sorted(completed(store, "return te")) == [1, 3]
    assert completed(store, "return tent ") == [1]
    assert completed(store, "label return") == [1]
    assert completed(store, "ret lab") == []


def test_that_no_more_than_the_limit_come_back(store):
    put(store, *("tent" for _ in range(9)))

    assert len(found(store, "tent", limit=4)) == 4
    assert completed(store, "te", limit=3) == [1, 2, 3]


def test_that_words_learned_as_common_are_learned_anew_when_asked(store, monkeypatch):
    monkeypatch.setattr(search_module, "COMMON_FLOOR", 1)
    put(store, "tent", "tent", "lathe")
    assert found(store, "tent lathe") == [3]

    put(store, "tent", "lathe", "lathe", "lathe")
    store.search.warm()

    assert found(store, "tent lathe") == [1]
