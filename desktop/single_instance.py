"""One Kibitz for each user: a second start hands its request to the first and ends.

Who is first is decided by a lock that the system releases when its holder dies, however it dies; the socket
is only for talking. Both are in a folder that nobody else can enter.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop.places import NotPrivate, Place, place_in

__all__ = [
    "Keys",
    "NotPrivate",
    "Open",
    "Place",
    "Quit",
    "Request",
    "Server",
    "Show",
    "Toggle",
    "answers",
    "ask",
    "claim",
    "hold",
    "place_in",
    "read_request",
    "write_request",
]

log = logging.getLogger(__name__)

LARGEST_FRAME_BYTES = 8 * 1024
LARGEST_ADDRESS_CHARACTERS = 2_048
MOST_CLIENTS = 8
SILENCE_MS = 3_000
"""A client that says nothing for so long is dropped."""
_LONGEST_CONNECT_MS = 500


@dataclass(frozen=True, slots=True)
class Show:
    """Show the panel, and let it take the keyboard."""


@dataclass(frozen=True, slots=True)
class Toggle:
    """Show or hide the panel."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Let the panel take the keyboard, or hand it back."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End Kibitz."""


@dataclass(frozen=True, slots=True)
class Open:
    """Open the ticket at ``address``, which is whatever the caller wrote: it must be checked."""

    address: str = field(repr=False)


Request = Show | Toggle | Keys | Quit | Open
_PLAIN: dict[str, Request] = {"show": Show(), "toggle": Toggle(), "keys": Keys(), "quit": Quit()}


def read_request(frame: bytes) -> Request | None:
    """Return what one line asks for, or None for anything that is not exactly a request."""
    try:
        raw = json.loads(frame.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or len(raw) != 1:
        return None
    [(verb, value)] = raw.items()
    if value is True:
        return _PLAIN.get(verb)
    if verb == "open" and isinstance(value, str) and 0 < len(value) <= LARGEST_ADDRESS_CHARACTERS:
        return Open(value)
    return None


def write_request(request: Request) -> bytes:
    """Return ``request`` as one line. Raises ValueError for an address that is too long."""
    match request:
        case Open(address):
            if len(address) > LARGEST_ADDRESS_CHARACTERS:
                raise ValueError("the address is too long")
            payload: dict[str, object] = {"open": address}
        case _:
            payload = {type(request).__name__.lower(): True}
    return json.dumps(payload).encode() + b"\n"


def claim(place: Place, on_request: Callable[[Request], None]) -> Server | None:
    """Become the one instance, or return None because another one runs.

    Raises:
        NotPrivate, OSError: The lock or the socket cannot be made.
    """
    lock = place.lock.open("a+b")
    if not _locked(lock):
        lock.close()
        return None
    return Server(place, lock, on_request)


def hold(place: Place) -> IO[bytes] | None:
    """Keep every Kibitz from starting until the file is closed, without being one; None where one runs.

    Raises:
        OSError: The lock cannot be made.
    """
    lock = place.lock.open("a+b")
    if _locked(lock):
        return lock
    lock.close()
    return None


def _locked(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def ask(place: Place, request: Request, *, deadline_s: float = 5.0) -> bool:
    """Hand ``request`` to the running instance; False when it does not confirm within ``deadline_s``.

    Blocks, and needs no event loop. The other instance may still be starting, so it is tried again.
    """
    end = time.monotonic() + deadline_s
    while (left_ms := int(1_000 * (end - time.monotonic()))) > 0:
        socket = QLocalSocket()
        socket.connectToServer(place.socket)
        if socket.waitForConnected(left_ms):
            return _asked(socket, request, end)
        time.sleep(min(0.05, left_ms / 1_000))
    return False


def answers(place: Place) -> bool:
    """Tell whether an instance listens at ``place`` now; one that is still starting may not yet."""
    socket = QLocalSocket()
    socket.connectToServer(place.socket)
    found = socket.waitForConnected(_LONGEST_CONNECT_MS)
    socket.abort()
    return found


def _asked(socket: QLocalSocket, request: Request, end: float) -> bool:
    socket.write(write_request(request))
    while not socket.canReadLine():
        left_ms = int(1_000 * (end - time.monotonic()))
        if left_ms <= 0 or not socket.waitForReadyRead(left_ms):
            break
    confirmed = bytes(socket.readLine(64).data()) == _CONFIRMED
    socket.disconnectFromServer()
    return confirmed


_CONFIRMED = b'{"ok": true}\n'
_REFUSED = b'{"ok": false}\n'


class Server(QObject):
    """Holds the lock and answers later starts. Made by `claim`."""

    def __init__(self, place: Place, lock: IO[bytes], on_request: Callable[[Request], None]) -> None:
        super().__init__()
        self.place = place
        self._lock = lock
        self._on_request = on_request
        self._clients: set[_Client] = set()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(MOST_CLIENTS)
        self._server.newConnection.connect(self._welcome)
        # What an instance that was killed left behind; nobody else can be listening while we hold the lock.
        QLocalServer.removeServer(place.socket)
        if not self._server.listen(place.socket):
            lock.close()
            raise OSError(f"cannot listen: {self._server.errorString()}")

    @property
    def is_held(self) -> bool:
        """Whether the lock is held, so that no other instance can be listening anywhere in this place."""
        return not self._lock.closed

    def close(self) -> None:
        """Stop listening, then let the next one be first."""
        for client in tuple(self._clients):
            client.drop()
        self._server.close()
        self._lock.close()

    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self._clients) >= MOST_CLIENTS:
                log.warning("too many local connections: one was refused")
                socket.abort()
                socket.deleteLater()
                continue
            self._clients.add(_Client(socket, self._on_request, self._clients.discard))


class _Client(QObject):
    """One connection: one request, one answer, the end."""

    def __init__(
        self, socket: QLocalSocket, on_request: Callable[[Request], None], on_gone: Callable[[_Client], None]
    ) -> None:
        super().__init__()
        self._socket = socket
        self._on_request = on_request
        self._on_gone = on_gone
        self._silence = QTimer(self, singleShot=True, interval=SILENCE_MS)
        self._silence.timeout.connect(self.drop)
        socket.setReadBufferSize(LARGEST_FRAME_BYTES + 1)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self._gone)
        self._silence.start()
        self._read()

    def drop(self) -> None:
        self._socket.abort()
        self._gone()

    def _read(self) -> None:
        if not self._socket.canReadLine():
            if self._socket.bytesAvailable() > LARGEST_FRAME_BYTES:
                log.warning("a local connection sent too much and was dropped")
                self.drop()
            return
        self._socket.readyRead.disconnect(self._read)
        request = read_request(bytes(self._socket.readLine(LARGEST_FRAME_BYTES + 1).data()))
        if request is None:
            log.warning("a local connection sent something that is no request")
        self._socket.write(_REFUSED if request is None else _CONFIRMED)
        self._socket.flush()
        self._socket.disconnectFromServer()
        if request is not None:
            self._on_request(request)

    def _gone(self) -> None:
        self._silence.stop()
        self._on_gone(self)
        self._socket.deleteLater()
        self.deleteLater()
