"""What was suggested and what became of it, as rows to look at and to export."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from assist.domain import FINAL_KINDS, Decision, EventKind, Outcome, SentAs, Shown, SuggestionId
from assist.store.codec import time_text
from assist.store.events import EventFilter, EventLog, Logged

PAGE = 200

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_GUARD = "'"


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One suggestion. ``what_happened`` is None while it is undecided; a dismissal taken back counts as that.

    ``edit_distance`` is what the agent changed before using it, ``sent_distance`` what differs in the message
    that was really sent, both in characters. ``sent_*`` are None until a message was seen to which this
    suggestion was the nearest.
    """

    seq: int
    suggestion_id: SuggestionId
    shown_at: datetime
    account: str
    ticket_id: int
    list_name: str
    rank: int
    confidence: float
    source_kind: str
    source_key: str
    source_title: str = field(repr=False)
    text: str = field(repr=False)
    what_happened: EventKind | None = None
    decided_at: datetime | None = None
    how: str = ""
    reason: str = ""
    used_text: str = field(default="", repr=False)
    edit_distance: int | None = None
    sent_as: SentAs | None = None
    sent_at: datetime | None = None
    sent_distance: int | None = None
    sent_similarity: float | None = None
    sent_text: str = field(default="", repr=False)


class Journal:
    def __init__(self, log: EventLog) -> None:
        self._log = log

    def newest(
        self, wanted: EventFilter | None = None, *, before_seq: int | None = None, limit: int = PAGE
    ) -> tuple[JournalRow, ...]:
        """Return a page of suggestions, newest first; go on with the last row's ``seq`` as ``before_seq``.

        ``wanted`` is about when and where suggestions were shown; its kinds are not looked at.
        """
        shown = self._log.page_back(_only_shown(wanted), before_seq=before_seq, limit=limit)
        return self._rows(shown)

    def count(self) -> int:
        """Return how many suggestions there are."""
        return self._log.count_shown()

    def all(self, wanted: EventFilter | None = None) -> Iterator[JournalRow]:
        """Yield every suggestion, oldest first, reading the log by pages."""
        after_seq = 0
        while shown := self._log.page(_only_shown(wanted), after_seq=after_seq, limit=PAGE):
            yield from self._rows(shown)
            after_seq = shown[-1].seq

    def _rows(self, shown: tuple[Logged, ...]) -> tuple[JournalRow, ...]:
        rows = {row.suggestion_id: row for row in map(_row_of, shown)}
        for logged in self._log.about(list(rows)):
            suggestion_id = logged.event.suggestion_id
            if suggestion_id is not None:
                rows[suggestion_id] = _with(rows[suggestion_id], logged.event)
        return tuple(rows.values())


def _only_shown(wanted: EventFilter | None) -> EventFilter:
    return dataclasses.replace(wanted or EventFilter(), kinds=frozenset({EventKind.SHOWN}))


def _row_of(logged: Logged) -> JournalRow:
    event = logged.event
    if not isinstance(event, Shown):
        raise TypeError(f"a journal row begins with what was shown, not with {logged.kind}")
    return JournalRow(
        seq=logged.seq,
        suggestion_id=event.suggestion_id,
        shown_at=event.at,
        account=event.ref.account,
        ticket_id=event.ref.id,
        list_name=event.list_name,
        rank=event.rank,
        confidence=event.confidence,
        source_kind=event.source.kind,
        source_key=event.source.key,
        source_title=event.source.title,
        text=event.text,
    )


def _with(row: JournalRow, event: Shown | Decision | Outcome) -> JournalRow:
    match event:
        case Decision() if event.kind in FINAL_KINDS:
            return dataclasses.replace(
                row,
                what_happened=event.kind,
                decided_at=event.at,
                how=event.how,
                reason=event.reason,
                used_text=event.text,
                edit_distance=event.edit_distance,
            )
        case Decision():
            return dataclasses.replace(row, what_happened=None, decided_at=None, how="", reason="")
        case Outcome():
            return dataclasses.replace(
                row,
                sent_as=event.sent_as,
                sent_at=event.at,
                sent_distance=event.edit_distance,
                sent_similarity=event.similarity,
                sent_text=event.sent_text,
            )
        case Shown():
            return row


def export_jsonl(path: Path, rows: Iterable[JournalRow]) -> int:
    """Write one JSON object a line, UTF-8; return how many. The file holds customers' words in clear."""
    with _open_private(path, "utf-8") as file:
        return sum(_write_line(file, row) for row in rows)


def export_csv(path: Path, rows: Iterable[JournalRow]) -> int:
    """Write a table that a spreadsheet opens without running anything in it; return the number of rows.

    UTF-8 with a byte order mark, which spreadsheets need to see umlauts. A text that a spreadsheet could take
    for a formula, or that begins with an apostrophe, gets an apostrophe in front; `unguarded` takes it away.
    Source: OWASP, "CSV Injection".
    """
    with _open_private(path, "utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(f.name for f in dataclasses.fields(JournalRow))
        count = 0
        for row in rows:
            writer.writerow(guarded(value) if isinstance(value, str) else value for value in _flat(row).values())
            count += 1
        return count


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return _GUARD + text if text.lstrip(" ").startswith((*_FORMULA_STARTS, _GUARD)) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    return text.removeprefix(_GUARD)


def _write_line(file: TextIO, row: JournalRow) -> int:
    file.write(json.dumps(_flat(row), ensure_ascii=False) + "\n")
    return 1


def _flat(row: JournalRow) -> dict[str, Any]:
    """Return the row's fields; times as in the log, other kinds as their words."""
    values = {f.name: getattr(row, f.name) for f in dataclasses.fields(row)}
    return {name: time_text(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _open_private(path: Path, encoding: str) -> TextIO:
    path.touch(mode=0o600)
    return path.open("w", encoding=encoding, errors="replace", newline="")
