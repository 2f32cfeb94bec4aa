from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from assist.domain import AccountId, HelpdeskKind
from desktop.accounts.state import AccountsState, Connected, Credentials, Editing, Saved, SignInWith, Trying
from desktop.accounts.view import AccountsView
from tests.helpers.panel import words_on

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
