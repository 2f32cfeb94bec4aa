"""What "Use" does where a browser is linked: the log, the look, the insert, and the clipboard where that fails."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assist.domain import AccountId, EventKind, Role, SuggestionId, TicketRef
from assist.errors import StoreError
from desktop.front import MOST_PLACED, Places
from desktop.link.state import Placed, Target
from desktop.panel.state import Decided, Place, Ready
from tests.helpers.builders import a_reply, an_author
from tests.helpers.fakes import Table, run, table, until
from tests.helpers.links import AgentsDesk, after_opening, page


@pytest.fixture
def at(tmp_path):
    with table(tmp_path) as laid:
        laid.has(7, 8)
        yield laid


@pytest.fixture
def desk(at):
    return AgentsDesk(at)


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


@pytest.mark.parametrize(("answer", "place"), [(Placed.INSERTED, Place.COMPOSER), (Placed.MOVED, Place.NOWHERE)])
def test_that_it_is_still_said_where_a_reply_went_after_another_ticket_was_in_front(at, desk, answer, place):
    desk.browsers.answer = lambda _target, _text: answer

    async def elsewhere_and_back():
        await at.open(8)
        assert at.ready().places == {}
        await at.open(7)

    after_opening(at, desk.use, elsewhere_and_back)
    assert desk.place() is place


def test_that_only_the_tickets_used_last_are_kept_in_mind():
    places = Places()
    refs = [TicketRef(AccountId("a"), number) for number in range(MOST_PLACED + 1)]
    for ref in refs:
        places.put(ref, SuggestionId("s"), Place.COMPOSER)
    places.put(refs[1], SuggestionId("s"), None)
    assert [bool(places.of(ref)) for ref in refs] == [False, False, *[True] * (MOST_PLACED - 1)]


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


# --- nothing is ever sent


@pytest.mark.promise("U7")
def test_that_using_asks_the_helpdesk_for_nothing_but_reads(at, desk):
    after_opening(at, desk.use, lambda: desk.use_edited("mine"))
    assert {what for what, _ in at.helpdesk.asked} == {"open_ticket", "replies_since", "standing"}


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


async def act_out(at: Table, desk: AgentsDesk, acts) -> None:
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
                at.tasks.spawn("act", ended(work))
            case "colleague":
                at.helpdesk.messages[number] = [
                    a_reply(id=1000 + number, author=an_author(Role.AGENT, id=502, name="Anna"))
                ]
            case _:
                await asyncio.sleep(0.002)
        await asyncio.sleep(0)
    await at.settle()


async def ended(work) -> None:
    await work


def slowly(desk: AgentsDesk, placed: Placed):
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
        desk = AgentsDesk(at)
        run(act_out(at, desk, acts))
        assert at.errors == []
        for url, text in desk.browsers.inserted:
            number = url.rsplit("/", 1)[1]
            assert text in {f"Reply to {number}.", f"Mine for {number}."}
