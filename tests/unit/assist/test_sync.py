from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from assist.domain import Role, SourceKind
from assist.errors import NotAllowed, SignInNeeded, Unreachable
from assist.ports import Batch
from assist.sync import MAX_SOLVED_TICKETS, CollectionName, Progress, Synchroniser
from tests.helpers.builders import ACME, NOON, a_macro, a_message, a_reply, a_solved_ticket, an_article
from tests.helpers.store import opened, run

LONG_REPLY = "A pole that snaps at the joint is covered, so a new section is on its way to you."


class NoonClock:
    def now(self) -> datetime:
        return NOON


@dataclass
class FakeHelpdesk:
    """Serves collections in batches of two; an exception in a collection is raised where it stands.

    A checkpoint is the number of items that were read before it.
    """

    articles_: list[Any] = field(default_factory=list)
    macros_: list[Any] = field(default_factory=list)
    solved: list[Any] = field(default_factory=list)
    gone: tuple[int, ...] = ()
    account: str = ACME
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def articles(self, checkpoint: str | None = None) -> AsyncIterator[Batch]:
        self.asked.append(("articles", checkpoint))
        return self._batches(self.articles_, checkpoint, self.gone)

    def macros(self, checkpoint: str | None = None) -> AsyncIterator[Batch]:
        self.asked.append(("macros", checkpoint))
        return self._batches(self.macros_, checkpoint)

    def solved_tickets(self, checkpoint: str | None = None, *, limit: int = 0) -> AsyncIterator[Batch]:
        self.asked.append(("solved", (checkpoint, limit)))
        return self._batches(self.solved, checkpoint)

    async def _batches(
        self, items: list[Any], checkpoint: str | None, gone: tuple[int, ...] = ()
    ) -> AsyncIterator[Batch]:
        start = int(checkpoint or 0)
        while True:
            await asyncio.sleep(0)
            page = items[start : start + 2]
            for item in page:
                if isinstance(item, Exception):
                    raise item
            start += len(page)
            done = start >= len(items)
            yield Batch(tuple(page), str(start), done, gone if done else ())
            if done:
                return


@dataclass
class Watched:
    changes: list[tuple[SourceKind, int, int]] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        yield store


def sync(store, helpdesk: FakeHelpdesk) -> Watched:
    seen = Watched()
    synchroniser = Synchroniser(
        helpdesk,
        store,
        NoonClock(),
        on_changes=lambda _account, kind, c: seen.changes.append((kind, len(c.added), len(c.removed))),
        on_progress=seen.progress.append,
    )
    try:
        run(synchroniser.run())
    finally:
        seen.progress = [p for p in seen.progress if p.finished or p.read]
    return seen


def solved(number: int):
    return a_solved_ticket(number, messages=(a_message("My tent pole snapped"), a_reply(LONG_REPLY, id=number * 10)))


def a_shop(**fields: Any) -> FakeHelpdesk:
    return FakeHelpdesk(
        **{
            "articles_": [an_article(n, title=f"Page {n}") for n in range(1, 6)],
            "macros_": [a_macro(n) for n in range(1, 4)],
            "solved": [solved(8), solved(9)],
            **fields,
        }
    )


def test_that_everything_is_read_macros_first_and_counted(store):
    helpdesk = a_shop()

    seen = sync(store, helpdesk)

    counts = store.documents.counts()
    assert (counts.articles, counts.passages, counts.macros, counts.solved_tickets, counts.past_replies) == (
        5,
        5,
        3,
        2,
        2,
    )
    assert [name for name, _ in helpdesk.asked] == ["macros", "articles", "solved"]
    assert helpdesk.asked[-1] == ("solved", (None, MAX_SOLVED_TICKETS))
    assert [p for p in seen.progress if p.finished] == [
        Progress(CollectionName.MACROS, 3, finished=True),
        Progress(CollectionName.ARTICLES, 5, finished=True),
        Progress(CollectionName.SOLVED_TICKETS, 2, finished=True),
    ]
    assert [p.read for p in seen.progress if p.collection is CollectionName.ARTICLES] == [2, 4, 5, 5]


def test_that_each_batch_is_told_when_it_is_stored(store):
    seen = sync(store, a_shop())

    assert seen.changes == [
        (SourceKind.MACRO, 2, 0),
        (SourceKind.MACRO, 1, 0),
        (SourceKind.ARTICLE, 2, 0),
        (SourceKind.ARTICLE, 2, 0),
        (SourceKind.ARTICLE, 1, 0),
        (SourceKind.PAST_REPLY, 2, 0),
    ]


def test_that_the_next_run_begins_where_the_last_one_ended(store):
    helpdesk = a_shop()
    sync(store, helpdesk)
    helpdesk.asked.clear()
    helpdesk.articles_.append(an_article(6, title="Page 6"))

    seen = sync(store, helpdesk)

    assert helpdesk.asked == [("macros", None), ("articles", "5"), ("solved", ("2", MAX_SOLVED_TICKETS))]
    assert seen.changes == [(SourceKind.ARTICLE, 1, 0)]
    assert store.documents.counts().articles == 6


@pytest.mark.promise("N4")
def test_that_an_interruption_loses_nothing_and_the_next_run_resumes(store):
    helpdesk = a_shop()
    whole = list(helpdesk.articles_)
    helpdesk.articles_ = [*whole[:2], Unreachable("offline"), *whole[2:]]

    with pytest.raises(Unreachable):
        sync(store, helpdesk)
    before = store.documents.counts().articles
    helpdesk.articles_ = whole
    sync(store, helpdesk)

    assert before == 2
    assert store.documents.counts().articles == 5
    assert store.documents.counts().past_replies == 2
    assert ("articles", "2") in helpdesk.asked


def test_that_what_the_agents_role_may_not_read_is_left_out_and_said(store):
    seen = sync(store, a_shop(macros_=[NotAllowed("your role may not read macros")]))

    assert seen.progress[0] == Progress(
        CollectionName.MACROS, 0, finished=True, problem="your role may not read macros"
    )
    assert store.documents.counts().articles == 5


def test_that_a_wrong_password_stops_the_sync(store):
    with pytest.raises(SignInNeeded):
        sync(store, a_shop(macros_=[SignInNeeded("sign in again")]))

    assert store.documents.counts().articles == 0


def test_that_macros_that_are_gone_go_and_changed_ones_change(store):
    helpdesk = a_shop()
    sync(store, helpdesk)
    helpdesk.macros_ = [a_macro(1), a_macro(2, body="Here is your new label, dear customer.")]

    seen = sync(store, helpdesk)

    assert seen.changes == [(SourceKind.MACRO, 1, 1), (SourceKind.MACRO, 0, 1)]
    assert store.documents.counts().macros == 2


def test_that_articles_that_are_gone_go(store):
    helpdesk = a_shop()
    sync(store, helpdesk)
    helpdesk.gone = (2, 4)

    seen = sync(store, helpdesk)

    assert seen.changes == [(SourceKind.ARTICLE, 0, 2)]
    assert store.documents.counts().articles == 3


def test_that_a_page_that_becomes_a_draft_is_found_no_more(store):
    helpdesk = a_shop()
    sync(store, helpdesk)
    helpdesk.articles_.append(an_article(1, title="Page 1", draft=True))

    seen = sync(store, helpdesk)

    assert seen.changes == [(SourceKind.ARTICLE, 0, 1)]
    assert (store.documents.counts().articles, store.documents.counts().passages) == (5, 4)


def test_that_the_language_of_macros_and_replies_is_known(store):
    german = a_solved_ticket(
        10,
        messages=(
            a_message("Meine Zeltstange ist gebrochen."),
            a_reply("Das tut mir leid, bitte senden Sie uns ein Foto der gebrochenen Stange zu.", role=Role.AGENT),
        ),
    )
    body = "Guten Tag {{ticket.requester.name}},\n\nanbei finden Sie das Etikett für Ihre Rücksendung."
    sync(store, a_shop(macros_=[a_macro(1), a_macro(2, body=body)], solved=[solved(8), german]))

    assert [d.language for d in store.documents.iterate(SourceKind.MACRO)] == ["en", "de"]
    assert [d.language for d in store.documents.iterate(SourceKind.PAST_REPLY)] == ["en", "de"]


def test_that_a_cancelled_sync_leaves_what_it_stored_and_resumes(store):
    helpdesk = a_shop(articles_=[an_article(n) for n in range(1, 40)])

    async def main() -> None:
        task = asyncio.create_task(
            Synchroniser(
                helpdesk,
                store,
                NoonClock(),
                on_changes=lambda _account, kind, _c: task.cancel() if kind is SourceKind.ARTICLE else None,
                on_progress=lambda _p: None,
            ).run()
        )
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    partly = store.documents.counts().articles
    sync(store, helpdesk)

    assert 2 <= partly < 39
    assert store.documents.counts().articles == 39
