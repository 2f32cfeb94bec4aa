from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.domain import AccountId, SourceKind
from assist.engine.service import Engine
from assist.ingest import past_replies
from assist.store.records import Changes
from assist.suggest import Question
from assist.text.passages import split_article
from tests.helpers.builders import (
    NOON,
    a_customer,
    a_macro,
    a_message,
    a_reply,
    a_solved_ticket,
    a_ticket,
    an_agent,
    an_article,
    an_open_ticket,
)
from tests.helpers.encoders import HashingEncoder
from tests.helpers.store import opened, run

WORDS = ("tent", "pole", "boot", "refund", "parcel", "label", "jacket", "gas", "invoice", "zip")
accounts = st.sampled_from([AccountId("zendesk:one"), AccountId("freshdesk:one"), AccountId("zendesk:two")])
sentences = st.lists(st.sampled_from(WORDS), min_size=3, max_size=6).map(" ".join)
kinds = st.sampled_from(list(SourceKind))
documents = st.lists(st.tuples(accounts, kinds, sentences), min_size=1, max_size=12)


def an_engine(store) -> Engine:
    return Engine(reader=store.reader, encoder=HashingEncoder(), triggers=(), now=lambda: NOON)


def put(store, number: int, account: AccountId, kind: SourceKind, words: str):
    """Store a document whose every text names its account, and return the changes."""
    owner = f"owner{account.replace(':', '')}"
    match kind:
        case SourceKind.ARTICLE:
            article = an_article(
                number, account, title=f"{words} {owner}", html=f"<p>The {words} of {owner} is here.</p>"
            )
            return run(store.knowledge.put_articles([(article, split_article(article))]))
        case SourceKind.MACRO:
            macro = a_macro(number, account, title=f"{words} {owner}", body=f"The {words} of {owner} is in this macro.")
            return run(store.knowledge.put_macros([macro]))
        case SourceKind.PAST_REPLY:
            answer = a_reply(f"We at {owner} have looked at your {words} and send you a new one today.")
            solved = a_solved_ticket(1000 + number, account, messages=(a_message(f"my {words} is broken"), answer))
            return run(store.knowledge.put_solved([(solved, past_replies(solved))]))


def asked(engine: Engine, account: AccountId, words: str):
    opened_ticket = an_open_ticket(
        7, account, ticket=a_ticket(7, account, subject=words), messages=(a_message(f"What about my {words}?"),)
    )
    return list(engine.answer(Question(opened_ticket, an_agent())))[-1]


def texts(found) -> str:
    return repr(
        [(r.text, r.source, r.also) for r in found.replies]
        + [(a.text, a.title, a.url) for a in found.articles]
        + [(s.subject, s.ref) for s in found.similar]
    )


@pytest.mark.promise("U4")
@settings(max_examples=40, deadline=None)
@given(stored=documents, late=documents, asker=accounts, question=sentences)
def test_that_no_account_ever_sees_a_document_of_another(stored, late, asker, question):
    with TemporaryDirectory() as folder, opened(Path(folder) / "kibitz.db") as store:
        for number, (account, kind, words) in enumerate(stored, 1):
            put(store, number, account, kind, words)
        engine = an_engine(store)
        engine.load()
        for number, (account, kind, words) in enumerate(late, 100):
            engine.update(account, kind, put(store, number, account, kind, words))
        list(engine.encode_missing())

        found = asked(engine, asker, question)

    own = f"owner{asker.replace(':', '')}"
    others = {f"owner{a.replace(':', '')}" for a in ("zendesk:one", "freshdesk:one", "zendesk:two")} - {own}
    assert not any(other in texts(found) for other in others)
    assert not any(other in texts(found) for other in ("zendesk:one", "freshdesk:one", "zendesk:two") if other != asker)


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield store


ONE = AccountId("zendesk:one")


def test_that_the_property_above_is_not_kept_by_finding_nothing(store):
    for number, kind in enumerate(SourceKind, 1):
        put(store, number, ONE, kind, "tent pole boot")
    engine = an_engine(store)
    engine.load()
    list(engine.encode_missing())

    found = asked(engine, ONE, "tent pole boot")

    assert {reply.source.kind for reply in found.replies} == set(SourceKind)
    assert [hit.title for hit in found.articles] == ["tent pole boot ownerzendeskone"]
    assert [similar.ref.id for similar in found.similar] == [1002]


def test_that_vectors_are_made_once_and_read_again(store):
    put(store, 1, ONE, SourceKind.ARTICLE, "tent pole boot")
    put(store, 2, ONE, SourceKind.MACRO, "parcel label gas")
    first = an_engine(store)
    first.load()
    assert (first.size, first.missing_vectors) == (2, 2)

    made = list(first.encode_missing())
    for part in made:
        run(store.vectors.put(part.encoder, part.kind, part.ids, part.vectors.astype("float32")))
    second = an_engine(store)
    second.load()

    assert [(part.kind, part.remaining) for part in made] == [(SourceKind.MACRO, 1), (SourceKind.ARTICLE, 0)]
    assert (second.size, second.missing_vectors) == (2, 0)
    assert asked(second, ONE, "tent pole boot").articles[0].features["cosine"] == pytest.approx(0.467, abs=0.01)


def test_that_a_macro_that_comes_while_past_replies_are_encoded_is_encoded_too(store):
    account = AccountId("zendesk:one")
    put(store, 1, account, SourceKind.PAST_REPLY, "tent pole boot")
    engine = an_engine(store)
    engine.load()
    encoding = engine.encode_missing()
    assert next(encoding).kind is SourceKind.PAST_REPLY

    engine.update(account, SourceKind.MACRO, put(store, 2, account, SourceKind.MACRO, "refund parcel label"))

    assert [encoded.kind for encoded in encoding] == [SourceKind.MACRO]
    assert engine.missing_vectors == 0


def test_that_an_update_of_a_document_that_is_gone_again_changes_nothing(store):
    changes = put(store, 1, ONE, SourceKind.ARTICLE, "tent pole boot")
    engine = an_engine(store)
    run(store.knowledge.remove(SourceKind.ARTICLE, ONE, [1]))

    engine.update(ONE, SourceKind.ARTICLE, changes)

    assert (engine.size, engine.missing_vectors) == (0, 0)
    assert list(engine.encode_missing()) == []


@pytest.mark.promise("U4")
def test_that_an_update_cannot_bring_another_accounts_document_in(store):
    changes = put(store, 1, ONE, SourceKind.ARTICLE, "tent pole boot")
    engine = an_engine(store)
    two = AccountId("zendesk:two")

    engine.update(two, SourceKind.ARTICLE, changes)

    assert engine.size == 0
    assert asked(engine, two, "tent pole boot").articles == ()


def test_that_a_removed_document_waits_for_no_vector(store):
    changes = put(store, 1, ONE, SourceKind.ARTICLE, "tent pole boot")
    engine = an_engine(store)
    engine.load()
    assert engine.missing_vectors == 1

    engine.update(ONE, SourceKind.ARTICLE, Changes(removed=changes.added))

    assert (engine.size, engine.missing_vectors) == (0, 0)


def test_that_a_document_that_goes_before_it_is_encoded_is_passed_over(store):
    changes = put(store, 1, ONE, SourceKind.ARTICLE, "tent pole boot")
    engine = an_engine(store)
    engine.load()
    run(store.knowledge.remove(SourceKind.ARTICLE, ONE, [1]))

    assert len(changes.added) == 1
    assert list(engine.encode_missing()) == []


def test_that_the_customers_name_greets(store):
    put(store, 1, ONE, SourceKind.PAST_REPLY, "tent pole boot")
    engine = an_engine(store)
    engine.load()
    list(engine.encode_missing())
    ticket = an_open_ticket(
        7,
        ONE,
        ticket=a_ticket(7, ONE, subject="tent pole boot"),
        messages=(a_message("What about my tent pole boot?"),),
        customer=a_customer(name="Zoe Marsh"),
    )

    (reply,) = list(engine.answer(Question(ticket, an_agent())))[-1].replies

    assert reply.text.startswith("Hi Zoe,\n\nWe at ownerzendeskone have looked at")


def test_that_what_comes_while_the_engine_learns_is_found_before_it_has_learned(store):
    for number in range(1, 6):
        put(store, number, ONE, SourceKind.MACRO, " ".join(WORDS[number : number + 3]))
        put(store, number, ONE, SourceKind.PAST_REPLY, " ".join(WORDS[number : number + 3]))
    engine = an_engine(store)
    engine.load()
    seen = []

    def update() -> None:
        if not seen:
            seen.append(engine.missing_vectors)
            engine.update(ONE, SourceKind.ARTICLE, put(store, 9, ONE, SourceKind.ARTICLE, "tent pole boot"))
            seen.extend(encoded.kind for encoded in engine.encode_new())
            seen.extend(hit.title for hit in asked(engine, ONE, "tent pole boot").articles)

    engine.between = update
    list(engine.encode_missing())

    assert seen == [0, SourceKind.ARTICLE, "tent pole boot ownerzendeskone"]
