"""The extension's side of the browser link, as ADR 16 has it and independent of the app's own code; and an app to try
it on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.browser.messages import LinkSettings
from integrations.browser.pairing import PairingDesk, six_digits
from integrations.browser.partner import CodeShown, Event, Partner

CHROMIUM = "chrome-extension://abcdefghijklmnopabcdefghijklmnop/"
FIREFOX = "moz:link@kibitz.example"


def framed(body: bytes | Mapping[str, object]) -> bytes:
    """Return ``body`` with its length, little-endian."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return len(data).to_bytes(4, "little") + data


def unframed(data: bytes) -> list[dict[str, Any]]:
    """Return the frames in ``data``, which must be whole."""
    found = []
    while data:
        length = int.from_bytes(data[:4], "little")
        assert len(data) >= 4 + length
        found.append(json.loads(data[4 : 4 + length]))
        data = data[4 + length :]
    return found


def spell(data: bytes) -> str:
    return base64.b64encode(data).decode()


def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256, written out from RFC 5869."""
    key = hmac.digest(salt, secret, "sha256")
    block, found = b"", b""
    for count in range(1, -(-length // 32) + 1):
        block = hmac.digest(key, block + info + bytes([count]), "sha256")
        found += block
    return found[:length]


def committed(nonce: bytes, side: bytes, place: int, digit: str, extension_key: bytes, app_key: bytes) -> bytes:
    message = side + bytes([place]) + digit.encode() + extension_key + app_key
    return hmac.new(nonce, message, hashlib.sha256).digest()


@dataclass
class Session:
    """The extension's keys and counters of one session."""

    to_app: bytes
    to_extension: bytes
    said: int = 0
    heard: int = 0

    def seal(self, message: Mapping[str, object] | bytes) -> dict[str, Any]:
        clear = message if isinstance(message, bytes) else json.dumps(message).encode()
        sealed = AESGCM(self.to_app).encrypt(self.said.to_bytes(12, "big"), clear, b"e")
        self.said += 1
        return {"n": self.said - 1, "c": spell(sealed)}

    def open(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        assert raw["n"] == self.heard, "the app left a gap"
        clear = AESGCM(self.to_extension).decrypt(self.heard.to_bytes(12, "big"), base64.b64decode(raw["c"]), b"a")
        self.heard += 1
        found: dict[str, Any] = json.loads(clear)
        return found


@dataclass
class Extension:
    """Feed it what the app wrote with `hear`; it answers by itself, and `outgoing` has its bytes.

    ``id`` and ``key`` are the pair, once there is one. ``heard`` are the app's messages in clear, ``refusals`` its
    reasons. In a pairing it waits for `type_code` before it commits to anything. ``answers`` says whether it tells at
    once what is in front when it hears the first settings, as the real one does.
    """

    name: str = "Chromium"
    origin: str = CHROMIUM
    id: str = ""
    key: bytes = b""
    answers: bool = True
    heard: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    session: Session | None = None
    paired: bool = False
    told_id: str = ""
    _private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _app_key: bytes = b""
    _code: str = ""
    _nonce: bytes = b""
    _theirs: bytes = b""
    _buffer: bytes = b""
    _outgoing: bytes = b""

    @property
    def public(self) -> bytes:
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def outgoing(self) -> bytes:
        data, self._outgoing = self._outgoing, b""
        return data

    def write(self, payload: Mapping[str, object] | bytes) -> None:
        self._outgoing += framed(payload)

    def connect(self) -> None:
        """What the host says first: a new connection, nothing of an older session is left."""
        self.session, self._buffer, self._outgoing, self.paired = None, b"", b"", False
        self.write({"host": 1, "origin": self.origin})

    def pair(self) -> None:
        self._private, self._code, self._app_key = ec.generate_private_key(ec.SECP256R1()), "", b""
        self.write({"t": "pair", "v": 1, "name": self.name, "key": spell(self.public)})

    def type_code(self, code: str) -> None:
        """The agent typed six digits."""
        self._code = code
        self._commit(0)

    def hello(self) -> None:
        self._nonce = secrets.token_bytes(32)
        self.write({"t": "hello", "v": 1, "id": self.id, "nonce": spell(self._nonce)})

    def say(self, message: Mapping[str, object]) -> None:
        assert self.session is not None
        self.write(self.session.seal(message))

    def hear(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 4 and len(self._buffer) >= (end := 4 + int.from_bytes(self._buffer[:4], "little")):
            raw, self._buffer = json.loads(self._buffer[4:end]), self._buffer[end:]
            self._take(raw)

    def _take(self, raw: dict[str, Any]) -> None:
        if self.session is not None:
            self.heard.append(self.session.open(raw))
            if len(self.heard) == 1 and self.answers:
                self.say({"t": "elsewhere"})
            return
        match raw["t"]:
            case "pairing":
                self._app_key, self.told_id = base64.b64decode(raw["key"]), raw["id"]
            case "commit":
                self._theirs = base64.b64decode(raw["commit"])
                self.write({"t": "reveal", "i": raw["i"], "nonce": spell(self._nonce)})
            case "reveal":
                self._check(raw["i"], base64.b64decode(raw["nonce"]))
            case "paired":
                self._keep()
            case "hello":
                both = derive(self.key, self._nonce + base64.b64decode(raw["nonce"]), b"kibitz link 1 session", 64)
                self.session = Session(both[:32], both[32:])
                self.heard.clear()
            case "refused":
                self.refusals.append(raw["why"])

    def _commit(self, place: int) -> None:
        self._nonce = secrets.token_bytes(32)
        ours = committed(self._nonce, b"ext", place, self._code[place], self.public, self._app_key)
        self.write({"t": "commit", "i": place, "commit": spell(ours)})

    def _check(self, place: int, nonce: bytes) -> None:
        expected = committed(nonce, b"app", place, self._code[place], self.public, self._app_key)
        if expected != self._theirs:
            self.write({"t": "refused", "why": "code"})
        elif place < 5:
            self._commit(place + 1)

    def _keep(self) -> None:
        app = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self._app_key)
        secret = self._private.exchange(ec.ECDH(), app)
        self.key = derive(secret, self.public + self._app_key, b"kibitz link 1 pair", 32)
        self.id, self.paired = self.told_id, True


class MemoryKeys:
    """The pairs of a test, in memory."""

    def __init__(self) -> None:
        self.pairs: dict[str, tuple[bytes, str]] = {}

    def get(self, partner_id: str) -> bytes | None:
        return self.pairs[partner_id][0] if partner_id in self.pairs else None

    def name(self, partner_id: str) -> str:
        return self.pairs[partner_id][1]

    def put(self, partner_id: str, key: bytes, name: str) -> None:
        self.pairs[partner_id] = key, name


class Desk:
    """An app without a socket: keys, the pairing desk, and a clock that is set by hand."""

    def __init__(self, *codes: str) -> None:
        self.keys = MemoryKeys()
        self.now_s = 0.0
        self.settings = LinkSettings(("https://acme.zendesk.com",), drafts=False)
        left = list(codes)
        self.pairing = PairingDesk({CHROMIUM, FIREFOX}, digits=lambda: left.pop(0) if left else six_digits())

    def connection(self) -> Partner:
        return Partner(self.keys, self.pairing, settings=lambda: self.settings, now=lambda: self.now_s)

    def line(self, extension: Extension | None = None) -> Line:
        return Line(self, extension or Extension())

    def paired(self, extension: Extension | None = None) -> Line:
        """Return a line whose two ends are a pair, and have not greeted yet."""
        line = self.line(extension)
        line.extension.pair()
        line.go()
        line.extension.type_code(line.code)
        line.go()
        assert line.extension.paired
        line.events.clear()
        return line

    def linked(self, extension: Extension | None = None) -> Line:
        """Return a line in the middle of a session."""
        line = self.paired(extension)
        line.extension.hello()
        line.go()
        assert line.app.is_linked
        line.events.clear()
        return line


class Line:
    """One connection between an extension and the app, with the host's first frame already said."""

    def __init__(self, desk: Desk, extension: Extension) -> None:
        self.extension = extension
        self.app = desk.connection()
        self.events: list[Event] = []
        extension.connect()

    def go(self) -> list[Event]:
        """Carry bytes until nobody has any left; return the app's new events."""
        new: list[Event] = []
        while True:
            up = self.extension.outgoing()
            new += self.app.receive(up) if up else self.app.tick()
            down = self.app.outgoing()
            self.extension.hear(down)
            if not up and not down:
                break
        self.events += new
        return new

    def write(self, payload: Mapping[str, object] | bytes) -> list[Event]:
        self.extension.write(payload)
        return self.go()

    @property
    def code(self) -> str:
        """The code that the panel shows, or showed last."""
        return next(event.code for event in reversed(self.events) if isinstance(event, CodeShown))
