"""One budget of requests for all processes of this machine that use an account: a small SQLite file in the run folder.

It holds counts and limits under the account's own name, and nothing of customers, tickets or credentials. Losing it
costs nothing, so a file that is damaged is replaced, and one that cannot be used is done without.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from assist.domain import AccountId
from integrations.ledger_usage import HOUR_S, Usage, count_request, fold_old, read_usage
from integrations.metering import LocalMeter, NotYet, Now, Outcome, Rules, Taken, system_now
from integrations.window import (
    LONGEST_HOLD_S,
    MOST_ENTRIES,
    Ending,
    Entry,
    Hold,
    Lane,
    Moment,
    Wish,
    hold_after,
    judge,
    merged,
    per_minute,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

FILE_NAME = "requests.db"
VERSION = 1
BUSY_S = 1.0
"""So long another process may keep the file to itself; what it does there takes about a millisecond."""
BUSY_STEP_S = 0.01
REST_S = 30.0
"""So long a file that could not be used is left alone."""
_FILES = ("", "-wal", "-shm", "-journal")
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS takes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, lane TEXT NOT NULL, wall_s REAL NOT NULL,
    steady_s REAL NOT NULL, cost INTEGER NOT NULL, urgent INTEGER NOT NULL, open INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS takes_of ON takes (account, lane);
CREATE TABLE IF NOT EXISTS limits (
    account TEXT NOT NULL, lane TEXT NOT NULL, per_minute INTEGER NOT NULL, remaining INTEGER, wall_s REAL NOT NULL,
    steady_s REAL NOT NULL, PRIMARY KEY (account, lane)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holds (
    account TEXT PRIMARY KEY, wall_s REAL NOT NULL, steady_s REAL NOT NULL, wait_s REAL NOT NULL,
    tries INTEGER NOT NULL, probe TEXT NOT NULL, probe_wall_s REAL NOT NULL,
    probe_steady_s REAL NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS minutes (
    account TEXT NOT NULL, at_s INTEGER NOT NULL, purpose TEXT NOT NULL, lane TEXT NOT NULL, cost INTEGER NOT NULL,
    waits INTEGER NOT NULL, PRIMARY KEY (account, at_s, purpose, lane)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hours (
    account TEXT NOT NULL, at_s INTEGER NOT NULL, purpose TEXT NOT NULL, lane TEXT NOT NULL, cost INTEGER NOT NULL,
    waits INTEGER NOT NULL, PRIMARY KEY (account, at_s, purpose, lane)) STRICT, WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""


class LedgerTrouble(Exception):
    """The file cannot be used now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the file holds of one account and lane at one moment."""

    entries: Sequence[Entry]
    limit: int | None
    limit_seen: Moment | None
    hold: Hold | None


class LedgerFile:
    """The file itself. Use it from one thread; other processes may use it at the same time.

    Every method raises `LedgerTrouble` where the file cannot be used.
    """

    def __init__(self, path: Path, now: Now = system_now, *, busy_s: float = BUSY_S) -> None:
        self.path = path
        self._now = now
        self._busy_s = busy_s
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        self._name = uuid4().hex
        """Who probes, among the processes."""
        self._folded_s = -math.inf

    def take(self, account: AccountId, rules: Rules, wish: Wish) -> Taken:
        """Take out of the window. Raises as `Meter.take`, and `LedgerTrouble`."""
        with self._writing() as db:
            now = self._now()
            standing = _standing(db, account, wish.lane, now, rules)
            rules.refuse_without_plan(standing.limit, standing.limit_seen, now)
            verdict = judge(wish, standing.entries, rules.allowance(standing.limit), standing.hold, now)
            if verdict.wait_s == 0:
                if verdict.probing and standing.hold is not None:
                    _put_hold(db, account, standing.hold.probed_by(self._name, now))
                entry = Entry(now, wish.cost, wish.urgent, open=True)
                return Taken(_put_entry(db, account, wish.lane, entry), wish, verdict.probing)
        raise NotYet(verdict)

    def settle(self, account: AccountId, rules: Rules, taken: Taken, outcome: Outcome) -> None:
        """Say what became of a request."""
        wish, cost = taken.wish, taken.wish.cost if outcome.cost is None else outcome.cost
        with self._writing() as db:
            now = self._now()
            if outcome.ending is Ending.NOT_SENT or rules.exempt:
                db.execute("DELETE FROM takes WHERE id = ?", (taken.id,))
            else:
                changed = (cost, now.wall_s, now.steady_s, taken.id)
                db.execute("UPDATE takes SET cost = ?, wall_s = ?, steady_s = ?, open = 0 WHERE id = ?", changed)
            if outcome.ending is not Ending.NOT_SENT:
                waits = int(outcome.ending is Ending.THROTTLED)
                count_request(db, account, wish, cost=cost, waits=waits, wall_s=now.wall_s)
            quota = outcome.quota
            if quota is not None and quota.limit is not None:
                limit = per_minute(rules.kind, quota.limit)
                row = (account, wish.lane, limit, quota.remaining, now.wall_s, now.steady_s)
                db.execute("INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?, ?, ?)", row)
            if taken.probing or outcome.ending is Ending.THROTTLED:
                before = _hold(db, account)
                after = hold_after(
                    before, outcome.ending, outcome.asked_s, now, probing=taken.probing, policy=rules.policy
                )
                _put_hold(db, account, after)
            if not 0 <= now.wall_s - self._folded_s < HOUR_S:
                self._folded_s = now.wall_s
                fold_old(db, now.wall_s)

    def usage(self) -> tuple[Usage, ...]:
        """Return what each account was asked lately, those of the last seven days, by name."""
        with self._writing() as db:
            now = self._now()
            fold_old(db, now.wall_s)
            return read_usage(db, now)

    def close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with suppress(sqlite3.Error):
                db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the file for one transaction. One that is damaged is replaced, and whoever asks next gets that."""
        try:
            db = self._begin()
        except sqlite3.OperationalError as error:
            self.close()
            raise LedgerTrouble(str(error)) from error
        except sqlite3.DatabaseError as error:
            self._replace()
            raise LedgerTrouble(str(error)) from error
        except OSError as error:
            raise LedgerTrouble(error.strerror or "unknown") from error
        try:
            yield db
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if not isinstance(error, sqlite3.OperationalError):
                self._replace()
            self.close()
            raise LedgerTrouble(str(error)) from error
        except BaseException:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise

    def _begin(self) -> sqlite3.Connection:
        """Open the file if need be, and begin. Who opens it while another does is refused at once, so it asks again."""
        until_s = time.monotonic() + self._busy_s
        while True:
            try:
                db = self._open()
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                self.close()
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until_s:
                    raise
                time.sleep(BUSY_STEP_S)
            else:
                return db

    def _open(self) -> sqlite3.Connection:
        if self._db is not None and self._is_the_same():
            return self._db
        self.close()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = db = sqlite3.connect(self.path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)
        self._inode = self.path.stat().st_ino
        # Nothing is waited for on the disk: a loss of power may damage the file, and a damaged one is replaced.
        db.execute("PRAGMA synchronous = OFF")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            self.close()
            raise LedgerTrouble("a newer Kibitz uses it")
        db.execute("PRAGMA journal_mode = WAL")
        if version == 0:
            db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
        return db

    def _is_the_same(self) -> bool:
        """Tell whether the path still names the file that is open: another process may have replaced it."""
        try:
            return self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def _replace(self) -> None:
        """Remove a damaged file, unless another process has done so."""
        ours = self._is_the_same()
        self.close()
        if ours:
            for ending in _FILES:
                with suppress(OSError):
                    self.path.with_name(self.path.name + ending).unlink(missing_ok=True)


class Ledger:
    """The file behind a thread of its own, for one process. Belongs to the event loop's thread."""

    def __init__(self, folder: Path, now: Now = system_now, *, busy_s: float = BUSY_S) -> None:
        self.file = LedgerFile(folder / FILE_NAME, now, busy_s=busy_s)
        self.now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kibitz-ledger")
        self._trouble_since: Moment | None = None
        self._is_warned = False

    def meter(self, account: AccountId, rules: Rules) -> LedgerMeter:
        """Return the meter of an account."""
        return LedgerMeter(self, account, rules)

    async def usage(self) -> tuple[Usage, ...] | None:
        """Return what was used by each account, or None where the file cannot be read."""
        try:
            return await asyncio.wrap_future(self.submit(self.file.usage))
        except (LedgerTrouble, ValueError, OverflowError, OSError):  # figures that nobody can have written here
            return None

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Do ``work`` in the thread; its future may raise `LedgerTrouble`, at once after a recent trouble."""
        try:
            return self._thread.submit(self._guarded, work)
        except RuntimeError:  # the thread has ended: Kibitz is closing
            ended: Future[T] = Future()
            ended.set_exception(LedgerTrouble("it is closed"))
            return ended

    async def aclose(self) -> None:
        """Write what is left to write, and close the file."""
        await asyncio.to_thread(self._thread.shutdown)
        self.file.close()

    def _guarded(self, work: Callable[[], T]) -> T:
        now = self.now()
        if self._trouble_since is not None and 0 <= self._trouble_since.age_s(now) < REST_S:
            raise LedgerTrouble("it was in trouble just now")
        self._trouble_since = None
        try:
            return work()
        except LedgerTrouble as trouble:
            self._trouble_since = now
            if not self._is_warned:
                self._is_warned = True
                log.warning("the ledger of requests cannot be used, so each Kibitz counts for itself: %s", trouble)
            raise


class LedgerMeter:
    """One account's budget, shared through the ledger; while that cannot be used, as this process alone knows it."""

    def __init__(self, ledger: Ledger, account: AccountId, rules: Rules) -> None:
        self._ledger = ledger
        self._account = account
        self._rules = rules
        self._local = LocalMeter(rules, ledger.now)
        """Knows all that this process sent, so that it can go on alone at any moment."""
        self._mirrored: dict[int, Taken] = {}

    async def take(self, wish: Wish) -> Taken:
        file = self._ledger.file
        future = self._ledger.submit(lambda: file.take(self._account, self._rules, wish))
        try:
            taken = await asyncio.wrap_future(future)
        except LedgerTrouble:
            return await self._local.take(wish)
        except asyncio.CancelledError:
            future.add_done_callback(self._give_back)
            raise
        self._mirrored[taken.id] = self._local.note(wish)
        return taken

    def settle(self, taken: Taken, outcome: Outcome) -> None:
        mirrored = self._mirrored.pop(taken.id, None)
        self._local.settle(mirrored or taken, outcome)
        if mirrored is not None:
            self._settle_in_file(taken, outcome)

    def _give_back(self, future: Future[Taken]) -> None:
        """Nobody waits any more for what the thread took meanwhile."""
        if not future.cancelled() and future.exception() is None:
            self._settle_in_file(future.result(), Outcome(Ending.NOT_SENT))

    def _settle_in_file(self, taken: Taken, outcome: Outcome) -> None:
        file = self._ledger.file
        self._ledger.submit(lambda: file.settle(self._account, self._rules, taken, outcome))


def _standing(db: sqlite3.Connection, account: AccountId, lane: Lane, now: Moment, rules: Rules) -> Standing:
    """Read what holds now, and forget what has left the window."""
    told = db.execute(
        "SELECT per_minute, wall_s, steady_s FROM limits WHERE account = ? ORDER BY lane = ? DESC LIMIT 1",
        (account, lane),
    ).fetchone()
    limit, seen = (told[0], Moment(told[1], told[2])) if told else (None, None)
    return Standing(_in_window(db, account, lane, now, rules.window_s), limit, seen, _hold(db, account))


def _in_window(db: sqlite3.Connection, account: AccountId, lane: Lane, now: Moment, window_s: float) -> Sequence[Entry]:
    rows = db.execute(
        "SELECT id, wall_s, steady_s, cost, urgent, open FROM takes WHERE account = ? AND lane = ?", (account, lane)
    )
    found = {row[0]: Entry(Moment(row[1], row[2]), row[3], bool(row[4]), bool(row[5])) for row in rows}
    gone = [id_ for id_, entry in found.items() if not entry.left_s(now, window_s)]
    for id_ in gone:
        del found[id_]
    if len(found) > MOST_ENTRIES:
        answered = {id_: found.pop(id_) for id_, entry in list(found.items()) if not entry.open}
        gone += answered
        for entry in merged(answered.values()):
            found[_put_entry(db, account, lane, entry)] = entry
    db.executemany("DELETE FROM takes WHERE id = ?", [(id_,) for id_ in gone])
    return tuple(found.values())


def _put_entry(db: sqlite3.Connection, account: AccountId, lane: Lane, entry: Entry) -> int:
    row = (account, lane, entry.at.wall_s, entry.at.steady_s, entry.cost, entry.urgent, entry.open)
    return db.execute("INSERT INTO takes VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid or 0


def _hold(db: sqlite3.Connection, account: AccountId) -> Hold | None:
    row = db.execute(
        "SELECT wall_s, steady_s, wait_s, tries, probe, probe_wall_s, probe_steady_s FROM holds WHERE account = ?",
        (account,),
    ).fetchone()
    if row is None:
        return None
    wait_s = min(row[2], LONGEST_HOLD_S)  # whatever the file says, nobody waits for years
    return Hold(Moment(row[0], row[1]), wait_s, row[3], row[4], Moment(row[5], row[6]))


def _put_hold(db: sqlite3.Connection, account: AccountId, hold: Hold | None) -> None:
    if hold is None:
        db.execute("DELETE FROM holds WHERE account = ?", (account,))
        return
    since, probe = hold.since, hold.probe_since
    row = (account, since.wall_s, since.steady_s, hold.wait_s, hold.tries, hold.probe, probe.wall_s, probe.steady_s)
    db.execute("INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
