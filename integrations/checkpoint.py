"""How a sync remembers where it was: a small JSON object, opaque to everybody else.

A checkpoint that cannot be read (another version, damaged) means reading from the start: slower, never wrong.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from integrations.reading import whole

VERSION = 1

FEW_IDS = 64
"""More are packed: a checkpoint is written after every batch, and a big account has 50,000 articles."""
_LARGEST_PACK = 64 << 20


def load(checkpoint: str | None) -> Mapping[str, Any]:
    """Return the fields of a checkpoint, or nothing."""
    try:
        found = json.loads(checkpoint or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("v") == VERSION else {}


def dump(**fields: Any) -> str:
    """Return a checkpoint. Sets are of ids and become lists or, when large, texts; what is empty is left out."""
    kept = {key: _listed(value) if isinstance(value, set) else value for key, value in fields.items() if value}
    return json.dumps({"v": VERSION, **kept}, separators=(",", ":"))


def ids(value: Any) -> set[int]:
    """Return the ids of a list or a packed text in a checkpoint; none where it is damaged."""
    if isinstance(value, str):
        return _unpacked(value)
    items: Iterable[Any] = value if isinstance(value, list) else ()
    return {found for item in items if (found := whole(item)) is not None}


def _listed(ids_: Collection[int]) -> list[int] | str:
    if len(ids_) <= FEW_IDS:
        return sorted(ids_)
    ordered = np.sort(np.fromiter(ids_, np.int64, len(ids_)))
    steps = np.diff(ordered, prepend=0)  # wraps around where ids stand at both ends of 64 bits, and back
    return base64.b64encode(zlib.compress(steps.astype("<i8").tobytes(), 1)).decode()


def _unpacked(text: str) -> set[int]:
    try:
        raw = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), _LARGEST_PACK)
        found: list[int] = np.cumsum(np.frombuffer(raw, "<i8"), dtype=np.int64).tolist()
    except (ValueError, zlib.error):
        return set()
    return set(found)
