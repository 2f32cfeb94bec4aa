"""Signing in from the accounts window to the demo helpdesk: real sockets, and a browser that follows its page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from assist.domain import AccountId, HelpdeskKind
from assist.store.records import Account
from desktop.accounts.keeper import Keeper
from desktop.accounts.presenter import AccountDoors, AccountsPresenter
from desktop.accounts.signing import BrowserDoors
from desktop.accounts.state import Credentials, SignInWith
from desktop.accounts.view import AccountsView
from desktop.admin.bundle import Bundle
from desktop.core import Core, Pace, Surface, TriggerFile
from desktop.grants import Keeping
from desktop.policy import Offered, PolicyFile
from desktop.secrets import Secrets
from desktop.tasks import TaskSet
from desktop.vault import Vault
from desktop.wiring import kept_form, restore, secret_name, sign_in_at
from integrations.demo.server import DemoServer
from integrations.site import demo_site
from resources import ROOT
from tests.helpers.builders import NOON, an_agent
from tests.helpers.demo_data import small_world
from tests.helpers.panel import words_on
from tests.helpers.qt_loop import qt_loop, run, until
from tests.helpers.sign_in import free_ports, register, sign_in
from tests.helpers.store import KEY, opened

__all__ = ["qt_loop", "run"]

T = TypeVar("T")
ACCOUNT = "zendesk:demo.localhost"


class Keyring:
    """A system keyring that works, in memory."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[username]


@dataclass
class Browser:
    """What becomes of the address: it is opened, and whoever sits there decides. "" leaves the page open."""

    decision: str = "allow"
    works: bool = True
    opened: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    pages: list[asyncio.Future[object]] = field(default_factory=list)

    def open_page(self, address: str) -> bool:
        self.opened.append(address)
        if self.works and self.decision:
            self.go(address)
        return self.works

    def go(self, address: str) -> None:
        self.pages.append(asyncio.get_running_loop().run_in_executor(None, sign_in, address, self.decision))


class House:
    """The accounts window on a real core, store and demo helpdesk."""

    def __init__(self, server: DemoServer, view: AccountsView, store, secrets: Secrets, folder: Path) -> None:
        self.server = server
        self.view = view
        self.browser = Browser()
        self.ports = free_ports(2)
        register(server.world, self.ports)
        self.errors: list[BaseException] = []
        self.tasks = TaskSet(lambda _, error: self.errors.append(error))
        self.keeping = Keeping(secrets, folder / "run")
        self.core = Core(
            Vault(store, KEY, is_session_only=False),
            self.tasks,
            Surface(lambda _: None, lambda: False, lambda _: None),
            Pace(lambda _: 60.0, lambda _: 60.0),
            triggers=TriggerFile(ROOT / "triggers.toml", ()),
            policy=PolicyFile(folder),
        )
        self.policy = self.core.policy
        self.policy.change(offered=(Offered(HelpdeskKind.ZENDESK, "acme", "kibitz_demo", name="Sandbox"),))
        self.keeper = Keeper(self.core, self.keeping, lambda: date(2026, 11, 23))
        self.presenter = AccountsPresenter(view, self._doors(), self.tasks)
        self.presenter.show()

    def _doors(self) -> AccountDoors:
        async def ask_file() -> Path | None:
            return None

        return AccountDoors(
            sign_in=self.keeper.sign_in,
            sign_out=self.keeper.sign_out,
            listed=self.keeper.listed,
            start_demo=lambda: None,
            is_session_only=False,
            browser=BrowserDoors(self._sign_in, self.browser.open_page, self.browser.copied.append),
            policy=lambda: self.policy.value,
            settings=lambda: Bundle(self.policy.value),
            use_settings=lambda wanted: self.policy.put(wanted.policy),
            ask_file=ask_file,
            brands=self.keeper.brands,
        )

    async def _sign_in(self, offered, opened):
        """As `Keeper.sign_in_with_browser`, at the demo helpdesk."""
        site = demo_site(HelpdeskKind.ZENDESK, self.server.zendesk_port)
        scopes = ("read", "wink") if "wink" in offered.name else ("read",)
        seat = await sign_in_at(site, offered.client_id, self.keeping, scopes=scopes, opened=opened, ports=self.ports)
        await self.keeper.keep(seat, offered)
        return seat

    def click(self, name: str) -> None:
        buttons = [one for one in self.view.findChildren(QAbstractButton) if one.isVisibleTo(self.view)]
        [button] = [one for one in buttons if one.accessibleName() == name]
        button.click()

    async def play(self, scenario: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Play a scenario, and end all that it began before the loop stops."""
        try:
            return await scenario()
        finally:
            await asyncio.gather(*self.browser.pages, return_exceptions=True)
            await self.tasks.close()
            for seat in self.core.desk:
                await seat.helpdesk.aclose()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with DemoServer(small_world(tmp_path_factory.mktemp("shop"))) as one:
        yield one


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


@pytest.fixture
def house(server, theme, show, tmp_path, run, keyring) -> Iterator[House]:
    view = show(AccountsView(theme))
    with opened(tmp_path / "kibitz.db") as store:
        secrets = run(Secrets.open("test", native=lambda: ("test", lambda: keyring)))

        async def made() -> House:
            return House(server, view, store, secrets, tmp_path)

        one = run(made())
        yield one
        assert one.errors == []


def said(house: House) -> str:
    return house.view.pane.said


@pytest.mark.promise("S1")
def test_that_one_click_signs_in_and_only_the_keyring_has_the_tokens(house, run, keyring, server):
    async def scenario() -> None:
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: "You are signed in" in said(house))

    run(house.play(scenario))
    assert said(house) == "You are signed in Connected to acme.zendesk.com as Maya Okafor."
    [address] = house.browser.opened
    assert urlsplit(address).path == "/oauth/authorizations/new"
    [account] = house.core.store.state.accounts()
    assert (account.id, account.client_id, account.name) == (ACCOUNT, "kibitz_demo", "Sandbox")
    issued = server.world.oauth.issued[-2:]
    assert all(token in keyring.entries[secret_name(account.id)] for token in issued)
    shown = words_on(house.view) + "".join(one.text() for one in house.view.findChildren(QLineEdit))
    kept = b"".join(path.read_bytes() for path in Path(house.core.store.path).parent.glob("**/*") if path.is_file())
    for token in issued:
        assert token not in shown
        assert token.encode() not in kept
    assert not any(token in repr(vars(house.presenter)) for token in issued)


def test_that_the_account_s_name_brands_and_badge_stand_in_the_list(house, run):
    async def scenario() -> None:
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: house.view.rows() and house.view.rows()[0].account.brands)

    run(house.play(scenario))
    [row] = house.view.rows()
    assert row.account.is_sandbox
    assert "Sandbox\n" in words_on(row)
    assert "signed in as Maya Okafor" in words_on(row)


def test_that_denying_in_the_browser_is_said_and_can_be_tried_again(house, run, server):
    async def scenario() -> None:
        house.browser.decision = "deny"
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: "You were not signed in" in said(house))
        assert "choose Allow" in said(house)
        assert house.view.focusWidget() is house.view.pane.again
        house.browser.decision = "allow"
        house.click("Try again")
        await until(lambda: "You are signed in" in said(house))

    run(house.play(scenario))
    assert len(house.browser.opened) == 2


def test_that_less_than_was_asked_is_not_enough_and_says_what_is_missing(house, run, keyring):
    house.policy.change(offered=(Offered(HelpdeskKind.ZENDESK, "acme", "kibitz_demo", name="wink"),))

    async def scenario() -> None:
        house.presenter.show()
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: "You were not signed in" in said(house))

    run(house.play(scenario))
    assert "did not grant wink" in said(house)
    assert keyring.entries == {}


def test_that_taken_ports_are_named(house, run):
    async def scenario() -> None:
        servers = [await asyncio.start_server(lambda *_: None, "127.0.0.1", port) for port in house.ports]
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: "The sign-in was not finished" in said(house))
        for one in servers:
            one.close()

    run(house.play(scenario))
    assert f"other programs use the ports {house.ports[0]}, {house.ports[1]}" in said(house)
    assert house.browser.opened == []


def test_that_without_a_browser_the_address_can_be_copied_and_works(house, run):
    async def scenario() -> None:
        house.browser.works = False
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: "No browser could be opened" in said(house))
        house.click("Copy the address instead")
        [address] = house.browser.copied
        house.browser.go(address)
        await until(lambda: "You are signed in" in said(house))

    run(house.play(scenario))
    assert house.browser.copied == house.browser.opened


def test_that_the_page_can_be_opened_again_while_it_is_waited_for(house, run):
    async def scenario() -> None:
        house.browser.decision = ""
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: house.browser.opened)
        assert "acme.zendesk.com" in words_on(house.view.pane)
        house.click("Open the sign-in page again")
        first, second = house.browser.opened
        assert first == second

    run(house.play(scenario))


@pytest.mark.parametrize("how", ["button", "escape"])
def test_that_giving_up_frees_the_port_and_a_late_answer_finds_nobody(house, run, qtbot, how):
    async def scenario() -> None:
        house.browser.decision = ""
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: house.browser.opened)
        if how == "button":
            house.click("Cancel")
        else:
            qtbot.keyClick(house.view, Qt.Key.Key_Escape)
        assert not house.view.pane.isVisible()
        await until(lambda: not house.tasks.names() & {"sign in"})
        for port in house.ports:
            with pytest.raises(OSError, match=r"refused|111"):
                await asyncio.open_connection("127.0.0.1", port)

    run(house.play(scenario))
    assert house.core.store.state.accounts() == ()


def test_that_a_closed_window_does_not_end_a_sign_in_that_waits(house, run):
    async def scenario() -> None:
        house.browser.decision = ""
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: house.browser.opened)
        house.view.close()
        house.browser.decision = "allow"
        house.browser.go(house.browser.opened[0])
        await until(house.core.store.state.accounts)

    run(house.play(scenario))


def test_that_signing_out_revokes_the_grant_at_the_helpdesk(house, run, keyring, server):
    async def scenario() -> None:
        house.click("Sign in to acme.zendesk.com")
        await until(lambda: "You are signed in" in said(house))
        house.click("Close")
        server.world.requests.clear()
        house.view.rows()[0].sign_out.click()
        await until(lambda: not house.view.rows() and not keyring.entries)  # the row goes first

    run(house.play(scenario))
    revoked = [seen for seen in server.world.requests if seen.path == "/api/v2/oauth/tokens/current"]
    assert [seen.status for seen in revoked] == [204]
    assert keyring.entries == {}


def test_that_a_portal_s_tickets_are_recognised_after_a_restart(house, run):
    credentials = Credentials(
        HelpdeskKind.FRESHDESK, "acme", SignInWith.API_KEY, "k3y", portal="support.acme.com", name="Acme"
    )

    async def scenario() -> int | None:
        known = Account(
            AccountId("freshdesk:acme"),
            HelpdeskKind.FRESHDESK,
            "https://acme.freshdesk.com",
            "acme.freshdesk.com",
            an_agent(),
            NOON,
            portal="support.acme.com",
        )
        await house.core.store.state.put_account(known)
        [account] = house.core.store.state.accounts()
        seat = restore(account, kept_form(credentials), house.keeping)
        try:
            return seat.helpdesk.ticket_id_in("https://support.acme.com/a/tickets/7")
        finally:
            await seat.helpdesk.aclose()

    assert run(house.play(scenario)) == 7
