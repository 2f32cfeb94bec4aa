"""The agent at the sheet: a real panel over a real store, and a helpdesk in memory."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from assist.acts import Act, ActKind, Change, Preview
from assist.domain import Decision, EventKind, SuggestionId, TicketStatus, Visibility
from assist.errors import Moved, NotGranted, StoreError, Unanswered, Unreachable
from assist.store.acts import ActState
from desktop.acting.making import news_line
from desktop.meanwhile import Moved as WroteMeanwhile
from desktop.policy import InternalUse
from tests.helpers.acting_desk import INTERNAL, TEXT, Desk, Light
from tests.helpers.builders import NOON, a_shown, a_source, a_ticket
from tests.helpers.fakes import help_for, run, until
from tests.helpers.panel import words_on
from tests.helpers.store import append, opened


@pytest.fixture
def desk(theme, tmp_path, qtbot):
    light = Light(theme)
    qtbot.addWidget(light)
    with opened(tmp_path / "kibitz.db") as store:
        yield Desk(light, store)


@pytest.fixture
def whole(panel, tmp_path):
    """The same on a whole panel, as an agent sees it."""
    with opened(tmp_path / "kibitz.db") as store:
        yield Desk(panel, store)


def click_send(desk):
    return desk.panel.ready.replies[0]._send.click


def with_reply(desk, **fields):
    """Let the reply for ticket 7 have these fields."""
    made = help_for(7)
    reply = replace(made.replies[0], **{"source": a_source("reply:8:1"), **fields})
    desk.at.engine.answers[7] = [replace(made, replies=(reply,))]


@pytest.mark.promise("U7")
def test_that_nothing_of_it_is_to_be_seen_while_the_admin_does_not_allow_it(whole):
    whole.allowed = False
    whole.after(lambda: whole.acting.ask_reply("s7-1"), lambda: whole.acting.ask(ActKind.NOTE))
    assert "Send from here" not in words_on(whole.panel)
    assert not whole.panel.header.change.isVisibleTo(whole.panel)
    assert not whole.shows_sheet
    assert whole.actor.asked == []


@pytest.mark.promise("U7")
def test_that_asking_to_send_only_shows_what_would_be_sent(desk):
    desk.after(desk.ask)
    assert desk.shows_sheet
    said = words_on(desk.panel)
    assert "Public: the customer will see it" in said
    assert "To: Ana <ana@example.com>" in said
    assert TEXT in said
    assert desk.page.send.text() == "Send public reply"
    assert (desk.written, desk.states()) == ([], [])


def test_that_sending_writes_it_once_and_logs_the_use(desk):
    desk.after(desk.ask, desk.send)
    assert [text for _, text in desk.written] == [TEXT]
    standing = desk.at.store.log.standing(SuggestionId("s7-1"))
    assert (standing.kind, standing.text, standing.how) == (EventKind.USED, TEXT, "send")
    assert desk.states() == [ActState.DONE]
    assert desk.sent == [desk.at.ref()]
    assert "Sent at" in words_on(desk.panel)


def test_that_the_card_says_that_it_was_sent(whole):
    whole.after(click_send(whole), whole.send, whole.page.close_button.click)
    assert not whole.shows_sheet
    assert "It was sent." in words_on(whole.panel)
    assert whole.at.store.acts.on_ticket(whole.at.ref())[0].preview is None


def test_that_the_agents_own_version_is_what_is_sent_and_logged_as_edited(desk):
    desk.after(desk.ask, desk.type("Reply to 7, shorter."), desk.send)
    assert [text for _, text in desk.written] == ["Reply to 7, shorter."]
    assert desk.actor.written[0].html == "<p>Reply to 7, shorter.</p>"
    assert desk.at.store.log.standing(SuggestionId("s7-1")).kind is EventKind.EDITED


@pytest.mark.promise("U7")
def test_that_no_key_but_ctrl_enter_in_the_sheet_sends(whole):
    def keys():
        whole.panel.ready.replies[0].setFocus()
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_1, Qt.Key.Key_U, Qt.Key.Key_S):
            QTest.keyClick(whole.panel, key)

    def in_editor():
        whole.page.editor.setFocus()
        for key in (Qt.Key.Key_Return, Qt.Key.Key_1, Qt.Key.Key_Up):
            QTest.keyClick(whole.page.editor, key)

    whole.after(keys, click_send(whole), keys, in_editor)
    assert whole.written == []
    whole.after(lambda: QTest.keyClick(whole.page.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier))
    assert len(whole.written) == 1


def test_that_a_second_click_sends_nothing_more(desk):
    desk.after(desk.ask, lambda: (desk.send(), desk.send(), desk.page.send_requested.emit(TEXT)))
    assert len(desk.written) == 1


def test_that_cancel_and_escape_leave_everything_as_it_was(whole):
    whole.after(click_send(whole), whole.page.cancel.click)
    assert not whole.shows_sheet
    whole.after(click_send(whole), lambda: QTest.keyClick(whole.page.editor, Qt.Key.Key_Escape))
    assert not whole.shows_sheet
    assert not whole.panel.is_collapsed
    assert whole.written == []


@pytest.mark.promise("N6")
def test_that_a_ticket_that_moved_on_since_the_suggestion_opens_no_sheet(desk):
    desk.news = "Anna answered 40 s ago. Look first."
    desk.after(desk.ask)
    assert not desk.shows_sheet
    assert desk.notices == ["Anna answered 40 s ago. Look first."]
    assert "preview" not in desk.actor.asked


@pytest.mark.promise("N6")
def test_that_a_ticket_that_moves_on_under_the_sheet_keeps_the_text_and_can_be_tried_again(desk):
    def somebody_writes():
        desk.actor.version += 1

    desk.after(desk.ask, desk.type("My words."), somebody_writes, desk.send)
    assert desk.written == []
    assert "your text is kept" in words_on(desk.panel)
    assert desk.page.editor.toPlainText() == "My words."
    desk.after(desk.page.copy.click, desk.page.way.click, desk.send)
    assert desk.copied == ["My words."]
    assert [text for _, text in desk.written] == ["My words."]
    assert desk.states() == [ActState.REFUSED, ActState.DONE]


@pytest.mark.promise("U5")
def test_that_internal_text_needs_a_click_of_its_own_before_a_customer_gets_it(desk):
    with_reply(desk, source=a_source("reply:8:1", visibility=Visibility.AGENTS))
    desk.after(desk.ask, desk.send)
    assert desk.written == []
    assert "Internal: agents only" in words_on(desk.panel)
    desk.after(desk.page._agree.box.click, desk.send)
    assert len(desk.written) == 1


@pytest.mark.promise("U5")
def test_that_internal_text_is_not_sent_where_the_admin_forbids_it(desk):
    desk.internal = InternalUse.NEVER
    with_reply(desk, source=a_source("reply:8:1", visibility=Visibility.RESTRICTED))
    desk.after(desk.ask, desk.send, lambda: desk.page.send_requested.emit(TEXT))
    assert "does not allow it in public replies" in words_on(desk.panel)
    assert desk.written == []


def test_that_open_places_have_to_be_agreed_to(desk):
    with_reply(desk, text="Your number is [number].", open_slots=("[number]",))
    desk.after(desk.ask, desk.send)
    assert desk.written == []
    assert not desk.page.send.isEnabled()
    desk.after(desk.type("Your number is 12."), desk.send)
    assert [text for _, text in desk.written] == ["Your number is 12."]


def test_that_an_open_place_of_which_only_a_part_was_filled_has_to_be_agreed_to(desk):
    with_reply(desk, text="The [name of [item]] left.", open_slots=("[name of [item]]",))
    desk.after(desk.ask, desk.type("The [name of tent] left."), desk.send)
    assert desk.written == []


@pytest.mark.promise("N5")
def test_that_a_sheet_stays_with_its_ticket_and_keeps_what_was_typed(desk):
    desk.after(desk.ask, desk.type("Half a sent"), desk.switch_to(8))
    assert not desk.shows_sheet
    desk.after()
    assert desk.shows_sheet
    assert desk.page.editor.toPlainText() == "Half a sent"
    assert desk.written == []


@pytest.mark.promise("N5")
def test_that_what_ends_while_another_ticket_is_in_front_is_only_said(desk):
    gate = asyncio.Event()

    async def wait(what):
        if what == "perform":
            await gate.wait()

    async def scenario():
        await desk.at.open()
        desk.ask()
        await desk.at.settle()
        desk.actor.wait = wait
        desk.send()
        desk.at.session.open(desk.at.ref(8))
        await until(lambda: desk.at.session.opened is not None)
        gate.set()
        await desk.at.settle()

    run(scenario())
    assert not desk.shows_sheet
    assert [notice.partition(":")[0] for notice in desk.notices] == ["#7"]
    assert len(desk.written) == 1


@pytest.mark.promise("N2")
def test_that_a_lost_answer_is_looked_for_and_told_truly(desk):
    desk.actor.fails, desk.actor.loses_only_the_answer = Unanswered("no answer"), True
    desk.after(desk.ask, desk.send)
    assert len(desk.written) == 1
    assert "Sent at" in words_on(desk.panel)


def test_that_what_never_arrived_says_so_and_keeps_the_text(desk):
    desk.actor.fails = Unanswered("no answer")
    desk.after(desk.ask, desk.send)
    assert desk.written == []
    assert "It did not arrive. Not sent; your text is kept." in words_on(desk.panel)
    (kept,) = desk.at.store.acts.on_ticket(desk.at.ref())
    assert (kept.state, kept.preview.act.text) == (ActState.REFUSED, TEXT)


@pytest.mark.promise("N4")
def test_that_offline_nothing_is_queued_and_the_text_stays(desk):
    desk.actor.fails = Unreachable("Zendesk cannot be reached.")
    desk.after(desk.ask, desk.send)
    assert "Zendesk cannot be reached. Not sent; your text is kept." in words_on(desk.panel)
    desk.after()
    assert desk.written == []


def test_that_a_sign_in_for_reading_only_offers_to_sign_in_again(desk):
    desk.actor.fails = NotGranted("You signed in for reading only.")
    desk.after(desk.ask, desk.send)
    assert desk.page.way.text() == "Sign in again"
    desk.after(desk.page.way.click)
    assert desk.sign_ins == 1
    assert desk.page.editor.toPlainText() == TEXT


def test_that_a_status_is_set_from_the_menu_and_taken_back(desk):
    desk.after(lambda: desk.panel.act_asked.emit(ActKind.STATUS, TicketStatus.SOLVED), desk.send)
    assert [act.status for act in desk.actor.written] == [TicketStatus.SOLVED]
    desk.after(desk.page.undo.click)
    assert len(desk.actor.undone) == 1
    assert "Taken back." in words_on(desk.panel)
    assert not desk.page.undo.isVisibleTo(desk.page)


def test_that_an_undo_without_an_answer_is_not_said_to_have_failed(desk, monkeypatch):
    async def lost(_done):
        raise Unanswered("no answer")

    monkeypatch.setattr(desk.actor, "undo", lost)
    desk.after(lambda: desk.panel.act_asked.emit(ActKind.STATUS, TicketStatus.SOLVED), desk.send, desk.page.undo.click)
    assert "It is not known whether it was taken back. Look at the ticket." in words_on(desk.panel)


def test_that_tags_are_changed_by_what_was_typed(desk):
    def retag():
        desk.page.tags.setText("old, late")
        desk.page.tags.textEdited.emit(desk.page.tags.text())

    desk.at.has(7, ticket=a_ticket(7, tags=("old", "pole")))
    desk.after(lambda: desk.panel.act_asked.emit(ActKind.TAGS, None), retag, desk.send)
    assert [(act.add_tags, act.remove_tags) for act in desk.actor.written] == [(("late",), ("pole",))]


def test_that_a_reply_that_became_a_note_is_not_said_to_have_been_sent(desk):
    desk.actor.public = False
    desk.after(desk.ask, desk.send)
    assert "The customer did not get it." in words_on(desk.panel)
    assert desk.sent == []


def test_that_nothing_is_sent_that_cannot_be_written_down(desk, monkeypatch):
    async def full(*_args, **_kwargs):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(desk.at.store.acts, "plan", full, raising=False)
    desk.after(desk.ask, desk.send)
    assert desk.written == []
    assert "The disk is full." in words_on(desk.panel)


def test_that_a_fault_of_our_own_leaves_no_sheet_that_cannot_be_closed(desk):
    async def scenario():
        await desk.at.open()
        desk.ask()
        await desk.at.settle()
        desk.actor.fails = ZeroDivisionError()
        desk.send()
        await desk.at.settle()

    run(scenario())
    assert len(desk.at.errors) == 1
    assert not desk.shows_sheet
    assert desk.states() == [ActState.REFUSED]
    assert "#7 was not sent." in words_on(desk.panel)


def test_that_what_the_admin_forbids_meanwhile_is_not_sent(desk):
    desk.after(desk.ask, lambda: setattr(desk, "allowed", False), desk.send)
    assert desk.written == []
    assert "no longer allows" in words_on(desk.panel)


def internal_reply(desk):
    with_reply(desk, source=INTERNAL)
    return desk.page._agree.box.click


def somebody_writes(desk):
    desk.actor.version += 1


@pytest.mark.promise("U5")
def test_that_internal_text_is_warned_of_again_when_it_is_tried_again(desk):
    agree = internal_reply(desk)
    desk.after(desk.ask, agree, lambda: somebody_writes(desk), desk.send, desk.page.way.click, desk.send)
    assert desk.written == []
    assert "Internal: agents only" in words_on(desk.panel)
    desk.after(agree, desk.send)
    assert len(desk.written) == 1
    assert desk.at.store.log.standing(SuggestionId("s7-1")).how == "send"


@pytest.mark.promise("U5")
def test_that_what_the_admin_forbids_of_internal_texts_meanwhile_is_not_sent(desk):
    agree = internal_reply(desk)
    desk.after(desk.ask, agree, lambda: setattr(desk, "internal", InternalUse.NEVER), desk.send)
    assert desk.written == []
    assert "does not allow it in public replies" in words_on(desk.panel)


@pytest.mark.promise("U5")
def test_that_a_warning_that_was_not_there_yet_was_not_agreed_to(desk):
    source = a_source("reply:8:1", visibility=Visibility.AGENTS)
    with_reply(desk, source=source, text="Your number is [number].", open_slots=("[number]",))
    desk.after(
        desk.ask,
        desk.type("Your number is 12."),
        desk.page._agree.box.click,
        desk.type("Your number is [number]."),
        desk.send,
    )
    assert desk.written == []


def test_that_trying_again_keeps_the_text_though_the_ticket_moved_on(desk):
    def moves_on():
        somebody_writes(desk)
        desk.news = "Anna answered 40 s ago. Look first."

    desk.after(desk.ask, desk.type("My words."), moves_on, desk.send, desk.page.way.click)
    assert desk.page.editor.toPlainText() == "My words."


def tagging(desk, line):
    def retag():
        desk.page.tags.setText(line)
        desk.page.tags.textEdited.emit(line)

    return retag


def test_that_trying_again_takes_away_no_tag_that_others_added_meanwhile(desk):
    def others_tag():
        desk.actor.fails = Unreachable("Zendesk cannot be reached.")
        desk.at.has(7, ticket=a_ticket(7, tags=("old", "pole", "vip")))
        desk.at.session.reload()

    desk.at.has(7, ticket=a_ticket(7, tags=("old", "pole")))
    desk.after(lambda: desk.panel.act_asked.emit(ActKind.TAGS, None), tagging(desk, "old late"), others_tag, desk.send)
    assert desk.written == []
    desk.actor.fails = None
    desk.after(desk.page.way.click, desk.send)
    assert [(act.add_tags, act.remove_tags) for act in desk.actor.written] == [(("late",), ("pole",))]


def test_that_a_tag_of_several_words_stays_whole(desk):
    desk.at.has(7, ticket=a_ticket(7, tags=("needs follow up", "pole")))
    desk.after(lambda: desk.panel.act_asked.emit(ActKind.TAGS, None))
    assert desk.page.tags.text() == "needs follow up, pole"
    assert "Tags, separated by commas" in words_on(desk.panel)
    desk.after(tagging(desk, "needs follow up, pole, late"), desk.send)
    assert [(act.add_tags, act.remove_tags) for act in desk.actor.written] == [(("late",), ())]


# --- after a restart


def left_behind(desk, state, *, arrived, decision=None):
    """Leave an act as a run that was killed left it, two hours ago."""
    act = Act(uuid.uuid4().hex, desk.at.ref(), ActKind.REPLY, text=TEXT, html=f"<p>{TEXT}</p>")
    preview = Preview(act, (Change("public reply", "", TEXT),), public=True, stamp="1")

    async def leave():
        await desk.at.store.acts.plan(preview, NOON, decision=decision)
        if state is not ActState.PLANNED:
            await desk.at.store.acts.send(act.id, NOON)

    asyncio.run(leave())
    if arrived:
        desk.actor.written.append(act)
    desk.at.clock.advance(hours=2)
    desk.after(lambda: desk.acting.look_again(desk.at.helpdesk.account))


@pytest.mark.promise("D1")
def test_that_after_a_restart_a_reply_that_arrived_is_told_once(desk):
    left_behind(desk, ActState.SENDING, arrived=True)
    assert "#7 was sent." in words_on(desk.panel)
    desk.after(desk.panel.told.findChild(QToolButton).click)
    assert not desk.panel.told.isVisibleTo(desk.panel)
    desk.after(lambda: desk.acting.look_again(desk.at.helpdesk.account))
    assert not desk.panel.told.isVisibleTo(desk.panel)
    assert len(desk.written) == 1


@pytest.mark.parametrize("state", [ActState.PLANNED, ActState.SENDING])
def test_that_after_a_restart_a_reply_that_did_not_arrive_waits_for_the_agent(desk, state):
    left_behind(desk, state, arrived=False)
    assert "#7 was not sent." in words_on(desk.panel)
    assert desk.written == []
    told = next(iter(desk.panel.told._told))
    desk.after(lambda: desk.panel.told.copy_requested.emit(told.id), lambda: desk.panel.told.again.emit(told.id))
    assert desk.copied == [TEXT]
    assert (desk.shows_sheet, desk.page.editor.toPlainText(), desk.written) == (True, TEXT, [])
    desk.after(desk.send)
    assert [text for _, text in desk.written] == [TEXT]


@pytest.mark.promise("U5")
def test_that_internal_text_is_warned_of_again_after_a_restart(desk):
    append(desk.at.store, a_shown(SuggestionId("s0"), ref=desk.at.ref(), source=INTERNAL))
    decision = Decision(SuggestionId("s0"), desk.at.ref(), EventKind.USED, NOON, TEXT, 0, how="send")
    left_behind(desk, ActState.PLANNED, arrived=False, decision=decision)
    told = next(iter(desk.panel.told._told))
    desk.after(lambda: desk.panel.told.again.emit(told.id), desk.send)
    assert desk.written == []
    assert "Internal: agents only" in words_on(desk.panel)


# --- how it is operated


@pytest.mark.promise("I4")
def test_that_every_control_of_the_sheet_has_a_name_and_can_be_reached(desk):
    desk.after(desk.ask)
    for button in (desk.page.send, desk.page.cancel):
        assert button.accessibleName() == button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert desk.page.editor.accessibleName() == "Apply the macro"
    assert desk.page._reach.accessibleName() == "Public: the customer will see it"


@pytest.mark.promise("I4")
def test_that_by_keyboard_alone_a_sheet_is_opened_read_and_left(whole):
    def by_key():
        whole.panel.ready.replies[0]._send.setFocus()
        QTest.keyClick(whole.panel.ready.replies[0]._send, Qt.Key.Key_Return)

    whole.after(by_key)
    assert whole.page.editor.hasFocus()
    QTest.keyClick(whole.page.editor, Qt.Key.Key_Tab)
    assert whole.page.send.hasFocus()
    QTest.keyClick(whole.page.send, Qt.Key.Key_Tab)
    assert whole.page.cancel.hasFocus()
    whole.after(lambda: QTest.keyClick(whole.page.cancel, Qt.Key.Key_Return))
    assert not whole.shows_sheet
    assert whole.panel.ready.current_card() is not None
    assert whole.written == []


@pytest.mark.promise("I3")
def test_that_a_sheet_takes_no_keyboard_by_itself(whole):
    wanted = []
    whole.panel.keyboard_wanted.connect(wanted.append)
    whole.after(lambda: whole.acting.ask(ActKind.NOTE))
    assert whole.shows_sheet
    assert True not in wanted


def test_that_what_wrote_meanwhile_reads_as_on_use():
    class Session:
        async def news_for(self, _id):
            return WroteMeanwhile(frozenset({1}), "Anna", NOON, by_colleague=True)

        def age_of(self, _moved):
            return NOON - NOON

    assert run(news_line(Session(), "s1")) == "Anna answered just now. Look first."


def test_that_a_helpdesk_that_moved_is_read_again(desk):
    desk.actor.fails = Moved("The ticket changed.")
    desk.after(desk.ask)
    before = desk.at.helpdesk.count("open_ticket")
    desk.after(desk.send)
    assert desk.at.helpdesk.count("open_ticket") > before
