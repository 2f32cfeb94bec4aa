"""Frames: a length in four bytes, then as many bytes of UTF-8 JSON, which is always an object (ADR 16)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NoReturn

from assist.errors import KibitzError

MAX_FRAME_BYTES = 262_144
"""The longest body of a frame."""
DEEPEST = 16
"""How many objects and lists may be inside each other; what is really said needs two."""
_LENGTH_BYTES = 4

Order = Literal["little", "big"]


class BadFrame(KibitzError):
    """What came is no frame, or not one that may come now: the connection ends. Never quotes what came."""


def frame(payload: Mapping[str, object], *, order: Order = "little") -> bytes:
    """Return ``payload`` as one frame; ``order`` is that of the length (native towards a browser, else little).

    Raises:
        BadFrame: It would be longer than `MAX_FRAME_BYTES`.
    """
    body = to_json(payload)
    if len(body) > MAX_FRAME_BYTES:
        raise BadFrame("too long for one frame")
    return len(body).to_bytes(_LENGTH_BYTES, order) + body


class FrameReader:
    """Cuts a stream of bytes into frames, however it arrives. After `BadFrame` it is not to be used again."""

    def __init__(self, *, order: Order = "little") -> None:
        self._order: Order = order
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Return the frames that are whole now. Raises `BadFrame`, and then those before it are lost as well."""
        return list(self.frames(data))

    def frames(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the frames that are whole now, one by one, so that those before a bad one are seen.

        Raises:
            BadFrame: An empty or too long frame, or one that is no JSON object, or nested too deeply.
        """
        self._buffer += data
        while len(self._buffer) >= _LENGTH_BYTES:
            length = int.from_bytes(self._buffer[:_LENGTH_BYTES], self._order)
            if not 0 < length <= MAX_FRAME_BYTES:
                raise BadFrame("a frame of an impossible length")
            end = _LENGTH_BYTES + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH_BYTES:end])
            del self._buffer[:end]
            yield from_json(body)


def to_json(payload: Mapping[str, object]) -> bytes:
    """Return ``payload`` as compact UTF-8; half a surrogate pair, which UTF-8 cannot hold, becomes ``?``."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", errors="replace")


def from_json(body: bytes) -> dict[str, Any]:
    """Return the object in ``body``. Raises `BadFrame` for anything else; NaN and Infinity are no JSON."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        # Without its cause, which holds the text.
        raise BadFrame("a frame that is not JSON") from None
    if not isinstance(found, dict):
        raise BadFrame("a frame that is not an object")
    _check_depth(found)
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _check_depth(found: dict[str, Any]) -> None:
    level: list[Any] = [found]
    for _ in range(DEEPEST):
        inner = [value for each in level for value in (each.values() if isinstance(each, dict) else each)]
        level = [value for value in inner if isinstance(value, dict | list)]
        if not level:
            return
    raise BadFrame("a frame that is nested too deeply")
