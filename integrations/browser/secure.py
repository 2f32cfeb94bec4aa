"""The mathematics of pairing and session (ADR 16): no state but counters, no clock, no sockets.

``extension_key`` and ``app_key`` are public keys: points of P-256, uncompressed, 65 bytes.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.browser.frames import BadFrame, from_json, to_json

NONCE_BYTES = 32
KEY_BYTES = 32
PUBLIC_KEY_BYTES = 65
MAX_CLEAR_BYTES = 196_000
"""The longest message that is still a frame once it is sealed and in base64."""
_MOST_FRAMES = 2**53
"""A browser counts no further without error."""

Side = Literal[b"ext", b"app"]
Direction = Literal[b"e", b"a"]


class KeyPair:
    """The app's half of one elliptic-curve Diffie-Hellman, made for one pairing."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._private = private or ec.generate_private_key(ec.SECP256R1())
        self.public = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def secret_with(self, public: bytes) -> bytes:
        """Return the x coordinate of the shared point, 32 bytes. Raises `BadFrame` for what is no point."""
        if len(public) != PUBLIC_KEY_BYTES:
            raise BadFrame("a public key of another length")
        try:
            other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        except ValueError:
            raise BadFrame("a public key that is not on the curve") from None
        return self._private.exchange(ec.ECDH(), other)


def commitment(nonce: bytes, side: Side, place: int, digit: str, keys: tuple[bytes, bytes]) -> bytes:
    """Bind ``side`` to one digit of the code, without telling it before ``nonce`` is told.

    Args:
        nonce: 32 random bytes, never used again.
        side: Who commits.
        place: Which digit, 0 to 5.
        digit: One ASCII digit.
        keys: The extension's public key and the app's, as this side knows them.

    Source:
        The passkey entry of Bluetooth's Secure Simple Pairing (Core Specification, volume 2, part H, 7.2.3),
        with decimal digits instead of bits.
    """
    return hmac.digest(nonce, b"".join((side, bytes([place]), digit.encode("ascii"), *keys)), "sha256")


def pair_key(secret: bytes, keys: tuple[bytes, bytes]) -> bytes:
    """Return the 32 bytes that both sides keep; ``keys`` as for `commitment`."""
    return _derive(secret, salt=b"".join(keys), info=b"kibitz link 1 pair", length=KEY_BYTES)


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """One key for each direction of one session, 32 bytes each."""

    to_app: bytes = field(repr=False)
    to_extension: bytes = field(repr=False)


def session_keys(key: bytes, extension_nonce: bytes, app_nonce: bytes) -> SessionKeys:
    """Return the keys of a session of the pair that keeps ``key``; both nonces have 32 bytes."""
    both = _derive(key, salt=extension_nonce + app_nonce, info=b"kibitz link 1 session", length=2 * KEY_BYTES)
    return SessionKeys(both[:KEY_BYTES], both[KEY_BYTES:])


class Sealer:
    """Seals what is said in one direction of one session, counting from 0."""

    def __init__(self, key: bytes, direction: Direction) -> None:
        self._cipher = AESGCM(key)
        self._direction = direction
        self._count = 0

    def seal(self, message: Mapping[str, object]) -> dict[str, object]:
        """Return the frame that says ``message``.

        Raises:
            BadFrame: It is longer than `MAX_CLEAR_BYTES`. Nothing was used up, so the session goes on.
        """
        clear = to_json(message)
        if len(clear) > MAX_CLEAR_BYTES:
            raise BadFrame("too long for one frame")
        sealed = self._cipher.encrypt(_iv(self._count), clear, self._direction)
        number, self._count = self._count, self._count + 1
        return {"n": number, "c": to_base64(sealed)}


class Opener:
    """Opens what was said in one direction of one session: each frame once, in order, without gaps."""

    def __init__(self, key: bytes, direction: Direction) -> None:
        self._cipher = AESGCM(key)
        self._direction = direction
        self._count = 0

    def open(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return what ``raw`` says. Raises `BadFrame` for a replay, a gap, a wrong tag or a clear frame."""
        if raw.keys() != {"n", "c"}:
            raise BadFrame("a frame that is not sealed")
        number = raw["n"]
        if type(number) is not int or number != self._count or number >= _MOST_FRAMES:
            raise BadFrame("a frame out of its order")
        try:
            clear = self._cipher.decrypt(_iv(number), from_base64(raw["c"]), self._direction)
        except InvalidTag:
            raise BadFrame("a frame that the partner did not seal") from None
        self._count += 1
        return from_json(clear)


def to_base64(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: object, length: int | None = None) -> bytes:
    """Return what ``text`` spells in standard base64 with padding.

    Raises:
        BadFrame: It is no text, is spelled otherwise, or is not ``length`` bytes long.
    """
    if type(text) is not str:
        raise BadFrame("a value that is not base64")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise BadFrame("a value that is not base64") from None
    if to_base64(data) != text or length not in (None, len(data)):
        raise BadFrame("a value of another length")
    return data


def _iv(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _derive(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
