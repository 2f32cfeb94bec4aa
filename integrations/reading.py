"""Lenient readers for JSON that came from outside: null, a missing key or a strange type never raises.

Readers of both vendors use these, so that "accept null everywhere" is one decision in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from assist.errors import UnexpectedReply
from integrations.http import Response

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where a vendor left a time out that the domain must have: sorts before everything real."""

_LARGEST_ID = 2**63 - 1


def payload(response: Response) -> Any:
    """Return the parsed body. Raises `UnexpectedReply`, also for bodies nested too deep to parse."""
    try:
        return response.json()
    except RecursionError as error:
        raise UnexpectedReply("the helpdesk's answer is nested too deeply") from error


def mapping(value: Any) -> Mapping[str, Any]:
    """Return ``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the JSON objects in a list; anything else in it, or no list, is left out."""
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def text(value: Any) -> str:
    """Return a string that can be stored: numbers as digits, null as "", no NUL, no lone surrogate."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        return ""
    clean = value.replace("\x00", "")
    if clean.isascii():
        return clean
    return clean.encode("utf-8", "replace").decode("utf-8")


def texts(value: Any) -> tuple[str, ...]:
    """Return the non-empty strings of a list."""
    return tuple(found for item in value if (found := text(item))) if isinstance(value, list) else ()


def whole(value: Any) -> int | None:
    """Return a 64-bit integer, given as a number or as digits, else None. Floats would lose digits of ids."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and -_LARGEST_ID <= value <= _LARGEST_ID:
        return value
    return None


def flag(value: Any, *, default: bool) -> bool:
    """Return ``value`` if it is a boolean, else ``default``."""
    return value if isinstance(value, bool) else default


def moment(value: Any) -> datetime | None:
    """Return an ISO 8601 time in UTC, else None. A time without an offset is taken as UTC."""
    if not isinstance(value, str) or not value:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def label_of(key: str) -> str:
    """Turn a custom field's key into words for the agent: ``cf_plan_type`` becomes ``Plan type``."""
    words = key.removeprefix("cf_").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def facts(fields: Any) -> dict[str, str]:
    """Return the filled custom fields as label to value. Lists, objects and empty values are left out."""
    found: dict[str, str] = {}
    for key, value in mapping(fields).items():
        shown = ("yes" if value else "no") if isinstance(value, bool) else text(value).strip()
        if shown:
            found[label_of(text(key))] = shown
    return found
