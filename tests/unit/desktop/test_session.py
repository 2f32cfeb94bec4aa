from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from assist.domain import AlertKind, Decision, EventKind, Role, Shown, Stage, SuggestionId
from assist.errors import NotAllowed, NotThere, SignInNeeded, StoreError, UnexpectedReply, Unreachable
from desktop.panel.state import Action, Decided, Loading, NoTicket, Offline, Ready, Trouble
from desktop.troubles import told
from tests.helpers.builders import a_message, a_reply, an_author, an_open_ticket
from tests.helpers.fakes import DEADLINE_S, Table, help_for, run, table, until


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        yield laid


def ready_states(at: Table) -> list[Ready]:
    return [state for state in at.shown if isinstance(state, Ready)]


# --- opening


def test_that_a_new_ticket_is_loading_until_it_has_been_read(at):
    at.has(7)
    run(at.open())
    assert isinstance(at.shown[0], Loading)
    assert [state.help.stage for state in ready_states(at)] == [Stage.LEXICAL, Stage.REFINED]
    assert at.fronts == [at.ref()]


def test_that_a_ticket_seen_before_is_shown_before_the_network_answers(at):
    at.has(7)
    run(at.open())
    at.session.close()
    at.shown.clear()

    async def scenario():
        gate = asyncio.Event()
        at.helpdesk.wait = lambda *_: gate.wait()
        at.session.open(at.ref())
        await until(lambda: ready_states(at) and at.ready().help.stage is Stage.REFINED)
        assert not any(isinstance(state, Loading) for state in at.shown)
        gate.set()
        await at.settle()

    run(scenario())


def test_that_a_cached_ticket_without_news_is_not_asked_about_twice(at):
    at.has(7)
    run(at.open())
    at.session.close()
    at.clock.advance(minutes=5)
    at.has(7)
    asked = len(at.engine.questions)
    run(at.open())
    assert len(at.engine.questions) == asked + 1
    assert at.ready().opened.fetched_at == at.clock.now()


def test_that_news_since_the_cache_ask_again(at):
    at.has(7)
    run(at.open())
    at.session.close()
    at.has(7, messages=(a_message(), a_reply()))
    at.engine.answers[7] = [help_for(7, turn=2)]
    run(at.open())
    assert len(at.ready().opened.messages) == 2
    assert at.ready().help.state_key == "7/2"


def test_that_opening_the_ticket_in_front_reads_it_again_without_a_flash(at):
    at.has(7)
    run(at.open())
    at.shown.clear()
    run(at.open())
    assert not any(isinstance(state, Loading) for state in at.shown)
    assert at.helpdesk.count("open_ticket") == 2
    assert at.fronts == [at.ref()]


def test_that_without_the_engine_plain_help_is_shown_and_logged(at):
    at.has(7)
    at.engine.is_up = False
    run(at.open())
    assert at.ready().help.stage is Stage.PLAIN
    assert at.kinds() == ["shown", "shown"]


def test_that_plain_help_is_renewed_once_the_engine_is_up(at):
    at.has(7)
    at.engine.is_up = False
    run(at.open())
    at.engine.is_up = True

    async def scenario():
        at.session.renew()
        await at.settle()

    run(scenario())
    assert at.ready().help.stage is Stage.REFINED
    assert at.kinds() == ["shown", "shown"]


def test_that_full_help_is_not_renewed(at):
    at.has(7)
    run(at.open())
    at.session.renew()
    assert len(at.tasks) == 0


def test_that_help_made_while_knowledge_was_read_is_asked_for_again_once_all_is_learned(at):
    at.has(7)
    at.engine.answers[7] = [replace(help_for(7), early=True)]
    run(at.open())
    at.engine.answers[7] = [help_for(7, turn=2)]

    async def settle_twice():
        for _ in range(2):
            at.session.settled()
            await at.settle()

    run(settle_twice())
    assert [one.id for one in at.ready().help.replies] == ["s7-2"]
    assert len(at.engine.questions) == 2


def test_that_help_made_during_a_first_sync_is_asked_for_again_until_that_is_over(at):
    at.has(7)
    reading = True
    at.session.reads_first = lambda account: reading and account == at.ref().account
    run(at.open())

    async def settle():
        at.session.settled()
        await at.settle()

    run(settle())
    reading = False
    for _ in range(3):
        run(settle())
    assert len(at.engine.questions) == 3


def test_that_help_of_an_engine_that_knew_all_is_not_asked_for_again(at):
    at.has(7)
    run(at.open())
    at.session.settled()
    assert len(at.tasks) == 0


def test_that_closing_shows_what_there_is_without_a_ticket(at):
    at.has(7)
    run(at.open())
    at.session.close()
    assert isinstance(at.shown[-1], NoTicket)
    assert at.fronts == [at.ref(), None]


# --- what goes wrong


@pytest.mark.promise("N4")
def test_that_offline_a_cached_ticket_is_shown_with_its_age(at):
    at.has(7)
    run(at.open())
    at.session.close()
    at.clock.advance(minutes=40)
    at.helpdesk.tickets[7] = Unreachable("no answer")
    state = run(at.open())
    assert state.offline_age == timedelta(minutes=40)
    assert state.footer.offline
    assert [reply.text for reply in state.help.replies] == ["Reply to 7."]


@pytest.mark.promise("N4")
def test_that_the_age_goes_when_the_helpdesk_answers_again(at):
    at.has(7)
    run(at.open())
    at.helpdesk.tickets[7] = Unreachable("no answer")
    assert run(at.open()).offline_age == timedelta(0)
    at.has(7)
    assert run(at.open()).offline_age is None


@pytest.mark.promise("N4")
def test_that_an_unknown_ticket_comes_by_itself_once_the_helpdesk_answers(at):
    at.helpdesk.tickets[7] = Unreachable("no answer")

    async def scenario():
        at.session.open(at.ref())
        at.session.heal()
        await at.settle()
        assert isinstance(at.shown[-1], Offline)
        at.has(7)
        at.session.heal()
        await at.settle()
        at.session.heal()
        await at.settle()

    run(scenario())
    assert at.ready().offline_age is None
    assert at.helpdesk.count("open_ticket") == 2
    assert sum(isinstance(state, Loading) for state in at.shown) == 1


def test_that_offline_an_unknown_ticket_is_said_to_be_out_of_reach(at):
    at.helpdesk.tickets[7] = Unreachable("no answer")

    async def scenario():
        at.session.open(at.ref())
        await at.settle()

    run(scenario())
    assert isinstance(at.shown[-1], Offline)
    assert at.shown[-1].ref == at.ref()
    assert at.shown[-1].footer.offline


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (NotThere("no such ticket"), Action.OPEN_HELPDESK),
        (UnexpectedReply("an odd answer"), Action.SAVE_REPORT),
        (NotAllowed("not on this plan"), Action.WHY),
    ],
)
def test_that_other_errors_are_said_with_one_thing_to_do(at, error, action):
    at.helpdesk.tickets[7] = error

    async def scenario():
        at.session.open(at.ref())
        await at.settle()

    run(scenario())
    state = at.shown[-1]
    assert isinstance(state, Trouble)
    assert (state.title, state.action) == (told(error, at.seat.display).title, action)


def test_that_a_deleted_ticket_is_not_shown_from_the_cache_as_if_offline(at):
    at.has(7)
    run(at.open())
    at.session.close()
    at.helpdesk.tickets[7] = NotThere("no such ticket")

    async def scenario():
        at.session.open(at.ref())
        await at.settle()

    run(scenario())
    assert isinstance(at.shown[-1], Trouble)
    assert at.store.tickets.get(at.ref(), now=at.clock.now()) is None


@pytest.mark.promise("N3")
def test_that_what_is_cached_has_an_age_after_the_sign_in_was_refused(at):
    at.has(7)
    run(at.open())
    at.clock.advance(minutes=3)
    at.helpdesk.tickets[7] = SignInNeeded("signed out")
    run(at.open())
    at.session.refresh()
    assert at.ready().offline_age == timedelta(minutes=3)


@pytest.mark.promise("N3")
def test_that_a_refused_sign_in_is_handed_on_once_and_not_tried_again(at):
    at.helpdesk.tickets[7] = SignInNeeded("signed out")

    async def scenario():
        at.session.open(at.ref())
        await at.settle()

    run(scenario())
    assert at.sign_ins == [at.seat]
    assert at.helpdesk.count("open_ticket") == 1


def test_that_a_ticket_of_an_account_that_is_gone_is_not_asked_for(at):
    at.desk.remove(at.helpdesk.account)

    async def scenario():
        at.session.open(at.ref())
        await at.settle()

    run(scenario())
    assert at.helpdesk.asked == []


# --- the log


def test_that_what_was_painted_is_logged_once_with_its_ranks(at):
    at.has(7)
    run(at.open())
    run(at.open())
    events = at.events()
    assert [(e.list_name, e.rank, e.suggestion_id) for e in events] == [
        ("replies", 1, "s7-1"),
        ("articles", 1, "a7-1"),
    ]
    assert all(isinstance(event, Shown) for event in events)
    assert [row.seq for row in at.store.log.iterate()] == [1, 2]


def test_that_a_first_answer_that_is_refined_at_once_leaves_no_trace(at):
    at.has(7)
    first = help_for(7, stage=Stage.LEXICAL)
    worse = replace(first, replies=(replace(first.replies[0], id=SuggestionId("worse")),))
    at.engine.answers[7] = [worse, help_for(7)]
    run(at.open())
    assert "worse" not in {event.suggestion_id for event in at.events()}


@pytest.mark.promise("D1")
def test_that_a_use_is_on_disk_before_its_text_is_handed_out(at):
    at.has(7)

    async def scenario():
        await at.open()
        text = await at.session.use("s7-1", how="key")
        standing = at.store.log.standing(SuggestionId("s7-1"))
        return text, standing

    text, standing = run(scenario())
    assert text == standing.text == "Reply to 7."
    assert (standing.kind, standing.edit_distance, standing.how) == (EventKind.USED, 0, "key")
    assert at.ready().decided == {"s7-1": Decided.USED}


def test_that_using_before_anything_was_logged_logs_what_was_shown_first(at):
    at.has(7)
    at.engine.answers[7] = [help_for(7, stage=Stage.LEXICAL)]

    async def scenario():
        await at.open()
        assert at.kinds() == []
        await at.session.use("s7-1", how="click")

    run(scenario())
    assert at.kinds() == ["shown", "shown", "used"]


@pytest.mark.promise("D1")
def test_that_nothing_is_handed_out_when_the_log_cannot_be_written(at, monkeypatch):
    at.has(7)
    run(at.open())

    async def full(*_events):
        raise StoreError("the disk is full")

    monkeypatch.setattr(type(at.store.log), "append", lambda _self, *events: full(*events))
    with pytest.raises(StoreError, match="the disk is full"):
        run(at.session.use("s7-1", how="key"))
    assert at.ready().decided == {}


@pytest.mark.promise("D3")
@pytest.mark.parametrize(
    ("text", "kind", "distance"),
    [("Reply to 7.", EventKind.USED, 0), ("Reply  to\n7.", EventKind.USED, 0), ("Reply to 78!", EventKind.EDITED, 2)],
)
def test_that_an_edit_is_one_only_if_more_than_white_space_changed(at, text, kind, distance):
    at.has(7)
    run(at.open())
    assert run(at.session.use_edited("s7-1", text)) == text
    [decision] = [event for event in at.events() if isinstance(event, Decision)]
    assert (decision.kind, decision.text, decision.edit_distance) == (kind, text, distance)


@pytest.mark.promise("D2")
def test_that_the_first_decision_stands_when_another_follows(at):
    at.has(7)
    run(at.open())
    run(at.session.use("s7-1", how="key"))
    run(at.session.dismiss("s7-1", reason=""))
    assert at.ready().decided == {"s7-1": Decided.USED}
    assert at.kinds().count("used") + at.kinds().count("dismissed") == 1


@pytest.mark.promise("R3")
def test_that_a_dismissed_source_is_named_in_the_next_question(at):
    at.has(7)
    run(at.open())
    run(at.session.dismiss("s7-1", reason="too long"))
    run(at.open(7))
    at.has(7, messages=(a_message(), a_message("And now?", id=72)))
    run(at.open())
    assert at.engine.questions[-1].dismissed == frozenset({"macro:7"})


def test_that_an_undone_dismissal_is_open_again(at):
    at.has(7)
    run(at.open())
    run(at.session.dismiss("s7-1", reason=""))
    assert at.ready().decided == {"s7-1": Decided.DISMISSED}
    run(at.session.undo_dismiss("s7-1"))
    assert at.ready().decided == {}
    assert at.store.log.dismissed_sources(at.ref()) == frozenset()


def test_that_a_ticket_opened_again_shows_what_was_decided_on_it(at):
    at.has(7, 8)
    run(at.open())
    run(at.session.use("s7-1", how="key"))
    run(at.open(8))
    assert run(at.open(7)).decided == {"s7-1": Decided.USED}


def test_that_an_article_that_was_opened_is_logged_as_used(at):
    at.has(7)
    run(at.open())
    hit = run(at.session.use_article("a7-1", how="open"))
    assert hit.title == "Return an item"
    assert at.store.log.standing(SuggestionId("a7-1")).how == "open"


def test_that_an_opened_article_is_not_taken_for_a_copied_one_even_later(at):
    at.has(7, 8)
    run(at.open())
    run(at.session.use_article("a7-1", how="open"))
    assert at.ready().decided == {"a7-1": Decided.OPENED}

    run(at.open(8))
    assert run(at.open(7)).decided == {"a7-1": Decided.OPENED}

    run(at.session.use_article("a7-1", how="copy-link"))
    assert at.ready().decided == {"a7-1": Decided.USED}


# --- elsewhere


@pytest.mark.promise("N6")
def test_that_a_colleagues_answer_is_said_once_and_stays_said(at):
    at.has(7)
    run(at.open())
    at.session.colleague_answered(at.ref(), a_reply(author=an_author(Role.AGENT, id=502, name="Tom")))
    at.session.colleague_answered(at.ref(8), a_reply(author=an_author(Role.AGENT, id=503, name="Priya")))
    alerts = [alert for alert in at.ready().help.alerts if alert.kind is AlertKind.STALE]
    assert [alert.title for alert in alerts] == ["Tom has answered meanwhile"]
    at.has(7, messages=(a_message(), a_reply()))
    run(at.open())
    assert [alert.kind for alert in at.ready().help.alerts] == [AlertKind.STALE]


def test_that_what_expired_elsewhere_is_shown_on_its_ticket_only(at):
    at.has(7)
    run(at.open())
    at.session.decided_elsewhere(at.ref(8), {SuggestionId("s8-1"): Decided.EXPIRED})
    assert at.ready().decided == {}
    at.session.decided_elsewhere(at.ref(), {SuggestionId("s7-1"): Decided.EXPIRED})
    assert at.ready().decided == {"s7-1": Decided.EXPIRED}


def test_that_a_quiet_alert_is_quiet_on_its_ticket_only(at):
    at.has(7, 8)
    run(at.open())
    at.session.quiet("churn")
    assert at.ready().quiet_alerts == {"churn"}
    assert run(at.open(8)).quiet_alerts == frozenset()


def test_that_the_ticket_in_the_cache_is_the_one_that_was_read_last(at):
    at.has(7)
    run(at.open())
    cached = at.store.tickets.get(at.ref(), now=at.clock.now())
    assert cached.open_ticket == an_open_ticket(7)


# --- what is broken off, and what the store cannot do


def test_that_help_that_was_broken_off_is_made_again(at):
    """A second reading, e.g. because the watcher saw a message, ends the first one before its answer was complete."""
    at.has(7)

    async def scenario():
        async def after_words(what, _about):
            if what == "ask" and any(isinstance(state, Ready) for state in at.shown):
                await asyncio.Event().wait()

        at.engine.wait = after_words
        at.session.open(at.ref())
        await until(lambda: ready_states(at))
        at.engine.wait = at.helpdesk.wait
        at.session.reload()
        await at.settle()

    run(scenario())
    assert at.ready().help.stage is Stage.REFINED
    assert at.kinds() == ["shown", "shown"]


def test_that_news_are_not_lost_when_their_help_is_broken_off(at):
    at.has(7)
    run(at.open())
    at.has(7, messages=(a_message(), a_reply()))
    at.engine.answers[7] = [help_for(7, turn=2)]

    async def scenario():
        usual, held = at.engine.wait, []

        async def hold(*about):
            held.append(about)
            await asyncio.Event().wait()

        at.engine.wait = hold
        at.session.reload()
        await until(lambda: held)
        at.engine.wait = usual
        at.session.reload()
        await at.settle()

    run(scenario())
    assert at.ready().help.state_key == "7/2"


@pytest.mark.promise("D4")
def test_that_a_full_disk_keeps_neither_the_newest_conversation_nor_its_help_away(at, monkeypatch):
    at.has(7)
    run(at.open())
    at.session.close()
    at.has(7, messages=(a_message(), a_reply()))
    at.engine.answers[7] = [help_for(7, turn=2)]

    async def full(*_events):
        raise StoreError("the disk is full")

    monkeypatch.setattr(type(at.store.log), "append", full)
    run(at.open())
    assert len(at.ready().opened.messages) == 2
    assert at.ready().help.state_key == "7/2"
    assert {str(error) for _, error in at.errors} == {"the disk is full"}
    assert not at.ready().decided


@pytest.mark.promise("D4")
def test_that_a_cache_that_cannot_be_read_does_not_leave_the_ticket_before_on_screen(at, monkeypatch):
    at.has(6, 7)
    run(at.open(6))

    def damaged(*_about, **_more):
        raise StoreError("the local database is damaged")

    monkeypatch.setattr(type(at.store.tickets), "get", damaged)
    assert run(at.open(7)).opened.ticket.ref == at.ref(7)
    assert [str(error) for _, error in at.errors] == ["the local database is damaged"]


def test_that_each_copy_of_a_ticket_is_reported_the_cached_one_first(at):
    at.has(7)
    run(at.open())
    at.session.close()
    at.has(7, messages=(a_message(), a_reply()))
    read = []
    at.session.on_read = lambda opened: read.append(len(opened.messages))
    run(at.open())
    assert read == [1, 2]


@pytest.mark.promise("N5")
def test_that_plain_help_is_made_aside_and_dropped_where_another_ticket_came_meanwhile(at):
    at.has(6, 7)
    at.engine.is_up = False
    asked, go_on = [], threading.Event()
    usual = at.plain.answer

    def slow(question):
        asked.append(question.opened.ticket.ref.id)
        if asked[-1] == 6:
            assert go_on.wait(DEADLINE_S)
        return usual(question)

    at.plain.answer = slow

    async def scenario():
        at.session.open(at.ref(6))
        await until(lambda: asked == [6])
        at.session.open(at.ref(7))
        await until(lambda: ready_states(at))
        go_on.set()
        await at.settle()

    run(scenario())
    assert {state.help.ref.id for state in ready_states(at)} == {7}
    assert {event.ref.id for event in at.events()} == {7}
