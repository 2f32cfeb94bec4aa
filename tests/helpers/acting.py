"""A helpdesk that can be changed, in memory: it carries out or loses what it is asked, as a test says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from assist.acts import Act, ActKind, Change, Done, Preview
from assist.domain import TicketStatus
from assist.errors import HelpdeskError, Moved, NotAllowed, Unanswered
from tests.helpers.builders import NOON


class FakeActor:
    """An `assist.acts.Actor`. ``written`` are the acts that the helpdesk has carried out, in order.

    ``fails`` is raised by the next `perform`, before anything is done; with `Unanswered` and ``loses_only_the_answer``
    the act is carried out all the same. ``refuses`` is raised by previews, ``unreachable`` by every look.
    ``wait`` is awaited before each answer.
    """

    statuses: tuple[TicketStatus, ...] = (TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.SOLVED)

    def __init__(self) -> None:
        self.written: list[Act] = []
        self.undone: list[Done] = []
        self.asked: list[str] = []
        self.version = 1
        self.recipients: tuple[str, ...] = ("Ana <ana@example.com>",)
        self.fails: HelpdeskError | None = None
        self.loses_only_the_answer = False
        self.refuses: HelpdeskError | None = None
        self.unreachable: HelpdeskError | None = None
        self.public: bool | None = None
        self.wait: Callable[[str], Awaitable[object]] = _at_once

    async def preview(self, act: Act) -> Preview:
        await self._asked("preview")
        if self.refuses is not None:
            raise self.refuses
        if act.kind is ActKind.MACRO and not act.text:
            act = replace(act, text="What the macro says.")
        public = act.kind in {ActKind.REPLY, ActKind.MACRO}
        changes = {
            ActKind.STATUS: (Change("status", "open", act.status.value if act.status else ""),),
            ActKind.TAGS: (Change("tags", "old", " ".join(("old", *act.add_tags))),),
        }
        made = changes.get(act.kind, (Change("public reply" if public else "internal note", "", act.text),))
        stamp, can_undo = str(self.version), act.kind in changes
        return Preview(act, made, public, self.recipients if public else (), stamp, can_undo=can_undo)

    async def perform(self, preview: Preview) -> Done:
        await self._asked("perform")
        failure, self.fails = self.fails, None
        if isinstance(failure, Unanswered) and self.loses_only_the_answer:
            self._write(preview)
            raise failure
        if failure is not None:
            raise failure
        if preview.stamp != str(self.version):
            raise Moved("the ticket moved on")
        return self._write(preview)

    async def find(self, preview: Preview) -> Done | None:
        await self._asked("find")
        if self.unreachable is not None:
            raise self.unreachable
        same = [number for number, act in enumerate(self.written) if act.id == preview.act.id]
        return self._done(preview, same[0]) if same else None

    async def undo(self, done: Done) -> None:
        await self._asked("undo")
        if not done.undo:
            raise NotAllowed("this cannot be taken back")
        self.undone.append(done)

    def _write(self, preview: Preview) -> Done:
        self.version += 1
        self.written.append(preview.act)
        return self._done(preview, len(self.written) - 1)

    def _done(self, preview: Preview, number: int) -> Done:
        undo = "back" if preview.can_undo else ""
        public = preview.public if self.public is None else self.public
        return Done(preview.act, NOON + timedelta(minutes=number), 900 + number, undo, public)

    async def _asked(self, what: str) -> None:
        self.asked.append(what)
        await self.wait(what)


async def _at_once(_what: str) -> Any:
    return None
