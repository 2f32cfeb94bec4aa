from datetime import timedelta

import pytest

from assist.domain import Csat, SourceKind, Visibility
from assist.store.database import Connection
from assist.store.records import Changes, Counts
from assist.store.store import Store
from tests.helpers.builders import (
    ACME,
    NOON,
    a_macro,
    a_message,
    a_passage,
    a_ref,
    a_solved_ticket,
    a_ticket,
    an_article,
)
from tests.helpers.store import a_past_reply, opened, run

ARTICLE, MACRO, PAST_REPLY = SourceKind.ARTICLE, SourceKind.MACRO, SourceKind.PAST_REPLY


def passages(*texts: str, **fields):
    return [a_passage(text, ordinal=n, **fields) for n, text in enumerate(texts)]


def put(store: Store, *items) -> Changes:
    return run(store.knowledge.put_articles(items))


def texts(store: Store, kind: SourceKind) -> dict[int, str]:
    return {doc.id: doc.text for doc in store.documents.iterate(kind)}


def check_full_text(connection: Connection) -> None:
    """Raise where a full-text table does not mirror its documents."""
    for table in ("passages", "macros", "past_replies"):
        connection.execute(f"INSERT INTO {table}_fts ({table}_fts, rank) VALUES ('integrity-check', 1)")  # noqa: S608  # the store's own names


@pytest.fixture(autouse=True)
def _full_text_mirrors_documents(store):
    yield
    store.writer.submit(check_full_text).result(timeout=10)


def test_that_storing_the_same_again_changes_nothing(store):
    items = (an_article(), passages("one", "two"))
    first = put(store, items)

    assert first == Changes(added=(1, 2))
    assert put(store, items) == Changes()


def test_that_only_the_passages_that_changed_get_new_ids(store):
    put(store, (an_article(), passages("one", "two", "three")))

    changes = put(store, (an_article(), passages("zero", "one", "TWO", "three")))

    assert changes == Changes(added=(4, 5), removed=(2,))
    assert texts(store, ARTICLE) == {1: "one", 3: "three", 4: "zero", 5: "TWO"}
    ordinals = {id_: found.passage.ordinal for id_, found in store.documents.passages([1, 3, 4, 5]).items()}
    assert ordinals == {1: 1, 3: 3, 4: 0, 5: 2}


def test_that_a_repeated_passage_is_kept_as_often_as_it_stands_there(store):
    put(store, (an_article(), passages("note", "note")))

    assert put(store, (an_article(), passages("note"))) == Changes(removed=(2,))


def test_that_another_title_makes_other_passages(store):
    put(store, (an_article(), passages("one")))

    changes = put(store, (an_article(title="New"), passages("one", heading_path=("New",))))

    assert changes == Changes(added=(2,), removed=(1,))


def test_that_an_id_is_never_given_to_another_document(store):
    put(store, (an_article(), passages("one")))
    run(store.knowledge.remove(ARTICLE, ACME, [5]))

    assert put(store, (an_article(), passages("one"))).added == (2,)


def test_that_a_draft_is_kept_without_passages(store):
    put(store, (an_article(), passages("one")))

    changes = put(store, (an_article(draft=True), passages("one")))

    assert changes == Changes(removed=(1,))
    assert store.documents.articles(ACME, 5)["en-gb"].draft
    assert store.documents.counts(ACME).articles == 1


def test_that_locales_and_accounts_do_not_touch_each_other(store):
    german = (an_article(locale="de", title="Zurückgeben"), passages("eins", locale="de"))
    other = (an_article(account="freshdesk:acme"), passages("one"))
    put(store, (an_article(), passages("one")), german, other)

    assert run(store.knowledge.remove(ARTICLE, ACME, [5])) == Changes(removed=(1, 2))
    assert texts(store, ARTICLE) == {3: "one"}
    assert store.documents.counts(ACME) == Counts(0, 0, 0, 0, 0)
    assert store.documents.counts() == Counts(1, 1, 0, 0, 0)


def test_that_a_passage_is_found_with_what_its_article_says(store):
    article = an_article(section="Returns", labels=("a", "b"), votes=-3, visibility=Visibility.AGENTS)
    put(store, (article, passages("one", heading_path=("Return an item", "Ünder “60” days"))))

    (found,) = store.documents.passages([99, 1]).values()

    assert found.passage == a_passage("one", heading_path=("Return an item", "Ünder “60” days"))
    assert (found.section, found.labels, found.votes) == ("Returns", ("a", "b"), -3)
    assert (found.visibility, found.url, found.updated_at) == (Visibility.AGENTS, article.url, NOON)
    assert store.documents.articles(ACME, 5) == {"en-gb": article}


def test_that_news_about_an_article_leaves_its_passages_alone(store):
    put(store, (an_article(), passages("one")))

    changes = put(store, (an_article(votes=9, visibility=Visibility.SIGNED_IN), passages("one")))

    assert changes == Changes()
    assert store.documents.passages([1])[1].visibility is Visibility.SIGNED_IN


def test_that_a_macro_keeps_its_id_until_its_words_change(store):
    run(store.knowledge.put_macros([a_macro(), a_macro(13, title="Other")]))

    used = run(store.knowledge.put_macros([a_macro(usage=23, tags=("x",), updated_at=NOON)]))
    edited = run(store.knowledge.put_macros([a_macro(body="New words")]))

    assert (used, edited) == (Changes(), Changes(added=(3,), removed=(1,)))
    assert store.documents.macros([3, 1, 2]) == {3: a_macro(body="New words"), 2: a_macro(13, title="Other")}


def test_that_the_language_of_a_macro_is_known_to_an_index(store):
    run(store.knowledge.put_macros([a_macro(1), a_macro(2, title="Zwei")], languages={2: "de"}))

    assert [doc.language for doc in store.documents.iterate(MACRO)] == ["", "de"]


def test_that_replies_are_learned_and_replaced_ticket_by_ticket(store):
    solved = a_solved_ticket()
    run(store.knowledge.put_solved([(solved, [a_past_reply("one"), a_past_reply("two", message_id=72)])]))

    changes = run(store.knowledge.put_solved([(solved, [a_past_reply("one", csat=Csat.BAD, reopens=1)])]))

    assert changes == Changes(removed=(2,))
    assert store.documents.past_replies([1]) == {1: a_past_reply("one", csat=Csat.BAD, reopens=1)}
    assert store.documents.solved_ticket(a_ref(8)) == solved
    assert list(store.documents.solved_tickets()) == [solved]


def test_that_the_newest_replies_are_those_that_were_sent_last_whenever_they_were_read(store):
    for number, hours in enumerate((5, 1, 9, 3), 10):
        reply = a_past_reply(ref=a_ref(number), message_id=number, replied_at=NOON + timedelta(hours=hours))
        run(store.knowledge.put_solved([(a_solved_ticket(number), [reply])]))
    other = a_past_reply(ref=a_ref(20, "freshdesk:acme"), message_id=20, replied_at=NOON + timedelta(hours=20))
    run(store.knowledge.put_solved([(a_solved_ticket(20, "freshdesk:acme"), [other])]))

    newest = store.documents.past_replies(store.documents.newest_replies(ACME, limit=2))

    assert [reply.message_id for reply in newest.values()] == [10, 12]
    assert len(store.documents.newest_replies(ACME, limit=9)) == 4


def test_that_a_past_reply_is_matched_by_what_the_customer_wrote(store):
    run(store.knowledge.put_solved([(a_solved_ticket(), [a_past_reply(language="en")])]))

    (doc,) = store.documents.iterate(PAST_REPLY)

    assert (doc.title, doc.text, doc.answer, doc.language) == (
        "Tent pole snapped",
        "My tent pole snapped.",
        "Send us a photo.",
        "en",
    )


def test_that_removing_a_solved_ticket_removes_its_replies(store):
    run(store.knowledge.put_solved([(a_solved_ticket(), [a_past_reply()])]))

    assert run(store.knowledge.remove(PAST_REPLY, ACME, [8])) == Changes(removed=(1,))
    assert store.documents.solved_ticket(a_ref(8)) is None


def test_that_what_a_complete_read_no_longer_holds_is_removed(store):
    run(store.knowledge.put_macros([a_macro(n, body=str(n)) for n in (1, 2, 3)]))
    run(store.knowledge.put_macros([a_macro(9, account="freshdesk:acme")]))

    assert run(store.knowledge.retain(MACRO, ACME, {2})) == Changes(removed=(1, 3))
    assert list(texts(store, MACRO)) == [2, 4]


def test_that_forgetting_an_account_leaves_the_others_and_nothing_of_it(store):
    run(store.knowledge.put_macros([a_macro(), a_macro(account="freshdesk:acme")]))
    put(store, (an_article(), passages("one")))
    run(store.knowledge.put_solved([(a_solved_ticket(), [a_past_reply()])]))

    run(store.knowledge.forget_account(ACME))

    assert store.documents.counts() == Counts(0, 0, 1, 0, 0)


def test_that_documents_stream_by_pages_from_any_id(store):
    run(store.knowledge.put_macros([a_macro(n, body=f"text {n}") for n in range(1, 8)]))

    assert [doc.id for doc in store.documents.iterate(MACRO, page=3)] == [1, 2, 3, 4, 5, 6, 7]
    assert [doc.id for doc in store.documents.iterate(MACRO, after_id=5, page=1)] == [6, 7]


def test_that_the_title_of_a_passage_is_its_path(store):
    put(store, (an_article(), passages("one", heading_path=("Return", "UK"))))

    assert [doc.title for doc in store.documents.iterate(ARTICLE)] == ["Return › UK"]


def test_that_texts_no_database_could_hold_are_kept_without_their_broken_part(store):
    put(store, (an_article(html="\ud83d"), passages("half \ud83d emoji")))
    run(store.knowledge.put_macros([a_macro(body="half \ud83d emoji")]))
    run(store.knowledge.put_solved([(a_solved_ticket(messages=(a_message("\ud83d"),)), [a_past_reply("\ud83d")])]))

    assert texts(store, ARTICLE) == {1: "half ? emoji"}
    assert texts(store, MACRO) == {1: "half ? emoji"}


@pytest.mark.parametrize("table", ["passages", "macros", "past_replies"])
def test_that_the_content_behind_an_id_cannot_be_changed(store, table):
    columns = {"passages": "text", "macros": "body", "past_replies": "reply_text"}
    put(store, (an_article(), passages("one")))
    run(store.knowledge.put_macros([a_macro()]))
    run(store.knowledge.put_solved([(a_solved_ticket(), [a_past_reply()])]))

    change = f"UPDATE {table} SET {columns[table]} = 'other'"  # noqa: S608  # the store's own names
    failed = store.writer.submit(lambda c: c.execute(change).fetchall())

    assert failed.exception(timeout=10) is not None


def test_that_a_newer_solved_ticket_replaces_the_older_in_place(store):
    later = a_solved_ticket(ticket=a_ticket(8, updated_at=NOON + timedelta(days=1)))
    run(store.knowledge.put_solved([(a_solved_ticket(), [])]))
    run(store.knowledge.put_solved([(later, [])]))

    assert list(store.documents.solved_tickets(page=1)) == [later]


def test_that_knowledge_survives_a_restart(tmp_path):
    with opened(tmp_path / "other.db") as store:
        put(store, (an_article(), passages("one")))
    with opened(tmp_path / "other.db") as store:
        assert texts(store, ARTICLE) == {1: "one"}
