"""A full disk, a file that may not be written, damaged bytes, and a look at the bytes of a sound one."""

import contextlib
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assist.domain import SourceKind
from assist.errors import StoreError
from assist.store.database import open_database, set_aside, shipped_migrations
from assist.store.errors import Corrupt, DiskFull, ReadOnly
from assist.store.store import open_store
from tests.helpers.builders import (
    ACME,
    a_decision,
    a_macro,
    a_message,
    a_passage,
    a_shown,
    a_solved_ticket,
    an_article,
    an_open_ticket,
    an_outcome,
)
from tests.helpers.store import KEY, OTHER_KEY, a_past_reply, append, bytes_of, opened, run

CANARY = "Xylophonkanarienvogel"
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kibitz.db"


def fill(store) -> None:
    """Put the canary into every column that can hold somebody's words."""
    text = f"{CANARY} and more"
    run(store.tickets.put(an_open_ticket(messages=(a_message(text),))))
    run(store.knowledge.put_articles([(an_article(title=text, html=text), [a_passage(text, heading_path=(text,))])]))
    run(store.knowledge.put_macros([a_macro(title=text, body=text)]))
    run(store.knowledge.put_solved([(a_solved_ticket(), [a_past_reply(text, customer_text=text, subject=text)])]))
    run(store.state.put_setting(CANARY, text))
    append(store, a_shown(text=text), a_decision(text=text, reason=text), an_outcome(sent_text=text))


def test_that_no_word_and_no_part_of_the_key_is_in_the_bytes(path):
    needles = [CANARY.encode(), CANARY.lower().encode(), CANARY.encode("utf-16-le"), b"CREATE TABLE", b"zendesk:acme"]
    needles += [KEY.value, KEY.to_text().encode(), KEY.value[:16]]
    with opened(path) as store:
        fill(store)
        while_open = bytes_of(path)
        found = store.search.search(SourceKind.ARTICLE, CANARY, ACME)
    closed = bytes_of(path)

    assert len(found) == 1
    assert len(while_open) > 100_000
    assert [needle for needle in needles if needle in while_open or needle in closed] == []


def test_that_two_databases_of_one_key_share_no_page(tmp_path):
    with opened(tmp_path / "a.db") as a, opened(tmp_path / "b.db") as b:
        fill(a)
        fill(b)
    pages = [
        {data[n : n + 4096] for n in range(0, len(data), 4096)}
        for data in ((tmp_path / name).read_bytes() for name in ("a.db", "b.db"))
    ]

    assert pages[0] & pages[1] == set()


@pytest.mark.promise("D4")
def test_that_a_full_disk_is_said_and_nothing_is_half_written(path):
    with opened(path) as store:
        append(store, a_shown("before"))
        store.writer.submit(lambda c: c.pragma("max_page_count", c.pragma("page_count") + 2)).result(10)

        with pytest.raises(DiskFull, match=r"disk is full.*kibitz\.db"):
            append(store, a_shown("lost"), *(a_shown(f"big {n}", text="x" * 9_000) for n in range(20)))

        assert [e.event.suggestion_id for e in store.log.iterate()] == ["before"]
        store.writer.submit(lambda c: c.pragma("max_page_count", 1_000_000)).result(10)
        (again,) = append(store, a_shown("lost"))
        assert again.is_new


@pytest.mark.promise("D4")
def test_that_an_event_is_either_acknowledged_and_there_or_refused_and_not_there(path):
    acknowledged, refused = [], []
    with opened(path) as store:
        store.writer.submit(lambda c: c.pragma("max_page_count", c.pragma("page_count") + 8)).result(10)
        for n in range(60):
            try:
                append(store, a_shown(f"s{n}", text="x" * 1_500))
                acknowledged.append(f"s{n}")
            except DiskFull:
                refused.append(f"s{n}")
        store.writer.submit(lambda c: c.pragma("max_page_count", 1_000_000)).result(10)
    with opened(path) as store:
        assert [e.event.suggestion_id for e in store.log.iterate()] == acknowledged
    assert acknowledged
    assert refused


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may write everything, so be nobody for a moment where the tests run as root."""
    as_root = os.geteuid() == 0
    if as_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if as_root:
            os.seteuid(0)


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """Return a folder that everybody can enter; whoever locks it need not unlock it."""
    folder = Path(tempfile.mkdtemp(prefix="kibitz-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.promise("D4")
@pytest.mark.skipif(sys.platform == "win32", reason="uses the modes of files")
@pytest.mark.parametrize("there_already", [True, False], ids=["file", "folder"])
def test_that_what_may_not_be_written_is_said(locked_folder, there_already):
    path, migrations = locked_folder / "kibitz.db", shipped_migrations()
    if there_already:
        with opened(path) as store:
            append(store, a_shown())
        path.chmod(0o444)
    locked_folder.chmod(0o555)

    with ordinary_user(), pytest.raises(ReadOnly, match=r"cannot write .*kibitz\.db: Permission denied"):
        open_database(path, KEY, migrations=migrations)

    assert path.exists() == there_already


@pytest.mark.promise("D4")
@pytest.mark.skipif(sys.platform == "win32", reason="uses the modes of files")
def test_that_a_damaged_file_that_cannot_be_renamed_is_said(locked_folder):
    (locked_folder / "kibitz.db").write_bytes(b"damaged")
    locked_folder.chmod(0o555)

    with ordinary_user(), pytest.raises(ReadOnly, match=r"cannot rename .*kibitz\.db: Permission denied"):
        set_aside(locked_folder / "kibitz.db")

    assert (locked_folder / "kibitz.db").read_bytes() == b"damaged"


@pytest.mark.promise("D4")
def test_that_writing_to_a_database_that_may_only_be_read_is_said(path):
    with opened(path) as store, pytest.raises(ReadOnly, match="only be read"):
        store.reader.all("DELETE FROM settings")


@pytest.mark.promise("D4")
def test_that_damage_within_is_said_when_it_is_read_and_a_new_one_can_be_made(path):
    with opened(path) as store:
        append(store, *(a_shown(f"s{n}", text="words " * 200) for n in range(200)))
    data = bytearray(path.read_bytes())
    for page in range(len(data) // 8192, len(data) // 4096):
        data[page * 4096 + 99] ^= 1
    path.write_bytes(data)

    store = open_store(path, KEY)
    with pytest.raises(Corrupt, match=r"damaged.*kibitz\.db"):
        list(store.log.iterate())
    store.close()
    kept = set_aside(path)

    with opened(path) as store:
        append(store, a_shown())
        assert len(list(store.log.iterate())) == 1
    assert kept.read_bytes() == data


@pytest.mark.promise("D4")
def test_that_no_damage_of_any_byte_is_ever_taken_for_data(path):
    chance = random.Random(4)
    with opened(path) as store:
        append(store, *(a_shown(f"s{n}") for n in range(30)))
        sound = [e.event for e in store.log.iterate()]
    data = path.read_bytes()
    for _ in range(40):
        damaged = bytearray(data)
        damaged[chance.randrange(16, len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        with contextlib.suppress(StoreError):
            store = open_store(path, KEY)
            try:
                assert [e.event for e in store.log.iterate()] == sound
            finally:
                store.close()


@pytest.mark.promise("D4")
def test_that_a_database_of_another_key_is_kept_when_a_new_one_is_made(path):
    with opened(path, OTHER_KEY) as store:
        append(store, a_shown())

    kept = set_aside(path)
    with opened(path, KEY) as store:
        assert list(store.log.iterate()) == []
    with opened(kept, OTHER_KEY) as store:
        assert len(list(store.log.iterate())) == 1


def test_that_a_database_is_not_readable_without_its_key(path):
    with opened(path) as store:
        fill(store)

    for key in (OTHER_KEY, type(KEY)(bytes(32))):
        with pytest.raises(StoreError):
            open_database(path, key, read_only=True)
