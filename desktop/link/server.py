"""The app's local socket for browsers' native hosts: for its owner only, bounded in every direction (promise S5)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from assist.errors import KibitzError
from desktop.single_instance import Server as Instance
from integrations.browser.frames import MAX_FRAME_BYTES, BadFrame
from integrations.browser.messages import FromApp, LinkSettings
from integrations.browser.pairing import PairingDesk
from integrations.browser.partner import Closed, Event, Keys, NotLinked, Partner

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 8
READ_BYTES = 65_536
"""What is taken at a time, so that a flood leaves the window its turn in between."""
MOST_UNREAD_BYTES = 4 * MAX_FRAME_BYTES
"""A browser that reads nothing of what it is told is dropped."""
TICK_MS = 1_000

OnEvents = Callable[[int, Sequence[Event]], None]
"""Takes the number of a connection and what happened to it. The last event of each is `Closed`."""


class NotListening(KibitzError):
    """The socket cannot be made: browsers cannot be linked until the next start."""


class LinkServer(QObject):
    """One `Partner` for each connection. Belongs to the main thread."""

    def __init__(
        self,
        keys: Keys,
        desk: PairingDesk,
        *,
        settings: Callable[[], LinkSettings],
        on_events: OnEvents,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._keys, self._desk, self._settings, self._on_events, self._now = keys, desk, settings, on_events, now
        self._numbers = count(1)
        self._connections: dict[int, _Connection] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(MOST_CONNECTIONS)
        self._server.newConnection.connect(self._welcome)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def is_listening(self) -> bool:
        return self._server.isListening()

    @property
    def linked(self) -> dict[int, tuple[str, str]]:
        """Return the connections that are linked: number to the browser's id and name."""
        return {
            number: (one.partner.id, one.partner.name)
            for number, one in self._connections.items()
            if one.partner.is_linked
        }

    def listen(self, name: str, instance: Instance) -> None:
        """Take connections at ``name``, a path or a pipe. Raises `NotListening`.

        ``instance`` proves that this is the only Kibitz of this user. What a killed one left behind is removed then.
        """
        if not instance.is_held:
            raise NotListening("Another Kibitz may be running, so no browser is linked to this one.")
        QLocalServer.removeServer(name)
        if not self._server.listen(name):
            log.error("the browser link cannot listen: %s", self._server.serverError().name)
            raise NotListening("The browser link could not be started; everything else works without it.")
        self._timer.start()

    def send(self, number: int, message: FromApp) -> bool:
        """Say ``message`` to a browser; False when it is not linked, or the message does not fit a frame."""
        connection = self._connections.get(number)
        if connection is None:
            return False
        try:
            connection.partner.send(message)
        except (NotLinked, BadFrame) as error:
            log.info("a message to the browser was not sent: %s", type(error).__name__)
            return False
        connection.flush()
        return number in self._connections

    def end(self, partner_id: str) -> None:
        """End the connections of a partner that is to be a stranger."""
        for connection in self._all():
            if connection.partner.id == partner_id:
                connection.end("forgotten")

    def close(self) -> None:
        self._timer.stop()
        self._server.close()
        for connection in self._all():
            connection.end("Kibitz ends")

    def _all(self) -> Iterator[_Connection]:
        return iter(tuple(self._connections.values()))

    def _tick(self) -> None:
        for connection in self._all():
            connection.tick()

    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self._connections) >= MOST_CONNECTIONS:
                log.warning("too many connections from browsers: one was refused")
                socket.abort()
                socket.deleteLater()
                continue
            number = next(self._numbers)
            connection = _Connection(socket, partial(self._happened, number))
            connection.partner = Partner(
                self._keys, self._desk, settings=self._settings, now=self._now, wake=connection.tick_soon
            )
            self._connections[number] = connection
            connection.begin()

    def _happened(self, number: int, events: Sequence[Event]) -> None:
        if any(isinstance(event, Closed) for event in events):
            self._connections.pop(number, None)
        self._on_events(number, events)


class _Connection(QObject):
    """A socket and its `Partner`, which is set right after making it."""

    partner: Partner

    def __init__(self, socket: QLocalSocket, on_events: Callable[[Sequence[Event]], None]) -> None:
        super().__init__()
        self._socket = socket
        self._on_events = on_events
        self._over = False
        socket.setReadBufferSize(READ_BYTES)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self._gone)

    def begin(self) -> None:
        if self._socket.state() is QLocalSocket.LocalSocketState.UnconnectedState:
            self._gone()
        else:
            self._read()

    def tick_soon(self) -> None:
        QTimer.singleShot(0, self, self.tick)

    def tick(self) -> None:
        self._take(self.partner.tick())

    def end(self, why: str) -> None:
        self._take(self.partner.end(why))

    def flush(self) -> None:
        """Write what is outgoing, unless the other side has stopped reading."""
        if self._over:
            return
        if data := self.partner.outgoing():
            self._socket.write(data)
            self._socket.flush()
        if self._socket.bytesToWrite() > MOST_UNREAD_BYTES and not self.partner.is_closed:
            log.warning("a browser does not read what it is told, and was dropped")
            self.end("unread")

    def _read(self) -> None:
        if not self._over and (data := bytes(self._socket.read(READ_BYTES).data())):
            self._take(self.partner.receive(data))

    def _take(self, events: Sequence[Event]) -> None:
        self.flush()
        if self._over:
            return
        if any(isinstance(event, Closed) for event in events):
            self._over = True
            # Not waited for: a host that reads nothing would keep the connection for ever.
            self._socket.flush()
            self._socket.abort()
            self._socket.deleteLater()
            self.deleteLater()
        if events:
            self._on_events(events)

    def _gone(self) -> None:
        if not self._over:
            self._take(self.partner.end("gone"))
