"""What is behind the windows, wired to them. Imported after the tray is there: this is where the weight is."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from assist import __version__
from assist.errors import HelpdeskError
from assist.journal import Journal
from desktop import clipboard, loop
from desktop.about.view import AboutView
from desktop.accounts.keeper import Keeper
from desktop.accounts.presenter import AccountDoors, AccountsPresenter
from desktop.accounts.scheme import LinkHandler, NoHandler, link_handler
from desktop.accounts.setup_presenter import SetupDoors, TeamSetupPresenter
from desktop.accounts.setup_view import Registration, TeamSetupView
from desktop.accounts.signing import BrowserDoors
from desktop.accounts.view import AccountsView
from desktop.acting.making import make_acting
from desktop.addresses import is_link, is_settings_file
from desktop.admin import bundle
from desktop.admin.opening import AdminOpening, Neighbours
from desktop.core import Core, Pace, Surface, data_problem, find_triggers
from desktop.desk import Seat
from desktop.dialogs import ask_file, ask_where, open_page
from desktop.dock.beside import bring_up
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
from desktop.policy import PolicyFile
from desktop.reporting import make_reporter
from desktop.secrets import Secrets, service_name
from desktop.settings import Folders, presets
from desktop.shell import Shell
from desktop.single_instance import Server as Instance
from desktop.start import Options
from desktop.tasks import TaskSet
from desktop.vault import Vault, open_vault
from desktop.wiring import (
    Budgets,
    DemoProcess,
    Ports,
    delays,
    demo_delay_s,
    demo_seats,
    open_budgets,
    redirect_uris,
    sign_in_scopes,
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
    _team_setup: TeamSetupPresenter | None = None
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
        policy = PolicyFile(self._where.config, presets())
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
        core.is_connecting = True
        core.start()
        await self._connect_accounts(core)
        self._connected = True
        self._tasks.spawn("browser link", self._start_link(link, offers=not is_demo))
        if (problem := data_problem(self._vault)) is not None:
            self._show(problem)
        elif self._vault.notice or triggers.problem:
            self._shell.notice(self._vault.notice or triggers.problem)

    def open_offer(self, address: str) -> bool:
        """Show what an admin's link or settings file offers; False where ``address`` is none of both."""
        if is_link(address):
            self._accounts.open_link(address)
        elif is_settings_file(address):
            self._accounts.open_file(Path(address))
        else:
            return False
        return True

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
            take_keyboard=lambda: shell.show_whole(with_keyboard=True),
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
            internal=lambda: core.policy.value.internal,
        )
        self._accounts = self._make_accounts(core)
        self._acting = make_acting(
            core, shell.panel, copy=clipboard.copy_text, notice=shell.notice, sign_in=self._accounts.show
        )
        where = lambda name: ask_where(shell.panel, name)  # noqa: E731 - a door
        self.reporter = make_reporter(core, shell, self._secrets, self._where.log, ask_where=where)
        journal_view = JournalView(shell.theme)
        self._journal = JournalPresenter(
            journal_view, Journal(core.store.log), self._tasks, ask_where=lambda name: ask_where(journal_view, name)
        )
        journal_view.ticket_open.connect(self._panel.open_page)
        panel, tray = shell.panel, shell.tray
        panel.connect_requested.connect(self._accounts.connect)
        panel.demo_requested.connect(_start_demo)
        panel.cancel_sync.connect(core.cancel_syncs)
        panel.action_requested.connect(self._act)
        panel.menu_requested.connect(self._choose)
        tray.accounts_requested.connect(self._accounts.show)
        tray.journal_requested.connect(self._journal.show)
        self._admin = self._make_admin(core)
        tray.admin_requested.connect(self._admin.show)
        shell.on_admin_wanted = self._admin.show

    def _make_accounts(self, core: Core) -> AccountsPresenter:
        view = AccountsView(self._shell.theme)
        self._keeper = Keeper(core, self._keeping)
        browser = BrowserDoors(self._keeper.sign_in_with_browser, open_page, clipboard.copy_text)
        doors = AccountDoors(
            sign_in=self._keeper.sign_in,
            sign_out=self._keeper.sign_out,
            listed=self._keeper.listed,
            start_demo=_start_demo,
            is_session_only=core.vault.is_session_only,
            browser=browser,
            policy=lambda: core.policy.value,
            settings=lambda: self._settings(core),
            use_settings=lambda wanted: bundle.apply(wanted, core.policy, self._shell.settings, self._where.config),
            ask_file=lambda: ask_file(view),
            brands=self._keeper.brands,
            links=self._links(),
        )
        presenter = AccountsPresenter(view, doors, self._tasks)
        self._set_up = lambda: self._show_team_setup(core, browser)
        view.setup_requested.connect(self._set_up)
        return presenter

    def _make_admin(self, core: Core) -> AdminOpening:
        near = Neighbours(self._keeper.listed, self._accounts.show, self._set_up, self.reporter.save)
        if self._budgets is None:
            raise AssertionError("budgets are opened first")
        return AdminOpening(core, self._shell, self._where, self._budgets, near)

    def _links(self) -> LinkHandler:
        if self._options.demo:  # what is signed in to there is forgotten, and the home of the demo with it
            return NoHandler(tr("Links open in your own Kibitz, not in the demo."))
        return link_handler(os.environ, Path.home())

    def _settings(self, core: Core) -> bundle.Bundle:
        return bundle.present(core.policy.value, self._shell.settings.value, self._where.config)

    def _show_team_setup(self, core: Core, browser: BrowserDoors) -> None:
        """Show the guide for admins, made when it is first asked for."""
        if self._team_setup is None:
            scopes = sign_in_scopes(acting=core.policy.value.acting)
            view = TeamSetupView(self._shell.theme, Registration(redirect_uris(), scopes))
            doors = SetupDoors(
                browser=browser,
                signed_in=self._accounts.signed_in,
                policy=lambda: core.policy.value,
                use_policy=core.policy.put,
                settings_text=lambda: bundle.to_text(self._settings(core)),
                ask_where=lambda name: ask_where(view, name),
            )
            self._team_setup = TeamSetupPresenter(view, doors, self._tasks)
        self._team_setup.show()

    async def _connect_accounts(self, core: Core) -> None:
        ports = Ports(self._options.zendesk_port, self._options.freshdesk_port)
        if self._demo is not None or ports != Ports(0, 0):
            try:
                await self._connect_demo(core, ports)
            except (OSError, HelpdeskError) as error:
                log.warning("the demo helpdesk is not connected: %s", type(error).__name__)
                self._show(Trouble(tr("The demo helpdesk did not start"), str(error)))
            finally:
                core.is_connecting = False
            return
        for account in await self._keeper.connect_kept():
            self._accounts.needs_sign_in(account.id)
            core.locked(account.id, account.display)
        core.is_connecting = False
        core.refresh()

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

    def _act(self, action: str) -> None:
        match Action(action):
            case Action.SIGN_IN | Action.OPEN_ACCOUNTS:
                self._accounts.show()
            case Action.OPEN_HELPDESK:
                self._panel.open_front()
            case Action.SAVE_REPORT:
                self.reporter.save()
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
            case MenuAction.ADMIN:
                self._admin.show()
            case MenuAction.SYNC:
                if self._core is not None:
                    self._core.sync_now()
            case MenuAction.ABOUT:
                self._about = AboutView(self._shell.theme, __version__, str(self._where.data))
                bring_up(self._about)
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
