"""The kept index: what comes back is what an index made anew holds, whatever happened to store and file meanwhile."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.domain import AccountId, SourceKind
from assist.engine.service import Engine
from assist.retrieve.lexical import LANGUAGES
from assist.retrieve.postings import term
from assist.store.database import delete_database, index_path, open_index, set_aside
from assist.store.snapshot import Snapshot
from assist.text.passages import split_article
from tests.helpers.builders import NOON, a_macro, an_article
from tests.helpers.encoders import HashingEncoder
from tests.helpers.store import KEY, OTHER_KEY, opened, run

ONE, TWO = AccountId("zendesk:one"), AccountId("zendesk:two")
WORDS = ("tent", "pole", "boot", "refund", "parcel", "label")
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
puts = st.tuples(st.just("put"), st.integers(1, 6), st.sampled_from([ONE, TWO]), sentences)
removals = st.tuples(st.just("remove"), st.integers(1, 6), st.sampled_from([ONE, TWO]), st.just(""))
steps = st.lists(
    st.one_of(puts, puts, removals, st.sampled_from([("encode",), ("keep",), ("restart",)])), min_size=3, max_size=14
)


def another_encoder() -> HashingEncoder:
    encoder = HashingEncoder()
    encoder.name = "another encoder"
    return encoder


def an_engine(store, encoder=None) -> Engine:
    engine = Engine(
        reader=store.reader,
        encoder=encoder or HashingEncoder(),
        triggers=(),
        now=lambda: NOON,
        snapshot=Snapshot(store.path, KEY),
    )
    engine.load()
    return engine


def put(store, number: int, account: AccountId, words: str):
    article = an_article(number, account, title=words, html=f"<p>{words} {account}</p>")
    return run(store.knowledge.put_articles([(article, split_article(article))]))


def keep(engine: Engine) -> None:
    for _ in engine.keep():
        pass


def encode(engine: Engine, store) -> None:
    for made in engine.encode_missing():
        run(store.vectors.put(made.encoder, made.kind, made.ids, made.vectors.astype(np.float32)))


def held(engine: Engine) -> dict:
    """Return all that can be found in an engine: per collection the rankings of every word, ids and vectors."""
    found = {}
    for key, collection in engine._collections.items():
        if len(collection):
            rankings = [collection.lexical.search(word, limit=50) for word in WORDS]
            vector = HashingEncoder().encode(["tent pole"])[0]
            found[key] = (
                collection.lexical.ids.tolist(),
                [(one.ids.tolist(), one.scores.tolist()) for one in rankings],
                collection.dense.cosines(vector, collection.lexical.ids.tolist()),
            )
    return found


def fresh(store, encoder=None) -> Engine:
    engine = Engine(reader=store.reader, encoder=encoder or HashingEncoder(), triggers=(), now=lambda: NOON)
    engine.load()
    return engine


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put(store, 1, ONE, "tent pole boot")
        put(store, 2, ONE, "parcel label")
        put(store, 3, TWO, "refund boot")
        yield store


def a_kept(store) -> None:
    engine = an_engine(store)
    encode(engine, store)
    keep(engine)


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_that_after_any_history_the_index_is_the_one_made_anew(steps):
    with TemporaryDirectory() as folder, opened(Path(folder) / "kibitz.db") as store:
        engine = an_engine(store)
        for step, *about in steps:
            match step:
                case "put":
                    engine.update(about[1], SourceKind.ARTICLE, put(store, *about))
                case "remove":
                    changes = run(store.knowledge.remove(SourceKind.ARTICLE, about[1], [about[0]]))
                    engine.update(about[1], SourceKind.ARTICLE, changes)
                case "encode":
                    encode(engine, store)
                case "keep":
                    keep(engine)
                case "restart":
                    engine = an_engine(store)
        again = an_engine(store)
        encode(engine, store)

        assert held(again) == held(fresh(store)) or again.missing_vectors
        encode(again, store)
        assert held(again) == held(engine) == held(fresh(store))


def test_that_nothing_is_read_twice_that_was_kept(store, monkeypatch):
    a_kept(store)
    read = []
    monkeypatch.setattr("assist.store.documents.Documents.by_id", lambda *_: read.append(1) or [])

    again = an_engine(store)

    assert (again.size, again.missing_vectors, again.is_unkept, read) == (3, 0, False, [])


def test_that_what_came_and_went_while_the_engine_was_down_is_seen(store):
    a_kept(store)
    run(store.knowledge.remove(SourceKind.ARTICLE, ONE, [1]))
    put(store, 2, ONE, "zip jacket")
    run(store.knowledge.put_macros([a_macro(5, ONE, title="boot", body="boot")]))

    again = an_engine(store)

    assert again.is_unkept
    assert again.missing_vectors == 2
    assert {key: ids for key, (ids, *_) in held(again).items()} == {
        (ONE, SourceKind.MACRO): [1],
        (ONE, SourceKind.ARTICLE): [4],
        (TWO, SourceKind.ARTICLE): [3],
    }


@pytest.mark.promise("U4")
def test_that_an_index_of_another_store_with_the_same_ids_gives_nothing(store, tmp_path):
    a_kept(store)
    with opened(tmp_path / "other.db") as other:
        put(other, 1, TWO, "tent pole boot")
        put(other, 2, TWO, "other words")
        index_path(other.path).write_bytes(index_path(store.path).read_bytes())

        engine = an_engine(other)

        assert engine.missing_vectors == 2
        encode(engine, other)
        assert held(engine) == held(fresh(other))


def test_that_a_document_whose_content_is_another_behind_the_same_id_is_not_taken_for_it(tmp_path):
    with opened(tmp_path / "kibitz.db") as before:
        put(before, 1, ONE, "tent pole")
        a_kept(before)
    for path in tmp_path.glob("kibitz.db*"):
        if "index" not in path.name:
            path.unlink()
    with opened(tmp_path / "kibitz.db") as after:
        put(after, 1, ONE, "refund label")

        engine = an_engine(after)

        assert engine.missing_vectors == 1
        assert [doc for doc, *_ in held(engine).values()] == [[1]]
        assert held(engine) == held(fresh(after))


def test_that_the_vectors_of_another_encoder_do_not_come_back_but_the_words_do(store):
    a_kept(store)

    again = an_engine(store, another_encoder())

    assert (again.size, again.missing_vectors) == (3, 3)
    encode(again, store)
    keep(again)
    assert {part.made_by for part in Snapshot(store.path, KEY).parts() if part.name == "meaning"} == {"another encoder"}


def test_that_words_split_by_other_rules_do_not_come_back(store, monkeypatch):
    a_kept(store)
    monkeypatch.setattr("assist.engine.keeping.words_maker", lambda: "other stop words")

    again = an_engine(store)

    assert (again.size, again.missing_vectors, again.is_unkept) == (3, 0, True)


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_that_a_file_that_is_no_index_is_thrown_away_and_made_anew(store, key):
    a_kept(store)
    index = index_path(store.path)
    if key is KEY:
        index.write_bytes(b"no database" * 1_000)
    else:
        index.unlink()
        open_index(index, OTHER_KEY).close()

    again = an_engine(store)

    assert held(again) == held(fresh(store))
    keep(again)
    assert an_engine(store).is_unkept is False


def test_that_no_damaged_byte_crashes_or_gives_a_wrong_document(store):
    for number in range(10, 40):
        put(store, number, ONE, " ".join(random.Random(number).choices(WORDS, k=4)))
    a_kept(store)
    whole, right = index_path(store.path).read_bytes(), held(fresh(store))
    draw = random.Random(7)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 1, 3, 200))):
            damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        if draw.random() < 0.3:
            del damaged[draw.randrange(len(damaged)) :]
        index_path(store.path).write_bytes(bytes(damaged))

        assert held(an_engine(store)) == right


@pytest.mark.promise("D7")
def test_that_what_was_forgotten_is_in_no_byte_of_the_kept_index(store):
    put(store, 4, TWO, "unmistakable")
    a_kept(store)
    engine = an_engine(store)
    traces = [term(LANGUAGES.index("en"), 0, "unmistak").to_bytes(8, "little"), TWO.encode()]
    assert all(trace in decrypted(store.path) for trace in traces)

    run(store.knowledge.forget_account(TWO))
    engine.forget(TWO)

    assert not any(trace in decrypted(store.path) for trace in traces)
    assert ONE.encode() in decrypted(store.path)


@pytest.mark.promise("D7")
def test_that_what_was_removed_while_the_engine_was_down_is_in_no_byte_after_the_next_keeping(store):
    put(store, 4, ONE, "unmistakable")
    a_kept(store)
    run(store.knowledge.remove(SourceKind.ARTICLE, ONE, [4]))

    keep(an_engine(store))

    assert term(LANGUAGES.index("en"), 0, "unmistak").to_bytes(8, "little") not in decrypted(store.path)


def decrypted(store_path: Path) -> bytes:
    """Return all that the kept index holds, in clear, and see that no page of it is free."""
    connection = open_index(index_path(store_path), KEY)
    try:
        free = connection.pragma("freelist_count")
        content = b"".join(bytes(str(row), "utf-8") for row in connection.execute("SELECT content FROM contents"))
        content += b"".join(row[0] for row in connection.execute("SELECT content FROM pieces"))
    finally:
        connection.close()
    assert free == 0
    return content


def test_that_nothing_stands_in_clear_beside_the_store(store):
    put(store, 4, ONE, "unmistakable")
    a_kept(store)

    for path in store.path.parent.iterdir():
        content = path.read_bytes()
        assert b"unmistakable" not in content
        assert term(LANGUAGES.index("en"), 0, "unmistak").to_bytes(8, "little") not in content


def test_that_the_index_goes_with_its_store(tmp_path):
    with opened(tmp_path / "a.db") as one, opened(tmp_path / "b.db") as two:
        for store in (one, two):
            put(store, 1, ONE, "tent")
            a_kept(store)
            assert index_path(store.path).exists()
    delete_database(tmp_path / "a.db")
    set_aside(tmp_path / "b.db")

    assert not [path.name for path in tmp_path.iterdir() if "index" in path.name]


def test_that_a_change_between_two_steps_ends_the_keeping_and_the_next_one_finishes(store):
    engine = an_engine(store)
    encode(engine, store)
    keeping = engine.keep()
    next(keeping)
    engine.update(ONE, SourceKind.ARTICLE, put(store, 9, ONE, "label zip"))

    assert list(keeping) == []
    assert Snapshot(store.path, KEY).parts() == ()
    keep(engine)
    assert held(an_engine(store))[ONE, SourceKind.ARTICLE][0] == [1, 2, 4]


def test_that_keeping_that_gave_way_to_a_question_is_left_to_be_done(store):
    engine = an_engine(store)
    encode(engine, store)
    keeping = engine.keep()
    next(keeping)
    next(keeping)
    keeping.close()

    assert engine.is_unkept
    keep(engine)
    assert not engine.is_unkept
    assert held(an_engine(store)) == held(fresh(store))


def test_that_a_folder_that_cannot_be_written_leaves_the_engine_as_it_is(store, monkeypatch):
    engine = an_engine(store)
    encode(engine, store)
    monkeypatch.setattr(Snapshot, "add", lambda *_: False)

    keep(engine)

    assert not engine.is_unkept  # not tried again until something changes
    engine.update(ONE, SourceKind.ARTICLE, put(store, 9, ONE, "label zip"))
    assert engine.is_unkept
