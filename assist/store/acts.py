"""What an agent asked Kibitz to do in a helpdesk, from before it was sent until the agent knows what became of it.

The rules live in the database (resources/sql/004_pending_acts.sql): an id is planned once and sent at most once.
"""

# ruff: noqa: S608  # what is put into statements are this package's own names; values are always bound

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from assist.acts import ActKind, Preview
from assist.domain import AccountId, Decision, TicketRef
from assist.errors import StoreError
from assist.store.codec import dumps, loads, storable, time_text
from assist.store.database import Connection, Row, Value
from assist.store.errors import Refused
from assist.store.events import append
from assist.store.writer import Reader, Writer

_COLUMNS = (
    "id, account, ticket_id, kind, state, planned_at, sending_at, ended_at, preview, decision, message_id, why, told"
)


class ActState(StrEnum):
    PLANNED = "planned"
    """Nothing has left this machine."""
    SENDING = "sending"
    UNKNOWN = "unknown"
    """It left, and no answer came. Only a look at the helpdesk can tell."""
    DONE = "done"
    REFUSED = "refused"
    """It was surely not carried out."""


OPEN = frozenset({ActState.PLANNED, ActState.SENDING, ActState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class KeptAct:
    """One row. Times are this machine's.

    ``preview`` is None once nobody needs its text any more: as soon as it is done, or the agent knows that it was
    refused (``told``). ``decision`` is what is logged of the suggestion that the text came from, when it is done.
    """

    id: str
    ref: TicketRef
    kind: ActKind
    state: ActState
    planned_at: datetime
    sending_at: datetime | None = None
    ended_at: datetime | None = None
    preview: Preview | None = field(default=None, repr=False)
    decision: Decision | None = field(default=None, repr=False)
    message_id: int | None = None
    why: str = ""
    told: bool = False


class PendingActs:
    """Reads at once, writes from the event loop; what was written is on disk when the call returns."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def plan(self, preview: Preview, at: datetime, *, decision: Decision | None = None) -> None:
        """Keep what is to be done, before anything leaves. Raises `Refused` for an id that was planned before."""
        await self._writer.run(lambda connection: _plan(connection, preview, at, decision))

    async def send(self, id_: str, at: datetime) -> None:
        """Say that its request leaves now. Raises `Refused` if it may have left before."""
        await self._writer.run(lambda connection: _move(connection, id_, ActState.SENDING, "sending_at = ?", at))

    async def unknown(self, id_: str) -> None:
        """Say that no answer came. Raises `Refused` unless it was being sent."""
        await self._writer.run(lambda connection: _move(connection, id_, ActState.UNKNOWN, "told = ?", 0))

    async def done(self, id_: str, at: datetime, *, message_id: int | None = None) -> None:
        """Say that it was carried out, forget its text, and log the suggestion that the text came from, all at once.

        Raises `Refused` unless it was being sent.
        """
        await self._writer.run(lambda connection: _done(connection, id_, at, message_id))

    async def refuse(self, id_: str, at: datetime, *, why: str) -> None:
        """Say that it was surely not carried out. Its text stays until `tell`. Raises `Refused` if it has ended."""
        await self._writer.run(
            lambda connection: _move(connection, id_, ActState.REFUSED, "ended_at = ?, why = ?", at, storable(why))
        )

    async def tell(self, id_: str) -> None:
        """Say that the agent knows how it ended; a text that was kept for that goes."""
        await self._writer.run(
            lambda connection: connection.execute(
                "UPDATE pending_acts SET told = 1, preview = NULL, decision = NULL"
                " WHERE id = ? AND state IN ('done', 'refused')",
                (id_,),
            )
        )

    def get(self, id_: str) -> KeptAct | None:
        rows = self._reader.all(f"SELECT {_COLUMNS} FROM pending_acts WHERE id = ?", (id_,))
        return _kept(rows[0]) if rows else None

    def untold(self, account: AccountId) -> tuple[KeptAct, ...]:
        """Return what the agent does not know the end of, the oldest first."""
        rows = self._reader.all(
            f"SELECT {_COLUMNS} FROM pending_acts WHERE account = ? AND told = 0 ORDER BY seq", (account,)
        )
        return tuple(_kept(row) for row in rows)

    def on_ticket(self, ref: TicketRef) -> tuple[KeptAct, ...]:
        """Return all that was ever asked for on a ticket, the oldest first."""
        rows = self._reader.all(
            f"SELECT {_COLUMNS} FROM pending_acts WHERE account = ? AND ticket_id = ? ORDER BY seq",
            (ref.account, ref.id),
        )
        return tuple(_kept(row) for row in rows)


def _plan(connection: Connection, preview: Preview, at: datetime, decision: Decision | None) -> None:
    act = preview.act
    connection.execute(
        "INSERT INTO pending_acts (id, account, ticket_id, kind, state, planned_at, preview, decision)"
        " VALUES (?, ?, ?, ?, 'planned', ?, ?, ?)",
        (
            *(act.id, act.ref.account, act.ref.id, act.kind, time_text(at)),
            *(dumps(preview), None if decision is None else dumps(decision)),
        ),
    )


def _done(connection: Connection, id_: str, at: datetime, message_id: int | None) -> None:
    rows = connection.execute("SELECT decision FROM pending_acts WHERE id = ?", (id_,)).fetchall()
    _move(
        *(connection, id_, ActState.DONE),
        *("ended_at = ?, message_id = ?, preview = NULL", at, message_id),
    )
    if rows and rows[0][0] is not None:
        append(connection, [loads(Decision, str(rows[0][0]))])


def _move(connection: Connection, id_: str, state: ActState, set_: str, *values: datetime | Value) -> None:
    """Change the state; the triggers say which changes there are."""
    bound = [time_text(value) if isinstance(value, datetime) else value for value in values]
    connection.execute(f"UPDATE pending_acts SET state = ?, {set_} WHERE id = ?", (state, *bound, id_))
    if connection.changes() != 1:
        raise Refused("this was never planned")


def _kept(row: Row) -> KeptAct:
    id_, account, ticket_id, kind, state, planned_at, sending_at, ended_at, preview, decision, message_id, why, told = (
        row
    )
    if not isinstance(ticket_id, int) or not (message_id is None or isinstance(message_id, int)):
        raise StoreError("a row of the pending acts cannot be read")
    return KeptAct(
        id=str(id_),
        ref=TicketRef(AccountId(str(account)), ticket_id),
        kind=ActKind(str(kind)),
        state=ActState(str(state)),
        planned_at=datetime.fromisoformat(str(planned_at)),
        sending_at=_time(sending_at),
        ended_at=_time(ended_at),
        preview=None if preview is None else loads(Preview, str(preview)),
        decision=None if decision is None else loads(Decision, str(decision)),
        message_id=message_id,
        why=str(why),
        told=bool(told),
    )


def _time(value: Value) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))
