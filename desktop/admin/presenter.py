"""What the admin window decides: every change holds at once, and what deletes is asked first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assist.domain import AccountId
from assist.errors import HelpdeskError, KibitzError, StoreError
from assist.ports import Named, Places, SyncScope
from desktop.admin import bundle
from desktop.admin.bundle import Bundle
from desktop.admin.state import (
    AccountLine,
    AdminState,
    Choice,
    FilePage,
    Found,
    Page,
    Reading,
    ReadingPage,
    RepliesPage,
)
from desktop.admin.view import AdminView
from desktop.dock.beside import bring_up
from desktop.i18n import tr
from desktop.keeping import Keeping
from desktop.policy import InternalUse, Policy, PolicyFile
from desktop.settings import SettingsFile, SettingsNotSaved, write_whole
from desktop.tasks import TaskSet

EXPORT_NAME = "kibitz-settings.json"


@dataclass(frozen=True, slots=True)
class AdminDoors:
    """What is behind the window. ``places`` raises `HelpdeskError`; ``notice`` says a sentence where the agent looks.

    ``ask_open`` and ``ask_save`` (with a file's name) return None where nothing was chosen.
    """

    policy: PolicyFile
    settings: SettingsFile
    config: Path
    keeping: Keeping
    accounts: Callable[[], tuple[AccountLine, ...]]
    places: Callable[[AccountId], Awaitable[Places]]
    ask_open: Callable[[], Awaitable[Path | None]]
    ask_save: Callable[[str], Awaitable[Path | None]]
    manage: Callable[[], object]
    set_up: Callable[[], object]
    save_report: Callable[[], object]
    open_logs: Callable[[], object]
    notice: Callable[[str], object]


class AdminPresenter:
    """Owns the window."""

    def __init__(self, view: AdminView, doors: AdminDoors, tasks: TaskSet) -> None:
        self._view = view
        self._doors = doors
        self._tasks = tasks
        self._places: dict[AccountId, Places | str] = {}
        """What the helpdesks said there is, or why they did not."""
        self._before: Policy | None = None
        self._undo: Bundle | None = None
        self._wanted: Bundle | None = None
        self._state = AdminState()
        doors.policy.on_change.append(lambda _before, _after: self._refresh())
        self._connect()

    def show(self, page: Page | None = None) -> None:
        """Show the window, on ``page`` or where it was."""
        self._go(page or self._state.page)
        bring_up(self._view)

    def _connect(self) -> None:
        view, doors = self._view, self._doors
        view.page_chosen.connect(lambda page: self._go(Page(page)))
        view.accounts.manage_requested.connect(doors.manage)
        view.accounts.setup_requested.connect(doors.set_up)
        view.reading.scope_chosen.connect(self._use_scope)
        view.reading.solved_chosen.connect(lambda number: self._decide(solved_tickets=number))
        view.reading.undo_requested.connect(self._undo_scope)
        view.replies.internal_chosen.connect(lambda use: self._decide(internal=InternalUse(use)))
        view.replies.acting_changed.connect(lambda acting: self._decide(acting=acting))
        view.data.days_chosen.connect(lambda days: self._decide(retention_days=days))
        view.data.search_requested.connect(lambda who: self._run("search", self._search(who)))
        view.data.delete_requested.connect(lambda found: self._run("count", self._ask(found)))
        view.data.delete_answered.connect(self._delete_answered)
        view.data.set_aside_requested.connect(self._delete_set_aside)
        view.file.export_requested.connect(lambda: self._run("export", self._export()))
        view.file.choose_requested.connect(lambda: self._run("choose", self._choose()))
        view.file.import_requested.connect(lambda: self._import(self._wanted))
        view.file.cancel_requested.connect(lambda: self._put_file(FilePage()))
        view.file.undo_requested.connect(self._undo_import)
        view.diagnostics.save_requested.connect(doors.save_report)
        view.diagnostics.log_requested.connect(doors.open_logs)

    # --- showing

    def _go(self, page: Page) -> None:
        self._state = replace(self._state, page=page)
        if page is Page.READING:
            for line in self._doors.accounts():
                if not isinstance(self._places.get(line.account), Places):
                    self._places.pop(line.account, None)
                    self._run(f"places {line.account}", self._load_places(line.account))
        self._refresh()

    def _refresh(self) -> None:
        """Show what holds now."""
        policy, accounts = self._doors.policy.value, self._doors.accounts()
        reading = ReadingPage(
            tuple(self._reading(line, policy.scope(line.account)) for line in accounts),
            policy.solved_tickets,
            tr("What is read was changed.") if self._before is not None else "",
        )
        aside = tuple(path.name for path in self._doors.keeping.set_aside())
        self._state = replace(
            self._state,
            accounts=accounts,
            reading=reading,
            replies=RepliesPage(policy.internal, policy.acting),
            data=replace(self._state.data, retention_days=policy.retention_days, set_aside=aside),
        )
        self._view.show_state(self._state)

    def _reading(self, line: AccountLine, scope: SyncScope) -> Reading:
        known = self._places.get(line.account)
        if known is None:
            return Reading(line.account, line.name, months=scope.months, is_loading=True)
        places = known if isinstance(known, Places) else Places()
        return Reading(
            line.account,
            line.name,
            _choices(places.brands, scope.brands),
            _choices(places.groups, scope.groups),
            _choices(places.folders, scope.folders),
            scope.months,
            problem=known if isinstance(known, str) else "",
        )

    async def _load_places(self, account: AccountId) -> None:
        try:
            self._places[account] = await self._doors.places(account)
        except HelpdeskError as error:
            self._places[account] = str(error)
        self._refresh()

    # --- deciding

    def _decide(self, **changes: Any) -> None:
        try:
            self._doors.policy.change(**changes)
        except SettingsNotSaved as error:
            self._doors.notice(str(error))

    def _use_scope(self, account: str, scope: SyncScope) -> None:
        before = self._doors.policy.value
        self._before = before
        self._decide(scopes={**before.scopes, AccountId(account): scope})

    def _undo_scope(self) -> None:
        if self._before is not None:
            scopes, self._before = self._before.scopes, None
            self._decide(scopes=scopes)

    # --- customers

    async def _search(self, who: str) -> None:
        self._put_data(found=None, asking=None, is_searching=True, done="", problem="")
        found: list[Found] = []
        for line in self._doors.accounts():
            found += [Found(one, line.name) for one in await self._doors.keeping.find(line.account, who)]
        self._put_data(found=tuple(found) if who else None, is_searching=False)

    async def _ask(self, found: Found) -> None:
        """Count what is kept, then ask."""
        self._put_data(is_searching=True, done="", problem="")
        counted = replace(found, holdings=await self._doors.keeping.holdings(found.customer))
        known = self._state.data.found or ()
        listed = tuple(counted if one.customer == found.customer else one for one in known)
        self._put_data(found=listed, asking=counted, is_searching=False)

    def _delete_answered(self, agreed: bool) -> None:  # noqa: FBT001  # a Qt slot's signature
        asking = self._state.data.asking
        if agreed and asking is not None:
            self._run("delete customer", self._delete(asking))
        else:
            self._put_data(asking=None)

    async def _delete(self, found: Found) -> None:
        self._put_data(asking=None, is_deleting=True)
        await self._doors.keeping.forget(found.customer)
        said = tr(
            "Deleted, and not read again. {helpdesk} itself still holds the customer: delete them there too. "
            "Files that somebody exported from the journal stay where they are.",
            helpdesk=found.account_name,
        )
        left = tuple(one for one in self._state.data.found or () if one.customer != found.customer)
        self._put_data(found=left or None, is_deleting=False, done=said)

    def _delete_set_aside(self) -> None:
        try:
            self._doors.keeping.delete_set_aside()
        except OSError as error:
            self._doors.notice(tr("They could not be deleted: {why}.", why=error.strerror or ""))
        self._refresh()

    # --- the settings file

    async def _export(self) -> None:
        path = await self._doors.ask_save(EXPORT_NAME)
        if path is not None:
            write_whole(path, bundle.to_text(self._present()))
            self._put_file(FilePage(done=tr("Written: {name}.", name=path.name)))

    async def _choose(self) -> None:
        path = await self._doors.ask_open()
        if path is None:
            return
        try:
            self._wanted = bundle.read_file(path)
            changes = bundle.differences(self._present(), self._wanted)
        except ValueError as error:
            self._put_file(FilePage(error=str(error)))
        else:
            self._put_file(FilePage(path.name, changes, self._wanted.problems))

    def _import(self, wanted: Bundle | None) -> None:
        if wanted is None:
            return
        doors = self._doors
        later = bool(bundle.differences(self._present(), replace(wanted, policy=doors.policy.value)))
        try:
            self._undo = bundle.apply(wanted, doors.policy, doors.settings, doors.config)
        except (KibitzError, OSError) as error:
            self._put_file(FilePage(error=str(error)))
            return
        self._wanted = None
        said = tr("These settings hold now.")
        if later:
            said = tr("These settings hold now; preferences and own rules from the next start on.")
        self._put_file(FilePage(done=said, can_undo=True))

    def _undo_import(self) -> None:
        before, self._undo = self._undo, None
        self._import(before)
        self._undo = None
        self._put_file(FilePage(done=tr("As it was before.")))

    def _present(self) -> Bundle:
        doors = self._doors
        return bundle.present(doors.policy.value, doors.settings.value, doors.config)

    def _put_data(self, **changes: Any) -> None:
        self._state = replace(self._state, data=replace(self._state.data, **changes))
        self._refresh()

    def _put_file(self, page: FilePage) -> None:
        self._state = replace(self._state, file=page)
        self._refresh()

    def _run(self, name: str, work: Awaitable[None]) -> None:
        self._tasks.latest(f"admin {name}", self._guarded(work))

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (StoreError, OSError) as error:
            self._put_data(is_searching=False, is_deleting=False, problem=str(error))
            self._doors.notice(str(error))


def _choices(named: Iterable[Named], chosen: frozenset[int]) -> tuple[Choice, ...]:
    """Return what there is, by name; what was chosen and is no longer there stays, so that it can be left out."""
    known = {one.id: one.name for one in named}
    gone = {id_: "" for id_ in chosen if id_ not in known}
    every = {**known, **gone}
    return tuple(
        Choice(id_, every[id_], id_ in chosen) for id_ in sorted(every, key=lambda id_: (every[id_].casefold(), id_))
    )
