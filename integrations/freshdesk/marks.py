"""What the syncs of Freshdesk write into their checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from assist.ports import SyncScope
from integrations.reading import mapping, text


def packed(ids: Iterable[int]) -> str:
    """Return ids as short text: in order, each as its distance from the one before."""
    return " ".join(str(after - before) for before, after in pairwise((0, *sorted(set(ids)))))


def unpacked(value: Any) -> set[int]:
    """Return what `packed` put away; nothing for anything else."""
    found, last = set[int](), 0
    try:
        for distance in text(value).split():
            last += int(distance)
            found.add(last)
    except ValueError:
        return set()
    return found


def packed_groups(groups: Mapping[int, Iterable[int]]) -> dict[str, str]:
    return {str(key): packed(ids) for key, ids in sorted(groups.items()) if ids}


def unpacked_groups(value: Any) -> dict[int, set[int]]:
    """Return sets of ids by number; what cannot be read is left out, and read anew by whoever misses it."""
    groups = {key: unpacked(ids) for key, ids in mapping(value).items() if key.isascii() and key.isdecimal()}
    return {int(key): ids for key, ids in groups.items() if ids}


def scope_key(scope: SyncScope, *names: str) -> str:
    """Return what ``names`` of a scope say, as text that changes when it does."""
    limits = (getattr(scope, name) for name in names)
    return ";".join(" ".join(map(str, sorted(x))) if isinstance(x, frozenset) else str(x) for x in limits)


def shown(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else ""
