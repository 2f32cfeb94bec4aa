"""The link with its real socket, and the extension's side on it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtNetwork import QLocalSocket

from desktop.link.server import MOST_CONNECTIONS, MOST_UNREAD_BYTES, NotListening
from desktop.link.state import Linked, NotPaired, Pairing, Placed, Target, Waiting
from integrations.browser.messages import Insert
from tests.helpers.fakes import table
from tests.helpers.links import CODE, LinkedTable, Wire, linked_table, page
from tests.helpers.partner import framed
from tests.helpers.qt_loop import until

OBJECTS = st.dictionaries(st.text(max_size=5), st.integers())


@pytest.fixture
def linked(qapp, qt_loop, tmp_path):
    with table(tmp_path) as at, linked_table(at, tmp_path) as made:
        at.has(7, 8)
        yield made


@pytest.fixture
def go(run, linked):
    """Run a scenario with the link listening, and end it."""

    def whole(scenario):
        async def bounded():
            await linked.start()
            try:
                return await scenario()
            finally:
                await linked.at.settle()
                await linked.link.aclose()

        result = run(bounded())
        assert linked.at.errors == []
        return result

    return whole


async def paired(linked: LinkedTable, **fields) -> Wire:
    """Return a browser that has paired and is linked."""
    wire = linked.browser(**fields)
    wire.pair()
    await until(lambda: wire.extension.told_id)
    wire.type_code()
    await until(lambda: wire.extension.paired)
    wire.hello()
    await until(lambda: wire.heard("where"))
    return wire


def raw(linked: LinkedTable, data: bytes) -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(linked.place.link)
    assert socket.waitForConnected(5_000)
    socket.write(data)
    socket.flush()
    return socket


def is_gone(socket: QLocalSocket) -> bool:
    return socket.state() is QLocalSocket.LocalSocketState.UnconnectedState


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


@pytest.mark.promise("S5", part="unwanted pairings: one at a time, and a rest after three that failed")
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


@pytest.mark.promise("U7", part="the app tells a browser settings, inserts and questions, and nothing else")
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


# --- what may not do harm


@pytest.mark.promise("S5")
def test_that_the_socket_is_for_its_owner_only(go, linked):
    path = Path(linked.place.link)

    async def scenario():
        return [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]

    assert [mode & 0o077 for mode in go(scenario)] == [0, 0]


@pytest.mark.promise("S5")
@pytest.mark.logs("too many connections")
def test_that_connections_are_bounded_and_the_silent_ones_end(go, linked):
    async def scenario():
        silent = [raw(linked, b"") for _ in range(MOST_CONNECTIONS)]
        await until(lambda: len(linked.link._server._connections) == MOST_CONNECTIONS)
        extra = raw(linked, b"")
        await until(lambda: is_gone(extra))
        late_s = linked.link._server._now() + 600
        for connection in linked.link._server._connections.values():
            connection.partner._now = lambda: late_s
        await until(lambda: all(map(is_gone, silent)))
        await paired(linked)

    go(scenario)


@pytest.mark.promise("S5")
@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
        framed(b"[" * 40_000),
        framed(b'"text"'),
        framed({"host": 1, "origin": "chrome-extension://stranger/"}),
        framed({"t": "hello", "v": 1}),
    ],
    ids=["http", "empty", "too long", "deep", "no object", "another extension", "no host"],
)
def test_that_garbage_ends_its_own_connection_only(go, linked, data):
    async def scenario():
        wire = await paired(linked)
        bad = raw(linked, data)
        await until(lambda: is_gone(bad))
        wire.front(7)
        await until(lambda: linked.at.session.front == linked.at.ref(7))

    go(scenario)


@pytest.mark.promise("S5")
def test_that_half_a_frame_and_a_flood_leave_the_others_their_turn(go, linked):
    async def scenario():
        wire = await paired(linked)
        half = raw(linked, framed({"host": 1, "origin": "x"})[:9])
        flood = raw(linked, b"\x00" * 3_000_000)
        wire.front(7)
        await until(lambda: linked.at.session.front == linked.at.ref(7))
        await until(lambda: is_gone(flood))
        assert not is_gone(half)

    go(scenario)


@pytest.mark.promise("S5")
@pytest.mark.logs("does not read")
def test_that_a_browser_that_reads_nothing_is_dropped(go, linked):
    async def scenario():
        wire = await paired(linked)
        wire.socket.readyRead.disconnect(wire._read)
        wire.socket.setReadBufferSize(1)
        [number] = linked.link._server.linked
        sent = 0
        while linked.link._server.send(number, Insert("a", page(7), "x" * 100_000, "x")):
            sent += 100_000
            assert sent < 2 * MOST_UNREAD_BYTES + 4_000_000
        assert linked.link.names == ()

    go(scenario)


@pytest.mark.promise("S5")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.lists(st.binary(max_size=80) | OBJECTS.map(lambda raw: framed(json.dumps(raw).encode())), max_size=6))
def test_that_any_bytes_end_in_a_closed_connection_or_a_silent_one(run, linked, data):
    async def scenario():
        await linked.start()
        socket = raw(linked, b"".join(data) + b"\xff" * 8)
        await until(lambda: is_gone(socket))
        assert linked.link._server._connections == {}
        await linked.link.aclose()

    run(scenario())


@pytest.mark.promise("S5")
@pytest.mark.promise("I6", part="the browser link's socket of a killed instance")
def test_that_a_socket_that_was_left_behind_is_taken_over(go, linked):
    Path(linked.place.link).touch()

    async def scenario():
        await paired(linked)

    go(scenario)


@pytest.mark.promise("I6")
def test_that_without_the_lock_nobody_elses_socket_is_touched(run, linked):
    left = Path(linked.place.link)
    left.touch()
    linked.instance.close()
    with pytest.raises(NotListening):
        run(linked.start())
    assert left.exists()
    assert linked.link.link_state().problem.startswith("Another Kibitz")
    left.unlink()


@pytest.mark.logs("cannot listen")
def test_that_a_socket_that_cannot_be_made_is_said(run, linked):
    Path(linked.place.link).mkdir()
    (Path(linked.place.link) / "a").touch()
    with pytest.raises(NotListening, match="everything else works"):
        run(linked.start())
