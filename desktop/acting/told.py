"""Tells what became of acts that an earlier run, or a long silence, left open. Nothing is ever sent from here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from assist.acts import Act
from assist.domain import SuggestionId
from assist.performing import Performer
from assist.store.acts import ActState, KeptAct, PendingActs
from desktop.acting import words
from desktop.acting.state import Told
from desktop.desk import Seat
from desktop.panel.acting_strip import ActingStrip
from desktop.tasks import TaskSet

LOOK_EVERY_S = 30.0


class TellTale:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        strip: ActingStrip,
        performer: Performer,
        acts: PendingActs,
        tasks: TaskSet,
        *,
        copy: Callable[[str], bool],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._strip = strip
        self._performer = performer
        self._acts = acts
        self._tasks = tasks
        self._copy = copy
        self._sleep = sleep
        self._told: dict[str, tuple[Told, Act | None, SuggestionId | None]] = {}
        self.on_again: Callable[[Told, Act, SuggestionId | None], None] = lambda _told, _act, _id: None
        """Called with what was not sent, and the suggestion it came from, when the agent wants to try again."""
        self.on_told: Callable[[str], None] = lambda _id: None
        self.is_shown: Callable[[str], bool] = lambda _id: False
        """Asked whether something else says already how an act ended."""
        strip.closed.connect(self._close)
        strip.again.connect(self._again)
        strip.copy_requested.connect(self._copy_text)

    async def resolve(self, seat: Seat) -> None:
        """Look until it is known how everything ended that is open on an account, and tell each."""
        while True:
            waiting = False
            for kept in self._performer.open_acts(seat.account):
                if kept.id in self._told or self.is_shown(kept.id):
                    continue
                if kept.state is ActState.DONE:
                    self._tell(kept, done=True)
                elif (ended := await self._performer.resolve(seat.helpdesk.actor, kept)) is not None:
                    waiting |= ended.state is ActState.UNKNOWN
                    if ended.state is not ActState.UNKNOWN:
                        self._tell(kept, done=ended.state is ActState.DONE)
            if not waiting:
                return
            await self._sleep(LOOK_EVERY_S)

    async def read(self, id_: str) -> None:
        """The agent has read how it ended."""
        await self._acts.tell(id_)

    def _tell(self, kept: KeptAct, *, done: bool) -> None:
        act = kept.preview.act if kept.preview is not None else None
        line = words.told(kept.kind, kept.ref.id, kept.planned_at, is_done=done)
        text = act.text if act is not None and not done else ""
        suggestion = kept.decision.suggestion_id if kept.decision is not None else None
        self._told[kept.id] = Told(kept.id, kept.ref, line, done, text), act, suggestion
        self._show()
        self.on_told(kept.id)

    def _close(self, id_: str) -> None:
        if self._told.pop(id_, None) is not None:
            self._tasks.spawn("tell", self._acts.tell(id_))
            self._show()

    def _again(self, id_: str) -> None:
        told, act, suggestion = self._told.get(id_, (None, None, None))
        self._close(id_)
        if told is not None and act is not None:
            self.on_again(told, act, suggestion)

    def _copy_text(self, id_: str) -> None:
        told, _, _ = self._told.get(id_, (None, None, None))
        if told is not None:
            self._copy(told.text)

    def _show(self) -> None:
        self._strip.show_state(tuple(told for told, _, _ in self._told.values()))
