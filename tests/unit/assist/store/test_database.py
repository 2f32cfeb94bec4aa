import dataclasses
import stat
import sys
from datetime import timedelta

import pytest

from assist.errors import StoreError
from assist.store.database import (
    Migration,
    StoreKey,
    delete_database,
    files_of,
    new_key,
    open_database,
    problems,
    set_aside,
    shipped_migrations,
)
from assist.store.errors import Corrupt, NewerSchema, ReadOnly, WrongKey
from tests.helpers.builders import NOON, an_open_ticket
from tests.helpers.store import KEY, OTHER_KEY, append, bytes_of, opened, run

FIRST = Migration(1, "first", "CREATE TABLE one (x); INSERT INTO one VALUES ('kept');")
SECOND = Migration(2, "second", "CREATE TABLE two (x); INSERT INTO two VALUES ('new');")
BROKEN = Migration(
    2, "broken", "CREATE TABLE two (x); INSERT INTO two VALUES ('half'); INSERT INTO nowhere VALUES (1);"
)


def test_that_a_key_is_shown_in_no_repr_and_no_error():
    key = new_key()

    assert key.to_text() not in repr(key)
    with pytest.raises(ValueError, match=r"^this is no store key$"):
        StoreKey.from_text("secret words")
    assert StoreKey.from_text(key.to_text()) == key
    assert new_key() != key


def test_that_a_fingerprint_tells_keys_apart_and_is_no_part_of_the_key():
    assert KEY.fingerprint() != OTHER_KEY.fingerprint()
    assert KEY.fingerprint().hex() not in KEY.to_text()


def test_that_commits_are_durable_and_foreign_keys_are_kept(path):
    connection = open_database(path, KEY)
    pragmas = {name: connection.pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys", "temp_store")}
    cipher = connection.pragma("cipher")
    connection.close()

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "temp_store": 2}
    assert cipher == "chacha20"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes; the user's folder is private there")
def test_that_only_the_owner_can_read_the_files(tmp_path):
    path = tmp_path / "new folder" / "kibitz.db"
    with opened(path) as store:
        run(store.tickets.put(an_open_ticket()))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (path.parent, *files_of(path))}

    assert modes == {"new folder": 0o700, "kibitz.db": 0o600, "kibitz.db-wal": 0o600, "kibitz.db-shm": 0o600}


def test_that_a_wrong_key_is_told_from_damage_and_changes_nothing(path):
    with opened(path):
        pass
    before = path.read_bytes()

    with pytest.raises(WrongKey, match=r"kibitz\.db"):
        open_database(path, OTHER_KEY)

    assert path.read_bytes() == before
    with opened(path):
        pass


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"not a database at all", id="other text"),
        pytest.param(lambda data: b"SQLite format 3\0" + data[16:], id="header of a plain database"),
        pytest.param(lambda data: bytes(len(data)), id="zeros"),
        pytest.param(lambda data: data[:100] + bytes(50) + data[150:], id="hole in the first page"),
        pytest.param(lambda data: data[:5000], id="cut short"),
    ],
)
def test_that_damage_is_called_damage_though_the_key_is_right(path, damage):
    with opened(path):
        pass
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()

    with pytest.raises(Corrupt):
        open_database(path, KEY)

    assert path.read_bytes() == before


def test_that_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ReadOnly, match="kibitz"):
        open_database(tmp_path / "file" / "kibitz.db", KEY)


def test_that_a_reader_does_not_create_a_database(path):
    with pytest.raises(StoreError):
        open_database(path, KEY, read_only=True)

    assert not path.exists()


@pytest.mark.promise("D5", part="a file of a later version is left as it is, not read")
def test_that_an_upgrade_keeps_what_was_there(path):
    open_database(path, KEY, migrations=[FIRST]).close()

    connection = open_database(path, KEY, migrations=[FIRST, SECOND])

    assert connection.execute("SELECT x FROM one UNION ALL SELECT x FROM two").fetchall() == [("kept",), ("new",)]
    assert connection.pragma("user_version") == 2
    connection.close()


@pytest.mark.promise("D5")
def test_that_a_migration_that_fails_half_way_leaves_nothing_behind(path):
    open_database(path, KEY, migrations=[FIRST]).close()

    with pytest.raises(StoreError):
        open_database(path, KEY, migrations=[FIRST, BROKEN])

    connection = open_database(path, KEY, migrations=[FIRST, SECOND])
    assert connection.execute("SELECT x FROM two").fetchall() == [("new",)]
    assert problems(connection) == []
    connection.close()


@pytest.mark.promise("D5")
def test_that_a_database_of_a_later_version_is_left_untouched(path):
    later = Migration(len(shipped_migrations()) + 1, "later", "CREATE TABLE later (x)")
    open_database(path, KEY, migrations=[*shipped_migrations(), later]).close()
    before = bytes_of(path)

    with pytest.raises(NewerSchema, match="Upgrade Kibitz"):
        open_database(path, KEY)

    assert bytes_of(path) == before


def test_that_migrations_must_be_numbered_without_a_gap(tmp_path):
    (tmp_path / "001_first.sql").write_text("CREATE TABLE a (x)")
    (tmp_path / "003_third.sql").write_text("CREATE TABLE b (x)")

    with pytest.raises(StoreError, match="not complete"):
        shipped_migrations(tmp_path)


@pytest.mark.promise("D4")
def test_that_a_damaged_database_is_kept_aside_with_its_log_files(path):
    for file in files_of(path):
        file.write_bytes(file.name.encode())

    first = set_aside(path, at=NOON)
    path.write_bytes(b"another one")
    second = set_aside(path, at=NOON + timedelta(milliseconds=1))

    assert first.name == "kibitz.db.damaged-20261102T120000.000000Z"
    assert [file.read_bytes() for file in files_of(first)] == [b"kibitz.db", b"kibitz.db-wal", b"kibitz.db-shm"]
    assert second.read_bytes() == b"another one"
    assert not path.exists()


def test_that_deleting_leaves_no_file(path):
    with opened(path) as store:
        append(store)
    path.with_name("kibitz.db-wal").touch()

    delete_database(path)

    assert list(path.parent.iterdir()) == []


def test_that_an_error_names_neither_statement_nor_content(store):
    with pytest.raises(StoreError) as caught:
        store.reader.all("SELECT secret_words FROM nowhere")

    assert "secret_words" not in str(caught.value)
    assert "SQLError" in str(caught.value)


def test_that_values_of_records_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        KEY.value = b""
