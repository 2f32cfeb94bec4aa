"""What the journal window is given, from a real log."""

from __future__ import annotations

import asyncio

from assist.domain import EventKind
from assist.journal import Journal
from desktop.journal.presenter import JournalPresenter
from desktop.journal.state import Happened, JournalState, Reading, Rows
from desktop.journal.view import JournalView
from desktop.tasks import TaskSet
from desktop.theme import Scheme, Theme
from tests.helpers.builders import a_decision, a_ref, a_shown
from tests.helpers.store import append, opened


async def nowhere(_: str) -> None:
    return None


def test_that_the_window_gets_the_newest_rows_and_says_how_many_are_older(qapp, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("desktop.journal.presenter.MOST_ROWS", 2)
    failed: list[BaseException] = []
    with opened(tmp_path / "kibitz.db") as store:
        append(store, *(a_shown(f"s{number}", ref=a_ref(number)) for number in range(1, 6)))
        append(store, a_decision(EventKind.USED, suggestion_id="s5", ref=a_ref(5)))
        view = JournalView(Theme(qapp, Scheme.LIGHT))
        qtbot.addWidget(view)
        given: list[JournalState] = []
        tasks = TaskSet(lambda _, error: failed.append(error))
        presenter = JournalPresenter(view, Journal(store.log), tasks, ask_where=nowhere)

        async def look() -> None:
            both = asyncio.Event()
            monkeypatch.setattr(view, "show_state", lambda state: (given.append(state), len(given) > 1 and both.set()))
            presenter.show()
            await both.wait()

        asyncio.run(look())

    assert failed == []
    assert isinstance(given[0], Reading)
    [rows] = [state for state in given if isinstance(state, Rows)]
    assert [(row.ref.id, row.happened) for row in rows.rows] == [(5, Happened.USED), (4, Happened.SHOWN)]
    assert rows.older == 3
