"""The whole app in a process of its own, and a browser's extension on its socket."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integrations.demo.server import DemoServer
from tests.helpers.children import DEADLINE_S, ROOT, eventually
from tests.helpers.e2e import fresh_world
from tests.helpers.links import CODE, ORIGIN
from tests.helpers.partner import Extension

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="a socket with a path")]


class App:
    """Kibitz without a screen or a keyring, beside the demo helpdesk."""

    def __init__(self, folder: Path, server: DemoServer) -> None:
        self.home = folder / "home"
        self.server = server
        self._out = folder / "app.out"
        self.errors = folder / "app.err"
        self.process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[App]:
        env = {**os.environ, "KIBITZ_HOME": str(self.home), "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        demo = f"zendesk={self.server.zendesk_port}"
        command = [sys.executable, "-m", "tests.helpers.linked_child", "--timings", "--demo-helpdesk", demo]
        with self._out.open("w") as out, self.errors.open("a") as errors:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
            )
        try:
            eventually(lambda: "ready after" in self._out.read_text() or self.process.poll() is not None)
            assert self.process.poll() is None, self.errors.read_text()
            eventually(self.socket.exists)
            yield self
        finally:
            self.process.kill()
            self.process.wait(DEADLINE_S)

    @property
    def socket(self) -> Path:
        return self.home / "run" / "link"

    def page(self, number: int) -> str:
        return f"http://127.0.0.1:{self.server.zendesk_port}/agent/tickets/{number}"

    def asked(self, end: str) -> int:
        return sum(seen.path.removesuffix(".json").endswith(end) for seen in self.server.world.requests)

    def log(self) -> str:
        return "".join(file.read_text() for file in sorted((self.home / "log").glob("*.log*")))


class Line:
    """A blocking socket with the extension's side on it."""

    def __init__(self, app: App, extension: Extension) -> None:
        self.extension = extension
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE_S)
        try:
            self.socket.connect(str(app.socket))
        except OSError:
            self.socket.close()
            raise
        extension.heard.clear()
        extension.connect()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def until(self, wanted: Callable[[], object]) -> None:
        self.flush()
        while not wanted():
            data = self.socket.recv(65_536)
            assert data, "the app ended the connection"
            self.extension.hear(data)
            self.flush()

    def flush(self) -> None:
        self.socket.sendall(self.extension.outgoing())

    def pair(self) -> None:
        self.extension.pair()
        self.until(lambda: self.extension.told_id)
        self.extension.type_code(CODE)
        self.until(lambda: self.extension.paired)

    def hello(self) -> None:
        self.extension.hello()
        self.until(lambda: any(one["t"] == "where" for one in self.extension.heard))

    def say(self, **message: object) -> None:
        self.extension.say(message)
        self.flush()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with DemoServer(fresh_world()) as server:
        yield App(tmp_path, server)


def open_tickets(app: App) -> list[int]:
    return sorted(ticket.number for ticket in app.server.world.tickets.values() if ticket.solved_at is None)


def test_that_the_app_follows_a_paired_browser_and_leaves_the_helpdesk_alone_otherwise(app):
    first, second, *_ = open_tickets(app)
    with app.running(), Line(app, Extension(origin=ORIGIN)) as line:
        eventually(lambda: app.asked("tickets/recent"))
        line.pair()
        line.hello()
        assert line.extension.heard[0]["origins"] == [f"http://127.0.0.1:{app.server.zendesk_port}"]
        for number in (first, second):
            line.say(t="front", url=app.page(number), tab=1, composer=True)
            eventually(lambda number=number: app.asked(f"tickets/{number}/comments"))
        polls = app.asked("tickets/recent")
        looks = app.asked(f"tickets/{second}/comments")
        line.say(t="submitted", tab=1, url=app.page(second))
        eventually(lambda: app.asked(f"tickets/{second}/comments"), lambda asked: asked > looks)
        # The demo is polled every second: some looks later, none of them was for what was viewed last.
        eventually(lambda: app.asked(f"tickets/{second}/comments"), lambda asked: asked > looks + 4)
        assert app.asked("tickets/recent") <= polls + 1
        line.socket.close()
        eventually(lambda: app.asked("tickets/recent"), lambda asked: asked > polls + 1)
        assert {seen.method for seen in app.server.world.requests} == {"GET"}


@pytest.mark.promise("S5")
@pytest.mark.promise("I6")
def test_that_the_next_kibitz_takes_over_what_a_killed_one_left_and_only_its_owner_can_come_in(app):
    with app.running():
        assert app.process is not None
        app.process.send_signal(signal.SIGKILL)
        app.process.wait(DEADLINE_S)
        assert app.socket.exists()
    with app.running(), eventually(lambda: reached(app)) as line:
        line.pair()
        line.hello()
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (app.socket, app.socket.parent)]
        assert [mode & 0o077 for mode in modes] == [0, 0]


def reached(app: App) -> Line | None:
    """Return a line once the new app listens where the old socket still lay."""
    try:
        return Line(app, Extension(origin=ORIGIN))
    except ConnectionRefusedError:
        return None


@pytest.mark.promise("S3")
@pytest.mark.promise("S1")
def test_that_neither_code_nor_key_nor_draft_nor_page_is_in_the_log(app):
    number = open_tickets(app)[0]
    app.home.mkdir(mode=0o700)
    (app.home / "config").mkdir()
    (app.home / "config" / "settings.json").write_text('{"log_level": "debug", "drafts": true}')
    with app.running(), Line(app, Extension(origin=ORIGIN)) as line:
        line.pair()
        line.hello()
        assert line.extension.heard[0]["drafts"] is True
        line.say(t="front", url=app.page(number), tab=1, composer=True)
        line.say(t="draft", tab=1, url=app.page(number), text="Kanarienvogel")
        line.say(t="front", url=app.page(number) + "/x", tab=1, composer=False)
        eventually(lambda: app.asked(f"tickets/{number}/comments"))
        line.socket.sendall(b"\xff" * 64)
        eventually(lambda: "browser link ended" in app.log())
        written = app.log() + app.errors.read_text()
        key = line.extension.key
        for secret in (CODE, key.hex(), str(key), "Kanarienvogel", f"/agent/tickets/{number}", line.extension.id):
            assert secret not in written
