from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtNetwork import QLocalSocket

from desktop.single_instance import (
    LARGEST_FRAME_BYTES,
    Keys,
    NotPrivate,
    Open,
    Quit,
    Request,
    Show,
    Toggle,
    claim,
    place_in,
    read_request,
    write_request,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def got() -> list[Request]:
    return []


@pytest.fixture
def server(qapp, folder, got):
    server = claim(place_in(folder), got.append)
    assert server is not None
    yield server
    server.close()


def send(place, frame: bytes) -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(place.socket)
    assert socket.waitForConnected(5_000)
    socket.write(frame)
    socket.flush()
    return socket


@pytest.mark.parametrize(
    "request_", [Show(), Toggle(), Keys(), Quit(), Open("https://acme.zendesk.com/agent/tickets/7")]
)
def test_that_every_request_survives_the_wire(request_):
    frame = write_request(request_)
    assert frame.endswith(b"\n")
    assert frame.count(b"\n") == 1
    assert read_request(frame) == request_


@pytest.mark.promise("S5")
@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["show", "open", "x"]), inner, max_size=2)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_that_any_bytes_are_a_request_or_none(frame):
    assert isinstance(read_request(frame), Show | Open | None)


@pytest.mark.promise("S5")
@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\n",
        b"{}",
        b"[]",
        b'{"show": 1}',
        b'{"show": "true"}',
        b'{"show": true, "quit": true}',
        b'{"erase": true}',
        b'{"open": ""}',
        b'{"open": true}',
        b'{"open": ["https://a"]}',
        b'{"open": "' + b"x" * 3_000 + b'"}',
        b"\xff\xff",
        b"[" * 50_000,
    ],
    ids=lambda frame: repr(frame[:24]),
)
def test_that_what_is_no_request_is_none(frame):
    assert read_request(frame) is None


def test_that_an_address_that_is_too_long_is_not_sent():
    with pytest.raises(ValueError, match="too long"):
        write_request(Open("x" * 3_000))


@pytest.mark.promise("I6")
def test_that_only_one_can_claim_a_place_until_it_is_closed(qapp, folder, got):
    place = place_in(folder)
    first = claim(place, got.append)
    assert claim(place, got.append) is None
    first.close()
    second = claim(place, got.append)
    assert second is not None
    second.close()


@pytest.mark.promise("S5")
def test_that_socket_and_folder_are_for_their_owner_only(server, folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "socket").stat().st_mode) & 0o077 == 0


def test_that_a_request_arrives_once_and_is_confirmed(qtbot, server, folder, got):
    socket = send(place_in(folder), write_request(Open("https://a/7")))
    qtbot.waitUntil(lambda: socket.canReadLine() or socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert bytes(socket.readLine().data()) == b'{"ok": true}\n'
    assert got == [Open("https://a/7")]


@pytest.mark.promise("S5")
@pytest.mark.logs("no request")
def test_that_a_frame_in_pieces_is_read_whole_and_a_second_one_is_ignored(qtbot, server, folder, got):
    socket = send(place_in(folder), b'{"sh')
    qtbot.waitUntil(lambda: bool(server._clients))
    socket.write(b'ow": true}\n{"quit": true}\n')
    socket.flush()
    qtbot.waitUntil(lambda: not server._clients)
    assert got == [Show()]


@pytest.mark.promise("S5")
@pytest.mark.logs("sent too much")
def test_that_a_frame_without_end_is_dropped_and_the_next_caller_is_served(qtbot, server, folder, got):
    flood = send(place_in(folder), b"x" * (LARGEST_FRAME_BYTES * 4))
    qtbot.waitUntil(lambda: flood.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    send(place_in(folder), write_request(Toggle()))
    qtbot.waitUntil(lambda: got == [Toggle()])


@pytest.mark.promise("S5")
@pytest.mark.logs("too many local connections")
def test_that_callers_who_say_nothing_cannot_keep_others_out_for_long(qtbot, server, folder, got):
    silent = [send(place_in(folder), b"") for _ in range(12)]
    qtbot.waitUntil(lambda: len(server._clients) == 8)
    qtbot.waitUntil(lambda: not server._clients, timeout=10_000)
    send(place_in(folder), write_request(Show()))
    qtbot.waitUntil(lambda: got == [Show()])
    del silent


def test_that_a_folder_with_a_long_name_gets_a_short_socket(tmp_path):
    place = place_in(tmp_path / ("long" * 30))
    assert len(os.fsencode(place.socket)) < 100
    assert stat.S_IMODE(Path(place.socket).parent.stat().st_mode) == 0o700
    Path(place.socket).parent.rmdir()


@pytest.mark.promise("S5")
def test_that_a_folder_that_others_may_enter_is_closed_to_them(folder):
    folder.mkdir(mode=0o755)
    place_in(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.promise("S5")
def test_that_a_link_in_place_of_the_folder_is_refused(tmp_path, folder):
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotPrivate):
        place_in(folder)
