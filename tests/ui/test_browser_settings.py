"""The settings' section about browsers, with its presenter; and the offer in the panel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.preferences import samples
from desktop.preferences.browser_presenter import BrowserDoors, BrowserPresenter
from desktop.preferences.browser_state import (
    BrowserPage,
    FoundBrowser,
    LinkedBrowser,
    LinkState,
    Looked,
    Paired,
    Standing,
)
from desktop.preferences.view import WIDTH_PX, PreferencesView
from desktop.theme import Theme
from tests.helpers.panel import words_on
from tests.ui.test_accessible import nameless

CHROMIUM = FoundBrowser("chromium", "Chromium", Standing.ABSENT, page="chrome://extensions")
READY = replace(CHROMIUM, standing=Standing.READY, step="Open chrome://extensions and load it.")
PAIR = "load the extension, then click it in the browser's toolbar and type the panel's code."
LISTENING = LinkState(listening=True)
PAIRED = LinkState(paired=(Paired("0a", "Chromium"),), listening=True)


@pytest.fixture
def view(qtbot, theme: Theme, show) -> PreferencesView:
    made = PreferencesView(theme)
    made.show_state(samples.SETTINGS)
    made.have_browser()
    return show(made)


def button(window: QWidget, name: str) -> QAbstractButton:
    found = [one for one in window.findChildren(QAbstractButton) if one.accessibleName() == name]
    return next(one for one in found if one.isVisibleTo(window))


# What is said of the link


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "Linked with Chromium, last heard just now."),
        (3.9, "Linked with Chromium, last heard 3 s ago."),
        (59.9, "Linked with Chromium, last heard 59 s ago."),
        (60.0, "Linked with Chromium, last heard 1 min ago."),
        (7_300.0, "Linked with Chromium, last heard 2 h ago."),
    ],
)
def test_that_a_link_says_when_it_was_heard_last(view, seconds, said):
    link = LinkState(linked=(LinkedBrowser("Chromium", seconds),), listening=True)
    view.browser.show_state(BrowserPage((READY,), link))
    assert view.browser.live == said


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (BrowserPage((), LISTENING), "there is no browser here that can be."),
        (BrowserPage((samples.SNAP,), LISTENING), "there is no browser here that can be."),
        (BrowserPage((CHROMIUM, samples.SNAP), LISTENING), "install it for your browser first."),
        (BrowserPage((READY,), LinkState()), "Kibitz does not listen for browsers now. Quit it and start it again."),
        (BrowserPage((READY,), LISTENING), PAIR),
        (BrowserPage((READY,), PAIRED), "start the browser, and look whether the extension is switched on."),
        (BrowserPage((READY,), LinkState(problem="the keyring is locked.")), "the keyring is locked."),
    ],
)
def test_that_without_a_link_it_says_what_to_do_next(view, page, said):
    view.browser.show_state(page)
    assert view.browser.live == f"Not linked: {said}"


def test_that_without_a_browser_it_names_those_that_it_looked_for(view):
    view.browser.show_state(samples.NO_BROWSER)
    assert "No browser that Kibitz knows was found: Chrome, Chromium, Edge, Brave or Firefox." in words_on(view)
    view.browser.show_state(samples.TO_LOAD)
    assert "No browser that Kibitz knows" not in words_on(view)


def test_that_a_browser_that_cannot_be_linked_says_why_and_has_no_button(view):
    view.browser.show_state(BrowserPage((samples.SNAP,), LISTENING))
    [row] = view.browser.rows()
    assert "This Firefox is a snap, which may not start Kibitz's host." in words_on(row)
    assert row.findChildren(QAbstractButton) == []


# What is clicked


@pytest.mark.parametrize(
    ("page", "name", "signal", "argument"),
    [
        (BrowserPage((CHROMIUM,)), "Install for Chromium", "install_requested", ["chromium"]),
        (BrowserPage((samples.EDGE,)), "Install for Microsoft Edge", "install_requested", ["edge"]),
        (BrowserPage((READY,)), "Remove from Chromium", "remove_requested", ["chromium"]),
        (BrowserPage((READY,)), "Copy chrome://extensions", "copy_requested", ["chrome://extensions"]),
        (BrowserPage((READY,)), "Open the extension's folder", "folder_requested", []),
        (BrowserPage((READY,), PAIRED), "Forget Chromium", "forget_requested", ["0a"]),
    ],
)
def test_that_each_button_is_pressed_by_the_space_bar_and_names_its_browser(qtbot, view, page, name, signal, argument):
    view.browser.show_state(page)
    with qtbot.waitSignal(getattr(view.browser, signal)) as said:
        qtbot.keyClick(button(view, name), Qt.Key.Key_Space)
    assert said.args == argument


def test_that_drafts_are_off_and_switched_by_key_or_by_a_click_on_the_words(qtbot, view):
    view.browser.show_state(samples.NO_BROWSER)
    drafts = view.browser.drafts
    assert not drafts.box.isChecked()
    with qtbot.waitSignal(view.browser.drafts_changed) as said:
        qtbot.keyClick(drafts.box, Qt.Key.Key_Space)
    assert said.args == [True]
    with qtbot.waitSignal(view.browser.drafts_changed) as said:
        qtbot.mouseClick(drafts, Qt.MouseButton.LeftButton, pos=drafts.rect().center())
    assert said.args == [False]


def test_that_showing_a_state_says_nothing(qtbot, view):
    with qtbot.assertNotEmitted(view.browser.drafts_changed), qtbot.assertNotEmitted(view.browser.install_requested):
        view.browser.show_state(samples.TO_LOAD)
    assert view.browser.drafts.box.isChecked()


def test_that_a_second_that_passes_leaves_the_rows_and_the_keyboard_where_they_are(view):
    page = BrowserPage((CHROMIUM,), LinkState((LinkedBrowser("Brave", 1.0),), listening=True))
    view.browser.show_state(page)
    install = button(view, "Install for Chromium")
    install.setFocus()
    later = LinkState((LinkedBrowser("Brave", 9.0),), listening=True)
    view.browser.show_state(replace(page, link=later))
    assert view.browser.live.endswith("9 s ago.")
    assert view.focusWidget() is install


def test_that_the_keyboard_stays_at_a_browser_that_was_just_installed(view):
    view.browser.show_state(BrowserPage((samples.EDGE, CHROMIUM)))
    button(view, "Install for Chromium").setFocus()
    view.browser.show_state(BrowserPage((samples.EDGE, READY)))
    assert view.focusWidget().accessibleName() == "Remove from Chromium"


@pytest.mark.promise("I4")
@pytest.mark.parametrize("page", [samples.LINKED, samples.TO_LOAD, samples.NO_BROWSER])
def test_that_every_control_of_the_settings_has_a_name(view, page):
    view.browser.show_state(page)
    assert nameless(view) == []


def test_that_the_window_is_never_higher_than_the_screen_and_scrolls_to_the_last_button(view):
    many = tuple(replace(samples.SNAP, key=str(number), name=f"Browser {number}") for number in range(12))
    view.browser.show_state(BrowserPage((*many, READY), PAIRED))
    assert view.height() <= view.screen().availableGeometry().height()
    view.browser.drafts.box.setFocus(Qt.FocusReason.TabFocusReason)
    view._area.ensureWidgetVisible(view.browser.drafts.box)
    assert not view.browser.drafts.box.visibleRegion().isEmpty()


def test_that_the_window_is_as_wide_as_its_longest_button_before_it_is_shown(qtbot, theme, show):
    made = PreferencesView(theme)
    made.show_state(samples.SETTINGS)
    made.have_browser()
    made.browser.folder.put("Ordner der Browsererweiterung im Dateimanager öffnen und anzeigen")
    made.browser.show_state(samples.TO_LOAD)
    show(made)
    right = made.browser.folder.mapTo(made, made.browser.folder.rect().topRight())
    assert WIDTH_PX < right.x() < made.width()


def test_that_a_browser_s_name_of_any_script_is_plain_text_and_does_not_widen_the_window(view):
    before = view.width()
    name = "<b>客户服务浏览器</b> 🎧 " * 6
    link = LinkState((LinkedBrowser(name, 1.0),), (Paired("0a", name),), listening=True)
    view.browser.show_state(BrowserPage((replace(READY, name=name),), link))
    assert view.width() == before
    assert "<b>" in view.browser.live


# The presenter


@dataclass
class FakeSetup:
    found: tuple[FoundBrowser, ...] = (CHROMIUM,)
    problem: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)
    looks: int = 0
    extension_folder: str = "/data/extension"

    def look(self) -> Looked:
        self.looks += 1
        return Looked(self.found)

    def install(self, key: str) -> str:
        self.said.append(("install", key))
        self.found = self.found if self.problem else (READY,)
        return self.problem

    def remove(self, key: str) -> str:
        self.said.append(("remove", key))
        self.found = (CHROMIUM,)
        return ""


@dataclass
class FakeLink:
    state: LinkState = LISTENING

    def link_state(self) -> LinkState:
        return self.state

    def forget(self, paired_id: str) -> None:
        self.state = replace(self.state, paired=tuple(one for one in self.state.paired if one.id != paired_id))


@dataclass
class Desk:
    """The presenter's surroundings, and what was asked of them."""

    setup: FakeSetup
    link: FakeLink
    copies: bool = True
    drafts: bool = False
    door: bool = False
    said: list[object] = field(default_factory=list)

    def doors(self) -> BrowserDoors:
        return BrowserDoors(
            setup=self.setup,
            link=lambda: self.link,
            copy=lambda text: self.said.append(text) or self.copies,
            open_folder=self.said.append,
            drafts=lambda: self.drafts,
            use_drafts=self.said.append,
            door=lambda: self.door,
            use_door=lambda wanted: self.said.append(("door", wanted)),
        )


@pytest.fixture
def desk(qtbot, theme: Theme, show) -> Desk:
    return Desk(FakeSetup(), FakeLink())


@pytest.fixture
def watched(theme: Theme, show, desk: Desk) -> PreferencesView:
    made = PreferencesView(theme)
    made.show_state(samples.SETTINGS)
    made.presenter = BrowserPresenter(made.browser, desk.doors())
    made.have_browser()
    return show(made)


def test_that_it_looks_when_it_is_seen_and_watches_the_link_each_second(qtbot, watched, desk):
    assert desk.setup.looks == 1
    assert watched.browser.live == "Not linked: install it for your browser first."
    desk.link.state = LinkState((LinkedBrowser("Chromium", 0.0),), listening=True)
    qtbot.waitUntil(lambda: watched.browser.live == "Linked with Chromium, last heard just now.")
    assert desk.setup.looks == 1


def test_that_nothing_is_asked_while_it_cannot_be_seen(watched):
    timer = watched.presenter._timer
    assert timer.isActive()
    watched.hide()
    assert not timer.isActive()
    watched.show()
    assert timer.isActive()


def test_that_install_and_remove_are_done_and_their_result_shown(qtbot, watched, desk):
    button(watched, "Install for Chromium").click()
    assert desk.setup.said == [("install", "chromium")]
    assert "Open chrome://extensions and load it." in words_on(watched)
    button(watched, "Remove from Chromium").click()
    assert desk.setup.said[1:] == [("remove", "chromium")]
    assert button(watched, "Install for Chromium")


def test_that_what_went_wrong_is_said_until_the_next_try(watched, desk):
    desk.setup.problem = "/x could not be changed: Permission denied"
    button(watched, "Install for Chromium").click()
    assert "/x could not be changed: Permission denied" in words_on(watched)
    desk.setup.problem = ""
    button(watched, "Install for Chromium").click()
    assert "could not be changed" not in words_on(watched)


def test_that_what_is_done_by_hand_is_no_longer_said_of_a_linked_browser(qtbot, watched, desk):
    button(watched, "Install for Chromium").click()
    desk.link.state = LinkState((LinkedBrowser("Chromium", 0.0),), listening=True)
    qtbot.waitUntil(lambda: "Open chrome://extensions" not in words_on(watched))


def test_that_the_address_and_the_folder_go_where_they_should(watched, desk):
    button(watched, "Install for Chromium").click()
    button(watched, "Copy chrome://extensions").click()
    button(watched, "Open the extension's folder").click()
    watched.browser.drafts.box.click()
    assert desk.said == ["chrome://extensions", "/data/extension", True]


@pytest.mark.promise("S5")
def test_that_the_door_is_shut_and_only_a_click_opens_it(qtbot, watched, desk):
    assert not watched.browser.door.box.isChecked()
    watched.browser.door.box.click()
    assert desk.said == [("door", True)]
    desk.door = True
    qtbot.waitUntil(watched.browser.door.box.isChecked)


def test_that_a_door_that_cannot_be_opened_says_why(qtbot, watched, desk):
    why = "Another program uses port 47811 of this computer, so no app can connect."
    desk.link.state = replace(LISTENING, door_problem=why)
    qtbot.waitUntil(lambda: why in words_on(watched))
    desk.link.state = LISTENING
    qtbot.waitUntil(lambda: why not in words_on(watched))


def test_that_a_clipboard_that_is_held_is_said(watched, desk):
    desk.copies = False
    button(watched, "Install for Chromium").click()
    button(watched, "Copy chrome://extensions").click()
    assert "Another program holds the clipboard. Try again." in words_on(watched)


def test_that_a_forgotten_browser_is_gone_at_once(qtbot, watched, desk):
    desk.link.state = PAIRED
    qtbot.waitUntil(lambda: len(watched.browser.paired_rows()) == 1)
    button(watched, "Forget Chromium").click()
    assert watched.browser.paired_rows() == ()
    assert "Paired browsers" not in words_on(watched)
