"""What "Use" does where a browser is linked: the log, the look, the insert, and the clipboard where that fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assist.domain import AlertKind, EventKind, Role, SuggestionId
from assist.errors import StoreError, Unreachable
from desktop.link.state import Placed, Target
from desktop.panel.state import Decided, Place, Ready
from desktop.using import Outlets, Use
from tests.helpers.builders import NOON, a_message, a_reply, an_author
from tests.helpers.fakes import Table, help_for, run, table, until
from tests.helpers.links import FakeBrowsers, page


class Desk:
    """An agent's desk: ticket 7 in the panel, and in front of the browser unless a test says otherwise."""

    def __init__(self, at: Table) -> None:
        self.at = at
        self.browsers = FakeBrowsers(at)
        self.browsers.front = 7
        self.clipboard: list[str] = []
        self.notices: list[str] = []
        self.used = 0
        at.session.inserts = lambda ref: isinstance(self.browsers.reach(ref), Target)
        self.using = Use(at.session, self.browsers, Outlets(self._copy, self.notices.append, self._used))

    def _copy(self, text: str) -> bool:
        self.clipboard.append(text)
        return True

    def _used(self) -> None:
        self.used += 1

    async def use(self, id_: str = "s7-1") -> bool:
        return await self.using(id_, lambda: self.at.session.use(id_, how="key"))

    async def use_edited(self, text: str, id_: str = "s7-1") -> bool:
        return await self.using(id_, lambda: self.at.session.use_edited(id_, text))

    def place(self, id_: str = "s7-1") -> Place | None:
        return self.at.ready().places.get(SuggestionId(id_))


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def desk(at):
    return Desk(at)


def after_opening(at: Table, *acts):
    async def scenario():
        await at.open()
        found = [await act() for act in acts]
        await at.settle()
        return found

    found = run(scenario())
    assert at.errors == []
    return found


def colleague(text: str = "I am on it.", **fields):
    author = an_author(Role.AGENT, id=502, name="Anna")
    return a_reply(text, **{"id": 90, "author": author, "created_at": NOON + timedelta(seconds=60), **fields})


# --- inserting


@pytest.mark.promise("D1")
def test_that_a_use_is_in_the_log_before_the_browser_is_asked(at, desk):
    logged = []

    def answer(_target, _text):
        logged.append(at.store.log.standing(SuggestionId("s7-1")))
        return Placed.INSERTED

    desk.browsers.answer = answer
    assert after_opening(at, desk.use) == [True]
    assert [decision.kind for decision in logged] == [EventKind.USED]
    assert desk.browsers.inserted == [(page(7), "Reply to 7.")]
    assert (desk.clipboard, desk.notices, desk.used) == ([], [], 1)
    assert (at.ready().decided, desk.place()) == ({"s7-1": Decided.USED}, Place.COMPOSER)


def test_that_an_edited_text_is_what_is_inserted(at, desk):
    after_opening(at, lambda: desk.use_edited("Reply to 7, soon."))
    assert desk.browsers.inserted == [(page(7), "Reply to 7, soon.")]
    assert at.ready().decided == {"s7-1": Decided.EDITED}


def test_that_while_the_browser_is_asked_nothing_is_said_to_be_copied(at, desk):
    seen = []

    async def answer():
        seen.append(desk.place())
        return Placed.INSERTED

    desk.browsers.answer = lambda _target, _text: answer()
    after_opening(at, desk.use)
    assert seen == [Place.UNDER_WAY]
    used = [state for state in at.shown if isinstance(state, Ready) and state.decided]
    assert {state.places.get(SuggestionId("s7-1")) for state in used} == {Place.UNDER_WAY, Place.COMPOSER}


@pytest.mark.parametrize(
    ("placed", "words"),
    [
        (Placed.NO_COMPOSER, "There is no reply editor"),
        (Placed.FAILED, "could not insert"),
        (Placed.LATE, "did not answer in time"),
        (Placed.LOST, "link to the browser ended"),
    ],
)
def test_that_what_could_not_be_inserted_is_copied_and_that_is_said(at, desk, placed, words):
    desk.browsers.answer = lambda _target, _text: placed
    after_opening(at, desk.use)
    assert desk.clipboard == ["Reply to 7."]
    assert [words in notice for notice in desk.notices] == [True]
    assert (desk.used, desk.place()) == (1, None)


@pytest.mark.promise("N5")
def test_that_a_browser_that_has_moved_on_gets_nothing_and_neither_does_the_clipboard(at, desk):
    desk.browsers.answer = lambda _target, _text: Placed.MOVED
    after_opening(at, desk.use)
    assert (desk.clipboard, desk.browsers.inserted, desk.used) == ([], [], 0)
    assert desk.notices == ["Another ticket or page is in front now, so nothing was inserted."]
    assert desk.place() is Place.NOWHERE


@pytest.mark.promise("N5")
def test_that_a_page_that_changed_while_the_log_was_written_is_not_asked(at, desk):
    asked = []

    async def take():
        text = await at.session.use("s7-1", how="key")
        desk.browsers.front = 8
        return text

    desk.browsers.answer = lambda target, _text: asked.append(target)
    after_opening(at, lambda: desk.using("s7-1", take))
    assert (asked, desk.clipboard) == ([], [])


@pytest.mark.promise("N5")
def test_that_a_ticket_that_came_during_the_look_is_not_written_to(at, desk):
    async def switch(what, _about):
        if what == "replies_since":
            at.session.open(at.ref(8))
            desk.browsers.front = 8

    at.helpdesk.wait = switch
    after_opening(at, desk.use)
    assert (desk.browsers.inserted, desk.clipboard) == ([], [])
    assert at.kinds().count("used") == 0
    assert "nothing was" in desk.notices[-1]


def test_that_without_an_editor_on_the_page_it_is_copied_without_asking_the_browser(at, desk):
    asked = []
    desk.browsers.composer = False
    desk.browsers.answer = lambda target, _text: asked.append(target)
    after_opening(at, desk.use)
    assert (asked, desk.clipboard) == ([], ["Reply to 7."])
    assert desk.notices == ["There is no reply editor on this page, so the reply was copied."]


@pytest.mark.parametrize("front", [None, 8])
def test_that_with_another_page_in_front_everything_is_as_without_a_link(at, desk, front):
    desk.browsers.front = front
    after_opening(at, desk.use)
    assert (desk.clipboard, desk.notices, desk.browsers.inserted) == (["Reply to 7."], [], [])
    assert at.helpdesk.count("replies_since") == 0


@pytest.mark.promise("D1")
def test_that_nothing_is_inserted_when_the_log_cannot_be_written(at, desk, monkeypatch):
    async def full(_self, *_events):
        raise StoreError("the disk is full")

    async def use():
        monkeypatch.setattr(type(at.store.log), "append", full)
        with pytest.raises(StoreError):
            await desk.use()

    after_opening(at, use)
    assert (desk.browsers.inserted, desk.clipboard) == ([], [])


def test_that_a_second_press_while_the_first_is_under_way_inserts_nothing_twice(at, desk):
    async def both():
        gate = asyncio.Event()

        async def answer():
            await gate.wait()
            return Placed.INSERTED

        desk.browsers.answer = lambda _target, _text: answer()
        first = asyncio.ensure_future(desk.use())
        await until(lambda: desk.place() is Place.UNDER_WAY and at.ready().decided)
        assert await desk.use()
        gate.set()
        await first

    after_opening(at, both)
    assert desk.browsers.inserted == [(page(7), "Reply to 7.")]


def test_that_a_reply_can_be_inserted_again(at, desk):
    after_opening(at, desk.use, desk.use)
    assert desk.browsers.inserted == [(page(7), "Reply to 7.")] * 2
    assert at.kinds().count("used") == 1


# --- the look before (promise N6)


@pytest.mark.promise("N6")
def test_that_a_colleagues_answer_stops_the_first_use_and_not_the_second(at, desk):
    at.helpdesk.messages[7] = [colleague()]
    at.has(7, messages=(a_message(), colleague()))

    async def first():
        at.helpdesk.tickets[7] = replace(at.helpdesk.tickets[7], messages=(a_message(), colleague()))
        at.clock.advance(seconds=100)
        return await desk.use()

    at.has(7)
    assert after_opening(at, first) == [False]
    assert (desk.browsers.inserted, desk.clipboard, desk.used) == ([], [], 0)
    assert desk.notices == ["Anna answered 40 s ago. Look first."]
    assert "used" not in at.kinds()
    [alert] = [one for one in at.ready().help.alerts if one.kind is AlertKind.STALE]
    assert alert.title == "Anna has answered meanwhile"
    assert run(desk.use()) is True
    assert desk.browsers.inserted == [(page(7), "Reply to 7.")]


@pytest.mark.promise("N6")
def test_that_a_new_message_of_the_customer_stops_a_use_and_new_help_is_made(at, desk):
    news = a_message("It is solved, thank you!", id=91, created_at=NOON + timedelta(seconds=1))
    seen = []

    async def use():
        at.helpdesk.messages[7] = [news]
        at.has(7, messages=(a_message(), news))
        at.engine.answers[7] = [help_for(7, turn=2)]
        result = await desk.use()
        seen.append(at.ready())
        return result

    assert after_opening(at, use) == [False]
    assert desk.notices == ["Inês Caldeira wrote just now. Look first."]
    assert seen[0].outdated == {"s7-1"}
    assert [one.title for one in seen[0].help.alerts if one.kind is AlertKind.STALE] == [
        "Inês Caldeira has written meanwhile"
    ]
    now = at.ready()
    assert (now.help.state_key, now.help.replies[0].id) == ("7/2", "s7-2")
    assert not [one for one in now.help.alerts if one.kind is AlertKind.STALE]
    assert not {one.id for one in now.help.replies} & now.outdated


@pytest.mark.promise("N6")
def test_that_an_answer_that_the_watcher_saw_first_stops_the_use_as_well(at, desk):
    async def use():
        at.session.colleague_answered(at.ref(), colleague())
        assert at.ready().outdated == {"s7-1"}
        at.clock.advance(minutes=5)
        return await desk.use()

    assert after_opening(at, use) == [False]
    assert desk.notices == ["Anna answered 4 min ago. Look first."]
    assert desk.browsers.inserted == []


@pytest.mark.promise("N6")
def test_that_an_edit_of_a_reply_that_was_replaced_meanwhile_is_stopped_once_and_then_taken(at, desk):
    news = a_message("And the bag is torn, too.", id=92, created_at=NOON + timedelta(seconds=5))

    async def moved():
        at.helpdesk.messages[7] = [news]
        at.has(7, messages=(a_message(), news))
        at.engine.answers[7] = [help_for(7, turn=2)]
        at.session.reload()
        await at.settle()
        assert [one.id for one in at.ready().help.replies] == ["s7-2"]

    found = after_opening(at, moved, lambda: desk.use_edited("mine"), lambda: desk.use_edited("mine"))
    assert found[1:] == [False, True]
    assert desk.browsers.inserted == [(page(7), "mine")]


@pytest.mark.promise("N6")
@pytest.mark.parametrize(
    "message",
    [
        colleague(public=False),
        a_reply("My own.", id=93, created_at=NOON + timedelta(seconds=5)),
        a_message("Merged.", id=94, role=Role.SYSTEM, created_at=NOON + timedelta(seconds=5)),
        a_message(),
    ],
    ids=["a note", "the agent's own", "the system's", "known"],
)
def test_that_what_no_other_person_wrote_publicly_stops_nothing(at, desk, message):
    at.helpdesk.messages[7] = [message]
    assert after_opening(at, desk.use) == [True]
    assert desk.browsers.inserted


@pytest.mark.promise("N6")
@pytest.mark.promise("N4", part="offline, an insert says that it could not be checked")
def test_that_a_helpdesk_that_does_not_answer_stops_nothing_and_that_is_said(at, desk):
    at.helpdesk.messages[7] = Unreachable("no answer")
    assert after_opening(at, desk.use) == [True]
    assert desk.browsers.inserted
    assert desk.notices == ["Inserted. It could not be checked whether somebody has answered meanwhile."]


@pytest.mark.promise("N6")
def test_that_a_helpdesk_that_takes_its_time_is_not_waited_for_long(at, desk, monkeypatch):
    monkeypatch.setattr("desktop.meanwhile.CHECK_S", 0.01)

    async def hold(what, _about):
        if what == "replies_since":
            await asyncio.Event().wait()

    at.helpdesk.wait = hold
    assert after_opening(at, desk.use) == [True]
    assert desk.browsers.inserted


@pytest.mark.promise("N7")
@pytest.mark.parametrize(
    ("off", "said"),
    [(timedelta(hours=-3), "just now"), (timedelta(0), "30 s ago"), (timedelta(hours=3), "50 s ago")],
)
def test_that_a_wrong_clock_tells_no_age_that_cannot_be(at, desk, off, said):
    """The ticket was read 50 s before; the answer is 30 s old by the helpdesk's clock, which differs by ``off``."""

    async def use():
        at.clock.advance(seconds=50)
        answer = colleague(created_at=at.clock.now() - timedelta(seconds=30) - off)
        at.helpdesk.messages[7] = [answer]
        at.has(7, messages=(a_message(created_at=NOON - timedelta(days=1)), answer))
        return await desk.use()

    at.has(7, messages=(a_message(created_at=NOON - timedelta(days=1)),))
    assert after_opening(at, use) == [False]
    assert desk.notices == [f"Anna answered {said}. Look first."]


# --- nothing is ever sent


@pytest.mark.promise("U7", part="of the shell: inserting asks the helpdesk for reads only")
def test_that_using_asks_the_helpdesk_for_nothing_but_reads(at, desk):
    after_opening(at, desk.use, lambda: desk.use_edited("mine"))
    assert {what for what, _ in at.helpdesk.asked} == {"open_ticket", "replies_since"}


# --- any order of things


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["front", "page", "elsewhere", "use", "use", "edit", "colleague", "turn"]),
        st.integers(1, 10),
        st.sampled_from(list(Placed)),
    ),
    min_size=5,
    max_size=40,
)


async def act_out(at: Table, desk: Desk, acts) -> None:
    for act, number, placed in acts:
        match act:
            case "front":
                at.session.open(at.ref(number), sparing=True)
                desk.browsers.front = number
            case "page":
                desk.browsers.front = number
            case "elsewhere":
                desk.browsers.front = None
            case "use" | "edit":
                id_ = f"s{number}-1"
                desk.browsers.answer = slowly(desk, placed)
                work = desk.use(id_) if act == "use" else desk.use_edited(f"Mine for {number}.", id_)
                at.tasks.spawn("act", until_false(work))
            case "colleague":
                at.helpdesk.messages[number] = [colleague(id=1000 + number)]
            case _:
                await asyncio.sleep(0.002)
        await asyncio.sleep(0)
    await at.settle()


async def until_false(work) -> None:
    await work


def slowly(desk: Desk, placed: Placed):
    """Answer after a while, and as the extension does: not at all into a page that is no longer in front."""

    async def answer(target: Target) -> Placed:
        for _ in range(3):
            await asyncio.sleep(0)
        return placed if desk.browsers.front is not None and page(desk.browsers.front) == target.url else Placed.MOVED

    return lambda target, _text: answer(target)


@pytest.mark.promise("N5")
@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=ACTS)
def test_that_no_reply_is_ever_inserted_into_another_ticket(tmp_path_factory, acts):
    with table(tmp_path_factory.mktemp("n5")) as at:
        at.has(*range(1, 11))
        desk = Desk(at)
        run(act_out(at, desk, acts))
        assert at.errors == []
        for url, text in desk.browsers.inserted:
            number = url.rsplit("/", 1)[1]
            assert text in {f"Reply to {number}.", f"Mine for {number}."}
