"""Small things that must survive a restart: accounts, how far each sync has come, settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from assist.domain import AccountId, Agent, HelpdeskKind
from assist.store.codec import dumps, loads, storable, time_text
from assist.store.database import Connection
from assist.store.records import Account, Checkpoint
from assist.store.writer import Reader, Writer


class StoreState:
    """Reads at once, writes from the event loop; what was written is on disk when the call returns."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    def accounts(self) -> tuple[Account, ...]:
        """Return the connected accounts in the order in which they were added."""
        rows = self._reader.all(
            "SELECT id, kind, base_url, display, agent, added_at, name, portal, client_id FROM accounts"
            " ORDER BY added_at, id"
        )
        return tuple(
            Account(
                id=AccountId(str(id_)),
                kind=HelpdeskKind(str(kind)),
                base_url=str(base_url),
                display=str(display),
                agent=loads(Agent, str(agent)),
                added_at=datetime.fromisoformat(str(added_at)),
                name=str(name),
                portal=str(portal),
                client_id=str(client_id),
            )
            for id_, kind, base_url, display, agent, added_at, name, portal, client_id in rows
        )

    async def put_account(self, account: Account) -> None:
        """Add an account, or replace what is known of it; ``added_at`` stays what it was."""
        await self._writer.run(lambda connection: put_account(connection, account))

    def checkpoint(self, account: AccountId, collection: str) -> Checkpoint | None:
        row = self._reader.one(
            "SELECT value, done, updated_at FROM checkpoints WHERE account = ? AND collection = ?",
            (account, collection),
        )
        if row is None:
            return None
        value, done, updated_at = row
        return Checkpoint(str(value), bool(done), datetime.fromisoformat(str(updated_at)))

    async def put_checkpoint(self, account: AccountId, collection: str, checkpoint: Checkpoint) -> None:
        """Remember how far a sync has come, after its batch was stored: a batch may be read twice, not lost."""
        await self._writer.run(lambda connection: put_checkpoint(connection, account, collection, checkpoint))

    async def drop_checkpoint(self, account: AccountId, collection: str) -> None:
        """Let the next sync of a collection begin anew."""
        await self._writer.run(
            lambda connection: connection.execute(
                "DELETE FROM checkpoints WHERE account = ? AND collection = ?", (account, collection)
            ).fetchall()
        )

    def settings(self) -> Mapping[str, str]:
        return {str(key): str(value) for key, value in self._reader.all("SELECT key, value FROM settings")}

    def setting(self, key: str) -> str | None:
        row = self._reader.one("SELECT value FROM settings WHERE key = ?", (key,))
        return None if row is None else str(row[0])

    async def put_setting(self, key: str, value: str | None) -> None:
        """Keep a setting; None removes it."""
        await self._writer.run(lambda connection: put_setting(connection, key, value))


def put_account(connection: Connection, account: Account) -> None:
    connection.execute(
        "INSERT INTO accounts (id, kind, base_url, display, agent, added_at, name, portal, client_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET kind = excluded.kind, base_url = excluded.base_url,"
        " display = excluded.display, agent = excluded.agent,"
        " name = excluded.name, portal = excluded.portal, client_id = excluded.client_id",
        (
            *(account.id, account.kind, account.base_url, storable(account.display)),
            *(dumps(account.agent), time_text(account.added_at)),
            *(storable(account.name), account.portal, account.client_id),
        ),
    )


def put_checkpoint(connection: Connection, account: AccountId, collection: str, checkpoint: Checkpoint) -> None:
    """Keep a checkpoint on this connection, e.g. in the same transaction as its batch."""
    connection.execute(
        "INSERT INTO checkpoints (account, collection, value, done, updated_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value, done = excluded.done, updated_at = excluded.updated_at",
        (account, collection, checkpoint.value, checkpoint.done, time_text(checkpoint.updated_at)),
    )


def put_setting(connection: Connection, key: str, value: str | None) -> None:
    if value is None:
        connection.execute("DELETE FROM settings WHERE key = ?", (key,))
    else:
        connection.execute(
            "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (key, storable(value)),
        )
