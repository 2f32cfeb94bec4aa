"""The engine as a process of its own: what it answers, what it keeps to itself, and how it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assist.domain import AccountId, SourceKind, Stage
from assist.engine.client import STOP_DEADLINE_S
from assist.errors import EngineDown
from assist.store.snapshot import Snapshot
from assist.text.passages import split_article
from tests.helpers.builders import ACME, an_article
from tests.helpers.engine import a_question, is_alive, running, until
from tests.helpers.store import KEY, opened, run

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks at processes through /proc")

RETURNS = an_article(5, title="Return an item", html="<p>You can return an unused item within 60 days.</p>")
POLE = an_article(6, title="Snapped tent pole", html="<p>Slide the sleeve over the break of the pole and tape it.</p>")
GAS = an_article(7, title="Gas cartridges", html="<p>Cartridges travel by road only, never by air.</p>")
WASH = an_article(
    9, title="Wash your down jacket", html="<p>Wash the down jacket with detergent, dry it with three tennis balls.</p>"
)
WASHING = "May I wash the down jacket with three tennis balls and detergent?"
RETURN_QUESTION = "How many days do I have to return an unused item?"


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        put(store, RETURNS, POLE, GAS)
        yield store


def put(store, *articles):
    return run(store.knowledge.put_articles([(article, split_article(article)) for article in articles]))


def titles(help_) -> list[str]:
    return [hit.title for hit in help_.articles]


def test_that_what_came_is_learned_before_the_engine_says_that_it_has_settled(store):
    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.is_settled)
            known = await engine.ask(RETURN_QUESTION)
            changes = await store.knowledge.put_articles([(WASH, split_article(WASH))])
            engine.client.update(ACME, SourceKind.ARTICLE, changes)
            was_settled = engine.client.is_settled
            await until(lambda: engine.client.is_settled)
            return known, was_settled, await engine.ask(WASHING, id=9)

    known, was_settled, then = run(main())

    assert [help_.early for help_ in known] == [False, False]
    assert not was_settled
    assert [help_.early for help_ in then] == [False, False]
    assert titles(then[-1]) == ["Wash your down jacket"]


def test_that_a_question_is_answered_by_words_and_then_refined(store):
    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.remaining_vectors == 0)
            return await engine.ask(RETURN_QUESTION, subject="Return an item")

    first, second = run(main())

    assert (first.stage, second.stage) == (Stage.LEXICAL, Stage.REFINED)
    assert first.state_key == second.state_key
    assert titles(second) == ["Return an item"]
    assert "cosine" not in (first.articles[0].features if first.articles else {})
    assert second.articles[0].features["cosine"] > 0.5
    assert set(first.timings_ms) == {"answered"}


@pytest.mark.promise("S1")
def test_that_the_engine_holds_no_window_no_network_library_and_no_key_in_sight(store):
    async def main():
        async with running(store) as engine:
            await engine.ask(RETURN_QUESTION)
            process = Path("/proc") / str(engine.pid)
            return {name: (process / name).read_bytes() for name in ("maps", "cmdline", "environ")}

    seen = run(main())

    assert b"onnxruntime" in seen["maps"]
    for library in (b"libQt", b"PySide6", b"shiboken", b"libtorch"):
        assert library not in seen["maps"], library
    for name in ("cmdline", "environ"):
        assert KEY.to_text().encode() not in seen[name]
        assert KEY.value not in seen[name]


@pytest.mark.logs("the engine process died; starting another in 0 s")
def test_that_a_killed_engine_is_started_again_with_one_warning(store, caplog):
    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.remaining_vectors == 0)
            first = engine.pid
            os.kill(first, signal.SIGSTOP)  # so that it cannot answer before it dies
            waiting = asyncio.create_task(engine.ask(RETURN_QUESTION))
            await asyncio.sleep(0)  # the question is sent
            os.kill(first, signal.SIGKILL)
            with pytest.raises(EngineDown):
                await waiting
            with pytest.raises(EngineDown):
                await engine.ask(RETURN_QUESTION)
            await until(lambda: engine.client.is_up)
            return first, engine.pid, await engine.ask(RETURN_QUESTION, subject="Return an item")

    first, second, answers = run(main())

    assert first != second
    assert not is_alive(first)
    assert titles(answers[-1]) == ["Return an item"]
    assert [record.getMessage() for record in caplog.records] == ["the engine process died; starting another in 0 s"]


def test_that_before_it_is_up_a_question_says_that_the_engine_is_down(store):
    async def main():
        async with running(store) as engine:
            engine.client.started = None
            with pytest.raises(EngineDown, match="not up yet"):
                await engine.ask(RETURN_QUESTION)

    run(main())


def test_that_the_newest_question_wins(store):
    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.remaining_vectors == 0)
            asked = [engine.ask(RETURN_QUESTION, subject="Return an item", id=number) for number in range(40)]
            return await asyncio.gather(*asked)

    answers = run(main())

    assert [found.stage for found in answers[-1]] == [Stage.LEXICAL, Stage.REFINED]
    assert answers[-1][-1].ref.id == 39
    overtaken = [found for found in answers[:-1] if not found or found[-1].stage is not Stage.REFINED]
    assert len(overtaken) >= 30


def test_that_what_comes_is_found_by_words_at_once_and_by_meaning_once_encoded(store):
    new = an_article(9, title="Wash your down jacket", html="<p>Use down detergent and three tennis balls.</p>")

    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.remaining_vectors == 0)
            changes = await store.knowledge.put_articles([(new, split_article(new))])
            engine.client.update(ACME, SourceKind.ARTICLE, changes)
            # A question may overtake an update, which is taken in within moments.
            by_words = await engine.ask(WASHING)
            while not titles(by_words[-1]):
                by_words = await engine.ask(WASHING)
            await until(lambda: any(changes.added[0] in made.ids for made in engine.encoded))
            by_meaning = await engine.ask("How should I clean my puffy down coat?")
            return changes, by_words, by_meaning

    changes, by_words, by_meaning = run(main())

    assert titles(by_words[-1])[:1] == ["Wash your down jacket"]
    (hit,) = by_meaning[-1].articles
    assert hit.title == "Wash your down jacket"
    assert hit.features["cosine"] > 0.5
    assert store.vectors.count("minilm@" + by_meaning[-1].versions["encoder"].split("@")[1], SourceKind.ARTICLE) == 4
    assert len(changes.added) == 1


def test_that_what_is_removed_is_found_no_more(store):
    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.remaining_vectors == 0)
            before = await engine.ask(RETURN_QUESTION, subject="Return an item")
            changes = await store.knowledge.remove(SourceKind.ARTICLE, ACME, [5])
            engine.client.update(ACME, SourceKind.ARTICLE, changes)
            after = before
            while "Return an item" in titles(after[-1]):
                after = await engine.ask(RETURN_QUESTION, subject="Return an item")
            return before, after

    before, after = run(main())

    assert titles(before[-1]) == ["Return an item"]
    assert titles(after[-1]) == []


def test_that_a_forgotten_account_is_found_no_more(store):
    other = AccountId("freshdesk:acme")
    put(store, an_article(5, other, title="Return an item", html=RETURNS.html))

    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.remaining_vectors == 0)
            await store.knowledge.forget_account(ACME)
            engine.client.forget(ACME)
            gone = await engine.ask(RETURN_QUESTION, subject="Return an item")
            while titles(gone[-1]):
                gone = await engine.ask(RETURN_QUESTION, subject="Return an item")
            kept = await engine.ask(RETURN_QUESTION, subject="Return an item", account=other)
            return gone, kept

    gone, kept = run(main())

    assert gone[-1].why_no_articles == "No help articles have been read from this helpdesk yet."
    assert titles(kept[-1]) == ["Return an item"]


def test_that_it_stops_when_it_is_told_to(store):
    async def main():
        async with running(store) as engine:
            pid = engine.pid
            started = time.monotonic()
            await engine.client.aclose()
            return pid, time.monotonic() - started

    pid, seconds = run(main())

    assert not is_alive(pid)
    assert seconds < STOP_DEADLINE_S + 1


def test_that_an_engine_that_hangs_is_ended_by_force(store):
    async def main():
        async with running(store) as engine:
            os.kill(engine.pid, signal.SIGSTOP)
            pid = engine.pid
            started = time.monotonic()
            await engine.client.aclose()
            return pid, time.monotonic() - started

    pid, seconds = run(main())

    assert not is_alive(pid)
    assert seconds < 2 * STOP_DEADLINE_S + 1


def test_that_the_engine_ends_when_the_app_is_killed(store, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.engine_child", str(store.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as app:
        assert app.stdin is not None
        assert app.stdout is not None
        app.stdin.write(KEY.to_text() + "\n")
        app.stdin.flush()
        engine = int(app.stdout.readline())
        assert is_alive(engine)
        app.kill()
        app.wait(10)

    run(until(lambda: not is_alive(engine)))


@pytest.mark.logs("is not the one that was approved", "the engine process died")
def test_that_a_damaged_model_is_said_and_leaves_the_app_to_plain_search(store, tmp_path, caplog):
    import shutil

    from assist.engine.client import EngineClient
    from assist.engine.protocol import Start

    models = tmp_path / "models"
    shutil.copytree(ROOT / "resources" / "models", models)
    (models / "minilm" / "tokenizer.json").write_text("{}")

    async def main():
        async def keep(_):
            raise AssertionError("nothing is encoded without a model")

        client = EngineClient(Start(store.path, KEY, models, ROOT / "resources" / "triggers.toml"), keep_vectors=keep)
        client.launch()
        try:
            await until(lambda: any("not the one that was approved" in r.getMessage() for r in caplog.records))
            with pytest.raises(EngineDown):
                await anext(client.ask(a_question(RETURN_QUESTION)))
        finally:
            await client.aclose()

    run(main())


@pytest.mark.logs("the engine process died")
def test_that_the_next_engine_begins_with_the_index_that_was_kept(store):
    def is_kept():
        parts = Snapshot(store.path, KEY).parts()
        return {part.name for part in parts} == {"words", "meaning"}

    async def main():
        async with running(store) as engine:
            await until(lambda: engine.client.remaining_vectors == 0)
            await until(is_kept)
            os.kill(engine.pid, signal.SIGKILL)
            first = await engine_up_again(engine)
            return first, (await engine.ask(RETURN_QUESTION))[-1], store.reader.all("SELECT COUNT(*) FROM passages")

    started, help_, _ = run(main())

    assert (started.documents, started.missing_vectors) == (3, 0)
    assert help_.articles[0].title == "Return an item"


async def engine_up_again(engine):
    before = engine.client.started
    await until(lambda: engine.client.started not in (None, before))
    return engine.client.started
