"""Between the sheet and the helpdesk: what the agent asked for is previewed, agreed to, carried out once, and told."""

from __future__ import annotations

import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from assist.acts import Act, ActKind, Change, Done, Preview
from assist.domain import (
    AccountId,
    Decision,
    EventKind,
    Source,
    SourceKind,
    Suggestion,
    SuggestionId,
    TicketRef,
    TicketStatus,
)
from assist.errors import HelpdeskError, KibitzError, Moved, NotGranted, NotThere, SignInNeeded, StoreError, Unanswered
from assist.outcome import edit_distance
from assist.performing import Ended, Performer
from assist.ports import Clock
from assist.store.acts import ActState
from assist.text.compose import to_html
from desktop.acting import words
from desktop.acting.doors import ActingDoors, View
from desktop.acting.state import Phase, Sheet, Told, Way
from desktop.acting.told import TellTale
from desktop.desk import Desk, Seat
from desktop.i18n import tr
from desktop.panel.acting import tag_changes, tag_line
from desktop.panel.state import Decided, Place
from desktop.session import Session
from desktop.tasks import TaskSet


@dataclass(slots=True)
class _Job:
    """One act on one ticket, from the click to the last word."""

    sheet: Sheet
    act: Act
    suggestion: Suggestion | None = None
    source: Source | None = None
    """Of a suggestion of an earlier run, which is not there any more."""
    preview: Preview | None = None
    done: Done | None = None
    text: str = field(default="", repr=False)
    again: bool = False
    """The agent was told why it was not done, and that the ticket moved on if it did."""


class ActingPresenter:
    """Owns the sheets of all tickets; the one of the ticket in front is shown."""

    def __init__(
        self,
        view: View,
        *,
        session: Session,
        desk: Desk,
        performer: Performer,
        tell_tale: TellTale,
        tasks: TaskSet,
        clock: Clock,
        doors: ActingDoors,
    ) -> None:
        self._view = view
        self._session = session
        self._desk = desk
        self._performer = performer
        self._tell_tale = tell_tale
        self._tasks = tasks
        self._clock = clock
        self._doors = doors
        self._jobs: dict[TicketRef, _Job] = {}
        page = view.acting
        page.send_requested.connect(self._send)
        page.cancelled.connect(self._close)
        page.undo_requested.connect(self._undo)
        page.copy_requested.connect(self._copy)
        page.way_requested.connect(self._take_way)
        page.drafted.connect(self._drafted)
        tell_tale.on_again = self._again
        tell_tale.on_told = self._told
        tell_tale.is_shown = self._is_shown

    # --- what the agent asks for

    def ask_reply(self, suggestion_id: str) -> None:
        """Open the sheet for a suggested reply."""
        ref, found = self._session.front, self._session.suggestion(suggestion_id)
        if ref is None or found is None:
            return
        macro_id = _macro_id(found)
        kind = ActKind.REPLY if macro_id is None else ActKind.MACRO
        act = Act(uuid.uuid4().hex, ref, kind, text=found.text, macro_id=macro_id)
        self._begin(_Job(Sheet(ref, kind, text=found.text), act, suggestion=found, text=found.text))

    def ask(self, kind: ActKind, status: TicketStatus | None = None) -> None:
        """Open the sheet for something that no suggestion is needed for."""
        if (ref := self._session.front) is not None:
            self._begin(_Job(Sheet(ref, kind), Act(uuid.uuid4().hex, ref, kind, status=status)))

    def front_changed(self, ref: TicketRef | None) -> None:
        """Another ticket is in front: its own sheet is shown, if it has one (promise N5)."""
        job = self._jobs.get(ref) if ref is not None else None
        self._view.show_sheet(job.sheet if job is not None else None)

    def _begin(self, job: _Job) -> None:
        seat = self._desk.get(job.act.ref.account)
        if seat is None or not self._doors.allowed():
            return
        standing = self._jobs.get(job.act.ref)
        if standing is not None and standing.sheet.phase in {Phase.SENDING, Phase.LOOKING}:
            self._doors.notice(tr("Something else is under way on this ticket."))
            return
        if standing is not None:
            self._forget(standing)
        self._jobs[job.act.ref] = job
        self._show(job, line=tr("Asking the helpdesk what would change …"))
        self._tasks.spawn("preview", self._guarded(job, self._read(job, seat)))

    async def _read(self, job: _Job, seat: Seat) -> None:
        """Ask what would change. What moved on since the suggestion was made stops it here (promise N6)."""
        if job.suggestion is not None and not job.again and (news := await self._doors.news(job.suggestion.id)):
            self._drop(job)
            self._doors.notice(news)
            return
        try:
            preview = await seat.helpdesk.actor.preview(job.act)
        except NotThere:
            if job.act.kind is not ActKind.MACRO:
                raise
            # The macro is gone, its text is not.
            job.act = replace(job.act, kind=ActKind.REPLY, macro_id=None)
            job.sheet = replace(job.sheet, kind=ActKind.REPLY)
            preview = await seat.helpdesk.actor.preview(job.act)
        job.preview = preview
        job.text = job.text or preview.act.text
        self._show(job, **self._asked(job, preview))

    def _asked(self, job: _Job, preview: Preview) -> dict[str, Any]:
        changes = tuple(one for one in preview.changes if not _is_text(one))
        warnings, blocked = self._warnings(job, preview)
        nothing = not preview.changes and preview.act.kind is not ActKind.TAGS
        if job.act.add_tags or job.act.remove_tags:
            job.text = tag_line(self._tags(job), job.act.add_tags, job.act.remove_tags)
        return {
            "phase": Phase.ASKING,
            "text": job.text,
            "public": preview.public,
            "recipients": preview.recipients,
            "changes": () if preview.act.kind is ActKind.TAGS else changes,
            "tags": self._tags(job) if preview.act.kind is ActKind.TAGS else (),
            "warnings": warnings,
            "blocked": blocked,
            "line": tr("It is so already; nothing would change.") if nothing else "",
        }

    def _warnings(self, job: _Job, preview: Preview) -> tuple[tuple[str, ...], str]:
        """Return what has to be agreed to before a customer gets it, and why it may not be sent at all (promise U5)."""
        if not preview.public:
            return (), ""
        return words.warnings(job.suggestion or job.source, job.text, self._doors.internal())

    # --- carrying it out

    def _send(self, text: str) -> None:
        job = self._front_job()
        seat = self._desk.get(job.act.ref.account) if job is not None else None
        if job is None or seat is None or job.preview is None:
            return
        if job.sheet.phase is not Phase.ASKING or job.sheet.blocked:
            return
        if not self._doors.allowed():
            self._show(job, phase=Phase.NOT_DONE, line=tr("Your admin no longer allows Kibitz to change tickets."))
            return
        job.text = text
        _, blocked = self._warnings(job, job.preview)
        if blocked:
            self._show(job, text=text, blocked=blocked)
            return
        self._show(job, phase=Phase.SENDING, text=text, line=words.under_way(job.sheet), warnings=())
        self._tasks.spawn("act on a ticket", self._guarded(job, self._carry_out(job, seat, text)))

    async def _carry_out(self, job: _Job, seat: Seat, text: str) -> None:
        preview = await self._final(job, seat, text)
        if preview is None:
            return
        job.preview = preview
        decision = await self._decision(job, text)
        ended = await self._performer.perform(
            seat.helpdesk.actor, preview, decision=decision, unsure=lambda: self._unsure(job)
        )
        self._ended(job, ended)

    async def _final(self, job: _Job, seat: Seat, text: str) -> Preview | None:
        """Return what is to be done with what the agent typed; for tags the helpdesk is asked once more."""
        if job.preview is None:
            return None
        if job.act.kind is ActKind.TAGS:
            add, remove = tag_changes(job.sheet.tags, text)
            job.act = replace(job.act, id=uuid.uuid4().hex, add_tags=add, remove_tags=remove)
            preview = await seat.helpdesk.actor.preview(job.act)
            if not preview.changes:
                self._show(job, phase=Phase.DONE, line=tr("It is so already; nothing was changed."))
                return None
            return preview
        changes = tuple(replace(one, after=text) if _is_text(one) else one for one in job.preview.changes)
        act = replace(job.preview.act, text=text, html=to_html(text) if text.strip() else "")
        return replace(job.preview, act=act, changes=changes)

    async def _decision(self, job: _Job, text: str) -> Decision | None:
        found = job.suggestion
        if found is None:
            return None
        await self._session.log_shown()
        distance = edit_distance(found.text, text)
        kind = EventKind.EDITED if distance else EventKind.USED
        return Decision(found.id, job.act.ref, kind, self._clock.now(), text, distance, how="send")

    def _unsure(self, job: _Job) -> None:
        self._show(job, phase=Phase.LOOKING, line=words.looking())

    def _ended(self, job: _Job, ended: Ended) -> None:
        match ended.state:
            case ActState.DONE if ended.done is not None:
                self._was_done(job, ended.done)
            case ActState.UNKNOWN:
                self._show(job, phase=Phase.LOOKING, line=words.out_of_sight())
                self.look_again(job.act.ref.account)
            case _:
                self._was_not_done(job, ended)

    def _was_done(self, job: _Job, done: Done) -> None:
        job.done = done
        public = job.sheet.public if done.public is None else done.public
        line = words.done(job.act.kind, public=public and job.sheet.writes, at=self._clock.now())
        if job.sheet.public and not public:
            line = words.not_public()
        self._show(job, phase=Phase.DONE, line=line, can_undo=bool(done.undo), way=Way.NONE)
        ref, found = job.act.ref, job.suggestion
        if found is not None:
            decided = Decided.EDITED if edit_distance(found.text, job.text) else Decided.USED
            self._session.put_place(ref, found.id, Place.SENT)
            self._session.decided_elsewhere(ref, {SuggestionId(found.id): decided})
        if public and job.sheet.writes:
            self._doors.sent(ref)
        if self._session.front == ref:
            self._session.reload()
        else:
            self._doors.notice(f"#{ref.id}: {line}")
        self._tasks.spawn("tell", self._tell_tale.read(done.act.id))

    def _was_not_done(self, job: _Job, ended: Ended) -> None:
        error = ended.error
        way = Way.SIGN_IN if isinstance(error, NotGranted | SignInNeeded) else Way.TRY_AGAIN
        line = words.not_done(job.act.kind, str(error) if error is not None else tr("It did not arrive."))
        self._show(job, phase=Phase.NOT_DONE, text=job.text, line=line, way=way)
        if isinstance(error, Moved) and self._session.front == job.act.ref:
            self._session.reload()
        if self._session.front != job.act.ref:
            self._doors.notice(f"#{job.act.ref.id}: {line}")

    # --- afterwards

    def _undo(self) -> None:
        job = self._front_job()
        seat = self._desk.get(job.act.ref.account) if job is not None else None
        if job is None or seat is None or job.done is None or not job.sheet.can_undo:
            return
        self._show(job, can_undo=False, line=tr("Taking it back …"))
        self._tasks.spawn("undo", self._guarded(job, self._take_back(job, seat, job.done)))

    async def _take_back(self, job: _Job, seat: Seat, done: Done) -> None:
        try:
            await seat.helpdesk.actor.undo(done)
        except Unanswered:
            self._show(job, line=tr("It is not known whether it was taken back. Look at the ticket."))
        except HelpdeskError as error:
            self._show(job, line=tr("It could not be taken back. {why}", why=str(error)))
            return
        else:
            self._show(job, line=tr("Taken back."))
        if self._session.front == job.act.ref:
            self._session.reload()

    def _take_way(self, way: str) -> None:
        job = self._front_job()
        if job is None:
            return
        if Way(way) is Way.SIGN_IN:
            self._doors.sign_in()
        act = replace(job.act, id=uuid.uuid4().hex, text=job.text if job.sheet.writes else "", html="")
        sheet = Sheet(act.ref, act.kind, text=job.text)
        self._begin(_Job(sheet, act, suggestion=job.suggestion, text=job.text, again=True))

    def _again(self, told: Told, act: Act, suggestion: SuggestionId | None) -> None:
        """Begin anew with a text that was not sent."""
        self._session.open(told.ref)
        act = replace(act, id=uuid.uuid4().hex, html="")
        source = self._doors.source(suggestion) if suggestion is not None else None
        self._begin(_Job(Sheet(told.ref, act.kind, text=told.text), act, source=source, text=told.text))

    def _copy(self, text: str) -> None:
        if self._doors.copy(text):
            self._doors.notice(tr("Copied."))

    def _drafted(self, text: str) -> None:
        if (job := self._front_job()) is not None:
            job.text = text
            job.sheet = replace(job.sheet, text=text)
            warnings = self._warnings(job, job.preview)[0] if job.preview is not None else ()
            if warnings != job.sheet.warnings:
                self._show(job, warnings=warnings)

    def _close(self) -> None:
        if (job := self._front_job()) is not None and job.sheet.phase is not Phase.SENDING:
            self._drop(job)

    def _drop(self, job: _Job) -> None:
        if self._jobs.get(job.act.ref) is job:
            del self._jobs[job.act.ref]
            self._forget(job)
            self.front_changed(self._session.front)

    def _forget(self, job: _Job) -> None:
        """The agent has read how it ended, so a text that was kept for that goes."""
        if job.preview is not None and job.sheet.phase in {Phase.DONE, Phase.NOT_DONE}:
            self._tasks.spawn("tell", self._tell_tale.read(job.preview.act.id))

    def _told(self, id_: str) -> None:
        """What a sheet was waiting for has been told elsewhere."""
        for job in [job for job in self._jobs.values() if job.preview is not None and job.preview.act.id == id_]:
            self._drop(job)

    def _is_shown(self, id_: str) -> bool:
        """Tell whether a sheet says how it ended."""
        ended = {Phase.DONE, Phase.NOT_DONE}
        jobs = (job for job in self._jobs.values() if job.preview is not None and job.sheet.phase in ended)
        return any(job.preview is not None and job.preview.act.id == id_ for job in jobs)

    # --- all of them

    def look_again(self, account: AccountId) -> None:
        """Find out what became of everything that is still open on an account; nothing is sent."""
        if (seat := self._desk.get(account)) is not None:
            self._tasks.latest(f"open acts {account}", self._tell_tale.resolve(seat))

    def _front_job(self) -> _Job | None:
        ref = self._session.front
        return self._jobs.get(ref) if ref is not None else None

    def _tags(self, job: _Job) -> tuple[str, ...]:
        opened = self._session.opened
        return opened.ticket.tags if opened is not None and opened.ticket.ref == job.act.ref else ()

    def _show(self, job: _Job, **changes: Any) -> None:
        job.sheet = replace(job.sheet, **changes)
        if self._jobs.get(job.act.ref) is job and self._session.front == job.act.ref:
            self._view.show_sheet(job.sheet)

    async def _guarded(self, job: _Job, work: Coroutine[Any, Any, None]) -> None:
        """Say on the sheet what went wrong. Only a reading fails by itself; what is sent comes back as `Ended`."""
        try:
            await work
        except StoreError as error:
            # Written down first or not sent at all; what was sent all the same is found at the next start.
            self._show(job, phase=Phase.NOT_DONE, text=job.text, line=str(error), way=Way.NONE)
        except KibitzError as error:
            way = Way.SIGN_IN if isinstance(error, NotGranted | SignInNeeded) else Way.TRY_AGAIN
            line = words.not_done(job.act.kind, str(error))
            self._show(job, phase=Phase.NOT_DONE, text=job.text, line=line, way=way)
        except Exception:
            if job.sheet.phase is Phase.SENDING:  # it may have left, and a sheet that is sending cannot be closed
                self._show(job, phase=Phase.LOOKING, line=words.out_of_sight())
                self.look_again(job.act.ref.account)
            raise


def _is_text(change: Change) -> bool:
    return change.what in {"public reply", "internal note"}


def _macro_id(found: Suggestion) -> int | None:
    """Return the macro that a suggestion is, if it is one of the helpdesk's."""
    if found.source.kind is not SourceKind.MACRO:
        return None
    _, _, number = found.source.key.partition(":")
    return int(number) if number.isascii() and number.isdecimal() else None
