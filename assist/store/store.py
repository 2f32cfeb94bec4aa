"""The store as the app holds it: one writer, one reader, and what is built on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assist.store.acts import PendingActs
from assist.store.cache import TicketCache
from assist.store.database import StoreKey
from assist.store.documents import Documents
from assist.store.events import EventLog
from assist.store.knowledge import Knowledge
from assist.store.search import LexicalSearch
from assist.store.state import StoreState
from assist.store.vectors import VectorStore
from assist.store.writer import Reader, Writer


@dataclass(frozen=True, slots=True)
class Store:
    path: Path
    writer: Writer
    reader: Reader
    knowledge: Knowledge
    documents: Documents
    vectors: VectorStore
    search: LexicalSearch
    tickets: TicketCache
    log: EventLog
    state: StoreState
    acts: PendingActs

    def close(self, *, deadline_s: float = 5.0) -> int:
        """Write what is queued, then close; return how many jobs could not be done in time."""
        # The writer last: only it may fold the write-ahead log into the file, and only without readers.
        self.reader.close()
        return self.writer.close(deadline_s=deadline_s)


def open_store(path: Path, key: StoreKey) -> Store:
    """Open or create the database at ``path``.

    Without a keyring, open one with `new_key` in a folder of the session and `delete_database` it at the end:
    after a crash its key is gone with the process, so nothing in it can be read.

    Raises:
        StoreError: See `assist.store.errors` for what each kind asks for. After `Corrupt` or `WrongKey`,
            `set_aside` keeps the old file and makes room for a new one; tell the agent that it was done.
    """
    writer = Writer(path, key)
    try:
        reader = Reader(path, key)
    except BaseException:
        writer.close()
        raise
    return Store(
        path=path,
        writer=writer,
        reader=reader,
        knowledge=Knowledge(writer),
        documents=Documents(reader),
        vectors=VectorStore(writer, reader),
        search=LexicalSearch(reader),
        tickets=TicketCache(writer, reader),
        log=EventLog(writer, reader),
        state=StoreState(writer, reader),
        acts=PendingActs(writer, reader),
    )
