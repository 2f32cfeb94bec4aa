import asyncio
import threading

import pytest

from assist.errors import StoreError
from assist.store.database import Connection
from assist.store.errors import Closed, Refused
from assist.store.state import put_setting
from assist.store.writer import Reader, Writer
from tests.helpers.store import KEY, run


@pytest.fixture
def writer(path):
    writer = Writer(path, KEY)
    yield writer
    writer.close()


def note(key: str, value: str):
    return lambda connection: put_setting(connection, key, value)


def noted(path) -> dict:
    reader = Reader(path, KEY)
    rows = dict(reader.all("SELECT key, value FROM settings ORDER BY key"))
    reader.close()
    return rows


def test_that_jobs_run_in_the_order_in_which_they_came_in(path, writer):
    futures = [writer.submit(note("last", str(n))) for n in range(50)]

    futures[-1].result(timeout=10)

    assert all(future.done() for future in futures)
    assert noted(path) == {"last": "49"}


def test_that_a_job_that_raises_is_rolled_back_and_the_next_one_runs(path, writer):
    def fail(connection: Connection) -> None:
        put_setting(connection, "half", "done")
        raise LookupError("on purpose")

    failed = writer.submit(fail)
    writer.submit(note("next", "yes")).result(timeout=10)

    with pytest.raises(LookupError, match="on purpose"):
        failed.result(timeout=10)
    assert noted(path) == {"next": "yes"}


def test_that_a_rule_of_the_database_arrives_as_an_error_of_the_store(writer):
    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute("INSERT INTO settings VALUES ('a', 'b')")

    with pytest.raises(Refused):
        writer.submit(twice).result(timeout=10)


def test_that_every_job_runs_in_the_one_writer_thread(writer):
    names = {writer.submit(lambda _: threading.current_thread().name).result(timeout=10) for _ in range(5)}

    assert names == {"store writer"}


def test_that_cancelling_gives_up_the_answer_and_not_the_write(path, writer):
    entered, leave = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        entered.set()
        assert leave.wait(10)
        put_setting(connection, "slow", "written")

    async def scenario() -> None:
        task = asyncio.create_task(writer.run(slow))
        waiting = asyncio.create_task(writer.run(note("waiting", "written")))
        assert await asyncio.to_thread(entered.wait, 10)
        task.cancel()
        waiting.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
        leave.set()

    run(scenario())
    assert writer.close() == 0

    assert noted(path) == {"slow": "written", "waiting": "written"}


def test_that_closing_finishes_what_is_queued(path):
    writer = Writer(path, KEY)
    for n in range(20):
        writer.submit(note(f"{n:02}", "x"))

    assert writer.close() == 0

    assert len(noted(path)) == 20


def test_that_nothing_is_taken_in_after_closing(writer):
    writer.close()

    with pytest.raises(Closed):
        writer.submit(note("late", "x"))


def test_that_closing_gives_up_at_its_deadline_and_says_what_was_left(path):
    writer = Writer(path, KEY)
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n"
    entered = threading.Event()

    def never_ends(connection: Connection) -> None:
        put_setting(connection, "half", "done")
        entered.set()
        connection.execute(endless).fetchall()

    running = writer.submit(never_ends)
    waiting = writer.submit(note("waiting", "x"))
    assert entered.wait(10)

    assert writer.close(deadline_s=0.05) == 2

    assert isinstance(running.exception(timeout=10), StoreError)
    assert isinstance(waiting.exception(timeout=10), Closed)
    assert noted(path) == {}


def test_that_a_reader_cannot_write(path, writer):
    reader = Reader(path, KEY)

    with pytest.raises(StoreError):
        reader.all("INSERT INTO settings VALUES ('a', 'b')")

    reader.close()


def test_that_a_reader_sees_what_was_committed_since_its_last_query(path, writer):
    reader = Reader(path, KEY)
    before = reader.one("SELECT value FROM settings WHERE key = 'a'")
    writer.submit(note("a", "b")).result(timeout=10)

    assert (before, reader.one("SELECT value FROM settings WHERE key = 'a'")) == (None, ("b",))
    reader.close()


def test_that_pages_hold_every_row_once(path, writer):
    def fill(connection: Connection) -> None:
        connection.executemany(
            "INSERT INTO solved_tickets VALUES ('a', ?, '', NULL, '')", ((id_,) for id_ in range(1, 26))
        )

    writer.submit(fill).result(timeout=10)
    reader = Reader(path, KEY)
    sql = "SELECT rowid FROM solved_tickets WHERE rowid > ? ORDER BY rowid LIMIT ?"

    pages = list(reader.pages(sql, (), after=0, size=10))

    assert [len(page) for page in pages] == [10, 10, 5]
    assert [id_ for page in pages for (id_,) in page] == list(range(1, 26))
    reader.close()
