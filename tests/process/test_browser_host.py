"""The native host as browsers start it: real pipes on one side, a real socket on the other."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from integrations.browser import host
from integrations.browser.frames import MAX_FRAME_BYTES
from integrations.browser.launcher import HOST_FILE
from integrations.browser.messages import Elsewhere, Insert
from integrations.browser.partner import Linked, PairingEnded, Partner, Said
from tests.helpers.children import DEADLINE_S
from tests.helpers.native_host import ORIGINS, App, Browser, Caller, app, browser, chromium_s, firefox_s
from tests.helpers.partner import CHROMIUM, FIREFOX, Desk, Extension, framed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the helpers speak to a Unix socket")

UP, DOWN = {"app": "up"}, {"app": "down"}
IMPOSSIBLE = [0, MAX_FRAME_BYTES + 1, 2**31, 2**32 - 1]
OTHER = "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba/"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "link"


def up(running: App, started: Browser) -> Caller:
    """Wait until both know of each other; return the app's end."""
    caller = running.accept()
    assert caller.heard()["host"] == 1
    assert started.heard() == UP
    return caller


@pytest.mark.parametrize(("arguments", "origin"), [(chromium_s(), CHROMIUM), (firefox_s(), FIREFOX)])
def test_that_the_host_says_first_for_whom_it_speaks(place, arguments, origin):
    with app(place) as running, browser(place, arguments) as started:
        assert running.accept().body() == f'{{"host": 1, "origin": "{origin}"}}'.encode()
        assert started.heard() == UP


@pytest.mark.promise("S5")
@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        [OTHER],
        [CHROMIUM.rstrip("/")],
        [CHROMIUM + '", "x": "'],
        [OTHER, CHROMIUM],
        ["--parent-window=1", CHROMIUM],
        firefox_s("other@example"),
        firefox_s()[:1],
        [FIREFOX.removeprefix("moz:")],
    ],
    ids=lambda arguments: " ".join(arguments)[-40:],
)
def test_that_a_host_for_another_extension_ends_and_connects_to_nothing(place, arguments):
    with app(place) as running, browser(place, arguments) as started:
        assert started.status() == host.UNKNOWN_ORIGIN
        assert not running.is_called()
        assert started.errors == "kibitz: not started by its own extension\n"


def test_that_a_window_s_handle_after_the_origin_changes_nothing(place):
    with app(place) as running, browser(place, [*chromium_s(), "--parent-window=65552"]) as started:
        up(running, started)


def test_that_frames_pass_both_ways_byte_for_byte(place):
    bodies = [b"{}", '{ "t":\t"é 👋" }'.encode(), b"\x00\xff no JSON at all", b"x" * MAX_FRAME_BYTES, b"\n"]
    with app(place) as running, browser(place) as started:
        caller = up(running, started)
        for body in bodies:
            started.post(body)
        assert [caller.body() for _ in bodies] == bodies
        for body in bodies:
            caller.send(body)
        assert [started.body() for _ in bodies] == bodies


def test_that_frames_pass_however_they_are_cut(place):
    with app(place) as running, browser(place) as started:
        caller = up(running, started)
        for byte in len(b'{"a":1}').to_bytes(4, sys.byteorder) + b'{"a":1}':
            started.write(bytes([byte]))
        assert caller.body() == b'{"a":1}'
        for byte in framed(b'{"b":2}'):
            caller.socket.sendall(bytes([byte]))
        caller.socket.sendall(framed(b"3") * 500)
        assert [started.body() for _ in range(501)] == [b'{"b":2}', *[b"3"] * 500]


def test_that_the_extension_is_told_when_the_app_comes_goes_and_comes_again(place):
    with browser(place) as started:
        assert started.heard() == DOWN
        for _ in range(2):
            with app(place) as running:
                caller = up(running, started)
                started.post({"n": 1})
                assert caller.heard() == {"n": 1}
                caller.close()
            assert started.heard() == DOWN


def test_that_a_socket_that_a_killed_app_left_behind_is_no_app(place):
    App(place).close(killed=True)
    assert place.exists()
    with browser(place) as started:
        assert started.heard() == DOWN
        place.unlink()
        with app(place) as again:
            up(again, started)


def test_that_frames_for_an_app_that_is_down_are_dropped(place):
    with browser(place) as started:
        assert started.heard() == DOWN
        started.post({"n": "too early"})
        with app(place) as running:
            caller = up(running, started)
            started.post({"n": "in time"})
            assert caller.heard() == {"n": "in time"}


@pytest.mark.parametrize("is_up", [True, False])
def test_that_the_host_ends_with_its_browser(place, is_up):
    with browser(place) as started:
        assert started.heard() == DOWN
        if not is_up:
            started.close()
            assert started.status() == 0
            return
        with app(place) as running:
            caller = up(running, started)
            started.write((5).to_bytes(4, sys.byteorder) + b"{")  # in the middle of a frame
            started.close()
            assert started.status() == 0
            assert caller.is_ended()


def test_that_ctrl_c_in_the_browser_s_terminal_leaves_no_traceback(place):
    with browser(place) as started:
        assert started.heard() == DOWN
        started.process.send_signal(signal.SIGINT)
        assert started.status() == 0
        assert started.errors == ""


def test_that_a_browser_that_listens_no_longer_ends_the_host(place):
    listening, speaking = os.pipe()
    program = [sys.executable, "-IS", str(HOST_FILE), str(place), *ORIGINS, "--", CHROMIUM]
    with app(place) as running, subprocess.Popen(program, stdin=subprocess.PIPE, stdout=speaking) as process:
        os.close(speaking)
        caller = running.accept()
        assert os.read(listening, 65_536)
        os.close(listening)
        caller.send({"n": 1})
        assert process.wait(DEADLINE_S) == 0


@pytest.mark.promise("S5")
@pytest.mark.parametrize("length", IMPOSSIBLE)
def test_that_a_frame_of_an_impossible_length_from_the_browser_ends_the_host(place, length):
    with app(place) as running, browser(place) as started:
        caller = up(running, started)
        started.post({"n": 1})
        started.write(length.to_bytes(4, sys.byteorder) + b"x" * 100)
        assert started.status() == host.BAD_FRAME
        assert caller.heard() == {"n": 1}
        assert caller.is_ended()
        assert started.errors == "kibitz: a frame of an impossible length\n"


@pytest.mark.promise("S5")
@pytest.mark.parametrize("length", IMPOSSIBLE)
def test_that_a_frame_of_an_impossible_length_from_the_socket_ends_that_connection_only(place, length):
    with app(place) as running, browser(place) as started:
        caller = up(running, started)
        caller.socket.sendall(framed({"n": 1}) + length.to_bytes(4, "little") + b"x" * 100)
        assert started.heard() == {"n": 1}
        assert started.heard() == DOWN
        again = up(running, started)
        again.send({"n": 2})
        assert started.heard() == {"n": 2}


def test_that_an_app_that_takes_nothing_holds_up_nobody(place):
    hurried = f"import sys; sys.path.append({str(HOST_FILE.parent)!r}); import host; host.STUCK_S = 0.2; "
    run = f"{hurried} sys.exit(host.main({str(place)!r}, {ORIGINS!r}, sys.argv[1:]))"
    with app(place) as running, browser(place, program=[sys.executable, "-IS", "-c", run]) as started:
        up(running, started)
        body = b"x" * MAX_FRAME_BYTES
        # On a thread, so that a host that gets stuck fails the test instead of holding it up.
        flood = threading.Thread(target=lambda: [started.post(body) for _ in range(20)], daemon=True)
        flood.start()
        assert started.heard() == DOWN
        flood.join(DEADLINE_S)
        caller = up(running, started)
        started.close()
        assert started.status() == 0
        while caller.socket.recv(65_536):
            pass


@pytest.mark.promise("S5")
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give a file away")
def test_that_a_socket_of_somebody_else_is_not_used(place):
    with app(place) as running:
        os.chown(place, 65_534, 65_534)
        with browser(place) as started:
            assert started.heard() == DOWN
            assert not running.is_called()


def test_that_it_runs_by_its_command_line_as_well(place):
    program = [sys.executable, "-S", str(HOST_FILE), str(place), *ORIGINS, "--"]
    with app(place) as running, browser(place, program=program) as started:
        up(running, started)
    with browser(place, [], program=[sys.executable, "-S", str(HOST_FILE), str(place)]) as started:
        assert started.status() == 1
        assert started.errors.startswith("usage: ")


def test_that_the_host_and_the_app_have_one_limit():
    assert host.MAX_FRAME_BYTES == MAX_FRAME_BYTES


class Carried:
    """An extension in a browser and a partner in an app, with the real host between them."""

    def __init__(self, running: App, started: Browser, extension: Extension, partner: Partner) -> None:
        self._caller = running.accept()
        self._started, self._extension, self._partner = started, extension, partner
        extension.connect()
        extension.outgoing()  # the host says that
        assert started.heard() == UP

    def until(self, wanted: type) -> list:
        """Carry frames until the app tells an event of that type; return all events."""
        events: list = []
        while not any(isinstance(event, wanted) for event in events):
            self._post()
            readable, _, _ = select.select([self._caller.socket], [], [], 40)
            assert readable, f"only {events} happened"
            events += self._partner.receive(self._caller.socket.recv(65_536))
            self._down()
        return events

    def _post(self) -> None:
        data = self._extension.outgoing()
        while data:
            end = 4 + int.from_bytes(data[:4], "little")
            self._started.post(data[4:end])
            data = data[end:]

    def _down(self) -> None:
        data = self._partner.outgoing()
        self._caller.socket.sendall(data)
        while data:
            end = 4 + int.from_bytes(data[:4], "little")
            self._extension.hear(framed(self._started.body()))
            data = data[end:]

    def send(self, message) -> None:
        self._partner.send(message)
        self._down()


@pytest.mark.promise("S5")
def test_that_a_browser_pairs_links_and_hears_through_the_host(place):
    desk = Desk("471902")
    partner, extension = desk.connection(), Extension("Firefox", FIREFOX)
    with app(place) as running, browser(place, firefox_s()) as started:
        carried = Carried(running, started, extension, partner)
        extension.pair()
        [shown] = carried.until(object)
        assert shown.name == "Firefox"
        extension.type_code("471902")
        assert carried.until(PairingEnded) == [PairingEnded(ok=True, why="")]
        assert extension.paired
        extension.hello()
        assert carried.until(Linked) == [Linked(extension.id, "Firefox"), Said(Elsewhere())]
        carried.send(Insert("1", "https://acme.zendesk.com/agent/tickets/42", "<p>é</p>", "é" * 50_000))
        assert extension.heard[-1]["text"] == "é" * 50_000
