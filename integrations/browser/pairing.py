"""Pairing, on the app's side (ADR 16): one try, and the desk where all connections queue for it."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from assist.errors import KibitzError
from integrations.browser.frames import BadFrame
from integrations.browser.secure import NONCE_BYTES, KeyPair, commitment, from_base64, pair_key, to_base64

DIGITS = 6
PAIRING_S = 120.0
"""How long a code holds."""
MOST_FAILED = 3
FAILED_WITHIN_S = 600.0
REST_S = 60.0
LONGEST_REST_S = 3_600.0
"""Each rest is twice as long as the one before, up to this: whoever guesses all day gets some 80 of a million codes."""
_MOST_DOUBLED = 6

RefusedWhy = Literal["code", "order", "busy", "late", "cancelled", "unknown", "version"]


class Refused(KibitzError):
    """A try, or a hello, that is refused; ``why`` is what the partner is told."""

    def __init__(self, why: RefusedWhy) -> None:
        super().__init__(why)
        self.why: RefusedWhy = why


class Seat(Protocol):
    """A connection, as the desk knows it. Both calls come from outside the connection's own."""

    def pairing_cancelled(self) -> None: ...

    def replaced(self) -> None: ...


def six_digits() -> str:
    """Return a new code: six ASCII digits, each of the million as likely."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


class PairingDesk:
    """What all connections share: who pairs now, which tries failed, and which connection of a partner is the newest.

    Args:
        origins: What hosts may say of their browser: ``chrome-extension://ID/`` or ``moz:ID``.
        digits: Where codes come from; every call gives six ASCII digits.
    """

    def __init__(self, origins: Collection[str], *, digits: Callable[[], str] = six_digits) -> None:
        self.origins = frozenset(origins)
        self._digits = digits
        self._pairing: Seat | None = None
        self._failed: deque[float] = deque(maxlen=MOST_FAILED)
        self._rests = 0
        self._rests_until_s = float("-inf")
        self._newest: dict[str, Seat] = {}

    @property
    def is_pairing(self) -> bool:
        """Whether a code is shown now."""
        return self._pairing is not None

    def cancel(self) -> None:
        """Refuse the pairing that is under way, if any: the agent did not ask for it, or thought better of it."""
        if self._pairing is not None:
            self._pairing.pairing_cancelled()

    def begin(self, seat: Seat, now_s: float) -> str:
        """Return a new code for the pairing of ``seat``. Raises `Refused` while another pairs or pairing rests."""
        if self._pairing is not None or now_s < self._rests_until_s:
            raise Refused("busy")
        self._pairing = seat
        return self._digits()

    def end(self, now_s: float, *, ok: bool) -> None:
        """Give the desk to the next, for who has it. Whatever did not end in a pair was a failed try."""
        self._pairing = None
        if ok:
            self._failed.clear()
            self._rests = 0
            return
        self._failed.append(now_s)
        if len(self._failed) == MOST_FAILED and now_s - self._failed[0] < FAILED_WITHIN_S:
            self._rests_until_s = now_s + min(REST_S * 2**self._rests, LONGEST_REST_S)
            self._rests = min(self._rests + 1, _MOST_DOUBLED)

    def arrive(self, partner_id: str, seat: Seat) -> None:
        """``seat`` has proved to be the partner: an older connection of the same partner ends."""
        older = self._newest.get(partner_id)
        self._newest[partner_id] = seat
        if older is not None and older is not seat:
            older.replaced()

    def leave(self, partner_id: str, seat: Seat) -> None:
        """``seat`` has ended."""
        if self._newest.get(partner_id) is seat:
            del self._newest[partner_id]


@dataclass(slots=True)
class Attempt:
    """One try at pairing: six rounds of commit and reveal, led by the extension.

    Args:
        name: What the extension calls its browser.
        public: The extension's public key.
        code: Six ASCII digits.
    """

    name: str
    public: bytes
    code: str = field(repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    _keys: KeyPair = field(default_factory=KeyPair, repr=False)
    _place: int = 0
    _theirs: bytes | None = field(default=None, repr=False)
    _nonce: bytes = field(default=b"", repr=False)
    _secret: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises `BadFrame` for a key that is no point of the curve."""
        self._secret = self._keys.secret_with(self.public)

    @property
    def is_done(self) -> bool:
        """Whether all digits are confirmed by both."""
        return self._place == DIGITS

    @property
    def key(self) -> bytes:
        """What both sides keep, once `is_done`."""
        return pair_key(self._secret, (self.public, self._keys.public))

    def opening(self) -> dict[str, object]:
        """Return the answer to ``pair``."""
        return {"t": "pairing", "key": to_base64(self._keys.public), "id": self.id}

    def take(self, raw: Mapping[str, Any]) -> dict[str, object]:
        """Return the answer to a commit or a reveal.

        Raises:
            Refused: Out of order, or a digit that is not the code's.
            BadFrame: Fields that cannot be read.
        """
        expected = "commit" if self._theirs is None else "reveal"
        if raw.get("t") != expected or self.is_done:
            raise Refused("order")
        place = raw.get("i")
        if type(place) is not int:
            raise BadFrame("a round without a number")
        if place != self._place:
            raise Refused("order")
        return self._committed(raw) if self._theirs is None else self._revealed(raw, self._theirs)

    def _committed(self, raw: Mapping[str, Any]) -> dict[str, object]:
        self._theirs = from_base64(raw.get("commit"), 32)
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        ours = commitment(self._nonce, b"app", self._place, self.code[self._place], self._public_keys)
        return {"t": "commit", "i": self._place, "commit": to_base64(ours)}

    def _revealed(self, raw: Mapping[str, Any], theirs: bytes) -> dict[str, object]:
        nonce = from_base64(raw.get("nonce"), NONCE_BYTES)
        expected = commitment(nonce, b"ext", self._place, self.code[self._place], self._public_keys)
        if not hmac.compare_digest(expected, theirs):
            raise Refused("code")
        answer: dict[str, object] = {"t": "reveal", "i": self._place, "nonce": to_base64(self._nonce)}
        self._theirs = None
        self._place += 1
        return answer

    @property
    def _public_keys(self) -> tuple[bytes, bytes]:
        return self.public, self._keys.public
