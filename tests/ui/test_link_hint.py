"""The one offer of the browser link in the panel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from desktop.link.state import Pairing
from desktop.panel.state import NoAccount, NoTicket, Trouble
from desktop.preferences.browser_state import LinkState, NoLink, Paired
from desktop.settings import SettingsFile
from desktop.shell import Shell
from tests.helpers.panel import ready, words_on

SAID = "Kibitz can see which ticket is open and put replies into the composer."


@pytest.mark.parametrize(
    ("state", "shown"),
    [(NoTicket(), True), (ready("a"), True), (NoAccount(), False), (Trouble("Sign in again", ""), False)],
    ids=lambda value: type(value).__name__,
)
def test_that_the_offer_stands_where_nothing_else_is_to_be_done(panel, state, shown):
    panel.show_state(state)
    assert SAID not in words_on(panel)
    panel.offer_link(offered=True)
    assert (SAID in words_on(panel)) is shown
    panel.offer_link(offered=False)
    assert SAID not in words_on(panel)


def test_that_it_is_answered_by_keyboard(panel, qtbot):
    panel.show_state(NoTicket())
    panel.offer_link(offered=True)
    for button, signal in (
        (panel.link_hint.set_up, panel.link_setup_requested),
        (panel.link_hint.not_now, panel.link_declined),
    ):
        button.setFocus()
        with qtbot.waitSignal(signal):
            qtbot.keyClick(button, Qt.Key.Key_Space)


def test_that_while_a_code_is_shown_nothing_is_offered(panel):
    panel.show_state(NoTicket())
    panel.offer_link(offered=True)
    panel.show_pairing(Pairing("123456", "Chromium", 1e9))
    assert SAID not in words_on(panel)
    panel.show_pairing(None)
    assert SAID in words_on(panel)


class PairedLink:
    def link_state(self) -> LinkState:
        return LinkState(paired=(Paired("0a", "Chromium"),))

    def forget(self, paired_id: str) -> None:
        raise AssertionError(paired_id)


@pytest.fixture(scope="module")
def one_shell(qapp, tmp_path_factory) -> Iterator[Shell]:
    """A shell takes long to make, so all tests here have the same."""
    made = Shell(qapp, SettingsFile(tmp_path_factory.mktemp("shell") / "settings.json"))
    made.show_state(NoTicket())
    yield made
    made.close()
    if made._preferences is not None:
        made._preferences.close()


@pytest.fixture
def shell(one_shell: Shell) -> Iterator[Shell]:
    one_shell.settings.change(offer_link=True)
    one_shell.offer_link()
    yield one_shell
    one_shell.link = NoLink()


def offered(shell: Shell) -> bool:
    return shell.panel.link_hint.isVisibleTo(shell.panel)


@pytest.mark.parametrize("answer", ["set_up", "not_now"])
def test_that_once_answered_it_never_comes_again(shell, answer):
    assert offered(shell)
    getattr(shell.panel.link_hint, answer).click()
    assert not offered(shell)
    shell.offer_link()
    assert not offered(shell)
    assert not SettingsFile(shell.settings._path).value.offer_link


def test_that_set_up_opens_the_settings(shell):
    shell.panel.link_hint.set_up.click()
    assert shell._preferences.isVisible()


def test_that_it_stays_until_it_is_answered(shell):
    shell.show_state(NoTicket(helpdesk="acme"))
    assert offered(shell)
    assert SettingsFile(shell.settings._path).value.offer_link


def test_that_nothing_is_offered_to_whom_has_paired_a_browser(shell):
    shell.panel.offer_link(offered=False)
    shell.link = PairedLink()
    shell.offer_link()
    assert not offered(shell)


def test_that_pairing_ends_the_offer_for_good(shell):
    shell.never_offer_link()
    shell.offer_link()
    assert not offered(shell)


def test_that_the_offer_does_not_push_a_suggestion_out_of_a_small_panel(panel):
    panel.resize(392, 500)
    panel.show_state(ready("a"))
    panel.offer_link(offered=True)
    assert panel.pages.height() > 200
