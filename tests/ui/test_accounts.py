from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt

from assist.domain import AccountId, HelpdeskKind
from desktop.accounts import samples
from desktop.accounts.samples import GERMAN, IN_BROWSER, LINK
from desktop.accounts.state import AccountsState, Connected, Credentials, Editing, Saved, SignInWith, Trying
from desktop.accounts.view import AccountsView
from desktop.policy import Offered
from desktop.theme import Scheme
from desktop.wiring import api_token_notice
from tests.helpers.panel import words_on
from tests.ui.test_accessible import nameless

SAMPLES = [one for one in vars(samples).values() if isinstance(one, AccountsState)]
ZENDESK = Connected(AccountId("zendesk:acme"), HelpdeskKind.ZENDESK, "acme.zendesk.com", "Maya Okafor")
EXPIRED = Connected(
    AccountId("freshdesk:acme"),
    HelpdeskKind.FRESHDESK,
    "acme.freshdesk.com",
    "Maya Okafor",
    "The key no longer opens it.",
)


@pytest.fixture
def accounts(theme, show) -> AccountsView:
    return show(AccountsView(theme))


@pytest.fixture
def tried(accounts) -> list[Credentials]:
    found: list[Credentials] = []
    accounts.test_requested.connect(found.append)
    return found


def open_form(accounts, kind, **errors):
    accounts.show_state(AccountsState(form=Editing(errors)))
    accounts.start_form(kind)


def test_that_without_accounts_it_says_why_one_is_needed(accounts):
    assert "No helpdesk is connected" in words_on(accounts)
    assert "so it needs to read them" in words_on(accounts)


def test_that_accounts_are_listed_with_who_is_signed_in_and_what_is_wrong(accounts):
    accounts.show_state(AccountsState((ZENDESK, EXPIRED)))
    said = words_on(accounts)
    assert "acme.zendesk.com" in said
    assert "Zendesk · signed in as Maya Okafor" in said
    assert "The key no longer opens it." in said
    assert "No helpdesk is connected" not in said


def test_that_sign_out_and_sign_in_name_the_account(accounts, qtbot):
    said = []
    accounts.sign_out_requested.connect(lambda account: said.append(("out", account)))
    accounts.sign_in_requested.connect(lambda account: said.append(("in", account)))
    accounts.show_state(AccountsState((ZENDESK, EXPIRED)))
    for row in accounts.rows():
        for button in row.findChildren(type(row.sign_out)):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert said == [("out", "zendesk:acme"), ("in", "freshdesk:acme"), ("out", "freshdesk:acme")]


def test_that_adding_an_account_asks_for_the_form_of_its_kind(accounts, qtbot):
    asked = []
    accounts.add_requested.connect(asked.append)
    for button in accounts._add_row.findChildren(type(accounts.form.test)):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == ["zendesk", "freshdesk"]
    assert accounts.form.kind is HelpdeskKind.FRESHDESK


def test_that_a_zendesk_token_is_tried_with_its_e_mail_address(accounts, qtbot, tried):
    open_form(accounts, HelpdeskKind.ZENDESK)
    form = accounts.form
    form.more.click()
    qtbot.keyClicks(form.site.edit, " acme ")
    qtbot.keyClicks(form.email.edit, "maya@acme.example.com")
    qtbot.keyClicks(form.secret.edit, "t0ken")
    qtbot.keyClick(form.secret.edit, Qt.Key.Key_Return)
    assert tried == [Credentials(HelpdeskKind.ZENDESK, "acme", SignInWith.API_TOKEN, "t0ken", "maya@acme.example.com")]


def test_that_an_oauth_token_needs_no_e_mail_address(accounts, qtbot, tried):
    open_form(accounts, HelpdeskKind.ZENDESK)
    accounts.form.more.click()
    accounts.form._ways.button(1).click()
    assert not accounts.form.email.isVisible()
    accounts.form.site.edit.setText("acme")
    accounts.form.secret.edit.setText("0auth")
    qtbot.mouseClick(accounts.form.test, Qt.MouseButton.LeftButton)
    assert tried == [Credentials(HelpdeskKind.ZENDESK, "acme", SignInWith.OAUTH_TOKEN, "0auth")]


def test_that_freshdesk_needs_a_domain_and_a_key(accounts, qtbot, tried):
    open_form(accounts, HelpdeskKind.FRESHDESK)
    assert "View API key" in words_on(accounts)
    assert not accounts.form.email.isVisible()
    accounts.form.site.edit.setText("acme")
    accounts.form.secret.edit.setText("k3y")
    qtbot.mouseClick(accounts.form.test, Qt.MouseButton.LeftButton)
    assert tried == [Credentials(HelpdeskKind.FRESHDESK, "acme", SignInWith.API_KEY, "k3y")]


def test_that_an_empty_field_is_named_and_nothing_is_tried(accounts, qtbot, tried):
    open_form(accounts, HelpdeskKind.ZENDESK)
    accounts.form.more.click()
    accounts.form.site.edit.setText("acme")
    qtbot.mouseClick(accounts.form.test, Qt.MouseButton.LeftButton)
    assert tried == []
    assert [field.error for field in (accounts.form.site, accounts.form.email, accounts.form.secret)] == [
        "",
        "Please fill this in.",
        "Please fill this in.",
    ]


def test_that_an_error_stands_at_its_field_and_what_was_typed_stays(accounts):
    open_form(accounts, HelpdeskKind.ZENDESK)
    accounts.form.site.edit.setText("acme")
    accounts.show_state(
        AccountsState(form=Editing({"secret": "Zendesk did not accept this token.", "form": "Not saved."}))
    )
    assert accounts.form.secret.error == "Zendesk did not accept this token."
    assert accounts.form.secret.edit.accessibleDescription() == "Zendesk did not accept this token."
    assert accounts.form.status == "Not saved."
    assert accounts.form.site.text == "acme"


def test_that_while_it_is_tried_nothing_can_be_changed_but_it_can_be_given_up(accounts, qtbot):
    cancelled = []
    accounts.cancel_requested.connect(lambda: cancelled.append(True))
    accounts.show_state(AccountsState(form=Trying("acme.zendesk.com")))
    assert accounts.form.status == "Asking acme.zendesk.com who you are …"
    assert not accounts.form.test.isEnabled()
    assert not accounts.form.secret.isEnabled()
    qtbot.mouseClick(accounts.form.cancel, Qt.MouseButton.LeftButton)
    assert cancelled == [True]


@pytest.mark.promise("S1")
def test_that_the_secret_is_hidden_while_typed_and_gone_when_it_is_saved_or_left(accounts):
    open_form(accounts, HelpdeskKind.ZENDESK)
    edit = accounts.form.secret.edit
    edit.setText("t0ken")
    assert edit.displayText() == "\u25cf" * 5
    accounts.show_state(AccountsState((ZENDESK,), form=Saved("acme.zendesk.com", "Maya Okafor")))
    assert edit.text() == ""
    assert accounts.form.status == "Connected to acme.zendesk.com as Maya Okafor."

    open_form(accounts, HelpdeskKind.ZENDESK)
    edit.setText("t0ken")
    accounts.close()
    assert edit.text() == ""


@pytest.mark.promise("S1")
def test_that_credentials_do_not_print_their_secret():
    assert "t0ken" not in repr(Credentials(HelpdeskKind.ZENDESK, "acme", SignInWith.API_TOKEN, "t0ken", "m@x.org"))


@pytest.mark.promise("S2")
def test_that_without_a_keyring_it_says_that_nothing_is_kept(accounts):
    accounts.show_state(AccountsState((ZENDESK,), session_only=True))
    assert "No system keyring was found." in words_on(accounts)
    accounts.show_state(AccountsState((ZENDESK,)))
    assert "No system keyring was found." not in words_on(accounts)


def test_that_escape_closes_the_form_first_and_then_the_window(accounts, qtbot):
    said = []
    accounts.cancel_requested.connect(lambda: said.append("cancel"))
    accounts.closed.connect(lambda: said.append("closed"))
    accounts.show_state(AccountsState((ZENDESK,), form=Editing()))
    qtbot.keyClick(accounts, Qt.Key.Key_Escape)
    accounts.show_state(AccountsState((ZENDESK,)))
    qtbot.keyClick(accounts, Qt.Key.Key_Escape)
    assert said == ["cancel", "closed"]
    assert not accounts.isVisible()


def test_that_the_window_is_not_modal(accounts):
    assert not accounts.isModal()


def test_that_zendesk_is_signed_in_to_in_the_browser_unless_another_way_is_asked_for(accounts, qtbot, tried):
    wanted: list[Offered] = []
    accounts.browser_requested.connect(wanted.append)
    open_form(accounts, HelpdeskKind.ZENDESK)
    assert not accounts.form.secret.isVisible()
    accounts.form.site.edit.setText("acme")
    qtbot.keyClick(accounts.form.site.edit, Qt.Key.Key_Return)
    assert accounts.form.client.error == "Please fill this in."
    accounts.form.client.edit.setText("kibitz_desktop")
    qtbot.keyClick(accounts.form.client.edit, Qt.Key.Key_Return)
    assert wanted == [Offered(HelpdeskKind.ZENDESK, "acme", "kibitz_desktop")]
    assert tried == []


def test_that_api_tokens_are_still_taken_with_the_day_on_which_they_end(accounts):
    open_form(accounts, HelpdeskKind.ZENDESK)
    accounts.form.put_token_end(api_token_notice(date(2026, 11, 23)))
    assert "30 April 2027" not in words_on(accounts)
    accounts.form.more.click()
    assert "Zendesk's API tokens end on 30 April 2027 (158 days left)." in words_on(accounts)
    accounts.form._ways.button(1).click()
    assert "30 April 2027" not in words_on(accounts)


def test_that_a_portal_typed_as_the_domain_is_kept_and_the_domain_asked_for(accounts, qtbot, tried):
    open_form(accounts, HelpdeskKind.FRESHDESK)
    form = accounts.form
    form.secret.edit.setText("k3y")
    qtbot.keyClicks(form.site.edit, "https://Support.Acme.com/a/tickets/7")
    qtbot.keyClick(form.site.edit, Qt.Key.Key_Return)
    assert tried == []
    assert "ends in .freshdesk.com" in form.site.error
    assert (form.site.text, form.portal.text) == ("", "support.acme.com")
    qtbot.keyClicks(form.site.edit, "acme.freshdesk.com")
    qtbot.keyClick(form.site.edit, Qt.Key.Key_Return)
    assert tried == [Credentials(HelpdeskKind.FRESHDESK, "acme", SignInWith.API_KEY, "k3y", portal="support.acme.com")]


def test_that_the_domain_is_no_portal(accounts, qtbot, tried):
    open_form(accounts, HelpdeskKind.FRESHDESK)
    form = accounts.form
    form.site.edit.setText("acme")
    form.secret.edit.setText("k3y")
    form.portal.edit.setText("acme.freshdesk.com")
    qtbot.mouseClick(form.test, Qt.MouseButton.LeftButton)
    assert "Leave this empty" in form.portal.error
    assert tried == []


@pytest.mark.parametrize("scheme", list(Scheme))
def test_that_the_key_s_place_is_drawn_in_the_theme_s_colours_with_words_beside_it(accounts, theme, scheme):
    theme.use(scheme)
    open_form(accounts, HelpdeskKind.FRESHDESK)
    picture = accounts.form.picture
    assert picture.isVisible()
    drawn = picture.grab().toImage()
    colours = {drawn.pixelColor(x, y).name() for x in range(0, drawn.width(), 2) for y in range(0, 104, 2)}
    for name in ("surface", "accent", "accent_soft"):
        assert theme.color(name).name() in colours
    assert "View API key" in words_on(picture)
    assert picture.accessibleName() == "Where to find your API key"


@pytest.mark.promise("I4")
def test_that_every_control_of_every_state_has_a_name(accounts):
    for sample in SAMPLES:
        accounts.show_state(sample)
        assert nameless(accounts) == []


@pytest.mark.promise("I4")
def test_that_tab_goes_through_a_sign_in_s_buttons_in_reading_order(accounts, qtbot):
    accounts.show_state(IN_BROWSER)
    names = [accounts.focusWidget().accessibleName()]
    for _ in range(2):
        qtbot.keyClick(accounts.focusWidget(), Qt.Key.Key_Tab)
        names.append(accounts.focusWidget().accessibleName())
    assert names == ["Open the sign-in page again", "Cancel", "Copy the address instead"]


def test_that_what_is_asked_is_scrolled_to_in_a_low_window(accounts, qtbot):
    accounts.resize(accounts.width(), 300)
    many = tuple(replace(ZENDESK, account=AccountId(f"zendesk:a{number}")) for number in range(9))
    accounts.show_state(AccountsState(many, signing=IN_BROWSER.signing))
    qtbot.waitUntil(lambda: accounts.pane.open.visibleRegion().boundingRect().height() > 0)
    accounts.show_state(AccountsState(many, asked=LINK.asked))
    qtbot.waitUntil(lambda: accounts.asked.no.visibleRegion().boundingRect().height() > 0)


def test_that_long_names_and_every_script_stay_inside_the_window(accounts):
    accounts.show_state(GERMAN)
    accounts.repaint()
    for row in (*accounts.rows(), *accounts.offer_rows()):
        assert row.mapTo(accounts, row.rect().topRight()).x() < accounts.width()
        assert row.sign_out.isVisible() if row in accounts.rows() else row.sign_in.isVisible()
