"""The loopback door for the helpdesks' own Kibitz apps (ADR 16): off unless the agent wants it, for nobody else."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import count

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QHostAddress, QNetworkProxy, QTcpServer, QTcpSocket

from desktop.i18n import tr
from desktop.link.peers import is_foreign
from desktop.link.server import MOST_UNREAD_BYTES, READ_BYTES, TICK_MS, NotListening
from integrations.browser.door import ADDRESS, PORT, Call, Exchange
from integrations.browser.frames import BadFrame, FrameReader, frame
from integrations.browser.messages import FromApp, LinkSettings
from integrations.browser.pairing import PairingDesk
from integrations.browser.partner import Closed, Event, Keys, NotLinked, Partner

log = logging.getLogger(__name__)

MOST_SESSIONS = 8
MOST_REQUESTS = 32
REQUEST_S = 10.0
"""How long a request may take to arrive, and its answer to be fetched."""
WAIT_S = 25.0
"""How long a question for news stays open: less than what browsers and proxies cut."""
LEFT_S = 10.0
"""An app frame that has not asked for news for so long is gone."""


class Door(QObject):
    """One `Partner` for each session of an app frame. Belongs to the main thread.

    Its sessions have negative numbers, so that they are never those of `LinkServer`.
    """

    def __init__(
        self,
        keys: Keys,
        desk: PairingDesk,
        *,
        settings: Callable[[], LinkSettings],
        on_events: Callable[[int, Sequence[Event]], None],
        now: Callable[[], float] = time.monotonic,
        port: int = PORT,
    ) -> None:
        super().__init__()
        self._keys, self._desk, self._settings, self._on_events, self._now = keys, desk, settings, on_events, now
        self._wanted_port = port
        self._more_origins: frozenset[str] = frozenset()
        self._is_refused = False
        self._numbers = count(-1, -1)
        self._requests: set[_Request] = set()
        self._sessions: dict[str, _Session] = {}
        self._server = QTcpServer(self)
        # A proxy that the system names is for the way out.
        self._server.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        self._server.setMaxPendingConnections(MOST_REQUESTS)
        self._server.newConnection.connect(self._welcome)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def is_open(self) -> bool:
        return self._server.isListening()

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._server.serverPort())

    @property
    def linked(self) -> dict[int, tuple[str, str]]:
        """Return the sessions that are linked: number to the partner's id and name."""
        return {
            one.number: (one.partner.id, one.partner.name) for one in self._sessions.values() if one.partner.is_linked
        }

    def open(self, more_origins: Collection[str] = ()) -> None:
        """Listen on this computer's loopback, also for ``more_origins``. Raises `NotListening`."""
        self._more_origins = frozenset(more_origins)
        if self.is_open:
            return
        if not self._server.listen(QHostAddress(ADDRESS), self._wanted_port):
            if not self._is_refused:
                # It is tried again and again, and said once.
                log.error("the loopback door cannot listen: %s", self._server.serverError().name)
            self._is_refused = True
            raise NotListening(
                tr("Another program uses port {port} of this computer, so no app can connect.", port=self._wanted_port)
            )
        self._is_refused = False
        self._timer.start()

    def close(self) -> None:
        """Listen no longer, and end what is under way."""
        self._timer.stop()
        self._server.close()
        for session in tuple(self._sessions.values()):
            self._end(session, "the door was closed")
        for request in tuple(self._requests):
            request.drop()

    def send(self, number: int, message: FromApp) -> bool:
        """Say ``message`` to an app frame; False when it is not linked, or the message does not fit a frame."""
        session = next((one for one in self._sessions.values() if one.number == number), None)
        if session is None:
            return False
        try:
            session.partner.send(message)
        except (NotLinked, BadFrame) as error:
            log.info("a message to the helpdesk's app was not sent: %s", type(error).__name__)
            return False
        self._deliver(session)
        return session.token in self._sessions

    def end(self, partner_id: str) -> None:
        """End the sessions of a partner that is to be a stranger."""
        for session in tuple(self._sessions.values()):
            if session.partner.id == partner_id:
                self._end(session, "forgotten")

    def tick(self) -> None:
        """Once a second: what took too long ends."""
        now_s = self._now()
        for request in tuple(self._requests):
            if now_s > request.until_s:
                request.drop()
        for session in tuple(self._sessions.values()):
            self._happened(session, session.partner.tick())
            if session.asker is not None and now_s > session.asked_s + WAIT_S:
                self._deliver(session, anyway=True)
            elif session.asker is None and now_s > session.asked_s + LEFT_S:
                self._end(session, "the app frame is gone")

    # --- requests

    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self._requests) >= MOST_REQUESTS or is_foreign(self.port, int(socket.peerPort())):
                log.warning("a connection to the loopback door was refused")
                socket.abort()
                socket.deleteLater()
                continue
            exchange = Exchange(self.port, more_origins=self._more_origins)
            request = _Request(socket, exchange, self._now() + REQUEST_S)
            self._requests.add(request)
            request.on_call, request.on_gone = partial(self._take, request), partial(self._gone, request)
            request.begin()

    def _gone(self, request: _Request) -> None:
        self._requests.discard(request)
        for session in self._sessions.values():
            if session.asker is request:
                session.asker, session.asked_s = None, self._now()

    def _take(self, request: _Request, call: Call) -> None:
        if call.path == "/open":
            session = self._new_session(call.origin)
            if session is None:
                self._answer(request, 503)
            else:
                self._answer(request, 200, {"session": session.token})
            return
        token = call.body.get("session")
        session = self._sessions.get(token) if type(token) is str else None
        if session is None or session.origin != call.origin:
            self._answer(request, 410)
        elif call.path == "/wait":
            self._wait(session, request)
        elif call.path == "/end":
            self._answer(request, 204)
            self._end(session, "the app frame left")
        else:
            self._hear(session, request, call.body.get("frame"))

    def _wait(self, session: _Session, request: _Request) -> None:
        if session.asker is not None:
            self._deliver(session, anyway=True)
        session.asker, session.asked_s = request, self._now()
        request.until_s = float("inf")
        self._deliver(session)

    def _hear(self, session: _Session, request: _Request, said: object) -> None:
        try:
            data = frame(said) if isinstance(said, dict) else b""
        except BadFrame:
            data = b""
        if not data or session.is_over:
            self._answer(request, 410 if session.is_over else 400)
            return
        self._answer(request, 204)
        self._happened(session, session.partner.receive(data))

    def _answer(self, request: _Request, status: int, payload: dict[str, object] | None = None) -> None:
        request.until_s = self._now() + REQUEST_S
        request.answer(status, payload)

    # --- sessions

    def _new_session(self, origin: str) -> _Session | None:
        if len(self._sessions) >= MOST_SESSIONS:
            # Who has proved nothing makes room: else eight strangers would keep the agent out.
            strangers = [one for one in self._sessions.values() if not one.partner.is_linked]
            if not strangers:
                return None
            self._end(strangers[0], "others wait")
            self._sessions.pop(strangers[0].token, None)
        session = _Session(next(self._numbers), origin, self._now())
        session.partner = Partner(
            self._keys,
            self._desk,
            settings=self._settings,
            now=self._now,
            wake=lambda: QTimer.singleShot(0, self, partial(self._look_at, session)),
            vouched=True,
        )
        self._sessions[session.token] = session
        return session

    def _look_at(self, session: _Session) -> None:
        self._happened(session, session.partner.tick())

    def _happened(self, session: _Session, events: Sequence[Event]) -> None:
        session.note(events)
        session.take(session.partner.outgoing())
        if session.unread_bytes > MOST_UNREAD_BYTES and not session.is_over:
            log.warning("an app frame does not fetch what it is told, and was dropped")
            events = [*events, *session.partner.end("unread")]
            session.note(events)
        self._deliver(session)
        if events:
            self._on_events(session.number, events)

    def _end(self, session: _Session, why: str) -> None:
        self._happened(session, session.partner.end(why))
        if session.asker is None:
            self._sessions.pop(session.token, None)

    def _deliver(self, session: _Session, *, anyway: bool = False) -> None:
        """Answer the open question for news, if there is any news."""
        session.take(session.partner.outgoing())
        if session.asker is None or not (session.news or session.is_over or anyway):
            return
        asker, session.asker, session.asked_s = session.asker, None, self._now()
        self._answer(asker, 200, {"frames": session.fetched(), "over": session.over})
        if session.is_over:
            self._sessions.pop(session.token, None)


class _Session:
    """An app frame's session: its `Partner`, which is set right after making it, and what it has not fetched yet."""

    partner: Partner

    def __init__(self, number: int, origin: str, now_s: float) -> None:
        self.token = secrets.token_hex(16)
        self.number = number
        self.origin = origin
        self.asker: _Request | None = None
        self.asked_s = now_s
        """When it asked for news, or since when it has not."""
        self.over = ""
        """Why it is over, as the app frame is told: that another frame of the same app took its place, or just so."""
        self.news: list[dict[str, object]] = []
        self.unread_bytes = 0
        self._reader = FrameReader()

    @property
    def is_over(self) -> bool:
        return bool(self.over)

    def note(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Closed):
                self.over = "replaced" if event.why == "replaced" else "ended"

    def take(self, data: bytes) -> None:
        self.unread_bytes += len(data)
        self.news += self._reader.feed(data)

    def fetched(self) -> list[dict[str, object]]:
        news, self.news, self.unread_bytes = self.news, [], 0
        return news


class _Request(QObject):
    """A connection with one request. ``until_s`` is when its patience ends."""

    def __init__(self, socket: QTcpSocket, exchange: Exchange, until_s: float) -> None:
        super().__init__()
        self.until_s = until_s
        self.on_call: Callable[[Call], None] = lambda _: None
        self.on_gone: Callable[[], None] = lambda: None
        self._socket, self._exchange = socket, exchange
        self._is_read = self._is_over = False
        socket.setReadBufferSize(READ_BYTES)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self._gone)

    def begin(self) -> None:
        if self._socket.state() is QTcpSocket.SocketState.UnconnectedState:
            self._gone()
        else:
            self._read()

    def answer(self, status: int, payload: dict[str, object] | None = None) -> None:
        self._write(self._exchange.answer(status, payload))

    def drop(self) -> None:
        self._socket.abort()
        self._gone()

    def _read(self) -> None:
        data = bytes(self._socket.read(READ_BYTES).data())
        if self._is_read or self._is_over or not data:
            return
        found = self._exchange.receive(data)
        if found is None:
            return
        self._is_read = True
        if isinstance(found, Call):
            self.on_call(found)
        else:
            self._write(found)

    def _write(self, data: bytes) -> None:
        if not self._is_over:
            self._socket.write(data)
            self._socket.disconnectFromHost()

    def _gone(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._socket.deleteLater()
            self.on_gone()
            self.deleteLater()
