"""The native host in a process of its own, between a browser and an app that are played by a test."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from integrations.browser.launcher import HOST_FILE, launcher
from tests.helpers.children import DEADLINE_S
from tests.helpers.partner import CHROMIUM, FIREFOX

ORIGINS = (CHROMIUM, FIREFOX)


class Browser:
    """What starts the host: frames to its stdin, frames from its stdout, in the machine's byte order."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self._errors = errors
        self._bodies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def errors(self) -> str:
        """What the host wrote to stderr."""
        return self._errors.read_text()

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while len(length := out.read(4)) == 4:
            self._bodies.put(out.read(int.from_bytes(length, sys.byteorder)))
        self._bodies.put(None)

    def write(self, data: bytes) -> None:
        """Write ``data`` as it is."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def post(self, payload: bytes | Mapping[str, object]) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.write(len(body).to_bytes(4, sys.byteorder) + body)

    def body(self) -> bytes:
        """Return the next frame's body; fail when the host ends instead."""
        body = self._bodies.get(timeout=DEADLINE_S)
        assert body is not None, f"the host ended: {self.errors}"
        return body

    def heard(self) -> Any:
        return json.loads(self.body())

    def close(self) -> None:
        """Close the port, as a browser does that ends."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def status(self) -> int:
        """Wait for the host's end."""
        return self.process.wait(DEADLINE_S)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


class App:
    """What listens at the app's socket."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(place))
        self._server.listen()
        self._callers: list[Caller] = []

    def accept(self) -> Caller:
        self._server.settimeout(DEADLINE_S)
        self._callers.append(Caller(self._server.accept()[0]))
        return self._callers[-1]

    def is_called(self) -> bool:
        """Whether somebody waits to be accepted now."""
        self._server.settimeout(0)
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self, *, killed: bool = False) -> None:
        """End as an app does; one that is killed leaves its socket's file behind."""
        for caller in self._callers:
            caller.close()
        self._server.close()
        if not killed:
            self._place.unlink(missing_ok=True)


class Caller:
    """One host that connected."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        connection.settimeout(DEADLINE_S)

    def body(self) -> bytes:
        """Return the next frame's body."""
        return self._exactly(int.from_bytes(self._exactly(4), "little"))

    def heard(self) -> Any:
        return json.loads(self.body())

    def send(self, payload: bytes | Mapping[str, object]) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.socket.sendall(len(body).to_bytes(4, "little") + body)

    def is_ended(self) -> bool:
        """Wait until the host ends the connection; nothing else may come."""
        return self.socket.recv(1) == b""

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            assert more, "the host ended the connection"
            data += more
        return data


@contextmanager
def app(place: Path) -> Iterator[App]:
    running = App(place)
    try:
        yield running
    finally:
        running.close()


def chromium_s(origin: str = CHROMIUM) -> list[str]:
    """Return what Chromium puts on the command line."""
    return [origin]


def firefox_s(extension: str = FIREFOX.removeprefix("moz:")) -> list[str]:
    """Return what Firefox puts on the command line."""
    return ["/home/agent/.mozilla/native-messaging-hosts/org.kibitz.link.json", extension]


@contextmanager
def browser(place: Path, arguments: list[str] | None = None, *, program: list[str] | None = None) -> Iterator[Browser]:
    """Start the host as a browser does: by the launcher, unless ``program`` says how."""
    if program is None:
        script = place.parent / f"launcher-{os.urandom(4).hex()}"
        script.write_bytes(os.fsencode(launcher(sys.executable, HOST_FILE, str(place), ORIGINS)))
        script.chmod(0o700)
        program = [str(script)]
    errors = place.parent / f"host-{os.urandom(4).hex()}.err"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [*program, *(chromium_s() if arguments is None else arguments)],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    running = Browser(process, errors)
    try:
        yield running
    finally:
        running.kill()
