"""What is behind the windows, wired to them. Imported after the tray is there: this is where the weight is."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from assist import __version__
from assist.domain import AccountId
from assist.errors import HelpdeskError
from assist.journal import Journal
from desktop import clipboard, loop
from desktop.about.view import AboutView
from desktop.accounts.presenter import AccountDoors, AccountsPresenter
from desktop.accounts.state import Connected, Credentials
from desktop.accounts.view import AccountsView
from desktop.core import Core, Pace, Surface, data_problem, find_triggers
from desktop.desk import Seat
from desktop.grants import Keeping
from desktop.i18n import tr
from desktop.journal.presenter import JournalPresenter
from desktop.journal.view import JournalView
from desktop.link.browsers import OWN_FOLDER, installer
from desktop.link.link import Link
from desktop.link.presenter import LinkDoors
from desktop.link.server import NotListening
from desktop.link.setup import LocalSetup
from desktop.panel.presenter import Outlets, PanelPresenter
from desktop.panel.state import Action, MenuAction, PanelState, Trouble
from desktop.policy import Offered, PolicyFile
from desktop.secrets import KeyringTrouble, Secrets, service_name
from desktop.settings import Folders
from desktop.shell import Shell
from desktop.single_instance import Server as Instance
from desktop.start import Options
from desktop.tasks import TaskSet
from desktop.vault import Vault, open_vault
from desktop.wiring import (
    Budgets,
    DemoProcess,
    Ports,
    account_of,
    delays,
    demo_delay_s,
    demo_seats,
    kept_form,
    open_budgets,
    restore,
    revoke,
    secret_name,
    sign_in,
    sign_in_with_browser,
)

log = logging.getLogger(__name__)


class Backstage:
    """Store, engine, accounts and presenters of one run. `start` makes them; `closing_steps` ends them."""

    def __init__(
        self,
        shell: Shell,
        tasks: TaskSet,
        options: Options,
        where: Folders,
        *,
        instance: Instance,
        show: Callable[[PanelState], None],
        quit_: Callable[[], None],
    ) -> None:
        self._shell = shell
        self._tasks = tasks
        self._options = options
        self._where = where
        self._instance = instance
        self._show = show
        self._quit = quit_
        self._core: Core | None = None
        self._vault: Vault | None = None
        self._link: Link | None = None
        self._demo: DemoProcess | None = None

    @property
    def is_ready(self) -> bool:
        """Whether accounts are connected, so that an address can be understood."""
        return self._core is not None and self._connected

    _connected = False
    _budgets: Budgets | None = None

    async def start(self) -> None:
        """Open the store, start the engine, connect the accounts that are known."""
        if self._options.demo:
            _forget_all(self._where.data)
            self._demo = DemoProcess()
        self._secrets = await Secrets.open(service_name(self._where))
        self._keeping = Keeping(self._secrets, self._where.runtime)
        self._vault = await open_vault(self._secrets, self._where.data)
        is_demo = bool(self._options.demo or self._options.zendesk_port or self._options.freshdesk_port)
        triggers = find_triggers(self._where.config)
        policy = PolicyFile(self._where.config)
        budgets = self._budgets = open_budgets(self._where.runtime, lambda: policy.value.quota_share)
        core = self._core = Core(
            self._vault,
            self._tasks,
            Surface(self._show, self._shell.is_watched, self._sign_in_needed),
            Pace(demo_delay_s, demo_delay_s) if is_demo else Pace(*delays(budgets.share)),
            triggers=triggers,
            policy=policy,
        )
        link = self._link = self._make_link(core)
        self._make_presenters(core, link)
        core.start()
        await self._connect_accounts(core)
        self._connected = True
        self._tasks.spawn("browser link", self._start_link(link, offers=not is_demo))
        if (problem := data_problem(self._vault)) is not None:
            self._show(problem)
        elif self._vault.notice or triggers.problem:
            self._shell.notice(self._vault.notice or triggers.problem)

    def open_address(self, address: str) -> None:
        """Open the ticket that ``address`` names, or say that it names none."""
        if not self._panel.open_address(address):
            self._shell.notice(self._shell.words.not_a_ticket)

    def closing_steps(self) -> list[loop.Step]:
        """Return how to end all this, in order."""
        core, vault, demo, link = self._core, self._vault, self._demo, self._link
        self._core = None
        steps = []
        if link is not None:
            steps.append(loop.Step("browser link", link.aclose, 1.0))
        if core is not None:
            steps.append(loop.Step("engine", core.aclose, 5.0))
        if self._budgets is not None:
            steps.append(loop.Step("ledger of requests", self._budgets.aclose, 3.0))
        if vault is not None:
            steps.append(loop.Step("store", lambda: asyncio.to_thread(vault.close), 6.0))
        if demo is not None:
            steps.append(loop.Step("demo helpdesk", lambda: asyncio.to_thread(demo.stop), 6.0))
        return steps

    def _make_link(self, core: Core) -> Link:
        shell, tasks = self._shell, self._tasks
        doors = LinkDoors(
            is_wanted=shell.is_seen,
            has_keyboard=shell.has_keyboard,
            drafts=lambda: shell.settings.value.drafts,
            show_pairing=shell.show_pairing,
            notice=shell.notice,
            submitted=lambda ref: tasks.spawn("sent", core.outcomes.expect(ref)),
            changed=self._link_changed,
        )
        link = Link(
            core.session,
            core.desk,
            doors,
            secrets=self._secrets,
            settings=shell.settings,
            write=lambda work: tasks.spawn("paired browsers", work),
        )
        core.browsers = lambda: link.names
        core.on_desk_changed = link.desk_changed
        core.session.inserts = link.can_insert
        shell.link = link
        shell.on_watch_changed = link.watch_changed
        shell.panel.pairing_cancelled.connect(link.cancel_pairing)
        return link

    async def _start_link(self, link: Link, *, offers: bool) -> None:
        """Listen for browsers. Where that fails it is said, and everything else works as before."""
        try:
            await link.start(self._instance.place.link, self._instance)
        except NotListening as error:
            self._shell.notice(str(error))
            return
        if offers:
            self._shell.offer_link()
        if outdated := await asyncio.to_thread(self._browsers.outdated):
            said = tr("The link to {browser} is out of date: see Settings, Browser.", browser=", ".join(outdated))
            self._shell.notice(said)

    def _link_changed(self) -> None:
        if self._core is None or self._link is None:
            return
        if self._link.names:
            self._shell.never_offer_link()
        self._core.refresh()

    def _make_presenters(self, core: Core, link: Link) -> None:
        shell = self._shell
        shell.browsers = self._browsers = LocalSetup(installer(self._where))
        outlets = Outlets(clipboard.copy_text, shell.notice, self._used)
        self._panel = PanelPresenter(
            shell.panel,
            shell.quick_open,
            session=core.session,
            desk=core.desk,
            tasks=self._tasks,
            outlets=outlets,
            browsers=link,
        )
        doors = AccountDoors(
            sign_in=self._sign_in,
            sign_out=self._sign_out,
            listed=self._listed,
            start_demo=_start_demo,
            is_session_only=core.vault.is_session_only,
        )
        self._accounts = AccountsPresenter(AccountsView(shell.theme), doors, self._tasks)
        journal_view = JournalView(shell.theme)
        self._journal = JournalPresenter(
            journal_view, Journal(core.store.log), self._tasks, ask_where=lambda name: _ask_where(journal_view, name)
        )
        journal_view.ticket_open.connect(self._panel.open_page)
        panel, tray = shell.panel, shell.tray
        panel.connect_requested.connect(self._accounts.add)
        panel.demo_requested.connect(_start_demo)
        panel.cancel_sync.connect(core.cancel_syncs)
        panel.action_requested.connect(self._act)
        panel.menu_requested.connect(self._choose)
        tray.accounts_requested.connect(self._accounts.show)
        tray.journal_requested.connect(self._journal.show)

    async def _connect_accounts(self, core: Core) -> None:
        ports = Ports(self._options.zendesk_port, self._options.freshdesk_port)
        if self._demo is not None or ports != Ports(0, 0):
            try:
                await self._connect_demo(core, ports)
            except (OSError, HelpdeskError) as error:
                log.warning("the demo helpdesk is not connected: %s", type(error).__name__)
                self._show(Trouble(tr("The demo helpdesk did not start"), str(error)))
            return
        for account in core.store.state.accounts():
            try:
                kept = await self._secrets.get(secret_name(account.id))
                seat = restore(account, kept or "", self._keeping)
            except (KeyringTrouble, ValueError) as error:
                log.warning("%s is not connected: %s", account.id, error)
                self._accounts.needs_sign_in(account.id)
                core.locked(account.id, account.display)
                continue
            core.connect(seat)

    async def _connect_demo(self, core: Core, ports: Ports) -> None:
        if self._demo is not None:
            ports = await asyncio.to_thread(self._demo.ports)
        for seat in await demo_seats(ports):
            core.connect(seat)
        if self._options.demo:
            self._show_demo_page(ports)

    def _show_demo_page(self, ports: Ports) -> None:
        address = f"http://127.0.0.1:{ports.zendesk}/"
        sys.stdout.write(
            f"The demo helpdesk: {address} (as Zendesk), http://127.0.0.1:{ports.freshdesk}/ (as Freshdesk)\n"
        )
        sys.stdout.flush()
        if self._options.open_browser:
            QDesktopServices.openUrl(QUrl(address))

    def _used(self) -> None:
        self._shell.give_keyboard_back()
        if self._core is not None:
            self._core.outcomes.hurry()

    def _sign_in_needed(self, seat: Seat) -> None:
        self._accounts.needs_sign_in(seat.account)

    async def _sign_in(self, credentials: Credentials) -> Seat:
        seat = await sign_in(credentials)
        if self._core is None:
            raise KeyringTrouble("Kibitz is ending")
        await self._secrets.put(secret_name(seat.account), kept_form(credentials))
        await self._core.store.state.put_account(account_of(seat))
        self._core.connect(seat)
        return seat

    async def _sign_in_with_browser(self, offered: Offered, opened: Callable[[str], None]) -> Seat:
        """See `desktop.wiring.sign_in_with_browser`; the account is kept and connected when it returns."""
        core = self._core
        if core is None:
            raise KeyringTrouble("Kibitz is ending")
        seat = await sign_in_with_browser(offered, self._keeping, acting=core.policy.value.acting, opened=opened)
        await core.store.state.put_account(account_of(seat))
        core.connect(seat)
        return seat

    async def _sign_out(self, account: AccountId) -> None:
        """Sign out here and, where Kibitz got the sign-in itself, at the helpdesk; that may fail without harm."""
        core = self._core
        if core is not None:
            if (seat := core.desk.get(account)) is not None:
                await revoke(seat)
            await core.disconnect(account)
        # The last: a renewal that was under way has come to its end, and would have kept what it got.
        await self._secrets.forget(secret_name(account))

    def _listed(self) -> tuple[Connected, ...]:
        if self._core is None:
            return ()
        kept = {account.id: account for account in self._core.store.state.accounts()}
        listed = {
            seat.account: Connected(seat.account, seat.helpdesk.kind, seat.display, seat.agent.name)
            for seat in self._core.desk
        }
        for account in kept.values():
            listed.setdefault(account.id, Connected(account.id, account.kind, account.display, account.agent.name))
        return tuple(listed.values())

    def _act(self, action: str) -> None:
        match Action(action):
            case Action.SIGN_IN | Action.OPEN_ACCOUNTS:
                self._accounts.show()
            case Action.OPEN_JOURNAL:
                self._journal.show()
            case Action.OPEN_DATA_FOLDER:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._where.data)))
                self._refresh()
            case _:
                self._refresh()

    def _choose(self, action: str) -> None:
        match MenuAction(action):
            case MenuAction.JOURNAL:
                self._journal.show()
            case MenuAction.ACCOUNTS:
                self._accounts.show()
            case MenuAction.SYNC:
                if self._core is not None:
                    self._core.sync_now()
            case MenuAction.ABOUT:
                self._about = AboutView(self._shell.theme, __version__, str(self._where.data))
                self._about.show()
            case MenuAction.QUIT:
                self._quit()
            case _:
                self._shell.show_settings()

    def _refresh(self) -> None:
        if self._core is not None:
            self._core.refresh()


def _forget_all(data: Path) -> None:
    """Delete what an earlier demo left, but not what a browser was told to load and start from there."""
    for path in data.iterdir() if data.is_dir() else ():
        if path.is_dir() and path.name != OWN_FOLDER:
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file():
            path.unlink(missing_ok=True)


def _start_demo() -> None:
    """Start the demo as a program of its own: it has its own data, and ends by itself."""
    QProcess.startDetached(sys.executable, ["-m", "desktop", "demo"], str(Path(__file__).resolve().parent.parent))


async def _ask_where(view: JournalView, name: str) -> Path | None:
    """Ask with the system's dialog, without a nested event loop (which would break the tasks that run)."""
    dialog = QFileDialog(view, view.windowTitle(), str(Path.home() / name))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    chosen: asyncio.Future[Path | None] = asyncio.get_running_loop().create_future()

    def finished(result: int) -> None:
        files = dialog.selectedFiles()
        if not chosen.done():
            chosen.set_result(Path(files[0]) if result and files else None)

    dialog.finished.connect(finished)
    dialog.open()
    return await chosen
