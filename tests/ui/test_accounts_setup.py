"""The guide for admins: what to register, trying it, and what is handed to agents."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from assist.domain import HelpdeskKind
from assist.errors import SignInNeeded
from desktop.accounts.offer import parse_link
from desktop.accounts.setup_presenter import SetupDoors, TeamSetupPresenter
from desktop.accounts.setup_view import Registration, TeamSetupView
from desktop.accounts.signing import BrowserDoors
from desktop.admin import bundle
from desktop.admin.bundle import Bundle
from desktop.desk import Seat
from desktop.policy import Offered, Policy
from desktop.tasks import TaskSet
from desktop.wiring import redirect_uris, sign_in_scopes
from integrations.zendesk.oauth import PORTS
from tests.helpers.builders import an_agent
from tests.helpers.fakes import FakeHelpdesk
from tests.helpers.panel import words_on
from tests.helpers.qt_loop import Run, played, qt_loop, run, until
from tests.ui.test_accessible import nameless

__all__ = ["qt_loop", "run"]

SANDBOX = Offered(HelpdeskKind.ZENDESK, "acme", "kibitz_desktop", name="Sandbox")


class House:
    """The guide with an outside that only remembers."""

    def __init__(self, view: TeamSetupView, run: Run[None], path: Path) -> None:
        self.view = view
        self.run = run
        self.policy = Policy()
        self.path: Path | None = path
        self.copied: list[str] = []
        self.opened: list[str] = []
        self.tried: list[Offered] = []
        self.signed_in: list[Seat] = []
        self.fails: Exception | None = None
        self.answered = asyncio.Event()
        self.answered.set()
        self.errors: list[BaseException] = []
        self.tasks = TaskSet(lambda _, error: self.errors.append(error))
        doors = SetupDoors(
            browser=BrowserDoors(self._sign_in, self._open, self.copied.append),
            signed_in=self.signed_in.append,
            policy=lambda: self.policy,
            use_policy=self._use,
            settings_text=lambda: bundle.to_text(Bundle(self.policy)),
            ask_where=self._ask_where,
        )
        self.presenter = TeamSetupPresenter(view, doors, self.tasks)

    async def _sign_in(self, offered, opened):
        self.tried.append(offered)
        opened("https://acme.zendesk.com/oauth/authorizations/new?x=1")
        if self.fails is not None:
            raise self.fails
        await self.answered.wait()
        return Seat(FakeHelpdesk(), an_agent(), "acme.zendesk.com")

    async def _ask_where(self, name: str) -> Path | None:
        return self.path

    def _open(self, address: str) -> bool:
        self.opened.append(address)
        return True

    def _use(self, policy: Policy) -> None:
        self.policy = policy

    def fill(self, site: str = "acme", name: str = "Sandbox") -> None:
        self.view.site.edit.setText(site)
        self.view.name.edit.setText(name)

    def click(self, name: str) -> None:
        found = [one for one in self.view.findChildren(QAbstractButton) if one.isVisibleTo(self.view)]
        [button] = [one for one in found if one.accessibleName() == name]
        button.click()


@pytest.fixture
def house(theme, show, run, tmp_path) -> House:
    registration = Registration(redirect_uris(), sign_in_scopes(acting=True))
    return House(show(TeamSetupView(theme, registration)), run, tmp_path / "kibitz-settings.json")


@played
async def test_that_each_value_to_register_can_be_copied_as_it_is(house):
    for line in house.view.lines():
        if line.button.isVisible():
            line.button.click()
    assert house.copied == [
        "Kibitz",
        "kibitz_desktop",
        "\n".join(f"http://127.0.0.1:{port}/callback" for port in PORTS),
        "read tickets:write",
    ]
    assert "Public" in words_on(house.view)


@played
async def test_that_the_identifier_to_register_is_the_one_that_is_typed(house):
    house.view.client.edit.setText("acme_kibitz")
    house.click("Copy Unique identifier")
    assert house.copied == ["acme_kibitz"]


@played
async def test_that_the_admin_centre_of_the_typed_account_is_opened(house):
    house.click("Open the Admin Center")
    assert house.opened == []
    assert "Fill this in first" in house.view.site.error
    house.fill()
    house.click("Open the Admin Center")
    assert house.opened == ["https://acme.zendesk.com/admin"]


@played
async def test_that_trying_it_signs_in_for_real_and_says_as_whom(house):
    house.fill()
    house.click("Try the sign-in")
    await until(lambda: house.signed_in)
    await until(lambda: "You are signed in" in house.view.pane.said)
    assert house.tried == [SANDBOX]
    assert house.opened == ["https://acme.zendesk.com/oauth/authorizations/new?x=1"]
    house.click("Close")
    assert not house.view.pane.isVisible()


@played
async def test_that_a_try_can_be_given_up(house):
    house.answered.clear()
    house.fill()
    house.click("Try the sign-in")
    await until(lambda: house.opened)
    house.click("Cancel")
    await until(lambda: not house.tasks.names())
    assert not house.view.pane.isVisible()
    assert house.signed_in == []


@played
async def test_that_a_try_that_fails_says_what_to_do(house):
    house.fails = SignInNeeded("Zendesk does not know the OAuth client kibitz_desktop.")
    house.fill()
    house.click("Try the sign-in")
    await until(lambda: "You were not signed in" in house.view.pane.said)
    assert "does not know the OAuth client" in house.view.pane.said


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("site", "evil.example", "not the address of a Zendesk account"),
        ("client", "no client", "looks like kibitz_desktop"),
        ("name", "acme.zendesk.com", "must not look like an address"),
    ],
)
@played
async def test_that_nothing_is_tried_with_a_field_that_is_wrong(house, field, typed, said):
    house.fill()
    one = getattr(house.view, field)
    one.edit.setText(typed)
    house.click("Try the sign-in")
    assert said in one.error
    assert house.tried == []
    assert not house.view.copy_link.isEnabled()


@pytest.mark.promise("S1")
@played
async def test_that_the_link_for_agents_offers_the_account_and_no_secret(house):
    assert not house.view.copy_link.isEnabled()
    house.fill()
    house.click("Copy the link")
    [link] = house.copied
    assert link == "kibitz://connect?kind=zendesk&site=acme&client=kibitz_desktop&name=Sandbox"
    assert parse_link(link) == SANDBOX
    assert house.policy.offered == (SANDBOX,)
    assert "It holds no secret" in words_on(house.view)


@played
async def test_that_the_file_for_agents_holds_all_settings_and_the_account_once(house):
    house.policy = Policy(quota_share=0.05, offered=(Offered(HelpdeskKind.ZENDESK, "acme", "old"),))
    house.fill()
    house.click("Save a settings file")
    await until(house.path.exists)
    found = bundle.read_file(house.path)
    assert (found.policy.offered, found.policy.quota_share) == ((SANDBOX,), 0.05)
    await until(lambda: "Saved as kibitz-settings.json." in words_on(house.view))


@played
async def test_that_a_file_that_cannot_be_saved_is_said(house):
    house.path = house.path.parent / "file" / "below.json"
    (house.path.parent).write_text("no folder")
    house.fill()
    house.click("Save a settings file")
    await until(lambda: "The file could not be saved" in words_on(house.view))


@played
async def test_that_changing_ones_mind_saves_nothing(house):
    house.path = None
    house.fill()
    house.click("Save a settings file")
    await until(lambda: not house.tasks.names())
    assert house.policy == Policy()


@pytest.mark.promise("I4")
def test_that_every_control_has_a_name_and_escape_closes_it(house, qtbot):
    assert nameless(house.view) == []
    qtbot.keyClick(house.view, Qt.Key.Key_Escape)
    assert not house.view.isVisible()
