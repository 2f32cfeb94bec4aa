"""How a sync remembers where it was: a small JSON object, opaque to everybody else.

A checkpoint that cannot be read (another version, damaged) means reading from the start: slower, never wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from integrations.reading import whole

VERSION = 1


def load(checkpoint: str | None) -> Mapping[str, Any]:
    """Return the fields of a checkpoint, or nothing."""
    try:
        found = json.loads(checkpoint or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("v") == VERSION else {}


def dump(**fields: Any) -> str:
    """Return a checkpoint. Sets become sorted lists; what is empty is left out."""
    kept = {key: sorted(value) if isinstance(value, set) else value for key, value in fields.items() if value}
    return json.dumps({"v": VERSION, **kept}, separators=(",", ":"))


def ids(value: Any) -> set[int]:
    """Return the ids of a list in a checkpoint."""
    items: Iterable[Any] = value if isinstance(value, list) else ()
    return {found for item in items if (found := whole(item)) is not None}
