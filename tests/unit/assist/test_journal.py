import csv
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.domain import EventKind, SentAs
from assist.journal import Journal, JournalRow, export_csv, export_jsonl, guarded, unguarded
from assist.store.events import EventFilter
from tests.helpers.builders import NOON, a_decision, a_ref, a_shown, a_source, an_outcome
from tests.helpers.store import append, opened

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path):
    with opened(tmp_path / "kibitz.db") as store:
        yield store


@pytest.fixture
def journal(store):
    return Journal(store.log)


def test_that_a_row_tells_what_became_of_a_suggestion(store, journal):
    append(
        store,
        a_shown(rank=2, source=a_source("reply:7:99", title="Pole"), text="Mended."),
        a_decision(EventKind.EDITED, at=NOON + MINUTE, text="Mended!", edit_distance=1, how="key"),
        an_outcome(
            at=NOON + 2 * MINUTE, sent_as=SentAs.EDITED, edit_distance=4, similarity=0.75, sent_text="Mended it!"
        ),
    )

    assert journal.newest() == (
        JournalRow(
            seq=1,
            suggestion_id="s1",
            shown_at=NOON,
            account="zendesk:acme",
            ticket_id=7,
            list_name="replies",
            rank=2,
            confidence=0.8,
            source_kind="past reply",
            source_key="reply:7:99",
            source_title="Pole",
            text="Mended.",
            what_happened=EventKind.EDITED,
            decided_at=NOON + MINUTE,
            how="key",
            used_text="Mended!",
            edit_distance=1,
            sent_as=SentAs.EDITED,
            sent_at=NOON + 2 * MINUTE,
            sent_distance=4,
            sent_similarity=0.75,
            sent_text="Mended it!",
        ),
    )


def test_that_a_dismissal_taken_back_leaves_the_suggestion_undecided(store, journal):
    append(store, a_shown(), a_decision(EventKind.DISMISSED, reason="wrong product"))
    (dismissed,) = journal.newest()
    append(store, a_decision(EventKind.UNDISMISSED))
    (undone,) = journal.newest()

    assert (dismissed.what_happened, dismissed.reason) == (EventKind.DISMISSED, "wrong product")
    assert (undone.what_happened, undone.decided_at, undone.reason) == (None, None, "")


def test_that_the_newest_comes_first_and_pages_join(store, journal):
    append(store, *(a_shown(f"s{n}") for n in range(5)), a_decision(EventKind.USED, "s0"))

    first = journal.newest(limit=3)
    second = journal.newest(before_seq=first[-1].seq, limit=3)

    assert [row.suggestion_id for row in (*first, *second)] == ["s4", "s3", "s2", "s1", "s0"]
    assert second[-1].what_happened is EventKind.USED
    assert [row.suggestion_id for row in journal.all()] == ["s0", "s1", "s2", "s3", "s4"]


def test_that_a_filter_is_about_when_and_where_it_was_shown(store, journal):
    append(store, a_shown("s1"), a_shown("s2", ref=a_ref(8)), a_shown("s3", at=NOON + MINUTE))
    append(store, a_decision(EventKind.USED, "s1", at=NOON + 9 * MINUTE))

    assert [row.suggestion_id for row in journal.all(EventFilter(ref=a_ref(8)))] == ["s2"]
    (first, second) = journal.all(EventFilter(until=NOON + MINUTE))
    assert (first.what_happened, second.what_happened) == (EventKind.USED, None)


NASTY = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "'", "  =1", "＝1", 'a"b', "a,b", "a\nb", "a\r\nb", "Ünï🏕", "")


@pytest.fixture
def rows(store, journal):
    append(store, *(a_shown(f"s{n}", text=text, source=a_source(title=text)) for n, text in enumerate(NASTY)))
    append(store, a_decision(EventKind.DISMISSED, "s0", reason="=cmd|' /C calc'!A0"))
    return tuple(journal.all())


def test_that_lines_of_json_give_every_field_back(rows, tmp_path):
    assert export_jsonl(tmp_path / "journal.jsonl", rows) == len(NASTY)

    lines = (tmp_path / "journal.jsonl").read_text("utf-8").splitlines()
    read = [json.loads(line) for line in lines]

    assert [row["text"] for row in read] == list(NASTY)
    assert read[0]["what_happened"] == "dismissed"
    assert read[0]["shown_at"] == "2026-11-02T12:00:00.000000+00:00"
    assert set(read[0]) == set(JournalRow.__dataclass_fields__)


def test_that_a_table_gives_every_text_back(rows, tmp_path):
    assert export_csv(tmp_path / "journal.csv", rows) == len(NASTY)

    with (tmp_path / "journal.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))

    assert [unguarded(row["text"]) for row in read] == list(NASTY)
    assert [row["ticket_id"] for row in read] == ["7"] * len(NASTY)


def test_that_no_cell_of_a_table_can_be_a_formula(rows, tmp_path):
    export_csv(tmp_path / "journal.csv", rows)

    with (tmp_path / "journal.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    assert [
        cell for cell in cells if cell.lstrip(" ")[:1] in set("=+-@\t\r\n＝＋－＠") - {""} and cell.strip(" ")
    ] == []


@given(text=st.text())
def test_that_a_guard_can_always_be_taken_away(text):
    assert unguarded(guarded(text)) == text


def test_that_an_export_can_be_read_by_its_owner_only(rows, tmp_path):
    export_csv(tmp_path / "journal.csv", rows)
    export_jsonl(tmp_path / "journal.jsonl", rows)

    assert [stat.S_IMODE(f.stat().st_mode) for f in sorted(tmp_path.glob("journal.*"))] == [0o600, 0o600]
