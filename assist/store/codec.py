"""Domain values to JSON and back, with a version; what is read is typed by the reader, never by the data.

Fields that a later version added are filled with their defaults, fields that it dropped are passed over, so
that a stored value outlives an upgrade. A change that this cannot bridge raises `FORMAT`.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from assist.errors import StoreError

T = TypeVar("T")

FORMAT = 1


class UnknownFormat(StoreError):
    """The text was written by a later version, or is no stored value."""


def dumps(value: Any) -> str:
    """Return a dataclass instance as a JSON object ``{"v": 1, …fields}``. Times must be aware.

    Characters beyond ASCII stay themselves, but see `storable`.
    """
    return storable(json.dumps({"v": FORMAT, **_plain(value)}, ensure_ascii=False, separators=(",", ":")))


def storable(text: str) -> str:
    """Return ``text`` with lone surrogates, which JSON allows and UTF-8 cannot hold, replaced by ``?``."""
    return text.encode("utf-8", "replace").decode("utf-8")


def loads(kind: type[T], text: str) -> T:
    """Read `dumps`. Raises `UnknownFormat` where ``text`` is not a ``kind`` of this format."""
    try:
        data = json.loads(text)
        if data.pop("v") != FORMAT:
            raise UnknownFormat(f"a stored {kind.__name__} has another format")
        return typing.cast("T", _typed(kind, data))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The data may hold a customer's words: say where, not what.
        raise UnknownFormat(f"a stored {kind.__name__} cannot be read ({type(error).__name__})") from None


def time_text(time: datetime) -> str:
    """Return an aware time in UTC with microseconds; such texts sort like the times."""
    if time.tzinfo is None:
        raise ValueError("a stored time must say its zone")
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"no stored form for {type(value).__name__}")


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(typing.cast("typing.Hashable", kind))


def _typed(kind: Any, data: Any) -> Any:
    if isinstance(kind, typing.NewType):
        return _typed(kind.__supertype__, data)
    origin = typing.get_origin(kind)
    if origin is not None:
        return _typed_generic(origin, typing.get_args(kind), data)
    if dataclasses.is_dataclass(kind):
        hints = _hints(typing.cast("typing.Hashable", kind))
        known = [f.name for f in dataclasses.fields(kind) if f.name in data]
        return kind(**{name: _typed(hints[name], data[name]) for name in known})  # type: ignore[operator]  # kind is one of our own dataclasses
    if kind is datetime:
        return datetime.fromisoformat(data)
    if issubclass(kind, Enum):
        return kind(data)
    if kind is float and type(data) is int:
        return float(data)
    if type(data) is not kind:
        raise TypeError(f"{type(data).__name__} where {kind.__name__} belongs")
    return data


def _typed_generic(origin: Any, arguments: tuple[Any, ...], data: Any) -> Any:
    if origin in {types.UnionType, typing.Union}:
        (kind,) = (argument for argument in arguments if argument is not types.NoneType)
        return None if data is None else _typed(kind, data)
    if origin is tuple and type(data) is list:
        kinds = (arguments[0],) * len(data) if arguments[-1] is Ellipsis else arguments
        return tuple(_typed(kind, item) for kind, item in zip(kinds, data, strict=True))
    if issubclass(origin, Mapping) and type(data) is dict:
        return {key: _typed(arguments[1], item) for key, item in data.items()}
    raise TypeError(f"{type(data).__name__} where {origin.__name__} belongs")
