import asyncio
from datetime import timedelta

import pytest

from assist.acts import Act, ActKind, Change, Preview
from assist.domain import Decision, EventKind, SuggestionId
from assist.store.acts import ActState
from assist.store.errors import Refused
from tests.helpers.builders import NOON, a_ref, a_shown
from tests.helpers.store import opened

TEXT = "A new label is on its way, Ana."


def planned(id_="a1", *, ticket=7, text=TEXT):
    act = Act(id_, a_ref(ticket), ActKind.REPLY, text=text, html=f"<p>{text}</p>")
    return Preview(
        act, (Change("public reply", "", text),), public=True, recipients=("Ana <ana@example.com>",), stamp="1"
    )


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "kibitz.db") as made:
        yield made


def run(*works):
    async def all_of_them():
        for work in works:
            await work

    asyncio.run(all_of_them())


@pytest.mark.promise("D1")
def test_that_what_is_asked_for_is_kept_whole_until_it_is_known_how_it_ended(store):
    run(store.acts.plan(planned(), NOON), store.acts.send("a1", NOON + timedelta(seconds=1)))
    (kept,) = store.acts.untold(a_ref().account)
    assert (kept.state, kept.preview) == (ActState.SENDING, planned())
    assert (kept.planned_at, kept.sending_at) == (NOON, NOON + timedelta(seconds=1))


def test_that_the_text_is_gone_as_soon_as_it_is_done(store):
    run(store.acts.plan(planned(), NOON), store.acts.send("a1", NOON), store.acts.done("a1", NOON, message_id=9))
    kept = store.acts.get("a1")
    assert (kept.state, kept.preview, kept.message_id) == (ActState.DONE, None, 9)
    assert store.reader.all("SELECT preview, decision FROM pending_acts") == [(None, None)]


def test_that_the_text_of_what_was_not_sent_is_kept_until_the_agent_knows(store):
    decision = Decision(SuggestionId("s1"), a_ref(), EventKind.USED, NOON, TEXT, 0, how="send")
    run(
        store.acts.plan(planned(), NOON, decision=decision),
        store.acts.refuse("a1", NOON, why="the ticket is closed"),
    )
    kept = store.acts.get("a1")
    assert (kept.state, kept.preview, kept.why) == (ActState.REFUSED, planned(), "the ticket is closed")
    run(store.acts.tell("a1"))
    assert store.reader.all("SELECT preview, decision FROM pending_acts") == [(None, None)]
    assert store.acts.untold(a_ref().account) == ()


def test_that_what_is_not_known_to_have_ended_cannot_be_told_away(store):
    run(store.acts.plan(planned(), NOON), store.acts.send("a1", NOON), store.acts.unknown("a1"), store.acts.tell("a1"))
    assert [kept.preview for kept in store.acts.untold(a_ref().account)] == [planned()]


@pytest.mark.parametrize(
    "before",
    [
        ["send"],
        ["send", "unknown"],
        ["send", "done"],
        ["refuse"],
        ["send", "unknown", "refuse"],
    ],
)
def test_that_nothing_is_sent_a_second_time(store, before):
    works = {
        "send": lambda: store.acts.send("a1", NOON),
        "unknown": lambda: store.acts.unknown("a1"),
        "done": lambda: store.acts.done("a1", NOON),
        "refuse": lambda: store.acts.refuse("a1", NOON, why=""),
    }
    run(store.acts.plan(planned(), NOON), *(works[name]() for name in before))
    state = store.acts.get("a1").state
    with pytest.raises(Refused):
        run(store.acts.send("a1", NOON))
    with pytest.raises(Refused):
        run(store.acts.plan(planned(), NOON))
    assert store.acts.get("a1").state is state


def test_that_what_was_never_planned_cannot_be_sent(store):
    with pytest.raises(Refused):
        run(store.acts.send("a1", NOON))


def test_that_the_use_of_a_suggestion_is_logged_when_it_is_done_and_not_before(store):
    decision = Decision(SuggestionId("s1"), a_ref(), EventKind.USED, NOON, TEXT, 0, how="send")
    run(
        store.log.append(a_shown(suggestion_id=SuggestionId("s1"))), store.acts.plan(planned(), NOON, decision=decision)
    )
    run(store.acts.send("a1", NOON))
    assert store.log.standing(SuggestionId("s1")) is None
    run(store.acts.done("a1", NOON))
    assert store.log.standing(SuggestionId("s1")) == decision


def test_that_a_ticket_tells_all_that_was_asked_for_on_it(store):
    run(store.acts.plan(planned("a1"), NOON), store.acts.plan(planned("a2", ticket=8), NOON))
    run(store.acts.plan(planned("a3"), NOON))
    assert [kept.id for kept in store.acts.on_ticket(a_ref(7))] == ["a1", "a3"]
