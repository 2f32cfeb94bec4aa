"""What every store keeps, however it was opened: for good, opened anew after each step, or for a session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.domain import FINAL_KINDS, EventKind
from assist.store.database import delete_database, new_key
from assist.store.errors import Refused
from assist.store.events import Appended, Event, kind_of
from assist.store.store import Store
from tests.helpers.builders import ACME, NOON, a_decision, a_macro, a_ref, a_shown, an_open_ticket, an_outcome
from tests.helpers.store import KEY, append, opened, run


class Kept:
    """One store for the whole test."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "Ordner mit Ümlaut" / "kibitz.db"
        self._opened = opened(self._path, KEY)
        self._store = self._opened.__enter__()

    def do(self, step: Callable[[Store], object]) -> object:
        return step(self._store)

    def close(self) -> None:
        self._opened.__exit__(None, None, None)


class Reopened(Kept):
    """Closed and opened again after each step."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "kibitz.db"

    def do(self, step: Callable[[Store], object]) -> object:
        with opened(self._path, KEY) as store:
            return step(store)

    def close(self) -> None:
        pass


class ForASession(Kept):
    """With a key that nobody keeps, and removed at the end."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "session.db"
        self._opened = opened(self._path, new_key())
        self._store = self._opened.__enter__()

    def close(self) -> None:
        super().close()
        delete_database(self._path)
        assert list(self._path.parent.iterdir()) == []


KINDS = [Kept, Reopened, ForASession]


@contextmanager
def a_store(kind: type[Kept]) -> Iterator[Kept]:
    with TemporaryDirectory() as folder:
        store = kind(Path(folder))
        yield store
        store.close()


def log_of(store: Kept) -> list[Event]:
    found = store.do(lambda s: [logged.event for logged in s.log.iterate()])
    assert isinstance(found, list)
    return found


NAMES = st.sampled_from(("s1", "s2"))
EVENTS = st.one_of(
    NAMES.map(a_shown),
    st.builds(a_decision, st.sampled_from(sorted({*FINAL_KINDS, EventKind.UNDISMISSED})), NAMES),
    st.sampled_from((71, 72)).map(lambda message_id: an_outcome(message_id=message_id)),
)


def model(events: Sequence[Event]) -> list[Event]:
    """Return what a log must hold after these events, written down once more and in another way."""
    log: list[Event] = []
    shown: set[str] = set()
    standing: dict[str, EventKind] = {}
    messages: set[int] = set()
    for event in events:
        kind, name = kind_of(event), str(event.suggestion_id)
        if kind is EventKind.SHOWN:
            new = name not in shown
            shown.add(name)
        elif kind is EventKind.OUTCOME:
            new = event.message_id not in messages
            messages.add(event.message_id)
        elif name not in shown:
            new = False
        elif kind is EventKind.UNDISMISSED:
            new = standing.get(name) is EventKind.DISMISSED
            if new:
                del standing[name]
        else:
            new = name not in standing
            standing.setdefault(name, kind)
        if new:
            log.append(event)
    return log


@pytest.mark.promise("D2")
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(events=st.lists(EVENTS, max_size=12))
def test_that_each_suggestion_has_one_shown_and_one_standing_end_whatever_happens(kind, events):
    def add(event: Event) -> Callable[[Store], object]:
        def step(store: Store) -> object:
            try:
                return append(store, event)
            except Refused:
                return None

        return step

    with a_store(kind) as store:
        for event in events:
            store.do(add(event))
        assert log_of(store) == model(events)


@pytest.mark.promise("D2")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("final", sorted(FINAL_KINDS))
@pytest.mark.parametrize("later", sorted(FINAL_KINDS))
def test_that_a_second_final_changes_nothing_and_is_told_the_first(kind, final, later):
    first = a_decision(final, text="first")
    with a_store(kind) as store:
        store.do(lambda s: append(s, a_shown(), first))
        (repeat,) = store.do(lambda s: append(s, a_decision(later, text="second")))

        assert isinstance(repeat, Appended)
        assert not repeat.is_new
        assert repeat.logged is not None
        assert repeat.logged.event == first
        assert log_of(store) == [a_shown(), first]


@pytest.mark.promise("D2")
@pytest.mark.parametrize("kind", KINDS)
def test_that_of_many_threads_deciding_at_once_one_is_heard(kind):
    def all_at_once(store: Store) -> list[bool]:
        start = threading.Barrier(8)
        heard: list[bool] = []

        def decide(name: EventKind) -> None:
            start.wait(10)
            (appended,) = append(store, a_decision(name))
            heard.append(appended.is_new)

        threads = [threading.Thread(target=decide, args=(name,)) for name in sorted(FINAL_KINDS) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        return heard

    with a_store(kind) as store:
        store.do(lambda s: append(s, a_shown()))
        assert sorted(store.do(all_at_once)) == [False] * 7 + [True]
        assert len(log_of(store)) == 2


@pytest.mark.promise("R3")
@pytest.mark.parametrize("kind", KINDS)
def test_that_what_was_dismissed_stays_dismissed(kind):
    with a_store(kind) as store:
        store.do(lambda s: append(s, a_shown(), a_decision(EventKind.DISMISSED)))

        assert store.do(lambda s: s.log.dismissed_sources(a_ref())) == {"macro:12"}


@pytest.mark.parametrize("kind", KINDS)
def test_that_tickets_macros_and_settings_are_there_at_the_next_step(kind):
    with a_store(kind) as store:
        store.do(lambda s: run(s.tickets.put(an_open_ticket())))
        store.do(lambda s: run(s.knowledge.put_macros([a_macro()])))
        store.do(lambda s: run(s.state.put_setting("edge", "left")))

        assert store.do(lambda s: s.tickets.get(a_ref(), now=NOON)).open_ticket == an_open_ticket()
        assert store.do(lambda s: s.documents.macros([1])) == {1: a_macro()}
        assert store.do(lambda s: s.documents.counts(ACME).macros) == 1
        assert store.do(lambda s: s.state.setting("edge")) == "left"
