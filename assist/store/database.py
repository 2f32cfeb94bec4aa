"""Opens the encrypted database and brings its schema up to date. The one file that imports apsw.

The cipher is ChaCha20-Poly1305 of SQLite3 Multiple Ciphers, https://utelle.github.io/SQLite3MultipleCiphers/.
The key is random, so no passphrase derivation is needed; the file's salt, which then takes no part in the
encryption, holds a fingerprint of the key, so that a wrong key can be told from a damaged file.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import apsw

from assist.errors import StoreError
from assist.store.errors import Corrupt, DiskFull, InUse, NewerSchema, ReadOnly, Refused, WrongKey
from resources import ROOT

Connection = apsw.Connection
Value = str | int | float | bytes | None
Row = tuple[Value, ...]

KEY_BYTES = 32
BUSY_TIMEOUT_MS = 5_000
CACHE_KIB = 16_384
WAL_KEPT_BYTES = 16 * 1024 * 1024
INDEX_PAGE_BYTES = 65_536
INDEX_LAYOUT = 1
"""Another number discards what is kept of all indexes."""
_INDEX_SCHEMA = """
CREATE TABLE contents (content TEXT NOT NULL) STRICT;
CREATE TABLE pieces (
  uid INTEGER NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (uid, name)
) STRICT;
"""
_SALT_BYTES = 16
_PLAIN_HEADER = bytes.fromhex("1000 0202 20402020")
"""Bytes 16 to 23 of each of our files, which the cipher leaves in clear: page size, WAL, reserved bytes."""
_NEW_HEADER = bytes.fromhex("1000 0101 20402020")
"""The same before the file was switched to WAL."""


@dataclass(frozen=True, slots=True)
class StoreKey:
    """The database key: 32 random bytes. Keep it in the keyring, never in argv, environment or a log."""

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) != KEY_BYTES:
            raise ValueError(f"a store key has {KEY_BYTES} bytes, not {len(self.value)}")

    def to_text(self) -> str:
        """Return the key as hexadecimal digits, the form that a keyring can hold."""
        return self.value.hex()

    @classmethod
    def from_text(cls, text: str) -> StoreKey:
        """Read `to_text`. Raises ValueError, without naming the text, if it is no key."""
        try:
            return cls(bytes.fromhex(text))
        except ValueError:
            raise ValueError("this is no store key") from None

    def fingerprint(self) -> bytes:
        """Return 16 bytes that tell keys apart and say nothing of the key."""
        return hmac.digest(self.value, b"kibitz store key fingerprint", hashlib.sha256)[:_SALT_BYTES]


def new_key() -> StoreKey:
    return StoreKey(secrets.token_bytes(KEY_BYTES))


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str = field(repr=False)


def shipped_migrations(folder: Path = ROOT / "sql") -> tuple[Migration, ...]:
    """Return the migrations ``NNN_name.sql`` of a folder by number, which must be 1, 2, 3 …"""
    files = sorted(folder.glob("[0-9][0-9][0-9]_*.sql"))
    found = tuple(Migration(int(f.name[:3]), f.stem[4:], f.read_text(encoding="utf-8")) for f in files)
    if [m.number for m in found] != list(range(1, len(found) + 1)) or not found:
        raise StoreError("the SQL migrations of this installation are not complete: install Kibitz again")
    return found


def open_database(
    path: Path,
    key: StoreKey,
    *,
    read_only: bool = False,
    migrations: Sequence[Migration] | None = None,
) -> Connection:
    """Open the database, creating and migrating it unless ``read_only``.

    The file and its -wal and -shm can be read by their owner only. Commits are durable when they return
    (WAL with synchronous=FULL). The connection may be used from any thread, by one at a time.

    Raises:
        WrongKey, Corrupt, DiskFull, ReadOnly, InUse, NewerSchema: As their names say; a file that could not
            be opened has not been changed.
    """
    with store_errors(path, key):
        if not read_only:
            _create_private(path)
        flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE
        connection = Connection(str(path), flags=flags)
        try:
            _prepare(connection, key)
            _check_version(connection, migrations := migrations or shipped_migrations())
            if not read_only:
                connection.pragma("journal_mode", "wal")
                migrate(connection, migrations)
        except BaseException:
            connection.close()
            raise
    return connection


def _create_private(path: Path) -> None:
    """Make the folder and an empty file of mode 0600; SQLite gives -wal and -shm the mode of the file."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ReadOnly(f"cannot write {path}: {error.strerror}") from error


def _prepare(connection: Connection, key: StoreKey) -> None:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.pragma("cipher", "chacha20")
    # `raw:` hands over key and salt as they are: https://utelle.github.io/SQLite3MultipleCiphers/
    connection.pragma("key", f"raw:{key.value.hex()}{key.fingerprint().hex()}")
    connection.pragma("temp_store", "memory")
    connection.pragma("synchronous", "full")
    connection.pragma("foreign_keys", "on")
    # Without it, INSERT OR REPLACE would delete rows of the log past its triggers.
    connection.pragma("recursive_triggers", "on")
    connection.pragma("trusted_schema", "off")
    connection.pragma("cache_size", -CACHE_KIB)
    connection.pragma("journal_size_limit", WAL_KEPT_BYTES)


def _check_version(connection: Connection, migrations: Sequence[Migration]) -> None:
    version = connection.pragma("user_version")
    if version > len(migrations):
        raise NewerSchema(
            f"The local database was written by a later version of Kibitz (schema {version}, this version"
            f" knows {len(migrations)}). Upgrade Kibitz; the database was left as it is."
        )


def migrate(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Apply the migrations that are missing, each in a transaction of its own together with its number."""
    for migration in migrations:
        with transaction(connection):
            # Read inside the transaction: another process may have migrated while this one waited.
            if migration.number > connection.pragma("user_version"):
                connection.execute(migration.sql)
                connection.pragma("user_version", migration.number)


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """Commit on leaving, roll back on any exception. The write lock is taken at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back by itself after some errors, e.g. a full disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def store_errors(path: Path, key: StoreKey | None = None) -> Iterator[None]:
    """Turn SQLite's errors into `StoreError`; their text names the file and no content."""
    try:
        yield
    except apsw.Error as error:
        raise _named(error, path, key) from error


_NAMED: dict[type[apsw.Error], tuple[type[StoreError], str]] = {
    apsw.FullError: (DiskFull, "The disk is full, so the local database cannot be written: {path}"),
    apsw.ReadOnlyError: (ReadOnly, "The local database may only be read: {path}"),
    apsw.CantOpenError: (ReadOnly, "The local database cannot be opened or created: {path}"),
    apsw.PermissionsError: (ReadOnly, "The local database may not be opened: {path}"),
    apsw.CorruptError: (Corrupt, "The local database is damaged: {path}"),
    apsw.BusyError: (InUse, "Another program is using the local database: {path}"),
    apsw.LockedError: (InUse, "Another program is using the local database: {path}"),
    apsw.ConstraintError: (Refused, "The local database refused an entry that breaks its rules"),
}


def _named(error: apsw.Error, path: Path, key: StoreKey | None) -> StoreError:
    if isinstance(error, apsw.NotADBError):
        if key is not None and _is_of_another_key(path, key):
            return WrongKey(f"The key in the keyring does not open the local database: {path}")
        return Corrupt(f"The local database is damaged: {path}")
    if isinstance(error, apsw.ConstraintError) and "never shown" in str(error):
        return Refused("a decision about a suggestion that was never shown")
    for kind, (name, text) in _NAMED.items():
        if isinstance(error, kind):
            return name(text.format(path=path))
    # SQLite's own messages can quote a query; the kind and number of the error are enough to look it up.
    code = getattr(error, "extendedresult", 0)
    return StoreError(f"The local database failed ({type(error).__name__}, code {code}): {path}")


def _is_of_another_key(path: Path, key: StoreKey) -> bool:
    with suppress(OSError), path.open("rb") as file:
        head = file.read(_SALT_BYTES + len(_PLAIN_HEADER))
        ours = head[_SALT_BYTES:] in {_PLAIN_HEADER, _NEW_HEADER}
        return ours and head[:_SALT_BYTES] not in {key.fingerprint(), b"SQLite format 3\0"}
    return False


def truncate_log(connection: Connection) -> bool:
    """Fold the write-ahead log into the file and cut it to nothing; return False while a reader still needs it."""
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        return False
    return True


def problems(connection: Connection) -> list[str]:
    """Return what SQLite's integrity check finds, empty when all is well. Reads the whole file."""
    rows = connection.execute("PRAGMA integrity_check").fetchall()
    return [str(text) for (text,) in rows if text != "ok"]


def tokenize(connection: Connection, text: str) -> list[str]:
    """Return the words of ``text`` as the full-text tables hold them: folded, in order, with repeats."""
    words = connection.fts5_tokenizer("unicode61", ["remove_diacritics", "2"])
    return words(  # type: ignore[return-value]  # a flat list is what leaving out the offsets gives
        text.encode("utf-8", "replace"),
        apsw.FTS5_TOKENIZE_QUERY,
        None,
        include_offsets=False,
        include_colocated=False,
    )


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the files that make up a database: itself, its write-ahead log and that log's index."""
    return tuple(path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))


def index_path(path: Path) -> Path:
    """Return where the engine keeps its index of a database."""
    return path.with_name(f"{path.name}-index")


def open_index(path: Path, key: StoreKey) -> Connection:
    """Open the database at ``path`` (`index_path`) for numbers that can be made anew, creating it where it is missing.

    What is deleted in it is overwritten. Raises what `open_database` does, and `Corrupt` for another layout.
    """
    with store_errors(path, key):
        _create_private(path)
        connection = Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            _prepare(connection, key)
            # Large pages: a piece has megabytes. Both are of use only before anything was written.
            connection.pragma("page_size", INDEX_PAGE_BYTES)
            connection.pragma("auto_vacuum", "incremental")
            connection.pragma("synchronous", "normal")
            connection.pragma("secure_delete", "on")
            _check_layout(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_layout(connection: Connection, path: Path) -> None:
    if connection.pragma("user_version") == 0:
        with transaction(connection):
            # Read inside the transaction: another process may have made the tables while this one waited.
            if connection.pragma("user_version") == 0:
                connection.execute(_INDEX_SCHEMA)
                connection.pragma("user_version", INDEX_LAYOUT)
    if connection.pragma("user_version") != INDEX_LAYOUT:
        raise Corrupt(f"The kept index has another layout: {path}")


def delete_index(path: Path) -> None:
    """Remove what is at ``path`` (`index_path`); what cannot be removed now is overwritten or removed later."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def set_aside(path: Path, *, at: datetime | None = None) -> Path:
    """Rename a database that cannot be read, so that a new one can be made; return its new path.

    The new names end in ``.damaged-`` and the time, which stays the same for -wal and -shm, so that the
    three still belong together. Close all connections first.
    """
    stamp = (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S.%fZ")
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    try:
        for old, new in zip(files_of(path), files_of(kept), strict=True):
            if old.exists():
                old.rename(new)
    except OSError as error:
        raise ReadOnly(f"cannot rename {path}: {error.strerror}") from error
    delete_index(index_path(path))
    return kept


def delete_database(path: Path) -> None:
    """Remove a database with its -wal, -shm and index, e.g. one that was made for a session without a keyring."""
    delete_index(index_path(path))
    for file in files_of(path):
        file.unlink(missing_ok=True)
