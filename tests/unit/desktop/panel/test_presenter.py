from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from assist.domain import EventKind, SuggestionId, Visibility
from assist.errors import NotThere, StoreError
from desktop.panel.presenter import Outlets, PanelPresenter
from tests.helpers.fakes import Table, help_for, run, table


class FakeReady(QObject):
    """The part of the panel that asks before text leaves it which not everyone may read."""

    internal_answered = Signal(str, bool)

    def ask_internal(self, _suggestion_id: str, _visibility: Visibility) -> bool:
        raise AssertionError("nothing of these tests is internal")


class FakeView(QObject):
    """The panel's signals, without the panel."""

    use_requested = Signal(str, str)
    edited = Signal(str, str)
    dismissed = Signal(str, str)
    undo_dismiss = Signal(str)
    source_open = Signal(str)
    article_open = Signal(str)
    article_copy_link = Signal(str)
    article_copy_passage = Signal(str)
    ticket_open = Signal(object)
    alert_dismissed = Signal(str)
    retry = Signal()
    quick_open_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.ready = FakeReady()


class FakeQuickOpen(QObject):
    open_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.visible = False
        self.error = ""

    def show_open(self) -> None:
        self.visible, self.error = True, ""

    def show_error(self, text: str) -> None:
        self.error = text

    def hide(self) -> None:
        self.visible = False


class Browser(QObject):
    """Takes every address that Qt is asked to open, whatever its scheme."""

    SCHEMES = ("https", "http", "file", "javascript", "data", "mailto", "ftp", "")

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toString())


class Stage:
    def __init__(self, at: Table) -> None:
        self.at = at
        self.view = FakeView()
        self.quick_open = FakeQuickOpen()
        self.clipboard: list[str] = []
        self.clipboard_takes = True
        self.notices: list[str] = []
        self.used = 0
        self.presenter = PanelPresenter(
            self.view,
            self.quick_open,
            session=at.session,
            desk=at.desk,
            tasks=at.tasks,
            outlets=Outlets(self._copy, self.notices.append, self._used),
        )

    def _copy(self, text: str) -> bool:
        if self.clipboard_takes:
            self.clipboard.append(text)
        return self.clipboard_takes

    def _used(self) -> None:
        self.used += 1

    def after(self, *acts) -> None:
        """Open ticket 7, do what the agent does, and let everything come to its end."""

        async def scenario():
            await self.at.open()
            for act in acts:
                act()
                await self.at.settle()

        run(scenario())
        assert self.at.errors == []


@pytest.fixture
def at(qapp, tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def stage(at):
    return Stage(at)


@pytest.fixture
def browser(qapp):
    made = Browser()
    for scheme in Browser.SCHEMES:
        QDesktopServices.setUrlHandler(scheme, made, "take")
    yield made
    for scheme in Browser.SCHEMES:
        QDesktopServices.unsetUrlHandler(scheme)


@pytest.mark.promise("D1")
def test_that_the_log_knows_of_a_use_before_the_clipboard_does(stage, at):
    logged_before = []
    real = stage._copy

    def copy(text: str) -> bool:
        logged_before.append(at.store.log.standing(SuggestionId("s7-1")))
        return real(text)

    stage.presenter._using._outlets = replace(stage.presenter._using._outlets, copy=copy)
    stage.after(lambda: stage.view.use_requested.emit("s7-1", "key"))
    assert stage.clipboard == ["Reply to 7."]
    assert [decision.kind for decision in logged_before] == [EventKind.USED]
    assert stage.used == 1


def test_that_an_edited_text_is_what_is_copied(stage, at):
    stage.after(lambda: stage.view.edited.emit("s7-1", "Reply to 7, soon."))
    assert stage.clipboard == ["Reply to 7, soon."]
    assert at.store.log.standing(SuggestionId("s7-1")).kind is EventKind.EDITED


@pytest.mark.promise("D1")
@pytest.mark.promise("D4")
def test_that_nothing_is_copied_and_that_is_said_when_the_log_cannot_be_written(stage, at, monkeypatch):
    async def full(_self, *_events):
        raise StoreError("the disk is full")

    def use():
        monkeypatch.setattr(type(at.store.log), "append", full)
        stage.view.use_requested.emit("s7-1", "key")

    stage.after(use)
    assert stage.clipboard == []
    assert "the disk is full" in stage.notices[-1]
    assert stage.used == 0


def test_that_a_clipboard_that_refuses_is_said(stage):
    stage.clipboard_takes = False
    stage.after(lambda: stage.view.use_requested.emit("s7-1", "key"))
    assert stage.notices == ["The clipboard did not take the text. Please try again."]


@pytest.mark.promise("N5")
def test_that_a_use_of_another_tickets_reply_copies_nothing_and_says_why(stage, at):
    stage.after(
        lambda: at.session.open(at.ref(8)),
        lambda: stage.view.use_requested.emit("s7-1", "key"),
        lambda: stage.view.edited.emit("s7-1", "mine"),
    )
    assert stage.clipboard == []
    assert stage.notices == ["Another ticket is in front now, so nothing was copied."] * 2
    assert stage.used == 0


def test_that_dismissing_and_undoing_reach_the_log(stage, at):
    stage.after(
        lambda: stage.view.dismissed.emit("s7-1", "too long"),
        lambda: stage.view.undo_dismiss.emit("s7-1"),
    )
    assert at.kinds()[-2:] == ["dismissed", "undismissed"]


@pytest.mark.parametrize(
    ("signal", "how", "copied"),
    [
        ("article_copy_link", "copy-link", "https://acme.example.com/hc/articles/5"),
        ("article_copy_passage", "copy-passage", "You can return an unused item within 60 days."),
    ],
)
def test_that_what_is_copied_of_an_article_is_logged(stage, at, signal, how, copied):
    stage.after(lambda: getattr(stage.view, signal).emit("a7-1"))
    assert stage.clipboard == [copied]
    assert at.store.log.standing(SuggestionId("a7-1")).how == how


def test_that_an_article_and_a_ticket_open_in_the_browser(stage, at, browser):
    stage.after(
        lambda: stage.view.article_open.emit("a7-1"),
        lambda: stage.view.ticket_open.emit(at.ref(7)),
    )
    assert browser.opened == ["https://acme.example.com/hc/articles/5", "https://acme.example.com/agent/tickets/7"]
    assert at.store.log.standing(SuggestionId("a7-1")).how == "open"


@pytest.mark.promise("U1")
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.com/a",
        "mailto:a@example.com",
        "//example.com/a",
        "https:///nowhere bad",
        "",
    ],
)
def test_that_only_web_addresses_are_opened_whatever_the_helpdesk_sent(stage, at, browser, url):
    usual = help_for(7)
    reply = replace(usual.replies[0], source=replace(usual.replies[0].source, url=url))
    at.engine.answers[7] = [replace(usual, replies=(reply,), articles=(replace(usual.articles[0], url=url),))]
    stage.after(
        lambda: stage.view.article_open.emit("a7-1"),
        lambda: stage.view.source_open.emit("s7-1"),
    )
    assert browser.opened == []


def test_that_the_source_of_a_reply_opens_without_being_a_decision(stage, at, browser):
    usual = help_for(7)
    reply = replace(usual.replies[0], source=replace(usual.replies[0].source, url="https://acme.example.com/t/8"))
    at.engine.answers[7] = [replace(usual, replies=(reply,))]
    stage.after(lambda: stage.view.source_open.emit("s7-1"))
    assert browser.opened == ["https://acme.example.com/t/8"]
    assert at.kinds() == ["shown", "shown"]


@pytest.mark.parametrize("typed", ["8", "#8", " https://acme.example.com/agent/tickets/8 "])
def test_that_a_typed_number_or_address_opens_its_ticket(stage, at, typed):
    stage.after(
        stage.view.quick_open_requested.emit,
        lambda: stage.quick_open.open_requested.emit(typed),
    )
    assert at.session.front == at.ref(8)
    assert not stage.quick_open.visible


@pytest.mark.promise("S4")
@pytest.mark.parametrize(
    "typed", ["", "tent", "-8", "0", "https://evil.example.com/agent/tickets/8", "javascript:8", "9" * 30]
)
def test_that_what_names_no_ticket_is_said_where_it_was_typed(stage, at, typed):
    stage.after(
        stage.view.quick_open_requested.emit,
        lambda: stage.quick_open.open_requested.emit(typed),
    )
    assert stage.quick_open.error == "This is not a ticket of a connected helpdesk."
    assert stage.quick_open.visible
    assert at.session.front == at.ref(7)


def test_that_without_a_helpdesk_quick_open_says_to_connect_one(stage, at):
    at.desk.remove(at.helpdesk.account)
    stage.quick_open.open_requested.emit("8")
    assert stage.quick_open.error == "Connect a helpdesk first."


def test_that_retry_reads_the_ticket_again(stage, at):
    stage.after(stage.view.retry.emit)
    assert at.helpdesk.count("open_ticket") == 2


def test_that_the_page_of_a_ticket_that_kibitz_cannot_read_is_opened_by_its_account_and_number(stage, at, browser):
    at.helpdesk.tickets[7] = NotThere("no such ticket")

    async def scenario():
        at.session.open(at.ref())
        await at.settle()
        stage.presenter.open_front()
        at.session.close()
        await at.settle()
        stage.presenter.open_front()

    run(scenario())
    assert browser.opened == [at.helpdesk.ticket_url(7)]
