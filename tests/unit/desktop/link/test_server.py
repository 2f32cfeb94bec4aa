"""What strangers, floods and garbage do to the link's socket: nothing to the others (promise S5)."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtNetwork import QLocalSocket

from desktop.link.server import MOST_CONNECTIONS, MOST_UNREAD_BYTES, NotListening
from integrations.browser.messages import Insert
from tests.helpers.links import LinkedTable, page, paired
from tests.helpers.partner import framed
from tests.helpers.qt_loop import until

OBJECTS = st.dictionaries(st.text(max_size=5), st.integers())


def raw(linked: LinkedTable, data: bytes) -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(linked.place.link)
    assert socket.waitForConnected(5_000)
    socket.write(data)
    socket.flush()
    return socket


def is_gone(socket: QLocalSocket) -> bool:
    return socket.state() is QLocalSocket.LocalSocketState.UnconnectedState


@pytest.mark.promise("S5")
def test_that_the_socket_is_for_its_owner_only(go, linked):
    path = Path(linked.place.link)

    async def scenario():
        return [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]

    assert [mode & 0o077 for mode in go(scenario)] == [0, 0]


@pytest.mark.promise("S5")
@pytest.mark.logs("too many connections")
def test_that_connections_are_bounded_and_the_silent_ones_end(go, linked, caplog):
    async def scenario():
        silent = [raw(linked, b"") for _ in range(MOST_CONNECTIONS)]
        await until(lambda: len(linked.link._server._connections) == MOST_CONNECTIONS)
        extra = raw(linked, b"")
        await until(lambda: is_gone(extra))
        assert "one was refused" in caplog.text
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
@pytest.mark.promise("I6")
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
