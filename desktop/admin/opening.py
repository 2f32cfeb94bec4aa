"""Makes the admin window when it is first asked for, and ties it to what runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from assist.domain import AccountId
from assist.errors import Unreachable
from assist.ports import Places
from desktop.accounts.state import Connected
from desktop.admin.presenter import AdminDoors, AdminPresenter
from desktop.admin.state import AccountLine
from desktop.admin.usage_presenter import UsagePresenter
from desktop.admin.view import AdminView
from desktop.core import Core
from desktop.dialogs import ask_file, ask_where
from desktop.i18n import tr
from desktop.panel import words
from desktop.settings import Folders, SettingsNotSaved
from desktop.shell import Shell
from desktop.wiring import Budgets


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Other windows and their owners, as far as the admin window leads there."""

    listed: Callable[[], tuple[Connected, ...]]
    show_accounts: Callable[[], object]
    show_team_setup: Callable[[], object]
    save_report: Callable[[], object]


class AdminOpening:
    """`show` is all that others need."""

    def __init__(self, core: Core, shell: Shell, where: Folders, budgets: Budgets, neighbours: Neighbours) -> None:
        self._core = core
        self._shell = shell
        self._where = where
        self._budgets = budgets
        self._neighbours = neighbours
        self._presenter: AdminPresenter | None = None

    def show(self) -> None:
        """Show the window."""
        if self._presenter is None:
            self._presenter = self._made()
        self._presenter.show()

    def _made(self) -> AdminPresenter:
        core, near = self._core, self._neighbours
        view = AdminView(self._shell.theme)
        doors = AdminDoors(
            policy=core.policy,
            settings=self._shell.settings,
            config=self._where.config,
            keeping=core.keeping,
            accounts=self._lines,
            places=self._places,
            ask_open=lambda: ask_file(view),
            ask_save=lambda name: ask_where(view, name),
            manage=near.show_accounts,
            set_up=near.show_team_setup,
            save_report=near.save_report,
            open_logs=lambda: _open_folder(self._where.log),
            notice=self._shell.notice,
        )
        UsagePresenter(
            view.usage,
            core.tasks,
            read=lambda: self._budgets.usage({line.account: line.name for line in self._lines()}),
            use_share=self._use_share,
        )
        return AdminPresenter(view, doors, core.tasks)

    def _lines(self) -> tuple[AccountLine, ...]:
        return tuple(self._line(one) for one in self._neighbours.listed())

    def _line(self, one: Connected) -> AccountLine:
        status = self._core.syncing.status(one.account)
        now = self._core.clock.now()
        if status.running:
            synced = tr("being read now")
        elif status.finished_at is None:
            synced = tr("not read to the end yet")
        else:
            synced = tr("read {when}", when=words.ago(now - status.finished_at))
        seat = self._core.desk.get(one.account)
        problem = one.problem or status.problem or ("" if seat is not None else tr("Signed out."))
        return AccountLine(
            one.account, one.name or one.site, one.kind.value.title(), one.agent_name, synced, problem or one.notice
        )

    async def _places(self, account: AccountId) -> Places:
        seat = self._core.desk.get(account)
        if seat is None:
            raise Unreachable(tr("Sign in first: then the helpdesk can say what there is."))
        return await seat.helpdesk.places()

    def _use_share(self, share: float) -> None:
        try:
            self._core.policy.change(quota_share=share)
        except SettingsNotSaved as error:
            self._shell.notice(str(error))


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
