"""The store's process is killed, for real, at any moment."""

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from assist.store.database import Migration, open_database, problems
from assist.store.store import Store
from tests.helpers.store import KEY, opened

ROOT = Path(__file__).resolve().parents[2]
KILLS = 100

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")


def acknowledged_until_killed(path: Path, *, first: int, chance: random.Random) -> set[tuple[int, str]]:
    """Run a process that logs, kill it at a random moment, return what it had acknowledged by then."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.log_child", str(path), str(first)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(KEY.to_text() + "\n")
        child.stdin.flush()
        early = chance.random() < 0.2
        seen = [] if early else [child.stdout.readline()]
        with suppress(subprocess.TimeoutExpired):
            child.wait(chance.uniform(0, 0.2) if early else chance.expovariate(1 / 0.015))
        child.kill()
        seen += child.stdout.read().splitlines(keepends=True)
        assert child.wait(10) == -signal.SIGKILL
    # A line without its end was not acknowledged: the agent has not seen it.
    whole = [line.split() for line in seen if line.endswith("\n")]
    return {(int(words[0]), words[1]) for words in whole if len(words) == 2}


def rows(store: Store, sql: str) -> list:
    return store.reader.all(sql)


@pytest.mark.promise("D1")
@pytest.mark.slow
def test_that_what_was_acknowledged_survives_a_kill_at_a_hundred_random_moments(tmp_path):
    chance = random.Random(20261102)
    path = tmp_path / "kibitz.db"
    acknowledged: set[tuple[int, str]] = set()
    shown = 0
    for kill in range(KILLS):
        acknowledged |= acknowledged_until_killed(path, first=shown, chance=chance)
        with opened(path) as store:  # which checks the integrity of the database as it closes
            logged = rows(store, "SELECT seq, uuid FROM events")
            (((shown),),) = rows(store, "SELECT COUNT(*) FROM events WHERE kind = 'shown'")
            finals = rows(
                store, "SELECT suggestion_id, COUNT(*) FROM standing GROUP BY suggestion_id HAVING COUNT(*) > 1"
            )
            twice = rows(
                store,
                "SELECT suggestion_id, kind, COUNT(*) FROM events GROUP BY suggestion_id, kind HAVING COUNT(*) > 1",
            )
        assert acknowledged - set(logged) == set(), f"lost by kill {kill}"
        assert (finals, twice) == ([], [])
        assert len(logged) == len({seq for seq, _ in logged}) == len({uuid for _, uuid in logged})
    assert len(acknowledged) > KILLS


@pytest.mark.promise("D5")
def test_that_a_kill_within_a_migration_leaves_the_old_schema(tmp_path):
    path = tmp_path / "kibitz.db"
    script = """
import os, signal, sys
from pathlib import Path
from assist.store.database import *
first = Migration(1, "first", "CREATE TABLE one (x); INSERT INTO one VALUES ('kept');")
second = Migration(2, "second", "CREATE TABLE two (x); INSERT INTO one VALUES ('half'); SELECT die();")
connection = open_database(Path(sys.argv[1]), StoreKey(bytes(range(32))), migrations=[first])
connection.create_scalar_function("die", lambda: os.kill(os.getpid(), signal.SIGKILL))
migrate(connection, [first, second])
"""
    killed = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)

    first = Migration(1, "first", "")
    second = Migration(2, "second", "CREATE TABLE two (x)")
    connection = open_database(path, KEY, migrations=[first])
    before = (connection.pragma("user_version"), connection.execute("SELECT x FROM one").fetchall())
    connection.close()
    connection = open_database(path, KEY, migrations=[first, second])
    after = (connection.pragma("user_version"), connection.execute("SELECT x FROM two").fetchall())

    assert killed.returncode == -signal.SIGKILL
    assert before == (1, [("kept",)])
    assert after == (2, [])
    assert problems(connection) == []
    connection.close()


def test_that_the_key_is_in_no_argument_and_no_variable_of_the_process(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.log_child", str(tmp_path / "kibitz.db"), "0"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(KEY.to_text() + "\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        process = Path("/proc") / str(child.pid)
        visible = b"".join((process / name).read_bytes() for name in ("cmdline", "environ") if process.exists())
        child.kill()
        child.stdout.read()

    assert KEY.to_text().encode() not in visible
    assert os.fsencode(str(tmp_path)) in visible or not Path("/proc").exists()
