"""The app's encrypted log, read from outside."""

from __future__ import annotations

from pathlib import Path

from assist.domain import AccountId, Decision, EventKind, Outcome, Shown, TicketRef
from assist.store.database import StoreKey
from assist.store.events import EventFilter, EventLog, Logged
from assist.store.state import StoreState
from assist.store.writer import Reader
from assist.sync import CollectionName


class Log:
    """The app's own log, read from outside while the app may be running."""

    def __init__(self, path: Path, key: StoreKey) -> None:
        self._reader = Reader(path, key)
        self.state = StoreState(None, self._reader)  # type: ignore[arg-type]  # nothing is written here

    def close(self) -> None:
        self._reader.close()

    def rows(self, ref: TicketRef | None = None) -> list[Logged]:
        log = EventLog(None, self._reader)  # type: ignore[arg-type]  # nothing is written here
        return list(log.iterate(EventFilter(ref=ref)))

    def shown(self, ref: TicketRef) -> list[Shown]:
        return [row.event for row in self.rows(ref) if isinstance(row.event, Shown)]

    def replies(self, ref: TicketRef) -> list[Shown]:
        """Return the replies of the newest set that was shown, by rank."""
        shown = [event for event in self.shown(ref) if event.list_name == "replies"]
        latest = max((event.at for event in shown), default=None)
        return sorted((event for event in shown if event.at == latest), key=lambda event: event.rank)

    def decisions(self, ref: TicketRef, *kinds: EventKind) -> list[Decision]:
        found = [row.event for row in self.rows(ref) if isinstance(row.event, Decision)]
        return [event for event in found if not kinds or event.kind in kinds]

    def outcomes(self, ref: TicketRef) -> list[Outcome]:
        return [row.event for row in self.rows(ref) if isinstance(row.event, Outcome)]

    def is_synced(self, account: AccountId) -> bool:
        done = [self.state.checkpoint(account, name.value) for name in CollectionName]
        return all(checkpoint is not None and checkpoint.done for checkpoint in done)

    def missing_vectors(self) -> int:
        """Return how many texts the engine has not encoded yet."""
        row = self._reader.one(
            "SELECT (SELECT count(*) FROM passages) + (SELECT count(*) FROM past_replies)"
            " + (SELECT count(*) FROM macros) - (SELECT count(*) FROM vectors)"
        )
        assert row is not None
        return int(str(row[0]))
