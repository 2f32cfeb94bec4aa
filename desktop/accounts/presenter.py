"""Connects and disconnects accounts: credentials are tried first and kept only when they are accepted.

What comes from outside, a link or a settings file, is shown and waits for a click.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from assist.domain import AccountId, HelpdeskKind
from assist.errors import HelpdeskError, KibitzError, NotAllowed, SignInNeeded, Unreachable
from desktop.accounts.offer import checked, parse_link
from desktop.accounts.scheme import LinkHandler, NoHandler
from desktop.accounts.signing import TASK, BrowserDoors, BrowserSignIn
from desktop.accounts.state import (
    AccountsState,
    Asked,
    AskLinks,
    Connected,
    Credentials,
    Editing,
    FormState,
    FromFile,
    FromLink,
    LinksOpen,
    Offer,
    Refused,
    Saved,
    Trying,
)
from desktop.accounts.view import AccountsView
from desktop.admin import bundle
from desktop.admin.bundle import Bundle
from desktop.desk import Seat
from desktop.dock.beside import bring_up
from desktop.i18n import tr
from desktop.policy import Offered, Policy
from desktop.tasks import TaskSet
from desktop.wiring import api_token_notice, host_of


@dataclass(frozen=True, slots=True)
class AccountDoors:
    """What the presenter may do with accounts; wired in ``desktop/backstage.py``."""

    sign_in: Callable[[Credentials], Awaitable[Seat]]
    """Try the credentials, then keep them. Raises ValueError for a bad address, HelpdeskError otherwise."""
    sign_out: Callable[[AccountId], Awaitable[None]]
    listed: Callable[[], tuple[Connected, ...]]
    start_demo: Callable[[], None]
    is_session_only: bool
    browser: BrowserDoors
    policy: Callable[[], Policy]
    """What the admin decided, as it is now."""
    settings: Callable[[], Bundle]
    """All settings that a file can hold, as they are now. Raises OSError or UnicodeDecodeError."""
    use_settings: Callable[[Bundle], object]
    """Let others hold. Raises KibitzError or OSError: then they hold in part, or until Kibitz ends."""
    ask_file: Callable[[], Awaitable[Path | None]]
    """Let the agent choose a settings file."""
    brands: Callable[[AccountId], Awaitable[tuple[str, ...]]]
    """Return the names of an account's brands; none where they cannot be had."""
    links: LinkHandler = field(default_factory=NoHandler)


@dataclass(slots=True)
class _Now:
    form: FormState | None = None
    asked: Asked | None = None
    found: Bundle | None = None
    """What the settings file holds that is asked about."""
    pasting: bool = False
    paste_error: str = ""
    problems: dict[AccountId, str] = field(default_factory=dict)
    brands: dict[AccountId, tuple[str, ...]] = field(default_factory=dict)


class AccountsPresenter:
    def __init__(self, view: AccountsView, doors: AccountDoors, tasks: TaskSet) -> None:
        self._view = view
        self._doors = doors
        self._tasks = tasks
        self._now = _Now()
        self._browser = BrowserSignIn(doors.browser, tasks, self._draw, self.signed_in)
        view.form.put_token_end(api_token_notice(datetime.now(UTC).date()))
        view.test_requested.connect(self._test)
        view.browser_requested.connect(self._choose)
        view.add_requested.connect(self.add)
        view.cancel_requested.connect(self._cancel)
        view.sign_in_requested.connect(self._sign_in_again)
        view.sign_out_requested.connect(lambda account: tasks.latest("sign out", self._sign_out(AccountId(account))))
        view.demo_requested.connect(doors.start_demo)
        view.closed.connect(self._leave)
        view.dismissed.connect(self._dismiss)
        view.pane.open_requested.connect(self._browser.open_again)
        view.pane.copy_requested.connect(self._browser.copy_address)
        view.pane.again_requested.connect(self._browser.again)
        view.paste_requested.connect(self._paste)
        view.link_entered.connect(self.open_link)
        view.file_requested.connect(lambda: tasks.latest("settings file", self._ask_file()))
        view.file_dropped.connect(lambda path: self.open_file(Path(path)))
        view.file_accepted.connect(self._use_file)
        view.links_requested.connect(self._change_links)
        view.links_accepted.connect(self._install_links)

    def show(self) -> None:
        """Show the window with what is connected."""
        self._draw()
        bring_up(self._view)
        self._tasks.latest("brands", self._look_for_brands())

    def add(self, kind: str) -> None:
        """Show the window with an empty form for a helpdesk of ``kind``."""
        self._browser.stop()
        self._now.form = Editing()
        self.show()
        self._view.start_form(HelpdeskKind(kind))

    def connect(self, kind: str) -> None:
        """Show what the admin offers of ``kind``, or else the form: somebody without an account wants one."""
        if any(offer.offered.kind == kind for offer in self._offers(self._doors.listed())):
            self.show()
        else:
            self.add(kind)

    def needs_sign_in(self, account: AccountId) -> None:
        """Mark ``account`` as signed out; the window says so when it is looked at."""
        self._now.problems[account] = tr("Signed out: the helpdesk no longer accepts the credentials.")
        self._draw()

    def signed_in(self, seat: Seat) -> None:
        """Take note of an account that was signed in to, here or in another window."""
        self._now.problems.pop(seat.account, None)
        self._now.brands.pop(seat.account, None)
        self._draw()
        self._tasks.latest("brands", self._look_for_brands())

    def open_link(self, text: str) -> None:
        """Show what a link offers, or why it is not used. It connects nothing by itself."""
        is_typed = self._now.pasting
        try:
            offered = parse_link(text)
        except ValueError as error:
            if is_typed:
                self._now.paste_error = str(error)
                self._draw()
                return
            self._ask(Refused(tr("This link is not used"), str(error)))
            return
        self._ask(FromLink(Offer(offered, host_of(offered)), is_connected=self._is_connected(offered)))

    def open_file(self, path: Path) -> None:
        """Show what a settings file would change, or why it is not used."""
        self._tasks.latest("settings file", self._read_file(path))

    # --- what is shown

    def _draw(self) -> None:
        now = self._now
        accounts = tuple(
            replace(
                known,
                problem=now.problems.get(known.account, known.problem),
                brands=now.brands.get(known.account, known.brands),
            )
            for known in self._doors.listed()
        )
        self._view.show_state(
            AccountsState(
                accounts,
                now.form,
                session_only=self._doors.is_session_only,
                offers=self._offers(accounts),
                signing=self._browser.state,
                asked=now.asked,
                links=self._links_open(),
                pasting=now.pasting,
                paste_error=now.paste_error,
            )
        )

    def _offers(self, accounts: tuple[Connected, ...]) -> tuple[Offer, ...]:
        """Return what the admin offers and is not there yet, or signed in to in a way that ends.

        The policy's file may have been edited by hand.
        """
        there = {one.account for one in accounts if not one.notice}
        found = []
        for offered in self._doors.policy().offered:
            try:
                sound = checked(offered)
            except ValueError:
                continue
            if _account_of(sound) not in there:
                found.append(Offer(sound, host_of(sound)))
        return tuple(found)

    def _is_connected(self, offered: Offered) -> bool:
        account = _account_of(offered)
        return account not in self._now.problems and any(one.account == account for one in self._doors.listed())

    def _links_open(self) -> LinksOpen:
        try:
            return self._doors.links.state()
        except OSError:
            return LinksOpen.NOT_YET

    def _ask(self, asked: Asked) -> None:
        """Put a question before the agent; it takes the place of an earlier one, and no place of a running sign-in."""
        self._now.asked = asked
        self._now.pasting, self._now.paste_error = False, ""
        self.show()

    # --- signing in

    def _choose(self, offered: Offered) -> None:
        """Sign in to what was offered, came by a link, or was typed."""
        self._now.asked = None
        if offered.kind is HelpdeskKind.FRESHDESK:
            self._now.form = Editing()
            self._draw()
            self._view.start_form(offered.kind, offered.site, portal=offered.portal, name=offered.name)
            return
        try:
            host_of(offered)
        except ValueError as error:
            self._now.form = Editing({"site": str(error)})
            self._draw()
            return
        try:
            sound = checked(offered)
        except ValueError as error:
            self._now.form = Editing({"client": str(error)})
            self._draw()
            return
        self._now.form = None
        self._browser.start(sound)

    def _test(self, credentials: Credentials) -> None:
        self._now.form = Trying(credentials.site)
        self._draw()
        self._tasks.latest(TASK, self._sign_in(credentials))

    async def _sign_in(self, credentials: Credentials) -> None:
        try:
            seat = await self._doors.sign_in(credentials)
        except ValueError as error:
            self._now.form = Editing({"site": str(error)})
        except (HelpdeskError, KibitzError) as error:
            self._now.form = Editing(_explained(error))
        else:
            self.signed_in(seat)
            self._now.form = Saved(seat.display, seat.agent.name)
        self._draw()

    def _cancel(self) -> None:
        self._tasks.cancel(TASK)
        self._browser.stop()
        self._now.form = None
        self._now.pasting, self._now.paste_error = False, ""
        self._draw()

    def _leave(self) -> None:
        """The window was closed: a sign-in in the browser goes on without it, everything else ends."""
        if self._browser.is_waiting:
            return
        self._dismiss()
        self._cancel()

    def _sign_in_again(self, account: str) -> None:
        known = next((known for known in self._doors.listed() if known.account == account), None)
        if known is None:
            return
        site = account.partition(":")[2]
        offers = (one for one in self._doors.policy().offered if (one.kind, one.site) == (known.kind, site))
        client = known.client_id or next((one.client_id for one in offers), "")
        if client:
            self._choose(Offered(known.kind, site, client, name=known.name))
            return
        self._now.form = Editing()
        self._draw()
        self._view.start_form(known.kind, known.site, portal=known.portal, name=known.name)

    async def _sign_out(self, account: AccountId) -> None:
        await self._doors.sign_out(account)
        self._now.problems.pop(account, None)
        self._now.brands.pop(account, None)
        self._draw()

    async def _look_for_brands(self) -> None:
        for known in self._doors.listed():
            if known.account not in self._now.brands and known.account not in self._now.problems:
                self._now.brands[known.account] = await self._doors.brands(known.account)
                self._draw()

    # --- links and settings files

    def _paste(self) -> None:
        self._now.pasting, self._now.paste_error = True, ""
        self._draw()
        self._view.start_pasting()

    def _dismiss(self) -> None:
        self._now.asked = None
        self._now.found = None
        self._draw()

    async def _ask_file(self) -> None:
        if (path := await self._doors.ask_file()) is not None:
            await self._read_file(path)

    async def _read_file(self, path: Path) -> None:
        try:
            found = await asyncio.to_thread(bundle.read_file, path)
            now = await asyncio.to_thread(self._doors.settings)
        except ValueError as error:
            self._ask(Refused(tr("This file is not used"), str(error)))
            return
        self._now.found = found
        offers = tuple(Offer(one, host_of(one)) for one in found.policy.offered)
        # What it offers is shown by itself, so it is no difference here.
        known = replace(now, policy=replace(now.policy, offered=(*now.policy.offered, *found.policy.offered)))
        self._ask(FromFile(path.name, offers, bundle.differences(known, found), found.problems))

    def _use_file(self) -> None:
        found, self._now.found = self._now.found, None
        if found is None:
            return
        try:
            self._doors.use_settings(found)
        except (KibitzError, OSError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            self._now.asked = Refused(tr("Not all of it could be saved"), said or "")
        else:
            self._now.asked = None
        self._draw()

    def _change_links(self) -> None:
        """Ask before anything is written; taking out what was written needs no question."""
        match self._links_open():
            case LinksOpen.HERE:
                self._written(self._doors.links.remove)
            case LinksOpen.NOT_YET:
                self._ask(AskLinks(self._doors.links.what()))
            case _:
                self._ask(Refused(tr("Links cannot open in Kibitz here"), self._doors.links.what()))

    def _install_links(self) -> None:
        self._now.asked = None
        self._written(self._doors.links.install)

    def _written(self, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError as error:
            said = tr("{file} could not be changed: {why}", file=error.filename or "", why=error.strerror or error)
            self._now.asked = Refused(tr("Nothing was changed"), said)
        self._draw()


def _account_of(offered: Offered) -> AccountId:
    return AccountId(f"{offered.kind}:{offered.site}")


def _explained(error: KibitzError) -> dict[str, str]:
    """Put the error beside the field that it is about, with what to do."""
    match error:
        case SignInNeeded():
            return {"secret": tr("The helpdesk does not accept these credentials. Check them for missing characters.")}
        case NotAllowed():
            return {"form": tr("Signed in, but this account may not read tickets. Ask your admin for an agent's role.")}
        case Unreachable():
            return {"site": tr("No answer from this address. Check it, and your network, then try again.")}
        case _:
            return {"form": str(error)}
