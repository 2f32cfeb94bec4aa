"""One connection of the browser link on the app's side: bytes in, events and bytes out (ADR 16).

It has no socket and no clock of its own. Whatever comes in, the worst that comes out is `Closed`.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol

from assist.errors import KibitzError
from integrations.browser import messages
from integrations.browser.frames import BadFrame, FrameReader, frame
from integrations.browser.messages import FromApp, FromExtension, LinkSettings
from integrations.browser.pairing import PAIRING_S, Attempt, PairingDesk, Refused, RefusedWhy
from integrations.browser.secure import NONCE_BYTES, PUBLIC_KEY_BYTES, Opener, Sealer, from_base64, session_keys
from integrations.browser.secure import to_base64 as spell

log = logging.getLogger(__name__)

VERSION = 1
PROMPT_S = 10.0
"""How long a program may take for what needs no person: the host for its first frame, the partner for its proof."""
WAITING_S = PAIRING_S
"""How long a popup may be open before the agent pairs, or tries again."""
MOST_REFUSED = 8
"""Of one connection, so that nobody can make us write without end."""
_LONGEST_NAME = 40
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_LATE = frozenset({"commit", "reveal", "refused"})
"""What may still be under way when a try has ended here."""


class NotLinked(KibitzError):
    """There is no session to say something in."""


class Keys(Protocol):
    """The pairs that were made. Called within `Partner.receive`, so it must not block: keep them in memory."""

    def get(self, partner_id: str) -> bytes | None:
        """Return the 32 bytes kept for a partner (16 lower-case hex digits), or None for a stranger."""

    def name(self, partner_id: str) -> str:
        """Return what the partner called itself when it was paired."""

    def put(self, partner_id: str, key: bytes, name: str) -> None:
        """Keep a new pair. ``name`` is at most 40 printable characters, from outside."""


@dataclass(frozen=True, slots=True)
class CodeShown:
    """Show ``code`` to the agent until ``until_s`` of the connection's clock; ``name`` comes from outside."""

    code: str = field(repr=False)
    name: str
    until_s: float


@dataclass(frozen=True, slots=True)
class PairingEnded:
    """The code is void. ``why`` is empty when ``ok``, else a `RefusedWhy`, or ``gone``: the connection ended."""

    ok: bool
    why: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The partner has proved who it is: `Partner.send` may be used."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """The partner said something."""

    message: FromExtension


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is over: write what is outgoing, drop the socket. ``why`` is for the log, and quotes nothing."""

    why: str


Event = CodeShown | PairingEnded | Linked | Said | Closed


class _State(Enum):
    FRESH = auto()
    """The host has not said for whom it speaks."""
    WAITING = auto()
    """For ``pair`` or ``hello``."""
    PAIRING = auto()
    GREETED = auto()
    """Session keys are there, but nothing has proved yet that the other side has them."""
    LINKED = auto()
    CLOSED = auto()


class Partner:
    """The state of one connection. Feed it with `receive`, write what `outgoing` returns, call `tick` now and then.

    Args:
        keys: The pairs that are kept.
        desk: What all connections share.
        settings: What the partner is told first in each session.
        now: Monotonic time, in seconds.
        wake: Called when something has happened to this connection from outside (the agent cancelled, a newer
            connection replaced it): call `tick` and `outgoing` soon. It may be called within another
            connection's `receive`, so it must not do so itself.
        vouched: Whoever took the connection knows for whom it speaks: no host says so first.
    """

    def __init__(
        self,
        keys: Keys,
        desk: PairingDesk,
        *,
        settings: Callable[[], LinkSettings],
        now: Callable[[], float],
        wake: Callable[[], None] = lambda: None,
        vouched: bool = False,
    ) -> None:
        self.id = ""
        self.name = ""
        self._keys, self._desk, self._settings, self._now, self._wake = keys, desk, settings, now, wake
        self._state = _State.WAITING if vouched else _State.FRESH
        self._reader = FrameReader()
        self._outgoing = bytearray()
        self._events: list[Event] = []
        self._deadline_s: float | None = now() + (WAITING_S if vouched else PROMPT_S)
        self._attempt: Attempt | None = None
        self._session: tuple[Opener, Sealer] | None = None
        self._refused = 0

    @property
    def is_linked(self) -> bool:
        """Whether `send` may be used."""
        return self._state is _State.LINKED

    @property
    def is_closed(self) -> bool:
        """Whether `Closed` was or will be told."""
        return self._state is _State.CLOSED

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the socket, in whatever pieces; return what follows. Never raises for what came."""
        self._check_time()
        if self._state is not _State.CLOSED:
            try:
                for raw in self._reader.frames(data):
                    self._take(raw)
                    if self.is_closed:
                        break
            except BadFrame as error:
                self._close(str(error))
        return self._drain()

    def tick(self) -> list[Event]:
        """Return what happened without bytes: time-outs, and what `wake` told of. Once a second is often enough."""
        self._check_time()
        return self._drain()

    def end(self, why: str = "gone") -> list[Event]:
        """The socket is gone, or is to go: return the last events. ``why`` is for the log."""
        self._close(why)
        return self._drain()

    def outgoing(self) -> bytes:
        """Return what is to be written now, and forget it."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def send(self, message: FromApp) -> None:
        """Say ``message``; `outgoing` then has it.

        Raises:
            NotLinked: There is no session, or not any more.
            BadFrame: The message is too long for a frame. The session goes on.
        """
        if not self.is_linked:
            raise NotLinked("the browser is not linked")
        self._say(message)

    def pairing_cancelled(self) -> None:
        """For the desk only: the agent cancelled."""
        self._refuse_pairing("cancelled")
        self._wake()

    def replaced(self) -> None:
        """For the desk only: a newer connection of this partner has proved itself."""
        self._close("replaced")
        self._wake()

    def _take(self, raw: Mapping[str, Any]) -> None:
        match self._state:
            case _State.FRESH:
                self._take_host(raw)
            case _State.WAITING:
                self._take_first(raw)
            case _State.PAIRING:
                self._take_pairing(raw)
            case _State.GREETED | _State.LINKED:
                self._take_sealed(raw)
            case _State.CLOSED:
                pass

    def _take_host(self, raw: Mapping[str, Any]) -> None:
        if type(raw.get("host")) is not int or raw["host"] != VERSION:
            raise BadFrame("no host of this version")
        origin = raw.get("origin")
        if type(origin) is not str or origin not in self._desk.origins:
            raise BadFrame("a host for another extension")
        self._state, self._deadline_s = _State.WAITING, self._now() + WAITING_S

    def _take_first(self, raw: Mapping[str, Any]) -> None:
        kind = raw.get("t")
        if type(kind) is str and kind in _LATE:
            return
        if kind not in ("pair", "hello"):
            raise BadFrame("neither a pairing nor a greeting")
        if type(raw.get("v")) is not int or raw["v"] != VERSION:
            self._write({"t": "refused", "why": "version"})
            raise BadFrame("another version")
        try:
            if kind == "pair":
                self._begin_pairing(raw)
            else:
                self._greet(raw)
        except Refused as refused:
            self._refuse(refused.why)

    def _begin_pairing(self, raw: Mapping[str, Any]) -> None:
        name = raw.get("name")
        if type(name) is not str or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise BadFrame("a browser without a proper name")
        public = from_base64(raw.get("key"), PUBLIC_KEY_BYTES)
        now_s = self._now()
        code = self._desk.begin(self, now_s)
        try:
            self._attempt = Attempt(name, public, code)
        except BadFrame:
            self._desk.end(now_s, ok=False)
            raise
        self._state, self._deadline_s = _State.PAIRING, now_s + PAIRING_S
        self._write(self._attempt.opening())
        self._events.append(CodeShown(code, name, self._deadline_s))

    def _take_pairing(self, raw: Mapping[str, Any]) -> None:
        attempt = self._attempt
        if attempt is None:
            raise BadFrame("no pairing is under way")
        if raw.get("t") == "refused":
            self._end_pairing("cancelled" if raw.get("why") == "cancelled" else "code")
            return
        try:
            self._write(attempt.take(raw))
        except Refused as refused:
            self._refuse_pairing(refused.why)
            return
        if attempt.is_done:
            self._keys.put(attempt.id, attempt.key, attempt.name)
            self._write({"t": "paired"})
            self._end_pairing("")

    def _refuse_pairing(self, why: RefusedWhy) -> None:
        self._end_pairing(why)
        self._refuse(why)

    def _end_pairing(self, why: str) -> None:
        if self._attempt is None:
            return
        self._attempt = None
        now_s = self._now()
        self._desk.end(now_s, ok=not why)
        self._events.append(PairingEnded(not why, why))
        # Whoever mistyped may try again on the same connection.
        self._state, self._deadline_s = _State.WAITING, now_s + WAITING_S

    def _refuse(self, why: RefusedWhy) -> None:
        self._write({"t": "refused", "why": why})
        self._refused += 1
        if self._refused >= MOST_REFUSED:
            self._close("refused too often")

    def _greet(self, raw: Mapping[str, Any]) -> None:
        partner_id = raw.get("id")
        theirs = from_base64(raw.get("nonce"), NONCE_BYTES)
        if type(partner_id) is not str or not _ID.fullmatch(partner_id):
            raise BadFrame("a partner without a proper id")
        key = self._keys.get(partner_id)
        if key is None:
            raise Refused("unknown")
        ours = secrets.token_bytes(NONCE_BYTES)
        both = session_keys(key, theirs, ours)
        self.id, self.name = partner_id, self._keys.name(partner_id)
        self._session = Opener(both.to_app, b"e"), Sealer(both.to_extension, b"a")
        self._state, self._deadline_s = _State.GREETED, self._now() + PROMPT_S
        self._write({"t": "hello", "nonce": spell(ours)})
        self._say(self._settings())

    def _take_sealed(self, raw: Mapping[str, Any]) -> None:
        if self._session is None:
            raise BadFrame("no session is under way")
        message = messages.read(self._session[0].open(raw))
        if self._state is _State.GREETED:
            self._state, self._deadline_s = _State.LINKED, None
            self._desk.arrive(self.id, self)
            self._events.append(Linked(self.id, self.name))
        if message is not None:
            self._events.append(Said(message))

    def _say(self, message: FromApp) -> None:
        if self._session is not None:
            self._write(self._session[1].seal(messages.write(message)))

    def _write(self, payload: Mapping[str, object]) -> None:
        self._outgoing += frame(payload)

    def _check_time(self) -> None:
        if self._deadline_s is None or self._now() < self._deadline_s:
            return
        if self._state is _State.PAIRING:
            self._refuse_pairing("late")
        else:
            self._close("silent for too long")

    def _close(self, why: str) -> None:
        if self.is_closed:
            return
        if self._attempt is not None:
            self._end_pairing("gone")
        self._desk.leave(self.id, self)
        self._state, self._deadline_s, self._session = _State.CLOSED, None, None
        self._events.append(Closed(why))
        log.info("a connection of the browser link ended: %s", why)

    def _drain(self) -> list[Event]:
        events, self._events = self._events, []
        return events
