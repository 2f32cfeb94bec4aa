"""The link with its real socket, and the extension's side on it."""

from __future__ import annotations

import pytest

from desktop.link.state import Linked, NotPaired, Pairing, Placed, Target, Waiting
from tests.helpers.links import CODE, Wire, page, paired
from tests.helpers.qt_loop import until

# --- pairing and session


def test_that_a_browser_pairs_by_the_code_in_the_panel_and_is_linked(go, linked):
    async def scenario():
        assert linked.link.state == NotPaired()
        wire = linked.browser()
        wire.pair()
        await until(lambda: linked.room.pairings)
        assert isinstance(linked.link.state, Pairing)
        assert linked.room.pairings[0].code == CODE
        await until(lambda: wire.extension.told_id)
        wire.type_code()
        await until(lambda: wire.extension.paired)
        assert linked.link.state == Waiting(("Chromium",))
        wire.hello()
        await until(lambda: wire.heard("where"))
        assert linked.link.state == Linked(("Chromium",))
        assert wire.extension.heard[0] == {"t": "settings", "origins": ["https://acme.example.com"], "drafts": False}

    go(scenario)
    assert linked.room.notices == ["Linked with Chromium."]
    assert linked.room.pairings[-1] is None


def test_that_the_link_heals_when_kibitz_was_restarted(go, linked, run):
    async def first():
        return (await paired(linked)).extension

    extension = go(first)
    # The keyring of this test holds secrets until it ends, which is one restart too early for the name.
    linked.settings.change(browsers={extension.id: "Chromium"})
    linked.link = linked.new_link()

    async def second():
        assert linked.link.state == Waiting(("Chromium",))
        extension.heard.clear()
        wire = Wire(linked.place.link, extension)
        wire.hello()
        await until(lambda: wire.heard("where"))
        wire.front(7)
        await until(lambda: linked.at.session.front)

    go(second)
    assert linked.at.session.front == linked.at.ref(7)


def test_that_cancelling_in_the_panel_ends_the_pairing(go, linked):
    async def scenario():
        wire = linked.browser()
        wire.pair()
        await until(lambda: linked.room.pairings)
        linked.link.cancel_pairing()
        await until(lambda: wire.extension.refusals == ["cancelled"])

    go(scenario)
    assert linked.room.pairings[-1] is None
    assert linked.link.state == NotPaired()


@pytest.mark.promise("S5")
def test_that_a_wrong_code_links_nobody(go, linked):
    async def scenario():
        wire = linked.browser()
        wire.pair()
        await until(lambda: wire.extension.told_id)
        wire.type_code("481903")
        await until(lambda: linked.room.pairings[-1] is None)
        wire.extension.id = wire.extension.told_id
        wire.extension.key = b"k" * 32
        wire.hello()
        await until(lambda: "unknown" in wire.extension.refusals)

    go(scenario)
    assert linked.link.names == ()
    assert linked.room.notices == ["That was another code. Start again in the extension."]


@pytest.mark.promise("S5")
def test_that_whoever_keeps_asking_to_pair_is_told_to_wait(go, linked):
    async def scenario():
        wire = linked.browser()
        for number in range(3):
            wire.pair()
            await until(lambda number=number: len(linked.room.pairings) == 2 * number + 1)
            linked.link.cancel_pairing()
        wire.pair()
        await until(lambda: "busy" in wire.extension.refusals)

    go(scenario)
    assert len(linked.room.pairings) == 6


@pytest.mark.promise("S5")
def test_that_a_forgotten_browser_is_a_stranger_at_once(go, linked):
    async def scenario():
        wire = await paired(linked)
        [one] = linked.link.link_state().paired
        linked.link.forget(one.id)
        await until(lambda: not wire.is_open)
        assert linked.link.state == NotPaired()
        again = Wire(linked.place.link, wire.extension)
        again.hello()
        await until(lambda: wire.extension.refusals == ["unknown"])

    go(scenario)
    assert linked.secrets._memory == {}


def test_that_the_settings_see_who_is_linked_and_when_they_said_something(go, linked):
    async def scenario():
        await paired(linked)
        return linked.link.link_state()

    state = go(scenario)
    assert [one.name for one in state.linked] == ["Chromium"]
    assert 0 <= state.linked[0].last_heard_s < 20
    assert (state.listening, state.problem) == (True, "")


# --- front and insert


def test_that_front_insert_and_draft_go_all_the_way(go, linked):
    at, link = linked.at, linked.link

    async def scenario():
        linked.room.drafts = True
        wire = await paired(linked)
        wire.front(7)
        await until(lambda: link.can_insert(at.ref(7)))
        target = link.reach(at.ref(7))
        assert isinstance(target, Target)
        placed = at.tasks
        answers = []

        async def insert():
            answers.append(await link.insert(target, "Hello,\n\nsee https://acme.example.com/a?b&c."))

        placed.spawn("insert", insert())
        await until(lambda: wire.heard("insert"))
        [asked] = wire.heard("insert")
        assert asked["url"] == page(7)
        assert asked["html"] == (
            '<p>Hello,</p><p>see <a href="https://acme.example.com/a?b&amp;c">'
            "https://acme.example.com/a?b&amp;c</a>.</p>"
        )
        wire.say(t="inserted", id="f" * 16, ok=True, why="")
        wire.say(t="inserted", id=asked["id"], ok=False, why="no-composer")
        await until(lambda: answers)
        wire.say(t="draft", tab=1, url=page(7), text="Dear Inês")
        await until(lambda: link.draft(at.ref(7)) == "Dear Inês")
        return answers

    assert go(scenario) == [Placed.NO_COMPOSER]


@pytest.mark.promise("U7")
def test_that_the_app_says_nothing_but_settings_inserts_and_where(go, linked):
    at, link = linked.at, linked.link

    async def scenario():
        wire = await paired(linked)
        wire.front(7)
        await until(lambda: link.can_insert(at.ref(7)))
        target = link.reach(at.ref(7))
        at.tasks.spawn("insert", until_inserted(link.insert(target, "Hello")))
        await until(lambda: wire.heard("insert"))
        wire.say(t="inserted", id=wire.heard("insert")[0]["id"], ok=True, why="")
        linked.room.drafts = True
        link.desk_changed()
        wire.say(t="submitted", tab=1, url=page(7))
        await until(lambda: linked.room.submitted and len(wire.heard("settings")) == 2)
        return wire.extension.heard

    heard = go(scenario)
    assert {one["t"] for one in heard} == {"settings", "where", "insert"}
    assert {what for what, _ in at.helpdesk.asked} == {"open_ticket"}


async def until_inserted(work) -> None:
    assert await work is Placed.INSERTED


def test_that_an_insert_fails_at_once_when_the_link_is_lost(go, linked):
    at, link = linked.at, linked.link

    async def scenario():
        wire = await paired(linked)
        wire.front(7)
        await until(lambda: link.can_insert(at.ref(7)))
        answers = []

        async def insert():
            answers.append(await link.insert(link.reach(at.ref(7)), "Hello"))

        at.tasks.spawn("insert", insert())
        await until(lambda: wire.heard("insert"))
        wire.socket.abort()
        await until(lambda: answers)
        assert link.reach(at.ref(7)) is None
        return answers

    assert go(scenario) == [Placed.LOST]


def test_that_a_reply_that_no_frame_can_hold_is_not_sent_and_the_link_stays(go, linked):
    at, link = linked.at, linked.link

    async def scenario():
        wire = await paired(linked)
        wire.front(7)
        await until(lambda: link.can_insert(at.ref(7)))
        assert await link.insert(link.reach(at.ref(7)), "x" * 300_000) is Placed.LOST
        link.desk_changed()
        await until(lambda: len(wire.heard("where")) == 2)

    go(scenario)
