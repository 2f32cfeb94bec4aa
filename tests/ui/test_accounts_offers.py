"""What comes from outside into the accounts window: the admin's offers, links, settings files. Nothing acts unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton

from assist.domain import AccountId, HelpdeskKind
from assist.errors import HelpdeskError, NotAllowed, SignInNeeded, Unreachable
from desktop.accounts.presenter import AccountDoors, AccountsPresenter
from desktop.accounts.signing import BrowserDoors
from desktop.accounts.state import AccountsState, Connected, FromFile, FromLink, LinksOpen, Refused
from desktop.accounts.view import AccountsView
from desktop.admin.bundle import Bundle, to_text
from desktop.policy import InternalUse, Offered, Policy
from desktop.settings import SettingsNotSaved
from desktop.tasks import TaskSet
from tests.helpers.panel import words_on
from tests.helpers.qt_loop import Run, played, qt_loop, run, until

__all__ = ["qt_loop", "run"]

ACME = Offered(HelpdeskKind.ZENDESK, "acme", "kibitz_desktop", name="Acme")
LINK = "kibitz://connect?kind=zendesk&site=acme&client=kibitz_desktop&name=Acme"
CONNECTED = Connected(
    AccountId("zendesk:acme"), HelpdeskKind.ZENDESK, "acme.zendesk.com", "Maya Okafor", client_id="kibitz_desktop"
)


class Handler:
    """Whether links open here, in memory."""

    def __init__(self) -> None:
        self.here = LinksOpen.NOT_YET
        self.broken = False

    def state(self) -> LinksOpen:
        return self.here

    def what(self) -> str:
        return "Kibitz writes one file." if self.here is not LinksOpen.NEVER else "It cannot be had here."

    def install(self) -> None:
        if self.broken:
            raise OSError(13, "Permission denied", "/home/maya/.config/mimeapps.list")
        self.here = LinksOpen.HERE

    def remove(self) -> None:
        self.here = LinksOpen.NOT_YET


class House:
    """The accounts window with an outside that only remembers."""

    def __init__(self, view: AccountsView, run: Run[None]) -> None:
        self.view = view
        self.run = run
        self.accounts: tuple[Connected, ...] = ()
        self.policy = Policy()
        self.saved = True
        self.handler = Handler()
        self.tried: list[Offered] = []
        self.fails: Exception | None = None
        self.file: Path | None = None
        self.errors: list[BaseException] = []
        self.tasks = TaskSet(lambda _, error: self.errors.append(error))
        self.presenter = AccountsPresenter(
            view,
            AccountDoors(
                sign_in=self._sign_in,
                sign_out=self._sign_in,
                listed=lambda: self.accounts,
                start_demo=lambda: None,
                is_session_only=False,
                browser=BrowserDoors(self._in_browser, lambda _: True, lambda _: None),
                policy=lambda: self.policy,
                settings=lambda: Bundle(self.policy),
                use_settings=self._use_settings,
                ask_file=self._ask_file,
                brands=self._brands,
                links=self.handler,
            ),
            self.tasks,
        )

    async def _sign_in(self, *_):
        raise SignInNeeded("not here")

    async def _in_browser(self, offered, opened):
        self.tried.append(offered)
        opened("https://acme.zendesk.com/oauth/authorizations/new?x=1")
        raise self.fails or SignInNeeded("Access was denied.")

    async def _ask_file(self) -> Path | None:
        return self.file

    async def _brands(self, account):
        return ()

    def _use_settings(self, wanted: Bundle) -> None:
        self.policy = wanted.policy
        if not self.saved:
            raise SettingsNotSaved("The disk is full.")

    def click(self, name: str) -> None:
        found = [one for one in self.view.findChildren(QAbstractButton) if one.isVisibleTo(self.view)]
        [button] = [one for one in found if one.accessibleName() == name]
        button.click()

    @property
    def asked(self):
        return None if self.view.asked is None else self.view.asked.asked


@pytest.fixture
def house(theme, show, run) -> House:
    return House(show(AccountsView(theme)), run)


# --- the admin's offers


@played
async def test_that_an_offer_is_one_click_and_shows_its_host(house):
    house.policy = Policy(offered=(ACME,))

    house.presenter.show()
    assert "acme.zendesk.com" in words_on(house.view)
    house.click("Sign in to acme.zendesk.com")
    await until(lambda: house.tried)
    assert house.tried == [ACME]


@played
async def test_that_an_offer_that_is_connected_is_not_offered_again(house):
    house.policy = Policy(offered=(ACME,))
    house.accounts = (CONNECTED,)
    house.presenter.show()
    assert house.view.offer_rows() == ()


@played
async def test_that_an_account_with_a_token_that_ends_is_offered_the_browser(house):
    house.policy = Policy(offered=(ACME,))
    house.accounts = (replace(CONNECTED, notice="Zendesk's API tokens end on 30 April 2027."),)
    house.presenter.show()
    assert len(house.view.offer_rows()) == 1
    assert "API tokens end on 30 April 2027" in words_on(house.view.rows()[0])


@played
async def test_that_who_wants_to_connect_sees_the_offers_first_and_the_form_where_there_are_none(house):
    house.policy = Policy(offered=(ACME,))
    house.presenter.connect("zendesk")
    assert house.view.offer_rows()[0].isVisible()
    assert not house.view.form.isVisible()
    house.presenter.connect("freshdesk")
    assert house.view.form.isVisible()


@pytest.mark.promise("S4")
@played
async def test_that_an_offer_in_a_forged_policy_with_another_host_is_not_shown(house):
    house.policy = Policy(offered=(replace(ACME, site="acme.zendesk.com.evil.example"),))
    house.presenter.show()
    assert house.view.offer_rows() == ()


@played
async def test_that_an_offer_of_freshdesk_opens_the_form_filled_in(house):
    offered = Offered(HelpdeskKind.FRESHDESK, "acme", portal="support.acme.com", name="Outlet")
    house.policy = Policy(offered=(offered,))
    house.presenter.show()
    house.click("Sign in to acme.freshdesk.com")
    form = house.view.form
    assert (form.site.text, form.portal.text) == ("acme", "support.acme.com")
    assert house.view.focusWidget() is form.secret.edit
    assert house.tried == []


@pytest.mark.promise("N3")
@played
async def test_that_a_refused_account_goes_straight_back_to_the_browser(house):
    house.accounts = (CONNECTED,)

    house.presenter.needs_sign_in(CONNECTED.account)
    house.click("Sign in to acme.zendesk.com")
    await until(lambda: house.tried)
    assert house.tried == [Offered(HelpdeskKind.ZENDESK, "acme", "kibitz_desktop")]


@pytest.mark.parametrize(
    ("error", "title", "advice"),
    [
        (SignInNeeded("Access was denied."), "You were not signed in", "Access was denied."),
        (NotAllowed("403"), "Signed in, but not allowed", "Ask your admin for an agent's role."),
        (Unreachable("Zendesk cannot be reached."), "No answer from acme.zendesk.com", "Zendesk cannot be reached."),
        (HelpdeskError("Nobody answered in the browser."), "The sign-in was not finished", "Nobody answered"),
    ],
)
@played
async def test_that_each_way_to_fail_has_its_own_words(house, error, title, advice):
    house.policy = Policy(offered=(ACME,))
    house.fails = error

    house.presenter.show()
    house.click("Sign in to acme.zendesk.com")
    await until(lambda: title in house.view.pane.said)
    assert advice in house.view.pane.said
    assert house.view.pane.again.isVisible()


@pytest.mark.parametrize(
    ("site", "client", "wrong"), [("evil.example", "kibitz_desktop", "site"), ("acme", "no client", "client")]
)
@played
async def test_that_what_is_typed_wrong_is_said_at_its_field_and_nothing_is_opened(house, site, client, wrong):
    house.presenter.add("zendesk")
    form = house.view.form
    form.site.edit.setText(site)
    form.client.edit.setText(client)
    house.click("Sign in in the browser")
    assert {"site": form.site.error, "client": form.client.error}[wrong]
    assert form.site.text == site
    assert house.tried == []


# --- links


@pytest.mark.promise("S4")
@played
async def test_that_a_link_connects_nothing_by_itself_and_shows_where_it_leads(house):
    house.presenter.open_link(LINK)
    assert isinstance(house.asked, FromLink)
    assert house.tried == []
    assert words_on(house.view.asked).count("acme.zendesk.com") == 2
    assert "Go on only if you know this address" in words_on(house.view)
    assert house.view.focusWidget() is house.view.asked.no

    house.click("Sign in to acme.zendesk.com")
    await until(lambda: house.tried)
    assert house.tried == [ACME]
    assert house.asked is None


@pytest.mark.parametrize("how", ["button", "escape"])
@played
async def test_that_a_link_can_be_declined(house, qtbot, how):
    house.presenter.open_link(LINK)
    if how == "button":
        house.click("Not now")
    else:
        qtbot.keyClick(house.view, Qt.Key.Key_Escape)
    assert house.asked is None
    assert house.view.isVisible()
    assert house.tried == []


@played
async def test_that_a_bad_link_is_refused_with_its_reason(house):
    house.presenter.open_link("kibitz://connect?kind=zendesk&site=acme&client=c&token=hunter2")
    assert isinstance(house.asked, Refused)
    assert "carries a secret" in words_on(house.view)
    assert "hunter2" not in words_on(house.view)


@played
async def test_that_a_link_to_an_account_that_is_there_says_so(house):
    house.accounts = (CONNECTED,)
    house.presenter.open_link(LINK)
    assert "You are signed in there already" in words_on(house.view)
    house.click("Close")
    assert house.asked is None


@played
async def test_that_a_link_can_be_pasted_and_what_is_wrong_with_it_stands_there(house, qtbot):
    house.click("Paste a link from your admin")
    edit = house.view.paste.edit
    assert house.view.focusWidget() is edit
    qtbot.keyClicks(edit, "https://acme.zendesk.com")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "begins with kibitz://connect?" in house.view.paste.error
    edit.setText(LINK)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert isinstance(house.asked, FromLink)
    assert not edit.isVisible()


# --- settings files


async def open_file(house: House, path: Path) -> None:
    house.presenter.open_file(path)
    await until(lambda: house.asked is not None)


@played
async def test_that_a_settings_file_is_shown_and_replaces_nothing_before_the_click(house, tmp_path):
    path = tmp_path / "kibitz-settings.json"
    offered = (ACME, Offered(HelpdeskKind.FRESHDESK, "acme", portal="support.acme.com"))
    new = Policy(quota_share=0.05, acting=True, internal=InternalUse.NEVER, retention_days=90, offered=offered)
    path.write_text(to_text(Bundle(new)))
    house.policy = Policy(offered=(Offered(HelpdeskKind.ZENDESK, "old", "c", name="Old shop"),))
    before = house.policy
    await open_file(house, path)
    assert isinstance(house.asked, FromFile)
    said = words_on(house.view.asked)
    for sentence in (
        "kibitz-settings.json",
        "It offers 2 accounts:",
        "acme.zendesk.com",
        "Portal: support.acme.com",
        "Share of the helpdesk's request quota: 10 % now, 5 % then.",
        "Kibitz may change tickets when you ask it to.",
        "Internal texts are never suggested for public replies.",
        "Customers' texts are deleted after 90 days.",
        "No longer offered: Old shop.",
    ):
        assert sentence in said
    assert house.policy == before
    house.click("Use this file")
    assert house.policy == new
    assert [row.offer.host for row in house.view.offer_rows()] == ["acme.zendesk.com", "acme.freshdesk.com"]


@played
async def test_that_a_settings_file_can_be_declined(house, tmp_path):
    path = tmp_path / "s.json"
    path.write_text(to_text(Bundle(Policy(offered=(ACME,)))))
    await open_file(house, path)
    house.click("Not now")
    assert house.policy == Policy()
    assert house.asked is None


@played
async def test_that_bad_accounts_in_a_file_are_left_out_by_name_of_the_reason(house, tmp_path):
    path = tmp_path / "s.json"
    offered = [{"kind": "zendesk", "site": "evil.example", "client_id": "c"}, {"kind": "freshdesk", "site": "acme"}]
    path.write_text(json.dumps({"kibitz": 1, "policy": {"offered": offered, "quota_share": 7}}))
    await open_file(house, path)
    assert [one.host for one in house.asked.offers] == ["acme.freshdesk.com"]
    assert "Account 1 is left out: This is not the address of a Zendesk account." in words_on(house.view)
    assert "quota_share cannot be used, so the careful value holds." in words_on(house.view)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "This is not a settings file of Kibitz."),
        (b"\xff\xfe", "This is not a settings file of Kibitz."),
        (b"[" * 100_000, "This is not a settings file of Kibitz."),
        (
            b'{"kibitz": 2, "policy": {}}',
            "A later version of Kibitz wrote this settings file.",
        ),
        (b'{"kibitz": 1, "policy": []}', "This is not a settings file of Kibitz."),
        (b" " * (1 << 20) + b"{}", "The file is too large to be a settings file of Kibitz."),
    ],
)
@played
async def test_that_a_file_that_is_none_is_refused(house, tmp_path, content, why):
    path = tmp_path / "s.json"
    path.write_bytes(content)
    await open_file(house, path)
    assert isinstance(house.asked, Refused)
    assert house.asked.why.startswith(why)


@played
async def test_that_a_file_that_is_not_there_is_refused(house, tmp_path):
    await open_file(house, tmp_path / "missing.json")
    assert house.asked == Refused("This file is not used", "The file cannot be read: No such file or directory.")


@played
async def test_that_settings_that_cannot_be_saved_hold_and_that_is_said(house, tmp_path):
    path = tmp_path / "s.json"
    path.write_text(to_text(Bundle(Policy(acting=True))))
    house.saved = False
    await open_file(house, path)
    house.click("Use this file")
    assert house.policy.acting
    assert house.asked == Refused("Not all of it could be saved", "The disk is full.")


@played
async def test_that_a_file_can_be_chosen(house, tmp_path):
    house.file = tmp_path / "s.json"
    house.file.write_text(to_text(Bundle(Policy(acting=True))))

    house.click("Open a settings file")
    await until(lambda: house.asked is not None)
    assert isinstance(house.asked, FromFile)


def drop(house: House, data: QMimeData) -> None:
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    house.view.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys))


@played
async def test_that_a_file_or_a_link_can_be_dropped(house, tmp_path):
    path = tmp_path / "s.json"
    path.write_text(to_text(Bundle(Policy(acting=True))))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])

    drop(house, data)
    await until(lambda: house.asked is not None)
    assert isinstance(house.asked, FromFile)
    text = QMimeData()
    text.setText(LINK)
    drop(house, text)
    assert isinstance(house.asked, FromLink)


@played
async def test_that_what_is_neither_is_not_taken(house):
    several = QMimeData()
    several.setUrls([QUrl("https://evil.example/s.json")])
    drop(house, several)
    drop(house, QMimeData())
    assert house.asked is None


# --- links of this system


@played
async def test_that_nothing_is_registered_before_the_question_is_answered(house):
    house.click("Let links open in Kibitz")
    assert house.handler.here is LinksOpen.NOT_YET
    assert "Kibitz writes one file." in words_on(house.view)
    house.click("Yes, open them here")
    assert house.handler.here is LinksOpen.HERE
    house.click("Links open in Kibitz: stop that")
    assert house.handler.here is LinksOpen.NOT_YET


@played
async def test_that_a_registration_that_fails_is_said(house):
    house.handler.broken = True
    house.click("Let links open in Kibitz")
    house.click("Yes, open them here")
    assert "/home/maya/.config/mimeapps.list could not be changed: Permission denied" in words_on(house.view)


@played
async def test_that_where_links_cannot_open_it_says_why(house):
    house.handler.here = LinksOpen.NEVER
    house.click("Let links open in Kibitz")
    assert "It cannot be had here." in words_on(house.view)


@played
async def test_that_the_question_keeps_the_list_usable(house):
    house.accounts = (CONNECTED,)
    house.presenter.open_link("kibitz://connect?kind=freshdesk&site=other")
    assert house.view.rows()[0].isVisible()
    house.view.show_state(AccountsState((CONNECTED,)))
    assert house.view.asked is None
