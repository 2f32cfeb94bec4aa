"""Fills the journal window from the log, off the event loop, and exports it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from assist.domain import AccountId, EventKind, SourceKind, TicketRef
from assist.errors import StoreError
from assist.journal import Journal, export_csv, export_jsonl
from assist.journal import JournalRow as LogRow
from desktop.dock.beside import bring_up
from desktop.i18n import tr
from desktop.journal.state import Happened, JournalRow, Reading, Rows, Unreadable
from desktop.journal.view import JournalView
from desktop.tasks import TaskSet

_HAPPENED = {
    EventKind.USED: Happened.USED,
    EventKind.EDITED: Happened.EDITED,
    EventKind.DISMISSED: Happened.DISMISSED,
    EventKind.EXPIRED: Happened.EXPIRED,
}

MOST_ROWS = 5_000
"""Weeks of an agent's work. An export holds everything; a year of it would take the window ten seconds."""

AskWhere = Callable[[str], Awaitable[Path | None]]
"""Asks the agent where to save a file of the given suggested name, without blocking; None when cancelled."""


class JournalPresenter:
    def __init__(self, view: JournalView, journal: Journal, tasks: TaskSet, *, ask_where: AskWhere) -> None:
        self._view = view
        self._journal = journal
        self._tasks = tasks
        self._ask_where = ask_where
        self._rows: tuple[JournalRow, ...] = ()
        self._older = 0
        view.export_requested.connect(lambda kind: tasks.latest("export", self._export(kind)))

    def show(self) -> None:
        """Show the window, reading the log anew."""
        self._view.show_state(Reading())
        bring_up(self._view)
        self._tasks.latest("journal", self._read())

    async def _read(self) -> None:
        try:
            self._rows, self._older = await asyncio.to_thread(self._newest)
        except StoreError as error:
            self._view.show_state(Unreadable(tr("The journal cannot be read"), str(error)))
            return
        self._view.show_state(Rows(self._rows, older=self._older))

    def _newest(self) -> tuple[tuple[JournalRow, ...], int]:
        rows = tuple(_drawn(row) for row in self._journal.newest(limit=MOST_ROWS))
        return rows, max(0, self._journal.count() - len(rows))

    async def _export(self, kind: str) -> None:
        target = await self._ask_where(f"kibitz-journal-{datetime.now(UTC):%Y-%m-%d}.{kind}")
        if target is None:
            return
        write = export_csv if kind == "csv" else export_jsonl
        try:
            count = await asyncio.to_thread(lambda: write(target, self._journal.all()))
        except (OSError, StoreError) as error:
            note = tr("Not saved: {why}", why=getattr(error, "strerror", None) or error)
        else:
            note = tr("Saved {count} rows to {name}", count=count, name=target.name)
        self._view.show_state(Rows(self._rows, note, self._older))


def _drawn(row: LogRow) -> JournalRow:
    return JournalRow(
        suggestion_id=row.suggestion_id,
        at=row.shown_at,
        ref=TicketRef(AccountId(row.account), row.ticket_id),
        list_name=row.list_name,
        rank=row.rank,
        source_kind=SourceKind(row.source_kind),
        source_title=row.source_title,
        happened=_HAPPENED.get(row.what_happened, Happened.SHOWN) if row.what_happened else Happened.SHOWN,
        suggested=row.text,
        used=row.used_text,
        sent=row.sent_text,
        reason=row.reason,
        sent_as=row.sent_as,
        edit_distance=row.sent_distance if row.sent_distance is not None else row.edit_distance,
    )
