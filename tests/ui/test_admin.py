"""The admin window on a real policy file, a real store and its presenter."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QSpinBox, QWidget

from assist.engine.client import EngineClient
from assist.engine.protocol import Start
from assist.errors import Unreachable
from assist.ports import EVERYTHING, Named, Places, SyncScope
from desktop.admin import samples
from desktop.admin.presenter import AdminDoors, AdminPresenter
from desktop.admin.state import AccountLine, AdminState, DataPage, FilePage, Page, ReadingPage
from desktop.admin.view import AdminView
from desktop.keeping import Keeping
from desktop.policy import InternalUse, PolicyFile
from desktop.settings import SettingsFile
from desktop.tasks import TaskSet
from desktop.theme import Scheme
from resources import ROOT
from tests.helpers.builders import ACME, a_shown, an_open_ticket
from tests.helpers.fakes import HandClock, run, until
from tests.helpers.panel import words_on
from tests.helpers.store import KEY, append, opened

PLACES = Places((Named(1, "Tarn"), Named(2, "Fell")), (Named(5, "Repairs"),), (Named(9, "Tents"),))


class Office:
    """A window, its presenter and what is behind them."""

    def __init__(self, store, theme, folder) -> None:
        self.store = store
        self.policy = PolicyFile(folder)
        self.asked: list[str] = []
        self.notices: list[str] = []
        self.errors: list[BaseException] = []
        self.places: Places | Exception = PLACES
        self.file = folder / "team.json"
        self.tasks = TaskSet(lambda _, error: self.errors.append(error))
        self.view = AdminView(theme)
        start = Start(store.path, KEY, ROOT / "models", ROOT / "triggers.toml")
        self.keeping = Keeping(
            store,
            EngineClient(start, keep_vectors=lambda _: asyncio.sleep(0)),
            HandClock(),
            lambda: self.policy.value,
            on_changes=lambda *_: None,
            forget_memory=lambda *_: None,
        )
        doors = AdminDoors(
            policy=self.policy,
            settings=SettingsFile(folder / "settings.json"),
            config=folder,
            keeping=self.keeping,
            accounts=lambda: (AccountLine(ACME, "acme.zendesk.com", "Zendesk", "Maya"),),
            places=self._places,
            ask_open=self._file,
            ask_save=lambda _: self._file(),
            manage=lambda: self.asked.append("accounts"),
            set_up=lambda: self.asked.append("set up"),
            save_report=lambda: self.asked.append("report"),
            open_logs=lambda: self.asked.append("logs"),
            notice=self.notices.append,
        )
        self.presenter = AdminPresenter(self.view, doors, self.tasks)

    async def _places(self, _account):
        if isinstance(self.places, Exception):
            raise self.places
        return self.places

    async def _file(self):
        return self.file

    def after(self, *acts) -> None:
        """Do one thing after the other, and let each come to its end."""

        async def scenario():
            for act in acts:
                act()
                await until(lambda: len(self.tasks) == 0)
                QApplication.processEvents()

        run(scenario())
        assert self.errors == []

    def go(self, page: Page):
        return lambda: self.presenter.show(page)

    @property
    def card(self):
        return self.view.reading.card_of(ACME)


@pytest.fixture
def office(theme, tmp_path, qtbot):
    with opened(tmp_path / "kibitz.db") as store:
        made = Office(store, theme, tmp_path)
        qtbot.addWidget(made.view)
        yield made


def box(listed, id_: int):
    return listed._checks[id_].box


@pytest.mark.promise("U4")
def test_that_a_scope_is_chosen_told_used_and_undone(office):
    office.after(office.go(Page.READING), lambda: box(office.card.brands, 1).click())
    assert "What is outside is removed from this computer." in words_on(office.view)
    assert office.policy.value.scope(ACME) == EVERYTHING

    office.after(office.card.use.click)
    assert office.policy.value.scope(ACME) == SyncScope(brands=frozenset({1}))
    assert box(office.card.brands, 1).isChecked()

    office.after(office.view.reading.done.undo.click)
    assert office.policy.value.scope(ACME) == EVERYTHING
    assert not office.view.reading.done.isVisible()


def test_that_a_choice_that_is_gone_from_the_helpdesk_can_be_left_out(office):
    office.policy.change(scopes={ACME: SyncScope(groups=frozenset({5, 77}))})
    office.after(office.go(Page.READING))

    assert office.card.scope.groups == {5, 77}
    assert "Without a name (77)" in words_on(office.card)


def test_that_a_helpdesk_that_does_not_answer_loses_no_choice(office):
    office.policy.change(scopes={ACME: SyncScope(brands=frozenset({1}))})
    office.places = Unreachable("The helpdesk cannot be reached.")
    office.after(office.go(Page.READING), lambda: office.card.months.setValue(3), lambda: (office.card.use.click(),))

    assert office.policy.value.scope(ACME) == SyncScope(brands=frozenset({1}), months=3)
    assert "The helpdesk cannot be reached." in words_on(office.card)


def test_that_switches_hold_at_once(office):
    view = office.view
    office.after(
        office.go(Page.REPLIES),
        view.replies.radio(InternalUse.NEVER).click,
        view.replies.acting.box.click,
        lambda: view.reading.solved.setValue(5_000),
        view.accounts.manage.click,
        view.accounts.setup.click,
        view.diagnostics.save.click,
        view.diagnostics.folder.click,
    )

    found = PolicyFile(office.file.parent).value
    assert (found.internal, found.acting, found.solved_tickets) == (InternalUse.NEVER, True, 5_000)
    assert office.asked == ["accounts", "set up", "report", "logs"]


@pytest.mark.promise("D7")
def test_that_a_shorter_retention_is_asked_about_first(office):
    data = office.view.data
    office.after(office.go(Page.DATA), lambda: data.days.setValue(30))
    assert data.confirm_days.is_asking
    assert office.policy.value.retention_days == 0

    office.after(data.confirm_days.no.click)
    assert (office.policy.value.retention_days, data.days.value()) == (0, 0)

    office.after(lambda: data.days.setValue(30), data.confirm_days.yes.click)
    assert office.policy.value.retention_days == 30

    office.after(lambda: data.days.setValue(90))
    assert office.policy.value.retention_days == 90


@pytest.mark.promise("D7")
def test_that_a_customer_is_found_asked_about_and_deleted(office, qtbot):
    run(office.store.tickets.put(an_open_ticket()))
    append(office.store, a_shown(text="Hi Inês"))
    data = office.view.data
    office.after(
        office.go(Page.DATA), lambda: data.who.setText("caldeira"), lambda: qtbot.keyClick(data.who, Qt.Key.Key_Return)
    )
    assert [row.found.customer.id for row in data.rows] == [900]

    office.after(data.rows[0].delete.click)
    held = "Kept: 1 opened ticket, 1 text in the journal."
    assert f"Delete all that is kept of Inês Caldeira? {held} This cannot be undone." in words_on(office.view)
    office.after(lambda: qtbot.keyClick(data.confirm.no, Qt.Key.Key_Escape))
    assert office.keeping._forgetting.find(ACME, "900") != ()

    office.after(data.rows[0].delete.click, data.confirm.yes.click)
    assert office.keeping._forgetting.find(ACME, "900") == ()
    said = words_on(office.view)
    assert "acme.zendesk.com itself still holds the customer: delete them there too." in said
    assert "Nothing is kept of anybody" not in said


def test_that_nobody_found_is_said_and_databases_set_aside_are_named(office):
    aside = office.store.path.with_name("kibitz.db.damaged-20261101T120000.000000Z")
    aside.write_bytes(b"x")
    data = office.view.data
    office.after(office.go(Page.DATA), lambda: data.search_requested.emit("nobody"))

    assert "Nothing is kept of anybody of that name, address or id." in words_on(office.view)
    assert aside.name in words_on(office.view)

    office.after(data.who.clear, data.search.click)
    assert "Nothing is kept of anybody" not in words_on(office.view)
    office.after(data.aside.click)
    assert not aside.exists()


def test_that_an_export_is_imported_after_a_look_and_undone(office):
    view = office.view.file
    office.policy.change(retention_days=365)
    office.after(office.go(Page.FILE), view.export.click)
    assert office.file.exists()
    office.policy.change(retention_days=0)

    office.after(view.choose.click)
    assert "Customers' texts are deleted after 365 days." in words_on(office.view)
    assert office.policy.value.retention_days == 0

    office.after(view.use.click)
    assert office.policy.value.retention_days == 365
    office.after(view.done.undo.click)
    assert office.policy.value.retention_days == 0


def test_that_a_file_of_another_kind_is_refused_in_place(office):
    office.file.write_text("{}", encoding="utf-8")
    office.after(office.go(Page.FILE), office.view.file.choose.click)

    assert "This is not a settings file of Kibitz." in words_on(office.view)


@pytest.mark.promise("I4")
def test_that_pages_are_reached_by_keyboard_and_everything_has_a_name(theme, show, qtbot):
    view = show(AdminView(theme))
    view.page_chosen.connect(lambda page: view.show_state(replace(samples.STATE, page=Page(page))))
    view.show_state(samples.STATE)
    seen = []
    for _ in Page:
        seen.append(view.page)
        nameless = [
            one
            for one in view._stack.currentWidget().findChildren(QWidget)
            if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and not one.accessibleName()
            if not isinstance(one.parentWidget(), QSpinBox)
        ]
        assert nameless == [], view.page
        qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert seen == list(Page)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


LONG = "Rückerstattungsbearbeitungszeitraum für Großhandelskundinnen und -kunden 退货与换货 🏕️ " * 3


@pytest.mark.promise("I4")
def test_that_long_names_in_any_script_fit_a_small_window(theme, show):
    view = show(AdminView(theme), QSize(620, 420))
    line = replace(samples.ACCOUNTS[0], name=LONG, agent=LONG, problem=LONG)
    reading = replace(samples.READING.accounts[0], name=LONG, problem=LONG)
    brands = tuple(replace(one, name=LONG) for one in reading.brands) * 6
    customer = replace(samples.INES.customer, name=LONG, email=LONG)
    found = replace(samples.INES, customer=customer, account_name=LONG)
    state = AdminState(
        accounts=(line,),
        reading=ReadingPage((replace(reading, brands=brands),), changed=LONG),
        data=DataPage(found=(found,), asking=found, done=LONG, problem=LONG, set_aside=(LONG,)),
        file=FilePage(LONG, (LONG,), (LONG,), LONG, LONG, can_undo=True),
    )
    for scheme in (Scheme.DARK, Scheme.LIGHT):
        theme.use(scheme)
        for page in Page:
            view.show_state(replace(state, page=page))
            QApplication.processEvents()
            body = view._stack.currentWidget().widget()
            assert body.width() <= view._stack.width(), page


def test_that_every_page_has_something_to_say_when_there_is_nothing(theme, show):
    view = show(AdminView(theme))
    for page in Page:
        view.show_state(AdminState(page))
        assert len(words_on(view._stack.currentWidget())) > 40, page
    view.show_state(AdminState(Page.READING))
    assert "No helpdesk is connected" in words_on(view)
